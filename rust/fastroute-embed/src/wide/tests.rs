//! The whole way from a text to a probability, once as on the oldest machine and once as on this.

#![allow(clippy::unwrap_used)]

use sha2::{Digest, Sha256};

use crate::{
    EncodeScratch, Encoded, Example, ExampleIndex, Head, HeadOptions, StaticEncoder, background,
    wide::portable,
};

/// Everything that a host can see of a run, as bits.
#[derive(Debug, PartialEq)]
struct Run {
    vectors: Vec<u32>,
    quantised: Vec<i8>,
    scales: Vec<u32>,
    head: [u8; 32],
    scores: Vec<u32>,
    probabilities: Vec<u32>,
    similarities: Vec<u32>,
}

/// Encodes all background lines, trains on a third of them, and scores all.
fn run() -> Run {
    let encoder = StaticEncoder::embedded();
    let mut scratch = EncodeScratch::new();
    let encoded: Vec<Encoded> = background()
        .lines()
        .map(|line| {
            let (mut both, mut alone) = (Encoded::default(), Encoded::default());
            encoder.encode(line, &mut scratch, &mut both);
            encoder.encode_quantised(line, &mut scratch, &mut alone);
            assert_eq!(both.quantised, alone.quantised);
            assert_eq!(both.scale.to_bits(), alone.scale.to_bits());
            both
        })
        .collect();
    // Routes of ten lines each; every third line is one of an example.
    let spoken = encoded.iter().step_by(3);
    let examples: Vec<Example<'_>> = spoken
        .clone()
        .enumerate()
        .map(|(place, line)| Example {
            route: (place / 10) as u16,
            vector: &line.vector,
        })
        .collect();
    let routes = examples.len().div_ceil(10);
    let lines: Vec<&[f32]> = encoded.iter().map(|line| line.vector.as_slice()).collect();
    let head = Head::fit(&examples, routes, &lines, &HeadOptions::default()).unwrap();
    let numbered = spoken.enumerate();
    let index = ExampleIndex::build(
        encoder.dimensions(),
        routes,
        numbered.map(|(place, line)| ((place / 10) as u16, line)),
    )
    .unwrap();

    let queries: Vec<&Encoded> = encoded.iter().collect();
    let (mut scores, mut probabilities, mut nearest) = (Vec::new(), Vec::new(), Vec::new());
    head.scores_of(&queries, &mut scores);
    head.probabilities_of(&queries, &mut probabilities);
    let mut similarities = Vec::new();
    for query in encoded.iter().step_by(16) {
        index.nearest(query, 1, &mut nearest);
        similarities.extend(nearest.iter().map(|near| near.similarity.to_bits()));
    }
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect();
    Run {
        vectors: encoded
            .iter()
            .flat_map(|line| line.vector.iter().map(|value| value.to_bits()))
            .collect(),
        quantised: encoded
            .iter()
            .flat_map(|line| line.quantised.clone())
            .collect(),
        scales: encoded.iter().map(|line| line.scale.to_bits()).collect(),
        head: Sha256::digest(head.to_bytes()).into(),
        scores: bits(&scores),
        probabilities: bits(&probabilities),
        similarities,
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits_from_text_to_probability() {
    let widest = run();
    let plain = portable::on(run);
    assert!(widest.vectors.len() > 256 * 100 && widest.scores.len() > 1_000);
    assert!(widest == plain, "the plain loops give other bits");
}

#[test]
fn the_plain_form_is_taken_when_asked_for() {
    assert!(!super::is_portable());
    portable::on(|| {
        assert!(super::is_portable());
        assert_eq!(crate::dot::dot(&[-128; 99], &[-128; 99]), 99 * 16_384);
    });
    assert!(!super::is_portable());
}
