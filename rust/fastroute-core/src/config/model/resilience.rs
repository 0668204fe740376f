//! Resilience: deadlines, timeouts, breakers, cooling, retries, hedging, panic.
//!
//! Names are resilience4j's where it has one. Every default is on, also for a single deployment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::duration::Duration;

/// How attempts are bounded, repeated and kept away from what fails.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resilience {
    /// Time for the whole run, to the last byte, questions included; a request may ask for less.
    pub deadline: Duration,
    /// Times for one attempt.
    pub timeouts: Timeouts,
    /// Whose outcomes count together: a narrower scope keeps one tenant's failures from another's decisions. The retry budget is one for all scopes.
    pub scope: HealthScope,
    /// The breaker of each deployment.
    pub breaker: Breaker,
    /// A breaker over all deployments of a provider, so that a correlated outage trips once; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_breaker: Option<Breaker>,
    /// How long a limit, a refused credential or a missing model keeps calls away.
    pub cooling: Cooling,
    /// Retries and how many of them a fleet may make.
    pub retry: Retry,
    /// A second call beside a slow first one; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Hedge>,
    /// Share of the permitted models of a plan that must be healthy; below it breakers are ignored among the permitted. 0 turns it off.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub panic_threshold: f32,
    /// Share of the deployments that breakers may hold open at once; one always may.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_ejected: f32,
    /// What happens when no model of the plan can be called now; a route may say otherwise.
    pub when_all_open: WhenAllOpen,
}

impl Default for Resilience {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(30_000),
            timeouts: Timeouts::default(),
            scope: HealthScope::default(),
            breaker: Breaker::default(),
            provider_breaker: None,
            cooling: Cooling::default(),
            retry: Retry::default(),
            hedge: None,
            panic_threshold: 0.0,
            max_ejected: 1.0,
            when_all_open: WhenAllOpen::default(),
        }
    }
}

/// Times for one attempt.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// To the last byte.
    pub attempt: Duration,
    /// To the first byte of the answer.
    pub first_token: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            attempt: Duration::from_millis(20_000),
            first_token: Duration::from_millis(10_000),
            idle: Duration::from_millis(5_000),
        }
    }
}

/// Whose outcomes count together.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthScope {
    /// Those of one application.
    Application,
    /// Those of one organisation.
    Organisation,
    /// Everybody's.
    #[default]
    Shared,
    /// Those of one team.
    Team,
}

/// When a breaker opens, and how it closes again.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Whether outcomes open it; a disabled one lets everything through.
    pub enabled: bool,
    /// Share of failures in the window from which it opens; calls under way count as well.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub failure_rate_threshold: f32,
    /// Share of slow calls in the window from which it opens; 1 turns it off.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub slow_call_rate_threshold: f32,
    /// Time from which a call that succeeded is slow.
    pub slow_call_duration: Duration,
    /// Calls in the window below which shares say nothing.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub minimum_calls: u32,
    /// Length of the window.
    pub sliding_window: Duration,
    /// Failures in a row that open it, however few the calls: at least as many as calls are under way, and where many calls fail anyway, so many that chance makes them less than once in a million calls. 0 turns it off.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub consecutive_failures: u32,
    /// Time that it stays open the first time.
    pub wait_in_open: Duration,
    /// Longest time that it stays open; each opening without lasting health doubles the last.
    pub max_wait_in_open: Duration,
    /// Calls that are let through at once to probe.
    #[schemars(range(min = 1, max = 1_000))]
    pub half_open_calls: u32,
    /// Probes that must succeed in a row to close it.
    #[schemars(range(min = 1, max = 1_000))]
    pub half_open_successes: u32,
    /// Time after which a probe that nobody reported is lost.
    pub half_open_lease: Duration,
    /// Lost probes that open it again.
    #[schemars(range(min = 1, max = 1_000))]
    pub half_open_lost: u32,
    /// Whether a probe that was rate limited opens it again (`strict`) or closes it (`lenient`).
    pub rate_limited_probe: RateLimitedProbe,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            enabled: true,
            failure_rate_threshold: 0.5,
            slow_call_rate_threshold: 1.0,
            slow_call_duration: Duration::from_millis(60_000),
            minimum_calls: 20,
            sliding_window: Duration::from_millis(60_000),
            consecutive_failures: 5,
            wait_in_open: Duration::from_millis(10_000),
            max_wait_in_open: Duration::from_millis(300_000),
            half_open_calls: 1,
            half_open_successes: 1,
            half_open_lease: Duration::from_millis(30_000),
            half_open_lost: 3,
            rate_limited_probe: RateLimitedProbe::default(),
        }
    }
}

/// What a rate limit says about a probe.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitedProbe {
    /// That the model is alive.
    Lenient,
    /// That it cannot serve.
    #[default]
    Strict,
}

/// How long calls stay away from what said no; not at all where the time is 0. A rate limit keeps them from its model under its key, and from more only where the provider says so.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cooling {
    /// After a rate limit that names no time, or one that cannot be used.
    pub rate_limited: Duration,
    /// Least time after a rate limit, whatever the provider says.
    pub min: Duration,
    /// Most time after a rate limit, whatever the provider says.
    pub max: Duration,
    /// After a refused credential.
    pub unauthorized: Duration,
    /// After a used-up quota.
    pub quota_exhausted: Duration,
    /// After a model that the provider does not know.
    pub model_not_found: Duration,
}

impl Default for Cooling {
    fn default() -> Self {
        Self {
            rate_limited: Duration::from_millis(5_000),
            min: Duration::from_millis(100),
            max: Duration::from_millis(600_000),
            unauthorized: Duration::from_millis(300_000),
            quota_exhausted: Duration::from_millis(900_000),
            model_not_found: Duration::from_millis(3_600_000),
        }
    }
}

/// Retries and how many of them a fleet may make.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Most attempts of one run after failures, the first one counted; escalations and verifiers do not count.
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
    /// Attempts after a failure that the fleet may make, as a share of its first attempts.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub budget_ratio: f32,
    /// Attempts after a failure that are allowed a second where the share allows fewer.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub budget_min_per_second: f32,
    /// Pause before the same deployment is called again; doubles, with jitter.
    pub backoff: Duration,
    /// Longest pause.
    pub max_backoff: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            budget_ratio: 0.2,
            budget_min_per_second: 1.0,
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_millis(2_000),
        }
    }
}

/// A second call beside a slow first one; the first answer wins.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hedge {
    /// Time without a first byte after which the next model of the plan is called too.
    pub after: Duration,
    /// Most such calls in one run. They count against the retry budget.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10))]
    pub max: u32,
}

fn one() -> u32 {
    1
}

/// What happens when no model of a plan can be called now.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenAllOpen {
    /// Nothing is called; the error names the soonest time to try again.
    #[default]
    FailFast,
    /// The last model of the plan is called all the same.
    LastResort,
    /// The one that comes back soonest is called all the same.
    TryLeastBad,
}
