//! B19 to B30: probes, their leases, and what their outcomes do.

use std::sync::Arc;
use std::thread;

use fastroute_core::{
    AttemptOutcome, Availability, Caller, Cause, Ended, HealthState, Live, ModelId,
};

use crate::lab::{
    Lab, SECOND, START, THREE, apart, ended, failed, limited, retry_at, snapshot, succeeded,
};

#[test]
fn b19_ten_thousand_claims_at_once_get_no_more_leases_than_there_are() {
    let mut lab = Lab::new(
        "breaker: {consecutive_failures: 3, wait_in_open: 10s, half_open_calls: 3, half_open_successes: 5}",
    );
    lab.half_open();
    assert!(
        lab.is_in(0),
        "a decision may pick it; only the claim takes a lease"
    );
    let probes = |lab: &Lab| {
        lab.fleet
            .is_probing(&Caller::default(), ModelId(0), 0, lab.now)
    };
    assert!(probes(&lab), "nobody has called since its time was over");
    drop(lab.claim(0));
    assert!(probes(&lab));
    let lab = Arc::new(lab);
    let threads: Vec<_> = (0..8_u128)
        .map(|thread| {
            let lab = Arc::clone(&lab);
            thread::spawn(move || {
                let claims = (0..1_250).map(|call| lab.claim_by(thread << 32 | call, 0));
                claims.filter_map(Result::ok).collect::<Vec<_>>()
            })
        })
        .collect();
    let permits: Vec<_> = threads
        .into_iter()
        .flat_map(|thread| thread.join().expect("it ends"))
        .collect();
    assert_eq!(permits.len(), 3);
    assert!(permits.iter().all(fastroute_core::Permit::is_probe));
    assert_eq!(lab.target().leases, 3);
    let full = lab.view(0).availability;
    let soonest = lab.now.monotonic_us + 30 * SECOND;
    assert_eq!(
        full,
        Availability::Open {
            retry_at_us: soonest
        },
        "others go elsewhere"
    );
    drop(permits);
    assert!(lab.is_in(0));
}

#[test]
fn b20_enough_successes_close_it_with_an_empty_window_and_a_new_epoch() {
    let mut lab =
        Lab::new("breaker: {consecutive_failures: 3, wait_in_open: 10s, half_open_successes: 2}");
    lab.half_open();
    lab.succeed(0);
    assert_eq!(lab.state(), HealthState::HalfOpen);
    let before = lab.fleet.epoch();
    lab.succeed(0);
    let target = lab.target();
    assert_eq!(target.state, HealthState::Closed);
    assert_eq!((target.calls, target.failures), (0, 0));
    assert_eq!(lab.fleet.epoch(), before + 1);
    assert_eq!(
        lab.transitions().last().map(|one| one.cause),
        Some(Cause::ProbesSucceeded)
    );
}

#[test]
fn b21_a_probe_that_fails_opens_it_for_longer_with_jitter_up_to_the_most() {
    let rules = "breaker: {consecutive_failures: 3, wait_in_open: 10s, max_wait_in_open: 60s}";
    let mut lab = Lab::new(rules);
    lab.half_open();
    for (draw, seconds) in [(0, 20), (0, 40), (0, 60), (0, 60), (u64::MAX, 48)] {
        lab.draw = draw;
        lab.fail(0);
        let wait = retry_at(&lab.view(0)) - lab.now.monotonic_us;
        let shortest = seconds * SECOND;
        assert!(
            (shortest..=shortest + 1).contains(&wait),
            "{wait} for {seconds}"
        );
        lab.wait(wait);
    }
}

#[test]
fn b22_a_probe_that_nobody_reports_loses_its_lease_and_too_many_of_them_open_it_again() {
    let mut lab = Lab::new(
        "breaker: {consecutive_failures: 3, wait_in_open: 10s, half_open_lease: 5s, half_open_lost: 3}",
    );
    lab.half_open();
    for lost in 1..=3 {
        // The process died: nothing is dropped, nothing is reported.
        let _ = lab.claim(0).keep();
        assert!(lab.claim_by(2, 0).is_err());
        lab.wait(5 * SECOND - 1);
        assert!(!lab.is_in(0), "one tick before the lease ends");
        lab.wait(1);
        assert!(
            lab.is_in(0),
            "its place is free again without anybody's doing"
        );
        assert_eq!(lab.figures().counters.lost_leases, lost);
    }
    assert!(!lab.is_in(0), "as if a probe had failed");
    assert_eq!(
        lab.transitions().last().map(|one| one.cause),
        Some(Cause::ProbesLost)
    );
    let until = retry_at(&lab.view(0));
    lab.wait(until - lab.now.monotonic_us);
    lab.succeed(0);
    assert_eq!(lab.state(), HealthState::Closed, "it is never stuck");
}

