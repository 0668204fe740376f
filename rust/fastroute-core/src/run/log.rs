//! The log of a run: one line for each attempt, and one for each step that was passed over.
//!
//! Lines carry ids, times and figures, never text. A step that stays impossible for the same
//! reason is logged once, so the log is bounded by the plan, however long a run waits.

use crate::attempt::{AttemptOutcome, Usage};
use crate::catalogue::ModelId;
use crate::host::{Availability, Now};

use super::call::Why;

/// One attempt, or one step that was passed over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogLine {
    /// The attempt's number; none when no call was made.
    pub attempt: Option<u8>,
    /// The model.
    pub model: ModelId,
    /// Which of its deployments, by place in the file.
    pub deployment: u8,
    /// Why it was called, or would have been.
    pub why: Why,
    /// How it ended; none while it runs and for a step that was passed over.
    pub outcome: Option<AttemptOutcome>,
    /// Why it was passed over.
    pub skipped: Option<Skipped>,
    /// Whether it was called although its health said no, because the configuration wants that.
    pub ignores_health: bool,
    /// When it started, or was passed over; monotonic.
    pub started_us: u64,
    /// Time to its end.
    pub latency_us: u64,
    /// What it cost; see [`Costs`](super::Costs) for calls that tell no usage.
    pub cost_nano: u64,
    /// Tokens that the provider counted.
    pub usage: Option<Usage>,
    /// How far its answer is trusted; none when unknown. Of a verifier: what it said.
    pub confidence: Option<f32>,
    /// Whether its answer was accepted; none for what is no answer.
    pub accepted: Option<bool>,
}

impl LogLine {
    /// A line of which nothing is known but what it is about.
    pub(super) const fn new(model: ModelId, deployment: u8, why: Why, now: Now) -> Self {
        Self {
            attempt: None,
            model,
            deployment,
            why,
            outcome: None,
            skipped: None,
            ignores_health: false,
            started_us: now.monotonic_us,
            latency_us: 0,
            cost_nano: 0,
            usage: None,
            confidence: None,
            accepted: None,
        }
    }
}

/// Why a step was passed over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Skipped {
    /// Health, a budget or a rate says no.
    Denied(Availability),
    /// A pause before the next attempt would end after the deadline.
    NoTimeLeft,
    /// The request's text may not go there.
    NotPermitted,
    /// It could cost more than the request may.
    OverMaxCost,
    /// The fleet has made too many retries.
    RetryBudget,
    /// The run has made all the attempts that it may.
    TooManyAttempts,
    /// Its context window is too small.
    WindowTooSmall,
}

impl Skipped {
    /// Returns the code on every surface.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Denied(Availability::Cooling { .. }) => "COOLING",
            Self::Denied(Availability::Open { .. }) => "BREAKER_OPEN",
            Self::Denied(Availability::OverBudget { .. }) => "OVER_BUDGET",
            Self::Denied(Availability::RateLimited { .. }) => "RATE_LIMITED",
            Self::Denied(Availability::Available | Availability::Unavailable) => "UNAVAILABLE",
            Self::NoTimeLeft => "NO_TIME_LEFT",
            Self::NotPermitted => "NOT_PERMITTED",
            Self::OverMaxCost => "OVER_MAX_COST",
            Self::RetryBudget => "RETRY_BUDGET",
            Self::TooManyAttempts => "TOO_MANY_ATTEMPTS",
            Self::WindowTooSmall => "WINDOW_TOO_SMALL",
        }
    }
}
