//! The invariants of a run, over random configurations, providers and hosts.
//!
//! A few thousand runs share fleets, so that breakers open, budgets run out and probes are lost
//! under them. Every draw comes from a seed that the message of a failure names.

use std::collections::HashMap;
use std::collections::HashSet;

use fastroute_core::{
    AttemptOutcome, Judged, LogLine, ModelId, OwnedCaller, Purpose, RetryAfter, Run, RunErrorCode,
    RunOptions, Usage, View, Why,
};

use crate::fleet::{House, MS, SECOND, at, since_start};
use crate::storms::Dice;
use crate::world::{Finished, Reply, World};

const FLEETS: u64 = 150;
const RUNS: usize = 40;

/// A configuration of one to four models with one or two deployments each.
fn configuration(dice: &mut Dice) -> String {
    let models = 1 + dice.below(4);
    let mut text = String::from(
        "version: 1\nproviders: {p: {kind: callable}, q: {kind: callable}}\nmodels:\n",
    );
    let names = ["a", "b", "c", "d"];
    for name in &names[..models as usize] {
        let deployments = if dice.chance(50) {
            "provider: p"
        } else {
            "deployments: [{provider: p}, {provider: q}]"
        };
        let window = 2_000 + 1_000 * dice.below(4);
        let price = 1 + dice.below(20);
        let rate = if dice.chance(15) {
            "rate: {requests_per_minute: 30}, "
        } else {
            ""
        };
        text += &format!(
            "  - {{name: {name}, {deployments}, context_window: {window}, max_output_tokens: 500, {rate}\
             price: {{input: {price}, output: {price}}}, \
             latency: {{first_token: 100ms, per_token: 1ms}}, quality: {{default: 0.9}}}}\n"
        );
    }
    text += "routes:\n  - name: general\n    expected_output_tokens: 100\n";
    text += ["", "    on_content_refused: next\n"][dice.below(2) as usize];
    text += [
        "",
        "    when_all_open: last_resort\n",
        "    when_all_open: try_least_bad\n",
    ][dice.below(3) as usize];
    text += [
        "",
        "",
        "    cascade: {accept: {answer_confidence: {min: 0.6}}}\n",
        "    cascade: {accept: {answer_confidence: {min: 0.6, from: agreement, samples: 3}}}\n",
        "    cascade: {accept: {format: json, answer_confidence: {min: 0.6, from: verifier, model: a}}}\n",
    ][dice.below(5) as usize];
    let last = names[models as usize - 1];
    text += &[
        String::new(),
        String::new(),
        format!(
            "rules: [{{name: stay, when: {{tokens: {{min: 1}}}}, then: {{restrict: {{models: [{last}]}}}}}}]\n"
        ),
        format!("rules: [{{name: this, when: {{tokens: {{min: 1}}}}, then: {{model: {last}}}}}]\n"),
    ][dice.below(4) as usize];
    text += "default: {route: general}\n";
    let hedge = ["", "hedge: {after: 200ms, max: 2}, "][dice.below(2) as usize];
    text += &format!(
        "resilience: {{deadline: {}s, timeouts: {{attempt: 3s, first_token: 1s}}, {hedge}\
         panic_threshold: {}, retry: {{max_attempts: {}, budget_ratio: {}, budget_min_per_second: 5}}}}\n",
        1 + dice.below(8),
        ["0", "0.5"][dice.below(2) as usize],
        1 + dice.below(6),
        ["0", "0.2", "2"][dice.below(3) as usize],
    );
    let on_exceed = ["reject", "downgrade", "queue"][dice.below(3) as usize];
    if dice.chance(30) {
        text += &format!(
            "budgets: [{{scope: all, limit_usd: 0.05, window: 10s, on_exceed: {on_exceed}}}]\n"
        );
    }
    text
}

