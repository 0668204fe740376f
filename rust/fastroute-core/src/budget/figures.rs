//! What budgets have counted, for metrics and people.

use super::binding::BudgetBinding;
use crate::config::BudgetScope;
use crate::host::Now;

/// What one budget has counted for one value of its scope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BudgetFigures {
    /// What has a budget of its own.
    pub scope: BudgetScope,
    /// Which of them; none for everything together, and for calls without one.
    pub value: Option<Box<str>>,
    /// Length of the window in microseconds.
    pub window_us: u64,
    /// Nano-dollars in a window, if they are limited.
    pub limit_nano: Option<u64>,
    /// Tokens in a window, if they are limited.
    pub limit_tokens: Option<u64>,
    /// Nano-dollars that were spent.
    pub spent_nano: u64,
    /// Tokens that were spent.
    pub spent_tokens: u64,
    /// Nano-dollars that calls under way may still spend.
    pub reserved_nano: u64,
    /// Tokens that calls under way may still spend.
    pub reserved_tokens: u64,
    /// Unix time in microseconds at which the window ends.
    pub resets_at_us: u64,
}

impl BudgetBinding {
    /// What every budget has counted in its window of now, by budget and value.
    pub fn figures(&self, now: Now) -> Vec<BudgetFigures> {
        let mut store = self.shared.store();
        store.free_expired(now.monotonic_us, now.unix_us);
        let limit = |limit: u64| (limit != u64::MAX).then_some(limit);
        let mut figures = Vec::new();
        for budget in &self.budgets {
            let values = store.values(&budget.identity, now.unix_us);
            figures.extend(values.into_iter().map(|(value, ledger)| BudgetFigures {
                scope: budget.identity.scope,
                value: Some(value).filter(|value| !value.is_empty()),
                window_us: budget.identity.window_us,
                limit_nano: limit(budget.limit.nano),
                limit_tokens: limit(budget.limit.tokens),
                spent_nano: ledger.spent.nano,
                spent_tokens: ledger.spent.tokens,
                reserved_nano: ledger.reserved.nano,
                reserved_tokens: ledger.reserved.tokens,
                resets_at_us: budget.identity.ends_at_us(ledger.window),
            }));
        }
        figures
    }
}
