//! B1 to B11: what opens a closed breaker.

use std::sync::Arc;
use std::thread;

use fastroute_core::{AttemptOutcome, Cause, HealthState};

use crate::lab::{Lab, MS, SECOND, THREE, ended, failed, succeeded};

#[test]
fn b1_failures_below_the_threshold_and_then_a_success_start_the_count_anew() {
    let lab = Lab::new(THREE);
    lab.fail_times(0, 2);
    assert_eq!(lab.target().consecutive_failures, 2);
    lab.succeed(0);
    let target = lab.target();
    assert_eq!(target.consecutive_failures, 0);
    assert_eq!(
        (target.calls, target.failures),
        (3, 2),
        "the window keeps them"
    );
    lab.fail_times(0, 2);
    assert_eq!(lab.state(), HealthState::Closed);
    assert!(lab.transitions().is_empty());
}

#[test]
fn b2_the_failure_that_reaches_the_threshold_opens_once_with_one_event_and_a_new_epoch() {
    let lab = Lab::new(THREE);
    let before = lab.fleet.epoch();
    lab.fail_times(0, 3);
    assert!(!lab.is_in(0));
    let transitions = lab.transitions();
    let [one] = transitions.as_slice() else {
        panic!("{transitions:?}");
    };
    assert_eq!((one.from, one.to), (HealthState::Closed, HealthState::Open));
    assert_eq!(one.cause, Cause::ConsecutiveFailures);
    assert_eq!(one.key.to_string(), "p0:m0");
    assert_eq!(one.retry_at_us, Some(lab.now.monotonic_us + 10 * SECOND));
    assert_eq!((one.epoch, lab.fleet.epoch()), (before + 1, before + 1));
}

#[test]
fn b3_a_burst_opens_as_the_same_failures_spread_over_the_window_do() {
    for pause in [0, 1, 100 * MS, 5 * SECOND] {
        let mut lab = Lab::new(
            "breaker: {consecutive_failures: 0, minimum_calls: 10, failure_rate_threshold: 0.6}",
        );
        for call in 0..10 {
            lab.wait(pause);
            assert!(lab.is_in(0), "before call {call} at a pause of {pause}");
            if call % 5 < 2 {
                lab.succeed(0)
            } else {
                lab.fail(0)
            }
        }
        assert!(!lab.is_in(0), "at a pause of {pause}");
    }
}

#[test]
fn b4_one_failing_call_a_window_opens_by_the_rule_of_failures_in_a_row() {
    let mut lab = Lab::new("breaker: {consecutive_failures: 3, sliding_window: 1s}");
    for _ in 0..3 {
        assert!(lab.is_in(0));
        lab.wait(2 * SECOND);
        lab.fail(0);
    }
    assert!(!lab.is_in(0));
    assert_eq!(lab.transitions()[0].cause, Cause::ConsecutiveFailures);
}

#[test]
fn b5_below_the_minimum_of_calls_the_share_is_silent() {
    let lab = Lab::new("breaker: {consecutive_failures: 0, minimum_calls: 20}");
    lab.fail_times(0, 19);
    assert!(lab.is_in(0));
    lab.fail(0);
    assert!(!lab.is_in(0));
    assert_eq!(lab.transitions()[0].cause, Cause::FailureRate);
}

#[test]
fn b6_failures_on_both_sides_of_an_edge_are_all_counted() {
    // Edges of a bucket, of the window, of a minute.
    for edge in [6 * SECOND, 60 * SECOND, 120 * SECOND] {
        let mut lab = Lab::new("breaker: {consecutive_failures: 0, minimum_calls: 4}");
        let to_edge = edge - lab.now.monotonic_us % edge;
        lab.wait(to_edge - 2);
        for _ in 0..4 {
            assert!(lab.is_in(0), "{edge}");
            lab.fail(0);
            lab.wait(1);
        }
        assert!(!lab.is_in(0), "{edge}");
    }
}

#[test]
fn b7_a_long_gap_empties_the_window_and_the_next_call_is_the_first() {
    for gap in [61 * SECOND, u64::from(u32::MAX) * 7 * SECOND] {
        let mut lab = Lab::new("breaker: {consecutive_failures: 0, minimum_calls: 3}");
        lab.fail_times(0, 2);
        lab.wait(gap);
        lab.fail(0);
        assert_eq!(lab.target().calls, 1, "{gap}");
        lab.fail(0);
        assert!(lab.is_in(0), "{gap}");
        lab.fail(0);
        assert!(!lab.is_in(0), "it is not wedged after {gap}");
    }
}

