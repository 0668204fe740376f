//! Cascades: an answer is judged before it counts, and dearer models are called until one is accepted.

use fastroute_core::AttemptOutcome::{InvalidRequest, ServerError};
use fastroute_core::{
    AttemptOutcome, Judged, Place, Purpose, RunErrorCode, RunOptions, Skipped, Usage, Why,
};

use crate::fleet::{House, SECOND, at, since_start};
use crate::world::{Finished, Reply, answers, fails, play_one, trusted};

/// Models `a`, `b` and `c` from cheap to dear, `d` as fallback and `v` as verifier.
fn house(accept: &str, more: &str) -> House {
    let mut text = String::from(
        "version: 1\nproviders: {p: {kind: callable}, q: {kind: callable}}\nmodels:\n",
    );
    for (name, price) in [("a", 1), ("b", 4), ("c", 16), ("d", 8), ("v", 2)] {
        text += &format!(
            "  - {{name: {name}, provider: p, context_window: 8000, max_output_tokens: 1000, \
             price: {{input: {price}, output: {price}}}, \
             latency: {{first_token: 100ms, per_token: 1ms}}, quality: {{default: 0.9}}}}\n"
        );
    }
    text += &format!(
        "routes:\n  - name: general\n    choose: [a, b, c]\n    fallback: [d]\n    \
         expected_output_tokens: 100\n    cascade: {{accept: {{{accept}}}}}\n\
         default: {{route: general}}\n"
    );
    House::new(&(text + more))
}

const CONFIDENT: &str = "answer_confidence: {min: 0.7}";

fn play(house: &House, script: &[(&str, &[Reply])]) -> Finished {
    let finished = play_one(house, house.start(RunOptions::default()), script);
    assert_eq!(house.held(at(100 * SECOND)), 0, "every permit is back");
    finished
}

fn keyed(key: u64) -> Reply {
    Reply {
        judged: Judged {
            answer_key: Some(key),
            ..Judged::default()
        },
        ..answers(1_000)
    }
}

fn formed(is_in_form: Option<bool>, confidence: Option<f32>) -> Reply {
    Reply {
        judged: Judged {
            confidence,
            is_in_form,
            answer_key: None,
        },
        ..answers(1_000)
    }
}

#[test]
fn the_plan_runs_from_cheap_to_dear_and_says_which_steps_are_escalations() {
    let house = house(CONFIDENT, "");
    let decision = house.decide(at(0), 0);
    let plan: Vec<(String, Place)> = decision
        .plan()
        .iter()
        .map(|planned| (house.name(planned.model), planned.place))
        .collect();
    let expected = [
        ("a", Place::Primary),
        ("b", Place::Escalation),
        ("c", Place::Escalation),
        ("d", Place::Fallback),
    ];
    assert_eq!(plan, expected.map(|(name, place)| (name.to_owned(), place)));
}

#[test]
fn an_answer_that_is_trusted_far_enough_is_accepted() {
    let finished = play(&house(CONFIDENT, ""), &[("a", &[trusted(0.7)])]);
    assert_eq!(finished.models(), ["a"]);
    assert!(finished.ending.accepted);
    assert_eq!(finished.ending.confidence, Some(0.7));
    assert_eq!(finished.log[0].accepted, Some(true));
}

#[test]
fn an_answer_that_is_not_escalates_and_escalations_count_as_no_attempt_after_a_failure() {
    let more =
        "resilience: {retry: {max_attempts: 1, budget_ratio: 0, budget_min_per_second: 0}}\n";
    let house = house(CONFIDENT, more);
    let script: [(&str, &[Reply]); 3] = [
        ("a", &[trusted(0.2)]),
        ("b", &[trusted(0.6)]),
        ("c", &[trusted(0.9)]),
    ];
    let finished = play(&house, &script);
    assert_eq!(finished.models(), ["a", "b", "c"]);
    let whys: Vec<Why> = finished.calls.iter().map(|(_, call)| call.why).collect();
    assert_eq!(whys, [Why::Primary, Why::Escalation, Why::Escalation]);
    assert_eq!(
        (finished.ending.answer, finished.ending.accepted),
        (Some(2), true)
    );
}

