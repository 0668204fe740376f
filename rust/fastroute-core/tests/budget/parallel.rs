//! A thousand calls at once: nothing is spent over a cap but what providers charge beyond their word.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use fastroute_core::{Live, ModelId};

use crate::support::{Call, LARGE, SMALL, START, answered, figures, fleet};

fn spawn<'s>(scope: &'s thread::Scope<'s, '_>, work: impl FnOnce() + Send + 's) {
    thread::Builder::new()
        .stack_size(256 * 1_024)
        .spawn_scoped(scope, work)
        .expect("a thread starts");
}

#[test]
fn a_thousand_parallel_calls_overspend_by_at_most_those_in_flight_times_the_dearest_step() {
    const CALLS: u64 = 1_000;
    let live = Live::new();
    let fleet = fleet(&live, "{scope: caller.team, limit_usd: 0.5, window: 1d}");
    let limit = 500_000_000;
    let barrier = Barrier::new(CALLS as usize);
    let granted = Mutex::new(Vec::new());
    let charged = AtomicU64::new(0);
    thread::scope(|scope| {
        for number in 0..CALLS {
            let (fleet, barrier, granted, charged) = (&fleet, &barrier, &granted, &charged);
            spawn(scope, move || {
                // Every third call goes to the dear model.
                let model = u16::from(number % 3 == 0);
                let call = Call {
                    model: ModelId(model),
                    input: 200,
                    output: 100,
                    ..Call::default()
                };
                barrier.wait();
                let claimed = call.claim(fleet, START);
                barrier.wait();
                if let Ok(permit) = claimed {
                    let price = [SMALL, LARGE][usize::from(model)];
                    granted.lock().unwrap().push(200 * price.0 + 100 * price.1);
                    // The provider puts out twice what was the most.
                    charged.fetch_add(200 * price.0 + 200 * price.1, Ordering::Relaxed);
                    fleet.report(permit, &answered(200, 200), START);
                }
            });
        }
    });
    let granted = granted.into_inner().unwrap();
    let dearest = 200 * LARGE.0 + 200 * LARGE.1;
    let reserved: u64 = granted.iter().sum();
    assert!(reserved <= limit, "{reserved}");
    assert!(reserved > limit - dearest, "{reserved} of {limit}");
    let charged = charged.into_inner();
    assert!(
        charged <= limit + granted.len() as u64 * dearest,
        "{charged}"
    );
    let figures = figures(&live, Some("blue"), START);
    assert_eq!((figures.spent_nano, figures.reserved_nano), (reserved, 0));
}

#[test]
fn a_budget_is_used_up_by_calls_that_take_less_than_they_reserve() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 0.1, window: 1h}");
    let limit = 100_000_000;
    thread::scope(|scope| {
        for _ in 0..8 {
            let fleet = &fleet;
            spawn(scope, move || {
                let mut refused = 0;
                while refused < 50 {
                    let call = Call {
                        input: 50,
                        output: 200,
                        ..Call::default()
                    };
                    match call.claim(fleet, START) {
                        Ok(permit) => fleet.report(permit, &answered(50, 20), START),
                        Err(_) => {
                            refused += 1;
                            thread::yield_now();
                        }
                    }
                }
            });
        }
    });
    let figures = figures(&live, None, START);
    let most = 50 * SMALL.0 + 200 * SMALL.1;
    assert!(figures.spent_nano <= limit, "{figures:?}");
    assert!(figures.spent_nano > limit - 8 * most, "{figures:?}");
    assert_eq!(figures.reserved_nano, 0);
}
