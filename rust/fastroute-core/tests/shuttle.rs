//! B11, B19, B24 and B36 under many interleavings of their threads, chosen by shuttle.
//!
//! The tests beside `tests/resilience` use real threads, which meet few interleavings. Here every lock
//! and atomic of health is a place at which another thread may go on. Runs with
//! `cargo test -p fastroute-core --features shuttle --test shuttle`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::{
    AttemptOutcome, Caller, Ended, Fleet, Forced, HealthState, Live, ModelId, Now, Permit,
    Snapshot, View, Wanted,
};
use shuttle::thread;

/// Interleavings of each test.
const SCHEDULES: usize = 5_000;

const CONFIGURATION: &str = "
version: 1
providers: {p: {kind: callable}}
models:
  - {name: m, provider: p, context_window: 8000, price: {input: 1, output: 2},
     latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.5}}
routes: [{name: general}]
default: {route: general}
resilience: {breaker: {consecutive_failures: 2, wait_in_open: 10s, half_open_calls: 2, half_open_successes: 2}}
";

fn snapshot() -> Arc<Snapshot> {
    let source = Source {
        name: "shuttle.yaml",
        text: CONFIGURATION,
        format: Format::Yaml,
    };
    let loaded = config::load(&source, &NoFiles).expect("it is valid");
    Arc::new(Snapshot::build(&loaded, None).expect("it builds"))
}

/// Runs `test` on fresh live state under every schedule.
fn each_schedule(test: impl Fn(Live, Fleet) + Send + Sync + 'static) {
    let snapshot = snapshot();
    shuttle::check_random(
        move || {
            let live = Live::new();
            let fleet = live.bind(&snapshot, at(1));
            test(live, fleet);
        },
        SCHEDULES,
    );
}

fn at(seconds: u64) -> Now {
    Now {
        monotonic_us: seconds * 1_000_000,
        unix_us: 0,
    }
}

fn claim(fleet: &Fleet, owner: u128, seconds: u64) -> Option<Permit> {
    let wanted = Wanted {
        caller: Caller::default(),
        route: None,
        model: ModelId(0),
        deployment: 0,
        owner,
        attempt: 0,
        input_tokens: 1,
        output_tokens: 1,
        lease_us: 20_000_000,
        ignore_health: false,
    };
    fleet.claim(&wanted, at(seconds), 0).ok()
}

fn ended(outcome: AttemptOutcome) -> Ended {
    Ended::new(outcome, 1_000)
}

fn open(fleet: &Fleet) {
    for owner in 0..2 {
        let permit = claim(fleet, owner, 1).expect("it is closed");
        fleet.report(permit, &ended(AttemptOutcome::ServerError), at(1));
    }
}

fn join(threads: Vec<thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("it ends");
    }
}

#[test]
fn b11_however_many_report_the_failure_there_is_one_transition() {
    each_schedule(|live, fleet| {
        let permits: Vec<_> = (0..5).filter_map(|owner| claim(&fleet, owner, 1)).collect();
        let threads = permits.into_iter().map(|permit| {
            let fleet = fleet.clone();
            thread::spawn(move || {
                fleet.report(permit, &ended(AttemptOutcome::ServerError), at(1));
            })
        });
        join(threads.collect());
        let transitions = live.transitions();
        assert_eq!(transitions.len(), 1);
        assert_eq!(transitions[0].to, HealthState::Open);
        // Calls under way count as calls, so it opens at the third or the fourth; the rest come too late.
        let stale = live.figures(at(1)).counters.stale_outcomes;
        assert!((1..=2).contains(&stale), "{stale}");
        let mut view = View::healthy();
        fleet.view(&Caller::default(), at(1), &mut view);
        assert!(!view.is_available(ModelId(0)));
    });
}

#[test]
fn b19_however_claims_meet_no_more_probes_are_out_than_there_may_be() {
    each_schedule(|live, fleet| {
        open(&fleet);
        let (out, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let threads = (0..4_u128).map(|owner| {
            let (fleet, out, most) = (fleet.clone(), Arc::clone(&out), Arc::clone(&most));
            thread::spawn(move || {
                let Some(permit) = claim(&fleet, owner, 20) else {
                    return;
                };
                assert!(permit.is_probe());
                most.fetch_max(out.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                out.fetch_sub(1, Ordering::SeqCst);
                drop(permit);
            })
        });
        join(threads.collect());
        assert!(most.load(Ordering::SeqCst) <= 2);
        let cells = live.figures(at(20)).cells;
        assert!(
            cells
                .iter()
                .all(|cell| cell.leases == 0 && cell.in_flight == 0)
        );
        assert!(claim(&fleet, 9, 20).is_some(), "every place came back");
    });
}

#[test]
fn b24_of_two_outcomes_of_one_probe_one_counts() {
    each_schedule(|live, fleet| {
        open(&fleet);
        let kept = claim(&fleet, 7, 20).expect("it may be probed").keep();
        let threads = (0..2).map(|_| {
            let fleet = fleet.clone();
            thread::spawn(move || {
                let success = ended(AttemptOutcome::Success);
                fleet.report_kept(kept, &Caller::default(), ModelId(0), 0, &success, at(20));
            })
        });
        join(threads.collect());
        let figures = live.figures(at(20));
        assert_eq!(figures.counters.stale_outcomes, 1);
        let states: Vec<_> = figures.cells.iter().map(|cell| cell.state).collect();
        assert!(
            states.contains(&HealthState::HalfOpen),
            "one success of two"
        );
    });
}

#[test]
fn b36_a_listener_that_reads_and_forces_meets_callers_without_a_deadlock() {
    each_schedule(|live, fleet| {
        let callers = (0..2_u128).map(|owner| {
            let fleet = fleet.clone();
            thread::spawn(move || {
                for second in 1..4 {
                    if let Some(permit) = claim(&fleet, owner, second) {
                        fleet.report(permit, &ended(AttemptOutcome::ServerError), at(second));
                    }
                }
            })
        });
        let mut threads: Vec<_> = callers.collect();
        let listening = live.clone();
        threads.push(thread::spawn(move || {
            for _ in 0..3 {
                for transition in listening.transitions() {
                    let _ = listening.figures(at(3));
                    let forced =
                        Some(Forced::Closed).filter(|_| transition.to == HealthState::Open);
                    assert!(listening.force("p:m", forced, at(3)));
                }
                thread::yield_now();
            }
        }));
        join(threads);
        let epochs: Vec<_> = live.transitions().iter().map(|one| one.epoch).collect();
        assert!(epochs.is_sorted());
    });
}
