//! B39 to B41, B46 and B51: many targets at once, and what can be seen of them.

use std::sync::Arc;
use std::thread;

use fastroute_core::{Cause, HealthState};

use crate::lab::{Lab, SECOND, THREE, apart, failed, limited, line, retry_at};

#[test]
fn b39_one_target_may_always_be_open_and_no_more_than_the_share_says() {
    for (models, share, most) in [
        (1, 0.0, 1),
        (2, 0.1, 1),
        (2, 0.5, 1),
        (3, 0.67, 2),
        (10, 0.3, 3),
        (4, 1.0, 4),
    ] {
        let lab = Lab::of(models, &format!("{THREE}, max_ejected: {share}"));
        for model in 0..models as u16 {
            lab.fail_times(model, 3);
        }
        let open = (0..models as u16)
            .filter(|model| !lab.is_in(*model))
            .count();
        assert_eq!(open, most, "{share} of {models}");
        let refused = lab.figures().counters.ejections_refused;
        assert_eq!(refused as usize, models - most);
    }
}

#[test]
fn b39_one_that_closes_makes_room_for_another() {
    let mut lab = Lab::of(2, &format!("{THREE}, max_ejected: 0.5"));
    lab.half_open();
    lab.fail_times(1, 5);
    assert!(lab.is_in(1), "half open still counts");
    lab.succeed(0);
    lab.fail(1);
    assert!(!lab.is_in(1));
    lab.reload(&apart(1), &format!("{THREE}, max_ejected: 0.5"));
    lab.fail_times(0, 3);
    assert!(!lab.is_in(0), "one that was removed makes room too");
}

#[test]
fn b40_a_target_that_flaps_stays_away_for_longer_and_only_lasting_health_forgives_it() {
    let rules = "breaker: {consecutive_failures: 3, wait_in_open: 10s, max_wait_in_open: 300s, sliding_window: 60s}";
    let mut lab = Lab::new(rules);
    let mut waits = Vec::new();
    let start = lab.now.monotonic_us;
    while lab.now.monotonic_us - start < 3_600 * SECOND {
        let wait = lab.open() - lab.now.monotonic_us;
        waits.push(wait / SECOND);
        lab.wait(wait);
        lab.succeed(0);
        lab.wait(SECOND);
    }
    assert_eq!(waits[..6], [10, 20, 40, 80, 160, 300]);
    let transitions = lab.transitions().len() as f64;
    assert!(
        transitions / 60.0 < 1.0,
        "{transitions} transitions in an hour"
    );
    // Well for as long as it was away last: one step back. For long: all of them.
    lab.wait(300 * SECOND);
    assert_eq!(lab.open() - lab.now.monotonic_us, 300 * SECOND);
    let openings = lab.target().openings;
    lab.wait(300 * SECOND);
    lab.succeed(0);
    lab.wait(2 * 300 * SECOND);
    lab.open();
    assert_eq!(lab.target().openings, openings - 1);
    lab.wait(300 * SECOND);
    lab.succeed(0);
    lab.wait(24 * 3_600 * SECOND);
    assert_eq!(lab.open() - lab.now.monotonic_us, 10 * SECOND);
}

#[test]
fn b41_an_outage_of_a_provider_opens_its_breaker_once_and_none_of_its_models() {
    let mut models =
        "providers:\n  p0: {kind: callable}\n  p1: {kind: callable}\nmodels:\n".to_owned();
    for model in 0..4 {
        models += &line(&format!("m{model}"), "provider: p0");
    }
    models += &line("other", "provider: p1");
    let rules = "breaker: {consecutive_failures: 5}, \
                 provider_breaker: {consecutive_failures: 8, wait_in_open: 20s}";
    let mut lab = Lab::with(&models, rules);
    // Forty calls are under way when it goes down, ten of each model.
    let calls: Vec<_> = (0..40).map(|call| lab.claim(call % 4)).collect();
    for call in calls {
        lab.end(call, &failed());
    }
    let transitions = lab.transitions();
    assert_eq!(transitions.len(), 1, "{transitions:?}");
    assert_eq!(transitions[0].key.subject.kind(), "provider");
    assert_eq!(transitions[0].cause, Cause::ConsecutiveFailures);
    assert!((0..4).all(|model| !lab.is_in(model)));
    assert!(lab.is_in(4));

    lab.wait(20 * SECOND);
    let probe = lab.claim(2);
    assert!(
        lab.claim_by(2, 3).is_err(),
        "one probe for all of its models"
    );
    lab.end(probe, &failed());
    assert_eq!(
        lab.cell("target", "p0:m2").consecutive_failures,
        2,
        "those of before"
    );
    let until = retry_at(&lab.view(2));
    lab.wait(until - lab.now.monotonic_us);
    lab.succeed(3);
    assert!((0..4).all(|model| lab.is_in(model)));

    let without = Lab::with(&models, THREE);
    (0..4).for_each(|model| without.fail_times(model, 3));
    assert_eq!(without.path().len(), 4, "without it, each opens on its own");
}

#[test]
fn b46_the_count_of_calls_under_way_comes_back_to_none_however_they_end() {
    let lab = Arc::new(Lab::of(2, THREE));
    let threads: Vec<_> = (0..6_u16)
        .map(|kind| {
            let lab = Arc::clone(&lab);
            thread::spawn(move || {
                for _ in 0..200 {
                    let Ok(permit) = lab.claim_by(1, kind % 2) else {
                        continue;
                    };
                    match kind {
                        0 | 1 => lab.end(permit, &failed()),
                        2 => drop(permit),
                        3 => lab.fleet.release(permit, lab.now),
                        4 => drop(permit.keep()),
                        _ => {
                            let task = move || {
                                let _permit = permit;
                                std::panic::resume_unwind(Box::new("a task panics"))
                            };
                            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(task));
                        }
                    }
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("it ends"));
    assert!(lab.figures().cells.iter().all(|cell| cell.in_flight == 0));
}

#[test]
fn b51_every_transition_is_told_and_figures_follow_back_to_closed_on_natural_expiry() {
    let mut lab = Lab::new(THREE);
    lab.call(0, &limited(2));
    assert_eq!(lab.state(), HealthState::Cooling);
    lab.wait(2 * SECOND);
    assert_eq!(lab.state(), HealthState::Closed, "nobody called");
    lab.fail_times(0, 3);
    assert_eq!(lab.state(), HealthState::Open);
    lab.wait(10 * SECOND);
    assert_eq!(lab.state(), HealthState::HalfOpen, "nobody called");
    assert_eq!(lab.target().retry_at_us, None);
    lab.succeed(0);
    let transitions = lab.transitions();
    let path: Vec<_> = transitions
        .iter()
        .map(|one| (one.from, one.to, one.cause))
        .collect();
    assert_eq!(
        path,
        [
            (
                HealthState::Closed,
                HealthState::Cooling,
                Cause::RateLimited
            ),
            (
                HealthState::Cooling,
                HealthState::Closed,
                Cause::CoolingPassed
            ),
            (
                HealthState::Closed,
                HealthState::Open,
                Cause::ConsecutiveFailures
            ),
            (
                HealthState::Open,
                HealthState::HalfOpen,
                Cause::OpenTimePassed
            ),
            (
                HealthState::HalfOpen,
                HealthState::Closed,
                Cause::ProbesSucceeded
            ),
        ]
    );
    assert!(lab.transitions().is_empty(), "each is told once");
}
