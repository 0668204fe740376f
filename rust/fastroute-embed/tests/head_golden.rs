//! The head against its reference in numpy, `fixtures/head_reference.py`.
//!
//! `fixtures/head_golden.json` holds what the reference makes of small problems and
//! of texts with the shipped encoder. Training here is in f32 and rows are int8, so
//! probabilities differ by up to about a hundredth on eight dimensions.

#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf};

use fastroute_embed::{
    EncodeScratch, Encoded, Example, Head, HeadOptions, StaticEncoder, background,
};
use serde_json::Value;

fn golden() -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/head_golden.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn rows(value: &Value) -> Vec<Vec<f32>> {
    serde_json::from_value(value.clone()).unwrap()
}

fn train(case: &Value) -> Head {
    let vectors = rows(&case["examples"]);
    let labels: Vec<u16> = serde_json::from_value(case["labels"].clone()).unwrap();
    let lines = rows(&case["background"]);
    let examples: Vec<Example<'_>> = labels
        .iter()
        .zip(&vectors)
        .map(|(&route, vector)| Example { route, vector })
        .collect();
    let lines: Vec<&[f32]> = lines.iter().map(Vec::as_slice).collect();
    let routes = case["routes"].as_u64().unwrap() as usize;
    Head::fit(&examples, routes, &lines, &HeadOptions::default()).unwrap()
}

#[test]
fn training_gives_what_the_reference_gives() {
    let golden = golden();
    for name in ["vectors", "vectors_without_background"] {
        let case = &golden[name];
        let head = train(case);
        let expected: Vec<f32> = serde_json::from_value(case["thresholds"].clone()).unwrap();
        for (found, expected) in head.thresholds().iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 1e-3,
                "{name}: threshold {found}, not {expected}"
            );
        }
        let mut probabilities = Vec::new();
        for (query, expected) in rows(&case["queries"])
            .iter()
            .zip(rows(&case["probabilities"]))
        {
            head.probabilities(&Encoded::from_vector(query), &mut probabilities);
            assert_eq!(probabilities.len(), head.routes() + 1);
            for (found, expected) in probabilities.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 1e-2,
                    "{name}: {found}, not {expected}"
                );
            }
        }
    }
}

fn encode(text: &str) -> Encoded {
    let mut encoded = Encoded::default();
    StaticEncoder::embedded().encode(text, &mut EncodeScratch::new(), &mut encoded);
    encoded
}

/// The reference saw the shipped background and encoder: both must still be those.
#[test]
fn texts_go_where_the_reference_sends_them() {
    let golden = golden();
    let case = &golden["texts"];
    let mut encoded = Vec::new();
    // The reference numbered the routes in the order of its file.
    for (route, name) in ["billing", "technical", "small_talk"].iter().enumerate() {
        for text in case["examples"][name].as_array().unwrap() {
            encoded.push((route as u16, encode(text.as_str().unwrap())));
        }
    }
    let examples: Vec<Example<'_>> = encoded
        .iter()
        .map(|(route, encoded)| Example {
            route: *route,
            vector: &encoded.vector,
        })
        .collect();
    let lines: Vec<Encoded> = background().lines().map(encode).collect();
    let lines: Vec<&[f32]> = lines.iter().map(|line| line.vector.as_slice()).collect();
    let head = Head::fit(&examples, 3, &lines, &HeadOptions::default()).unwrap();
    let expected: Vec<f32> = serde_json::from_value(case["thresholds"].clone()).unwrap();
    for (found, expected) in head.thresholds().iter().zip(&expected) {
        assert!(
            (found - expected).abs() < 2e-3,
            "threshold {found}, not {expected}"
        );
    }
    let mut probabilities = Vec::new();
    let queries = case["queries"].as_array().unwrap();
    for (query, expected) in queries.iter().zip(rows(&case["probabilities"])) {
        head.probabilities(&encode(query.as_str().unwrap()), &mut probabilities);
        for (found, expected) in probabilities.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 2e-2,
                "{query}: {found}, not {expected}"
            );
        }
    }
}
