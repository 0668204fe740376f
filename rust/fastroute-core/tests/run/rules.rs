//! Each rule of a run: what is called after what, and when nothing more is.
//!
//! Rows of the cases of resilience that concern a run bear their number: B37, B38, B46, B47, B49.

use fastroute_core::AttemptOutcome::{
    Cancelled, ConnectFailed, ContentRefused, ContextTooLong, InvalidRequest, LocalError,
    ModelNotFound, QuotaExhausted, RateLimited, ServerError, StreamBroken, Timeout, Unauthorized,
};
use fastroute_core::{
    AttemptOutcome, Forced, Judged, Next, OwnedCaller, Purpose, RetryAfter, Run, RunErrorCode,
    RunOptions, Why,
};

use crate::fleet::{House, MS, SECOND, at, chain, since_start};
use crate::world::{Finished, Reply, answers, fails, play_one};

const GENEROUS: &str = "resilience: {retry: {max_attempts: 10, budget_min_per_second: 100}}\n";

fn whys(finished: &Finished) -> Vec<Why> {
    finished.calls.iter().map(|(_, call)| call.why).collect()
}

/// Two deployments of `a` at two providers, and `b`.
fn two_deployments(more: &str) -> House {
    let deployments = "deployments: [{provider: p_a}, {provider: p_b}], ";
    let text = chain(2, more).replace(
        "name: a, provider: p_a, ",
        &format!("name: a, {deployments}"),
    );
    House::new(&text)
}

#[test]
fn the_primary_is_called_first_and_its_answer_ends_the_run() {
    let house = House::of(3, "");
    let finished = play_one(
        &house,
        house.start(RunOptions::default()),
        &[("a", &[answers(300)])],
    );
    assert_eq!(whys(&finished), [Why::Primary]);
    assert_eq!(finished.ending.answer, Some(0));
    assert!(finished.ending.accepted);
    assert_eq!(finished.ended_us, 300);
    assert_eq!(house.held(at(300)), 0);
}

#[test]
fn another_deployment_of_the_model_comes_before_the_next_model() {
    let house = two_deployments(GENEROUS);
    let script: [(&str, &[Reply]); 2] = [("a", &[fails(ServerError, 10)]), ("b", &[answers(10)])];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(finished.models(), ["a", "a", "b"]);
    assert_eq!(whys(&finished), [Why::Primary, Why::Retry, Why::Fallback]);
    assert_ne!(
        finished.calls[0].1.deployment,
        finished.calls[1].1.deployment
    );
}

#[test]
fn the_next_model_takes_over_at_once() {
    for outcome in [
        ConnectFailed,
        ModelNotFound,
        QuotaExhausted,
        RateLimited,
        ServerError,
        StreamBroken,
        Timeout,
        Unauthorized,
    ] {
        let house = House::of(2, "");
        let script: [(&str, &[Reply]); 2] = [("a", &[fails(outcome, 10)]), ("b", &[answers(20)])];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), ["a", "b"], "{outcome:?}");
        assert_eq!(finished.ending.answer, Some(1), "{outcome:?}");
        assert_eq!(finished.ended_us, 30, "{outcome:?}");
    }
}

#[test]
fn what_failed_for_a_passing_reason_is_called_again_after_a_pause_when_nothing_else_is_left() {
    for outcome in [ConnectFailed, ServerError, Timeout] {
        let house = House::of(2, GENEROUS);
        let script: [(&str, &[Reply]); 2] = [
            ("a", &[fails(outcome, 1_000), answers(1_000)]),
            ("b", &[fails(outcome, 1_000)]),
        ];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), ["a", "b", "a"], "{outcome:?}");
        assert_eq!(whys(&finished), [Why::Primary, Why::Fallback, Why::Retry]);
        let pause_us = finished.log[2].started_us - finished.log[0].started_us - 1_000;
        assert!(
            (50 * MS..=100 * MS).contains(&pause_us),
            "jitter takes up to half: {pause_us}"
        );
    }
}

