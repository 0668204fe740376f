//! The description is OpenAPI, says what the contract says, and holds for real answers.

mod calling;

mod described {
    pub mod contract;
    pub mod document;
}

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use calling::{ASKS, RULED, context_with, engine, run};
use described::document::Document;
use fastroute_server::{Refusal, http as door};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tonic::Code;
use tower::ServiceExt;

#[test]
fn the_description_is_openapi_3_1() {
    let document = Document::served();
    assert_eq!(document.at("/openapi"), "3.1.1");
    assert_eq!(document.at("/info/version"), env!("CARGO_PKG_VERSION"));
    let defects = document.defects();
    assert!(defects.is_empty(), "{defects:#?}");
}

#[test]
fn what_a_defective_description_lacks_is_found() {
    for (pointer, value) in [
        (
            "/paths/~1v1~1route/post/responses/200/content/application~1json/schema/$ref",
            json!("#/components/schemas/Nothing"),
        ),
        ("/paths/~1v1~1route/post/operationId", json!("routeBatch")),
        ("/paths/~1v1~1route/post/tags", json!(["unheard"])),
        (
            "/paths/~1healthz/get/responses/200/description",
            json!(null),
        ),
        ("/paths/~1metrics/get/security", json!([{"unheard": []}])),
        ("/components/parameters/Timeout/in", json!("body")),
        ("/components/schemas/Decision/type", json!("decision")),
        (
            "/components/schemas/Decision/properties/id/pattern",
            json!("("),
        ),
        ("/components/schemas/Unused", json!({"type": "string"})),
        (
            "/paths/~1v1~1route/post/requestBody/content/application~1json/examples/text/value/text",
            json!(1),
        ),
    ] {
        let mut document = Document::served();
        document.set(pointer, value);
        assert!(!document.defects().is_empty(), "{pointer}");
    }
}

#[test]
fn it_has_every_field_and_value_of_the_contract_and_no_other() {
    let document = Document::served();
    let described = described::contract::messages_of(&[
        "RouteRequest",
        "RouteResponse",
        "RouteBatchRequest",
        "RouteBatchResponse",
    ]);
    assert!(
        described.len() > 20,
        "{} messages and enums",
        described.len()
    );
    for (name, expected) in &described {
        let schema = document.at(&format!("/components/schemas/{name}"));
        assert_eq!(described::contract::shape_of(schema), *expected, "{name}");
    }
    // What stands beside them is no part of the contract.
    let schemas = document
        .at("/components/schemas")
        .as_object()
        .expect("schemas");
    let others = schemas
        .keys()
        .filter(|name| !described.contains_key(*name))
        .collect::<Vec<_>>();
    let expected = [
        "Duration",
        "Uint64",
        "Health",
        "Status",
        "ErrorInfo",
        "BadRequest",
        "RetryInfo",
    ];
    assert_eq!(others, expected);
}

#[test]
fn every_path_and_method_is_there() {
    run(async {
        let app = door::app(engine(RULED));
        let document = Document::served();
        for (path, method, _) in document.operations() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .body(Body::empty());
            let response = app.clone().oneshot(request.expect("a request")).await;
            let status = response.expect("an answer").status();
            assert!(status != 404 && status != 405, "{path} answers {status}");
        }
    });
}

