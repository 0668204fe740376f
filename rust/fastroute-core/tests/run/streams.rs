//! Streams: the first byte that is passed on decides, and binds.

use fastroute_core::AttemptOutcome::{
    Cancelled, ContentRefused, ServerError, StreamBroken, Timeout,
};
use fastroute_core::{Next, RunErrorCode, RunOptions, Why};

use crate::fleet::{House, MS, SECOND, at, chain};
use crate::world::{Reply, answers, fails, play_one};

const GENEROUS: &str = "resilience: {retry: {budget_min_per_second: 100}}\n";
const STREAM: RunOptions = RunOptions {
    id: 0,
    deadline_us: None,
    asked_us: 0,
    max_cost_nano: None,
    spent_nano: 0,
    is_stream: true,
    switch_after_stream: false,
    input_tokens: None,
    max_output_tokens: None,
    seed: 0,
};

fn begins(first_us: u64, reply: Reply) -> Reply {
    Reply {
        first_us: Some(first_us),
        ..reply
    }
}

#[test]
fn after_a_stream_has_begun_no_other_model_is_called() {
    for (outcome, code) in [
        (StreamBroken, RunErrorCode::StreamBroken),
        (Timeout, RunErrorCode::StreamBroken),
        (ServerError, RunErrorCode::StreamBroken),
        (ContentRefused, RunErrorCode::ContentRefused),
    ] {
        let house = House::of(2, GENEROUS);
        let broken = [begins(100, fails(outcome, 500))];
        let finished = play_one(&house, house.start(STREAM), &[("a", &broken)]);
        assert_eq!(finished.models(), ["a"]);
        assert_eq!(finished.code(), Some(code), "{outcome:?}");
        assert_eq!(finished.ending.answer, None);
    }
}

#[test]
fn another_model_starts_over_when_the_caller_wants_it() {
    let house = House::of(2, GENEROUS);
    let options = RunOptions {
        switch_after_stream: true,
        ..STREAM
    };
    let broken = [begins(100, fails(StreamBroken, 500))];
    let script: [(&str, &[Reply]); 2] = [("a", &broken), ("b", &[begins(100, answers(500))])];
    let finished = play_one(&house, house.start(options), &script);
    assert_eq!(finished.models(), ["a", "b"]);
    assert_eq!(finished.ending.answer, Some(1));
}

#[test]
fn a_stream_that_fails_before_its_first_byte_goes_to_the_next_model() {
    let house = House::of(2, GENEROUS);
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[fails(ServerError, 500)]),
        ("b", &[begins(100, answers(500))]),
    ];
    let finished = play_one(&house, house.start(STREAM), &script);
    assert_eq!(finished.models(), ["a", "b"]);
    assert_eq!(finished.ending.answer, Some(1));
}

#[test]
fn a_stream_that_does_not_begin_in_time_counts_as_failed() {
    let more = "resilience: {timeouts: {first_token: 1s}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(2, more);
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[begins(3 * SECOND, answers(5 * SECOND))]),
        ("b", &[begins(100 * MS, answers(3 * SECOND))]),
    ];
    let finished = play_one(&house, house.start(STREAM), &script);
    assert_eq!(finished.log[0].outcome, Some(Timeout));
    assert_eq!(finished.log[0].latency_us, SECOND);
    assert_eq!(finished.ending.answer, Some(1));
    assert_eq!(finished.ended_us, 4 * SECOND);
}

#[test]
fn a_broken_stream_counts_against_its_target() {
    let house = House::of(1, GENEROUS);
    let broken = [begins(100, fails(StreamBroken, 500))];
    play_one(&house, house.start(STREAM), &[("a", &broken)]);
    let figures = house.live.figures(at(SECOND));
    let failures: u64 = figures.cells.iter().map(|cell| cell.failures).sum();
    assert_eq!(failures, 1);
}

#[test]
fn of_calls_side_by_side_the_first_that_begins_wins() {
    let more = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(2, more);
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[begins(900 * MS, answers(SECOND))]),
        ("b", &[begins(200 * MS, answers(2 * SECOND))]),
    ];
    let finished = play_one(&house, house.start(STREAM), &script);
    assert_eq!(finished.models(), ["a", "b"]);
    assert_eq!(
        finished.cancelled,
        [0],
        "`b` began at 300 ms, though `a` would end first"
    );
    assert_eq!(finished.log[0].outcome, Some(Cancelled));
    assert_eq!(finished.log[0].latency_us, 300 * MS);
    assert_eq!(finished.ending.answer, Some(1));
    assert_eq!(house.held(at(3 * SECOND)), 0);
}

#[test]
fn a_stream_that_has_begun_gets_no_call_beside_it() {
    let more = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(2, more);
    let slow = [begins(50 * MS, answers(5 * SECOND))];
    let finished = play_one(&house, house.start(STREAM), &[("a", &slow)]);
    assert_eq!(finished.models(), ["a"]);
}

#[test]
fn a_call_that_lost_and_begins_all_the_same_is_told_to_be_cancelled() {
    let more = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(2, more);
    let mut run = house.start(STREAM);
    assert!(matches!(run.next(at(0)), Next::Call(_)));
    assert!(matches!(run.next(at(100 * MS)), Next::Call(call) if call.why == Why::Hedge));
    assert_eq!(run.began(1, at(200 * MS)), [0]);
    assert_eq!(run.began(0, at(200 * MS)), [0], "it has lost");
    assert_eq!(run.began(1, at(200 * MS)), Vec::<u8>::new());
}

#[test]
fn an_answer_that_is_judged_first_is_not_passed_on_as_it_comes() {
    let text = chain(2, GENEROUS).replace(
        "    choose: [a]\n",
        "    choose: [a]\n    cascade: {accept: {answer_confidence: {min: 0.5}}}\n",
    );
    for (house, is_stream, expected) in [
        (House::new(&text), true, false),
        (House::of(2, GENEROUS), true, true),
        (House::of(2, GENEROUS), false, false),
    ] {
        let options = RunOptions {
            is_stream,
            ..RunOptions::default()
        };
        let mut run = house.start(options);
        assert!(matches!(run.next(at(0)), Next::Call(call) if call.is_passed_on == expected));
    }
}
