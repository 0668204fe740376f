//! What happened to one attempt: a closed list of outcomes, and what was used.

/// What happened to an attempt.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AttemptOutcome {
    /// The caller gave up, or its own deadline passed.
    Cancelled,
    /// No connection, or TLS failed.
    ConnectFailed,
    /// The provider's content policy refused.
    ContentRefused,
    /// More tokens than the model takes.
    ContextTooLong,
    /// Another status 4xx.
    InvalidRequest,
    /// The host's own fault, before the provider was reached.
    LocalError,
    /// Status 404: the provider does not know the model.
    ModelNotFound,
    /// Status 402, or a quota that is used up.
    QuotaExhausted,
    /// Status 429.
    RateLimited,
    /// Status 5xx, an answer that cannot be read, or an error inside an answer.
    ServerError,
    /// The answer broke off after its first byte.
    StreamBroken,
    /// It answered.
    Success,
    /// No first byte, or no last one, in time.
    Timeout,
    /// Status 401 or 403.
    Unauthorized,
}

impl AttemptOutcome {
    /// Every outcome, in alphabetical order.
    pub const ALL: [Self; 14] = [
        Self::Cancelled,
        Self::ConnectFailed,
        Self::ContentRefused,
        Self::ContextTooLong,
        Self::InvalidRequest,
        Self::LocalError,
        Self::ModelNotFound,
        Self::QuotaExhausted,
        Self::RateLimited,
        Self::ServerError,
        Self::StreamBroken,
        Self::Success,
        Self::Timeout,
        Self::Unauthorized,
    ];

    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::ConnectFailed => "connect_failed",
            Self::ContentRefused => "content_refused",
            Self::ContextTooLong => "context_too_long",
            Self::InvalidRequest => "invalid_request",
            Self::LocalError => "local_error",
            Self::ModelNotFound => "model_not_found",
            Self::QuotaExhausted => "quota_exhausted",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::StreamBroken => "stream_broken",
            Self::Success => "success",
            Self::Timeout => "timeout",
            Self::Unauthorized => "unauthorized",
        }
    }

    /// Returns the outcome of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

/// Tokens that a provider counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// Input, cached included.
    pub input_tokens: u64,
    /// Input that the provider had cached.
    pub cached_tokens: u64,
    /// Output.
    pub output_tokens: u64,
}

impl Usage {
    /// The usage that a call counts with when the provider told none.
    ///
    /// An answer, or a part of one, counts as expected; what was given up or timed out was read; what
    /// was turned away was not.
    pub(crate) const fn assumed(outcome: AttemptOutcome, input: u64, output: u64) -> Self {
        let (input_tokens, output_tokens) = match outcome {
            AttemptOutcome::Success | AttemptOutcome::StreamBroken => (input, output),
            AttemptOutcome::Cancelled | AttemptOutcome::Timeout => (input, 0),
            _ => (0, 0),
        };
        Self {
            input_tokens,
            cached_tokens: 0,
            output_tokens,
        }
    }
}
