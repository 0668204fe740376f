//! Fleets under load: random failures, a whole fleet that is down, providers that hang.
//!
//! The figures are printed with `--nocapture`; the bounds are the promises. What would make them
//! lie: a decision that does not look at health (each run is decided anew, under the live view), or
//! a host that knows the script (it does not).

use fastroute_core::AttemptOutcome::{ConnectFailed, ServerError};
use fastroute_core::{Caller, OwnedCaller, Run, RunErrorCode, RunOptions};

use crate::fleet::{House, MS, SECOND, at};
use crate::world::{Asked, Finished, Reply, World, answers, fails};

/// Random numbers by `SplitMix64` (Steele, Lea and Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    pub fn chance(&mut self, per_cent: u64) -> bool {
        self.below(100) < per_cent
    }
}

/// Starts a run as a host does: a decision under the live view, then its run.
fn start(house: &House, now: fastroute_core::Now, number: usize) -> Run {
    let seed = number as u64;
    let decision = house.decide_for(&Caller::default(), now, seed);
    let options = RunOptions {
        id: number as u128,
        seed,
        ..RunOptions::default()
    };
    Run::start(
        &house.fleet,
        &decision,
        OwnedCaller::default(),
        options,
        now,
    )
}

struct Told {
    answered: f64,
    attempts: f64,
    latest_us: u64,
}

fn told(finished: &[Finished], deadline_us: u64) -> Told {
    let total = finished.len() as f64;
    let answered = finished
        .iter()
        .filter(|run| run.ending.answer.is_some())
        .count();
    let attempts: usize = finished.iter().map(|run| run.calls.len()).sum();
    let over = finished
        .iter()
        .map(|run| (run.ended_us - run.began_us).saturating_sub(deadline_us));
    Told {
        answered: answered as f64 / total,
        attempts: attempts as f64 / total,
        latest_us: over.max().unwrap_or(0),
    }
}

/// 2,000 requests, 64 at a time, of which a share of the calls fails at random.
fn failing_at_random(more: &str, per_cent: u64, seed: u64, is_quick: bool) -> Told {
    let house = House::of(3, more);
    let mut dice = Dice(seed);
    let provider = move |_: &Asked<'_>| -> Reply {
        let took_us = 200 * MS + dice.below(600 * MS);
        if dice.chance(per_cent) {
            fails(ServerError, if is_quick { 5 * MS } else { took_us })
        } else {
            answers(took_us)
        }
    };
    let finished = World::new(&house, start, provider).closed_loop(2_000, 64);
    assert_eq!(finished.len(), 2_000);
    assert_eq!(house.held(at(10_000 * SECOND)), 0);
    told(&finished, 30 * SECOND)
}

#[test]
fn with_30_per_cent_failing_and_six_attempts_997_of_1000_are_answered_with_15_attempts_for_10() {
    let more = "resilience: {retry: {max_attempts: 6, budget_ratio: 1}}\n";
    for (seed, is_quick) in (0..5).flat_map(|seed| [(seed, false), (seed, true)]) {
        let told = failing_at_random(more, 30, seed, is_quick);
        println!(
            "six attempts: {:.4} answered, {:.3} attempts",
            told.answered, told.attempts
        );
        assert!(told.answered >= 0.997, "{}", told.answered);
        assert!(told.attempts <= 1.5, "{}", told.attempts);
        assert_eq!(told.latest_us, 0, "no run ends after its deadline");
    }
}

#[test]
fn with_30_per_cent_failing_and_the_defaults_at_most_12_attempts_are_made_for_10() {
    for (seed, is_quick) in (0..5).flat_map(|seed| [(seed, false), (seed, true)]) {
        let told = failing_at_random("", 30, seed, is_quick);
        println!(
            "the defaults: {:.4} answered, {:.3} attempts",
            told.answered, told.attempts
        );
        assert!(told.attempts <= 1.2, "{}", told.attempts);
        assert!(told.answered >= 0.8, "{}", told.answered);
        assert_eq!(told.latest_us, 0);
    }
}

