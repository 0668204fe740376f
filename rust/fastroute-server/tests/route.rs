//! One request: what its defects are called, and what its answer holds.

mod calling;

use std::sync::Arc;
use std::time::Duration;

use calling::{
    ASKS, Host, RULED, call, context, context_with, decision, engine, engine_asking, framed, named,
    question, run, text,
};
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::service::{self, Servicer, router_service};
use fastroute_server::Refusal;
use prost::Message;
use v1::metadata_entry::Value;
use v1::part::Content;

const ROUTE: &str = "/fastroute.v1.RouterService/Route";

async fn decide(engine: &Engine, request: v1::RouteRequest) -> v1::Decision {
    decision(service::route(engine, request, &context()).await.expect("an answer"))
}

async fn refuse(engine: &Engine, request: v1::RouteRequest) -> Refusal {
    service::route(engine, request, &context())
        .await
        .expect_err("a defect")
}

fn said(role: i32, content: Option<Content>) -> v1::Message {
    v1::Message {
        role,
        parts: vec![v1::Part { content }],
    }
}

fn fact(key: &str, value: Value) -> v1::MetadataEntry {
    v1::MetadataEntry {
        key: key.to_owned(),
        value: Some(value),
    }
}

fn span(seconds: i64, nanos: i32) -> pbjson_types::Duration {
    pbjson_types::Duration { seconds, nanos }
}

