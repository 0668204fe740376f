//! What a view says of budgets and rates: out when not even the smallest call fits, and back in time.

use fastroute_core::{Availability, Live, ModelId, View};

use crate::support::{Call, START, fleet, later, snapshot};

const SMALL: ModelId = ModelId(0);
const LARGE: ModelId = ModelId(1);

#[test]
fn a_used_up_budget_takes_models_out_until_its_window_ends_for_its_callers_alone() {
    let live = Live::new();
    let fleet = fleet(
        &live,
        "{scope: caller.team, limit_tokens: 201, window: 10s}",
    );
    let (blue, red) = (Call::default().caller(), Call::of_team("red").caller());
    // One view for all, as hosts keep it.
    let mut view = View::healthy();
    fleet.view(&blue, START, &mut view);
    assert!(view.is_available(SMALL));
    assert!(Call::default().spend(&fleet, START).is_ok());
    fleet.view(&blue, START, &mut view);
    let resets_at_us = START.unix_us + 10_000_000;
    for model in [SMALL, LARGE] {
        let out = Availability::OverBudget { resets_at_us };
        assert_eq!(view.state(model).availability, out);
    }
    fleet.view(&red, START, &mut view);
    assert!(view.is_available(SMALL) && view.is_available(LARGE));
    fleet.view(&blue, later(START, 9_999_999), &mut view);
    assert!(!view.is_available(SMALL));
    fleet.view(&blue, later(START, 10_000_000), &mut view);
    assert!(view.is_available(SMALL) && view.is_available(LARGE));
}

#[test]
fn what_is_reserved_counts_until_it_is_freed() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_tokens: 200, window: 1d}");
    let caller = Call::default().caller();
    let mut view = View::healthy();
    let permit = Call::default().claim(&fleet, START).unwrap();
    fleet.view(&caller, START, &mut view);
    assert!(!view.is_available(SMALL));
    fleet.release(permit, START);
    fleet.view(&caller, START, &mut view);
    assert!(view.is_available(SMALL));
}

#[test]
fn a_cheaper_model_stays_in_where_a_dear_one_does_not_fit() {
    let live = Live::new();
    let fleet = fleet(
        &live,
        "{scope: all, limit_usd: 0.00031, window: 1d, on_exceed: downgrade}",
    );
    assert!(Call::default().spend(&fleet, START).is_ok());
    let mut view = View::healthy();
    fleet.view(&Call::default().caller(), START, &mut view);
    assert!(view.is_available(SMALL) && !view.is_available(LARGE));
}

#[test]
fn a_credential_without_room_takes_its_deployment_out_and_the_model_with_the_last() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: credential, limit_tokens: 200, window: 10s}");
    let caller = Call::default().caller();
    let mut view = View::healthy();
    for deployment in [1, 0] {
        assert!(view.is_available(LARGE));
        let call = Call {
            model: LARGE,
            deployment,
            ..Call::default()
        };
        assert!(call.spend(&fleet, START).is_ok());
        fleet.view(&caller, START, &mut view);
        assert_ne!(view.state(LARGE).deployments_out & (1 << deployment), 0);
    }
    assert!(!view.is_available(LARGE) && view.is_available(SMALL));
    fleet.view(&caller, later(START, 10_000_000), &mut view);
    assert!(view.is_available(LARGE));
    assert_eq!(view.state(LARGE).deployments_out, 0);
}

#[test]
fn a_used_up_rate_takes_a_model_out_until_the_smallest_call_fits() {
    let live = Live::new();
    let fleet = live.bind(&snapshot("", "rate: {requests_per_minute: 1}"), START);
    assert!(Call::default().spend(&fleet, START).is_ok());
    let caller = Call::default().caller();
    let mut view = View::healthy();
    fleet.view(&caller, START, &mut view);
    let retry_at_us = START.monotonic_us + 60_000_000;
    let out = Availability::RateLimited { retry_at_us };
    assert_eq!(view.state(SMALL).availability, out);
    fleet.view(&caller, later(START, 60_000_000), &mut view);
    assert!(view.is_available(SMALL));
}

#[test]
fn what_queues_stays_in_and_waits_at_the_claim() {
    let live = Live::new();
    let rate = "rate: {requests_per_minute: 1, on_exceed: queue}";
    let budget = "{scope: all, limit_tokens: 200, window: 1d, on_exceed: queue}";
    let fleet = live.bind(&snapshot(budget, rate), START);
    assert!(Call::default().spend(&fleet, START).is_ok());
    let mut view = View::healthy();
    fleet.view(&Call::default().caller(), START, &mut view);
    assert!(view.is_available(SMALL));
    assert!(Call::default().claim(&fleet, START).is_err());
}

#[test]
fn a_budget_that_rejects_refuses_its_callers_and_not_the_dear_model_in_favour_of_a_cheap_one() {
    let live = Live::new();
    let fleet = fleet(
        &live,
        "{scope: caller.team, limit_usd: 0.00031, window: 1d}",
    );
    assert!(Call::default().spend(&fleet, START).is_ok());
    let mut view = View::healthy();
    fleet.view(&Call::default().caller(), START, &mut view);
    for model in [SMALL, LARGE] {
        let why = view.state(model).availability;
        assert!(matches!(why, Availability::OverBudget { .. }), "{why:?}");
    }
    fleet.view(&Call::of_team("red").caller(), START, &mut view);
    assert!(view.is_available(SMALL) && view.is_available(LARGE));
    // A budget of one model says nothing about the others.
    let live = Live::new();
    let fleet = crate::support::fleet(&live, "{scope: model, limit_tokens: 200, window: 1d}");
    assert!(Call::default().spend(&fleet, START).is_ok());
    fleet.view(&Call::default().caller(), START, &mut view);
    assert!(!view.is_available(SMALL) && view.is_available(LARGE));
}