#[test]
fn both_forms_are_served_and_equal() {
    run(async {
        let app = door::app(engine(RULED));
        let yaml = answer(&app, Method::GET, "/openapi.yaml", None).await;
        let json = answer(&app, Method::GET, "/openapi.json", None).await;
        assert_eq!(yaml.kind(), "application/yaml");
        let yaml: Value = serde_saphyr::from_slice(&yaml.body).expect("YAML");
        assert_eq!(
            serde_json::from_slice::<Value>(&json.body).expect("JSON"),
            yaml
        );
        assert_eq!(yaml, *Document::served().at(""));
    });
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    async fn of<B>(response: Response<B>) -> Self
    where
        B: http_body::Body<Error: std::fmt::Debug>,
    {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }

    fn kind(&self) -> &str {
        self.headers[CONTENT_TYPE].to_str().expect("a text")
    }

    /// Holds the answer against what the description says of its status.
    fn check(&self, document: &Document, path: &str, method: &str) {
        let response = document.response(path, method, self.status);
        let content = response["content"][self.kind()].as_object();
        let schema =
            &content.unwrap_or_else(|| panic!("no content of type {}", self.kind()))["schema"];
        let body = match self.kind() {
            "application/json" => serde_json::from_slice(&self.body).expect("JSON"),
            _ => Value::String(String::from_utf8(self.body.clone()).expect("UTF-8")),
        };
        let errors = document.errors(schema, &body);
        assert!(
            errors.is_empty(),
            "{path} {}: {errors:#?}\n{body:#}",
            self.status
        );
        let described = response["headers"].as_object();
        for header in [ALLOW, RETRY_AFTER, WWW_AUTHENTICATE] {
            let is_described = described.is_some_and(|headers| {
                headers
                    .keys()
                    .any(|name| name.eq_ignore_ascii_case(header.as_str()))
            });
            let is_there = self.headers.contains_key(&header);
            assert_eq!(is_there, is_described, "{path} {}: {header}", self.status);
        }
    }
}

async fn answer(app: &Router, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = request.body(body).expect("a request");
    Answer::of(app.clone().oneshot(request).await.expect("an answer")).await
}

#[test]
fn real_decisions_are_as_described() {
    run(async {
        let document = Document::served();
        let (ruled, asks) = (door::app(engine(RULED)), door::app(engine(ASKS)));
        let default = door::app(engine(fastroute_core::DEFAULT_CONFIG));
        let mut seen = BTreeSet::new();
        for (app, path, body) in [
            (&ruled, "/v1/route", json!({"text": "hello"})),
            (
                &ruled,
                "/v1/route",
                json!({"text": "hello", "view": "DECISION_VIEW_FULL", "render": {"context": "found"}, "task": "unheard"}),
            ),
            (
                &ruled,
                "/v1/route",
                json!({"messages": [{"role": "ROLE_USER", "parts": [{"text": "look"}, {"image": {}}]}], "render": {}}),
            ),
            (
                &ruled,
                "/v1/route",
                json!({"text": "poison", "view": "DECISION_VIEW_FULL"}),
            ),
            (
                &ruled,
                "/v1/route",
                json!({"text": "hello", "limits": {"maxCostUsd": 0}, "view": "DECISION_VIEW_FULL"}),
            ),
            (
                &ruled,
                "/v1/route",
                json!({"text": "hello", "limits": {"maxCostUsd": 0}}),
            ),
            (
                &default,
                "/v1/route",
                json!({"text": "Translate this sentence into French: good morning", "view": "DECISION_VIEW_FULL"}),
            ),
            (
                &default,
                "/v1/route",
                json!({"text": "prove that there are infinitely many primes", "render": {}}),
            ),
            (
                &asks,
                "/v1/route",
                json!({"text": "my invoice", "returnQuestion": true}),
            ),
            (
                &asks,
                "/v1/route",
                json!({"text": "my invoice", "answer": {"label": "billing", "waited": "0.1s"}}),
            ),
            (
                &ruled,
                "/v1/route:batch",
                json!({"requests": [{"text": "hello"}, {}, {"text": "a", "unavailableModels": ["none"]}]}),
            ),
            (&ruled, "/v1/route:batch", json!({})),
        ] {
            let errors = document.errors(document.request(path), &body);
            assert!(errors.is_empty(), "the request itself: {errors:#?}");
            let answered = answer(app, Method::POST, path, Some(&body)).await;
            assert_eq!(answered.status, 200, "{body}");
            answered.check(&document, path, "post");
            let json: Value = serde_json::from_slice(&answered.body).expect("JSON");
            collect_names(&json, &mut seen);
        }
        // What was held against the description is most of it.
        for name in [
            "decision",
            "question",
            "results",
            "response",
            "error",
            "routeConfidence",
            "fallbacks",
            "prompt",
            "sentence",
            "rule",
            "message",
            "deployments",
            "baseUrl",
            "costNanoUsd",
            "latency",
            "missing",
            "notes",
            "messages",
            "source",
            "reportToken",
            "labels",
            "timeout",
            "field",
        ] {
            assert!(seen.contains(name), "no answer had `{name}`: {seen:?}");
        }
    });
}