fn reply(dice: &mut Dice) -> Reply {
    let took_us = dice.below(4_000) * MS;
    let outcome = if dice.chance(50) {
        AttemptOutcome::Success
    } else {
        let place = dice.below(AttemptOutcome::ALL.len() as u64) as usize;
        AttemptOutcome::ALL[place]
    };
    Reply {
        outcome,
        first_us: dice.chance(50).then(|| dice.below(took_us + 1)),
        took_us,
        usage: dice.chance(70).then(|| Usage {
            input_tokens: dice.below(3_000),
            cached_tokens: dice.below(3_000),
            output_tokens: if dice.chance(10) {
                u64::MAX
            } else {
                dice.below(3_000)
            },
        }),
        judged: Judged {
            confidence: dice.chance(80).then(|| dice.below(100) as f32 / 100.0),
            is_in_form: dice.chance(80).then(|| dice.chance(70)),
            answer_key: dice.chance(90).then(|| dice.below(3)),
        },
        retry_after: dice
            .chance(20)
            .then(|| RetryAfter::After(dice.below(20) * SECOND)),
    }
}

fn options(dice: &mut Dice, number: usize) -> RunOptions {
    RunOptions {
        id: number as u128,
        deadline_us: dice.chance(30).then(|| dice.below(5_000) * MS),
        asked_us: dice.below(2) * 100 * MS,
        max_cost_nano: dice.chance(40).then(|| dice.below(20_000_000)),
        spent_nano: dice.below(2) * 1_000,
        is_stream: dice.chance(50),
        switch_after_stream: dice.chance(30),
        input_tokens: dice.chance(30).then(|| dice.below(3_000)),
        max_output_tokens: dice.chance(30).then(|| dice.below(600) as u32),
        seed: dice.draw(),
    }
}

struct Expected {
    options: RunOptions,
    plan: HashSet<String>,
    permitted: HashSet<String>,
    is_judged: bool,
}

#[test]
fn no_script_makes_a_run_break_its_word() {
    let mut codes: HashSet<RunErrorCode> = HashSet::new();
    let mut whys: HashSet<Why> = HashSet::new();
    for seed in 0..FLEETS {
        let mut dice = Dice(seed);
        let text = configuration(&mut dice);
        let house = House::new(&text);
        let mut expected: Vec<Expected> = Vec::new();
        let mut replies = Dice(seed ^ 0xabcd);
        let finished = {
            let (expected, dice) = (&mut expected, &mut dice);
            let start = move |house: &House, now, number| {
                let options = options(dice, number);
                let decision = if dice.chance(50) {
                    house.decide(now, options.seed)
                } else {
                    house.decide_under(&View::healthy(), now, options.seed)
                };
                let plan = decision
                    .plan()
                    .iter()
                    .map(|planned| house.name(planned.model));
                let models = (0..house.fleet.catalogue().models().len() as u16).map(ModelId);
                let permitted = models.filter(|model| decision.permits(*model));
                expected.push(Expected {
                    options,
                    plan: plan.collect(),
                    permitted: permitted.map(|model| house.name(model)).collect(),
                    is_judged: decision.cascade().is_some(),
                });
                Run::start(
                    &house.fleet,
                    &decision,
                    OwnedCaller::default(),
                    options,
                    now,
                )
            };
            World::new(&house, start, move |_| reply(&mut replies)).closed_loop(RUNS, 8)
        };
        assert_eq!(finished.len(), RUNS);
        for (number, (run, expected)) in finished.iter().zip(&expected).enumerate() {
            check(
                run,
                expected,
                &format!("seed {seed}, run {number}: {run:?}\n{text}"),
            );
        }
        assert_eq!(
            house.held(at(10_000 * SECOND)),
            0,
            "seed {seed}: every permit is back"
        );
        codes.extend(finished.iter().filter_map(Finished::code));
        let calls = finished.iter().flat_map(|run| &run.calls);
        whys.extend(calls.map(|(_, call)| call.why));
    }
    assert_eq!(codes.len(), 11, "every error came up: {codes:?}");
    assert_eq!(whys.len(), 7, "every kind of call was made: {whys:?}");
}

