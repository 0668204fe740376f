//! The HTTP door: what it takes for a message, what it says of one that is none, and what stands beside.

mod calling;

mod support {
    pub mod openmetrics;
}

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use calling::{ASKS, RULED, context, context_with, engine, run, text};
use fastroute_proto::v1;
use fastroute_server::listen::answer::AnsweredWith;
use fastroute_server::{Engine, Hosts, Server, Settings, http as door, service};
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use serde_json::{Value, json};
use tonic::Status;
use tower::ServiceExt;

/// Stands in every body that is refused, and in no answer.
const CANARY: &str = "s3cr3t";

/// An answer, read to its end.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    code: Option<&'static str>,
    body: Bytes,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("an answer in JSON")
    }

    /// The code and the first field of a refusal.
    fn refusal(&self) -> (String, String) {
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

async fn send(app: &Router, request: Request<Body>) -> Answered {
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

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/json");
    request.body(body.into()).expect("a request")
}

async fn ask(app: &Router, path: &str, body: impl Into<Body>) -> Answered {
    send(app, post(path, body)).await
}

async fn get(app: &Router, path: &str) -> Answered {
    send(
        app,
        Request::get(path).body(Body::empty()).expect("a request"),
    )
    .await
}

fn app(config: &str) -> (Router, Arc<Engine>) {
    let engine = engine(config);
    (door::app(Arc::clone(&engine)), engine)
}

/// A message in the JSON form, as the door writes it.
fn in_json(message: &impl serde::Serialize) -> Value {
    let text = serde_json::to_string(message).expect("JSON");
    serde_json::from_str(&text).expect("JSON")
}

/// Takes out what differs between two decisions of one request.
fn comparable(mut answer: Value) -> Value {
    let decision = answer["decision"].as_object_mut().expect("a decision");
    assert!(decision.remove("id").is_some());
    assert!(decision.remove("reportToken").is_some());
    answer
}

#[test]
fn a_request_in_json_is_decided_as_the_message_is() {
    run(async {
        let (app, engine) = app(RULED);
        let message = v1::RouteRequest {
            limits: Some(v1::Limits {
                max_cost_usd: Some(0.5),
                expected_output_tokens: Some(100),
                ..v1::Limits::default()
            }),
            view: v1::DecisionView::Full as i32,
            seed: u64::MAX,
            ..text("hello")
        };
        let response = service::route(&engine, message, &context())
            .await
            .expect("an answer");
        let expected = comparable(in_json(&response));
        let limits = [
            json!({"maxCostUsd": 0.5, "expectedOutputTokens": 100}),
            json!({"max_cost_usd": 0.5, "expected_output_tokens": 100}),
            json!({"maxCostUsd": "0.5", "expectedOutputTokens": "100", "maxLatency": null}),
        ];
        for limits in limits {
            let body = json!({
                "text": "hello",
                "limits": limits,
                "view": "DECISION_VIEW_FULL",
                "seed": u64::MAX.to_string(),
            });
            let answered = ask(&app, "/v1/route", body.to_string()).await;
            assert_eq!(answered.status, 200, "{}", answered.json());
            assert_eq!(answered.headers[CONTENT_TYPE], "application/json");
            assert_eq!(comparable(answered.json()), expected, "{body}");
        }
    });
}

#[test]
fn null_is_absent_wherever_it_stands_for_a_field() {
    run(async {
        let (app, _) = app(RULED);
        let body = json!({
            "text": "hello", "messages": null, "task": null, "metadata": null, "capabilities": null,
            "toolsTokens": null, "limits": {"minQuality": null}, "unavailableModels": null,
            "seed": null, "answer": null, "returnQuestion": null, "view": null, "render": null,
            "revision": null,
        });
        let answered = ask(&app, "/v1/route", body.to_string()).await;
        assert_eq!(answered.status, 200, "{}", answered.json());
        let answered = ask(&app, "/v1/route", r#"{"messages": [null]}"#).await;
        assert_eq!(
            answered.refusal().0,
            "MALFORMED_MESSAGE",
            "but not for an element"
        );
    });
}

#[test]
fn what_is_no_message_is_refused_with_its_place_and_never_quoted() {
    let deep = format!("{{\"messages\":{}", "[".repeat(1000));
    let cases: &[(&str, &str, &str)] = &[
        (
            r#"{"text": "s3cr3t""#,
            "",
            "the body ends in the middle of its JSON: line 1, column 17",
        ),
        (
            r#"{"text": s3cr3t}"#,
            "text",
            "the body is no JSON: `text`, line 1, column 10",
        ),
        (
            "{\"text\": \"s3cr3t\"}\n s3cr3t",
            "",
            "the body is no JSON: line 2, column 2",
        ),
        ("{\"text\": \"s3cr3t\u{1}\"}", "text", "the body is no JSON"),
        (r#"{"text": "s3cr3t\ud800"}"#, "text", "the body is no JSON"),
        ("", "", "the body ends in the middle of its JSON"),
        (
            "null",
            "",
            "a value is not of the kind that its field takes: line 1, column 4",
        ),
        (r#"["s3cr3t"]"#, "", "a value is not of the kind"),
        (r#""s3cr3t""#, "", "a value is not of the kind"),
        (
            "{\n \"s3cr3t\": 1}",
            "",
            "a field is not one of the message: line 2, column 9",
        ),
        (
            r#"{"messages": [{"parts": [{"text": ""}, {"s3cr3t": 1}]}]}"#,
            "messages[0].parts[1]",
            "a field is not one of the message: `messages[0].parts[1]`, line 1, column 4",
        ),
        (
            r#"{"messages": [{"role": "s3cr3t"}]}"#,
            "messages[0].role",
            "a value is not of the kind",
        ),
        (
            r#"{"messages": [{"parts": "s3cr3t"}]}"#,
            "messages[0].parts",
            "a value is not",
        ),
        (
            r#"{"messages": {"s3cr3t": 1}}"#,
            "messages",
            "a value is not",
        ),
        (
            r#"{"limits": {"maxCostUsd": "s3cr3t"}}"#,
            "limits.max_cost_usd",
            "a value is not",
        ),
        (
            r#"{"limits": {"max_cost_usd": {"s3cr3t": 1}}}"#,
            "limits.max_cost_usd",
            "a value is not",
        ),
        (
            r#"{"limits": {"maxLatency": "s3cr3t"}}"#,
            "limits.max_latency",
            "a value is not",
        ),
        (
            r#"{"limits": {"maxLatency": "1s3cr3ts"}}"#,
            "limits.max_latency",
            "a value is not",
        ),
        (r#"{"seed": "s3cr3t"}"#, "seed", "a value is not"),
        (r#"{"seed": -1}"#, "seed", "a value is not"),
        (r#"{"seed": 1.5}"#, "seed", "a value is not"),
        (r#"{"seed": 1e400}"#, "seed", "the body is no JSON"),
        (
            r#"{"toolsTokens": 4294967296}"#,
            "tools_tokens",
            "a value is not",
        ),
        (
            r#"{"returnQuestion": "s3cr3t"}"#,
            "return_question",
            "a value is not",
        ),
        (
            r#"{"capabilities": ["CAPABILITY_TOOLS", "s3cr3t"]}"#,
            "capabilities[1]",
            "a value is not",
        ),
        (r#"{"view": 99}"#, "view", "a value is not"),
        (
            r#"{"text": "s3cr3t", "text": "s3cr3t"}"#,
            "",
            "a field is given twice",
        ),
        (
            r#"{"limits": {"maxCostUsd": 1, "max_cost_usd": 2}}"#,
            "limits",
            "a field is given twice, or two of which one may be given: `limits`",
        ),
        (
            r#"{"metadata": [{"key": "s3cr3t", "boolValue": true, "textValue": "s3cr3t"}]}"#,
            "metadata[0]",
            "a field is given twice",
        ),
        (&deep, "messages[0]", "a value is not"),
    ];
    run(async {
        let (app, _) = app(RULED);
        for (body, field, message) in cases {
            let answered = ask(&app, "/v1/route", (*body).to_owned()).await;
            let json = answered.json();
            assert_eq!(answered.status, 400, "{body}: {json}");
            assert_eq!(
                answered.refusal(),
                ("MALFORMED_MESSAGE".into(), (*field).into()),
                "{body}: {json}"
            );
            let said = json["message"].as_str().expect("a sentence");
            assert!(said.starts_with(message), "{body}: {said}");
            assert!(!json.to_string().contains(CANARY), "{json}");
        }
        let answered = ask(&app, "/v1/route", &b"{\"text\": \"s3cr3t\xff\"}"[..]).await;
        assert_eq!(answered.refusal().0, "MALFORMED_MESSAGE");
        assert!(!answered.json().to_string().contains(CANARY));
        let body = r#"{"requests": [{"text": "a"}, {"text": "b", "s3cr3t": 1}]}"#;
        let answered = ask(&app, "/v1/route:batch", body).await;
        assert_eq!(
            answered.refusal(),
            ("MALFORMED_MESSAGE".into(), "requests[1]".into())
        );
    });
}

#[test]
fn a_number_that_overflows_the_reader_is_refused_and_the_door_stays_open() {
    run(async {
        let (app, _) = app(RULED);
        for (latency, status) in [
            ("--9223372036854775808s", 400),
            ("-1s", 400),
            ("9223372036854775807.999999999s", 200),
        ] {
            let body = json!({"text": "hello", "limits": {"maxLatency": latency}});
            let answered = ask(&app, "/v1/route", body.to_string()).await;
            assert_eq!(answered.status, status, "{latency}: {}", answered.json());
            assert_eq!(
                ask(&app, "/v1/route", r#"{"text": "hello"}"#).await.status,
                200
            );
        }
    });
}

#[test]
fn defects_of_a_request_keep_their_code_and_field() {
    run(async {
        let (app, _) = app(RULED);
        for (body, code, field) in [
            (json!({}), "MISSING_TEXT", "text"),
            (
                json!({"text": "a", "messages": [{"role": "ROLE_USER"}]}),
                "AMBIGUOUS_TEXT",
                "messages",
            ),
            (
                json!({"text": "a", "limits": {"minQuality": 2}}),
                "INVALID_LIMIT",
                "limits.min_quality",
            ),
            (
                json!({"text": "a", "limits": {"maxCostUsd": "NaN"}}),
                "INVALID_LIMIT",
                "limits.max_cost_usd",
            ),
            (
                json!({"text": "a", "unavailableModels": [CANARY]}),
                "UNKNOWN_MODEL",
                "unavailable_models[0]",
            ),
        ] {
            let answered = ask(&app, "/v1/route", body.to_string()).await;
            assert_eq!(answered.status, 400, "{body}");
            assert_eq!(answered.refusal(), (code.into(), field.into()), "{body}");
            assert!(!answered.json().to_string().contains(CANARY));
        }
        let body = json!({"text": "a", "revision": "0123456789abcdef"});
        let answered = ask(&app, "/v1/route", body.to_string()).await;
        assert_eq!(
            (answered.status.as_u16(), &*answered.refusal().0),
            (404, "UNKNOWN_REVISION")
        );
    });
}

#[test]
fn bombs_cost_no_more_than_their_bytes() {
    const BYTES: usize = 3 << 20;
    let cases = [
        ("arrays", format!("{{\"messages\":{}", "[".repeat(BYTES))),
        (
            "objects",
            format!("{{\"limits\":{}", "{\"limits\":".repeat(BYTES / 10)),
        ),
        (
            "nulls and depth",
            format!("{{\"seed\":null,\"messages\":{}", "[".repeat(BYTES)),
        ),
        ("digits", format!("{{\"seed\":{}}}", "9".repeat(BYTES))),
        (
            "decimals",
            format!("{{\"limits\":{{\"minQuality\":0.{}}}}}", "3".repeat(BYTES)),
        ),
        (
            "digits in a string",
            format!("{{\"seed\":\"{}\"}}", "9".repeat(BYTES)),
        ),
        ("a long name", format!("{{\"{}\":1}}", "x".repeat(BYTES))),
        (
            "escapes",
            format!("{{\"task\":\"{}\"}}", "\\u0000".repeat(BYTES / 6)),
        ),
        (
            "empty messages",
            format!("{{\"messages\":[{}{{}}]}}", "{},".repeat(BYTES / 3)),
        ),
        ("white space", " ".repeat(BYTES)),
    ];
    run(async {
        let (app, _) = app(RULED);
        for (name, body) in cases {
            let start = Instant::now();
            let answered = ask(&app, "/v1/route", body).await;
            let took = start.elapsed();
            assert_eq!(answered.status, 400, "{name}");
            assert!(answered.body.len() < 1024, "{name}");
            assert!(took < Duration::from_secs(5), "{name} took {took:?}");
        }
    });
}

#[test]
fn a_body_over_the_limit_is_refused_by_its_head_or_at_the_byte() {
    run(async {
        let (app, engine) = app(RULED);
        let limit = engine.max_message_bytes;
        let sized = |bytes: usize| {
            let frame = json!({"task": ""}).to_string();
            json!({"task": "x".repeat(bytes - frame.len())}).to_string()
        };
        let answered = ask(&app, "/v1/route", sized(limit)).await;
        assert_eq!(
            answered.refusal().0,
            "MISSING_TEXT",
            "a body of just the limit is read"
        );
        let answered = ask(&app, "/v1/route", sized(limit + 1)).await;
        assert_eq!(
            (answered.status.as_u16(), &*answered.refusal().0),
            (413, "MESSAGE_TOO_LARGE")
        );
        // The head tells, so the body is not waited for.
        let never = StreamBody::new(tokio_stream::pending::<Result<Frame<Bytes>, Status>>());
        let mut request = post("/v1/route", Body::new(never));
        request
            .headers_mut()
            .insert(CONTENT_LENGTH, (limit + 1).into());
        assert_eq!(send(&app, request).await.refusal().0, "MESSAGE_TOO_LARGE");
    });
}

#[test]
fn a_body_that_breaks_off_or_comes_too_slowly_is_told_so() {
    run(async {
        let (app, _) = app(RULED);
        for (status, http, code) in [
            (Status::cancelled("gone"), 400, "MALFORMED_MESSAGE"),
            (
                Status::deadline_exceeded("too slow"),
                504,
                "REQUEST_TOO_SLOW",
            ),
        ] {
            let frames = [Ok(Frame::data(Bytes::from("{"))), Err(status)];
            let body = Body::new(StreamBody::new(tokio_stream::iter(frames)));
            let answered = send(&app, post("/v1/route", body)).await;
            assert_eq!(
                (answered.status.as_u16(), &*answered.refusal().0),
                (http, code)
            );
        }
    });
}

#[test]
fn only_json_in_utf_8_is_read() {
    run(async {
        let (app, _) = app(RULED);
        for (kind, is_read) in [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=UTF-8"), true),
            (Some("application/json;charset=\"utf-8\"; profile=x"), true),
            (None, false),
            (Some(""), false),
            (Some("text/plain"), false),
            (Some("application/json; charset=latin1"), false),
            (Some("application/json+x"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (Some("application/grpc"), false),
        ] {
            let mut request = post("/v1/route", r#"{"text": "hello"}"#);
            request.headers_mut().remove(CONTENT_TYPE);
            if let Some(kind) = kind {
                request
                    .headers_mut()
                    .insert(CONTENT_TYPE, kind.parse().expect("a value"));
            }
            let answered = send(&app, request).await;
            if is_read {
                assert_eq!(answered.status, 200, "{kind:?}");
            } else {
                let refused = (answered.status.as_u16(), answered.refusal().0);
                assert_eq!(refused, (415, "UNSUPPORTED_MEDIA_TYPE".into()), "{kind:?}");
            }
        }
        for (encoding, status) in [("identity", 200), ("gzip", 415), ("br, gzip", 415)] {
            let mut request = post("/v1/route", r#"{"text": "hello"}"#);
            request
                .headers_mut()
                .insert(CONTENT_ENCODING, encoding.parse().expect("a value"));
            assert_eq!(send(&app, request).await.status, status, "{encoding}");
        }
    });
}

#[test]
fn a_path_or_method_that_is_not_there_is_refused_in_json() {
    run(async {
        let (app, _) = app(RULED);
        for path in [
            "/",
            "/v1",
            "/v1/route/",
            "/v1/routes",
            "/v1/route:batch:x",
            "/fastroute.v1.RouterService/Route",
        ] {
            let answered = ask(&app, path, "{}").await;
            assert_eq!(
                (answered.status.as_u16(), &*answered.refusal().0),
                (404, "UNKNOWN_METHOD"),
                "{path}"
            );
        }
        let gets = [
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.yaml",
            "/openapi.json",
        ];
        let posts = ["/v1/route", "/v1/route:batch"];
        let paths = gets.map(|path| (path, "GET, HEAD")).into_iter();
        for (path, allowed) in paths.chain(posts.map(|path| (path, "POST"))) {
            let methods = [
                Method::GET,
                Method::HEAD,
                Method::POST,
                Method::PUT,
                Method::DELETE,
                Method::OPTIONS,
                Method::PATCH,
            ];
            for method in methods {
                let is_allowed = allowed.split(", ").any(|allowed| method == allowed);
                let request = Request::builder().method(method.clone()).uri(path);
                let answered = send(&app, request.body(Body::empty()).expect("a request")).await;
                if is_allowed {
                    assert_ne!(answered.status, 405, "{method} {path}");
                    continue;
                }
                assert_eq!(answered.status, 405, "{method} {path}");
                assert_eq!(answered.headers[ALLOW], allowed, "{method} {path}");
                if method != Method::HEAD {
                    assert_eq!(answered.refusal().0, "METHOD_NOT_ALLOWED");
                }
            }
        }
    });
}

#[test]
fn health_follows_the_server_and_asks_for_nothing() {
    run(async {
        let (app, engine) = app(RULED);
        for path in ["/healthz", "/readyz"] {
            let answered = get(&app, path).await;
            assert_eq!(answered.status, 200);
            assert_eq!(answered.json(), json!({"status": "SERVING"}));
            let head = Request::head(path).body(Body::empty()).expect("a request");
            let answered = send(&app, head).await;
            assert_eq!((answered.status.as_u16(), answered.body.len()), (200, 0));
        }
        engine.stop.cancel();
        assert_eq!(get(&app, "/healthz").await.status, 200, "it still lives");
        let answered = get(&app, "/readyz").await;
        assert_eq!(answered.status, 503);
        let expected = json!({"status": "NOT_SERVING", "reason": "SHUTTING_DOWN"});
        assert_eq!(answered.json(), expected);
        let metrics = get(&app, "/metrics").await;
        let text = String::from_utf8(metrics.body.to_vec()).expect("UTF-8");
        assert!(text.contains("\nfastroute_draining 1\n"), "{text}");
    });
}

#[test]
fn metrics_are_text_that_prometheus_reads() {
    run(async {
        let (app, _) = app(RULED);
        assert_eq!(
            ask(&app, "/v1/route", r#"{"text": "poison"}"#).await.status,
            200
        );
        let answered = get(&app, "/metrics").await;
        let kind = answered.headers[CONTENT_TYPE].to_str().expect("a text");
        assert_eq!(
            kind,
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        );
        let text = String::from_utf8(answered.body.to_vec()).expect("UTF-8");
        let read =
            support::openmetrics::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let labels = [("outcome", "rejected"), ("reason", "REJECTED")];
        assert_eq!(read.value("fastroute_decisions_total", &labels), Some(1.0));
    });
}

#[test]
fn each_request_of_a_batch_has_its_own_result() {
    run(async {
        let (app, _) = app(RULED);
        let body = json!({"requests": [{"text": "hello"}, {}, {"text": "poison"}]});
        let json = ask(&app, "/v1/route:batch", body.to_string()).await.json();
        let results = json["results"].as_array().expect("results");
        assert_eq!(results.len(), 3);
        assert_eq!(
            results[0]["response"]["decision"]["outcome"],
            "OUTCOME_ROUTED"
        );
        assert_eq!(results[1]["error"]["code"], "MISSING_TEXT");
        assert_eq!(
            results[2]["response"]["decision"]["outcome"],
            "OUTCOME_REJECTED"
        );

        let many =
            |count: usize| json!({"requests": vec![json!({"text": "hello"}); count]}).to_string();
        let json = ask(&app, "/v1/route:batch", many(1024)).await.json();
        assert_eq!(json["results"].as_array().map(Vec::len), Some(1024));
        let answered = ask(&app, "/v1/route:batch", many(1025)).await;
        assert_eq!(
            (answered.status.as_u16(), &*answered.refusal().0),
            (400, "TOO_MANY_REQUESTS")
        );
        assert_eq!(ask(&app, "/v1/route:batch", "{}").await.json(), json!({}));
    });
}

#[test]
fn a_long_text_is_read_on_a_thread_that_may_block() {
    run(async {
        let (app, _) = app(RULED);
        let body = json!({"text": "word ".repeat(100_000)});
        let answered = ask(&app, "/v1/route", body.to_string()).await;
        assert_eq!(answered.status, 200, "{}", answered.json());
    });
}

#[test]
fn the_deadline_that_the_edge_read_holds_here_too() {
    run(async {
        let (app, _) = app(RULED);
        let mut request = post("/v1/route", r#"{"text": "hello"}"#);
        request.extensions_mut().insert(context_with(None));
        let answered = send(&app, request).await;
        assert_eq!(
            (answered.status.as_u16(), &*answered.refusal().0),
            (504, "DEADLINE_EXCEEDED")
        );
    });
}

#[test]
fn a_question_goes_out_and_its_answer_comes_back() {
    run(async {
        let (app, _) = app(ASKS);
        let body = json!({"text": "my invoice", "returnQuestion": true});
        let question = ask(&app, "/v1/route", body.to_string()).await.json()["question"].clone();
        assert_eq!(
            question["labels"],
            json!(["general", "billing", "none_of_these"])
        );
        let body = json!({
            "text": "my invoice",
            "answer": {"label": "billing", "waited": "0.100s"},
            "revision": question["revision"],
        });
        let decision = ask(&app, "/v1/route", body.to_string()).await.json()["decision"].clone();
        assert_eq!(decision["route"], "billing");
        assert_eq!(decision["reason"]["code"], "META_LLM");
    });
}

#[test]
fn a_server_answers_json_on_a_connection_that_stays_open() {
    let arguments = [
        "fastroute",
        "--listen",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--admin",
        "none",
    ];
    let settings = Settings::parse_from(arguments).expect("settings that hold");
    let server = Server::start(&settings, Hosts::default()).expect("a server");
    let address = server.addresses().http.clone().expect("HTTP is on");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    for _ in 0..2 {
        let body = r#"{"text": "Translate this sentence into French: good morning"}"#;
        let head = format!(
            "POST /v1/route HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .expect("a request that is sent");
        let (status, json) = read_answer(&mut stream);
        assert_eq!(status, 200, "{json}");
        assert_eq!(json["decision"]["route"], "translation");
    }
    server.stop(Some(Duration::from_secs(1))).expect("a stop");
}

/// Reads one answer of HTTP/1.1 that says its length.
fn read_answer(stream: &mut TcpStream) -> (u16, Value) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("UTF-8").to_ascii_lowercase();
    let status = head
        .split(' ')
        .nth(1)
        .expect("a status")
        .parse()
        .expect("a number");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().expect("a number")];
    stream.read_exact(&mut body).expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}