fn collect_names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            into.insert(name.clone());
            collect_names(value, into);
        }),
        _ => {}
    }
}

#[test]
fn every_error_is_as_described() {
    run(async {
        let document = Document::served();
        let engine = engine(RULED);
        let app = door::app(Arc::clone(&engine));
        let post = |kind: &str, body: Body| {
            let request = Request::post("/v1/route").header(CONTENT_TYPE, kind);
            request.body(body).expect("a request")
        };
        let json = "application/json";
        let mut late = post(json, Body::from(r#"{"text": "hello"}"#));
        late.extensions_mut().insert(context_with(None));
        let put = Request::put("/v1/route")
            .body(Body::empty())
            .expect("a request");
        let unknown = post(
            json,
            Body::from(r#"{"text": "a", "revision": "0123456789abcdef"}"#),
        );
        let mut answers = Vec::new();
        for request in [
            post(json, Body::from("{")),
            post(json, Body::from("{}")),
            post(json, Body::from(vec![b' '; engine.max_message_bytes + 1])),
            post("text/plain", Body::from("{}")),
            unknown,
            put,
            late,
        ] {
            answers.push(Answer::of(app.clone().oneshot(request).await.expect("an answer")).await);
        }
        // The edge writes these the same way, before the door is asked.
        let second = Duration::from_millis(1500);
        for refusal in [
            Refusal::new("UNAUTHENTICATED", Code::Unauthenticated, "no token"),
            Refusal::new("ROLE_MISSING", Code::PermissionDenied, "not this"),
            Refusal::new("OVERLOADED", Code::ResourceExhausted, "later").with_retry_after(second),
            Refusal::new("SHUTTING_DOWN", Code::Unavailable, "elsewhere"),
            Refusal::internal(),
        ] {
            answers.push(Answer::of(door::body_of(&refusal)).await);
        }
        let mut seen = BTreeSet::new();
        for answered in answers {
            answered.check(&document, "/v1/route", "post");
            seen.insert(answered.status);
        }
        let described = document.statuses("/v1/route", "post");
        let errors = described.into_iter().filter(|status| *status != 200);
        assert_eq!(seen, errors.collect(), "each status was seen");
    });
}

#[test]
fn what_stands_beside_the_decisions_is_as_described() {
    run(async {
        let document = Document::served();
        let engine = engine(RULED);
        let app = door::app(Arc::clone(&engine));
        let paths = [
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.yaml",
            "/openapi.json",
        ];
        for path in paths {
            answer(&app, Method::GET, path, None)
                .await
                .check(&document, path, "get");
            answer(&app, Method::POST, path, None)
                .await
                .check(&document, path, "get");
        }
        engine.drain();
        let answered = answer(&app, Method::GET, "/readyz", None).await;
        assert_eq!(answered.status, 503);
        answered.check(&document, "/readyz", "get");
    });
}

#[test]
fn a_field_that_the_description_lacks_is_found_in_an_answer() {
    run(async {
        let app = door::app(engine(RULED));
        let body = json!({"text": "hello"});
        let answered = answer(&app, Method::POST, "/v1/route", Some(&body)).await;
        let json = serde_json::from_slice(&answered.body).expect("JSON");
        let mut document = Document::served();
        document.remove("/components/schemas/Decision/properties", "estimates");
        let schema =
            document.response("/v1/route", "post", 200)["content"]["application/json"]["schema"]
                .clone();
        assert!(!document.errors(&schema, &json).is_empty());
    });
}