#[test]
fn b23_an_outcome_after_the_lease_is_ignored_and_counted() {
    let mut lab =
        Lab::new("breaker: {consecutive_failures: 3, wait_in_open: 10s, half_open_lease: 5s}");
    lab.half_open();
    let late = lab.claim(0);
    let kept = lab.claim_by(2, 0).map(|_| ());
    assert!(kept.is_err());
    lab.wait(5 * SECOND);
    lab.end(late, &succeeded());
    assert_eq!(lab.state(), HealthState::HalfOpen);
    assert_eq!(lab.stale(), 1);

    let kept = lab.claim(0).keep();
    lab.wait(5 * SECOND);
    let nobody = Caller::default();
    lab.fleet
        .report_kept(kept, &nobody, ModelId(0), 0, &failed(), lab.now);
    assert_eq!(lab.state(), HealthState::HalfOpen);
    assert_eq!(lab.stale(), 2);
    let kept = lab.claim(0).keep();
    lab.fleet
        .report_kept(kept, &nobody, ModelId(0), 0, &succeeded(), lab.now);
    assert_eq!(lab.state(), HealthState::Closed, "in time it counts");
}

#[test]
fn b24_a_second_outcome_of_a_probe_does_nothing_and_is_counted() {
    let mut lab =
        Lab::new("breaker: {consecutive_failures: 3, wait_in_open: 10s, half_open_successes: 2}");
    lab.half_open();
    let kept = lab.claim(0).keep();
    let nobody = Caller::default();
    for _ in 0..2 {
        lab.fleet
            .report_kept(kept, &nobody, ModelId(0), 0, &succeeded(), lab.now);
    }
    assert_eq!(lab.state(), HealthState::HalfOpen, "one success, not two");
    assert_eq!(lab.stale(), 1);
    // A permit is gone once it was reported; a host that sees the same id again says so.
    lab.live.count_duplicate();
    assert_eq!(lab.figures().counters.duplicate_outcomes, 1);
}

#[test]
fn b25_an_outcome_that_belongs_to_nothing_is_taken_without_effect_and_counted() {
    let lab = Lab::new(THREE);
    let nobody = Caller::default();
    lab.fleet
        .report_unclaimed(&nobody, ModelId(77), 0, 0, &failed(), lab.now);
    lab.live.count_unknown();
    let figures = lab.figures();
    assert_eq!(figures.counters.unknown_outcomes, 2);
    assert!(figures.cells.iter().all(|cell| cell.calls == 0));
}

#[test]
fn b26_a_probe_that_came_to_nothing_gives_its_place_back_and_decides_nothing() {
    let mut lab = Lab::new(THREE);
    lab.half_open();
    let released = lab.claim(0);
    lab.fleet.release(released, lab.now);
    assert!(lab.is_in(0));
    drop(lab.claim(0));
    assert!(lab.is_in(0), "dropping it is enough");
    for outcome in [AttemptOutcome::Cancelled, AttemptOutcome::InvalidRequest] {
        lab.call(0, &ended(outcome));
        assert!(lab.is_in(0), "{outcome:?}");
        assert_eq!(lab.state(), HealthState::HalfOpen, "{outcome:?}");
    }
    assert_eq!(lab.target().in_flight, 0);
}

#[test]
fn b27_a_rate_limited_probe_opens_it_when_strict_and_closes_it_when_lenient() {
    for (setting, state) in [
        ("strict", HealthState::Open),
        ("lenient", HealthState::Cooling),
    ] {
        let mut lab = Lab::new(&format!(
            "breaker: {{consecutive_failures: 3, wait_in_open: 10s, rate_limited_probe: {setting}}}"
        ));
        lab.half_open();
        lab.call(0, &limited(2));
        assert_eq!(lab.state(), state, "{setting}");
        lab.wait(2 * SECOND);
        let is_closed = lab.state() == HealthState::Closed;
        assert_eq!(
            is_closed,
            setting == "lenient",
            "closed once the limit is over"
        );
    }
}

