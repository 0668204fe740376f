//! What is known of models, budgets and outcomes, as messages of the admin service.

use fastroute_core::config::BudgetScope;
use fastroute_core::{BudgetFigures, CellFigures, Counters, Forced, HealthState, Now};
use fastroute_proto::v1;

use super::time::duration;
use crate::refusal::Refusal;

/// Writes what one breaker knows.
#[must_use]
pub fn cell(cell: &CellFigures, now: Now) -> v1::TargetHealth {
    use v1::{ForcedHealth as Held, HealthState as State};
    let (state, forced) = match cell.state {
        HealthState::Closed => (State::Closed, Held::Unspecified),
        HealthState::Cooling => (State::Cooling, Held::Unspecified),
        HealthState::Disabled => (State::Disabled, Held::Disabled),
        HealthState::ForcedClosed => (State::Closed, Held::Closed),
        HealthState::ForcedOpen => (State::Open, Held::Open),
        HealthState::HalfOpen => (State::HalfOpen, Held::Unspecified),
        HealthState::Open => (State::Open, Held::Unspecified),
    };
    let left = cell.retry_at_us.filter(|at| *at != u64::MAX);
    let left = left.map(|at| at.saturating_sub(now.monotonic_us));
    let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    v1::TargetHealth {
        target: cell.key.subject.to_string(),
        scope: cell.key.scope.as_deref().unwrap_or("").to_owned(),
        state: state.into(),
        forced: forced.into(),
        retry_after: left.map(span),
        calls: count(cell.calls),
        failures: count(cell.failures),
        slow_calls: count(cell.slow),
        consecutive_failures: cell.consecutive_failures,
        probes: cell.leases,
        first_token: cell.first_token_us.map(|us| span(us as u64)),
        per_token: cell.per_token_us.map(|us| span(us as u64)),
    }
}

/// Writes what one budget has spent.
#[must_use]
pub fn budget(budget: &BudgetFigures) -> v1::BudgetLine {
    let seconds = budget.resets_at_us / 1_000_000;
    v1::BudgetLine {
        scope: budget_scope(budget.scope).to_owned(),
        value: budget.value.as_deref().unwrap_or("").to_owned(),
        window: Some(span(budget.window_us)),
        limit_nano_usd: budget.limit_nano,
        spent_nano_usd: budget.spent_nano,
        reserved_nano_usd: budget.reserved_nano,
        limit_tokens: budget.limit_tokens,
        spent_tokens: budget.spent_tokens,
        reserved_tokens: budget.reserved_tokens,
        resets_at: Some(pbjson_types::Timestamp {
            seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
            nanos: (budget.resets_at_us % 1_000_000 * 1_000) as i32,
        }),
    }
}

/// Writes what became of outcomes.
#[must_use]
pub const fn counts(counts: &Counters) -> v1::HealthCounts {
    v1::HealthCounts {
        stale_outcomes: counts.stale_outcomes,
        duplicate_outcomes: counts.duplicate_outcomes,
        unknown_outcomes: counts.unknown_outcomes,
        lost_probes: counts.lost_leases,
        lost_transitions: counts.transitions_dropped,
    }
}

/// Reads what to hold a breaker at; none lets go of it.
///
/// # Errors
///
/// `UNKNOWN_STATE`.
pub fn forced(number: i32) -> Result<Option<Forced>, Refusal> {
    use v1::ForcedHealth as Held;
    match Held::try_from(number) {
        Ok(Held::Reset) => Ok(None),
        Ok(Held::Open) => Ok(Some(Forced::Open)),
        Ok(Held::Closed) => Ok(Some(Forced::Closed)),
        Ok(Held::Disabled) => Ok(Some(Forced::Disabled)),
        Ok(Held::Unspecified) | Err(_) => Err(Refusal::invalid(
            "UNKNOWN_STATE",
            "forced",
            format!("`{number}` is none of the states 1 to 4"),
        )),
    }
}

/// Names what has a budget of its own, as the configuration does.
#[must_use]
pub const fn budget_scope(scope: BudgetScope) -> &'static str {
    match scope {
        BudgetScope::All => "all",
        BudgetScope::Application => "caller.application",
        BudgetScope::Credential => "credential",
        BudgetScope::Model => "model",
        BudgetScope::Organisation => "caller.organisation",
        BudgetScope::Route => "route",
        BudgetScope::Team => "caller.team",
    }
}

fn span(us: u64) -> pbjson_types::Duration {
    duration(std::time::Duration::from_micros(us))
}