#[test]
fn pauses_double_up_to_the_longest() {
    let more = "resilience: {breaker: {enabled: false}, retry: {max_attempts: 7, \
                budget_min_per_second: 100, backoff: 100ms, max_backoff: 400ms}}\n";
    let house = House::of(1, more);
    let finished = play_one(
        &house,
        house.start(RunOptions::default()),
        &[("a", &[fails(ServerError, 0)])],
    );
    assert_eq!(finished.calls.len(), 7);
    let starts: Vec<u64> = finished
        .log
        .iter()
        .take(7)
        .map(|line| line.started_us)
        .collect();
    let pauses = starts.windows(2).map(|pair| pair[1] - pair[0]);
    for (pause_us, most_ms) in pauses.zip([100, 200, 400, 400, 400, 400]) {
        let range = most_ms * MS / 2..=most_ms * MS;
        assert!(range.contains(&pause_us), "{pause_us} is not in {range:?}");
    }
}

#[test]
fn a_limit_a_refused_key_a_quota_and_a_missing_model_are_never_called_again() {
    for outcome in [
        RateLimited,
        Unauthorized,
        QuotaExhausted,
        ModelNotFound,
        StreamBroken,
    ] {
        let house = House::of(2, GENEROUS);
        let script: [(&str, &[Reply]); 2] =
            [("a", &[fails(outcome, 10)]), ("b", &[fails(outcome, 10)])];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), ["a", "b"], "{outcome:?}");
        assert_eq!(
            finished.code(),
            Some(RunErrorCode::AllAttemptsFailed),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_request_at_fault_a_fault_of_our_own_and_a_host_that_gives_up_stop_the_run() {
    for (outcome, code) in [
        (InvalidRequest, RunErrorCode::InvalidRequest),
        (LocalError, RunErrorCode::LocalError),
        (Cancelled, RunErrorCode::Cancelled),
    ] {
        let house = House::of(3, GENEROUS);
        let script: [(&str, &[Reply]); 1] = [("a", &[fails(outcome, 10)])];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), ["a"], "{outcome:?}");
        assert_eq!(finished.code(), Some(code));
    }
}

#[test]
fn b49_after_a_text_that_was_too_long_only_larger_windows_are_called_and_health_is_untouched() {
    let text = chain(4, GENEROUS)
        .replace(
            "name: c, provider: p_c, context_window: 8000",
            "name: c, provider: p_c, context_window: 16000",
        )
        .replace(
            "name: d, provider: p_d, context_window: 8000",
            "name: d, provider: p_d, context_window: 16000",
        );
    let house = House::new(&text);
    let script: [(&str, &[Reply]); 3] = [
        ("a", &[fails(ContextTooLong, 10)]),
        ("c", &[fails(ServerError, 10)]),
        ("d", &[fails(ContextTooLong, 10)]),
    ];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(
        finished.models(),
        ["a", "c", "d"],
        "`b` is no larger than `a`"
    );
    assert_eq!(
        finished.code(),
        Some(RunErrorCode::ContextTooLong),
        "`c` is no larger than `d`"
    );
    assert!(finished.skipped().contains(&"WINDOW_TOO_SMALL"));
    let figures = house.live.figures(at(100));
    let failures: u64 = figures.cells.iter().map(|cell| cell.failures).sum();
    assert_eq!(failures, 1, "the server error alone");
}

#[test]
fn a_refusal_by_content_policy_stops_the_run_or_goes_to_the_next_model_as_the_route_says() {
    for (rule, models, code) in [
        ("stop", vec!["a"], Some(RunErrorCode::ContentRefused)),
        ("next", vec!["a", "b"], None),
    ] {
        let text = chain(2, GENEROUS).replace(
            "    choose: [a]\n",
            &format!("    choose: [a]\n    on_content_refused: {rule}\n"),
        );
        let house = House::new(&text);
        let script: [(&str, &[Reply]); 2] =
            [("a", &[fails(ContentRefused, 10)]), ("b", &[answers(10)])];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), models, "{rule}");
        assert_eq!(finished.code(), code, "{rule}");
    }
}

