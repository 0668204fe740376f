//! Defects of a request: each has a code and a field, and none repeats what was written.

use fastroute_proto::v1;
use fastroute_server::service::router_service;
use prost::Message;
use v1::metadata_entry::Value;
use v1::part::Content;

use crate::calling::{RULED, call, engine, framed, named, run, text};
use crate::{ROUTE, decide, fact, limited, refuse, span};

fn said(role: i32, content: Option<Content>) -> v1::Message {
    v1::Message {
        role,
        parts: vec![v1::Part { content }],
    }
}

/// Requests with one defect each, and what it is called.
fn defects() -> Vec<(v1::RouteRequest, &'static str, &'static str)> {
    let none = v1::RouteRequest::default();
    let user = || said(1, Some(Content::Text("hello".to_owned())));
    let of = |messages| v1::RouteRequest {
        messages,
        ..v1::RouteRequest::default()
    };
    let limits = v1::Limits::default();
    vec![
        (none.clone(), "MISSING_TEXT", "text"),
        (
            v1::RouteRequest {
                messages: vec![user()],
                ..text("")
            },
            "AMBIGUOUS_TEXT",
            "messages",
        ),
        (
            of(vec![user(), said(0, None)]),
            "INVALID_MESSAGE",
            "messages[1].parts[0]",
        ),
        (
            of(vec![user(), v1::Message::default()]),
            "INVALID_MESSAGE",
            "messages[1].role",
        ),
        (
            of(vec![v1::Message { role: 5, ..user() }]),
            "INVALID_MESSAGE",
            "messages[0].role",
        ),
        (
            of(vec![v1::Message { role: -1, ..user() }]),
            "INVALID_MESSAGE",
            "messages[0].role",
        ),
        (of(vec![user(); 10_001]), "TOO_MANY_MESSAGES", "messages"),
        (text(&"x".repeat((8 << 20) + 1)), "TEXT_TOO_LONG", "text"),
        (
            of(vec![said(
                1,
                Some(Content::Document("x".repeat((8 << 20) + 1))),
            )]),
            "TEXT_TOO_LONG",
            "messages",
        ),
        (
            v1::RouteRequest {
                capabilities: vec![1, 0],
                ..text("")
            },
            "UNKNOWN_CAPABILITY",
            "capabilities[1]",
        ),
        (
            v1::RouteRequest {
                capabilities: vec![6],
                ..text("")
            },
            "UNKNOWN_CAPABILITY",
            "capabilities[0]",
        ),
        (
            v1::RouteRequest {
                capabilities: vec![i32::MIN],
                ..text("")
            },
            "UNKNOWN_CAPABILITY",
            "capabilities[0]",
        ),
        (
            v1::RouteRequest {
                unavailable_models: vec!["small".into(), "huge".into()],
                ..text("")
            },
            "UNKNOWN_MODEL",
            "unavailable_models[1]",
        ),
        (
            v1::RouteRequest {
                unavailable_models: vec!["small".into(); 1_025],
                ..text("")
            },
            "UNKNOWN_MODEL",
            "unavailable_models",
        ),
        (
            limited(v1::Limits {
                min_quality: Some(1.5),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.min_quality",
        ),
        (
            limited(v1::Limits {
                min_quality: Some(f32::NAN),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.min_quality",
        ),
        (
            limited(v1::Limits {
                max_cost_usd: Some(-1.0),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.max_cost_usd",
        ),
        (
            limited(v1::Limits {
                max_cost_usd: Some(f64::INFINITY),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.max_cost_usd",
        ),
        (
            limited(v1::Limits {
                max_latency: Some(span(-1, 0)),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.max_latency",
        ),
        (
            limited(v1::Limits {
                max_latency: Some(span(0, i32::MAX)),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.max_latency",
        ),
        (
            limited(v1::Limits {
                expected_output_tokens: Some(0),
                ..limits
            }),
            "INVALID_LIMIT",
            "limits.expected_output_tokens",
        ),
        (
            v1::RouteRequest {
                metadata: vec![
                    fact("a", Value::NumberValue(1.0)),
                    fact("b", Value::NumberValue(f64::NAN)),
                ],
                ..text("")
            },
            "INVALID_METADATA",
            "metadata[1].number_value",
        ),
        (
            v1::RouteRequest {
                metadata: vec![fact("a", Value::BoolValue(true)); 1_025],
                ..text("")
            },
            "TOO_MUCH_METADATA",
            "metadata",
        ),
        (
            v1::RouteRequest {
                answer: Some(v1::Answer {
                    label: None,
                    waited: Some(span(-1, 0)),
                }),
                ..text("")
            },
            "INVALID_ANSWER",
            "answer.waited",
        ),
    ]
}

#[test]
fn each_defect_has_its_code_and_names_its_field() {
    let engine = engine(RULED);
    run(async {
        for (request, code, field) in defects() {
            let refusal = refuse(&engine, request).await;
            assert_eq!(named(&refusal), (code, field), "{refusal}");
            assert_eq!(refusal.status(), tonic::Code::InvalidArgument);
        }
        let unknown = v1::RouteRequest {
            revision: "0123456789abcdef".to_owned(),
            ..text("hello")
        };
        let refusal = refuse(&engine, unknown).await;
        assert_eq!(
            (refusal.code(), refusal.http_status()),
            ("UNKNOWN_REVISION", 404)
        );
    });
}

#[test]
fn the_limits_themselves_are_taken() {
    let engine = engine(RULED);
    run(async {
        let empty_message = v1::Message {
            role: 1,
            parts: Vec::new(),
        };
        for request in [
            text(""),
            text(&"x".repeat(8 << 20)),
            v1::RouteRequest {
                messages: vec![empty_message; 10_000],
                ..v1::RouteRequest::default()
            },
            v1::RouteRequest {
                capabilities: vec![1, 1, 1],
                ..text("")
            },
            v1::RouteRequest {
                metadata: vec![fact("a", Value::BoolValue(true)); 1_024],
                ..text("")
            },
            v1::RouteRequest {
                metadata: vec![v1::MetadataEntry::default()],
                ..text("")
            },
            limited(v1::Limits {
                max_latency: Some(span(i64::MAX, 999_999_999)),
                ..v1::Limits::default()
            }),
            v1::RouteRequest {
                view: 77,
                ..text("")
            },
        ] {
            decide(&engine, request).await;
        }
    });
}

/// Puts a word into everything that a caller can write.
fn with_canary(mut request: v1::RouteRequest, canary: &str) -> v1::RouteRequest {
    if let Some(text) = &mut request.text {
        text.insert_str(0, canary);
    }
    for message in &mut request.messages {
        message.parts.insert(
            0,
            v1::Part {
                content: Some(Content::Text(canary.to_owned())),
            },
        );
    }
    request.task = Some(canary.to_owned());
    for entry in &mut request.metadata {
        entry.key.push_str(canary);
    }
    request
        .metadata
        .insert(0, fact(canary, Value::TextValue(canary.to_owned())));
    if let Some(name) = request.unavailable_models.last_mut() {
        name.push_str(canary);
    }
    let waited = request.answer.take().and_then(|answer| answer.waited);
    request.answer = Some(v1::Answer {
        label: Some(canary.to_owned()),
        waited,
    });
    request.render = Some(v1::Render {
        context: canary.to_owned(),
    });
    request
}

#[test]
fn no_error_repeats_what_a_caller_wrote() {
    const CANARY: &str = "canary-7f3a";
    let engine = engine(RULED);
    run(async {
        let mut requests: Vec<_> = defects().into_iter().map(|(request, ..)| request).collect();
        requests.push(v1::RouteRequest {
            unavailable_models: vec!["x".into()],
            ..text("")
        });
        requests.push(v1::RouteRequest {
            revision: format!("{CANARY}-00000000"),
            ..text("")
        });
        for request in requests {
            let refusal = refuse(&engine, with_canary(request, CANARY)).await;
            let error = fastroute_server::convert::error(&refusal);
            let shown = format!(
                "{refusal} {refusal:?} {error:?} {:?}",
                refusal.clone().into_status()
            );
            let bytes = refusal.into_status().details().to_vec();
            assert!(!shown.contains(CANARY), "{shown}");
            assert!(
                !bytes
                    .windows(CANARY.len())
                    .any(|window| window == CANARY.as_bytes())
            );
        }
        let mut router = router_service(engine);
        let mut cut = with_canary(text(""), CANARY).encode_to_vec();
        cut.pop();
        let called = call(&mut router, ROUTE, framed(&cut)).await;
        assert_eq!(called.code(), "MALFORMED_MESSAGE");
        assert!(!format!("{:?}", called.status).contains(CANARY));
    });
}
