//! Budgets and rates: what may be spent in a window, and how fast a model may be called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::duration::Duration;

/// What may be spent in one window.
///
/// A call is counted before it is made, with the most that it may cost, and what it did cost replaces that when its outcome is told. Calls without a value, such as those of callers without a team, share one.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// What has a window of its own.
    pub scope: BudgetScope,
    /// Counts only for this value of the scope, such as one team; for each one when absent.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub only: Option<String>,
    /// US dollars in a window; this or `limit_tokens`, or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1_000_000_000.0))]
    pub limit_usd: Option<f64>,
    /// Tokens in a window, input and output together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_tokens: Option<u64>,
    /// Length of the window; windows start at multiples of it since 1970, UTC.
    pub window: Duration,
    /// What happens to a call that would go over.
    #[serde(default)]
    pub on_exceed: OnExceed,
}

/// What has a budget of its own.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
pub enum BudgetScope {
    /// Everything together.
    #[serde(rename = "all")]
    All,
    /// Each application.
    #[serde(rename = "caller.application")]
    Application,
    /// Each credential of a provider, named `provider` or `provider/credential`.
    #[serde(rename = "credential")]
    Credential,
    /// Each model.
    #[serde(rename = "model")]
    Model,
    /// Each organisation.
    #[serde(rename = "caller.organisation")]
    Organisation,
    /// Each route.
    #[serde(rename = "route")]
    Route,
    /// Each team.
    #[serde(rename = "caller.team")]
    Team,
}

/// What happens to a call that would go over a limit.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExceed {
    /// The next model of the plan for which there is room, usually a cheaper one.
    Downgrade,
    /// It waits until there is room, or the deadline; decisions go on planning the model.
    Queue,
    /// It is refused.
    #[default]
    Reject,
}

/// How fast each deployment of a model may be called, as its provider publishes it; at least one figure.
///
/// A minute's worth may come at once.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, input and highest output together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_000_000_000_u32))]
    pub tokens_per_minute: Option<u32>,
    /// What happens to a call that would go over.
    #[serde(default = "downgrade")]
    pub on_exceed: OnExceed,
}

fn downgrade() -> OnExceed {
    OnExceed::Downgrade
}
