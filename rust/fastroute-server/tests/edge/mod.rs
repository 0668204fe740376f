//! A client below gRPC's level, for peers that are not well behaved, and files of callers and certificates.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::{BufMut as _, Bytes, BytesMut};
use fastroute_core::Question;
use fastroute_proto::v1::RouteRequest;
use fastroute_server::{Answerer, Answering, CallContext};
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request};
use prost::Message as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub const ROUTE: &str = "/fastroute.v1.RouterService/Route";
pub const STATUS: &str = "/fastroute.v1.AdminService/GetStatus";
pub const CHECK: &str = "/grpc.health.v1.Health/Check";

/// A connection of HTTP/2.
#[derive(Clone)]
pub struct Peer {
    send: SendRequest<Bytes>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub http: u16,
    pub headers: HeaderMap,
    pub trailers: HeaderMap,
    pub body: Bytes,
}

impl Peer {
    pub async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a listener");
        stream.set_nodelay(true).expect("a socket");
        Self::over(stream).await.expect("HTTP/2")
    }

    pub async fn over<T>(stream: T) -> Result<Self, h2::Error>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self::made(h2::client::Builder::new(), stream).await
    }

    /// Opens one with settings of its own.
    pub async fn made<T>(builder: h2::client::Builder, stream: T) -> Result<Self, h2::Error>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (send, connection) = builder.handshake(stream).await?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { send })
    }

    /// Opens a stream, with the headers of a call and others, and leaves its body open.
    pub async fn open(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let mut request = Request::post(format!("http://edge{path}"));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/grpc");
        }
        request = request.header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send
            .clone()
            .ready()
            .await?
            .send_request(request.body(()).expect("a head"), false)
    }

    /// Calls a method with bytes as its body.
    pub async fn call(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, h2::Error> {
        let (response, mut stream) = self.open(path, headers).await?;
        // An answer may come before the body was taken, and then the stream is closed.
        let _ = stream.send_data(body, true);
        answer(response).await
    }

    pub async fn route(&mut self, headers: &[(&str, &str)]) -> Answer {
        self.call(ROUTE, headers, message("hello"))
            .await
            .expect("an answer")
    }
}

/// Reads an answer to its end.
pub async fn answer(response: ResponseFuture) -> Result<Answer, h2::Error> {
    let response = response.await?;
    let (parts, mut stream) = response.into_parts();
    let body = read(&mut stream).await?;
    let trailers = stream.trailers().await?.unwrap_or_default();
    Ok(Answer {
        http: parts.status.as_u16(),
        headers: parts.headers,
        trailers,
        body,
    })
}

async fn read(stream: &mut RecvStream) -> Result<Bytes, h2::Error> {
    let mut body = BytesMut::new();
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.put(data);
    }
    Ok(body.freeze())
}

impl Answer {
    pub fn status(&self) -> Status {
        Status::from_header_map(&self.trailers)
            .or_else(|| Status::from_header_map(&self.headers))
            .unwrap_or_else(|| panic!("no status of gRPC in {self:?}"))
    }

    /// The code of gRPC, and the stable one where there is one.
    pub fn codes(&self) -> (Code, String) {
        let status = self.status();
        let reason = status.get_details_error_info().map(|info| info.reason);
        (status.code(), reason.unwrap_or_default())
    }

    pub fn retry_after(&self) -> Option<Duration> {
        self.status().get_details_retry_info()?.retry_delay
    }

    #[track_caller]
    pub fn assert_refused(&self, code: Code, reason: &str) {
        assert_eq!(
            self.codes(),
            (code, reason.to_owned()),
            "{}",
            self.status().message()
        );
    }

    #[track_caller]
    pub fn assert_ok(&self) {
        assert_eq!(
            self.codes(),
            (Code::Ok, String::new()),
            "{:?}",
            self.status()
        );
    }
}

/// A request of one text, framed.
pub fn message(text: &str) -> Bytes {
    let request = RouteRequest {
        text: Some(text.to_owned()),
        ..RouteRequest::default()
    };
    frame(false, &request.encode_to_vec())
}

/// Frames a message as gRPC does.
pub fn frame(is_compressed: bool, message: &[u8]) -> Bytes {
    let mut framed = BytesMut::new();
    framed.put_u8(is_compressed.into());
    framed.put_u32(message.len() as u32);
    framed.put_slice(message);
    framed.freeze()
}

pub const CHECKOUT: &str = "token-of-the-checkout-service";
pub const OPERATOR: &str = "token-of-the-operator-on-duty";
pub const LIMITED: &str = "token-of-a-caller-with-a-rate";

/// Writes the callers that most tests know: one decides, one may do everything, one has a rate of 2.
pub fn callers(folder: &Path) -> PathBuf {
    let secret = folder.join("operator.token");
    fs::write(&secret, format!("{OPERATOR}\n")).expect("a writable folder");
    let text = format!(
        "callers:\n\
         - {{application: checkout, team: shop, organisation: acme, token_sha256: {}, roles: [decide]}}\n\
         - {{application: operator, token_file: operator.token, roles: [decide, admin]}}\n\
         - {{application: limited, token_sha256: {}, roles: [decide], rate: 2}}\n\
         - {{application: auditor, token_sha256: {}, roles: [admin]}}\n",
        digest(CHECKOUT),
        digest(LIMITED),
        digest("token-of-an-auditor-who-decides-nothing"),
    );
    write(folder, "callers.yaml", &text)
}

pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("a writable folder");
    path
}

pub fn digest(token: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A configuration that asks the host about everything, and waits long.
pub const ASKS: &str = r#"
version: 1
providers: {near: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}}
models:
  - {name: small, provider: near, context_window: 4000, max_output_tokens: 1000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
routes: [{name: general}, {name: billing, description: Invoices}]
classify: {order: [meta_llm], meta_llm: {model: small, timeout: 60s}}
default: {route: general}
"#;

/// A host that holds each call until it is opened.
#[derive(Default)]
pub struct Gate {
    open: tokio_util::sync::CancellationToken,
    waiting: std::sync::atomic::AtomicUsize,
}

impl Gate {
    pub fn open(&self) {
        self.open.cancel();
    }

    pub fn waiting(&self) -> usize {
        self.waiting.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl Answerer for Gate {
    fn answer<'a>(&'a self, _: &'a Question, _: &'a CallContext) -> Answering<'a> {
        Box::pin(async {
            let _left = Waiting::new(&self.waiting);
            self.open.cancelled().await;
            Some("billing".to_owned())
        })
    }
}

struct Waiting<'a>(&'a std::sync::atomic::AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a std::sync::atomic::AtomicUsize) -> Self {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Waits until a condition holds; fails after ten seconds.
#[track_caller]
pub fn eventually(what: &str, condition: impl Fn() -> bool) -> impl Future<Output = ()> {
    let what = what.to_owned();
    async move {
        let until = Instant::now() + Duration::from_secs(10);
        while !condition() {
            assert!(Instant::now() < until, "{what} did not come");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