fn limited(limits: v1::Limits) -> v1::RouteRequest {
    v1::RouteRequest {
        limits: Some(limits),
        ..text("hello")
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
        (v1::RouteRequest { messages: vec![user()], ..text("") }, "AMBIGUOUS_TEXT", "messages"),
        (of(vec![user(), said(0, None)]), "INVALID_MESSAGE", "messages[1].parts[0]"),
        (of(vec![user(), v1::Message::default()]), "INVALID_MESSAGE", "messages[1].role"),
        (of(vec![v1::Message { role: 5, ..user() }]), "INVALID_MESSAGE", "messages[0].role"),
        (of(vec![v1::Message { role: -1, ..user() }]), "INVALID_MESSAGE", "messages[0].role"),
        (of(vec![user(); 10_001]), "TOO_MANY_MESSAGES", "messages"),
        (text(&"x".repeat((8 << 20) + 1)), "TEXT_TOO_LONG", "text"),
        (
            of(vec![said(1, Some(Content::Document("x".repeat((8 << 20) + 1))))]),
            "TEXT_TOO_LONG",
            "messages",
        ),
        (v1::RouteRequest { capabilities: vec![1, 0], ..text("") }, "UNKNOWN_CAPABILITY", "capabilities[1]"),
        (v1::RouteRequest { capabilities: vec![6], ..text("") }, "UNKNOWN_CAPABILITY", "capabilities[0]"),
        (v1::RouteRequest { capabilities: vec![i32::MIN], ..text("") }, "UNKNOWN_CAPABILITY", "capabilities[0]"),
        (
            v1::RouteRequest { unavailable_models: vec!["small".into(), "huge".into()], ..text("") },
            "UNKNOWN_MODEL",
            "unavailable_models[1]",
        ),
        (
            v1::RouteRequest { unavailable_models: vec!["small".into(); 1_025], ..text("") },
            "UNKNOWN_MODEL",
            "unavailable_models",
        ),
        (limited(v1::Limits { min_quality: Some(1.5), ..limits }), "INVALID_LIMIT", "limits.min_quality"),
        (limited(v1::Limits { min_quality: Some(f32::NAN), ..limits }), "INVALID_LIMIT", "limits.min_quality"),
        (limited(v1::Limits { max_cost_usd: Some(-1.0), ..limits }), "INVALID_LIMIT", "limits.max_cost_usd"),
        (limited(v1::Limits { max_cost_usd: Some(f64::INFINITY), ..limits }), "INVALID_LIMIT", "limits.max_cost_usd"),
        (limited(v1::Limits { max_latency: Some(span(-1, 0)), ..limits }), "INVALID_LIMIT", "limits.max_latency"),
        (limited(v1::Limits { max_latency: Some(span(0, i32::MAX)), ..limits }), "INVALID_LIMIT", "limits.max_latency"),
        (
            limited(v1::Limits { expected_output_tokens: Some(0), ..limits }),
            "INVALID_LIMIT",
            "limits.expected_output_tokens",
        ),
        (
            v1::RouteRequest {
                metadata: vec![fact("a", Value::NumberValue(1.0)), fact("b", Value::NumberValue(f64::NAN))],
                ..text("")
            },
            "INVALID_METADATA",
            "metadata[1].number_value",
        ),
        (
            v1::RouteRequest { metadata: vec![fact("a", Value::BoolValue(true)); 1_025], ..text("") },
            "TOO_MUCH_METADATA",
            "metadata",
        ),
        (
            v1::RouteRequest {
                answer: Some(v1::Answer { label: None, waited: Some(span(-1, 0)) }),
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
        assert_eq!((refusal.code(), refusal.http_status()), ("UNKNOWN_REVISION", 404));
    });
}

#[test]
fn the_limits_themselves_are_taken() {
    let engine = engine(RULED);
    run(async {
        let empty_message = v1::Message { role: 1, parts: Vec::new() };
        for request in [
            text(""),
            text(&"x".repeat(8 << 20)),
            v1::RouteRequest { messages: vec![empty_message; 10_000], ..v1::RouteRequest::default() },
            v1::RouteRequest { capabilities: vec![1, 1, 1], ..text("") },
            v1::RouteRequest { metadata: vec![fact("a", Value::BoolValue(true)); 1_024], ..text("") },
            v1::RouteRequest { metadata: vec![v1::MetadataEntry::default()], ..text("") },
            limited(v1::Limits { max_latency: Some(span(i64::MAX, 999_999_999)), ..v1::Limits::default() }),
            v1::RouteRequest { view: 77, ..text("") },
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
        message.parts.insert(0, v1::Part { content: Some(Content::Text(canary.to_owned())) });
    }
    request.task = Some(canary.to_owned());
    for entry in &mut request.metadata {
        entry.key.push_str(canary);
    }
    request.metadata.insert(0, fact(canary, Value::TextValue(canary.to_owned())));
    if let Some(name) = request.unavailable_models.last_mut() {
        name.push_str(canary);
    }
    let waited = request.answer.take().and_then(|answer| answer.waited);
    request.answer = Some(v1::Answer { label: Some(canary.to_owned()), waited });
    request.render = Some(v1::Render { context: canary.to_owned() });
    request
}

#[test]
fn no_error_repeats_what_a_caller_wrote() {
    const CANARY: &str = "canary-7f3a";
    let engine = engine(RULED);
    run(async {
        let mut requests: Vec<_> = defects().into_iter().map(|(request, ..)| request).collect();
        requests.push(v1::RouteRequest { unavailable_models: vec!["x".into()], ..text("") });
        requests.push(v1::RouteRequest { revision: format!("{CANARY}-00000000"), ..text("") });
        for request in requests {
            let refusal = refuse(&engine, with_canary(request, CANARY)).await;
            let error = fastroute_server::convert::error(&refusal);
            let shown = format!("{refusal} {refusal:?} {error:?} {:?}", refusal.clone().into_status());
            let bytes = refusal.into_status().details().to_vec();
            assert!(!shown.contains(CANARY), "{shown}");
            assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()));
        }
        let mut router = router_service(engine);
        let mut cut = with_canary(text(""), CANARY).encode_to_vec();
        cut.pop();
        let called = call(&mut router, ROUTE, framed(&cut)).await;
        assert_eq!(called.code(), "MALFORMED_MESSAGE");
        assert!(!format!("{:?}", called.status).contains(CANARY));
    });
}

#[test]
fn bytes_that_are_no_request_are_malformed_and_named_so() {
    let mut router = router_service(engine(RULED));
    let not_utf8 = [0x0a, 2, 0xc3, 0x28];
    let groups = [vec![0x7b; 10_000], vec![0x7c; 10_000]].concat();
    // A picture has no fields: 10,000 messages within it, each in field 1 of the one around it.
    let within = |field: u8, inside: &[u8]| {
        let mut outside = vec![field << 3 | 2];
        prost::encode_length_delimiter(inside.len(), &mut outside).expect("a growing buffer");
        [&outside, inside].concat()
    };
    let nested = (0..10_000).fold(Vec::new(), |inside: Vec<u8>, _| within(1, &inside));
    let nested = within(2, &within(2, &within(3, &nested)));
    run(async {
        for (what, bytes) in [
            ("invalid UTF-8", not_utf8.to_vec()),
            ("a message that is cut off", vec![0x0a, 200]),
            ("10,000 nested groups", groups),
            ("a group without an end", vec![0x7b]),
            ("an end without a group", vec![0x7c]),
            ("a wire type that there is none of", vec![0x0f]),
            ("a text where a number belongs", vec![0x4a, 1, 0x61]),
            ("a number of eleven bytes", vec![0xff; 11]),
            ("field number 0", vec![0x02, 0]),
        ] {
            let called = call(&mut router, ROUTE, framed(&bytes)).await;
            assert_eq!(called.code(), "MALFORMED_MESSAGE", "{what}: {:?}", called.status);
            assert_eq!(called.status.code(), tonic::Code::InvalidArgument, "{what}");
        }
        // What is below an unknown field is not looked at, so only the missing role is wrong.
        let called = call(&mut router, ROUTE, framed(&nested)).await;
        assert_eq!(called.code(), "INVALID_MESSAGE", "{:?}", called.status);
        let called = call(&mut router, ROUTE, framed(b"")).await;
        assert_eq!(called.code(), "MISSING_TEXT");
    });
}

#[test]
fn what_is_framed_wrongly_or_too_large_has_a_code_too() {
    let mut router = router_service(engine(RULED));
    let good = framed(&text("hello").encode_to_vec());
    let too_large = [&[0_u8][..], &((4_u32 << 20) + 1).to_be_bytes()].concat();
    let compressed = [&[1_u8][..], &good[1..]].concat();
    run(async {
        for (what, body, code) in [
            ("no message", Vec::new(), "MALFORMED_MESSAGE"),
            ("half a message", good[..good.len() - 1].to_vec(), "MALFORMED_MESSAGE"),
            ("a message over the limit", too_large, "MESSAGE_TOO_LARGE"),
            ("a flag of compression", compressed, "MALFORMED_MESSAGE"),
            ("an unknown flag", [&[9_u8][..], &good[1..]].concat(), "MALFORMED_MESSAGE"),
        ] {
            let called = call(&mut router, ROUTE, body).await;
            assert_eq!(called.code(), code, "{what}: {:?}", called.status);
        }
        let called = call(&mut router, "/fastroute.v1.RouterService/Nothing", good.clone()).await;
        assert_eq!(called.code(), "UNKNOWN_METHOD");
        let called = call(&mut router, ROUTE, good).await;
        let answer = decision(called.message());
        assert_eq!(answer.route.as_deref(), Some("general"));
    });
}

#[test]
fn unknown_fields_are_ignored() {
    let engine = engine(RULED);
    let mut router = router_service(Arc::clone(&engine));
    run(async {
        let known = text("hello").encode_to_vec();
        // Field 900: a number, bytes, four bytes, eight bytes, and a group of a number.
        let unknown: &[&[u8]] = &[
            &[0xa0, 0x38, 1],
            &[0xa2, 0x38, 2, 1, 2],
            &[0xa5, 0x38, 1, 2, 3, 4],
            &[0xa1, 0x38, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0xa3, 0x38, 0x08, 1, 0xa4, 0x38],
        ];
        let wanted = decide(&engine, text("hello")).await;
        for bytes in unknown {
            let body = framed(&[bytes, &*known].concat());
            let answer = decision(call(&mut router, ROUTE, body).await.message());
            assert_eq!(answer.estimates, wanted.estimates);
        }
    });
}

#[test]
fn the_basic_view_has_no_sentence_and_the_full_one_has_all() {
    let engine = engine(RULED);
    run(async {
        let basic = decide(&engine, text("hello")).await;
        assert_eq!(basic.reason.as_ref().map(|reason| &*reason.sentence), Some(""));
        assert_eq!(basic.deployments.len(), 1);
        let full = v1::RouteRequest {
            view: v1::DecisionView::Full.into(),
            task: Some("nothing".to_owned()),
            ..text("hello")
        };
        let full = decide(&engine, full).await;
        assert!(full.reason.is_some_and(|reason| reason.sentence.contains("general")));
        assert_eq!(full.deployments.len(), 1 + full.fallbacks.len());
        assert_eq!(full.fallbacks.len(), 2);
        assert_eq!(full.notes[0].code, "UNKNOWN_TASK");
        assert!(!full.notes[0].sentence.is_empty());
        assert_eq!(full.deployments[0].base_url.as_deref(), Some("http://127.0.0.1:11434/v1"));
        let nothing = v1::RouteRequest {
            unavailable_models: vec!["small".into(), "middle".into(), "large".into()],
            view: v1::DecisionView::Full.into(),
            ..text("hello")
        };
        let nothing = decide(&engine, nothing).await;
        assert_eq!(nothing.outcome(), v1::Outcome::NothingFits);
        assert_eq!(nothing.missing.len(), 3);
        assert_eq!(nothing.missing[0].message, "`small` cannot serve now");
        assert!(nothing.report_token.is_empty(), "there is no plan to report on");
    });
}

#[test]
fn the_prompt_is_rendered_when_it_is_asked_for() {
    let engine = engine(RULED);
    run(async {
        let request = v1::RouteRequest {
            render: Some(v1::Render { context: "a leaf".to_owned() }),
            ..text("hello")
        };
        let messages = decide(&engine, request).await.messages;
        let lines: Vec<_> = messages.iter().map(|line| (&*line.role, &*line.content, line.source)).collect();
        assert_eq!(lines, [("system", "You are brief.", None), ("user", "Said: hello Found: a leaf", Some(0))]);
        assert!(decide(&engine, text("hello")).await.messages.is_empty());
    });
}

#[test]
fn a_refused_request_is_a_decision() {
    let engine = engine(RULED);
    run(async {
        let refused = decide(&engine, text("poison")).await;
        assert_eq!(refused.outcome(), v1::Outcome::Rejected);
        assert_eq!(refused.message.as_deref(), Some("We do not help with that."));
        assert_eq!((refused.route, refused.model, refused.estimates), (None, None, None));
    });
}

#[test]
fn a_question_is_sent_back_and_its_answer_decides() {
    let engine = engine(ASKS);
    run(async {
        let asking = v1::RouteRequest { return_question: true, ..text("the invoice") };
        let asked = service::route(&engine, asking.clone(), &context()).await.expect("an answer");
        let asked = question(asked);
        assert_eq!((&*asked.model, &*asked.labels.join(" ")), ("small", "general billing none_of_these"));
        assert_eq!(asked.deployment.as_ref().map(|at| &*at.provider), Some("near"));
        assert!(asked.user.contains("the invoice") && asked.system.contains("Invoices"));
        assert_eq!(asked.timeout, Some(span(0, 800_000_000)));
        for (label, waited, reason) in [
            (Some(" billing "), None, "META_LLM"),
            (Some("billing"), Some(span(0, 800_000_000)), "META_LLM"),
            (Some("billing"), Some(span(0, 800_001_000)), "DEFAULT_META_LLM_LATE"),
            (Some("else"), None, "DEFAULT_META_LLM_UNKNOWN"),
            (Some("none_of_these"), None, "DEFAULT_META_LLM_NONE"),
            (None, None, "DEFAULT_META_LLM_DECLINED"),
        ] {
            let answered = v1::RouteRequest {
                answer: Some(v1::Answer { label: label.map(str::to_owned), waited }),
                revision: asked.revision.clone(),
                ..asking.clone()
            };
            let decided = decide(&engine, answered).await;
            assert_eq!(decided.reason.map(|reason| reason.code).as_deref(), Some(reason));
        }
        let declined = decide(&engine, text("the invoice")).await;
        assert_eq!(declined.reason.map(|reason| reason.code).as_deref(), Some("DEFAULT_META_LLM_DECLINED"));
    });
}

#[test]
fn the_host_is_asked_within_the_timeout_and_the_deadline() {
    let answers = engine_asking(ASKS, Arc::new(Host(|question| {
        let label = question.labels[1].clone();
        Box::pin(async move { Some(label) })
    })));
    let silent = engine_asking(ASKS, Arc::new(Host(|_| Box::pin(std::future::pending()))));
    run(async {
        assert_eq!(decide(&answers, text("x")).await.route.as_deref(), Some("billing"));
        let late = decide(&silent, text("x")).await;
        assert_eq!(late.reason.map(|reason| reason.code).as_deref(), Some("DEFAULT_META_LLM_LATE"));
        let soon = context_with(Some(Duration::from_millis(20)));
        let refused = service::route(&silent, text("x"), &soon).await.expect_err("no time");
        assert_eq!(refused.code(), "DEADLINE_EXCEEDED");
    });
}

#[test]
fn nothing_is_decided_after_the_deadline() {
    let engine = engine(RULED);
    let late = context_with(None);
    run(async {
        let refused = service::route(&engine, text("x"), &late).await.expect_err("no time");
        assert_eq!((refused.code(), refused.http_status()), ("DEADLINE_EXCEEDED", 504));
        let batch = v1::RouteBatchRequest { requests: vec![text("x")] };
        let refused = service::route_batch(&engine, batch, &late).await.expect_err("no time");
        assert_eq!(refused.code(), "DEADLINE_EXCEEDED");
        let explain = v1::ExplainRequest { request: Some(text("x")) };
        let refused = service::explain(&engine, explain, &late).await.expect_err("no time");
        assert_eq!(refused.code(), "DEADLINE_EXCEEDED");
    });
}

#[test]
fn a_panic_is_an_internal_error_and_nothing_else_breaks() {
    for host in [
        Host(|_| panic!("a host that panics when it is asked")),
        Host(|_| Box::pin(async { panic!("a host that panics while it answers") })),
    ] {
        let engine = engine_asking(ASKS, Arc::new(host));
        run(async {
            let refused = refuse(&engine, text("x")).await;
            assert_eq!((refused.code(), refused.http_status()), ("INTERNAL", 500));
            let answered = v1::RouteRequest {
                answer: Some(v1::Answer { label: Some("billing".to_owned()), waited: None }),
                ..text("x")
            };
            assert_eq!(decide(&engine, answered).await.route.as_deref(), Some("billing"));
        });
    }
}

#[test]
fn one_bad_request_of_a_batch_is_its_own_error() {
    let engine = engine(RULED);
    run(async {
        let long = text(&"word ".repeat(100_000));
        let unknown = v1::RouteRequest { revision: "0123456789abcdef".to_owned(), ..text("x") };
        let requests = vec![text("hello"), v1::RouteRequest::default(), text("poison"), long, unknown];
        let batch = v1::RouteBatchRequest { requests };
        let answers = service::route_batch(&engine, batch, &context()).await.expect("an answer");
        let told: Vec<String> = answers
            .results
            .into_iter()
            .map(|result| match result.result {
                Some(v1::route_result::Result::Response(response)) => {
                    decision(response).outcome().as_str_name().to_owned()
                }
                Some(v1::route_result::Result::Error(error)) => {
                    format!("{} {} {}", error.code, error.status, error.field)
                }
                None => "nothing".to_owned(),
            })
            .collect();
        assert_eq!(
            told,
            [
                "OUTCOME_ROUTED",
                "MISSING_TEXT 3 text",
                "OUTCOME_REJECTED",
                "OUTCOME_NOTHING_FITS",
                "UNKNOWN_REVISION 5 "
            ]
        );
    });
}

#[test]
fn a_batch_is_bounded_and_answers_in_order() {
    let engine = engine_asking(ASKS, Arc::new(Host(|question| {
        let is_even = question.user.contains("even");
        Box::pin(async move {
            if is_even {
                tokio::task::yield_now().await;
            }
            Some(if is_even { "billing" } else { "general" }.to_owned())
        })
    })));
    run(async {
        let requests = (0..1_024).map(|n| text(if n % 2 == 0 { "even" } else { "odd" }));
        let batch = v1::RouteBatchRequest { requests: requests.collect() };
        let mut too_many = batch.clone();
        too_many.requests.push(text("x"));
        let refused = service::route_batch(&engine, too_many, &context()).await.expect_err("too many");
        assert_eq!(named(&refused), ("TOO_MANY_REQUESTS", "requests"));
        let answers = service::route_batch(&engine, batch, &context()).await.expect("an answer");
        assert_eq!(answers.results.len(), 1_024);
        for (place, result) in answers.results.into_iter().enumerate() {
            let Some(v1::route_result::Result::Response(response)) = result.result else {
                panic!("{place}: no answer");
            };
            let wanted = if place % 2 == 0 { "billing" } else { "general" };
            assert_eq!(decision(response).route.as_deref(), Some(wanted), "{place}");
        }
    });
}

#[test]
fn an_explanation_is_of_the_decision_and_its_answer() {
    let engine = engine(ASKS);
    run(async {
        for (answer, reason) in [
            (None, "DEFAULT_META_LLM_DECLINED"),
            (Some(("billing", span(0, 0))), "META_LLM"),
            (Some(("billing", span(1, 0))), "DEFAULT_META_LLM_LATE"),
        ] {
            let request = v1::RouteRequest {
                answer: answer.map(|(label, waited)| v1::Answer {
                    label: Some(label.to_owned()),
                    waited: Some(waited),
                }),
                return_question: true,
                ..text("hello")
            };
            let request = v1::ExplainRequest { request: Some(request) };
            let told = service::explain(&engine, request, &context()).await.expect("an answer");
            let told = told.explanation.expect("an explanation");
            let json: serde_json::Value = serde_json::from_str(&told.json).expect("JSON");
            assert_eq!(json["code"], reason);
            let decided = told.decision.expect("a decision");
            assert_eq!(decided.reason.map(|why| why.code).as_deref(), Some(reason));
            assert_eq!(json["decision"]["route"].as_str(), decided.route.as_deref());
            assert!(told.text.contains(reason), "{}", told.text);
            assert_eq!((&*told.stages[0].stage, told.models.len()), ("meta_llm", 1));
        }
        let bad = v1::ExplainRequest {
            request: Some(limited(v1::Limits { min_quality: Some(2.0), ..v1::Limits::default() })),
        };
        let refused = service::explain(&engine, bad, &context()).await.expect_err("a defect");
        assert_eq!(named(&refused), ("INVALID_LIMIT", "request.limits.min_quality"));
        let refused = service::explain(&engine, v1::ExplainRequest::default(), &context()).await;
        assert_eq!(named(&refused.expect_err("no request")), ("MISSING_TEXT", "request"));
    });
}

#[test]
fn a_servicer_answers_bytes_as_the_server_does() {
    let engine = engine(ASKS);
    let snapshot = Arc::clone(&engine.revisions.active().snapshot);
    let servicer = Servicer::new(snapshot, None);
    let request = text("hello");
    let answer = |label: Option<&'static str>| {
        let ask = move |_: &fastroute_core::Question| label.map(str::to_owned);
        let bytes = servicer.answer("Route", &request.encode_to_vec(), &ask).expect("an answer");
        decision(v1::RouteResponse::decode(&*bytes).expect("a message"))
    };
    assert_eq!(answer(Some("billing")).route.as_deref(), Some("billing"));
    let own = run(decide(&engine, request.clone()));
    let same = v1::Decision {
        id: own.id.clone(),
        report_token: own.report_token.clone(),
        ..answer(None)
    };
    assert_eq!(same, own);
    let ask = |_: &fastroute_core::Question| None;
    let refused = servicer.answer("Route", &[0x0a, 9], &ask).expect_err("cut off");
    assert_eq!(refused.code(), "MALFORMED_MESSAGE");
    let refused = servicer.answer("RouteStream", b"", &ask).expect_err("not unary");
    assert_eq!(refused.code(), "UNKNOWN_METHOD");
}