#[test]
fn the_best_answer_stands_when_none_is_accepted_and_the_later_wins_a_tie() {
    for (confidences, best) in [
        ([0.6, 0.2, 0.3], 0),
        ([0.2, 0.6, 0.3], 1),
        ([0.5, 0.5, 0.1], 1),
        ([0.1, 0.1, 0.1], 2),
    ] {
        let replies = confidences.map(|confidence| [trusted(confidence)]);
        let script: [(&str, &[Reply]); 3] =
            [("a", &replies[0]), ("b", &replies[1]), ("c", &replies[2])];
        let finished = play(&house(CONFIDENT, ""), &script);
        assert_eq!(finished.ending.answer, Some(best), "{confidences:?}");
        assert!(!finished.ending.accepted);
        assert_eq!(finished.ending.error, None, "an answer is no error");
        assert_eq!(
            finished.ending.confidence,
            Some(confidences[usize::from(best)])
        );
    }
}

#[test]
fn an_answer_of_unknown_confidence_is_not_accepted() {
    for unknown in [None, Some(f32::NAN), Some(f32::INFINITY)] {
        let house = house(CONFIDENT, "");
        let script: [(&str, &[Reply]); 2] =
            [("a", &[formed(None, unknown)]), ("b", &[trusted(0.8)])];
        let finished = play(&house, &script);
        assert_eq!(finished.models(), ["a", "b"], "{unknown:?}");
        assert_eq!(finished.log[0].accepted, Some(false));
    }
}

#[test]
fn an_answer_out_of_form_escalates_and_comes_last_among_the_rest() {
    let accept = "format: json, answer_confidence: {min: 0.7}";
    let script: [(&str, &[Reply]); 3] = [
        ("a", &[formed(Some(true), Some(0.1))]),
        ("b", &[formed(Some(false), Some(0.99))]),
        ("c", &[formed(None, Some(0.99))]),
    ];
    let finished = play(&house(accept, ""), &script);
    assert_eq!(finished.models(), ["a", "b", "c"]);
    assert_eq!(
        finished.ending.answer,
        Some(0),
        "in form before out of form, however trusted"
    );
    assert!(!finished.ending.accepted);
    assert!(finished.calls[0].1.wants.form);
}

#[test]
fn a_form_alone_is_enough_where_the_route_asks_for_no_more() {
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[formed(Some(false), None)]),
        ("b", &[formed(Some(true), None)]),
    ];
    let finished = play(&house("format: json", ""), &script);
    assert_eq!(
        (finished.ending.answer, finished.ending.accepted),
        (Some(1), true)
    );
}

#[test]
fn a_call_says_what_its_answer_must_come_with() {
    for (from, wanted) in [
        ("log_probability", "log_probabilities"),
        ("self_reported", "self_report"),
        ("function, function: check", "function"),
        ("agreement", "answer_key"),
    ] {
        let house = house(
            &format!("answer_confidence: {{min: 0.1, from: {from}}}"),
            "",
        );
        let finished = play(&house, &[("a", &[trusted(0.9)])]);
        let names: Vec<&str> = finished.calls[0].1.wants.names().collect();
        assert_eq!(names, [wanted]);
    }
}

#[test]
fn a_model_that_fails_is_followed_by_the_next_and_the_fallback_is_judged_too() {
    let house = house(
        CONFIDENT,
        "resilience: {retry: {max_attempts: 9, budget_min_per_second: 100}}\n",
    );
    let script: [(&str, &[Reply]); 4] = [
        ("a", &[trusted(0.2)]),
        ("b", &[fails(AttemptOutcome::RateLimited, 10)]),
        ("c", &[fails(AttemptOutcome::RateLimited, 10)]),
        ("d", &[trusted(0.75)]),
    ];
    let finished = play(&house, &script);
    assert_eq!(finished.models(), ["a", "b", "c", "d"]);
    assert_eq!(
        (finished.ending.answer, finished.ending.accepted),
        (Some(3), true)
    );
}

