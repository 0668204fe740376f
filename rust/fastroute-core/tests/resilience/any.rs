//! B31 to B36: clocks, operators, reloads and listeners, in every state.

use std::sync::Arc;
use std::thread;

use fastroute_core::{
    AttemptOutcome, Availability, Caller, Ended, Forced, HealthState, Now, Permit, RetryAfter,
};

use crate::lab::{Lab, MS, SECOND, START, THREE, UNIX, apart, failed, limited, retry_at, wanted};

#[test]
fn b31_the_wall_clock_moves_nothing_and_a_date_is_converted_once() {
    const DAY: u64 = 86_400 * SECOND;
    let mut lab = Lab::new(THREE);
    let until = lab.open();
    for unix_us in [UNIX - DAY, UNIX + DAY, 0, u64::MAX] {
        lab.now.unix_us = unix_us;
        assert_eq!(retry_at(&lab.view(0)), until);
        assert_eq!(lab.state(), HealthState::Open);
    }
    let mut dated = Lab::new(THREE);
    let date = Ended {
        retry_after: Some(RetryAfter::UnixAt(UNIX + 20 * SECOND)),
        ..limited(0)
    };
    dated.call(0, &date);
    for unix_us in [UNIX - DAY, UNIX + DAY] {
        dated.now.unix_us = unix_us;
        assert_eq!(retry_at(&dated.view(0)), START + 20 * SECOND);
    }
    // Suspended for a day: the clock that never goes back may stand still or jump.
    dated.now.monotonic_us += DAY;
    assert!(dated.is_in(0));
}

#[test]
fn b32_equal_instants_and_the_longest_times_saturate() {
    let long = "breaker: {consecutive_failures: 1, wait_in_open: 365d, max_wait_in_open: 365d, \
                sliding_window: 365d, half_open_lease: 365d}";
    for monotonic_us in [0, START, u64::MAX - 1, u64::MAX] {
        let mut lab = Lab::new(long);
        lab.now.monotonic_us = monotonic_us;
        for _ in 0..70 {
            if let Ok(permit) = lab.claim_by(1, 0) {
                lab.end(permit, &failed());
            }
            let far = lab.now.monotonic_us.saturating_add(400 * 86_400 * SECOND);
            lab.now.monotonic_us = far;
            let _ = (lab.view(0), lab.figures());
        }
        let mut far = limited(0);
        far.retry_after = Some(RetryAfter::After(u64::MAX));
        let _ = lab.claim_by(1, 0).map(|permit| lab.end(permit, &far));
        let _ = (lab.view(0), lab.figures());
    }
}

#[test]
fn b33_an_operator_wins_over_everything_automatic_until_the_reset() {
    let mut lab = Lab::new(THREE);
    assert!(lab.live.force("p0:m0", Some(Forced::Open), lab.now));
    assert!(!lab.live.force("p0:unknown", Some(Forced::Open), lab.now));
    let forever = Availability::Open {
        retry_at_us: u64::MAX,
    };
    lab.wait(1_000_000 * SECOND);
    assert_eq!(lab.view(0).availability, forever, "no timer lets it go");
    let mut ignoring = wanted(1, 0);
    ignoring.ignore_health = true;
    assert!(
        lab.fleet.claim(&ignoring, lab.now, 0).is_err(),
        "nor does a call that ignores health"
    );

    assert!(lab.fleet.force("m0", Some(Forced::Closed), lab.now));
    lab.fail_times(0, 50);
    lab.call(0, &limited(60));
    assert!(lab.is_in(0), "held closed, its limits too");
    assert_eq!(lab.target().failures, 50, "they are counted");

    assert!(lab.fleet.force("m0", Some(Forced::Disabled), lab.now));
    lab.fail_times(0, 50);
    assert!(lab.is_in(0));
    assert_eq!(
        lab.target().calls,
        0,
        "a breaker out of play counts nothing"
    );
    lab.call(0, &limited(60));
    assert!(!lab.is_in(0), "what the provider asks still holds");

    assert!(lab.fleet.force("m0", None, lab.now));
    assert!(lab.is_in(0), "a reset begins anew");
    lab.fail_times(0, 3);
    assert!(!lab.is_in(0), "and is automatic again");
    assert!(!lab.fleet.force("unknown", None, lab.now));
    assert_eq!(
        lab.path(),
        [
            HealthState::ForcedOpen,
            HealthState::ForcedClosed,
            HealthState::Disabled,
            HealthState::Closed,
            HealthState::Open,
        ]
    );
}

#[test]
fn b33_an_operator_s_word_holds_in_scopes_that_nobody_has_met() {
    let mut lab = Lab::of(2, &format!("{THREE}, scope: team"));
    let team = |team| Caller {
        team: Some(team),
        ..Caller::default()
    };
    let is_in = |lab: &Lab, name| {
        // As a batch does: it only looks.
        let first = lab.view_for(&team(name), 0).availability;
        assert_eq!(first, lab.view_for(&team(name), 0).availability);
        first == Availability::Available
    };
    assert!(is_in(&lab, "early"));
    assert!(lab.fleet.force("m0", Some(Forced::Open), lab.now));
    assert!(!is_in(&lab, "early") && !is_in(&lab, "red"));
    assert_eq!(
        lab.view_for(&team("red"), 1).availability,
        Availability::Available
    );
    lab.reload(&apart(2), &format!("{THREE}, scope: team"));
    assert!(!is_in(&lab, "blue"), "a reload keeps it");
    assert!(lab.fleet.force("m0", None, lab.now));
    assert!(is_in(&lab, "red") && is_in(&lab, "blue") && is_in(&lab, "green"));
}

