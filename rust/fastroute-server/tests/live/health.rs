//! What reports do to later decisions, in whose scope, and who probes a model that recovers.

use super::*;
use calling::{RULED, engine, run};
use fastroute_server::revisions::{Cause, ReloadFrom};

const SMALL: &str = "near:small";

#[test]
fn a_model_whose_calls_fail_is_left_out_of_the_next_decision() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let first = decide(&engine, &context).await;
        assert_eq!(first.model.as_deref(), Some("small"));
        trip(&engine, &context).await;
        let next = decide(&engine, &context).await;
        assert_eq!(next.model.as_deref(), Some("middle"));
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::Open);
        let explained = v1::ExplainRequest {
            request: Some(text("hello")),
        };
        let explained = service::explain(&engine, explained, &context).await;
        let explained = explained.expect("an answer").explanation.expect("one");
        let small = explained.models.iter().find(|line| line.model == "small");
        assert_eq!(small.expect("small").missing[0].code, "BREAKER_OPEN");
    });
}

#[test]
fn one_of_a_thousand_decisions_probes_a_model_that_recovers_and_its_success_brings_it_back() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        trip(&engine, &context).await;
        engine.clock.advance(LATER);
        let mut probes = Vec::new();
        for _ in 0..1_000 {
            let decision = decide(&engine, &context).await;
            match decision.model.as_deref() {
                Some("small") => probes.push(decision),
                other => assert_eq!(other, Some("middle")),
            }
        }
        assert_eq!(probes.len(), 1, "one place to probe");
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::HalfOpen);
        report(&engine, &probes[0], Told::Success, &context).await;
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::Closed);
        assert_eq!(
            decide(&engine, &context).await.model.as_deref(),
            Some("small")
        );
    });
}

#[test]
fn a_batch_and_a_stream_of_calls_claim_probes_as_single_calls_do() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        trip(&engine, &context).await;
        engine.clock.advance(LATER);
        let batch = v1::RouteBatchRequest {
            requests: vec![text("hello"); 20],
        };
        let answer = service::route_batch(&engine, batch, &context).await;
        let models = answer
            .expect("an answer")
            .results
            .into_iter()
            .map(|result| match result.result {
                Some(v1::route_result::Result::Response(response)) => decision(response).model,
                other => panic!("{other:?}"),
            });
        let small = models.filter(|model| model.as_deref() == Some("small"));
        assert_eq!(small.count(), 1);
    });
}

#[test]
fn a_probe_that_nobody_reports_gives_its_place_back_and_a_late_report_counts_no_more() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        trip(&engine, &context).await;
        engine.clock.advance(LATER);
        let lost = decide(&engine, &context).await;
        assert_eq!(lost.model.as_deref(), Some("small"));
        assert_eq!(
            decide(&engine, &context).await.model.as_deref(),
            Some("middle")
        );
        engine.clock.advance(Duration::from_secs(31));
        let second = decide(&engine, &context).await;
        assert_eq!(
            second.model.as_deref(),
            Some("small"),
            "the lease has run out"
        );
        report(&engine, &lost, Told::Success, &context).await;
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::HalfOpen);
        report(&engine, &second, Told::ServerError, &context).await;
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::Open);
    });
}

#[test]
fn what_was_decided_before_the_breaker_opened_moves_nothing_and_is_counted() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let early = decide(&engine, &context).await;
        trip(&engine, &context).await;
        let status = report(&engine, &early, Told::Success, &context).await;
        assert_eq!(
            status,
            v1::ReportStatus::Accepted,
            "the call is right, and late"
        );
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::Open);
        let counts = health(&engine).await.counts.expect("counts");
        assert_eq!(counts.stale_outcomes, 1);
    });
}

#[test]
fn a_report_told_twice_and_one_of_a_stranger_are_counted_and_move_nothing() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let decision = decide(&engine, &context).await;
        for expected in [v1::ReportStatus::Accepted, v1::ReportStatus::Duplicate] {
            assert_eq!(
                report(&engine, &decision, Told::ServerError, &context).await,
                expected
            );
        }
        let other = context_of("another");
        let refused = report(&engine, &decision, Told::ServerError, &other).await;
        assert_eq!(refused, v1::ReportStatus::Refused);
        let counts = health(&engine).await.counts.expect("counts");
        assert_eq!((counts.duplicate_outcomes, counts.unknown_outcomes), (1, 1));
    });
}

#[test]
fn when_no_model_can_be_called_the_decision_says_when_to_try_again() {
    let single = RULED.replace(
        "routes: [{name: general,",
        "routes: [{name: general, choose: [small],",
    );
    let engine = engine(&single);
    let context = context_of("checkout");
    run(async {
        trip(&engine, &context).await;
        let decision = decide(&engine, &context).await;
        assert_eq!(decision.outcome(), v1::Outcome::NothingFits);
        let [small] = &decision.missing[..] else {
            panic!("{:?}", decision.missing)
        };
        assert_eq!(small.code, "BREAKER_OPEN");
        let wait = small.retry_after.as_ref().expect("a time").seconds;
        assert!((1..=20).contains(&wait), "{wait} s");
        assert!(decision.report_token.is_empty());
    });
}

