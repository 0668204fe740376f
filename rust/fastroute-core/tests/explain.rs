//! What an explanation promises: the change that it names, once made, gives the decision that it names.
//!
//! Changes are read from their phrases, as a person would, and made for real: thresholds, the
//! margin and the difficulty in the configuration, metadata and messages in the request, text by
//! writing more or less of it. Then the request is decided again.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastroute_core::config;
use fastroute_core::{Answer, Now, Request, Step, View, Workspace, decide, explain};
use serde_json::{Value, json};

#[path = "support/explained.rs"]
mod explained;
#[path = "support/generate.rs"]
mod generate;
#[allow(
    dead_code,
    reason = "the tests against random requests read what this one does not"
)]
#[path = "random/requests.rs"]
mod requests;
#[allow(dead_code, reason = "the tests against random requests read the rest")]
#[path = "random/stretch.rs"]
mod stretch;
#[allow(
    dead_code,
    reason = "the conformance test reads what this one does not"
)]
#[path = "conformance/table.rs"]
mod table;

use explained::{What, World, build, key, promised, random_worlds, read, table_worlds};
use requests::{Asked, Content, Fact, Scripted};

/// Makes every change that can be made; how many of each kind there were.
fn make_all(worlds: &[World]) -> BTreeMap<&'static str, usize> {
    let mut made = BTreeMap::new();
    for world in worlds {
        let original = key(&world.original());
        for change in world.explained().changes {
            let (what, from, to) = read(&change.change);
            assert_ne!(
                promised(&change),
                original,
                "{}: {}",
                world.name,
                change.change
            );
            let Some(decision) = world.made(&what, to) else {
                continue;
            };
            assert_eq!(
                key(&decision),
                promised(&change),
                "{}: {}",
                world.name,
                change.change
            );
            *made.entry(what.kind()).or_default() += 1;
            // Half of the change is no change. Bands of difficulty under a hundredth may be missed.
            // Whole numbers step by one.
            let half = match what {
                What::Metadata(_) | What::Turns(_) if from.fract() == 0.0 && to.fract() == 0.0 => {
                    from + ((to - from) / 2.0).trunc()
                }
                _ => f64::midpoint(from, to),
            };
            // A value that a rule names exactly is another one after any step.
            let is_named = matches!(what, What::Metadata(_)) && world.names_metadata_value(from);
            if what != What::Difficulty && !is_named && (to - from).abs() > 0.001 {
                let decision = world.made(&what, half).expect("a change as before");
                assert_eq!(
                    key(&decision),
                    original,
                    "{}: half of {}",
                    world.name,
                    change.change
                );
            }
        }
    }
    made
}

#[test]
fn every_change_of_a_random_configuration_gives_the_decision_that_it_names() {
    let made = make_all(&random_worlds());
    for kind in ["difficulty", "margin", "metadata", "threshold", "turns"] {
        let count = made.get(kind).copied().unwrap_or(0);
        assert!(count >= 5, "{kind}: {count} of {made:?}");
    }
}

#[test]
fn every_change_of_the_conformance_cases_gives_the_decision_that_it_names() {
    let made = make_all(&table_worlds());
    assert!(made.values().sum::<usize>() >= 50, "{made:?}");
}

#[test]
fn changes_come_smallest_first_and_none_is_named_twice() {
    for world in random_worlds().iter().chain(&table_worlds()) {
        let explanation = world.explained();
        let sizes: Vec<f64> = explanation.changes.iter().map(|of| of.size).collect();
        assert!(sizes.is_sorted(), "{}: {sizes:?}", world.name);
        let possible = 0.0..=1.0;
        assert!(
            sizes.iter().all(|size| possible.contains(size)),
            "{}",
            world.name
        );
        let mut phrases: Vec<&str> = explanation.changes.iter().map(|of| &*of.change).collect();
        phrases.sort_unstable();
        phrases.dedup();
        assert_eq!(phrases.len(), sizes.len(), "{}", world.name);
    }
}

