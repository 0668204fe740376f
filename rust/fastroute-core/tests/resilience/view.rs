//! What decisions read: averages that follow, forget and are written again only where they changed.

use fastroute_core::{
    AttemptOutcome, Availability, Caller, Ended, Feedback, ModelId, ModelState, Usage, View,
};

use crate::lab::{Lab, MS, SECOND, THREE, apart, failed, limited, line, succeeded};

fn answered(first_ms: u64, per_token_ms: u64) -> Ended {
    Ended {
        first_token_us: Some(first_ms * MS),
        usage: Some(Usage {
            input_tokens: 10,
            cached_tokens: 0,
            output_tokens: 10,
        }),
        ..Ended::new(AttemptOutcome::Success, (first_ms + 10 * per_token_ms) * MS)
    }
}

#[test]
fn nothing_is_said_of_a_model_that_nobody_called() {
    assert_eq!(Lab::new(THREE).view(0), ModelState::default());
}

#[test]
fn latencies_follow_what_was_measured_and_are_forgotten_when_old() {
    let mut lab = Lab::new(THREE);
    lab.call(0, &answered(200, 20));
    assert_eq!(lab.view(0).first_token_us, Some(200_000.0));
    assert_eq!(lab.view(0).per_token_us, Some(20_000.0));
    lab.call(0, &answered(400, 20));
    assert_eq!(
        lab.view(0).first_token_us,
        Some(300_000.0),
        "the first are averaged evenly"
    );
    for _ in 0..200 {
        lab.wait(SECOND);
        lab.call(0, &answered(800, 5));
    }
    let first = lab.view(0).first_token_us.expect("it is known");
    assert!((790_000.0..=800_000.0).contains(&first), "{first}");
    lab.wait(300 * SECOND);
    assert_eq!(lab.view(0).first_token_us, None, "old figures say nothing");
}

#[test]
fn an_answer_that_came_whole_stretches_what_was_expected() {
    let lab = Lab::new(THREE);
    // Expected are 100 ms and 10 ms a token: 200 ms for ten.
    let whole = Ended {
        first_token_us: None,
        latency_us: 400 * MS,
        ..answered(0, 0)
    };
    lab.call(0, &whole);
    assert_eq!(lab.view(0).first_token_us, Some(200_000.0));
    assert_eq!(lab.view(0).per_token_us, Some(20_000.0));
    let unknown = Lab::new(THREE);
    unknown.call(0, &succeeded());
    assert_eq!(
        unknown.view(0).first_token_us,
        None,
        "without usage nothing can be said"
    );
}

#[test]
fn the_share_of_failures_rises_slowly_and_is_forgotten_without_calls() {
    let mut lab = Lab::new("breaker: {enabled: false}");
    lab.fail(0);
    let one = lab.view(0).failure_rate;
    assert!(
        (0.05..0.12).contains(&one),
        "one failure is not a share of one: {one}"
    );
    lab.fail_times(0, 100);
    assert!(lab.view(0).failure_rate > 0.9);
    let mut before = 1.0;
    for _ in 0..10 {
        lab.wait(30 * SECOND);
        let rate = lab.view(0).failure_rate;
        assert!(rate < before, "a model that is never chosen is forgiven");
        before = rate;
    }
    assert!(before < 0.5, "{before}");
}

