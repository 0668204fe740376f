//! What health costs a decision and an outcome, beside one relaxed atomic add.
//!
//! Question: is a breaker for every model cheap enough to be always on? Input: 16 models, each with a
//! deployment, a credential and a provider of its own; one iteration reads the view of all of them as
//! a decision does, and tells how a call to the next of them ended. Fair because the view is kept from
//! decision to decision as hosts keep it, every outcome changes what it says of its model, and the
//! atomic add is measured in the same run, in alternation.
//!
//! What would make it lie: one thread alone, so no cache line is fought over; and nothing is open.
//! The states beside it (`one open`, `claim and report`, `view alone`) say what that costs.
//!
//! Ratios are printed first: medians of 41 pairs of runs. With a bare outcome, all that a breaker has
//! use for, it must be at most 8; with usage and times, which averages take in as well, it is told.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::{
    AttemptOutcome, Caller, Ended, Fleet, Forced, Live, ModelId, Now, Snapshot, Usage, View, Wanted,
};

const MODELS: u16 = 16;

/// Most relaxed atomic adds that a view and an outcome may cost.
const BAR: f64 = 8.0;

struct Fixture {
    live: Live,
    fleet: Fleet,
    view: View,
    now: Now,
    next: u16,
    ended: Ended,
}

impl Fixture {
    fn new(has_times: bool) -> Self {
        let mut text = "version: 1\nproviders:\n".to_owned();
        for model in 0..MODELS {
            text += &format!("  p{model}: {{kind: callable}}\n");
        }
        text += "models:\n";
        for model in 0..MODELS {
            text += &format!(
                "  - {{name: m{model}, provider: p{model}, context_window: 8000, \
                 price: {{input: 1, output: 2}}, \
                 latency: {{first_token: 100ms, per_token: 5ms}}, quality: {{default: 0.5}}}}\n"
            );
        }
        text += "routes:\n  - {name: general}\ndefault: {route: general}\n";
        let source = Source {
            name: "health.yaml",
            text: &text,
            format: Format::Yaml,
        };
        let loaded = config::load(&source, &NoFiles).expect("it is valid");
        let snapshot = Snapshot::build(&loaded, None).expect("it builds");
        let (live, now) = (Live::new(), Now::default());
        let mut ended = Ended::new(AttemptOutcome::Success, 900_000);
        if has_times {
            ended.first_token_us = Some(200_000);
            ended.usage = Some(Usage {
                input_tokens: 100,
                cached_tokens: 0,
                output_tokens: 100,
            });
        }
        Self {
            fleet: live.bind(&snapshot, now),
            live,
            view: View::healthy(),
            now,
            next: 0,
            ended,
        }
    }

    fn step(&mut self) {
        self.now.monotonic_us += 50;
        self.next = (self.next + 1) % MODELS;
    }

    fn view(&mut self) {
        self.fleet
            .view(&Caller::default(), black_box(self.now), &mut self.view);
        black_box(&self.view);
    }

    fn view_and_outcome(&mut self) {
        self.step();
        self.view();
        let epoch = self.fleet.epoch();
        self.fleet.report_unclaimed(
            &Caller::default(),
            black_box(ModelId(self.next)),
            0,
            epoch,
            &self.ended,
            self.now,
        );
    }

    fn claim_and_report(&mut self) {
        self.step();
        let wanted = Wanted {
            caller: Caller::default(),
            route: None,
            model: black_box(ModelId(self.next)),
            deployment: 0,
            owner: 1,
            attempt: 0,
            input_tokens: 100,
            output_tokens: 100,
            lease_us: 20_000_000,
            ignore_health: false,
        };
        let permit = self.fleet.claim(&wanted, self.now, 7).expect("it is well");
        self.fleet.report(permit, &self.ended, self.now);
    }

    /// What was measured must have happened: every outcome counted, every average in the view.
    fn check(&mut self, outcomes: u64) {
        self.view();
        let cells = self.live.figures(self.now).cells;
        let expected = self.ended.first_token_us.map(|first| first as f32);
        let mut firsts = (0..MODELS).map(|model| self.view.state(ModelId(model)).first_token_us);
        assert!(firsts.all(|first| first == expected));
        assert!(self.live.figures(self.now).counters.stale_outcomes == 0);
        let counted: u64 = cells.iter().map(|cell| cell.calls).sum();
        assert_eq!(counted, outcomes);
    }
}

fn nanoseconds(rounds: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..rounds {
        work();
    }
    start.elapsed().as_nanos() as f64 / f64::from(rounds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn ratio(name: &str, has_times: bool) -> f64 {
    const ROUNDS: u32 = 20_000;
    let (mut fixture, counter) = (Fixture::new(has_times), AtomicU64::new(0));
    let pairs: Vec<(f64, f64)> = (0..41)
        .map(|_| {
            let add = nanoseconds(ROUNDS, || {
                black_box(&counter).fetch_add(1, Ordering::Relaxed);
            });
            (add, nanoseconds(ROUNDS, || fixture.view_and_outcome()))
        })
        .collect();
    fixture.check(41 * u64::from(ROUNDS));
    let ratio = median(pairs.iter().map(|(add, health)| health / add).collect());
    let (add, health) = (
        median(pairs.iter().map(|(add, _)| *add).collect()),
        median(pairs.iter().map(|(_, health)| *health).collect()),
    );
    println!(
        "health: view of {MODELS} models and {name} {health:.1} ns, relaxed atomic add {add:.1} ns, ratio {ratio:.1}"
    );
    ratio
}

fn health(criterion: &mut Criterion) {
    let bare = ratio("a bare outcome", false);
    ratio("an outcome with usage and times", true);
    assert!(bare <= BAR, "{bare:.1} atomic adds, over the bar of {BAR}");
    let mut group = criterion.benchmark_group("health");
    group
        .measurement_time(Duration::from_secs(1))
        .warm_up_time(Duration::from_millis(300));
    let counter = AtomicU64::new(0);
    group.bench_function("relaxed atomic add", |bencher| {
        bencher.iter(|| black_box(&counter).fetch_add(1, Ordering::Relaxed));
    });
    let mut fixture = Fixture::new(true);
    group.bench_function("view and outcome", |bencher| {
        bencher.iter(|| fixture.view_and_outcome());
    });
    group.bench_function("view alone", |bencher| bencher.iter(|| fixture.view()));
    group.bench_function("claim and report", |bencher| {
        bencher.iter(|| fixture.claim_and_report());
    });
    assert!(fixture.fleet.force("m3", Some(Forced::Open), fixture.now));
    group.bench_function("view and outcome, one open", |bencher| {
        bencher.iter(|| fixture.view_and_outcome());
    });
    group.finish();
}

criterion_group!(benches, health);
criterion_main!(benches);
