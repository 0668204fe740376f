//! Prints what each part costs on the reference workload's sizes, in microseconds.
//!
//! 512 different texts, none twice in a row; the fastest of 25 rounds. Wall time on a
//! shared machine: a guide while working, not a claim.
//!
//! ```text
//! cargo run --release -p fastroute-embed --example encoding -- texts.jsonl
//! ```

use std::{error::Error, hint::black_box, time::Instant};

use fastroute_embed::{
    EncodeScratch, Encoded, Example, ExampleIndex, Head, HeadOptions, StaticEncoder, background,
};

fn fastest(mut round: impl FnMut(), per_round: usize) -> f64 {
    round();
    let mut times: Vec<f64> = (0..25)
        .map(|_| {
            let started = Instant::now();
            round();
            started.elapsed().as_secs_f64() * 1e6 / per_round as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[0]
}

fn main() -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let encoder = StaticEncoder::embedded();
    println!(
        "load embedded encoder     {:>10.0} us",
        started.elapsed().as_secs_f64() * 1e6
    );
    let started = Instant::now();
    black_box(encoder.fingerprint());
    println!(
        "fingerprint               {:>10.0} us",
        started.elapsed().as_secs_f64() * 1e6
    );

    let path = std::env::args()
        .nth(1)
        .ok_or("expected a path of JSON lines with `text`")?;
    let mut all = Vec::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        all.push(
            line["text"]
                .as_str()
                .ok_or("a line without `text`")?
                .to_owned(),
        );
    }
    // Joined to about 300 bytes, the size of the reference prompts.
    let texts: Vec<String> = (0..512)
        .map(|place| {
            let mut text = String::new();
            let mut next = place * 7;
            while text.len() < 270 {
                text.push_str(&all[next % all.len()]);
                text.push_str(". ");
                next += 1;
            }
            text
        })
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut scratch = EncodeScratch::new();
    let mut encoded = Encoded::default();
    let time = fastest(
        || {
            for text in &texts {
                encoder.encode(text, &mut scratch, &mut encoded);
                black_box(&encoded);
            }
        },
        texts.len(),
    );
    encoder.encode(&texts[0], &mut scratch, &mut encoded);
    println!(
        "encode {} bytes, {} tokens {time:>10.2} us",
        bytes / 512,
        encoded.tokens
    );

    let mut short = Vec::new();
    for text in all.iter().cycle().take(4_000) {
        let mut encoded = Encoded::default();
        encoder.encode(text, &mut scratch, &mut encoded);
        short.push(encoded);
    }
    let lines: Vec<Encoded> = background()
        .lines()
        .map(|line| {
            let mut encoded = Encoded::default();
            encoder.encode(line, &mut scratch, &mut encoded);
            encoded
        })
        .collect();
    let lines: Vec<&[f32]> = lines.iter().map(|line| line.vector.as_slice()).collect();
    let mut head = None;
    for (routes, each) in [(10, 10), (150, 10), (200, 20)] {
        let examples: Vec<Example<'_>> = (0..routes * each)
            .map(|place| Example {
                route: (place % routes) as u16,
                vector: &short[place].vector,
            })
            .collect();
        let mut time = f64::INFINITY;
        for _ in 0..3 {
            let started = Instant::now();
            head = Some(Head::fit(
                &examples,
                routes,
                &lines,
                &HeadOptions::default(),
            )?);
            time = time.min(started.elapsed().as_secs_f64() * 1e3);
        }
        println!("train {routes:>3} x {each}             {time:>10.1} ms");
    }
    let head = head.ok_or("no head")?;
    let queries: Vec<Encoded> = short.iter().take(512).cloned().collect();
    let mut scores = Vec::new();
    let time = fastest(
        || {
            queries
                .iter()
                .for_each(|query| head.scores(query, black_box(&mut scores)))
        },
        512,
    );
    println!("scores 201 x 256          {time:>10.2} us");
    let time = fastest(
        || {
            queries
                .iter()
                .for_each(|query| head.probabilities(query, black_box(&mut scores)))
        },
        512,
    );
    println!("probabilities 201 x 256   {time:>10.2} us");
    let started = Instant::now();
    let index = ExampleIndex::build(
        encoder.dimensions(),
        200,
        short
            .iter()
            .enumerate()
            .map(|(place, encoded)| ((place % 200) as u16, encoded)),
    )?;
    println!(
        "build index of 4,000      {:>10.0} us",
        started.elapsed().as_secs_f64() * 1e6
    );
    let mut neighbours = Vec::new();
    let time = fastest(
        || {
            queries
                .iter()
                .for_each(|query| index.nearest(query, 5, black_box(&mut neighbours)))
        },
        512,
    );
    println!("nearest 5 of 4,000        {time:>10.2} us");
    let time = fastest(
        || {
            queries
                .iter()
                .for_each(|query| index.route_scores(query, 3, black_box(&mut scores)))
        },
        512,
    );
    println!("route scores of 4,000     {time:>10.2} us");
    Ok(())
}