#[test]
fn b8_reports_from_many_threads_in_any_order_add_up() {
    let lab = Arc::new(Lab::new(
        "breaker: {consecutive_failures: 0, minimum_calls: 1000000}",
    ));
    let threads: Vec<_> = (0..8_u64)
        .map(|thread| {
            let lab = Arc::clone(&lab);
            thread::spawn(move || {
                for call in 0..500_u64 {
                    let permit = lab.claim(0);
                    let mut now = lab.now;
                    now.monotonic_us += (call * 7 + thread * 13) % 1_000;
                    match (call + thread) % 3 {
                        0 => lab.fleet.report(permit, &failed(), now),
                        1 => lab.fleet.report(permit, &succeeded(), now),
                        _ => lab.fleet.release(permit, now),
                    }
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("it ends"));
    let count = |kind: u64| {
        (0..8)
            .flat_map(|thread| (0..500).map(move |call| (call + thread) % 3))
            .filter(|which| *which == kind)
            .count() as u64
    };
    let target = lab.target();
    assert_eq!(
        (target.calls, target.failures),
        (count(0) + count(1), count(0))
    );
    assert_eq!(target.in_flight, 0);
}

#[test]
fn b9_outcomes_that_say_nothing_of_the_model_change_nothing_and_end_the_call() {
    let lab = Lab::new(THREE);
    lab.fail_times(0, 2);
    for outcome in [
        AttemptOutcome::Cancelled,
        AttemptOutcome::InvalidRequest,
        AttemptOutcome::ContextTooLong,
        AttemptOutcome::ContentRefused,
        AttemptOutcome::LocalError,
    ] {
        let permit = lab.claim(0);
        assert_eq!(lab.target().in_flight, 1);
        lab.end(permit, &ended(outcome));
        let target = lab.target();
        assert_eq!(target.in_flight, 0, "{outcome:?}");
        assert_eq!(
            (target.calls, target.consecutive_failures),
            (2, 2),
            "{outcome:?}"
        );
    }
    lab.fail(0);
    assert!(
        !lab.is_in(0),
        "they came between failures and did not end the row"
    );
}

#[test]
fn b10_a_slow_call_counts_as_slow_only_and_slow_calls_open_by_their_share() {
    let slow = fastroute_core::Ended::new(AttemptOutcome::Success, SECOND);
    let rules =
        "breaker: {slow_call_duration: 1s, slow_call_rate_threshold: 0.5, minimum_calls: 4}";
    let lab = Lab::new(rules);
    lab.call(0, &slow);
    let target = lab.target();
    assert_eq!((target.calls, target.failures, target.slow), (1, 0, 1));
    assert_eq!(target.consecutive_failures, 0);
    lab.succeed(0);
    lab.succeed(0);
    lab.call(0, &slow);
    assert!(!lab.is_in(0));
    assert_eq!(lab.transitions()[0].cause, Cause::SlowCallRate);

    let off = Lab::new("breaker: {slow_call_duration: 1s, minimum_calls: 4}");
    (0..10).for_each(|_| off.call(0, &slow));
    assert!(off.is_in(0), "a share of 1 turns it off");
}

#[test]
fn b11_a_thousand_threads_that_report_the_failure_make_one_transition_and_one_record() {
    let lab = Arc::new(Lab::new(THREE));
    let permits: Vec<_> = (0..1_000).map(|_| lab.claim(0)).collect();
    let threads: Vec<_> = permits
        .into_iter()
        .map(|permit| {
            let lab = Arc::clone(&lab);
            thread::Builder::new()
                .stack_size(64 * 1024)
                .spawn(move || lab.end(permit, &failed()))
                .expect("a thread starts")
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("it ends"));
    assert_eq!(lab.path(), [HealthState::Open]);
    // It opens when as many have failed as have not ended yet; those after it are of the time before.
    assert!((400..=500).contains(&lab.stale()), "{}", lab.stale());
    assert_eq!(lab.target().openings, 1);
}

#[test]
fn b4_a_model_that_mostly_fails_is_opened_by_sixty_or_so_failures_in_a_row() {
    for (of_hundred, most) in [(50, 20), (86, 62)] {
        let mut lab = Lab::new(
            "breaker: {failure_rate_threshold: 1.0, consecutive_failures: 5, sliding_window: 1h}",
        );
        // Successes are spread, and more of them at first, so that no run is long for its history.
        for call in 0..1_100 {
            let of_hundred = if call < 100 { 50 } else { of_hundred };
            lab.wait(MS);
            if call * of_hundred % 100 < of_hundred {
                lab.fail(0);
            } else {
                lab.succeed(0);
            }
        }
        assert!(lab.is_in(0), "{of_hundred}");
        let failures = (1..=200).find(|_| {
            lab.wait(MS);
            lab.fail(0);
            !lab.is_in(0)
        });
        assert!(
            failures.is_some_and(|run| run <= most),
            "{of_hundred}: {failures:?}"
        );
        assert_eq!(
            lab.transitions()[0].cause,
            Cause::ConsecutiveFailures,
            "{of_hundred}"
        );
    }
}
