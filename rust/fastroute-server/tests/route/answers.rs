//! Answers: what each view holds, who is asked, and what a deadline or a panic does.

use std::sync::Arc;
use std::time::Duration;

use fastroute_proto::v1;
use fastroute_server::service;

use crate::calling::{
    ASKS, Host, RULED, context, context_with, engine, engine_asking, question, run, text,
};
use crate::{decide, refuse, span};

#[test]
fn the_basic_view_has_no_sentence_and_the_full_one_has_all() {
    let engine = engine(RULED);
    run(async {
        let basic = decide(&engine, text("hello")).await;
        assert_eq!(
            basic.reason.as_ref().map(|reason| &*reason.sentence),
            Some("")
        );
        assert_eq!(basic.deployments.len(), 1);
        let full = v1::RouteRequest {
            view: v1::DecisionView::Full.into(),
            task: Some("nothing".to_owned()),
            ..text("hello")
        };
        let full = decide(&engine, full).await;
        assert!(
            full.reason
                .is_some_and(|reason| reason.sentence.contains("general"))
        );
        assert_eq!(full.deployments.len(), 1 + full.fallbacks.len());
        assert_eq!(full.fallbacks.len(), 2);
        assert_eq!(full.notes[0].code, "UNKNOWN_TASK");
        assert!(!full.notes[0].sentence.is_empty());
        assert_eq!(
            full.deployments[0].base_url.as_deref(),
            Some("http://127.0.0.1:11434/v1")
        );
        let nothing = v1::RouteRequest {
            unavailable_models: vec!["small".into(), "middle".into(), "large".into()],
            view: v1::DecisionView::Full.into(),
            ..text("hello")
        };
        let nothing = decide(&engine, nothing).await;
        assert_eq!(nothing.outcome(), v1::Outcome::NothingFits);
        assert_eq!(nothing.missing.len(), 3);
        assert_eq!(nothing.missing[0].message, "`small` cannot serve now");
        assert!(
            nothing.report_token.is_empty(),
            "there is no plan to report on"
        );
    });
}

#[test]
fn the_prompt_is_rendered_when_it_is_asked_for() {
    let engine = engine(RULED);
    run(async {
        let request = v1::RouteRequest {
            render: Some(v1::Render {
                context: "a leaf".to_owned(),
            }),
            ..text("hello")
        };
        let messages = decide(&engine, request).await.messages;
        let lines: Vec<_> = messages
            .iter()
            .map(|line| (&*line.role, &*line.content, line.source))
            .collect();
        assert_eq!(
            lines,
            [
                ("system", "You are brief.", None),
                ("user", "Said: hello Found: a leaf", Some(0))
            ]
        );
        assert!(decide(&engine, text("hello")).await.messages.is_empty());
    });
}

#[test]
fn a_refused_request_is_a_decision() {
    let engine = engine(RULED);
    run(async {
        let refused = decide(&engine, text("poison")).await;
        assert_eq!(refused.outcome(), v1::Outcome::Rejected);
        assert_eq!(
            refused.message.as_deref(),
            Some("We do not help with that.")
        );
        assert_eq!(
            (refused.route, refused.model, refused.estimates),
            (None, None, None)
        );
    });
}

#[test]
fn a_question_is_sent_back_and_its_answer_decides() {
    let engine = engine(ASKS);
    run(async {
        let asking = v1::RouteRequest {
            return_question: true,
            ..text("the invoice")
        };
        let asked = service::route(&engine, asking.clone(), &context())
            .await
            .expect("an answer");
        let asked = question(asked);
        assert_eq!(
            (&*asked.model, &*asked.labels.join(" ")),
            ("small", "general billing none_of_these")
        );
        assert_eq!(
            asked.deployment.as_ref().map(|at| &*at.provider),
            Some("near")
        );
        assert!(asked.user.contains("the invoice") && asked.system.contains("Invoices"));
        assert_eq!(asked.timeout, Some(span(0, 800_000_000)));
        for (label, waited, reason) in [
            (Some(" billing "), None, "META_LLM"),
            (Some("billing"), Some(span(0, 800_000_000)), "META_LLM"),
            (
                Some("billing"),
                Some(span(0, 800_001_000)),
                "DEFAULT_META_LLM_LATE",
            ),
            (Some("else"), None, "DEFAULT_META_LLM_UNKNOWN"),
            (Some("none_of_these"), None, "DEFAULT_META_LLM_NONE"),
            (None, None, "DEFAULT_META_LLM_DECLINED"),
        ] {
            let answered = v1::RouteRequest {
                answer: Some(v1::Answer {
                    label: label.map(str::to_owned),
                    waited,
                }),
                revision: asked.revision.clone(),
                ..asking.clone()
            };
            let decided = decide(&engine, answered).await;
            assert_eq!(
                decided.reason.map(|reason| reason.code).as_deref(),
                Some(reason)
            );
        }
        let declined = decide(&engine, text("the invoice")).await;
        assert_eq!(
            declined.reason.map(|reason| reason.code).as_deref(),
            Some("DEFAULT_META_LLM_DECLINED")
        );
    });
}

#[test]
fn the_host_is_asked_within_the_timeout_and_the_deadline() {
    let answers = engine_asking(
        ASKS,
        Arc::new(Host(|question| {
            let label = question.labels[1].clone();
            Box::pin(async move { Some(label) })
        })),
    );
    let silent = engine_asking(ASKS, Arc::new(Host(|_| Box::pin(std::future::pending()))));
    run(async {
        assert_eq!(
            decide(&answers, text("x")).await.route.as_deref(),
            Some("billing")
        );
        let late = decide(&silent, text("x")).await;
        assert_eq!(
            late.reason.map(|reason| reason.code).as_deref(),
            Some("DEFAULT_META_LLM_LATE")
        );
        let soon = context_with(Some(Duration::from_millis(20)));
        let refused = service::route(&silent, text("x"), &soon)
            .await
            .expect_err("no time");
        assert_eq!(refused.code(), "DEADLINE_EXCEEDED");
    });
}

#[test]
fn nothing_is_decided_after_the_deadline() {
    let engine = engine(RULED);
    let late = context_with(None);
    run(async {
        let refused = service::route(&engine, text("x"), &late)
            .await
            .expect_err("no time");
        assert_eq!(
            (refused.code(), refused.http_status()),
            ("DEADLINE_EXCEEDED", 504)
        );
        let batch = v1::RouteBatchRequest {
            requests: vec![text("x")],
        };
        let refused = service::route_batch(&engine, batch, &late)
            .await
            .expect_err("no time");
        assert_eq!(refused.code(), "DEADLINE_EXCEEDED");
        let explain = v1::ExplainRequest {
            request: Some(text("x")),
        };
        let refused = service::explain(&engine, explain, &late)
            .await
            .expect_err("no time");
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
                answer: Some(v1::Answer {
                    label: Some("billing".to_owned()),
                    waited: None,
                }),
                ..text("x")
            };
            assert_eq!(
                decide(&engine, answered).await.route.as_deref(),
                Some("billing")
            );
        });
    }
}
