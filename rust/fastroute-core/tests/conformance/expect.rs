//! Compares what a case expects with the canonical form of its decision.
//!
//! Only what a case names is compared; a key that is not known here is a failure, not a pass.

use serde_json::{Map, Value, json};

/// Lists every difference, one line each.
pub fn differences(expect: &Map<String, Value>, decision: &Value, asked: bool) -> Vec<String> {
    let mut found = Vec::new();
    if !expect.contains_key("outcome") && decision["outcome"] != "routed" {
        found.push(format!(
            "outcome: expected \"routed\", found {}",
            decision["outcome"]
        ));
    }
    for (key, wanted) in expect {
        if let Some(actual) = difference(key, wanted, decision, asked) {
            found.push(format!("{key}: expected {wanted}, found {actual}"));
        }
    }
    found
}

/// What was found instead of `wanted`; none when they agree.
fn difference(key: &str, wanted: &Value, decision: &Value, asked: bool) -> Option<Value> {
    let actual = match key {
        "agent" | "fallbacks" | "message" | "model" | "outcome" | "prompt" | "reason"
        | "reasoning" | "retrieval" | "route" | "rule" | "deployment" => decision[key].clone(),
        "asked" => json!(asked),
        "cascade" | "notes" | "session" | "too_long" => decision[key].clone(),
        "cost_nano_usd" | "latency_us" | "quality_ppm" => decision["estimates"][key].clone(),
        "expected_output_tokens" => decision["estimates"]["output_tokens"].clone(),
        "difficulty" => {
            let ppm = decision["difficulty_ppm"].as_f64().unwrap_or(f64::NAN);
            let close = (ppm / 1e6 - wanted.as_f64().unwrap_or(f64::NAN)).abs() <= 1e-6;
            return (!close).then(|| json!(ppm / 1e6));
        }
        "fallbacks_end_with" => {
            let (all, last) = (decision["fallbacks"].as_array(), wanted.as_array());
            let ends = all.zip(last).is_some_and(|(all, last)| all.ends_with(last));
            return (!ends).then(|| decision["fallbacks"].clone());
        }
        "missing" => {
            return missing_differs(wanted, &decision["missing"])
                .then(|| decision["missing"].clone());
        }
        "model_in" => {
            let found = wanted
                .as_array()
                .is_some_and(|names| names.contains(&decision["model"]));
            return (!found).then(|| decision["model"].clone());
        }
        _ => return Some(json!("no such expectation")),
    };
    (actual != *wanted).then_some(actual)
}

/// Whether the codes of a named model differ, in any order; `{}` expects no codes at all.
fn missing_differs(wanted: &Value, actual: &Value) -> bool {
    let (Some(wanted), Some(actual)) = (wanted.as_object(), actual.as_array()) else {
        return true;
    };
    let codes = |model: &str| {
        let mut codes: Vec<&str> = actual
            .iter()
            .filter(|line| line["model"] == model)
            .filter_map(|line| line["code"].as_str())
            .collect();
        codes.sort_unstable();
        codes
    };
    let differs = wanted.iter().any(|(model, expected)| {
        let mut expected: Vec<&str> = expected
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        expected.sort_unstable();
        codes(model) != expected
    });
    differs || (wanted.is_empty() && !actual.is_empty())
}
