//! What a run may cost: the request's cap, budgets and rates; what it has cost, and for what.

use std::sync::atomic::{AtomicUsize, Ordering};

use fastroute_core::AttemptOutcome::{ServerError, Success, Timeout};
use fastroute_core::{
    Ended, Judged, Next, Now, OwnedCaller, Run, RunErrorCode, RunOptions, Usage, View,
};

use crate::fleet::{House, MS, SECOND, at, chain, since_start};
use crate::world::{Finished, Reply, World, answers, fails, play_one};

fn capped(max_cost_nano: u64) -> RunOptions {
    RunOptions {
        max_cost_nano: Some(max_cost_nano),
        input_tokens: Some(20),
        ..RunOptions::default()
    }
}

fn used(outcome: fastroute_core::AttemptOutcome, input_tokens: u64, output_tokens: u64) -> Reply {
    Reply {
        usage: Some(Usage {
            input_tokens,
            cached_tokens: 0,
            output_tokens,
        }),
        ..fails(outcome, 10)
    }
}

#[test]
fn an_answer_is_no_longer_than_the_cap_can_pay_for() {
    let house = House::of(1, "");
    for (cap_nano, most) in [(10_000_000, 1_000), (1_020_000, 500), (220_000, 100)] {
        let mut run = house.start(capped(cap_nano));
        let Next::Call(call) = run.next(at(0)) else {
            panic!("the expected answer of 100 tokens can be paid");
        };
        assert_eq!(call.max_output_tokens, most);
    }
}

#[test]
fn nothing_is_called_that_could_cost_more_than_the_request_may() {
    let house = House::of(2, "");
    for (cap_nano, spent_nano) in [(219_999, 0), (10_000_000, 9_800_000), (100, 200), (0, 0)] {
        let options = RunOptions {
            spent_nano,
            ..capped(cap_nano)
        };
        let finished = play_one(&house, house.start(options), &[]);
        assert_eq!(finished.code(), Some(RunErrorCode::OverMaxCost));
        assert_eq!(finished.skipped(), ["OVER_MAX_COST"; 2]);
    }
}

#[test]
fn a_caller_that_wants_a_short_answer_pays_for_no_long_one() {
    let house = House::of(1, "");
    let options = RunOptions {
        max_output_tokens: Some(10),
        ..capped(40_000)
    };
    let mut run = house.start(options);
    assert!(matches!(run.next(at(0)), Next::Call(call) if call.max_output_tokens == 10));
}

#[test]
fn a_provider_that_lies_about_usage_costs_no_more_than_was_set_aside() {
    let house = House::of(1, "budgets: [{scope: all, limit_usd: 1, window: 1d}]\n");
    let script: [(&str, &[Reply]); 1] = [("a", &[used(Success, u64::MAX, u64::MAX)])];
    let finished = play_one(&house, house.start(capped(300_000)), &script);
    assert!(finished.costs.total_nano <= 300_000);
    let spent: u64 = house
        .live
        .figures(at(SECOND))
        .budgets
        .iter()
        .map(|budget| budget.spent_nano)
        .sum();
    assert!(spent <= 300_000, "{spent}");
}

#[test]
fn calls_that_tell_no_usage_cost_what_they_are_likely_to_have_used() {
    for (reply, nano) in [
        (
            Reply {
                usage: None,
                ..answers(10)
            },
            20_000 + 200_000,
        ),
        (fails(ServerError, 10), 0),
        (fails(Timeout, 10), 20_000),
    ] {
        let house = House::of(1, "resilience: {retry: {max_attempts: 1}}\n");
        let options = RunOptions {
            input_tokens: Some(20),
            ..RunOptions::default()
        };
        let finished = play_one(&house, house.start(options), &[("a", &[reply])]);
        assert_eq!(finished.costs.total_nano, nano, "{:?}", reply.outcome);
    }
}