#[test]
fn an_answer_in_hand_stands_when_the_escalation_comes_to_nothing() {
    for reply in [
        fails(InvalidRequest, 10),
        fails(ServerError, 10),
        fails(AttemptOutcome::LocalError, 10),
        answers(60 * SECOND),
    ] {
        let house = house(CONFIDENT, "resilience: {retry: {max_attempts: 1}}\n");
        let script: [(&str, &[Reply]); 2] = [("a", &[trusted(0.3)]), ("b", &[reply])];
        let finished = play(&house, &script);
        assert_eq!(finished.ending.answer, Some(0), "{:?}", reply.outcome);
        assert!(!finished.ending.accepted);
        assert_eq!(finished.ending.error, None);
        assert!(finished.ended_us <= 30 * SECOND);
    }
}

#[test]
fn a_step_that_could_cost_more_than_is_left_is_not_taken() {
    let house = house(CONFIDENT, "");
    let options = RunOptions {
        max_cost_nano: Some(1_300_000),
        ..RunOptions::default()
    };
    let script: [(&str, &[Reply]); 2] = [("a", &[trusted(0.3)]), ("b", &[trusted(0.3)])];
    let finished = play_one(&house, house.start(options), &script);
    assert_eq!(
        finished.models(),
        ["a", "b"],
        "`c` costs 1.6 million for 100 tokens"
    );
    assert!(finished.skipped().contains(&"OVER_MAX_COST"));
    assert_eq!(finished.ending.answer, Some(1));
    assert!(finished.costs.total_nano <= 1_300_000);
}

const VERIFIED: &str = "answer_confidence: {min: 0.7, from: verifier, model: v}";

#[test]
fn a_verifier_says_how_far_an_answer_is_trusted_and_its_cost_is_counted() {
    let script: [(&str, &[Reply]); 3] = [
        ("a", &[answers(1_000)]),
        ("b", &[answers(1_000)]),
        ("v", &[trusted(0.4), trusted(0.8)]),
    ];
    let finished = play(&house(VERIFIED, ""), &script);
    assert_eq!(finished.models(), ["a", "v", "b", "v"]);
    assert_eq!(finished.calls[1].1.purpose, Purpose::Verify { of: 0 });
    assert_eq!(finished.calls[3].1.purpose, Purpose::Verify { of: 2 });
    assert_eq!(finished.calls[1].1.why, Why::Verifier);
    assert_eq!(
        (finished.ending.answer, finished.ending.confidence),
        (Some(2), Some(0.8))
    );
    assert_eq!(finished.costs.verify_nano, 2 * 120 * 2_000);
    assert_eq!(finished.costs.answer_nano, 120 * 4_000);
    assert_eq!(
        finished.costs.escalation_nano,
        120 * 1_000,
        "the answer that was not taken"
    );
}

#[test]
fn an_answer_whose_usage_is_a_lie_is_verified_all_the_same() {
    let liar = Reply {
        usage: Some(Usage {
            output_tokens: u64::MAX,
            ..Usage::default()
        }),
        ..answers(1_000)
    };
    let script: [(&str, &[Reply]); 2] = [("a", &[liar]), ("v", &[trusted(0.8)])];
    for max_cost_nano in [None, Some(10_000_000)] {
        let options = RunOptions {
            max_cost_nano,
            ..RunOptions::default()
        };
        let house = house(VERIFIED, "");
        let finished = play_one(&house, house.start(options), &script);
        assert_eq!(finished.models(), ["a", "v"]);
        assert_eq!(finished.ending.confidence, Some(0.8));
    }
}

#[test]
fn a_verifier_that_fails_or_says_nothing_leaves_the_confidence_unknown() {
    for reply in [fails(ServerError, 10), answers(10)] {
        let script: [(&str, &[Reply]); 3] = [
            ("a", &[answers(10)]),
            ("b", &[answers(10)]),
            ("v", &[reply, trusted(0.9)]),
        ];
        let finished = play(&house(VERIFIED, ""), &script);
        assert_eq!(finished.models(), ["a", "v", "b", "v"]);
        assert_eq!(finished.log[0].confidence, None);
        assert_eq!(finished.ending.answer, Some(2));
    }
}

