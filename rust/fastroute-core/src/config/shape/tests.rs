//! The shapes accept exactly what the schema accepts, by the `jsonschema` crate.

use serde_json::{Value, json};

use super::check;
use crate::config;
use crate::config::issue::Report;
use crate::config::{Format, Source, read, schema};

#[path = "../../../tests/support/generate.rs"]
mod generate;

use generate::Draws;

#[test]
fn a_value_fits_the_shapes_when_and_only_when_it_fits_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..6_000 {
        let mut value = serde_json::to_value(generate::with_cascades(seed)).unwrap();
        let mut draws = Draws::new(seed);
        for _ in 0..draws.below(3) {
            spoil(&mut value, &mut draws);
        }
        let is_valid = validator.is_valid(&value);
        let issues = issues(&value.to_string());
        let reasons = || {
            validator
                .iter_errors(&value)
                .map(|error| error.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            is_valid,
            issues.is_empty(),
            "seed {seed}: {issues:?}\n{:?}\n{value}",
            reasons()
        );
        if is_valid {
            accepted += 1;
            let config = serde_json::from_value::<config::Config>(value.clone());
            assert!(
                config.is_ok() || value.to_string().contains(".0"),
                "seed {seed}: {config:?}\n{value}"
            );
        } else {
            refused += 1;
        }
    }
    assert!(
        accepted > 1_500 && refused > 1_500,
        "{accepted} accepted, {refused} refused"
    );
}

/// What the schema stage alone reports.
fn issues(text: &str) -> Vec<String> {
    let mut report = Report::new("test", text);
    let tree = read::read(
        &Source {
            name: "test",
            text,
            format: Format::Json,
        },
        &mut report,
    );
    check(&tree.unwrap(), &mut report);
    report
        .refusal()
        .issues()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// Changes one value somewhere: its type, its size, its keys.
fn spoil(value: &mut Value, draws: &mut Draws) {
    let is_here = draws.once_in(8);
    let child = match value {
        Value::Array(items) if !items.is_empty() && !is_here => {
            let index = draws.below(items.len());
            items.get_mut(index)
        }
        Value::Object(entries) if !entries.is_empty() && !is_here => {
            let index = draws.below(entries.len());
            entries.values_mut().nth(index)
        }
        _ => None,
    };
    if let Some(child) = child {
        return spoil(child, draws);
    }
    match value {
        Value::Object(entries) if draws.once_in(2) => {
            let key = entries
                .keys()
                .nth(draws.below(entries.len().max(1)))
                .cloned();
            match key.filter(|_| draws.once_in(2)) {
                Some(key) => drop(entries.remove(&key)),
                None => drop(
                    entries.insert(
                        draws
                            .pick(&["name", "extra", "any", "min", "route"])
                            .to_owned(),
                        json!(1),
                    ),
                ),
            }
        }
        _ => *value = replacement(draws),
    }
}

fn replacement(draws: &mut Draws) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(2.5),
        json!(3.0),
        json!(1e12),
        json!(5_000_000_000_u64),
        json!(""),
        json!("x"),
        json!("auto"),
        json!("balanced"),
        json!("5s"),
        json!("5 s"),
        json!(".5s"),
        json!([]),
        json!(["x"]),
        json!([[]]),
        json!({}),
        json!({"min": 1}),
        json!({"min": 1, "max": 2, "most": 3}),
        json!({"all": []}),
        json!({"quality": 1}),
        json!({"default": 2}),
        json!("n".repeat(201)),
    ];
    draws.pick(&values)
}
