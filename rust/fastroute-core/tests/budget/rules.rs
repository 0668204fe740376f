//! A test for each rule of budgets: windows, leases, who is counted where, reloads, memory.

use fastroute_core::config::{BudgetScope, OnExceed};
use fastroute_core::{AttemptOutcome, Availability, Ended, Feedback, Live, ModelId, Now, RouteId};

use crate::support::{Call, LARGE, SMALL, START, answered, figures, fleet, later, snapshot};

const DAY: u64 = 86_400_000_000;

fn of_model(model: u16) -> Call<'static> {
    Call {
        model: ModelId(model),
        ..Call::default()
    }
}

/// What the default call costs with `small`.
const COST: u64 = 100 * SMALL.0 + 100 * SMALL.1;

#[test]
fn windows_begin_at_midnight_utc() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 0.0005, window: 1d}");
    let late = Now {
        monotonic_us: 1,
        unix_us: START.unix_us / DAY * DAY + DAY - 1,
    };
    assert!(Call::default().spend(&fleet, late).is_ok());
    let denied = Call::default().spend(&fleet, late).unwrap_err();
    let midnight = late.unix_us + 1;
    assert_eq!(
        denied.why,
        Availability::OverBudget {
            resets_at_us: midnight
        }
    );
    assert!(Call::default().spend(&fleet, later(late, 1)).is_ok());
}

#[test]
fn a_call_counts_in_the_window_in_which_it_was_reserved() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 0.0005, window: 10s}");
    let permit = Call::default().claim(&fleet, START).unwrap();
    let next = later(START, 10_000_000);
    assert!(Call::default().spend(&fleet, next).is_ok());
    fleet.report(permit, &answered(100, 100), next);
    assert_eq!(figures(&live, None, next).spent_nano, COST);
}

#[test]
fn a_clock_set_back_gives_no_room_back() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 0.0005, window: 10s}");
    let ahead = later(START, 10_000_000);
    assert!(Call::default().spend(&fleet, ahead).is_ok());
    for back_us in [1, 10_000_000, 86_400_000_000] {
        let back = Now {
            monotonic_us: ahead.monotonic_us + 1,
            unix_us: ahead.unix_us - back_us,
        };
        assert!(Call::default().spend(&fleet, back).is_err(), "{back_us}");
    }
}

#[test]
fn a_lost_outcome_frees_its_reservation_when_the_lease_ends() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 0.0005, window: 1d}");
    let call = Call {
        lease_us: 5_000_000,
        ..Call::default()
    };
    let _kept = call.claim(&fleet, START).unwrap().keep();
    assert_eq!(figures(&live, None, START).reserved_nano, COST);
    assert!(call.claim(&fleet, later(START, 4_999_999)).is_err());
    assert!(call.claim(&fleet, later(START, 5_000_000)).is_ok());
}

#[test]
fn an_outcome_that_comes_after_its_lease_was_still_paid_for_once() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 1, window: 1d}");
    let permit = Call::default().claim(&fleet, START).unwrap();
    let late = later(START, 100_000_000);
    assert_eq!(figures(&live, None, late).reserved_nano, 0);
    fleet.report(permit, &answered(100, 100), late);
    let figures = figures(&live, None, late);
    assert_eq!((figures.spent_nano, figures.reserved_nano), (COST, 0));
}

#[test]
fn a_call_is_reserved_in_all_its_budgets_or_in_none() {
    let live = Live::new();
    let budgets = "{scope: all, limit_usd: 1, window: 1d}, {scope: caller.team, limit_tokens: 199, window: 1h}";
    let fleet = fleet(&live, budgets);
    assert!(Call::default().claim(&fleet, START).is_err());
    assert_eq!(live.figures(START).budgets, []);
}

#[test]
fn the_strictest_of_what_says_no_decides_what_happens() {
    let live = Live::new();
    let budgets = "{scope: all, limit_tokens: 0, window: 1d, on_exceed: queue}, \
        {scope: model, limit_tokens: 0, window: 1h, on_exceed: downgrade}, \
        {scope: caller.team, for: red, limit_tokens: 0, window: 1m, on_exceed: reject}";
    let fleet = fleet(&live, budgets);
    let denied = Call::default().claim(&fleet, START).unwrap_err();
    assert_eq!(denied.on_exceed, Some(OnExceed::Downgrade));
    let denied = Call::of_team("red").claim(&fleet, START).unwrap_err();
    assert_eq!(denied.on_exceed, Some(OnExceed::Reject));
    let resets_at_us = START.unix_us + 60_000_000;
    assert_eq!(denied.why, Availability::OverBudget { resets_at_us });
}