#[test]
fn a_refusal_counts_for_every_deployment_of_the_model() {
    let deployments = "deployments: [{provider: p_a}, {provider: p_b}], ";
    let text = chain(2, GENEROUS)
        .replace(
            "name: a, provider: p_a, ",
            &format!("name: a, {deployments}"),
        )
        .replace(
            "    choose: [a]\n",
            "    choose: [a]\n    on_content_refused: next\n",
        );
    let house = House::new(&text);
    let script: [(&str, &[Reply]); 2] =
        [("a", &[fails(ContentRefused, 10)]), ("b", &[answers(10)])];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(finished.models(), ["a", "b"]);
}

#[test]
fn b47_a_chain_that_fails_at_every_step_keeps_its_attempts_its_deadline_and_calls_no_target_twice()
{
    let more = "resilience: {deadline: 5s, retry: {max_attempts: 4, budget_min_per_second: 100}}\n";
    let house = House::of(6, more);
    let failing = [fails(ServerError, 900 * MS)];
    let script: [(&str, &[Reply]); 6] = [
        ("a", &failing),
        ("b", &failing),
        ("c", &failing),
        ("d", &failing),
        ("e", &failing),
        ("f", &failing),
    ];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(
        finished.models(),
        ["a", "b", "c", "d"],
        "four attempts, no target twice"
    );
    assert!(finished.ended_us <= 5 * SECOND);
    assert_eq!(finished.code(), Some(RunErrorCode::AllAttemptsFailed));
    let outcomes: Vec<_> = finished
        .log
        .iter()
        .filter_map(|line| line.outcome)
        .collect();
    assert_eq!(outcomes, [ServerError; 4], "each step is in the log");
    assert_eq!(finished.skipped(), ["TOO_MANY_ATTEMPTS"]);
    assert_eq!(house.held(at(5 * SECOND)), 0);
}

#[test]
fn one_target_under_two_names_is_called_once() {
    let text =
        chain(2, GENEROUS).replace("name: b, provider: p_b", "name: b, model: a, provider: p_a");
    let house = House::new(&text);
    let script: [(&str, &[Reply]); 1] = [("a", &[fails(RateLimited, 10)])];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(finished.models(), ["a"]);
}

#[test]
fn a_first_attempt_is_free_and_every_attempt_after_a_failure_takes_from_the_retry_budget() {
    let more = "resilience: {retry: {budget_ratio: 0, budget_min_per_second: 0}}\n";
    let house = House::of(2, more);
    let script: [(&str, &[Reply]); 1] = [("a", &[fails(ServerError, 10)])];
    for _ in 0..3 {
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), ["a"]);
        assert_eq!(finished.skipped(), ["RETRY_BUDGET"]);
        assert_eq!(finished.code(), Some(RunErrorCode::AllAttemptsFailed));
    }
    assert_eq!(house.live.figures(at(10)).counters.retries_refused, 3);
}

#[test]
fn a_model_that_cannot_be_called_is_passed_over_without_costing_a_retry() {
    let more = "resilience: {retry: {budget_ratio: 0, budget_min_per_second: 0}}\n";
    let house = House::of(2, more);
    let run = house.start(RunOptions::default());
    assert!(house.fleet.force("a", Some(Forced::Open), at(0)));
    let finished = play_one(&house, run, &[("b", &[answers(10)])]);
    assert_eq!(whys(&finished), [Why::Fallback]);
    assert_eq!(finished.skipped().len(), 1);
    assert_eq!(
        finished.log[0].attempt, None,
        "it is in the log, before the attempt"
    );
}

