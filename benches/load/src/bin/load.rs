//! Drives one server through phases and prints what it measured as JSON; see the crate's page.
//!
//! ```text
//! load --target 127.0.0.1:50051 --messages route warm=closed:64:1 measured=rate:5000:10
//! ```

use std::{
    error::Error,
    io,
    path::PathBuf,
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
};

use clap::{Parser, ValueEnum};
use fastroute_load::{
    connect::Connections,
    expect::Expected,
    messages,
    pace::{Driver, Judge, Phase},
};

/// Drives a gRPC server and measures it.
#[derive(Parser)]
struct Options {
    /// Address of the server.
    #[arg(long)]
    target: String,
    /// What is sent.
    #[arg(long, value_enum, default_value_t = Messages::Route)]
    messages: Messages,
    /// Connections that the calls share.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Process of the server, for its processor time and memory.
    #[arg(long)]
    pid: Option<u32>,
    /// Configurations of which every answer must be what the core decides; any number.
    #[arg(long = "verify", value_name = "FILE")]
    verify: Vec<PathBuf>,
    /// Ends early when the standard input ends.
    #[arg(long)]
    until_input_ends: bool,
    /// NAME=closed:IN_FLIGHT:SECONDS or NAME=rate:CALLS_A_SECOND:SECONDS, run in this order.
    #[arg(required = true)]
    phases: Vec<Phase>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Messages {
    /// Bytes of the same sizes, for an echo server.
    Echo,
    /// The reference prompts.
    Route,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let (method, requests) = match options.messages {
        Messages::Echo => (
            "/fastroute.bench.EchoService/Echo",
            messages::echo_requests(),
        ),
        Messages::Route => (
            "/fastroute.v1.RouterService/Route",
            messages::route_requests(),
        ),
    };
    let mut judge: Option<Box<Judge>> = None;
    let mut verified = Vec::new();
    if !options.verify.is_empty() {
        let expected = Expected::of(&options.verify)?;
        verified = expected.differing();
        judge = Some(Box::new(move |turn, reply| expected.judge(turn, reply)));
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Looks at the sockets often: a reply that waits there would count as the server's time.
        .event_interval(16)
        .build()?
        .block_on(async {
            let connections =
                Connections::open(&options.target, method, options.connections).await?;
            let driver = Arc::new(Driver::new(connections, requests, judge, options.pid));
            if options.until_input_ends {
                let driver = Arc::clone(&driver);
                thread::spawn(move || {
                    let _ = io::copy(&mut io::stdin(), &mut io::sink());
                    driver.stop.store(true, Relaxed);
                });
            }
            let mut measured = driver.run(&options.phases).await?;
            // Revisions, and the prompts that each decides unlike the first of them.
            measured["verified"] = serde_json::json!(verified);
            println!("{measured}");
            Ok(())
        })
}
