//! What a model lacks for a request: one typed line for each demand that it fails.

use serde::Serialize;

use crate::catalogue::{Catalogue, ModelId};
use crate::config::Capability;
use crate::decision::Decision;
use crate::host::Availability;

/// One demand that one model fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Missing {
    pub(crate) model: ModelId,
    pub(crate) lack: Lack,
}

/// A demand that a model fails, with what is needed and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lack {
    /// Its breaker is open until then, on the monotonic clock.
    BreakerOpen {
        retry_at_us: u64,
    },
    Capability(Capability),
    Context {
        needed: u64,
        window: u32,
    },
    /// A limit, a refused credential or a missing model keeps calls away until then.
    Cooling {
        retry_at_us: u64,
    },
    Cost {
        nano: u64,
        limit_nano: u64,
    },
    Latency {
        us: u64,
        limit_us: u64,
    },
    Output {
        needed: u32,
        limit: u32,
    },
    /// A budget has no room for it until then, in Unix time.
    OverBudget {
        resets_at_us: u64,
    },
    Permission,
    Quality {
        expected: f64,
        floor: f64,
    },
    RateLimited {
        retry_at_us: u64,
    },
    Unavailable,
}

impl Missing {
    /// Returns the model.
    #[must_use]
    pub const fn model(&self) -> ModelId {
        self.model
    }

    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.lack.code()
    }

    /// Returns when it may be tried again, on the monotonic clock, if only time is missing.
    #[must_use]
    pub const fn retry_at_us(&self) -> Option<u64> {
        match self.lack {
            Lack::BreakerOpen { retry_at_us }
            | Lack::Cooling { retry_at_us }
            | Lack::RateLimited { retry_at_us } => Some(retry_at_us),
            _ => None,
        }
    }

    /// Returns when the budget that has no room begins anew, in Unix time.
    #[must_use]
    pub const fn resets_at_us(&self) -> Option<u64> {
        match self.lack {
            Lack::OverBudget { resets_at_us } => Some(resets_at_us),
            _ => None,
        }
    }

    /// Returns what is missing as a phrase, with the value and the limit.
    #[must_use]
    pub fn message(&self, catalogue: &Catalogue) -> String {
        format!(
            "`{}` {}",
            catalogue.models[self.model.index()].name,
            self.lack.phrase()
        )
    }
}

impl Decision {
    /// Returns the soonest time, on the monotonic clock, at which a model can serve that lacks nothing
    /// but time; none when there is a plan, or nothing is worth waiting for.
    #[must_use]
    pub fn retry_at_us(&self) -> Option<u64> {
        let of_one = |left: &Missing, right: &Missing| left.model == right.model;
        let models = self.missing.chunk_by(of_one);
        let later = models.filter_map(|lacks| match lacks {
            [only] => only.retry_at_us(),
            _ => None,
        });
        later.min()
    }
}

impl Lack {
    /// What a view says against a model; none when it can serve.
    pub const fn of(availability: Availability) -> Option<Self> {
        Some(match availability {
            Availability::Available => return None,
            Availability::Cooling { retry_at_us } => Self::Cooling { retry_at_us },
            Availability::Open { retry_at_us } => Self::BreakerOpen { retry_at_us },
            Availability::OverBudget { resets_at_us } => Self::OverBudget { resets_at_us },
            Availability::RateLimited { retry_at_us } => Self::RateLimited { retry_at_us },
            Availability::Unavailable => Self::Unavailable,
        })
    }

    /// Whether a model lacks it only for now: another view would not say it.
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::BreakerOpen { .. }
                | Self::Cooling { .. }
                | Self::OverBudget { .. }
                | Self::RateLimited { .. }
                | Self::Unavailable
        )
    }

    pub const fn code(&self) -> &'static str {
        match self {
            Self::BreakerOpen { .. } => "BREAKER_OPEN",
            Self::Capability(_) => "MISSING_CAPABILITY",
            Self::Context { .. } => "CONTEXT_TOO_SMALL",
            Self::Cooling { .. } => "COOLING",
            Self::Cost { .. } => "OVER_MAX_COST",
            Self::Latency { .. } => "OVER_MAX_LATENCY",
            Self::Output { .. } => "OUTPUT_TOO_LONG",
            Self::OverBudget { .. } => "OVER_BUDGET",
            Self::Permission => "NOT_PERMITTED",
            Self::Quality { .. } => "BELOW_MIN_QUALITY",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    pub fn phrase(&self) -> String {
        match self {
            Self::BreakerOpen { .. } => "is kept away from by its breaker".to_owned(),
            Self::Capability(capability) => {
                let name = serde_json::to_value(capability).unwrap_or_default();
                format!(
                    "lacks the capability `{}`",
                    name.as_str().unwrap_or_default()
                )
            }
            Self::Context { needed, window } => {
                format!("has a context window of `{window}` tokens, but `{needed}` are needed")
            }
            Self::Cooling { .. } => {
                "is kept away from after a limit, a refused key or a missing model".to_owned()
            }
            Self::Cost { nano, limit_nano } => {
                format!(
                    "would cost `${:.6}`, over the limit of ${:.6}",
                    *nano as f64 / 1e9,
                    *limit_nano as f64 / 1e9
                )
            }
            Self::Latency { us, limit_us } => {
                format!(
                    "would take `{:.0}ms`, over the limit of {:.0}ms",
                    *us as f64 / 1e3,
                    *limit_us as f64 / 1e3
                )
            }
            Self::Output { needed, limit } => {
                format!("answers with at most `{limit}` tokens, but `{needed}` are expected")
            }
            Self::OverBudget { .. } => "is out of its budget until the window ends".to_owned(),
            Self::Permission => "is not permitted by a rule's `restrict`".to_owned(),
            Self::Quality { expected, floor } => {
                format!("has an expected quality of `{expected:.3}`, below the floor of {floor:.3}")
            }
            Self::RateLimited { .. } => "has no room in its rate now".to_owned(),
            Self::Unavailable => "cannot serve now".to_owned(),
        }
    }
}
