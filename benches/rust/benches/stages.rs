//! How long each stage of a decision takes, and the whole.
//!
//! Question: where do the microseconds of one decision go? Input: the reference workload; each
//! measured call handles the next of the 512 prompts, so that no prompt comes twice in a row and
//! branch predictors see traffic, not one text. Fair because stages are called through the public
//! API that the decision uses; those without one of their own (`rules`, `choose`) are whole
//! decisions of a configuration with everything else taken out.
//!
//! What would make it lie: a stage on buffers that grow anew. All are reused, as in a thread that
//! serves. Figures are wall time: they advise; `instructions.rs` is what a change is judged by.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use fastroute_benches::{
    reference::{self, Decider},
    stages::{Head, Keywords, Tokens, asserted, only_choose, only_rules},
};
use fastroute_core::Request;
use fastroute_embed::{EncodeScratch, Encoded, StaticEncoder};
use fastroute_text::{fold::Folded, structure::Structure};

fn stages(criterion: &mut Criterion) {
    let prompts = reference::prompts();
    let bytes: usize = prompts.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group("stage");
    group.throughput(Throughput::Bytes((bytes / prompts.len()) as u64));
    group
        .measurement_time(Duration::from_secs(2))
        .warm_up_time(Duration::from_millis(500));

    let mut folded = Folded::new();
    each(&mut group, "fold", &prompts, |text| {
        folded.set(text);
        folded.text().len()
    });
    each(&mut group, "structure", &prompts, Structure::of);
    let mut keywords = Keywords::new();
    each(&mut group, "keywords", &prompts, |text| {
        keywords.count(text)
    });
    let tokens = Tokens::new();
    each(&mut group, "token bounds", &prompts, |text| {
        tokens.bounds(text)
    });
    each(&mut group, "token count", &prompts, |text| {
        tokens.count(text)
    });
    let mut pieces = fastroute_benches::stages::WordPieces::new();
    each(&mut group, "wordpiece", &prompts, |text| pieces.count(text));
    let (encoder, mut scratch, mut encoded) = (
        StaticEncoder::embedded(),
        EncodeScratch::default(),
        Encoded::default(),
    );
    each(&mut group, "encode", &prompts, |text| {
        encoder.encode(text, &mut scratch, &mut encoded);
        encoded.known
    });
    let mut head = Head::new();
    each(&mut group, "head", &prompts, |text| head.best(text));
    group.finish();
}

fn decisions(criterion: &mut Criterion) {
    let prompts = reference::prompts();
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    group
        .measurement_time(Duration::from_secs(3))
        .warm_up_time(Duration::from_millis(500));
    let configurations = [
        ("choose alone", only_choose(&reference::configuration())),
        ("rules and choose", only_rules(&reference::configuration())),
        ("whole", reference::configuration()),
    ];
    for (name, configuration) in configurations {
        let mut decider = Decider::new(Arc::new(asserted(&configuration)));
        each(&mut group, name, &prompts, |text| {
            decider.decide(&Request::text(text))
        });
    }
    group.finish();
}

/// Measures `work` on one prompt after the other.
fn each<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    prompts: &[String],
    mut work: impl FnMut(&str) -> T,
) {
    let mut next = prompts.iter().cycle();
    group.bench_function(name, |bencher| {
        bencher.iter(|| next.next().map(|text| black_box(work(black_box(text)))));
    });
}

criterion_group!(benches, stages, decisions);
criterion_main!(benches);