#[test]
fn a_rate_limit_keeps_calls_away_for_the_time_that_the_report_says() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let decision = decide(&engine, &context).await;
        let limited = v1::OutcomeReport {
            outcome: Told::RateLimited.into(),
            retry_after: Some(span(90_000)),
            ..about(&decision)
        };
        send(&engine, limited, &context).await;
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::Cooling);
        engine.clock.advance(Duration::from_secs(89));
        assert_eq!(
            super::decide(&engine, &context).await.model.as_deref(),
            Some("middle")
        );
        engine.clock.advance(Duration::from_secs(2));
        assert_eq!(
            super::decide(&engine, &context).await.model.as_deref(),
            Some("small")
        );
        let account = v1::OutcomeReport {
            outcome: Told::RateLimited.into(),
            limit_scope: v1::LimitScope::Credential.into(),
            ..about(&super::decide(&engine, &context).await)
        };
        send(&engine, account, &context).await;
        let far = super::decide(&engine, &context).await;
        assert_eq!(
            far.model.as_deref(),
            Some("large"),
            "small and middle share a key"
        );
    });
}

#[test]
fn reported_latencies_replace_those_of_the_configuration() {
    let fastest = RULED.replace("objective: cheapest", "objective: fastest");
    let engine = engine(&fastest);
    let context = context_of("checkout");
    run(async {
        let first = decide(&engine, &context).await;
        assert_eq!(
            first.model.as_deref(),
            Some("middle"),
            "as the configuration says"
        );
        for _ in 0..50 {
            let decision = decide(&engine, &context).await;
            if decision.model.as_deref() != Some("middle") {
                return;
            }
            let slow = v1::OutcomeReport {
                outcome: Told::Success.into(),
                first_token: Some(span(9_000)),
                latency: Some(span(30_000)),
                input_tokens: Some(10),
                output_tokens: Some(100),
                ..about(&decision)
            };
            send(&engine, slow, &context).await;
        }
        panic!("a model that takes 30 s is still the fastest");
    });
}

#[test]
fn a_reload_keeps_the_health_of_what_it_keeps_and_forgets_what_is_gone() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let before = decide(&engine, &context).await;
        trip(&engine, &context).await;
        let reload = |content: String| {
            let format = fastroute_core::config::Format::Yaml;
            let from = ReloadFrom::Text { content, format };
            engine.revisions.reload(from, true, Cause::Reload, "test")
        };
        let dearer = RULED.replace("input: 0.1", "input: 0.2");
        reload(dearer.clone()).await.expect("a good configuration");
        assert_eq!(state(&engine, SMALL).await, v1::HealthState::Open);
        assert_eq!(
            decide(&engine, &context).await.model.as_deref(),
            Some("middle")
        );
        // Another model of the provider takes the name: what was reported of the old one is not its own.
        let renamed = dearer.replace(
            "{name: small, provider: near,",
            "{name: small, provider: near, model: small-2,",
        );
        reload(renamed).await.expect("a good configuration");
        assert_eq!(
            decide(&engine, &context).await.model.as_deref(),
            Some("small")
        );
        let listed = health(&engine).await;
        assert!(
            listed.targets.iter().all(|line| line.target != SMALL),
            "dropped"
        );
        let late = v1::OutcomeReport {
            outcome: Told::ServerError.into(),
            attempt: 7,
            ..about(&before)
        };
        assert_eq!(
            send(&engine, late, &context).await,
            v1::ReportStatus::Accepted
        );
        let counts = health(&engine).await.counts.expect("counts");
        assert_eq!(counts.unknown_outcomes, 1, "its model serves no more");
    });
}

#[test]
fn health_that_is_not_shared_is_each_callers_own() {
    let scoped = format!("{RULED}resilience: {{scope: application}}\n");
    let engine = engine(&scoped);
    let (ours, theirs) = (context_of("ours"), context_of("theirs"));
    run(async {
        trip(&engine, &theirs).await;
        assert_eq!(
            decide(&engine, &theirs).await.model.as_deref(),
            Some("middle")
        );
        assert_eq!(decide(&engine, &ours).await.model.as_deref(), Some("small"));
    });
}

#[test]
fn reports_of_a_caller_that_is_not_trusted_move_its_own_decisions_alone() {
    let engine = engine(RULED);
    let ours = context_of("ours");
    let stranger = with(Caller {
        application: "stranger".into(),
        is_trusted: false,
        ..Caller::default()
    });
    run(async {
        trip(&engine, &stranger).await;
        assert_eq!(
            decide(&engine, &stranger).await.model.as_deref(),
            Some("middle")
        );
        assert_eq!(decide(&engine, &ours).await.model.as_deref(), Some("small"));
        trip(&engine, &ours).await;
        let both = decide(&engine, &stranger).await;
        assert_eq!(
            both.model.as_deref(),
            Some("middle"),
            "what is shared holds for it too"
        );
    });
}

#[test]
fn feedback_comes_with_an_outcome_or_later_and_counts_once() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let decision = decide(&engine, &context).await;
        report(&engine, &decision, Told::Success, &context).await;
        let thumbs = |score| v1::OutcomeReport {
            feedback: Some(v1::Feedback {
                kind: "thumbs".to_owned(),
                score,
            }),
            ..about(&decision)
        };
        assert_eq!(
            send(&engine, thumbs(1.0), &context).await,
            v1::ReportStatus::Accepted
        );
        assert_eq!(
            send(&engine, thumbs(0.0), &context).await,
            v1::ReportStatus::Duplicate
        );
        for score in [-0.1, 1.1, f64::NAN] {
            let refused = send(&engine, thumbs(score), &context).await;
            assert_eq!(refused, v1::ReportStatus::Refused, "{score}");
        }
        let now = engine.clock.now();
        let feedback = engine.revisions.live().figures(now).feedback;
        assert_eq!(feedback.len(), 1);
        assert_eq!((&*feedback[0].model, feedback[0].count), ("small", 1));
    });
}