#[test]
fn nearly_names_the_runner_up() {
    let (mut models, mut routes) = (0, 0);
    for world in random_worlds().iter().chain(&table_worlds()) {
        let decision = world.original();
        let explanation = world.explained();
        let names = |kind: &str, name: &str| {
            let start = format!("{kind} `{name}` ");
            explanation
                .nearly
                .iter()
                .any(|line| line.starts_with(&start))
        };
        let scored = |name: &str| {
            explanation
                .models
                .iter()
                .any(|line| line.model == name && line.score.is_some())
        };
        let fallback = decision.fallbacks().next().map(str::to_owned);
        if let Some(second) = fallback.filter(|name| scored(name)) {
            assert!(
                names("model", &second),
                "{}: {:?}",
                world.name,
                explanation.nearly
            );
            models += 1;
        }
        let likely = explanation.similarity.iter().flat_map(|of| &of.routes);
        let others = likely.filter(|line| Some(&*line.route) != decision.route());
        let others: Vec<_> = others.collect();
        if !others.is_empty() {
            let most = others
                .iter()
                .map(|line| line.probability)
                .fold(0.0, f32::max);
            let named = others
                .iter()
                .filter(|line| line.probability == most)
                .any(|line| names("route", &line.route));
            assert!(named, "{}: {:?}", world.name, explanation.nearly);
            routes += 1;
        }
    }
    assert!(models >= 100 && routes >= 100, "{models} {routes}");
}

