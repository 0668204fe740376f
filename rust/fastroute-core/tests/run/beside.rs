//! Calls beside slow ones.

use fastroute_core::AttemptOutcome::{Cancelled, ServerError};
use fastroute_core::{Purpose, RunOptions};

use crate::fleet::{House, MS, SECOND, at};
use crate::world::{Reply, answers, fails, play_one};

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
