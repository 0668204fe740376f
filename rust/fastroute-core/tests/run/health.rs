//! Runs and live state: what is open, what is in panic, what is given back.
//!
//! Rows of the cases of resilience that are told here: B37, B38 and B46.

use fastroute_core::AttemptOutcome::{RateLimited, ServerError, Unauthorized};
use fastroute_core::{
    Availability, Caller, Ended, Forced, Judged, Next, RetryAfter, RunErrorCode, RunOptions,
    Skipped, Why,
};

use crate::fleet::{House, SECOND, at, since_start};
use crate::world::{Finished, Reply, World, answers, fails, play_one};

#[test]
fn a_model_that_cannot_be_called_is_passed_over_without_costing_a_retry() {
    let more = "resilience: {retry: {budget_ratio: 0, budget_min_per_second: 0}}\n";
    let house = House::of(2, more);
    let run = house.start(RunOptions::default());
    assert!(house.fleet.force("a", Some(Forced::Open), at(0)));
    let finished = play_one(&house, run, &[("b", &[answers(10)])]);
    assert_eq!(finished.calls[0].1.why, Why::Fallback);
    assert_eq!(finished.skipped().len(), 1);
    assert_eq!(
        finished.log[0].attempt, None,
        "it is in the log, before the attempt"
    );
}

/// Opens the breaker of a model by failures in a row, at a time.
fn open(house: &House, model: &str, us: u64) {
    let catalogue = house.fleet.catalogue();
    let model = catalogue.model_named(model).expect("a model");
    let caller = Caller::default();
    for _ in 0..5 {
        let ended = Ended::new(ServerError, 1_000);
        let epoch = house.fleet.epoch();
        house
            .fleet
            .report_unclaimed(&caller, model, 0, epoch, &ended, at(us));
    }
}

fn all_open(rule: &str) -> Finished {
    let more = format!("resilience: {{when_all_open: {rule}}}\n");
    let house = House::of(3, &more);
    let run = house.start_at(at(3 * SECOND), RunOptions::default());
    for (model, us) in [("b", 0), ("a", SECOND), ("c", 2 * SECOND)] {
        open(&house, model, us);
    }
    let mut run = Some(run);
    let mut world = World::new(
        &house,
        move |_, _, _| run.take().expect("one"),
        |_| answers(10),
    );
    world.arrives(3 * SECOND);
    let mut finished = world.play();
    assert_eq!(house.held(at(60 * SECOND)), 0);
    finished.pop().expect("one run")
}

#[test]
fn b37_when_all_are_open_nothing_is_called_and_the_error_names_the_soonest_time() {
    let finished = all_open("fail_fast");
    assert!(finished.calls.is_empty());
    let error = finished.ending.error.expect("an error");
    assert_eq!(error.code, RunErrorCode::NoModelAvailable);
    let soonest_us = since_start(error.retry_at_us.expect("a time"));
    assert!(
        (3 * SECOND..=20 * SECOND).contains(&soonest_us),
        "{soonest_us}"
    );
    assert_eq!(finished.skipped(), ["BREAKER_OPEN"; 3]);
}

#[test]
fn b37_the_last_resort_is_the_last_model_of_the_plan() {
    let finished = all_open("last_resort");
    assert_eq!(finished.models(), ["c"]);
    assert_eq!(finished.ending.answer, Some(0));
    let called = finished.log.iter().find(|line| line.attempt.is_some());
    assert!(
        called.is_some_and(|line| line.ignores_health),
        "the log says so"
    );
}

#[test]
fn b37_the_least_bad_is_the_one_that_comes_back_soonest() {
    let finished = all_open("try_least_bad");
    let retries: Vec<(u64, String)> = finished
        .log
        .iter()
        .filter_map(|line| match line.skipped {
            Some(Skipped::Denied(Availability::Open { retry_at_us })) => {
                Some((retry_at_us, format!("{:?}", line.model)))
            }
            _ => None,
        })
        .collect();
    let soonest = retries.iter().min().expect("three were denied");
    assert_eq!(format!("{:?}", finished.calls[0].1.model), soonest.1);
}

#[test]
fn b37_a_model_that_an_operator_holds_open_is_not_called_whatever_the_route_says() {
    for rule in ["last_resort", "try_least_bad"] {
        let house = House::of(1, &format!("resilience: {{when_all_open: {rule}}}\n"));
        let run = house.start(RunOptions::default());
        assert!(house.fleet.force("a", Some(Forced::Open), at(0)));
        let finished = play_one(&house, run, &[]);
        assert_eq!(
            finished.code(),
            Some(RunErrorCode::NoModelAvailable),
            "{rule}"
        );
    }
}