#[test]
fn a_verifier_that_may_not_see_the_request_is_not_asked() {
    let rule = "rules:\n  - name: stay\n    when: {tokens: {min: 1}}\n    then: {restrict: {models: [a, b, c, d]}}\n";
    let house = house(VERIFIED, rule);
    let script: [(&str, &[Reply]); 3] = [
        ("a", &[answers(10)]),
        ("b", &[answers(10)]),
        ("c", &[answers(10)]),
    ];
    let finished = play(&house, &script);
    assert_eq!(finished.models(), ["a", "b", "c"]);
    assert_eq!(finished.ending.answer, Some(2));
    assert!(!finished.ending.accepted);
    let refused = finished
        .log
        .iter()
        .filter(|line| line.skipped == Some(Skipped::NotPermitted));
    assert_eq!(refused.count(), 3, "the log says so for each answer");
}

const AGREED: &str = "answer_confidence: {min: 0.6, from: agreement, samples: 3}";

#[test]
fn samples_are_taken_at_once_and_their_agreement_is_the_confidence() {
    let finished = play(
        &house(AGREED, ""),
        &[("a", &[keyed(7), keyed(4), keyed(4)])],
    );
    assert_eq!(finished.models(), ["a", "a", "a"]);
    assert!(
        finished
            .log
            .iter()
            .all(|line| since_start(line.started_us) == 0),
        "side by side"
    );
    let purposes: Vec<Purpose> = finished
        .calls
        .iter()
        .map(|(_, call)| call.purpose)
        .collect();
    assert_eq!(
        purposes,
        [Purpose::Answer, Purpose::Sample, Purpose::Sample]
    );
    assert_eq!(
        finished.ending.answer,
        Some(1),
        "the first sample that says what most say"
    );
    assert_eq!(finished.ending.confidence, Some(2.0 / 3.0));
    assert!(finished.ending.accepted);
    assert_eq!(finished.costs.verify_nano, 2 * 120 * 1_000);
}

#[test]
fn samples_that_disagree_escalate() {
    let script: [(&str, &[Reply]); 2] =
        [("a", &[keyed(1), keyed(2), keyed(3)]), ("b", &[keyed(5)])];
    let finished = play(&house(AGREED, ""), &script);
    assert_eq!(finished.models(), ["a", "a", "a", "b", "b", "b"]);
    assert_eq!(
        (finished.ending.answer, finished.ending.confidence),
        (Some(3), Some(1.0))
    );
}

#[test]
fn a_sample_that_is_lost_agrees_with_none() {
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[keyed(1), fails(ServerError, 10), keyed(1)]),
        (
            "b",
            &[fails(ServerError, 10), keyed(1), fails(ServerError, 10)],
        ),
    ];
    let house = house(&AGREED.replace("0.6", "0.7"), "");
    let finished = play(&house, &[script[0], script[1], ("c", &[keyed(9)])]);
    assert_eq!(finished.log[0].confidence, Some(2.0 / 3.0));
    assert_eq!(finished.log[4].confidence, Some(1.0 / 3.0));
    assert_eq!(
        finished.ending.confidence,
        Some(1.0),
        "three of three of `c`"
    );
}

#[test]
fn samples_in_hand_stand_when_the_deadline_cuts_the_others_off() {
    let more = "resilience: {deadline: 1s, retry: {max_attempts: 1}}\n";
    let hangs = answers(100 * SECOND);
    for (replies, confidence, accepted) in [
        ([keyed(4), keyed(4), hangs], 2.0 / 3.0, true),
        ([keyed(4), hangs, hangs], 1.0 / 3.0, false),
    ] {
        let finished = play(&house(AGREED, more), &[("a", &replies)]);
        assert_eq!(finished.ended_us, SECOND);
        assert_eq!(finished.code(), None);
        assert_eq!(finished.ending.answer, Some(0));
        assert_eq!(finished.ending.confidence, Some(confidence));
        assert_eq!(finished.ending.accepted, accepted);
        assert_eq!(finished.log[0].accepted, Some(accepted));
    }
}

