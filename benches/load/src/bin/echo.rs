//! A bare tonic server: takes bytes, gives bytes, decides nothing.
//!
//! It is the yardstick for what transport, framing and one small message cost. Fair because it has the
//! same runtime as the service (one worker where one core serves), the same sizes of messages, a prost
//! message each way and tonic's own server, with the same two socket and stream settings. What would make it lie: the code
//! that `tonic-prost-build` generates does more than this by a boxed future; that one is here too.
//!
//! ```text
//! echo --response-bytes 210 [--spin]      prints its address
//! ```

use std::{
    convert::Infallible,
    error::Error,
    future::{Ready, ready},
    task::{Context, Poll},
    thread,
};

use bytes::Bytes;
use clap::Parser;
use fastroute_load::messages::{Payload, sized};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService, UnaryService},
    transport::{Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;
use tower::Service;

/// Serves an echo.
#[derive(Parser)]
struct Options {
    /// Encoded size of each answer.
    #[arg(long)]
    response_bytes: usize,
    /// Threads of the runtime.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Keeps a thread of the process busy, at the lowest priority.
    #[arg(long)]
    spin: bool,
}

#[derive(Clone)]
struct Echo {
    zeros: Bytes,
}

impl NamedService for Echo {
    const NAME: &'static str = "fastroute.bench.EchoService";
}

impl UnaryService<Payload> for Echo {
    type Response = Payload;
    type Future = Ready<Result<Response<Payload>, Status>>;

    fn call(&mut self, request: Request<Payload>) -> Self::Future {
        let given = request.into_inner().bytes;
        let bytes = if given.len() >= self.zeros.len() {
            given.slice(..self.zeros.len())
        } else {
            self.zeros.clone()
        };
        ready(Ok(Response::new(Payload { bytes })))
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<Payload, Payload>::default());
            Ok(grpc.unary(echo, request).await)
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let echo = Echo {
        zeros: sized(options.response_bytes, &[]).bytes,
    };
    if options.spin {
        thread::spawn(|| {
            // On Linux this is the thread's own.
            let _ = rustix::process::nice(19);
            loop {
                std::hint::black_box(0);
            }
        });
    }
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.threads)
        .enable_all()
        .build()?
        .block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("{}", listener.local_addr()?);
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            Server::builder()
                .max_concurrent_streams(100)
                .add_service(echo)
                .serve_with_incoming(incoming)
                .await?;
            Ok(())
        })
}
