//! Each rule of a run: what is called after what, and when nothing more is.
//!
//! Rows of the cases of resilience bear their number: B47, B49 here, others in `health` and `storms`.

use fastroute_core::AttemptOutcome::{
    Cancelled, ConnectFailed, ContentRefused, ContextTooLong, InvalidRequest, LocalError,
    ModelNotFound, QuotaExhausted, RateLimited, ServerError, StreamBroken, Timeout, Unauthorized,
};
use fastroute_core::{
    Caller, Next, OwnedCaller, RetryAfter, Run, RunErrorCode, RunOptions, View, Why,
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
fn a_call_that_the_retry_budget_refuses_takes_nothing_of_the_fallback_s_rate() {
    let text = chain(2, "resilience: {retry: {budget_ratio: 0, budget_min_per_second: 0}, breaker: {enabled: false}}\n").replace(
        "name: b,",
        "name: b, rate: {requests_per_minute: 2},",
    );
    let house = House::new(&text);
    let script: [(&str, &[Reply]); 1] = [("a", &[fails(ServerError, 10)])];
    for _ in 0..20 {
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.skipped(), ["RETRY_BUDGET"]);
    }
    let fallback = house
        .fleet
        .catalogue()
        .model_named("b")
        .expect("it is there");
    let mut view = View::healthy();
    house.fleet.view(&Caller::default(), at(10), &mut view);
    assert!(view.is_available(fallback));
}

#[test]
fn an_overloaded_model_is_called_again_no_sooner_than_it_asks() {
    let house = House::of(1, GENEROUS);
    let asks = Reply {
        retry_after: Some(RetryAfter::After(2 * SECOND)),
        ..fails(ServerError, 1_000)
    };
    let script: [(&str, &[Reply]); 1] = [("a", &[asks, answers(1_000)])];
    let finished = play_one(&house, house.start(RunOptions::default()), &script);
    assert_eq!(finished.models(), ["a", "a"]);
    let pause_us = finished.log[1].started_us - finished.log[0].started_us - 1_000;
    assert_eq!(pause_us, 2 * SECOND);
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
fn a_target_that_hangs_leaves_a_third_of_the_time_to_the_next() {
    let hangs = [answers(60 * SECOND)];
    for (timeouts, deadline_ms, answer, code, failures) in [
        ("", 900, answers(100_000), None, 0),
        ("", 15_000, answers(100_000), None, 1),
        ("first_token: 1s", 3_000, answers(100_000), None, 1),
        (
            "first_token: 1s",
            3_000,
            hangs[0],
            Some(RunErrorCode::DeadlineExceeded),
            1,
        ),
    ] {
        let more = format!("resilience: {{deadline: {deadline_ms}ms, timeouts: {{{timeouts}}}}}\n");
        let house = House::of(2, &more);
        let script: [(&str, &[Reply]); 2] = [("a", &hangs), ("b", &[answer])];
        let finished = play_one(&house, house.start(RunOptions::default()), &script);
        assert_eq!(finished.models(), ["a", "b"], "{more}");
        assert_eq!(
            since_start(finished.calls[0].1.until_us),
            deadline_ms * 2_000 / 3
        );
        assert_eq!(finished.code(), code, "{more}");
        assert_eq!(finished.log[0].outcome, Some(Timeout), "{more}");
        let cells = house.live.figures(at(15 * SECOND)).cells;
        let told: u64 = cells.iter().map(|cell| cell.failures).sum();
        assert_eq!(told, failures, "only with the time of a first byte; {more}");
    }
}

#[test]
fn of_a_stream_only_the_time_to_its_first_byte_is_shared() {
    let house = House::of(2, "resilience: {deadline: 9s}\n");
    let options = RunOptions {
        is_stream: true,
        ..RunOptions::default()
    };
    let Next::Call(call) = house.start(options).next(at(0)) else {
        panic!("a first call");
    };
    assert_eq!(since_start(call.first_token_until_us), 6 * SECOND);
    assert_eq!(since_start(call.until_us), 9 * SECOND);
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
