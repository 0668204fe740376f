//! An engine without a network: calls are made as the doors make them, on bytes or on messages.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use fastroute_core::Question;
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::metrics::Metrics;
use fastroute_server::report::Reports;
use fastroute_server::revisions::Revisions;
use fastroute_server::{Answerer, Answering, CallContext, Caller, Declines, Refusal, Settings};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;
use tempfile::TempDir;
use tonic::Status;
use tonic::body::Body;
use tonic_types::StatusExt;
use tower::Service;

/// A configuration that asks the meta-LLM about everything.
pub const ASKS: &str = r#"
version: 1
providers: {near: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}}
models:
  - {name: small, provider: near, context_window: 4000, max_output_tokens: 1000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
routes: [{name: general}, {name: billing, description: Invoices}]
classify: {order: [meta_llm], meta_llm: {model: small, timeout: 800ms}}
default: {route: general}
"#;

/// A configuration that decides everything by itself, with three models and a rule that refuses.
pub const RULED: &str = r#"
version: 1
providers:
  near: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}
  far: {kind: anthropic, base_url: "https://far.example/v1"}
models:
  - {name: small, provider: near, context_window: 4000, max_output_tokens: 1000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
  - {name: middle, provider: near, model: middle-2, context_window: 16000, max_output_tokens: 4000, capabilities: [tools, json_schema], price: {input: 1, output: 2}, latency: {first_token: 200ms, per_token: 1ms}, quality: {default: 0.8}}
  - {name: large, provider: far, context_window: 64000, max_output_tokens: 8000, capabilities: [tools, vision], price: {input: 10, output: 20}, latency: {first_token: 800ms, per_token: 4ms}, quality: {default: 0.95}}
prompts:
  - {name: plain, system: "You are brief.", template: "Said: {{ input }} Found: {{ context }}"}
routes: [{name: general, objective: cheapest, prompts: [{use: plain}]}, {name: alpha, objective: best}]
rules:
  - {name: forbidden, when: {keywords: {any: [poison]}}, then: {reject: "We do not help with that."}}
default: {route: general}
"#;

/// Makes an engine of a configuration; questions are declined.
pub fn engine(config: &str) -> Arc<Engine> {
    engine_asking(config, Arc::new(Declines))
}

/// Makes an engine of a configuration, with a host that answers.
pub fn engine_asking(config: &str, answerer: Arc<dyn Answerer>) -> Arc<Engine> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("fastroute.yaml");
    std::fs::write(&path, config).expect("a writable folder");
    let path = path.display().to_string();
    let settings = Settings::parse_from(["fastroute", "--config", &path]).expect("good settings");
    let metrics = Metrics::new();
    let revisions =
        Revisions::start(&settings, Arc::clone(&metrics)).expect("a good configuration");
    let reports = Reports::new(None, Arc::clone(&metrics));
    let size = 4 << 20;
    Arc::new(Engine::new(
        revisions, answerer, reports, metrics, size, false,
    ))
}

/// The context of a call without a deadline, from nobody in particular.
pub fn context() -> CallContext {
    context_of("")
}

/// The context of a call of an application.
pub fn context_of(application: &str) -> CallContext {
    let caller = Caller {
        application: application.into(),
        ..Caller::default()
    };
    CallContext {
        caller: Arc::new(caller),
        deadline: None,
        trace: None,
        trace_state: None,
    }
}

/// The context of a call whose deadline is so far away; in the past for none.
pub fn context_with(left: Option<Duration>) -> CallContext {
    let now = Instant::now();
    let deadline = match left {
        Some(left) => now + left,
        None => now
            .checked_sub(Duration::from_millis(1))
            .expect("a clock that has run"),
    };
    CallContext {
        deadline: Some(deadline),
        ..context()
    }
}

/// A request of one text.
pub fn text(text: &str) -> v1::RouteRequest {
    v1::RouteRequest {
        text: Some(text.to_owned()),
        ..v1::RouteRequest::default()
    }
}

/// The decision of an answer.
pub fn decision(response: v1::RouteResponse) -> v1::Decision {
    match response.result {
        Some(v1::route_response::Result::Decision(decision)) => decision,
        other => panic!("no decision: {other:?}"),
    }
}

/// The question of an answer.
pub fn question(response: v1::RouteResponse) -> v1::Question {
    match response.result {
        Some(v1::route_response::Result::Question(question)) => question,
        other => panic!("no question: {other:?}"),
    }
}

/// What a host does with a question.
pub struct Host(pub fn(&Question) -> Answering<'static>);

impl Answerer for Host {
    fn answer<'a>(&'a self, question: &'a Question, _: &'a CallContext) -> Answering<'a> {
        (self.0)(question)
    }
}

/// Code and first field of a refusal.
pub fn named(refusal: &Refusal) -> (&str, &str) {
    let field = refusal.violations().first();
    (
        refusal.code(),
        field.map_or("", |violation| &violation.field),
    )
}

/// What a call of gRPC came to: its messages, and its status.
pub struct Called {
    pub messages: Vec<Bytes>,
    pub status: Status,
}

impl Called {
    /// The reason of the status.
    pub fn code(&self) -> String {
        let info = self.status.get_details_error_info();
        info.map_or(String::new(), |info| info.reason)
    }

    /// The message of an answer that is one.
    pub fn message<M: Message + Default>(&self) -> M {
        assert_eq!(self.status.code(), tonic::Code::Ok, "{:?}", self.status);
        assert_eq!(self.messages.len(), 1);
        M::decode(&*self.messages[0]).expect("a message")
    }
}

/// Frames a message as gRPC does.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a message of less than 4 GiB");
    [&[0][..], &length.to_be_bytes(), message].concat()
}

/// Calls a method of a service with the bytes of a body.
pub async fn call<S>(service: &mut S, path: &str, body: impl Into<Bytes>) -> Called
where
    S: Service<Request<Full<Bytes>>, Response = Response<Body>, Error = Infallible>,
{
    let request = Request::post(path)
        .header("content-type", "application/grpc")
        .body(Full::new(body.into()))
        .expect("a request");
    let response = service.call(request).await.expect("a response");
    let (head, body) = response.into_parts();
    let collected = body.collect().await.expect("a body");
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let status = Status::from_header_map(&head.headers)
        .or_else(|| Status::from_header_map(&trailers))
        .expect("a status");
    let mut bytes = collected.to_bytes();
    let mut messages = Vec::new();
    while bytes.has_remaining() {
        assert_eq!(bytes.get_u8(), 0, "not compressed");
        let length = bytes.get_u32() as usize;
        messages.push(bytes.split_to(length));
    }
    Called { messages, status }
}

/// Runs a test's future.
pub fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
