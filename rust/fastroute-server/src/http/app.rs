//! Which path does what.
//!
//! A request is read, handed to the function that every door calls, and its answer written; nothing
//! is decided here. Every error is a `google.rpc.Status` in JSON, also for a path or a method that is not there.

use std::sync::Arc;

use ::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use ::http::{HeaderValue, Request, Response, StatusCode};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{MethodRouter, get, post};
use fastroute_proto::v1;
use serde::Serialize;
use serde_json::json;
use tonic::Code;

use super::{OPENAPI_YAML, body_of, bounds, message, openapi_json};
use crate::context::CallContext;
use crate::engine::Engine;
use crate::metrics;
use crate::refusal::Refusal;
use crate::service;

type Shared = State<Arc<Engine>>;

/// Results of a batch from which writing them is no work for a thread that serves others.
const LARGE_BATCH: usize = 64;

/// Makes the HTTP door of a server.
pub fn app(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/v1/route", only_post(post(route)))
        .route("/v1/route:batch", only_post(post(route_batch)))
        .route("/healthz", only_get(get(healthz)))
        .route("/readyz", only_get(get(readyz)))
        .route("/metrics", only_get(get(metrics)))
        .route("/openapi.yaml", only_get(get(openapi_in_yaml)))
        .route("/openapi.json", only_get(get(openapi_in_json)))
        .fallback(unknown_path)
        .with_state(engine)
}

async fn route(State(engine): Shared, request: Request<Body>) -> Response<Body> {
    let context = context_of(&request);
    let message: Result<v1::RouteRequest, Refusal> =
        message::read(request, engine.max_message_bytes, |_| Ok(())).await;
    let answer = match message {
        Ok(message) => service::route(&engine, message, &context).await,
        Err(refusal) => Err(refusal),
    };
    written(answer.and_then(|answer| to_json(&answer)))
}

async fn route_batch(State(engine): Shared, request: Request<Body>) -> Response<Body> {
    let context = context_of(&request);
    let message: Result<v1::RouteBatchRequest, Refusal> =
        message::read(request, engine.max_message_bytes, bounds::check_batch).await;
    let answer = match message {
        Ok(message) => service::route_batch(&engine, message, &context).await,
        Err(refusal) => Err(refusal),
    };
    let json = match answer {
        Ok(answer) if answer.results.len() < LARGE_BATCH => to_json(&answer),
        Ok(answer) => {
            let json = tokio::task::spawn_blocking(move || to_json(&answer)).await;
            json.unwrap_or_else(|_| Err(Refusal::internal()))
        }
        Err(refusal) => Err(refusal),
    };
    written(json)
}

async fn healthz() -> Response<Body> {
    health(StatusCode::OK, json!({"status": "SERVING"}))
}

async fn readyz(State(engine): Shared) -> Response<Body> {
    if engine.is_draining() {
        let reason = json!({"status": "NOT_SERVING", "reason": "SHUTTING_DOWN"});
        return health(StatusCode::SERVICE_UNAVAILABLE, reason);
    }
    health(StatusCode::OK, json!({"status": "SERVING"}))
}

async fn metrics(State(engine): Shared) -> Response<Body> {
    if engine.is_draining() {
        engine.metrics.draining();
    }
    of_type(metrics::CONTENT_TYPE, engine.metrics.encode())
}

async fn openapi_in_yaml() -> Response<Body> {
    of_type("application/yaml", OPENAPI_YAML)
}

async fn openapi_in_json() -> Response<Body> {
    of_type("application/json", openapi_json())
}

async fn unknown_path() -> Response<Body> {
    refused(&Refusal::new(
        "UNKNOWN_METHOD",
        Code::Unimplemented,
        "no such path; `/openapi.yaml` describes those that are there",
    ))
}

fn only_post(methods: MethodRouter<Arc<Engine>>) -> MethodRouter<Arc<Engine>> {
    methods.fallback(|| not_allowed("POST"))
}

fn only_get(methods: MethodRouter<Arc<Engine>>) -> MethodRouter<Arc<Engine>> {
    methods.fallback(|| not_allowed("GET, HEAD"))
}

async fn not_allowed(allowed: &'static str) -> Response<Body> {
    let mut response = refused(&Refusal::new(
        "METHOD_NOT_ALLOWED",
        Code::Unimplemented,
        format!("this path takes {allowed}"),
    ));
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// What the edge knows of the call; nothing where there is no edge, as in tests.
fn context_of(request: &Request<Body>) -> CallContext {
    let known = request.extensions().get::<CallContext>();
    known.cloned().unwrap_or_else(|| CallContext {
        caller: Arc::default(),
        deadline: None,
        trace: None,
        trace_state: None,
    })
}

fn to_json<T: Serialize>(message: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(message).map_err(|_| Refusal::internal())
}

fn written(json: Result<Vec<u8>, Refusal>) -> Response<Body> {
    match json {
        Ok(json) => of_type("application/json", json),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Response<Body> {
    body_of(refusal).map(Body::new)
}

fn health(status: StatusCode, body: serde_json::Value) -> Response<Body> {
    let mut response = of_type("application/json", body.to_string());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn of_type(kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