#[test]
fn what_runs_cost_is_what_budgets_count() {
    let budget = "budgets: [{scope: all, limit_usd: 100, window: 1d}]\n";
    let untold = Reply {
        usage: None,
        ..answers(200 * MS)
    };
    let beside = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    type Script<'a> = [(&'a str, &'a [Reply]); 2];
    let scripts: [(&str, Script<'_>); 4] = [
        ("", [("a", &[fails(Timeout, 10)]), ("b", &[answers(10)])]),
        ("", [("a", &[fails(ServerError, 10)]), ("b", &[untold])]),
        (beside, [("a", &[answers(SECOND)]), ("b", &[untold])]),
        ("", [("a", &[used(Success, 20, u64::MAX)]), ("b", &[])]),
    ];
    for (more, script) in scripts {
        let house = House::of(2, &format!("{budget}{more}"));
        let options = RunOptions {
            input_tokens: Some(20),
            ..RunOptions::default()
        };
        let finished = play_one(&house, house.start(options), &script);
        let figures = house.live.figures(at(2 * SECOND)).budgets;
        let counted: u64 = figures.iter().map(|budget| budget.spent_nano).sum();
        assert_eq!(counted, finished.costs.total_nano, "{script:?}");
        assert!(figures.iter().all(|budget| budget.reserved_nano == 0));
    }
}

#[test]
fn costs_are_told_by_what_they_were_for_and_the_saving_against_the_baseline() {
    let text = chain(3, "savings: {baseline: c}\n").replace(
        "name: c, provider: p_c, context_window: 8000, max_output_tokens: 1000, price: {input: 1.0, output: 2.0}",
        "name: c, provider: p_c, context_window: 8000, max_output_tokens: 1000, price: {input: 10.0, output: 20.0}",
    );
    let house = House::new(&text);
    let options = RunOptions {
        spent_nano: 5_000,
        ..RunOptions::default()
    };
    let script: [(&str, &[Reply]); 2] = [("a", &[used(ServerError, 20, 0)]), ("b", &[answers(10)])];
    let costs = play_one(&house, house.start(options), &script).costs;
    assert_eq!(costs.meta_llm_nano, 5_000);
    assert_eq!(costs.retry_nano, 20_000);
    assert_eq!(costs.answer_nano, 220_000);
    assert_eq!(costs.total_nano, 245_000);
    assert_eq!(costs.baseline_nano, Some(2_200_000));
    assert_eq!(costs.saved_nano, Some(2_200_000 - 245_000));
}

#[test]
fn a_call_beside_a_slow_one_is_counted_as_such() {
    let more = "resilience: {hedge: {after: 100ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(2, more);
    let options = RunOptions {
        input_tokens: Some(20),
        ..RunOptions::default()
    };
    let script: [(&str, &[Reply]); 2] = [("a", &[answers(SECOND)]), ("b", &[answers(200 * MS)])];
    let costs = play_one(&house, house.start(options), &script).costs;
    assert_eq!((costs.hedge_nano, costs.answer_nano), (20_000, 220_000));
}

/// Plays runs that arrive at once, under a budget or a rate.
fn arrive(house: &House, runs: usize, took_us: u64) -> Vec<Finished> {
    let decision = house.decide_under(&View::healthy(), at(0), 0);
    let mut world = World::new(
        house,
        move |house, now, number| {
            let options = RunOptions {
                id: number as u128,
                input_tokens: Some(20),
                max_output_tokens: Some(100),
                ..RunOptions::default()
            };
            Run::start(
                &house.fleet,
                &decision,
                OwnedCaller::default(),
                options,
                now,
            )
        },
        move |_| answers(took_us),
    );
    for _ in 0..runs {
        world.arrives(0);
    }
    world.play()
}

/// 220,000 nano-dollars a call: room for two.
const TWO_CALLS: &str = "limit_usd: 0.00045, window: 1d";

#[test]
fn over_a_budget_that_rejects_the_run_ends_and_names_the_end_of_the_window() {
    let house = House::of(2, &format!("budgets: [{{scope: all, {TWO_CALLS}}}]\n"));
    let finished = arrive(&house, 3, 10);
    let codes: Vec<_> = finished.iter().map(Finished::code).collect();
    assert_eq!(codes, [None, None, Some(RunErrorCode::OverBudget)]);
    let error = finished[2].ending.error.expect("an error");
    assert_eq!(
        error.retry_at_us.map(since_start),
        Some(86_400 * SECOND),
        "the end of the day"
    );
}

#[test]
fn a_decision_that_found_every_model_over_its_budget_ends_at_once() {
    let house = House::of(
        2,
        "budgets: [{scope: all, limit_usd: 0.00044, window: 1d}]\n",
    );
    arrive(&house, 3, 10);
    let decision = house.decide(at(0), 0);
    assert_eq!(decision.outcome().as_str(), "over_budget");
    let caller = OwnedCaller::default();
    let run = Run::start(
        &house.fleet,
        &decision,
        caller,
        RunOptions::default(),
        at(0),
    );
    let finished = play_one(&house, run, &[]);
    let error = finished.ending.error.expect("an error");
    assert_eq!(error.code, RunErrorCode::OverBudget);
    assert_eq!(error.retry_at_us.map(since_start), Some(86_400 * SECOND));
}

#[test]
fn over_a_budget_that_downgrades_the_next_model_is_called() {
    let more = format!("budgets: [{{scope: model, for: a, {TWO_CALLS}, on_exceed: downgrade}}]\n");
    let finished = arrive(&House::of(2, &more), 3, 10);
    let models: Vec<_> = finished.iter().map(Finished::models).collect();
    assert_eq!(models, [["a"], ["a"], ["b"]]);
}

#[test]
fn over_a_budget_that_queues_the_run_waits_for_room_or_its_deadline() {
    let short = "limit_usd: 0.00045, window: 8s, on_exceed: queue";
    let house = House::of(1, &format!("budgets: [{{scope: all, {short}}}]\n"));
    let finished = arrive(&house, 3, 10);
    assert_eq!(finished[2].code(), None);
    assert_eq!(
        finished[2].ended_us,
        8 * SECOND + 10,
        "the next window has room"
    );

    let house = House::of(
        1,
        &format!("budgets: [{{scope: all, {TWO_CALLS}, on_exceed: queue}}]\n"),
    );
    let finished = arrive(&house, 3, 10);
    assert_eq!(finished[2].code(), Some(RunErrorCode::DeadlineExceeded));
    assert_eq!(finished[2].ended_us, 30 * SECOND);
    assert_eq!(
        finished[2].skipped(),
        ["OVER_BUDGET"],
        "said once, however often it was asked"
    );
}

#[test]
fn over_a_rate_that_queues_runs_go_one_after_the_other() {
    let text = chain(1, "").replace(
        "quality:",
        "rate: {requests_per_minute: 60, on_exceed: queue}, quality:",
    );
    let house = House::new(&text);
    let finished = arrive(&house, 70, 10);
    assert!(
        finished.iter().all(|run| run.code().is_none()),
        "every one gets its turn"
    );
    let last_us = finished.iter().map(|run| run.ended_us).max().expect("some");
    assert!(
        (9 * SECOND..=11 * SECOND).contains(&last_us),
        "60 at once, then one a second: {last_us}"
    );
}

#[test]
fn over_a_rate_that_rejects_the_run_ends_over_budget_and_says_when_there_is_room() {
    let text = chain(2, "").replace(
        "quality:",
        "rate: {requests_per_minute: 2, on_exceed: reject}, quality:",
    );
    let finished = arrive(&House::new(&text), 3, 10);
    let codes: Vec<_> = finished.iter().map(Finished::code).collect();
    assert_eq!(codes, [None, None, Some(RunErrorCode::OverBudget)]);
    assert_eq!(finished[2].skipped(), ["RATE_LIMITED"]);
    let error = finished[2].ending.error.expect("an error");
    assert_eq!(error.retry_at_us.map(since_start), Some(30 * SECOND));
}

#[test]
fn a_thousand_at_once_spend_no_more_than_the_budget() {
    let house = House::of(1, "budgets: [{scope: all, limit_usd: 0.01, window: 1d}]\n");
    let finished = arrive(&house, 1_000, 50 * MS);
    let answered = finished.iter().filter(|run| run.code().is_none()).count();
    let spent: u64 = finished.iter().map(|run| run.costs.total_nano).sum();
    assert_eq!(answered, 45, "10,000,000 / 220,000");
    assert!(spent <= 10_000_000, "{spent}");
    assert_eq!(house.held(at(SECOND)), 0);
}

#[test]
fn a_thousand_at_once_from_eight_threads_spend_no_more_than_the_budget() {
    let house = House::of(1, "budgets: [{scope: all, limit_usd: 0.01, window: 1d}]\n");
    let decision = house.decide_under(&View::healthy(), at(0), 0);
    let (house, decision, answered) = (&house, &decision, AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..8_u128 {
            let answered = &answered;
            scope.spawn(move || {
                let start = |number: u128| {
                    let options = RunOptions {
                        id: thread << 64 | number,
                        input_tokens: Some(20),
                        max_output_tokens: Some(100),
                        ..RunOptions::default()
                    };
                    Run::start(
                        &house.fleet,
                        decision,
                        OwnedCaller::default(),
                        options,
                        at(0),
                    )
                };
                let mut runs: Vec<Run> = (0..125).map(start).collect();
                for run in &mut runs {
                    if let Next::Call(call) = run.next(at(0)) {
                        answered.fetch_add(1, Ordering::Relaxed);
                        let ended = Ended {
                            usage: Some(Usage {
                                input_tokens: 20,
                                cached_tokens: 0,
                                output_tokens: 100,
                            }),
                            ..Ended::new(Success, 10)
                        };
                        let _ = run.ended(call.attempt, ended, Judged::default(), at(10));
                    }
                }
            });
        }
    });
    let answered = answered.into_inner();
    let now: Now = at(SECOND);
    let budgets = house.live.figures(now).budgets;
    let spent: u64 = budgets.iter().map(|budget| budget.spent_nano).sum();
    assert!(spent <= 10_000_000, "{spent}");
    assert_eq!(spent, answered as u64 * 220_000);
    assert_eq!(house.held(now), 0);
}

#[test]
fn a_report_of_a_decision_counts_for_its_route_and_as_expected_where_no_usage_is_told() {
    let budget = "budgets: [{scope: route, limit_usd: 100, window: 1d}]\n";
    let house = House::of(1, budget);
    let decision = house.decide(at(0), 0);
    let model = decision.model_id().expect("it is routed");
    let (caller, epoch) = (fastroute_core::Caller::default(), house.fleet.epoch());
    let report = |ended: &Ended| {
        house
            .fleet
            .report_decided(&decision, &caller, model, 0, epoch, ended, at(0));
        let figures = house.live.figures(at(0)).budgets;
        figures.iter().map(|budget| budget.spent_nano).sum::<u64>()
    };
    let expected = decision.plan()[0].estimates;
    let one = expected.input_tokens * 1_000 + u64::from(expected.output_tokens) * 2_000;
    assert_eq!(report(&Ended::new(Success, 10)), one);
    assert_eq!(report(&Ended::new(ServerError, 10)), one, "turned away");
    let told = Ended {
        usage: Some(Usage {
            input_tokens: 7,
            cached_tokens: 0,
            output_tokens: 3,
        }),
        ..Ended::new(Success, 10)
    };
    assert_eq!(report(&told), one + 13_000);
}
