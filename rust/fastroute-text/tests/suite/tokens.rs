//! Counts equal the original tokenizers', bounds contain them, estimates come close.

use fastroute_text::tokens::{Bounds, TokenCounter, Vocabulary};
use proptest::prelude::*;

use crate::inputs;

fn corpus(name: &str) -> &'static str {
    inputs::CORPUS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, text)| *text)
        .expect("is in the corpus")
}

/// Rebuilds the text of a recipe of `make_counts.py`.
fn text_of(case: &serde_json::Value) -> String {
    let number = |value: &serde_json::Value| {
        usize::try_from(value.as_u64().expect("is a number")).expect("fits")
    };
    if let Some(text) = case["text"].as_str() {
        return text.to_owned();
    }
    if let Some(unit) = case["repeat"][0].as_str() {
        return unit.repeat(number(&case["repeat"][1]));
    }
    if let Some(name) = case["corpus"][0].as_str() {
        let (text, size) = (corpus(name), number(&case["corpus"][1]));
        let mut filled = text.repeat(size / text.len() + 1);
        let end = (0..=size).rev().find(|&at| filled.is_char_boundary(at));
        filled.truncate(end.unwrap_or(0));
        return filled;
    }
    let alphabet: Vec<char> = case["random"][0]
        .as_str()
        .expect("is an alphabet")
        .chars()
        .collect();
    let mut state = case["random"][2].as_u64().expect("is a seed");
    (0..number(&case["random"][1]))
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            alphabet[usize::try_from(state >> 33).expect("fits") % alphabet.len()]
        })
        .collect()
}

#[test]
fn counts_equal_the_original_tokenizers() {
    let oracle: serde_json::Value =
        serde_json::from_str(include_str!("../oracle/counts.json")).expect("is JSON");
    let counters: Vec<TokenCounter> = oracle["vocabularies"]
        .as_array()
        .expect("is a list")
        .iter()
        .map(|name| TokenCounter::named(name.as_str().expect("is a name")).expect("is known"))
        .collect();
    let mut wrong = Vec::new();
    for case in oracle["cases"].as_array().expect("is a list") {
        let text = text_of(case);
        assert_eq!(case["bytes"].as_u64(), Some(text.len() as u64), "{case}");
        for (counter, expected) in counters
            .iter()
            .zip(case["counts"].as_array().expect("is a list"))
        {
            let count = counter.count(&text);
            let Bounds { lower, upper } = counter.bounds(&text);
            assert!((lower..=upper).contains(&count), "{counter:?} {case}");
            if Some(u64::from(count)) != expected.as_u64() {
                wrong.push(format!("{} {count} {case}", counter.name()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
