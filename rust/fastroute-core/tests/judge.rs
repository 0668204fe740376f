//! How far an answer is trusted, and whether it has the form that the route asks for.

use std::sync::Arc;

use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::judge::{answer_key, from_log_probabilities, self_report, verifier};
use fastroute_core::{Decision, Now, Request, Snapshot, Step, View, Workspace, decide};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Decides a request to a route whose cascade asks for a form.
fn decided(format: Option<Value>) -> Decision {
    let mut route = json!({ "name": "r" });
    if let Some(format) = format {
        route["cascade"] = json!({ "accept": { "format": format } });
    }
    let text = json!({
        "version": 1,
        "providers": { "p": { "kind": "callable" } },
        "models": [{ "name": "m", "provider": "p", "context_window": 100_000, "tokenizer": "estimate",
                     "price": { "input": 1.0, "output": 1.0 },
                     "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } }],
        "routes": [route],
        "default": { "route": "r" },
    })
    .to_string();
    let source = Source {
        name: "judge.json",
        text: &text,
        format: Format::Json,
    };
    let loaded = config::load(&source, &NoFiles).unwrap_or_else(|errors| panic!("{errors}"));
    let snapshot = Snapshot::build(&loaded, None).unwrap_or_else(|error| panic!("{error}"));
    let request = Request::text("Give me JSON");
    let mut workspace = Workspace::new();
    let snapshot = Arc::new(snapshot);
    match decide(
        &snapshot,
        &request,
        &View::healthy(),
        Now::default(),
        7,
        &mut workspace,
    ) {
        Ok(Step::Decided(decision)) => decision,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_decision_knows_the_form_that_its_route_asks_for() {
    let none = decided(None);
    assert_eq!(none.is_in_form("{}"), None);
    let json_only = decided(Some(json!("json")));
    assert_eq!(json_only.is_in_form("[1]"), Some(true));
    assert_eq!(json_only.is_in_form("Here it is: [1]"), Some(false));
    let schema = decided(Some(json!({ "json_schema": {
        "type": "object", "required": ["city"], "properties": { "city": { "type": "string" } } } })));
    assert_eq!(schema.is_in_form(r#"{"city": "Rome"}"#), Some(true));
    assert_eq!(schema.is_in_form(r#"{"city": 3}"#), Some(false));
    assert_eq!(schema.is_in_form("{"), Some(false));
    let python = decided(Some(json!("python")));
    assert_eq!(python.is_in_form("x = 1"), None);
}

#[test]
fn log_probabilities_become_their_mean_probability() {
    let half = 0.5_f32.ln();
    for (logs, confidence) in [
        (&[0.0][..], Some(1.0)),
        (&[half, half, half], Some(0.5)),
        (&[0.0, 0.25_f32.ln()], Some(0.5)),
        (&[f32::NEG_INFINITY, 0.0], Some(0.0)),
        (&[3.0, 0.0], Some(1.0)),
        (&[f32::INFINITY], Some(1.0)),
        (&[0.0, f32::NAN], None),
        (&[], None),
    ] {
        let got = from_log_probabilities(logs);
        match (got, confidence) {
            (Some(got), Some(confidence)) => assert!((got - confidence).abs() < 1e-6, "{logs:?}"),
            _ => assert_eq!(got, confidence, "{logs:?}"),
        }
    }
}

proptest! {
    #[test]
    fn confidences_are_shares_whatever_is_said(
        said in "(Confidence|confidence|\\*\\*|:|=|[0-9.%/]{1,8}|-| |\\n|\\PC){0,12}",
        logs in proptest::collection::vec(any::<f32>(), 0..8),
    ) {
        let (answer, reported) = self_report::read(&said);
        prop_assert!(said.starts_with(answer));
        prop_assert!(reported.is_some() || answer == said);
        for confidence in [reported, verifier::read(&said), from_log_probabilities(&logs)].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&confidence), "{confidence}");
        }
    }

    #[test]
    fn a_line_that_was_added_is_taken_off_again(answer in "\\PC{0,40}", confidence in 0_u32..=100) {
        let answer = answer.trim_end();
        let said = format!("{answer}\nConfidence: {confidence}");
        let (read, reported) = self_report::read(&said);
        prop_assert_eq!(read, answer);
        prop_assert_eq!(reported, Some(confidence as f32 / 100.0));
    }

    #[test]
    fn a_number_has_one_key_however_it_is_written(number in -1_000_000_i64..1_000_000) {
        let digits = number.unsigned_abs().to_string();
        let mut grouped = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if number < 0 { "-" } else { "" };
        let key = answer_key(&number.to_string());
        prop_assert!(key.is_some());
        for written in [
            format!("The answer is {sign}{grouped}."),
            format!("**{sign}{grouped}.00**"),
            format!("#### {sign}0{digits}"),
            format!("\\boxed{{{sign}{digits}}}"),
        ] {
            prop_assert_eq!(answer_key(&written), key, "{}", written);
        }
        prop_assert_ne!(answer_key(&(number + 1).to_string()), key);
    }

    #[test]
    fn white_space_order_and_case_change_no_key(
        fields in proptest::collection::btree_map("[a-z]{1,4}", -9_i64..9, 1..5),
        words in proptest::collection::vec("[a-zäß]{1,8}", 1..6),
    ) {
        let forwards: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let backwards: Vec<String> =
            fields.iter().rev().map(|(name, value)| format!(" \"{name}\" : {value}.0 ")).collect();
        let one = answer_key(&format!("{{{}}}", forwards.join(",")));
        let other = answer_key(&format!("```json\n{{{}}}\n```", backwards.join(",")));
        prop_assert_eq!(one, other);
        let said = words.join(" ");
        prop_assert_eq!(answer_key(&said), answer_key(&format!("  {}.\n", said.to_uppercase().replace(' ', "\n"))));
    }
}
