//! What is told when the state of a cell changes: which one, from what to what, and why.

use std::fmt;
use std::sync::Arc;

use crate::catalogue::Target;

/// What one cell of health stands for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct HealthKey {
    /// Whose outcomes it counts; everybody's when absent.
    pub scope: Option<Box<str>>,
    /// What it watches.
    pub subject: Subject,
}

/// What a cell watches.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Subject {
    /// A credential of a provider; its own key when the second is absent.
    Credential(Box<str>, Option<Box<str>>),
    /// A provider.
    Provider(Box<str>),
    /// A model of a provider in a region under a credential.
    Target(Target),
}

impl Subject {
    /// Returns what kind of thing it is: `credential`, `provider` or `target`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Credential(..) => "credential",
            Self::Provider(_) => "provider",
            Self::Target(_) => "target",
        }
    }
}

impl fmt::Display for Subject {
    /// Prints `provider`, `provider/credential`, or a target as [`Target`] does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(provider, None) | Self::Provider(provider) => f.write_str(provider),
            Self::Credential(provider, Some(credential)) => write!(f, "{provider}/{credential}"),
            Self::Target(target) => target.fmt(f),
        }
    }
}

impl fmt::Display for HealthKey {
    /// Prints the subject, and the scope in brackets behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)?;
        match &self.scope {
            Some(scope) => write!(f, " [{scope}]"),
            None => Ok(()),
        }
    }
}

/// The state of a cell.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HealthState {
    /// Calls go through.
    Closed,
    /// A limit, a refused credential or a missing model keeps calls away for a time.
    Cooling,
    /// An operator has taken the breaker out: calls go through whatever happens.
    Disabled,
    /// An operator holds it closed, cooling included.
    ForcedClosed,
    /// An operator holds it open.
    ForcedOpen,
    /// A few calls are let through to see whether it is well again.
    HalfOpen,
    /// Calls are kept away.
    Open,
}

impl HealthState {
    /// Every state, in alphabetical order.
    pub const ALL: [Self; 7] = [
        Self::Closed,
        Self::Cooling,
        Self::Disabled,
        Self::ForcedClosed,
        Self::ForcedOpen,
        Self::HalfOpen,
        Self::Open,
    ];

    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Cooling => "cooling",
            Self::Disabled => "disabled",
            Self::ForcedClosed => "forced_closed",
            Self::ForcedOpen => "forced_open",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// Why a state changed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Cause {
    /// Failures in a row.
    ConsecutiveFailures,
    /// The time of a limit, a refused credential or a missing model is over.
    CoolingPassed,
    /// The share of failures in the window.
    FailureRate,
    /// An operator said so.
    Forced,
    /// The provider does not know the model: the configuration names one that is gone.
    ModelNotFound,
    /// The time in open is over.
    OpenTimePassed,
    /// A probe failed.
    ProbeFailed,
    /// Too many probes were never reported.
    ProbesLost,
    /// Enough probes succeeded.
    ProbesSucceeded,
    /// A quota is used up.
    QuotaExhausted,
    /// A rate limit, or a server that is overloaded and says for how long.
    RateLimited,
    /// A reload switched the breaker off.
    Reloaded,
    /// An operator let go.
    Reset,
    /// The share of slow calls in the window.
    SlowCallRate,
    /// The credential was refused.
    Unauthorized,
}

impl Cause {
    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConsecutiveFailures => "consecutive_failures",
            Self::CoolingPassed => "cooling_passed",
            Self::FailureRate => "failure_rate",
            Self::Forced => "forced",
            Self::ModelNotFound => "model_not_found",
            Self::OpenTimePassed => "open_time_passed",
            Self::ProbeFailed => "probe_failed",
            Self::ProbesLost => "probes_lost",
            Self::ProbesSucceeded => "probes_succeeded",
            Self::QuotaExhausted => "quota_exhausted",
            Self::RateLimited => "rate_limited",
            Self::Reloaded => "reloaded",
            Self::Reset => "reset",
            Self::SlowCallRate => "slow_call_rate",
            Self::Unauthorized => "unauthorized",
        }
    }
}

impl Cause {
    /// Whether outcomes that began before are about a state that is gone.
    ///
    /// Not where only time has passed: a host that decides and reports, and never claims, begins
    /// its calls before anybody notices that the time in open is over.
    pub(crate) const fn is_of_breaker(self) -> bool {
        match self {
            Self::ConsecutiveFailures
            | Self::FailureRate
            | Self::Forced
            | Self::ProbeFailed
            | Self::ProbesLost
            | Self::ProbesSucceeded
            | Self::Reloaded
            | Self::Reset
            | Self::SlowCallRate => true,
            Self::CoolingPassed
            | Self::ModelNotFound
            | Self::OpenTimePassed
            | Self::QuotaExhausted
            | Self::RateLimited
            | Self::Unauthorized => false,
        }
    }
}

/// What an operator makes of a cell; it wins over everything automatic until it is reset.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Forced {
    /// Every call goes through, limits of the provider ignored; outcomes are counted and open nothing.
    Closed,
    /// The breaker is out of play: it lets everything through and counts nothing; cooling stays.
    Disabled,
    /// No call goes through, not even one that ignores health.
    Open,
}

impl Forced {
    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Disabled => "disabled",
            Self::Open => "open",
        }
    }

    /// Returns the one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Closed, Self::Disabled, Self::Open]
            .into_iter()
            .find(|forced| forced.as_str() == name)
    }
}

/// One change of the state of a cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transition {
    /// Number of the change among all of one host; a later change of a cell has a higher one.
    pub epoch: u64,
    /// Monotonic time in microseconds.
    pub at_us: u64,
    /// Which cell.
    pub key: Arc<HealthKey>,
    /// Its state before.
    pub from: HealthState,
    /// Its state from now on.
    pub to: HealthState,
    /// Why.
    pub cause: Cause,
    /// Monotonic time in microseconds at which calls may go there again, if they may not now.
    pub retry_at_us: Option<u64>,
}