#[test]
fn each_team_has_its_own_and_those_without_one_share_theirs() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: caller.team, limit_usd: 0.0005, window: 1d}");
    let nobody = Call {
        team: None,
        ..Call::default()
    };
    for call in [Call::of_team("red"), Call::of_team("blue"), nobody] {
        assert!(call.spend(&fleet, START).is_ok());
        assert!(call.spend(&fleet, START).is_err());
    }
}

#[test]
fn a_budget_for_one_counts_no_other() {
    for (only, counted, other) in [
        (
            "{scope: caller.team, for: red",
            Call::of_team("red"),
            Call::of_team("blue"),
        ),
        ("{scope: model, for: large", of_model(1), of_model(0)),
        (
            "{scope: credential, for: cloud/spare",
            Call {
                deployment: 1,
                ..of_model(1)
            },
            of_model(1),
        ),
        (
            "{scope: route, for: billing",
            Call {
                route: Some(RouteId(1)),
                ..Call::default()
            },
            Call {
                route: None,
                ..Call::default()
            },
        ),
    ] {
        let live = Live::new();
        let fleet = fleet(&live, &format!("{only}, limit_tokens: 1, window: 1d}}"));
        assert!(counted.claim(&fleet, START).is_err(), "{only}");
        assert!(other.claim(&fleet, START).is_ok(), "{only}");
    }
}

#[test]
fn a_provider_that_claims_more_is_believed_up_to_the_reservation() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 1, window: 1d}");
    let permit = Call::default().claim(&fleet, START).unwrap();
    fleet.report(permit, &answered(u64::MAX, u64::MAX), START);
    assert_eq!(figures(&live, None, START).spent_nano, COST);
}

#[test]
fn a_call_that_was_only_reported_is_counted_too() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 100, window: 1d}");
    let report = |ended| {
        let caller = Call::default().caller();
        fleet.report_unclaimed(&caller, ModelId(1), 0, fleet.epoch(), &ended, START);
        figures(&live, None, START).spent_nano
    };
    assert_eq!(report(answered(10, 10)), 10 * LARGE.0 + 10 * LARGE.1);
    // No more than the model takes and puts out, a million of each.
    let most = 1_000_000 * (LARGE.0 + LARGE.1);
    assert!(report(answered(u64::MAX, u64::MAX)) <= most + 10 * (LARGE.0 + LARGE.1));
}

#[test]
fn a_reload_keeps_what_was_spent_and_takes_the_new_limit() {
    let live = Live::new();
    let old = fleet(&live, "{scope: all, limit_usd: 1, window: 1d}");
    assert!(Call::default().spend(&old, START).is_ok());
    let under_way = Call::default().claim(&old, START).unwrap();
    let new = live.bind(
        &snapshot(
            "{scope: all, limit_usd: 0.0006, window: 1d, on_exceed: queue}",
            "",
        ),
        START,
    );
    let denied = Call::default().claim(&new, START).unwrap_err();
    assert_eq!(denied.on_exceed, Some(OnExceed::Queue));
    old.report(under_way, &answered(100, 100), START);
    assert_eq!(figures(&live, None, START).spent_nano, 2 * COST);
}

#[test]
fn a_budget_that_is_gone_for_a_revision_has_not_forgotten_its_window() {
    let live = Live::new();
    let budget = "{scope: all, limit_usd: 1, window: 1d}";
    assert!(Call::default().spend(&fleet(&live, budget), START).is_ok());
    let _without = fleet(&live, "");
    let again = fleet(&live, budget);
    assert!(Call::default().spend(&again, START).is_ok());
    assert_eq!(figures(&live, None, START).spent_nano, 2 * COST);
}

