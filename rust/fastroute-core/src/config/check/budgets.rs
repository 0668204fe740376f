//! Budgets, rates and the baseline: a limit each, of something that is there.

use std::collections::HashMap;

use super::Checker;
use crate::config::code::Code;
use crate::config::duration::Duration;
use crate::config::model::{BudgetScope, Rate};
use crate::config::path::Path;

const SHORTEST_WINDOW: Duration = Duration::from_millis(1_000);

impl Checker<'_, '_, '_> {
    pub(super) fn budgets(&mut self) {
        let config = self.config;
        let list = Path::Root.key("budgets");
        let mut first = HashMap::new();
        for (index, budget) in config.budgets.iter().enumerate() {
            let path = list.index(index);
            if budget.limit_usd.is_none() && budget.limit_tokens.is_none() {
                self.error(
                    Code::BudgetWithoutLimit,
                    &path,
                    "neither `limit_usd` nor `limit_tokens` is given; at least one is expected",
                );
            }
            if budget.window < SHORTEST_WINDOW {
                let message = format!(
                    "window of {} is below the limit of {SHORTEST_WINDOW}",
                    budget.window
                );
                self.error(Code::OutOfRange, &path.key("window"), message);
            }
            if let Some(only) = &budget.only {
                let path = path.key("for");
                self.not_blank(only, &path);
                match budget.scope {
                    BudgetScope::All => self.error_at_key(
                        Code::BudgetForAll,
                        &path,
                        "`for` stands beside scope `all`, which has one value",
                    ),
                    BudgetScope::Credential => self.paying_credential(only, &path),
                    BudgetScope::Model => self.model(only, &path),
                    BudgetScope::Route => self.route(only, &path),
                    BudgetScope::Application | BudgetScope::Organisation | BudgetScope::Team => {}
                }
            }
            let identity = (budget.scope, &budget.only, budget.window);
            let known = *first.entry(identity).or_insert(index);
            if known != index {
                let message =
                    format!("budgets[{known}] counts the same; both limits can stand in one");
                self.error(Code::DuplicateItem, &path, message);
            }
        }
    }

    pub(super) fn rate(&mut self, rate: &Rate, path: &Path<'_>) {
        if rate.requests_per_minute.is_none() && rate.tokens_per_minute.is_none() {
            self.error(
                Code::RateWithoutFigure,
                path,
                "neither `requests_per_minute` nor `tokens_per_minute` is given",
            );
        }
    }

    pub(super) fn savings(&mut self) {
        if let Some(savings) = &self.config.savings {
            let path = Path::Root.key("savings");
            self.model(&savings.baseline, &path.key("baseline"));
        }
    }
}