#[test]
fn the_smallest_deadline_counts_and_questions_have_used_some_of_it() {
    let house = House::of(1, "resilience: {deadline: 10s}\n");
    for (wanted_us, asked_us, expected_us) in [
        (None, 0, 10 * SECOND),
        (Some(3 * SECOND), 0, 3 * SECOND),
        (Some(60 * SECOND), 0, 10 * SECOND),
        (Some(3 * SECOND), SECOND, 2 * SECOND),
        (Some(3 * SECOND), 9 * SECOND, 0),
    ] {
        let options = RunOptions {
            deadline_us: wanted_us,
            asked_us,
            ..RunOptions::default()
        };
        let finished = play_one(
            &house,
            house.start(options),
            &[("a", &[answers(60 * SECOND)])],
        );
        assert_eq!(finished.ended_us, expected_us);
        assert_eq!(finished.code(), Some(RunErrorCode::DeadlineExceeded));
    }
}

#[test]
fn our_own_deadline_says_nothing_about_the_target() {
    let house = House::of(1, "resilience: {deadline: 1s}\n");
    let finished = play_one(
        &house,
        house.start(RunOptions::default()),
        &[("a", &[answers(60 * SECOND)])],
    );
    assert_eq!(finished.log[0].outcome, Some(Cancelled));
    let failures: u64 = house
        .live
        .figures(at(SECOND))
        .cells
        .iter()
        .map(|cell| cell.failures)
        .sum();
    assert_eq!(failures, 0);
    assert_eq!(house.held(at(SECOND)), 0);
}

#[test]
fn a_host_that_never_says_how_a_call_ended_is_told_to_cancel_it_at_the_deadline() {
    let house = House::of(1, "resilience: {deadline: 1s}\n");
    let mut run = house.start(RunOptions::default());
    assert!(matches!(run.next(at(0)), Next::Call(_)));
    assert!(matches!(run.next(at(0)), Next::Wait { until_us } if since_start(until_us) == SECOND));
    let Next::Done(ending) = run.next(at(SECOND)) else {
        panic!("the deadline ends it");
    };
    assert_eq!(ending.cancel, [0]);
    assert_eq!(house.held(at(SECOND)), 0);
}

#[test]
fn an_attempt_ends_at_its_own_time_or_the_deadline() {
    let more = "resilience: {deadline: 10s, timeouts: {attempt: 4s, first_token: 2s, idle: 1s}}\n";
    let house = House::of(1, more);
    for (is_stream, deadline, until, first) in [
        (false, 10, 4, 4),
        (true, 10, 4, 2),
        (true, 3, 3, 2),
        (true, 1, 1, 1),
    ] {
        let options = RunOptions {
            is_stream,
            deadline_us: Some(deadline * SECOND),
            ..RunOptions::default()
        };
        let mut run = house.start(options);
        let Next::Call(call) = run.next(at(0)) else {
            panic!("a first call");
        };
        assert_eq!(since_start(call.until_us), until * SECOND);
        assert_eq!(since_start(call.first_token_until_us), first * SECOND);
        assert_eq!(call.idle_us, SECOND);
    }
}

#[test]
fn a_pause_that_would_end_after_the_deadline_is_not_made() {
    let more = "resilience: {deadline: 200ms, retry: {backoff: 10s, max_backoff: 10s}}\n";
    let house = House::of(1, more);
    let finished = play_one(
        &house,
        house.start(RunOptions::default()),
        &[("a", &[fails(ServerError, 10)])],
    );
    assert_eq!(finished.ended_us, 10, "it says so at once");
    assert_eq!(finished.skipped(), ["NO_TIME_LEFT"]);
    assert_eq!(finished.code(), Some(RunErrorCode::AllAttemptsFailed));
}

