//! Reports: who may report what, once; a token is good on every replica with the key and for nobody else.

mod calling;

use std::sync::Arc;

use calling::{RULED, context, context_of, decision, engine, named, run, text};
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::report::Reports;
use fastroute_server::{CallContext, service};

async fn decide(engine: &Engine, context: &CallContext) -> v1::Decision {
    let answer = service::route(engine, text("hello"), context).await;
    decision(answer.expect("an answer"))
}

fn success(decision: &v1::Decision) -> v1::OutcomeReport {
    v1::OutcomeReport {
        report_token: decision.report_token.clone(),
        model: decision.model.clone().expect("a plan"),
        outcome: v1::AttemptOutcome::Success.into(),
        input_tokens: Some(10),
        ..v1::OutcomeReport::default()
    }
}

async fn report(
    engine: &Engine,
    context: &CallContext,
    reports: Vec<v1::OutcomeReport>,
) -> Vec<(v1::ReportStatus, String)> {
    let request = v1::ReportOutcomesRequest { reports };
    let answer = service::report_outcomes(engine, request, context).await;
    let results = answer.expect("an answer").results.into_iter();
    results
        .map(|result| (result.status(), result.code))
        .collect()
}

fn accepted() -> (v1::ReportStatus, String) {
    (v1::ReportStatus::Accepted, String::new())
}

fn refused(code: &str) -> (v1::ReportStatus, String) {
    (v1::ReportStatus::Refused, code.to_owned())
}

#[test]
fn the_first_report_of_an_attempt_counts_and_the_second_is_a_duplicate() {
    let engine = engine(RULED);
    run(async {
        let decided = decide(&engine, &context()).await;
        let first = success(&decided);
        let second = v1::OutcomeReport {
            attempt: 1,
            model: decided.fallbacks[0].clone(),
            ..first.clone()
        };
        let reports = vec![first.clone(), second.clone(), first.clone()];
        let duplicate = (v1::ReportStatus::Duplicate, String::new());
        assert_eq!(
            report(&engine, &context(), reports).await,
            [accepted(), accepted(), duplicate.clone()]
        );
        assert_eq!(report(&engine, &context(), vec![second]).await, [duplicate]);
        let other = success(&decide(&engine, &context()).await);
        assert_eq!(report(&engine, &context(), vec![other]).await, [accepted()]);
    });
}

#[test]
fn a_report_that_is_malformed_or_of_another_plan_is_refused_on_its_own() {
    let engine = engine(RULED);
    run(async {
        let good = success(&decide(&engine, &context()).await);
        let negative = Some(pbjson_types::Duration {
            seconds: -1,
            nanos: 0,
        });
        let reports = vec![
            v1::OutcomeReport {
                outcome: 0,
                ..good.clone()
            },
            v1::OutcomeReport {
                outcome: 99,
                ..good.clone()
            },
            v1::OutcomeReport {
                attempt: 256,
                ..good.clone()
            },
            v1::OutcomeReport {
                latency: negative,
                ..good.clone()
            },
            v1::OutcomeReport {
                first_token: negative,
                ..good.clone()
            },
            v1::OutcomeReport {
                model: "huge".to_owned(),
                ..good.clone()
            },
            v1::OutcomeReport {
                report_token: Vec::new(),
                ..good.clone()
            },
            v1::OutcomeReport {
                attempt: 255,
                ..good
            },
        ];
        let wanted = [
            refused("INVALID_REPORT"),
            refused("INVALID_REPORT"),
            refused("INVALID_REPORT"),
            refused("INVALID_REPORT"),
            refused("INVALID_REPORT"),
            refused("MODEL_NOT_IN_PLAN"),
            refused("INVALID_TOKEN"),
            accepted(),
        ];
        assert_eq!(report(&engine, &context(), reports).await, wanted);
    });
}

#[test]
fn a_token_with_any_bit_changed_or_cut_off_is_none() {
    let engine = engine(RULED);
    run(async {
        let good = success(&decide(&engine, &context()).await);
        let length = good.report_token.len();
        let mut reports = Vec::new();
        for bit in 0..8 * length {
            let mut changed = good.clone();
            changed.report_token[bit / 8] ^= 1 << (bit % 8);
            reports.push(changed);
        }
        for end in 0..length {
            reports.push(v1::OutcomeReport {
                report_token: good.report_token[..end].to_vec(),
                ..good.clone()
            });
        }
        for some in reports.chunks(1_024) {
            for result in report(&engine, &context(), some.to_vec()).await {
                assert_eq!(result, refused("INVALID_TOKEN"));
            }
        }
    });
}

#[test]
fn another_callers_token_is_as_good_as_none() {
    let engine = engine(RULED);
    run(async {
        let (shop, bank) = (context_of("shop"), context_of("bank"));
        let good = success(&decide(&engine, &shop).await);
        for other in [&bank, &context()] {
            assert_eq!(
                report(&engine, other, vec![good.clone()]).await,
                [refused("INVALID_TOKEN")]
            );
        }
        assert_eq!(report(&engine, &shop, vec![good]).await, [accepted()]);
    });
}

#[test]
fn a_token_is_good_on_every_replica_with_the_key() {
    let mut replicas = [engine(RULED), engine(RULED), engine(RULED)];
    for (replica, key) in replicas.iter_mut().zip([7, 7, 8]) {
        let engine = Arc::get_mut(replica).expect("the only one");
        engine.reports = Reports::new(Some([key; 32]), Arc::clone(&engine.metrics));
    }
    run(async {
        let [first, second, third] = &replicas;
        let good = success(&decide(first, &context()).await);
        assert_eq!(
            report(second, &context(), vec![good.clone()]).await,
            [accepted()]
        );
        assert_eq!(
            report(third, &context(), vec![good]).await,
            [refused("INVALID_TOKEN")]
        );
    });
}

#[test]
fn reports_are_bounded_in_one_call() {
    let engine = engine(RULED);
    run(async {
        let reports = vec![v1::OutcomeReport::default(); 1_025];
        let request = v1::ReportOutcomesRequest { reports };
        let refusal = service::report_outcomes(&engine, request, &context()).await;
        assert_eq!(
            named(&refusal.expect_err("too many")),
            ("TOO_MANY_REPORTS", "reports")
        );
    });
}

#[test]
fn decisions_have_names_of_their_own() {
    let engine = engine(RULED);
    run(async {
        let first = decide(&engine, &context()).await;
        let second = decide(&engine, &context()).await;
        assert_ne!(first.id, second.id);
        let id: uuid::Uuid = first.id.parse().expect("a UUID");
        assert_eq!(id.get_version_num(), 7);
    });
}

#[test]
fn what_was_reported_is_counted() {
    let engine = engine(RULED);
    run(async {
        let good = success(&decide(&engine, &context()).await);
        report(&engine, &context(), vec![good.clone(), good]).await;
        let text = engine.metrics.encode();
        for line in ["accepted", "duplicate", "success"] {
            assert!(text.contains(&format!("\"{line}\"")), "{line}: {text}");
        }
    });
}