fn check(run: &Finished, expected: &Expected, which: &str) {
    let options = &expected.options;
    let attempts: Vec<&LogLine> = run
        .log
        .iter()
        .filter(|line| line.attempt.is_some())
        .collect();
    assert!(
        attempts.iter().all(|line| line.outcome.is_some()),
        "an attempt is open; {which}"
    );

    // Time.
    let resilience = number_after(which, "deadline: ") * SECOND;
    let whole_us = options
        .deadline_us
        .map_or(resilience, |us| us.min(resilience));
    let left_us = whole_us.saturating_sub(options.asked_us);
    assert!(
        run.ended_us - run.began_us <= left_us,
        "it ends too late; {which}"
    );

    // Money.
    if let Some(cap_nano) = options
        .max_cost_nano
        .filter(|cap| *cap >= options.spent_nano)
    {
        assert!(
            run.costs.total_nano <= cap_nano,
            "it costs too much; {which}"
        );
    }
    let costs = &run.costs;
    let parts = costs.answer_nano
        + costs.escalation_nano
        + costs.hedge_nano
        + costs.meta_llm_nano
        + costs.retry_nano
        + costs.verify_nano;
    assert_eq!(parts, costs.total_nano, "the parts are the whole; {which}");

    // Whom.
    for (model, call) in &run.calls {
        let is_verifier = matches!(call.purpose, Purpose::Verify { .. });
        assert!(
            is_verifier || expected.plan.contains(model),
            "`{model}` is not planned; {which}"
        );
        assert!(
            expected.permitted.contains(model),
            "`{model}` may not see the request; {which}"
        );
        let is_of_judging = is_verifier || call.purpose == Purpose::Sample;
        assert!(
            expected.is_judged || !is_of_judging,
            "an answer that needs no judging is judged; {which}"
        );
    }

    // How often.
    let unaccepted = attempts
        .iter()
        .filter(|line| line.accepted == Some(false))
        .count();
    let answers = run
        .calls
        .iter()
        .filter(|(_, call)| matches!(call.purpose, Purpose::Answer | Purpose::Hedge));
    let most = number_after(which, "max_attempts: ") as usize;
    assert!(
        answers.count() <= most + unaccepted,
        "too many attempts; {which}"
    );
    let beside = attempts.iter().filter(|line| line.why == Why::Hedge);
    assert!(beside.count() <= 2, "too many side by side; {which}");
    check_targets(&attempts, which);

    // Streams.
    if let Some((first, began_us)) = run
        .passed_on
        .first()
        .filter(|_| !options.switch_after_stream)
    {
        assert_eq!(run.passed_on.len(), 1, "two streams are passed on; {which}");
        let later = attempts
            .iter()
            .filter(|line| since_start(line.started_us) > *began_us);
        assert_eq!(
            later.count(),
            0,
            "another call after a stream has begun; {which}"
        );
        let answer = run.ending.answer;
        assert!(
            answer.is_none_or(|answer| answer == *first),
            "another answer; {which}"
        );
    }

    // How it ended.
    let ending = &run.ending;
    assert_ne!(
        ending.answer.is_some(),
        ending.error.is_some(),
        "an answer or an error; {which}"
    );
    if let Some(answer) = ending.answer {
        let line = attempts.iter().find(|line| line.attempt == Some(answer));
        let line = line.expect("the answer is an attempt");
        assert_eq!(line.outcome, Some(AttemptOutcome::Success), "{which}");
    }
}

/// A target is called again only when every call of it before has failed for a passing reason, or
/// for samples of one step.
fn check_targets(attempts: &[&LogLine], which: &str) {
    let mut before: HashMap<(u16, u8), Vec<&LogLine>> = HashMap::new();
    for line in attempts {
        if line.why == Why::Verifier {
            continue;
        }
        let known = before.entry((line.model.0, line.deployment)).or_default();
        for earlier in known.iter().filter(|_| line.why != Why::Sample) {
            let is_passing = matches!(
                earlier.outcome,
                Some(
                    AttemptOutcome::ConnectFailed
                        | AttemptOutcome::ServerError
                        | AttemptOutcome::Timeout
                )
            );
            let is_over = earlier.started_us + earlier.latency_us <= line.started_us;
            let is_sample = earlier.why == Why::Sample;
            assert!(
                is_over && (is_passing || is_sample),
                "called twice without cause; {which}"
            );
        }
        known.push(line);
    }
}

fn number_after(text: &str, key: &str) -> u64 {
    let text = text.rsplit(key).next().expect("the key is there");
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().expect("a number")
}