#[test]
fn b33_an_operator_may_clear_the_cooling_of_a_credential() {
    let lab = Lab::new(THREE);
    lab.call(0, &crate::lab::ended(AttemptOutcome::Unauthorized));
    assert!(!lab.is_in(0));
    assert!(lab.live.force("p0", None, lab.now));
    assert!(lab.is_in(0));
}

#[test]
fn b34_a_reload_carries_the_state_of_what_kept_its_key_and_opens_nothing() {
    let rules = |window: &str, calls: u32| {
        format!(
            "breaker: {{consecutive_failures: 0, minimum_calls: {calls}, sliding_window: {window}}}"
        )
    };
    let mut lab = Lab::of(2, &rules("60s", 20));
    lab.fail_times(0, 15);
    lab.call(1, &limited(60));
    lab.wait(10 * SECOND);
    for window in ["30s", "20s", "60s"] {
        lab.reload(&apart(2), &rules(window, 10));
        assert_eq!(
            lab.state(),
            HealthState::Closed,
            "lower thresholds open nothing alone"
        );
        assert_eq!(lab.target().calls, 15, "resized to {window}");
        assert!(!lab.is_in(1), "it still cools");
    }
    lab.reload(&apart(2), &rules("5s", 10));
    assert_eq!(
        lab.target().calls,
        0,
        "what is older than the window is gone"
    );
    lab.fail_times(0, 10);
    assert_eq!(lab.state(), HealthState::Open);
    lab.reload(&apart(2), &rules("60s", 1_000));
    assert_eq!(lab.state(), HealthState::Open);
    lab.reload(&apart(1), &rules("60s", 1_000));
    assert!(
        lab.figures()
            .cells
            .iter()
            .all(|cell| !cell.key.to_string().contains("p1"))
    );
    lab.reload(&apart(2), &rules("60s", 1_000));
    assert!(lab.is_in(1), "what was removed comes back without a past");
    lab.reload(&apart(2), "breaker: {enabled: false}");
    assert!(
        lab.is_in(0),
        "a breaker that is switched off lets everything through"
    );
    lab.fail_times(0, 100);
    assert!(lab.is_in(0));
}

#[test]
fn b35_outcomes_of_a_target_that_was_removed_do_not_touch_the_one_of_the_same_name() {
    let mut lab = Lab::of(2, THREE);
    let old_fleet = lab.fleet.clone();
    let epoch = lab.fleet.epoch();
    let permits: Vec<Permit> = (0..5).map(|_| lab.claim(1)).collect();
    lab.reload(&apart(1), THREE);
    lab.reload(&apart(2), THREE);
    for permit in permits {
        lab.fleet.report(permit, &failed(), lab.now);
    }
    for _ in 0..5 {
        let nobody = fastroute_core::Caller::default();
        let model = fastroute_core::ModelId(1);
        lab.fleet
            .report_unclaimed(&nobody, model, 0, epoch, &limited(60), lab.now);
        old_fleet.report_unclaimed(&nobody, model, 0, epoch, &failed(), lab.now);
    }
    assert!(lab.is_in(1));
    let cell = lab.cell("target", "p1:m1");
    assert_eq!((cell.calls, cell.in_flight), (0, 0));
    assert_eq!(lab.path(), [], "nobody is told of a target that is gone");
    lab.fail_times(1, 3);
    assert!(!lab.is_in(1), "the new one is watched");
}

#[test]
fn b36_a_listener_may_read_and_force_breakers_while_it_listens() {
    let lab = Arc::new(Lab::of(4, THREE));
    let caller = {
        let lab = Arc::clone(&lab);
        thread::spawn(move || {
            for round in 0..200_u64 {
                let mut now = lab.now;
                now.monotonic_us += round * 20 * SECOND;
                for model in 0..4 {
                    for _ in 0..3 {
                        let Ok(permit) = lab.fleet.claim(&wanted(1, model), now, round) else {
                            continue;
                        };
                        lab.fleet.report(permit, &failed(), now);
                    }
                }
            }
        })
    };
    let listener = {
        let lab = Arc::clone(&lab);
        thread::spawn(move || {
            let mut heard = 0;
            while heard < 100 {
                for transition in lab.live.transitions() {
                    heard += 1;
                    let now = Now {
                        monotonic_us: transition.at_us,
                        ..lab.now
                    };
                    let _ = lab.live.figures(now);
                    let _ = lab.live.force(&transition.key.to_string(), None, now);
                    assert!(lab.live.transitions().len() < 1_024 + 1);
                }
                thread::yield_now();
            }
        })
    };
    listener.join().expect("it hears enough and ends");
    caller.join().expect("it ends");
}

#[test]
fn b36_transitions_that_nobody_fetches_are_dropped_oldest_first_and_counted() {
    let mut lab =
        Lab::new("breaker: {consecutive_failures: 1, wait_in_open: 1ms, max_wait_in_open: 1ms}");
    for _ in 0..1_000 {
        lab.fail(0);
        lab.wait(MS);
        lab.succeed(0);
    }
    let dropped = lab.figures().counters.transitions_dropped;
    let transitions = lab.transitions();
    assert_eq!((transitions.len() as u64, dropped), (1_024, 3_000 - 1_024));
    assert!(
        transitions
            .windows(2)
            .all(|two| two[0].epoch < two[1].epoch)
    );
    assert_eq!(
        transitions.last().map(|one| one.to),
        Some(HealthState::Closed)
    );
}
