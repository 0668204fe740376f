//! What a run asks of its host, and what it says at the end.
//!
//! Times are monotonic microseconds, money is nano-dollars: the units of the rest of the core.

use crate::catalogue::ModelId;
use crate::host::Caller;

/// What the host knows of a run before its first call.
///
/// # Examples
///
/// ```
/// use fastroute_core::RunOptions;
///
/// let options = RunOptions { id: 7, deadline_us: Some(2_000_000), ..RunOptions::default() };
/// assert!(!options.is_stream);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RunOptions {
    /// Owner of the leases that the run takes; unique among the runs of a fleet.
    pub id: u128,
    /// Time for the whole run; the smaller of this and the configuration's counts.
    pub deadline_us: Option<u64>,
    /// Time of the deadline that is used already, by questions and summaries.
    pub asked_us: u64,
    /// Most that the request may cost, everything counted; no limit when absent.
    pub max_cost_nano: Option<u64>,
    /// What the request has cost already: questions to the meta-LLM and summaries.
    pub spent_nano: u64,
    /// Whether pieces of the answer are passed on as they come.
    pub is_stream: bool,
    /// Whether another model may start over after a stream has begun.
    pub switch_after_stream: bool,
    /// Tokens of input when the host counted them, as after retrieval; the plan's estimate when absent.
    pub input_tokens: Option<u64>,
    /// Most tokens of the answer that the caller wants; what the model can give when absent.
    pub max_output_tokens: Option<u32>,
    /// Where jitter comes from.
    pub seed: u64,
}

/// A [`Caller`] that owns its names, because a run outlives the request that started it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct OwnedCaller {
    /// Organisation.
    pub organisation: Option<Box<str>>,
    /// Team.
    pub team: Option<Box<str>>,
    /// Application.
    pub application: Option<Box<str>>,
}

impl OwnedCaller {
    /// Lends it.
    #[must_use]
    pub fn as_caller(&self) -> Caller<'_> {
        Caller {
            organisation: self.organisation.as_deref(),
            team: self.team.as_deref(),
            application: self.application.as_deref(),
        }
    }
}

impl From<Caller<'_>> for OwnedCaller {
    fn from(caller: Caller<'_>) -> Self {
        Self {
            organisation: caller.organisation.map(Into::into),
            team: caller.team.map(Into::into),
            application: caller.application.map(Into::into),
        }
    }
}

/// What a host does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Calls a model, beside those that are being called.
    Call(Call),
    /// Nothing more; the same ending is given from now on.
    Done(Ending),
    /// Waits for a call to end, at most until then, and asks again.
    Wait {
        /// Monotonic time in microseconds.
        until_us: u64,
    },
}

/// One call of one model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Call {
    /// Its number in the run, from 0.
    pub attempt: u8,
    /// What its answer is for.
    pub purpose: Purpose,
    /// Why it is made.
    pub why: Why,
    /// The model.
    pub model: ModelId,
    /// Which of its deployments, by place in the file.
    pub deployment: u8,
    /// When it must have ended; the host reports a timeout then.
    pub until_us: u64,
    /// When a stream must have begun. Without a stream the first byte is the answer, so it is `until_us`.
    pub first_token_until_us: u64,
    /// Most time between two pieces of a stream.
    pub idle_us: u64,
    /// Most tokens to ask for; the cost cap, the budgets and the rates have counted with it.
    pub max_output_tokens: u32,
    /// Whether pieces may be passed on as they come. An answer that is judged first may not.
    pub is_passed_on: bool,
    /// What the answer must come with to be judged.
    pub wants: Wants,
}

/// What the answer of a call is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// To be the answer.
    Answer,
    /// To be the answer if it comes before that of a slow call.
    Hedge,
    /// To be compared with the other answers of the same model; drawn with some temperature.
    Sample,
    /// To say how far the answer of an attempt can be trusted.
    Verify {
        /// The attempt.
        of: u8,
    },
}

/// Why a call is made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Why {
    /// The answer before was not accepted.
    Escalation,
    /// Another model failed or cannot be called.
    Fallback,
    /// Another call is slow.
    Hedge,
    /// It is the first of the plan.
    Primary,
    /// The same model failed, here or at another deployment.
    Retry,
    /// Answers of one model are compared.
    Sample,
    /// An answer is judged by another model.
    Verifier,
}

impl Why {
    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escalation => "escalation",
            Self::Fallback => "fallback",
            Self::Hedge => "hedge",
            Self::Primary => "primary",
            Self::Retry => "retry",
            Self::Sample => "sample",
            Self::Verifier => "verifier",
        }
    }
}

/// What an answer must come with to be judged: fields of [`Judged`](crate::Judged) that the host fills.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wants {
    /// A key that equal answers share; the call is one of several samples.
    pub answer_key: bool,
    /// Whether it has the route's form.
    pub form: bool,
    /// What the host's function says of it.
    pub function: bool,
    /// The probabilities of its tokens.
    pub log_probabilities: bool,
    /// What the model says of itself when asked.
    pub self_report: bool,
}

impl Wants {
    /// Returns the names of what is wanted, on every surface.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (self.answer_key, "answer_key"),
            (self.form, "form"),
            (self.function, "function"),
            (self.log_probabilities, "log_probabilities"),
            (self.self_report, "self_report"),
        ]
        .into_iter()
        .filter_map(|(is_wanted, name)| is_wanted.then_some(name))
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// The attempt whose answer is the run's; none when there is none.
    pub answer: Option<u8>,
    /// Whether it was accepted; without a cascade every answer is.
    pub accepted: bool,
    /// How far it is trusted; none when unknown.
    pub confidence: Option<f32>,
    /// Why there is no answer.
    pub error: Option<RunError>,
    /// Attempts that still run and no longer matter; the host cancels them.
    pub cancel: Vec<u8>,
}

/// Why a run has no answer. The log lists each attempt with its reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RunError {
    /// What went wrong.
    pub code: RunErrorCode,
    /// The soonest time at which a model of the plan can be called again, monotonic; none when unknown.
    pub retry_at_us: Option<u64>,
}

/// What went wrong with a run.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RunErrorCode {
    /// Every attempt failed, and no other is allowed.
    AllAttemptsFailed,
    /// The host gave it up.
    Cancelled,
    /// A content policy refused, and the route says to stop, or no other model is left.
    ContentRefused,
    /// No model is left that takes so many tokens.
    ContextTooLong,
    /// The time is over.
    DeadlineExceeded,
    /// A provider says that the request is at fault.
    InvalidRequest,
    /// The host's own fault.
    LocalError,
    /// Nothing can be called now.
    NoModelAvailable,
    /// Budgets or rates have no room.
    OverBudget,
    /// Every step could cost more than the request may.
    OverMaxCost,
    /// A stream broke off after it had begun.
    StreamBroken,
}

impl RunErrorCode {
    /// Returns the code on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllAttemptsFailed => "ALL_ATTEMPTS_FAILED",
            Self::Cancelled => "CANCELLED",
            Self::ContentRefused => "CONTENT_REFUSED",
            Self::ContextTooLong => "CONTEXT_TOO_LONG",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::LocalError => "LOCAL_ERROR",
            Self::NoModelAvailable => "NO_MODEL_AVAILABLE",
            Self::OverBudget => "OVER_BUDGET",
            Self::OverMaxCost => "OVER_MAX_COST",
            Self::StreamBroken => "STREAM_BROKEN",
        }
    }
}