/// One model and routes that only rules lead to.
fn ruled(rules: Value) -> Value {
    let routes =
        ["low", "middle", "high", "rest"].map(|name| json!({ "name": name, "choose": ["m"] }));
    json!({
        "version": 1,
        "providers": { "p": { "kind": "callable" } },
        "models": [{ "name": "m", "provider": "p", "context_window": 100_000, "tokenizer": "estimate",
                     "price": { "input": 1.0, "output": 1.0 },
                     "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } }],
        "routes": routes,
        "rules": rules,
        "default": { "route": "rest" },
    })
}

fn plain(text: String) -> Asked {
    Asked {
        content: Content::Text(text),
        task: None,
        metadata: Vec::new(),
        capabilities: Vec::new(),
        tools_tokens: 0,
        min_quality: None,
        max_cost: None,
        max_latency: None,
        expected_output_tokens: None,
        unavailable: Vec::new(),
        answer: Scripted::Declined,
        seed: 0,
    }
}

#[test]
fn a_text_of_the_length_that_is_named_gives_the_decision_that_is_named() {
    // One character, or one token of the vocabulary, each time that it is repeated.
    for (kind, unit) in [("characters", "a"), ("tokens", " a")] {
        let test = |min: u32, max: u32| {
            let mut test = json!({ "min": min, "max": max });
            if kind == "tokens" {
                test["tokenizer"] = json!("cl100k");
            }
            json!({ kind: test })
        };
        let configuration = ruled(json!([
            { "name": "low", "when": test(0, 9), "then": { "route": "low" } },
            { "name": "middle", "when": test(10, 39), "then": { "route": "middle" } },
            { "name": "high", "when": { "all": [test(30, 60), test(50, 60)] }, "then": { "route": "high" } },
        ]));
        let folder = table::root();
        let snapshot = build(&configuration, &folder, None);
        let mut made = 0;
        for length in 0..80 {
            let mut world = World {
                name: format!("{length} {kind}"),
                configuration: configuration.clone(),
                folder: folder.clone(),
                snapshot: Arc::clone(&snapshot),
                asked: plain(unit.repeat(length)),
                live: Vec::new(),
                session: None,
                padding: 0,
            };
            let original = key(&world.original());
            let explanation = world.explained();
            assert!(!explanation.changes.is_empty(), "{}", world.name);
            for change in &explanation.changes {
                let (what, from, to) = read(&change.change);
                assert_eq!(
                    (what, from),
                    (What::Text, length as f64),
                    "{}",
                    change.change
                );
                world.asked = plain(unit.repeat(to as usize));
                assert_eq!(
                    key(&world.original()),
                    promised(change),
                    "{length}: {}",
                    change.change
                );
                let before = if to > from { to - 1.0 } else { to + 1.0 };
                world.asked = plain(unit.repeat(before as usize));
                assert_eq!(
                    key(&world.original()),
                    original,
                    "{length}: {}",
                    change.change
                );
                made += 1;
            }
        }
        assert!(made >= 100, "{made}");
    }
}

fn ruled_world(rules: Value, asked: Asked) -> World {
    let configuration = ruled(rules);
    let folder = table::root();
    World {
        name: "ruled".to_owned(),
        snapshot: build(&configuration, &folder, None),
        configuration,
        folder,
        asked,
        live: Vec::new(),
        session: None,
        padding: 0,
    }
}

fn phrases(world: &World) -> Vec<String> {
    let changes = world.explained().changes;
    changes.into_iter().map(|change| change.change).collect()
}

#[test]
fn a_number_within_two_bounds_leaves_by_the_nearer_one() {
    let rules = json!([{ "name": "within", "when": { "metadata": { "key": "age", "min": 18, "max": 65 } },
                         "then": { "route": "low" } }]);
    for (age, expected) in [
        (20.0, "metadata `age` from 20 to 17"),
        (60.0, "metadata `age` from 60 to 66"),
        (60.5, "metadata `age` from 60.5 to 65.0001"),
        (10.0, "metadata `age` from 10 to 18"),
        (90.25, "metadata `age` from 90.25 to 65"),
    ] {
        let mut asked = plain("hello".to_owned());
        asked.metadata = vec![("age".to_owned(), Fact::Number(age))];
        let found = phrases(&ruled_world(rules.clone(), asked));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{found:?}");
    }
}

#[test]
fn rules_see_a_difficulty_that_is_turned_unless_a_rule_sets_it() {
    let hard = json!({ "name": "hard", "when": { "difficulty": { "min": 0.6 } }, "then": { "route": "high" } });
    let set =
        json!({ "name": "set", "when": { "turns": { "min": 1 } }, "then": { "difficulty": 0.2 } });
    for rules in [json!([hard]), json!([set, hard])] {
        let world = ruled_world(rules, plain("hello".to_owned()));
        let changes = world.explained().changes;
        let numeric = changes
            .iter()
            .find(|of| of.change.starts_with("difficulty from "))
            .expect("a change");
        assert!(numeric.change.ends_with(" to 0.6"), "{}", numeric.change);
        assert_eq!(numeric.route.as_deref(), Some("high"));
        assert!(
            changes.iter().all(|of| !of.change.starts_with('`')),
            "{changes:?}"
        );
    }
}

#[test]
fn a_signal_that_is_unknown_is_turned_as_true_or_false() {
    let rules = json!([{ "name": "adult", "when": { "metadata": { "key": "age", "min": 18 } }, "then": { "route": "low" } }]);
    let found = phrases(&ruled_world(rules, plain("hello".to_owned())));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("`metadata ") && found[0].ends_with("` true"),
        "{found:?}"
    );
}

#[test]
fn a_late_answer_is_explained_as_late_whoever_finds_out() {
    let mut configuration = ruled(json!([]));
    configuration["classify"] = json!({ "order": ["meta_llm"], "meta_llm": { "model": "m" } });
    let snapshot = build(&configuration, &table::root(), None);
    let (view, start) = (View::healthy(), Now::default());
    let request = Request::text("hello");
    let ask = || {
        let step = decide(&snapshot, &request, &view, start, 7, &mut Workspace::new());
        match step.expect("a good request") {
            Step::Ask(pending) => pending,
            Step::Decided(decision) => panic!("{decision:?}"),
        }
    };
    let after = Now {
        monotonic_us: ask().question().timeout.as_micros() + 1,
        ..start
    };
    let found_late = ask().resume(Answer::Label("low"), &view, after);
    let said_late = ask().resume(Answer::Late, &view, start);
    let explained = |answer| {
        let workspace = &mut Workspace::new();
        explain(&snapshot, &request, &view, 7, Some(answer), workspace).expect("a good request")
    };
    let told = explained(Answer::Late);
    assert_eq!(found_late.reason().code(), "DEFAULT_META_LLM_LATE");
    assert_eq!(said_late, found_late);
    assert_eq!(told.code, "DEFAULT_META_LLM_LATE");
    assert_eq!(told.decision, found_late.to_value());
    assert_eq!(told.stages[0].detail, found_late.sentence());
    assert_ne!(told.code, explained(Answer::Declined).code);
}