#[test]
fn b38_in_panic_breakers_are_ignored_among_the_plan_alone() {
    for (threshold, models) in [("0.5", vec!["a"]), ("0.3", vec!["c"])] {
        let more = format!("resilience: {{panic_threshold: {threshold}}}\n");
        let house = House::of(3, &more);
        let run = house.start(RunOptions::default());
        open(&house, "a", 0);
        open(&house, "b", 0);
        let finished = play_one(&house, run, &[("a", &[answers(10)]), ("c", &[answers(10)])]);
        assert_eq!(
            finished.models(),
            models,
            "one of three is well; threshold {threshold}"
        );
        let called = finished.log.iter().find(|line| line.attempt.is_some());
        let is_panic = threshold == "0.5";
        assert!(
            called.is_some_and(|line| line.ignores_health == is_panic),
            "the log says so"
        );
    }
}

#[test]
fn b38_in_panic_a_refused_key_keeps_calls_away_all_the_same() {
    let house = House::of(3, "resilience: {panic_threshold: 0.9}\n");
    let run = house.start(RunOptions::default());
    open(&house, "a", 0);
    open(&house, "b", 0);
    let model = house.fleet.catalogue().model_named("a").expect("a model");
    let refused = Ended::new(Unauthorized, 1_000);
    let epoch = house.fleet.epoch();
    house
        .fleet
        .report_unclaimed(&Caller::default(), model, 0, epoch, &refused, at(0));
    let finished = play_one(&house, run, &[("b", &[answers(10)])]);
    assert_eq!(finished.models(), ["b"], "its breaker alone is ignored");
    assert_eq!(finished.skipped(), ["COOLING"]);
}

#[test]
fn b46_a_run_that_is_dropped_or_cancelled_gives_every_permit_back() {
    for how in ["drop", "cancel", "drop after a failure"] {
        let house = House::of(2, "budgets: [{scope: all, limit_usd: 1, window: 1d}]\n");
        let mut run = house.start(RunOptions::default());
        assert!(matches!(run.next(at(0)), Next::Call(_)));
        assert!(house.held(at(0)) > 0);
        match how {
            "drop" => drop(run),
            "cancel" => {
                run.cancel(at(10));
                let Next::Done(ending) = run.next(at(10)) else {
                    panic!("cancelled is done");
                };
                assert_eq!(ending.cancel, [0]);
                assert_eq!(
                    ending.error.map(|error| error.code),
                    Some(RunErrorCode::Cancelled)
                );
            }
            _ => {
                let ended = Ended::new(ServerError, 10);
                let _ = run.ended(0, ended, Judged::default(), at(10));
                assert!(matches!(run.next(at(10)), Next::Call(_)));
                drop(run);
            }
        }
        assert_eq!(house.held(at(20)), 0, "{how}");
    }
}

#[test]
fn what_is_told_twice_or_too_late_is_ignored() {
    let house = House::of(2, "");
    let mut run = house.start(RunOptions::default());
    assert!(matches!(run.next(at(0)), Next::Call(_)));
    let failed = || Ended::new(ServerError, 10);
    let none: Vec<u8> = Vec::new();
    assert_eq!(
        run.ended(7, failed(), Judged::default(), at(5)),
        none,
        "nobody knows it"
    );
    assert_eq!(run.ended(0, failed(), Judged::default(), at(10)), none);
    assert_eq!(run.ended(0, failed(), Judged::default(), at(11)), none);
    assert_eq!(
        run.began(0, at(12)),
        [0],
        "an attempt that has ended is to be cancelled"
    );
    assert!(matches!(run.next(at(12)), Next::Call(call) if call.why == Why::Fallback));
    let failures: u64 = house
        .live
        .figures(at(12))
        .cells
        .iter()
        .map(|cell| cell.failures)
        .sum();
    assert_eq!(failures, 1);
}

#[test]
fn an_error_names_the_soonest_time_at_which_a_model_can_be_called_again() {
    let house = House::of(2, "");
    let limited = |seconds: u64| Reply {
        retry_after: Some(RetryAfter::After(seconds * SECOND)),
        ..fails(RateLimited, 0)
    };
    let script: [(&str, &[Reply]); 2] = [("a", &[limited(9)]), ("b", &[limited(4)])];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    let error = finished.ending.error.expect("an error");
    assert_eq!(error.code, RunErrorCode::AllAttemptsFailed);
    assert_eq!(error.retry_at_us.map(since_start), Some(4 * SECOND));
}
