//! What a host tells of an attempt that ended, and what each outcome does to health.
//!
//! The table is closed: every outcome either counts in a breaker, keeps calls away for a time, or
//! does nothing. Limits and refused credentials never count as failures, because the model behind
//! them is well; only time or another key helps.

use crate::attempt::{AttemptOutcome, Usage};
use crate::health::RetryAfter;

/// What a host tells of an attempt that ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// What happened.
    pub outcome: AttemptOutcome,
    /// Time that the provider asked to wait, if it did.
    pub retry_after: Option<RetryAfter>,
    /// What a rate limit holds for.
    pub limit_scope: LimitScope,
    /// Tokens that the provider counted; none when it did not say.
    pub usage: Option<Usage>,
    /// Microseconds to the first token, of a stream.
    pub first_token_us: Option<u64>,
    /// Microseconds to the last token, or to the failure.
    pub latency_us: u64,
    /// What was thought of the answer.
    pub feedback: Option<Feedback>,
    /// Hash and length in bytes of the answer.
    pub output: Option<(u64, u64)>,
}

impl Ended {
    /// Makes one that says no more than the outcome and how long it took.
    #[must_use]
    pub const fn new(outcome: AttemptOutcome, latency_us: u64) -> Self {
        Self {
            outcome,
            retry_after: None,
            limit_scope: LimitScope::Model,
            usage: None,
            first_token_us: None,
            latency_us,
            feedback: None,
            output: None,
        }
    }
}

/// What was thought of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// What was looked at, such as `thumbs` or `edited`.
    pub kind: Box<str>,
    /// How good it was, 0 to 1.
    pub score: f32,
}

/// What a rate limit holds for.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum LimitScope {
    /// Everything under the credential.
    Credential,
    /// The model under its credential.
    #[default]
    Model,
    /// Everything at the provider.
    Provider,
}

impl LimitScope {
    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Model => "model",
            Self::Provider => "provider",
        }
    }

    /// Returns the scope of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Credential, Self::Model, Self::Provider]
            .into_iter()
            .find(|scope| scope.as_str() == name)
    }
}

/// What an outcome does to health.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// It keeps calls away from everything under the credential.
    CoolsCredential,
    /// It keeps calls away for a time, as far as its [`LimitScope`] reaches.
    Cools,
    /// It keeps calls away from the one target: nobody serves that model there.
    CoolsTarget,
    /// It counts against the target.
    Fails,
    /// It says nothing about the target.
    Nothing,
    /// It counts for the target.
    Succeeds,
}

impl Effect {
    pub const fn of(outcome: AttemptOutcome) -> Self {
        match outcome {
            AttemptOutcome::ConnectFailed
            | AttemptOutcome::ServerError
            | AttemptOutcome::StreamBroken
            | AttemptOutcome::Timeout => Self::Fails,
            AttemptOutcome::Success => Self::Succeeds,
            AttemptOutcome::RateLimited => Self::Cools,
            AttemptOutcome::QuotaExhausted | AttemptOutcome::Unauthorized => Self::CoolsCredential,
            AttemptOutcome::ModelNotFound => Self::CoolsTarget,
            AttemptOutcome::Cancelled
            | AttemptOutcome::ContentRefused
            | AttemptOutcome::ContextTooLong
            | AttemptOutcome::InvalidRequest
            | AttemptOutcome::LocalError => Self::Nothing,
        }
    }
}
