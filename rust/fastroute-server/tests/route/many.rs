//! Many requests in one call, and why one came to its decision.

use std::sync::Arc;

use fastroute_proto::v1;
use fastroute_server::service;

use crate::calling::{
    ASKS, Host, RULED, context, decision, engine, engine_asking, named, run, text,
};
use crate::{limited, span};

#[test]
fn one_bad_request_of_a_batch_is_its_own_error() {
    let engine = engine(RULED);
    run(async {
        let long = text(&"word ".repeat(100_000));
        let unknown = v1::RouteRequest {
            revision: "0123456789abcdef".to_owned(),
            ..text("x")
        };
        let requests = vec![
            text("hello"),
            v1::RouteRequest::default(),
            text("poison"),
            long,
            unknown,
        ];
        let batch = v1::RouteBatchRequest { requests };
        let answers = service::route_batch(&engine, batch, &context())
            .await
            .expect("an answer");
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
    let engine = engine_asking(
        ASKS,
        Arc::new(Host(|question| {
            let is_even = question.user.contains("even");
            Box::pin(async move {
                if is_even {
                    tokio::task::yield_now().await;
                }
                Some(if is_even { "billing" } else { "general" }.to_owned())
            })
        })),
    );
    run(async {
        let requests = (0..1_024).map(|n| text(if n % 2 == 0 { "even" } else { "odd" }));
        let batch = v1::RouteBatchRequest {
            requests: requests.collect(),
        };
        let mut too_many = batch.clone();
        too_many.requests.push(text("x"));
        let refused = service::route_batch(&engine, too_many, &context())
            .await
            .expect_err("too many");
        assert_eq!(named(&refused), ("TOO_MANY_REQUESTS", "requests"));
        let answers = service::route_batch(&engine, batch, &context())
            .await
            .expect("an answer");
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
            let request = v1::ExplainRequest {
                request: Some(request),
            };
            let told = service::explain(&engine, request, &context())
                .await
                .expect("an answer");
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
            request: Some(limited(v1::Limits {
                min_quality: Some(2.0),
                ..v1::Limits::default()
            })),
        };
        let refused = service::explain(&engine, bad, &context())
            .await
            .expect_err("a defect");
        assert_eq!(
            named(&refused),
            ("INVALID_LIMIT", "request.limits.min_quality")
        );
        let refused = service::explain(&engine, v1::ExplainRequest::default(), &context()).await;
        assert_eq!(
            named(&refused.expect_err("no request")),
            ("MISSING_TEXT", "request")
        );
    });
}
