//! Runs the table of `tests/conformance` and the questions of `examples` through the Rust door.
//!
//! Also keeps `tests/conformance/canonical.json`, which the other doors compare their bytes with.
//! `FASTROUTE_BLESS=1 cargo test -p fastroute-core --test conformance` writes it anew.

mod door;
mod expect;
mod table;

use std::collections::BTreeSet;
use std::fs;

use serde::Serialize;
use serde_json::json;

use door::Door;
use table::Case;

/// A line of `canonical.json`.
#[derive(Serialize)]
struct Kept<'c> {
    #[serde(flatten)]
    case: &'c Case,
    canonical: String,
}

#[test]
fn every_case_decides_as_promised() {
    let cases = table::read();
    let mut door = Door::default();
    let mut failures = Vec::new();
    let mut kept = Vec::new();
    for case in &cases {
        match door.run(case) {
            Err(error) => failures.push(format!("{} ({}): {error}", case.name, case.file)),
            Ok(outcome) => {
                let differences =
                    expect::differences(&case.expect, &outcome.decision.to_value(), outcome.asked);
                failures.extend(
                    differences
                        .iter()
                        .map(|line| format!("{} ({}): {line}", case.name, case.file)),
                );
                kept.push(Kept {
                    case,
                    canonical: outcome.decision.canonical(),
                });
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    assert_fresh(&kept);
}

/// Compares the kept bytes with those of now, or writes them when told to.
fn assert_fresh(kept: &[Kept<'_>]) {
    let path = table::root().join("tests/conformance/canonical.json");
    let names: BTreeSet<&str> = kept
        .iter()
        .map(|line| line.case.configuration.as_str())
        .collect();
    let configurations: Vec<String> = names
        .iter()
        .map(|name| format!("{}:{}", json!(name), table::configuration(name)))
        .collect();
    let lines = |is_given: bool| {
        let lines = kept.iter().filter(|line| line.case.is_given() == is_given);
        lines
            .map(|line| serde_json::to_string(line).expect("a case as JSON"))
            .collect::<Vec<String>>()
    };
    let (cases, given) = (lines(false), lines(true));
    let text = format!(
        "{{\"configurations\":{{\n{}\n}},\"cases\":[\n{}\n],\"given\":[\n{}\n]}}\n",
        configurations.join(",\n"),
        cases.join(",\n"),
        given.join(",\n")
    );
    if std::env::var_os("FASTROUTE_BLESS").is_some() {
        fs::write(&path, &text).expect("a writable table");
        return;
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let stale: Vec<&str> = cases
        .iter()
        .chain(&given)
        .filter(|line| !stored.contains(line.as_str()))
        .filter_map(|line| line.split('"').nth(3))
        .collect();
    assert!(
        stored == text,
        "canonical.json is stale; run the test with FASTROUTE_BLESS=1. Changed: {}",
        stale.join(", ")
    );
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let cases = table::read();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
}

#[test]
fn the_table_is_as_large_as_promised() {
    let cases = table::read();
    let of = |folder: &str| {
        cases
            .iter()
            .filter(|case| case.file.starts_with(folder))
            .count()
    };
    assert!(of("tests/conformance") >= 120);
    for example in ["support_desk", "engineering_assistant", "bank"] {
        assert!(of(&format!("examples/{example}/")) >= 25, "{example}");
    }
}

#[test]
fn every_expectation_can_fail() {
    let decision = json!({
        "outcome": "routed", "route": "a", "model": "m", "fallbacks": ["x"], "prompt": null, "reason": "RULE", "rule": "r",
        "message": null, "agent": null, "difficulty_ppm": 500_000, "reasoning": false, "retrieval": null,
        "deployment": {"model": "m", "provider": "p"}, "estimates": {"output_tokens": 1},
        "missing": [{"model": "m", "code": "UNAVAILABLE"}],
    });
    let wrong = json!({
        "outcome": "rejected", "route": "b", "model": "n", "model_in": ["n"], "fallbacks": [], "fallbacks_end_with": ["y"],
        "prompt": "p", "reason": "DEFAULT", "rule": null, "message": "no", "agent": "a", "difficulty": 0.4,
        "reasoning": true, "retrieval": {"collection": "c"}, "deployment": {"model": "n", "provider": "p"},
        "expected_output_tokens": 2, "missing": {}, "asked": true, "misspelt": 1,
    });
    let wrong = wrong.as_object().expect("a map");
    assert_eq!(
        expect::differences(wrong, &decision, false).len(),
        wrong.len()
    );
}
