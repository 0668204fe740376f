//! Ten thousand random configurations with a hundred requests each: nothing panics, nothing leaks
//! from one request to the next, and no plan holds a model that fails a demand.
//!
//! What a demand is comes from the configuration and the request alone. Permission needs the rules
//! evaluated, which only the oracle does, so it is checked for one request in ten.
//!
//! All of it takes about 105 s of one core in the test profile: 60 % to load and build, most of that
//! to train heads, since nearly every configuration has examples of its own; 15 % to decide once;
//! the rest to decide again and to check. `FASTROUTE_RANDOM_CONFIGURATIONS` asks for fewer or more.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastroute_core::config::{Capability, Config, Model, Route};
use fastroute_core::{
    Answer, Decision, Input, Outcome, Part, Request, Snapshot, View, Workspace, explain,
};

use crate::equal::{decide_through, view_of};
use crate::oracle::may_serve;
use crate::requests::{Asked, Requests, Scripted};
use crate::stretch;
use crate::support::{number, snapshot};

const REQUESTS: usize = 100;
const ERRORS: [&str; 2] = ["INVALID_LIMIT", "INVALID_METADATA"];

#[test]
fn ten_thousand_random_configurations_decide_a_hundred_requests_each() {
    let configurations = number("FASTROUTE_RANDOM_CONFIGURATIONS", 10_000);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut times = [Duration::ZERO; 3];
    let mut workspace = Workspace::new();
    for seed in 0..configurations {
        let start = Instant::now();
        let config = stretch::config(seed);
        let json = serde_json::to_string(&config).expect("a configuration is serialisable");
        let snapshot = snapshot(&json);
        times[0] += start.elapsed();
        let mut requests = Requests::new(&config, !seed);
        for place in 0..REQUESTS {
            let asked = requests.draw();
            let view = view_of(&snapshot, &config, &asked);
            asked.lend(|request| {
                let start = Instant::now();
                let reused = decide_through(&snapshot, request, &asked, &view, &mut workspace);
                times[1] += start.elapsed();
                let start = Instant::now();
                let fresh =
                    decide_through(&snapshot, request, &asked, &view, &mut Workspace::new());
                let named = || format!("configuration {seed}, request {place}: {asked:?}");
                *seen
                    .entry(
                        reused
                            .as_ref()
                            .map_or_else(|code| *code, |one| one.reason().code()),
                    )
                    .or_default() += 1;
                match (&reused, &fresh) {
                    (Ok(reused), Ok(fresh)) => {
                        assert_eq!(reused.canonical(), fresh.canonical(), "{}", named());
                        check(&config, request, &asked, reused, &named);
                        if place % 10 == 0 {
                            check_permission(&config, request, reused, &named);
                        }
                        if place % 50 == 0 {
                            let _ = reused.messages(request, Some("what was found"));
                            check_explained(&snapshot, request, &asked, &view, reused, &named);
                        }
                    }
                    (Err(reused), Err(fresh)) => {
                        assert!(
                            reused == fresh && ERRORS.contains(reused) && asked.is_refused(),
                            "{}",
                            named()
                        );
                    }
                    _ => panic!("a fresh workspace decides differently in {}", named()),
                }
                times[2] += start.elapsed();
            });
        }
        if (seed + 1) % 1_000 == 0 {
            // Straight to the terminal, since the harness keeps what a test prints.
            let _ = writeln!(
                std::io::stderr(),
                "{} configurations: load and build, decide, check {times:.1?}",
                seed + 1
            );
        }
    }
    let _ = writeln!(std::io::stderr(), "{seen:?}");
    let missing: Vec<_> = [
        "DEFAULT",
        "META_LLM",
        "NOTHING_FITS",
        "REJECTED",
        "RULE",
        "SIMILARITY",
        "TASK_FLAG",
        "INVALID_LIMIT",
    ]
    .into_iter()
    .filter(|code| configurations >= 1_000 && !seen.contains_key(code))
    .collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
}

