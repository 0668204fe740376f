//! Two callers of one server: whatever one does, the other's decisions and reports come out as if it were alone.
//!
//! Health is shared unless the configuration says otherwise, so here it says that each application has its own.

mod calling;

use calling::{RULED, context_of, decision, engine, run, text};
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::{CallContext, service};
use proptest::prelude::*;

const FAILS: v1::AttemptOutcome = v1::AttemptOutcome::ServerError;

/// What moves no figure of ours: those fade with time, and time is not the same for two engines.
const SAYS_NOTHING: v1::AttemptOutcome = v1::AttemptOutcome::Cancelled;

/// What the other caller does between two calls of ours.
#[derive(Clone, Debug)]
enum Deed {
    Batch(Vec<String>),
    Broken,
    Decide(String),
    Explain(String),
    ReportOurs(u32),
    ReportTheirs(u32),
    Unavailable,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let words = "[a-z ]{0,24}|poison";
    let deed = prop_oneof![
        prop::collection::vec(words, 0..4).prop_map(Deed::Batch),
        Just(Deed::Broken),
        words.prop_map(Deed::Decide),
        words.prop_map(Deed::Explain),
        (0u32..3).prop_map(Deed::ReportOurs),
        (0u32..3).prop_map(Deed::ReportTheirs),
        Just(Deed::Unavailable),
    ];
    prop::collection::vec(deed, 0..12)
}

async fn do_it(engine: &Engine, they: &CallContext, deed: &Deed, ours: &v1::Decision) {
    match deed {
        Deed::Batch(texts) => {
            let requests = texts.iter().map(|said| text(said)).collect();
            let _ = service::route_batch(engine, v1::RouteBatchRequest { requests }, they).await;
        }
        Deed::Broken => {
            let _ = service::route(engine, v1::RouteRequest::default(), they).await;
        }
        Deed::Decide(said) => {
            let _ = service::route(engine, text(said), they).await;
        }
        Deed::Explain(said) => {
            let request = Some(text(said));
            let _ = service::explain(engine, v1::ExplainRequest { request }, they).await;
        }
        Deed::ReportOurs(attempt) => {
            let verdict = report(engine, they, ours, *attempt, FAILS).await;
            assert_eq!(verdict, v1::ReportStatus::Refused);
        }
        Deed::ReportTheirs(attempt) => {
            let answer = service::route(engine, text("hello"), they).await;
            let theirs = decision(answer.expect("an answer"));
            let _ = report(engine, they, &theirs, *attempt, FAILS).await;
        }
        Deed::Unavailable => {
            let mut request = text("hello");
            request.unavailable_models = vec!["small".to_owned(), "middle".to_owned()];
            let _ = service::route(engine, request, they).await;
        }
    }
}

async fn report(
    engine: &Engine,
    context: &CallContext,
    decision: &v1::Decision,
    attempt: u32,
    outcome: v1::AttemptOutcome,
) -> v1::ReportStatus {
    let reports = vec![v1::OutcomeReport {
        report_token: decision.report_token.clone(),
        attempt,
        model: decision.model.clone().unwrap_or_default(),
        outcome: outcome.into(),
        ..v1::OutcomeReport::default()
    }];
    let request = v1::ReportOutcomesRequest { reports };
    let answer = service::report_outcomes(engine, request, context).await;
    answer.expect("an answer").results[0].status()
}

/// A decision without what names it.
fn plain(decision: &v1::Decision) -> v1::Decision {
    v1::Decision {
        id: String::new(),
        report_token: Vec::new(),
        ..decision.clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_one_caller_does_changes_nothing_for_another(
        deeds in deeds(),
        said in prop::collection::vec("[a-z ]{0,24}|poison|", 1..6),
    ) {
        let config = format!("{RULED}resilience: {{scope: application}}\n");
        let alone = engine(&config);
        let shared = engine(&config);
        let we = context_of("ours");
        let they = context_of("theirs");
        run(async {
            let mut deeds = deeds.iter().cycle().take(deeds.len() * said.len());
            for said in &said {
                let expected = service::route(&alone, text(said), &we).await.expect("an answer");
                let expected = decision(expected);
                let decided = service::route(&shared, text(said), &we).await.expect("an answer");
                let decided = decision(decided);
                for deed in deeds.by_ref().take(3) {
                    do_it(&shared, &they, deed, &decided).await;
                }
                assert_eq!(plain(&decided), plain(&expected));
                if !decided.report_token.is_empty() {
                    for (engine, decision) in [(&shared, &decided), (&alone, &expected)] {
                        let first = report(engine, &we, decision, 0, SAYS_NOTHING).await;
                        assert_eq!(first, v1::ReportStatus::Accepted);
                    }
                }
            }
        });
    }
}

#[test]
fn the_property_tells_decisions_apart() {
    let engine = engine(RULED);
    run(async {
        let one = service::route(&engine, text("hello"), &context_of("ours")).await;
        let other = service::route(&engine, text("poison"), &context_of("ours")).await;
        let (one, other) = (
            decision(one.expect("an answer")),
            decision(other.expect("an answer")),
        );
        assert_ne!(plain(&one), plain(&other));
    });
}