/// Opens the breaker of a model by failures in a row, at a time.
fn open(house: &House, model: &str, us: u64) {
    let catalogue = house.fleet.catalogue();
    let model = catalogue.model_named(model).expect("a model");
    let caller = fastroute_core::Caller::default();
    for _ in 0..5 {
        let ended = fastroute_core::Ended::new(AttemptOutcome::ServerError, 1_000);
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
    let mut world = crate::world::World::new(
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
}

#[test]
fn b37_the_least_bad_is_the_one_that_comes_back_soonest() {
    let finished = all_open("try_least_bad");
    let retries: Vec<(u64, String)> = finished
        .log
        .iter()
        .filter_map(|line| match line.skipped {
            Some(fastroute_core::Skipped::Denied(fastroute_core::Availability::Open {
                retry_at_us,
            })) => Some((retry_at_us, format!("{:?}", line.model))),
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
    }
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
                let ended = fastroute_core::Ended::new(ServerError, 10);
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
    let failed = || fastroute_core::Ended::new(ServerError, 10);
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

#[test]
fn a_decision_without_a_plan_ends_at_once() {
    let house = House::of(2, "");
    let mut view = fastroute_core::View::healthy();
    for model in ["a", "b"] {
        view.mark_unavailable(house.fleet.catalogue().model_named(model).expect("a model"));
    }
    let decision = house.decide_under(&view, at(0), 0);
    assert!(decision.plan().is_empty());
    let caller = OwnedCaller::default();
    let run = Run::start(
        &house.fleet,
        &decision,
        caller,
        RunOptions::default(),
        at(0),
    );
    let finished = play_one(&house, run, &[]);
    assert_eq!(finished.code(), Some(RunErrorCode::NoModelAvailable));
    assert_eq!(finished.ended_us, 0);
}

#[test]
fn a_fleet_of_another_revision_is_not_called() {
    let (house, other) = (House::of(2, ""), House::of(3, ""));
    let decision = house.decide(at(0), 0);
    let caller = OwnedCaller::default();
    let run = Run::start(
        &other.fleet,
        &decision,
        caller,
        RunOptions::default(),
        at(0),
    );
    let finished = play_one(&other, run, &[]);
    assert_eq!(finished.code(), Some(RunErrorCode::LocalError));
}

#[test]
fn a_slow_call_gets_a_second_one_beside_it_and_the_first_answer_wins() {
    let more = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(3, more);
    let script: [(&str, &[Reply]); 2] = [("a", &[answers(900 * MS)]), ("b", &[answers(200 * MS)])];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(finished.models(), ["a", "b"]);
    assert_eq!(finished.calls[1].1.purpose, Purpose::Hedge);
    assert_eq!(finished.ending.answer, Some(1));
    assert_eq!(finished.ended_us, 300 * MS);
    assert_eq!(finished.cancelled, [0], "the slow one is cancelled");
    assert_eq!(finished.log[0].outcome, Some(Cancelled));
    assert_eq!(house.held(at(SECOND)), 0);
    let failures: u64 = house
        .live
        .figures(at(SECOND))
        .cells
        .iter()
        .map(|cell| cell.failures)
        .sum();
    assert_eq!(failures, 0, "being slower is no failure");
}

#[test]
fn calls_beside_slow_ones_are_bounded_and_take_from_the_retry_budget() {
    for (hedge, retry, models) in [
        ("after: 100ms", "budget_min_per_second: 100", vec!["a", "b"]),
        (
            "after: 100ms, max: 2",
            "budget_min_per_second: 100",
            vec!["a", "b", "c"],
        ),
        (
            "after: 100ms, max: 9",
            "budget_min_per_second: 100",
            vec!["a", "b", "c"],
        ),
        (
            "after: 100ms, max: 9",
            "budget_min_per_second: 0, budget_ratio: 0",
            vec!["a"],
        ),
    ] {
        let more = format!("resilience: {{hedge: {{{hedge}}}, retry: {{{retry}}}}}\n");
        let house = House::of(5, &more);
        let slow = [answers(2 * SECOND)];
        let script: [(&str, &[Reply]); 3] = [("a", &slow), ("b", &slow), ("c", &slow)];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), models, "{hedge}; {retry}");
        assert_eq!(finished.ending.answer, Some(0), "the first answer wins");
        assert_eq!(house.held(at(3 * SECOND)), 0);
    }
}

#[test]
fn a_failure_beside_a_call_under_way_waits_for_it() {
    let more = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(3, more);
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[answers(900 * MS)]),
        ("b", &[fails(ServerError, 100 * MS)]),
    ];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(finished.models(), ["a", "b"]);
    assert_eq!(finished.ending.answer, Some(0));
}
