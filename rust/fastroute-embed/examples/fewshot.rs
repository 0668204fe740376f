//! Trains a head on one file of labelled texts and prints its accuracy on another.
//!
//! Both files hold one JSON object a line with `text` and `label`. The route is the
//! most probable one, abstention off; a text of a label that was not trained counts
//! as wrong. Also prints the share of texts that reach their route's `auto`
//! threshold, and what training cost.
//!
//! ```text
//! cargo run --release -p fastroute-embed --example fewshot -- train.jsonl validation.jsonl
//! ```

use std::{collections::BTreeMap, error::Error, time::Instant};

use fastroute_embed::{
    EncodeScratch, Encoded, Example, Head, HeadOptions, StaticEncoder, background,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    text: String,
    label: String,
}

fn read(path: &str) -> Result<Vec<Line>, Box<dyn Error>> {
    let content = std::fs::read_to_string(path)?;
    let lines = content.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn encode(encoder: &StaticEncoder, text: &str) -> Encoded {
    let mut encoded = Encoded::default();
    encoder.encode(text, &mut EncodeScratch::new(), &mut encoded);
    encoded
}

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [train, validation] = paths.as_slice() else {
        return Err("expected two paths: training and validation".into());
    };
    let (train, validation) = (read(train)?, read(validation)?);
    let encoder = StaticEncoder::embedded();

    let labels: BTreeMap<&str, u16> = train
        .iter()
        .map(|line| (line.label.as_str(), 0))
        .collect::<BTreeMap<_, _>>()
        .into_keys()
        .zip(0..)
        .collect();
    let started = Instant::now();
    let encoded: Vec<Encoded> = train.iter().map(|l| encode(&encoder, &l.text)).collect();
    let lines: Vec<Encoded> = background().lines().map(|l| encode(&encoder, l)).collect();
    let encoding = started.elapsed();
    let examples: Vec<Example<'_>> = train
        .iter()
        .zip(&encoded)
        .map(|(line, encoded)| Example {
            route: labels[line.label.as_str()],
            vector: &encoded.vector,
        })
        .collect();
    let lines: Vec<&[f32]> = lines.iter().map(|line| line.vector.as_slice()).collect();
    let started = Instant::now();
    let head = Head::fit(&examples, labels.len(), &lines, &HeadOptions::default())?;
    let training = started.elapsed();

    let mut probabilities = Vec::new();
    let (mut right, mut accepted, mut accepted_right) = (0_u32, 0_u32, 0_u32);
    for line in &validation {
        head.probabilities(&encode(&encoder, &line.text), &mut probabilities);
        let best = (0..labels.len())
            .rev()
            .max_by(|&x, &y| probabilities[x].total_cmp(&probabilities[y]))
            .unwrap_or(0);
        let correct = labels.get(line.label.as_str()) == Some(&(best as u16));
        let reached = probabilities[best] >= head.thresholds()[best];
        right += u32::from(correct);
        accepted += u32::from(reached);
        accepted_right += u32::from(reached && correct);
    }
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    let all = validation.len() as u32;
    println!(
        "routes {}  examples {}  background {}",
        labels.len(),
        train.len(),
        lines.len()
    );
    println!("encoding {encoding:?}  training {training:?}");
    println!("accuracy {:.4}", share(right, all));
    println!(
        "reaching the threshold {:.4}, of these right {:.4}",
        share(accepted, all),
        share(accepted_right, accepted)
    );
    Ok(())
}