#[test]
fn an_answer_of_a_model_that_a_rule_names_is_not_judged() {
    let rule = "rules:\n  - name: this\n    when: {tokens: {min: 1}}\n    then: {model: b}\n";
    for accept in [
        CONFIDENT,
        AGREED,
        VERIFIED,
        "format: json",
        "answer_confidence: {min: 0.7, from: function, function: f}",
    ] {
        let house = house(accept, rule);
        let options = RunOptions {
            is_stream: true,
            ..RunOptions::default()
        };
        assert!(house.decide(at(0), 0).cascade().is_none());
        let finished = play_one(&house, house.start(options), &[("b", &[answers(1_000)])]);
        assert_eq!(finished.models(), ["b"], "{accept}");
        assert!(finished.ending.accepted, "{accept}");
        assert!(finished.calls[0].1.is_passed_on, "{accept}");
        assert_eq!(finished.calls[0].1.wants.names().count(), 0, "{accept}");
        assert_eq!(finished.costs.verify_nano, 0, "{accept}");
    }
}

#[test]
fn calls_beside_slow_ones_are_counted_over_the_whole_run() {
    let more = "resilience: {hedge: {after: 100ms, max: 1}, retry: {budget_min_per_second: 100}}\n";
    let slow = Reply {
        took_us: SECOND,
        ..trusted(0.9)
    };
    let script: [(&str, &[Reply]); 4] = [
        ("a", &[slow]),
        ("b", &[trusted(0.2)]),
        ("c", &[slow]),
        ("d", &[slow]),
    ];
    let finished = play(&house(CONFIDENT, more), &script);
    assert_eq!(finished.models(), ["a", "b", "c"]);
    assert!(finished.ending.accepted);
}

#[test]
fn a_step_whose_samples_are_all_lost_has_failed() {
    let more = "resilience: {retry: {budget_min_per_second: 100}}\n";
    let script: [(&str, &[Reply]); 2] = [("a", &[fails(ServerError, 10)]), ("b", &[keyed(5)])];
    let finished = play(&house(AGREED, more), &script);
    assert_eq!(finished.models(), ["a", "a", "a", "b", "b", "b"]);
    assert_eq!(finished.calls[3].1.why, Why::Fallback);
    assert!(finished.ending.accepted);
}

#[test]
fn a_host_that_gives_up_ends_a_cascade_without_an_answer() {
    let script: [(&str, &[Reply]); 2] = [
        ("a", &[trusted(0.3)]),
        ("b", &[fails(AttemptOutcome::Cancelled, 10)]),
    ];
    let finished = play(&house(CONFIDENT, ""), &script);
    assert_eq!(finished.code(), Some(RunErrorCode::Cancelled));
    assert_eq!(finished.ending.answer, None);
}

/// Ten recorded questions: how far the weak model's answer was trusted, whether it was right, and
/// whether the strong one's was.
const RECORDED: [(f32, bool, bool); 10] = [
    (0.95, true, true),
    (0.91, true, true),
    (0.88, true, false),
    (0.83, false, true),
    (0.78, true, true),
    (0.71, true, true),
    (0.55, false, true),
    (0.42, false, true),
    (0.30, true, true),
    (0.12, false, false),
];

#[test]
fn on_recorded_pairs_the_cascade_is_better_than_a_random_mix_of_the_same_cost() {
    let (mut right, mut cost) = (0.0, 0.0);
    for (confidence, weak, strong) in RECORDED {
        let house = house(CONFIDENT, "");
        let script: [(&str, &[Reply]); 2] =
            [("a", &[trusted(confidence)]), ("b", &[trusted(0.99)])];
        let finished = play(&house, &script);
        let is_right = if finished.ending.answer == Some(0) {
            weak
        } else {
            strong
        };
        right += f64::from(u8::from(is_right));
        cost += finished.costs.total_nano as f64;
    }
    let of = |pick: fn(&(f32, bool, bool)) -> bool| {
        RECORDED.iter().filter(|row| pick(row)).count() as f64
    };
    let (weak, strong) = (of(|row| row.1), of(|row| row.2));
    let (cheap, dear) = (10.0 * 120_000.0, 10.0 * 480_000.0);
    let share = (cost - cheap) / (dear - cheap);
    let random = weak + share * (strong - weak);
    assert!(
        right > random,
        "{right} of 10 right, {random:.1} for a random mix of the same cost"
    );
}
