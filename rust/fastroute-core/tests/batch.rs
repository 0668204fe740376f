//! Rows of a batch are what single decisions say, whatever stands beside them.

use std::sync::Arc;

use fastroute_core::config::{self, Config, Format, NoFiles, OnTooLong, Source, Split};
use fastroute_core::{
    Answer, Decision, Now, Request, Row, SessionInput, Snapshot, Step, View, Workspace, decide,
    decide_batch,
};

#[path = "support/generate.rs"]
mod generate;
#[expect(
    dead_code,
    reason = "every question of a batch is declined, so no answer is read"
)]
#[path = "random/requests.rs"]
mod requests;
#[expect(dead_code, reason = "only what changes plans is of interest here")]
#[path = "random/stretch.rs"]
mod stretch;

use requests::{Asked, Requests};

/// Random configurations, and requests of each.
const CONFIGURATIONS: u64 = 150;
const REQUESTS: usize = 40;

/// Lends all requests at once.
fn lend_all(rest: &[Asked], lent: &[Request<'_>], run: &mut dyn FnMut(&[Request<'_>])) {
    match rest.split_first() {
        None => run(lent),
        Some((first, rest)) => first.lend(|request| {
            let mut more = lent.to_vec();
            more.push(*request);
            lend_all(rest, &more, run);
        }),
    }
}

/// A single decision; a question is declined.
fn single(snapshot: &Arc<Snapshot>, request: &Request<'_>, view: &View) -> Decision {
    let now = Now::default();
    match decide(snapshot, request, view, now, 0, &mut Workspace::new()) {
        Ok(Step::Decided(decision)) => decision,
        Ok(Step::Ask(pending)) => pending.resume(Answer::Declined, view, now),
        Err(refused) => panic!("refused: {refused}"),
    }
}

fn row_of(decision: &Decision) -> Row {
    Row {
        outcome: decision.outcome(),
        reason: *decision.reason(),
        route: decision.route_id(),
        model: decision.model_id(),
        prompt: decision.prompt_id(),
        route_confidence: decision.route_confidence(),
        difficulty: decision.difficulty(),
        estimates: decision.estimates().copied(),
    }
}

/// The same with every other text that is too long split instead of given to a larger model.
fn shortened(mut config: Config) -> Config {
    for route in config.routes.iter_mut().step_by(2) {
        if route.on_too_long == OnTooLong::Larger {
            route.on_too_long = OnTooLong::Split(Split {
                overlap_tokens: 0,
                max_parts: 50,
                reduce: "Join them.".to_owned(),
            });
        }
    }
    config
}

fn snapshot(text: &str) -> Arc<Snapshot> {
    let source = Source {
        name: "batch.json",
        text,
        format: Format::Json,
    };
    let loaded = config::load(&source, &NoFiles).expect("the configuration loads");
    Arc::new(Snapshot::build(&loaded, None).expect("the configuration builds"))
}

#[test]
fn rows_equal_single_decisions() {
    let mut codes = std::collections::BTreeMap::new();
    let mut workspace = Workspace::new();
    for seed in 0..CONFIGURATIONS {
        // Half of them with live state, cascades and last resorts.
        let is_lively = seed % 2 == 1;
        let config = if is_lively {
            shortened(stretch::lively(seed))
        } else {
            generate::config(seed)
        };
        let json = serde_json::to_string(&config).expect("a configuration is serialisable");
        let snapshot = snapshot(&json);
        let mut drawn = Requests::new(&config, seed);
        let asked: Vec<Asked> = std::iter::repeat_with(|| drawn.draw())
            .filter(|asked| !asked.is_refused())
            .take(REQUESTS)
            .collect();
        let mut view = View::healthy();
        for place in &asked[0].unavailable {
            let name = &config.models[*place].name;
            view.mark_unavailable(
                snapshot
                    .catalogue()
                    .model_named(name)
                    .expect("it is listed"),
            );
        }
        let live = if is_lively { drawn.live() } else { Vec::new() };
        for (model, state) in live {
            *view.state_mut(model) = state;
        }
        lend_all(&asked, &[], &mut |requests| {
            let began = Request {
                session: Some(SessionInput {
                    state: &[],
                    unix_us: 0,
                }),
                ..requests[0]
            };
            let state = single(&snapshot, &began, &view).session(Now::default());
            let state = state.expect("a session");
            let mut given = requests.to_vec();
            for request in given.iter_mut().step_by(2).filter(|_| is_lively) {
                request.session = Some(SessionInput {
                    state: &state,
                    unix_us: 1,
                });
            }
            let requests = &given[..];
            let mut rows = Vec::new();
            decide_batch(
                &snapshot,
                requests.iter().copied(),
                &view,
                &mut workspace,
                |place, row| {
                    assert_eq!(place, rows.len(), "rows come in order");
                    rows.push(*row);
                },
            )
            .expect("all are within limits");
            assert_eq!(rows.len(), requests.len());
            for (place, (row, request)) in rows.iter().zip(requests).enumerate() {
                let expected = row_of(&single(&snapshot, request, &view));
                assert_eq!(*row, expected, "configuration {seed}, request {place}");
                *codes.entry(expected.reason.code()).or_insert(0) += 1;
            }
        });
    }
    println!("compared: {codes:?}");
    for code in [
        "DEFAULT_META_LLM_DECLINED",
        "NOTHING_FITS",
        "REJECTED",
        "RULE",
        "SIMILARITY",
        "TASK_FLAG",
    ] {
        assert!(codes.contains_key(code), "never seen: {code}");
    }
}

#[test]
fn the_first_refused_request_is_named_by_its_place() {
    let snapshot = snapshot(&generate::json(1));
    let mut refused = Request::text("hello");
    refused.limits.max_cost = Some(f64::NAN);
    for place in [0, 1, 15, 16, 40] {
        let requests = (0..60).map(|at| {
            if at == place || at == 59 {
                refused
            } else {
                Request::text("hello")
            }
        });
        let failed = decide_batch(
            &snapshot,
            requests,
            &View::healthy(),
            &mut Workspace::new(),
            |_, _| (),
        );
        let error = failed.expect_err("is refused");
        assert_eq!((error.index, error.error.code()), (place, "INVALID_LIMIT"));
    }
}
