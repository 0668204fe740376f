//! A reload is a fresh build, whatever it takes over from the snapshot before it.
//!
//! Random configurations are edited one thing at a time, as people do, and each edit is loaded and
//! built twice: from nothing, and after the edit before it. Refusals, warnings, revision, decisions
//! and explanations must be equal. None of the configurations may fail the self-test, which refuses
//! what could not serve and nothing else.

use std::sync::Arc;

use fastroute_core::config::{self, Config, Format, NoFiles, Source};
use fastroute_core::{Answer, Snapshot, Workspace, explain};
use serde_json::{Value, json};

use crate::equal::{decide_through, view_of};
use crate::generate::Draws;
use crate::requests::Requests;
use crate::stretch;

/// Loads and builds; what was wrong, line by line, when it is refused.
fn built(text: &str, previous: Option<&Snapshot>) -> Result<Arc<Snapshot>, Vec<String>> {
    let source = Source {
        name: "edited.json",
        text,
        format: Format::Json,
    };
    let loaded = match previous {
        None => config::load(&source, &NoFiles),
        Some(previous) => config::load_after(&source, &NoFiles, previous.parts()),
    };
    let loaded = loaded.map_err(|errors| {
        errors
            .issues()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    })?;
    Snapshot::build(&loaded, previous)
        .map(Arc::new)
        .map_err(|error| vec![error.to_string()])
}

/// Every list of keywords below a value.
fn keyword_lists<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Vec<Value>>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| keyword_lists(item, found)),
        Value::Object(fields) => {
            for (key, field) in fields {
                if key != "keywords" {
                    keyword_lists(field, found);
                } else if let Value::Object(test) = field {
                    found.extend(test.iter_mut().filter_map(|(_, list)| list.as_array_mut()));
                }
            }
        }
        _ => {}
    }
}

/// Edits one thing; not every edit finds something to edit, and some are refused.
fn edit(configuration: &mut Value, draw: &mut Draws, number: u64) {
    let other = serde_json::to_value(stretch::config(1_000 + number)).expect("serialisable");
    let place = |list: &Value, draw: &mut Draws| {
        let length = list.as_array().map_or(0, Vec::len);
        (length > 0).then(|| draw.below(length))
    };
    let rule = place(&configuration["rules"], draw);
    match (draw.below(12), rule) {
        (0, Some(rule)) => {
            // Conditions name nothing of the rest but tokenizers, which are built in here.
            let from = place(&other["rules"], draw);
            let when = from.map(|from| other["rules"][from]["when"].clone());
            configuration["rules"][rule]["when"] = when.unwrap_or(json!({"turns": {"min": 1}}));
        }
        (1, Some(rule)) => {
            let rules = configuration["rules"].as_array_mut().expect("rules");
            rules.rotate_left(rule);
        }
        (2, Some(rule)) => {
            configuration["rules"]
                .as_array_mut()
                .expect("rules")
                .remove(rule);
        }
        (3, Some(rule)) => {
            let regex = json!({"regex": {"pattern": format!("\\bedit {number}\\b|[0-9]+")}});
            let when = configuration["rules"][rule]["when"].take();
            configuration["rules"][rule]["when"] = json!({"any": [when, regex]});
        }
        (4 | 5, _) => {
            let mut lists = Vec::new();
            keyword_lists(&mut configuration["rules"], &mut lists);
            if lists.is_empty() {
                return;
            }
            let list = draw.below(lists.len());
            match draw.below(3) {
                0 => lists[list].push(json!(format!("word {number}"))),
                1 => lists[list].reverse(),
                // Refused when it was the only one.
                _ => drop(lists[list].pop()),
            }
        }
        (6, _) => configuration["classify"]["similarity"] = json!({"margin": draw.share() / 4.0}),
        (7, _) => {
            if let Some(route) = place(&configuration["routes"], draw) {
                configuration["routes"][route]["threshold"] = json!(draw.share());
            }
        }
        (8, _) => {
            if let Some(route) = place(&configuration["routes"], draw) {
                let text = json!(format!("please look at invoice number {number}"));
                match configuration["routes"][route]["examples"].as_array_mut() {
                    Some(examples) => examples.push(text),
                    None => configuration["routes"][route]["examples"] = json!([text]),
                }
            }
        }
        (9, _) => {
            if let Some(prompt) = place(&configuration["prompts"], draw) {
                configuration["prompts"][prompt]["system"] = json!(format!("Edit {number}."));
            }
        }
        (10, Some(rule)) => {
            configuration["rules"][rule]["when"] = json!({"keywords": {"any": [" "]}})
        }
        _ => configuration["default"]["route"] = json!(format!("no such route {number}")),
    }
}

#[test]
fn an_edit_decides_as_a_fresh_build_and_is_refused_as_one() {
    let (mut accepted, mut refused, mut compared) = (0, 0, 0);
    for seed in 0..60 {
        let original = stretch::config(seed);
        let mut text = serde_json::to_string(&original).expect("serialisable");
        let mut before = built(&text, None).unwrap_or_else(|lines| panic!("{lines:?}"));
        let mut draw = Draws::new(seed ^ 0x6564_6974);
        for number in 0..12 {
            let mut configuration: Value = serde_json::from_str(&text).expect("JSON");
            edit(&mut configuration, &mut draw, 100 * seed + number);
            let edited = configuration.to_string();
            let (fresh, after) = match (built(&edited, None), built(&edited, Some(&before))) {
                (Ok(fresh), Ok(after)) => (fresh, after),
                (fresh, after) => {
                    let [fresh, after] = [fresh, after].map(|built| built.err());
                    assert_eq!(fresh, after, "{edited}");
                    refused += 1;
                    continue;
                }
            };
            assert_eq!(fresh.revision(), after.revision());
            assert_eq!(fresh.warnings(), after.warnings());
            let config: Config = serde_json::from_str(&edited).expect("it was accepted");
            let mut requests = Requests::new(&config, seed);
            for _ in 0..6 {
                let asked = requests.draw();
                let view = view_of(&fresh, &config, &asked);
                let named = format!("configuration {seed}, edit {number}: {asked:?}\n{edited}");
                let [one, other] = [&fresh, &after].map(|snapshot| {
                    asked.lend(|request| {
                        let workspace = &mut Workspace::new();
                        let decided = decide_through(snapshot, request, &asked, &view, workspace);
                        let answer = Some(Answer::Declined);
                        let told = explain(snapshot, request, &view, asked.seed, answer, workspace);
                        let told = told.map_err(|error| error.code());
                        let told = told.map(|told| serde_json::to_string(&told).expect("JSON"));
                        (decided.map(|decision| decision.canonical()), told)
                    })
                });
                assert_eq!(one, other, "{named}");
                compared += 1;
            }
            accepted += 1;
            (text, before) = (edited, after);
        }
    }
    println!("{accepted} accepted, {refused} refused, {compared} requests");
    assert!(accepted > 300 && refused > 50, "{accepted} {refused}");
}

#[test]
fn no_good_configuration_fails_the_self_test() {
    let large = (0..10).map(stretch::large);
    for config in (0..400).map(stretch::config).chain(large) {
        let text = serde_json::to_string(&config).expect("serialisable");
        let snapshot = built(&text, None).unwrap_or_else(|lines| panic!("{lines:?}"));
        assert_eq!(snapshot.self_test(), Ok(()), "{text}");
    }
}