#[test]
fn providers_that_hang_hold_no_run_beyond_its_deadline() {
    let more = "resilience: {deadline: 2s, timeouts: {attempt: 900ms}, retry: {budget_min_per_second: 100}}\n";
    let house = House::of(3, more);
    let finished = World::new(&house, start, |_| answers(3_600 * SECOND)).closed_loop(500, 64);
    let told = told(&finished, 2 * SECOND);
    assert_eq!(told.latest_us, 0, "not by a microsecond; the bar is 5 ms");
    assert!(finished.iter().all(|run| run.ending.error.is_some()));
    assert_eq!(house.held(at(100 * SECOND)), 0);
}

/// Requests arrive evenly for a minute; between the tenth and the twentieth second nothing answers.
fn down_for_ten_seconds(per_second: u64) -> (House, Vec<Finished>) {
    let house = House::of(3, "");
    let mut world = World::new(&house, start, |call| {
        if (10 * SECOND..20 * SECOND).contains(&call.at_us) {
            fails(ConnectFailed, 5 * MS)
        } else {
            answers(300 * MS)
        }
    });
    for number in 0..60 * per_second {
        world.arrives(number * SECOND / per_second);
    }
    let finished = world.play();
    (house, finished)
}

#[test]
fn b48_a_fleet_that_is_down_for_ten_seconds_gets_no_storm_and_recovers() {
    let per_second = 50;
    let (house, finished) = down_for_ten_seconds(per_second);
    let calls =
        |finished: &[Finished]| -> usize { finished.iter().map(|run| run.calls.len()).sum() };
    let retries = calls(&finished) as u64
        - finished.iter().filter(|run| !run.calls.is_empty()).count() as u64;
    let firsts = finished.iter().filter(|run| !run.calls.is_empty()).count() as f64;
    assert!(
        retries as f64 <= 0.2 * firsts + 60.0,
        "{retries} retries for {firsts} first attempts"
    );
    let counters = house.live.figures(at(100 * SECOND)).counters;
    assert_eq!(counters.retries_allowed, retries);

    let failed = |run: &&Finished| run.ending.answer.is_none();
    let last_us = finished
        .iter()
        .filter(failed)
        .map(|run| run.began_us)
        .max()
        .expect("some failed");
    println!(
        "down for 10 s: {retries} retries for {firsts} first attempts; the last failure began {:.1} s after the end",
        last_us as f64 / 1e6 - 20.0
    );
    assert!(
        last_us <= 20 * SECOND + 2 * 10 * SECOND,
        "within two probe periods: {last_us}"
    );
    let slow = finished.iter().map(|run| run.ended_us - run.began_us).max();
    assert!(slow <= Some(30 * SECOND), "no request hangs");
    assert_eq!(house.held(at(100 * SECOND)), 0);
}

#[test]
fn while_a_fleet_is_down_errors_come_at_once_and_say_when_to_try_again() {
    let (_, finished) = down_for_ten_seconds(50);
    let turned_away = finished.iter().filter(|run| run.calls.is_empty());
    let mut count = 0;
    for run in turned_away {
        count += 1;
        let error = run.ending.error.expect("nothing was called");
        assert_eq!(error.code, RunErrorCode::NoModelAvailable);
        assert!(error.retry_at_us.is_some(), "{run:?}");
        assert_eq!(run.ended_us, run.began_us);
    }
    assert!(
        count > 100,
        "most of the requests while it was down: {count}"
    );
}

#[test]
fn ten_times_the_traffic_on_a_failing_fleet_makes_no_more_retries_than_a_fifth_of_it() {
    for per_second in [20, 200] {
        let house = House::of(3, "resilience: {breaker: {enabled: false}}\n");
        let mut world = World::new(&house, start, |_| fails(ServerError, 20 * MS));
        for number in 0..20 * per_second {
            world.arrives(number * SECOND / per_second);
        }
        let finished = world.play();
        let calls: usize = finished.iter().map(|run| run.calls.len()).sum();
        let retries = calls - finished.len();
        assert!(
            retries as f64 <= 0.2 * finished.len() as f64 + 30.0,
            "{retries} retries for {} requests",
            finished.len()
        );
    }
}
