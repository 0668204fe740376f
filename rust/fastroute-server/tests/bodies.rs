//! What the HTTP door takes for a message, and what it says of a body that is none.

mod asking;
mod calling;

use std::time::{Duration, Instant};

use asking::{app, ask, post, send};
use axum::body::Body;
use bytes::Bytes;
use calling::{RULED, run};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body::Frame;
use http_body_util::StreamBody;
use serde_json::json;
use tonic::Status;

/// Stands in every body that is refused, and in no answer.
const CANARY: &str = "s3cr3t";

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
