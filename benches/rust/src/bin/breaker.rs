//! What health costs a request: looking at 16 models and telling one outcome, beside one atomic add.
//!
//! Question: how many relaxed atomic adds is a breaker check worth? Input: 16 models of a provider
//! each, all well, outcomes spread over them; time goes on by a microsecond a call, so that windows
//! move. Fair because both sides run in one loop each, rounds in turn, and what they return is used.
//!
//! What would make it lie: a view that was kept and not written anew (the assertion sees that one
//! goes out of service), or a counter that the compiler adds up outside the loop (it is atomic).
//!
//! ```text
//! breaker ROUNDS      one JSON object a round: nanoseconds a call
//! ```

use std::{
    error::Error,
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use fastroute_core::{
    AttemptOutcome, Caller, Ended, Live, ModelId, Now, Snapshot, View,
    config::{self, Format, NoFiles, Source},
};

const MODELS: usize = 16;
const CALLS: u64 = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "20".to_owned())
        .parse()?;
    let snapshot = snapshot()?;
    check(&snapshot);
    let live = Live::new();
    let fleet = live.bind(&snapshot, Now::default());
    let (mut view, added) = (View::healthy(), AtomicU64::new(0));
    let mut now = Now::default();
    let mut ended = Ended::new(AttemptOutcome::Success, 1_200_000);
    ended.first_token_us = Some(90_000);
    for _ in 0..rounds {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(added.fetch_add(1, Ordering::Relaxed));
        }
        let add = start.elapsed();
        let start = Instant::now();
        for _ in 0..CALLS {
            fleet.view(&Caller::default(), now, &mut view);
            black_box(&view);
        }
        let look = start.elapsed();
        let start = Instant::now();
        for call in 0..CALLS {
            now.monotonic_us += 1;
            fleet.view(&Caller::default(), now, &mut view);
            black_box(&view);
            let model = ModelId((call % MODELS as u64) as u16);
            let caller = Caller::default();
            fleet.report_unclaimed(&caller, model, 0, fleet.epoch(), black_box(&ended), now);
        }
        let all = start.elapsed();
        let each = |took: std::time::Duration| took.as_nanos() as f64 / CALLS as f64;
        println!(
            "{}",
            serde_json::json!({"add": each(add), "look": each(look), "look and tell": each(all)})
        );
    }
    Ok(())
}

/// A model whose calls fail goes out of service, and the others stay.
fn check(snapshot: &Snapshot) {
    let (live, mut view) = (Live::new(), View::healthy());
    let fleet = live.bind(snapshot, Now::default());
    for _ in 0..5 {
        let (caller, failed) = (
            Caller::default(),
            Ended::new(AttemptOutcome::ServerError, 1_000),
        );
        fleet.report_unclaimed(
            &caller,
            ModelId(3),
            0,
            fleet.epoch(),
            &failed,
            Now::default(),
        );
    }
    fleet.view(&Caller::default(), Now::default(), &mut view);
    let out: Vec<u16> = (0..MODELS as u16)
        .filter(|model| !view.is_available(ModelId(*model)))
        .collect();
    assert_eq!(out, [3], "the wrong models are out of service");
}

fn snapshot() -> Result<Snapshot, Box<dyn Error>> {
    let models: Vec<_> = (0..MODELS)
        .map(|index| {
            serde_json::json!({
                "name": format!("model-{index}"), "provider": format!("provider-{index}"), "context_window": 32_768,
                "price": {"input": 0.1, "output": 0.4}, "quality": {"default": 0.7},
                "latency": {"first_token": "100ms", "per_token": "5ms"},
            })
        })
        .collect();
    let providers: serde_json::Map<_, _> = (0..MODELS)
        .map(|index| {
            (
                format!("provider-{index}"),
                serde_json::json!({"kind": "callable"}),
            )
        })
        .collect();
    let text = serde_json::json!({
        "version": 1, "providers": providers, "models": models,
        "routes": [{"name": "general"}], "default": {"route": "general"},
    })
    .to_string();
    let source = Source {
        name: "breaker.json",
        text: &text,
        format: Format::Json,
    };
    Ok(Snapshot::build(&config::load(&source, &NoFiles)?, None)?)
}