/// The promises of any decision that need no rule.
fn check(
    config: &Config,
    request: &Request<'_>,
    asked: &Asked,
    decision: &Decision,
    named: &dyn Fn() -> String,
) {
    let plan: Vec<&str> = decision
        .model()
        .into_iter()
        .chain(decision.fallbacks())
        .collect();
    let different: BTreeSet<&&str> = plan.iter().collect();
    assert_eq!(
        different.len(),
        plan.len(),
        "a plan names a model twice in {}",
        named()
    );
    assert!((0.0..=1.0).contains(&decision.difficulty()), "{}", named());
    let route = decision.route().map(|name| {
        config
            .routes
            .iter()
            .find(|route| route.name == name)
            .expect("it is listed")
    });
    match decision.outcome() {
        Outcome::Rejected => {
            assert!(
                plan.is_empty() && route.is_none() && decision.message().is_some(),
                "{}",
                named()
            );
        }
        Outcome::Routed => {
            assert!(
                !plan.is_empty() && decision.missing().is_empty(),
                "{}",
                named()
            );
            let route = route.expect("a routed decision has a route");
            for name in &plan {
                let model = model(config, name);
                let place = config
                    .models
                    .iter()
                    .position(|each| each.name == *name)
                    .expect("it is listed");
                let lack = lack(model, route, request, decision.difficulty());
                assert!(
                    lack.is_none() && !asked.unavailable.contains(&place),
                    "`{name}` has {lack:?} in {}",
                    named()
                );
            }
            let estimates = decision
                .estimates()
                .expect("a routed decision has estimates");
            let ceiling = request
                .limits
                .max_cost
                .into_iter()
                .chain(route.max_cost)
                .fold(f64::INFINITY, f64::min);
            assert!(
                estimates.cost_nano as f64 <= (ceiling * 1e9).round(),
                "{}",
                named()
            );
            let used = estimates.input_tokens + u64::from(estimates.output_tokens);
            assert!(
                used <= u64::from(model(config, plan[0]).context_window),
                "{}",
                named()
            );
        }
        Outcome::NothingFits | Outcome::OverBudget => {
            assert!(plan.is_empty(), "{}", named());
            let route = route.expect("nothing fits a route");
            let all: Vec<String> = config
                .models
                .iter()
                .map(|model| model.name.clone())
                .collect();
            let listed: BTreeSet<&str> = decision
                .missing()
                .iter()
                .map(|each| all[usize::from(each.model().0)].as_str())
                .collect();
            let candidates = route.choose.as_ref().unwrap_or(&all);
            for name in candidates.iter().chain(&route.fallback) {
                assert!(
                    listed.contains(name.as_str()),
                    "`{name}` is not said to lack anything in {}",
                    named()
                );
            }
        }
    }
}

fn check_permission(
    config: &Config,
    request: &Request<'_>,
    decision: &Decision,
    named: &dyn Fn() -> String,
) {
    for name in decision.model().into_iter().chain(decision.fallbacks()) {
        assert!(
            may_serve(config, request, name),
            "`{name}` is not permitted in {}",
            named()
        );
    }
}

/// An explanation decides again; the same answer gives the same decision.
fn check_explained(
    snapshot: &Arc<Snapshot>,
    request: &Request<'_>,
    asked: &Asked,
    view: &View,
    decision: &Decision,
    named: &dyn Fn() -> String,
) {
    let answer = match &asked.answer {
        Scripted::Declined => Answer::Declined,
        Scripted::Label(label) => Answer::Label(label),
        Scripted::Late(_) => Answer::Late,
    };
    let told = explain(
        snapshot,
        request,
        view,
        asked.seed,
        Some(answer),
        &mut Workspace::new(),
    )
    .expect("it was decided");
    assert!(!told.to_string().is_empty(), "{}", named());
    assert_eq!(told.code, decision.reason().code(), "{}", named());
    assert_eq!(
        told.decision,
        decision.to_value(),
        "explained, then decided {}",
        named()
    );
}

fn model<'c>(config: &'c Config, name: &str) -> &'c Model {
    config
        .models
        .iter()
        .find(|model| model.name == name)
        .expect("it is listed")
}

/// The first demand that a model fails.
fn lack(
    model: &Model,
    route: &Route,
    request: &Request<'_>,
    difficulty: f32,
) -> Option<&'static str> {
    let mut needed = request.requirements.capabilities;
    if let Input::Messages(messages) = request.input {
        for part in messages.iter().flat_map(|each| each.parts) {
            needed = match part {
                Part::Audio => needed.with(Capability::Audio),
                Part::Image => needed.with(Capability::Vision),
                Part::Document(_) | Part::Other | Part::Text(_) => needed,
            };
        }
    }
    let limits = request.limits;
    let output = limits
        .expected_output_tokens
        .unwrap_or(route.expected_output_tokens);
    let share = f64::from(
        model
            .quality
            .get(&route.name)
            .copied()
            .unwrap_or(model.quality["default"]),
    );
    let quality = share.powf(2.0 * f64::from(difficulty));
    let floor = limits
        .min_quality
        .into_iter()
        .chain(route.min_quality)
        .fold(0.0, f32::max);
    let latency = model.latency.first_token.as_micros()
        + u64::from(output) * model.latency.per_token.as_micros();
    let ceiling = limits
        .max_latency
        .into_iter()
        .chain(route.max_latency)
        .map(|limit| limit.as_micros())
        .min();
    // Fewer tokens than the text has are too few for certain: one for each message, three for the answer.
    let input = u64::from(request.requirements.tools_tokens) + request.message_count() as u64 + 3;
    let failed = [
        (
            "capability",
            needed
                .missing_from(model.capabilities.iter().copied().collect())
                .next()
                .is_some(),
        ),
        (
            "output",
            output > model.max_output_tokens.unwrap_or(model.context_window),
        ),
        ("quality", quality + 1e-6 < f64::from(floor)),
        ("latency", ceiling.is_some_and(|ceiling| latency > ceiling)),
        (
            "window",
            input + u64::from(output) > u64::from(model.context_window),
        ),
    ];
    failed
        .into_iter()
        .find(|(_, failed)| *failed)
        .map(|(name, _)| name)
}