#[test]
fn a_hundred_thousand_values_are_counted_and_those_of_the_oldest_window_go_first() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: caller.team, limit_usd: 1, window: 10s}");
    let spend = |teams: std::ops::Range<u32>, now| {
        for team in teams {
            let team = format!("team {team}");
            assert!(Call::of_team(&team).spend(&fleet, now).is_ok());
        }
    };
    spend(0..50_000, START);
    let next = later(START, 10_000_000);
    spend(50_000..110_000, next);
    let all = live.figures(next).budgets;
    assert!(all.len() <= 100_000, "{}", all.len());
    let spent = all.iter().filter(|one| one.spent_nano == COST);
    assert_eq!(spent.count(), 60_000);
    // All of one window: the oldest hundredth makes room, again and again.
    spend(110_000..160_000, next);
    let all = live.figures(next).budgets;
    assert!(all.len() <= 100_000 && all.len() > 98_000, "{}", all.len());
    let has = |team: &str| all.iter().any(|one| one.value.as_deref() == Some(team));
    assert!(has("team 159999") && !has("team 50000"));
}

#[test]
fn a_kept_reservation_is_settled_by_its_report_and_not_by_its_lease() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 0.0005, window: 1d}");
    let call = Call::default();
    let report = |kept, ended: &Ended| {
        fleet.report_kept(kept, &call.caller(), ModelId(0), 0, ended, START);
        let figures = figures(&live, None, START);
        (figures.spent_nano, figures.reserved_nano)
    };
    let kept = call.claim(&fleet, START).unwrap().keep();
    let opinion = Ended {
        feedback: Some(Feedback {
            kind: "thumbs".into(),
            score: 1.0,
        }),
        ..Ended::new(AttemptOutcome::LocalError, 0)
    };
    assert_eq!(report(kept, &opinion), (0, COST), "an opinion ends nothing");
    let took = 10 * SMALL.0 + 5 * SMALL.1;
    assert_eq!(report(kept, &answered(10, 5)), (took, 0));
    // One that was turned away costs nothing, and there is room at once.
    let kept = call.claim(&fleet, START).unwrap().keep();
    let refused = Ended::new(AttemptOutcome::ServerError, 1_000);
    assert_eq!(report(kept, &refused), (took, 0));
    // After its lease it was paid for all the same.
    let short = Call {
        lease_us: 1_000,
        ..call
    };
    let kept = short.claim(&fleet, START).unwrap().keep();
    let late = later(START, 2_000);
    fleet.report_kept(kept, &call.caller(), ModelId(0), 0, &answered(10, 5), late);
    let figures = figures(&live, None, late);
    assert_eq!((figures.spent_nano, figures.reserved_nano), (2 * took, 0));
}

#[test]
fn a_call_that_was_sent_and_given_up_has_cost_its_input() {
    let live = Live::new();
    let fleet = fleet(&live, "{scope: all, limit_usd: 1, window: 1d}");
    let spent = || figures(&live, None, START).spent_nano;
    let claim = || Call::default().claim(&fleet, START).unwrap();
    fleet.release(claim(), START);
    assert_eq!(spent(), 0, "never sent");
    let mut permit = claim();
    permit.sent(None);
    fleet.release(permit, START);
    let input = 100 * SMALL.0;
    assert_eq!(spent(), input);
    let mut permit = claim();
    permit.sent(None);
    drop(permit);
    assert_eq!(spent(), 2 * input);
    let timed_out = Ended::new(AttemptOutcome::Timeout, 1_000);
    fleet.report(claim(), &timed_out, START);
    assert_eq!(spent(), 3 * input);
    assert_eq!(figures(&live, None, START).reserved_nano, 0);
}

#[test]
fn a_flood_of_teams_never_begins_the_budget_of_everybody_anew() {
    let live = Live::new();
    let budgets = "{scope: all, limit_usd: 1000, window: 1d}, \
        {scope: model, limit_usd: 1000, window: 1d}, {scope: caller.team, limit_usd: 1, window: 1d}";
    let fleet = fleet(&live, budgets);
    let held = Call::default().claim(&fleet, START).unwrap();
    for team in 0..101_500 {
        let team = format!("team {team}");
        assert!(Call::of_team(&team).spend(&fleet, START).is_ok());
    }
    let all = live.figures(START).budgets;
    assert!(all.len() <= 100_000, "{}", all.len());
    let bounded: Vec<_> = all
        .iter()
        .filter(|one| one.scope != BudgetScope::Team)
        .collect();
    assert_eq!(bounded.len(), 2);
    for one in bounded {
        assert_eq!((one.spent_nano, one.reserved_nano), (101_500 * COST, COST));
    }
    drop(held);
}
