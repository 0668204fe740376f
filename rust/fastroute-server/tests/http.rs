//! The HTTP door: decisions as the other doors give them, and what stands beside.

mod asking;
mod calling;

mod support {
    pub mod openmetrics;
}

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use asking::{app, ask, get, post, send};
use axum::body::Body;
use bytes::Bytes;
use calling::{ASKS, RULED, context, context_with, run, text};
use fastroute_proto::v1;
use fastroute_server::{Hosts, Server, Settings, service};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Value, json};

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
        engine.drain();
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

/// Prints what JSON costs a call beside the decision; run with `--ignored --nocapture`.
#[test]
#[ignore = "measures, and asserts nothing about time"]
fn what_json_costs() {
    let processor_us = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
    };
    // One thread does everything, so that its time is all of the time.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (app, engine) = app(fastroute_core::DEFAULT_CONFIG);
        let said = "Translate this sentence into French: good morning";
        let body = Bytes::from(json!({"text": said}).to_string());
        let rounds = 20_000;
        for _ in 0..2 {
            let start = processor_us();
            for _ in 0..rounds {
                let answer = service::route(&engine, text(said), &context()).await;
                assert!(answer.is_ok());
            }
            let plain = processor_us();
            for _ in 0..rounds {
                assert_eq!(ask(&app, "/v1/route", body.clone()).await.status, 200);
            }
            let door = processor_us();
            let each = |from: f64, to: f64| (to - from) / f64::from(rounds);
            println!(
                "decided {:.2} us, over JSON {:.2} us",
                each(start, plain),
                each(plain, door)
            );
        }
    });
}