#[test]
fn a_view_that_is_kept_says_the_same_as_one_that_is_read_anew() {
    let models = apart(3)
        + &line(
            "two",
            "deployments: [{provider: p0, model: m0}, {provider: p1, region: eu}]",
        );
    let mut lab = Lab::with(&models, THREE);
    let mut kept = View::healthy();
    let mut state = 1_u64;
    for step in 0..3_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let draw = state >> 33;
        let model = (draw % 4) as u16;
        lab.wait(draw % 3 * 700 * MS);
        if step % 500 == 499 {
            lab.wait(400 * SECOND);
        }
        if let Ok(permit) = lab.claim_by(1, model) {
            let ended = match draw / 4 % 8 {
                0 | 1 => failed(),
                2 => limited(1),
                3 => Ended::new(AttemptOutcome::Unauthorized, 1),
                other => answered(100 * other, 10),
            };
            lab.end(permit, &ended);
        }
        if draw.is_multiple_of(64) {
            kept.mark_unavailable(ModelId(1));
        }
        lab.fleet.view(&Caller::default(), lab.now, &mut kept);
        for model in 0..4 {
            let (kept, anew) = (kept.state(ModelId(model)), lab.view(model));
            assert_eq!(kept.availability, anew.availability, "step {step}");
            assert_eq!(kept.deployments_out, anew.deployments_out, "step {step}");
            assert_eq!(kept.first_token_us, anew.first_token_us, "step {step}");
            // Written again within a second, so up to a thirtieth apart.
            let apart = (kept.failure_rate - anew.failure_rate).abs();
            assert!(
                apart <= 0.04 * anew.failure_rate.max(kept.failure_rate),
                "step {step}"
            );
        }
    }
}

#[test]
fn a_model_is_in_while_one_of_its_deployments_is_and_else_names_the_soonest() {
    let models = apart(2)
        + &line(
            "two",
            "deployments: [{provider: p0, region: eu}, {provider: p1, region: us}]",
        );
    let mut lab = Lab::with(&models, THREE);
    let call = |lab: &Lab, deployment, ended: &Ended| {
        let mut wanted = crate::lab::wanted(1, 2);
        wanted.deployment = deployment;
        let permit = lab
            .fleet
            .claim(&wanted, lab.now, 0)
            .expect("it is let through");
        lab.end(permit, ended);
    };
    call(&lab, 0, &limited(60));
    let state = lab.view(2);
    assert_eq!(
        (state.availability, state.deployments_out),
        (Availability::Available, 0b01)
    );
    call(&lab, 1, &limited(20));
    let until = lab.now.monotonic_us + 20 * SECOND;
    let state = lab.view(2);
    assert_eq!(
        state.availability,
        Availability::Cooling { retry_at_us: until }
    );
    assert_eq!(state.deployments_out, 0b11);
    lab.wait(20 * SECOND);
    assert_eq!(lab.view(2).deployments_out, 0b01);
}

#[test]
fn the_retry_budget_is_the_fleet_s_and_survives_a_reload() {
    let rules = "retry: {budget_ratio: 0.2, budget_min_per_second: 0}";
    let mut lab = Lab::new(rules);
    (0..100).for_each(|_| lab.fleet.first_attempt(lab.now));
    assert_eq!((0..30).filter(|_| lab.fleet.may_retry(lab.now)).count(), 20);
    lab.reload(&apart(1), rules);
    assert!(!lab.fleet.may_retry(lab.now));
    let counters = lab.figures().counters;
    assert_eq!(
        (counters.retries_allowed, counters.retries_refused),
        (20, 11)
    );
    lab.wait(10 * SECOND);
    assert!(!lab.fleet.may_retry(lab.now), "idle time saves nothing up");
}

#[test]
fn feedback_and_lengths_of_answers_are_added_up_and_bounded() {
    let lab = Lab::new(THREE);
    for (kind, score) in [
        ("thumbs", 1.0),
        ("thumbs", 0.5),
        ("edited", 7.0),
        ("odd", f32::NAN),
    ] {
        let feedback = Some(Feedback {
            kind: kind.into(),
            score,
        });
        lab.call(
            0,
            &Ended {
                feedback,
                output: Some((1, 20)),
                ..succeeded()
            },
        );
    }
    let feedback = lab.figures().feedback;
    let told: Vec<_> = feedback
        .iter()
        .map(|one| (&*one.kind, one.count, one.mean))
        .collect();
    assert_eq!(told, [("edited", 1, 1.0), ("thumbs", 2, 0.75)]);
    assert_eq!(lab.target().outputs, (4, 80));
    for kind in 0..1_000 {
        let feedback = Some(Feedback {
            kind: format!("{kind}").into(),
            score: 1.0,
        });
        lab.call(
            0,
            &Ended {
                feedback,
                ..succeeded()
            },
        );
    }
    assert!(lab.figures().feedback.len() <= 33);
}
