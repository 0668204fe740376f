//! B42 to B45 and B50: how far an outcome reaches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fastroute_core::{
    AttemptOutcome, Availability, Caller, Cause, Ended, HealthState, LimitScope, ModelId, View,
};

use crate::lab::{Lab, SECOND, THREE, ended, limited, line, succeeded, wanted};

/// `both` runs under two keys of one provider; `second` is another model under the first key.
fn two_keys() -> String {
    "providers:\n  p: {kind: callable, credentials: {a: {api_key: \"${A}\"}, b: {api_key: \"${B}\"}}}\n  \
     q: {kind: callable}\nmodels:\n"
        .to_owned()
        + &line("both", "deployments: [{provider: p, credential: a}, {provider: p, credential: b}]")
        + &line("second", "deployments: [{provider: p, credential: a}]")
        + &line("elsewhere", "provider: q")
}

#[test]
fn b42_a_used_up_quota_of_one_key_leaves_the_other_and_the_breaker_alone() {
    let lab = Lab::with(&two_keys(), THREE);
    lab.call(0, &ended(AttemptOutcome::QuotaExhausted));
    let both = lab.view(0);
    assert_eq!(
        both.availability,
        Availability::Available,
        "the other key serves"
    );
    assert_eq!(both.deployments_out, 0b01);
    assert!(!lab.is_in(1), "everything under the key is out");
    let second = Ended {
        limit_scope: LimitScope::Credential,
        ..limited(60)
    };
    let fresh = Lab::with(&two_keys(), THREE);
    fresh.call(0, &second);
    assert!(!fresh.is_in(1), "as for a limit that says it is the key's");
    for lab in [lab, fresh] {
        assert_eq!(lab.cell("target", "p/a:both").state, HealthState::Closed);
        assert_eq!(lab.cell("credential", "p/a").state, HealthState::Cooling);
        assert_eq!(lab.cell("credential", "p/b").state, HealthState::Closed);
    }
}

#[test]
fn b42_a_plain_rate_limit_is_of_the_model_under_its_key() {
    let lab = Lab::with(&two_keys(), THREE);
    lab.call(0, &limited(60));
    assert_eq!(lab.view(0).deployments_out, 0b01);
    assert!(lab.is_in(1));
    assert_eq!(
        lab.cell("target", "p/a:both").calls,
        0,
        "its window has seen nothing"
    );
}

#[test]
fn b43_a_limit_of_the_provider_keeps_all_of_it_away() {
    let lab = Lab::with(&two_keys(), THREE);
    let all = Ended {
        limit_scope: LimitScope::Provider,
        ..limited(60)
    };
    lab.call(0, &all);
    assert!(!lab.is_in(0) && !lab.is_in(1));
    assert_eq!(lab.view(0).deployments_out, 0b11);
    assert!(lab.is_in(2));
    assert_eq!(lab.cell("provider", "p").state, HealthState::Cooling);
}

#[test]
fn b44_one_tenant_s_bad_key_changes_nothing_for_another() {
    let mut lab = Lab::with(&two_keys(), &format!("{THREE}, scope: organisation"));
    let [bad, good, nobody] = [Some("bad"), Some("good"), None].map(|organisation| Caller {
        organisation,
        ..Caller::default()
    });
    let call = |lab: &Lab, caller, outcome| {
        let mut wanted = wanted(1, 1);
        wanted.caller = caller;
        let permit = lab
            .fleet
            .claim(&wanted, lab.now, 0)
            .expect("it is let through");
        lab.end(permit, &ended(outcome));
    };
    call(&lab, bad, AttemptOutcome::Unauthorized);
    let availability = |lab: &Lab, caller| lab.view_for(&caller, 1).availability;
    assert_ne!(availability(&lab, bad), Availability::Available);
    assert_eq!(availability(&lab, good), Availability::Available);
    assert_eq!(availability(&lab, nobody), Availability::Available);
    for _ in 0..3 {
        call(&lab, good, AttemptOutcome::ServerError);
    }
    assert_ne!(availability(&lab, good), Availability::Available);
    assert_eq!(availability(&lab, nobody), Availability::Available);

    lab.reload(&two_keys(), &format!("{THREE}, scope: organisation"));
    assert_ne!(
        availability(&lab, bad),
        Availability::Available,
        "a reload keeps it"
    );
    assert!(lab.live.force("p/a:second [good]", None, lab.now));
    assert_eq!(availability(&lab, good), Availability::Available);
    lab.reload(&two_keys(), &format!("{THREE}, scope: team"));
    assert_eq!(
        availability(&lab, bad),
        Availability::Available,
        "teams are not organisations"
    );
}

#[test]
fn b44_a_flood_of_tenants_is_bounded_and_drops_the_idle_before_the_troubled() {
    let mut lab = Lab::with(&two_keys(), &format!("{THREE}, scope: team"));
    let report = |lab: &Lab, team: &str, ended: &Ended| {
        let caller = Caller {
            team: Some(team),
            ..Caller::default()
        };
        lab.fleet
            .report_unclaimed(&caller, ModelId(1), 0, lab.fleet.epoch(), ended, lab.now);
    };
    report(&lab, "troubled", &ended(AttemptOutcome::Unauthorized));
    for team in 0..5_000 {
        lab.wait(1);
        report(&lab, &format!("team {team}"), &succeeded());
    }
    let figures = lab.figures();
    assert!(figures.cells.len() <= 10_000 + 8, "{}", figures.cells.len());
    assert!(figures.counters.scopes_dropped > 3_000);
    let caller = Caller {
        team: Some("troubled"),
        ..Caller::default()
    };
    assert_ne!(
        lab.view_for(&caller, 1).availability,
        Availability::Available
    );
}

#[test]
fn b45_a_model_that_is_gone_is_out_alone_for_long_and_told_of() {
    let mut lab = Lab::with(&two_keys(), THREE);
    lab.call(1, &ended(AttemptOutcome::ModelNotFound));
    assert!(!lab.is_in(1));
    assert_eq!(lab.view(0).deployments_out, 0);
    assert_eq!(lab.transitions()[0].cause, Cause::ModelNotFound);
    lab.wait(3_600 * SECOND - 1);
    assert!(!lab.is_in(1));
    lab.wait(1);
    assert!(lab.is_in(1));
}

#[test]
fn b50_every_thread_sees_an_opening_in_its_next_view() {
    let lab = Arc::new(Lab::of(4, THREE));
    let (opened, stop) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (lab, opened, stop) = (Arc::clone(&lab), Arc::clone(&opened), Arc::clone(&stop));
            thread::spawn(move || {
                let mut view = View::healthy();
                let mut seen_late = 0;
                while !stop.load(Ordering::Acquire) {
                    let is_open = opened.load(Ordering::Acquire);
                    lab.fleet.view(&Caller::default(), lab.now, &mut view);
                    seen_late += u32::from(is_open && view.is_available(ModelId(2)));
                }
                seen_late
            })
        })
        .collect();
    lab.fail_times(2, 3);
    opened.store(true, Ordering::Release);
    for _ in 0..20 {
        lab.call(1, &succeeded());
        thread::yield_now();
    }
    stop.store(true, Ordering::Release);
    for reader in readers {
        assert_eq!(reader.join().expect("it ends"), 0);
    }
}