#[test]
fn b28_a_probe_whose_credential_is_refused_closes_that_credential_only() {
    for outcome in [AttemptOutcome::Unauthorized, AttemptOutcome::QuotaExhausted] {
        let mut lab = Lab::new(THREE);
        lab.half_open();
        lab.call(0, &ended(outcome));
        assert_eq!(lab.cell("credential", "p0").state, HealthState::Cooling);
        let target = lab.target();
        assert_eq!(
            target.state,
            HealthState::HalfOpen,
            "{outcome:?} decides nothing about it"
        );
        assert_eq!(target.leases, 0);
        assert!(!lab.is_in(0));
    }
}

#[test]
fn b29_a_probe_whose_answer_breaks_off_has_failed_although_its_first_byte_came() {
    for outcome in [AttemptOutcome::StreamBroken, AttemptOutcome::ServerError] {
        let mut lab = Lab::new(THREE);
        lab.half_open();
        let probe = lab.claim(0);
        assert_eq!(
            lab.state(),
            HealthState::HalfOpen,
            "a first byte is reported by nobody"
        );
        let broken = Ended {
            first_token_us: Some(1_000),
            ..ended(outcome)
        };
        lab.end(probe, &broken);
        assert_eq!(lab.state(), HealthState::Open, "{outcome:?}");
    }
}

#[test]
fn b30_a_process_that_starts_anew_has_fresh_state_and_no_lease_of_the_one_before() {
    let mut lab = Lab::new(THREE);
    lab.half_open();
    let probe = lab.claim(0);
    let again = Live::new();
    let fleet = again.bind(&snapshot(&apart(1), THREE), lab.now);
    let cells = again.figures(lab.now).cells;
    assert!(
        cells
            .iter()
            .all(|cell| cell.state == HealthState::Closed && cell.leases == 0)
    );
    assert!(fleet.claim(&crate::lab::wanted(1, 0), lab.now, 0).is_ok());
    lab.end(probe, &failed());
    let cells = again.figures(lab.now).cells;
    assert!(
        cells.iter().all(|cell| cell.calls == 0),
        "the old process reaches nothing"
    );
}

#[test]
fn a_host_that_never_claims_opens_and_closes_by_its_reports() {
    let mut lab = Lab::new(THREE);
    let nobody = Caller::default();
    let report = |lab: &Lab, epoch, ended: &Ended| {
        lab.fleet
            .report_unclaimed(&nobody, ModelId(0), 0, epoch, ended, lab.now);
    };
    for _ in 0..3 {
        report(&lab, lab.fleet.epoch(), &failed());
    }
    assert!(!lab.is_in(0));
    let opened = lab.fleet.epoch();
    lab.wait(10 * SECOND);
    assert!(lab.is_in(0));
    // Decided before anybody noticed that the time was over.
    report(&lab, opened, &succeeded());
    assert_eq!(lab.state(), HealthState::Closed);
    assert_eq!(lab.stale(), 0);
    assert!(lab.now.monotonic_us > START);
}

#[test]
fn b19_a_limit_that_outlasts_the_time_in_open_ends_in_a_probe() {
    let mut lab = Lab::new(THREE);
    let late = lab.claim(0);
    lab.open();
    lab.end(late, &limited(60));
    let probes = |lab: &Lab| {
        lab.fleet
            .is_probing(&Caller::default(), ModelId(0), 0, lab.now)
    };
    lab.wait(60 * SECOND - 1);
    assert!(!probes(&lab) && !lab.is_in(0));
    lab.wait(1);
    assert!(
        lab.is_in(0) && probes(&lab),
        "a host that asks claims it first"
    );
    let probe = lab.claim(0);
    assert!(probe.is_probe() && lab.claim_by(2, 0).is_err());
    lab.end(probe, &succeeded());
    lab.call(0, &limited(60));
    lab.wait(60 * SECOND);
    assert!(!probes(&lab), "a limit alone ends in none");
}
