//! Asks the HTTP door without a network, and reads its answers.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use fastroute_server::listen::answer::AnsweredWith;
use fastroute_server::{Engine, http as door};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::calling::engine;

/// An answer, read to its end.
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub code: Option<&'static str>,
    pub body: Bytes,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("an answer in JSON")
    }

    /// The code and the first field of a refusal.
    pub fn refusal(&self) -> (String, String) {
        let json = self.json();
        let code = json["details"][0]["reason"]
            .as_str()
            .expect("a code")
            .to_owned();
        assert_eq!(Some(&*code), self.code, "the counters learn the code too");
        let field = &json["details"][1]["fieldViolations"][0]["field"];
        (code, field.as_str().unwrap_or_default().to_owned())
    }
}

pub async fn send(app: &Router, request: Request<Body>) -> Answered {
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    Answered {
        status: head.status,
        headers: head.headers,
        code: head
            .extensions
            .get::<AnsweredWith>()
            .map(|answered| answered.0),
        body: body.collect().await.expect("a body").to_bytes(),
    }
}

pub fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json");
    request.body(body.into()).expect("a request")
}

pub async fn ask(app: &Router, path: &str, body: impl Into<Body>) -> Answered {
    send(app, post(path, body)).await
}

pub async fn get(app: &Router, path: &str) -> Answered {
    send(
        app,
        Request::get(path).body(Body::empty()).expect("a request"),
    )
    .await
}

pub fn app(config: &str) -> (Router, Arc<Engine>) {
    let engine = engine(config);
    (door::app(Arc::clone(&engine)), engine)
}
