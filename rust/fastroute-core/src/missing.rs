//! What a model lacks for a request: one typed line for each demand that it fails.

use serde::Serialize;

use crate::catalogue::{Catalogue, ModelId};
use crate::config::Capability;

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
    Capability(Capability),
    Context { needed: u64, window: u32 },
    Cost { nano: u64, limit_nano: u64 },
    Latency { us: u64, limit_us: u64 },
    Output { needed: u32, limit: u32 },
    Permission,
    Quality { expected: f64, floor: f64 },
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

impl Lack {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Capability(_) => "MISSING_CAPABILITY",
            Self::Context { .. } => "CONTEXT_TOO_SMALL",
            Self::Cost { .. } => "OVER_MAX_COST",
            Self::Latency { .. } => "OVER_MAX_LATENCY",
            Self::Output { .. } => "OUTPUT_TOO_LONG",
            Self::Permission => "NOT_PERMITTED",
            Self::Quality { .. } => "BELOW_MIN_QUALITY",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    pub fn phrase(&self) -> String {
        match self {
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
            Self::Permission => "is not permitted by a rule's `restrict`".to_owned(),
            Self::Quality { expected, floor } => {
                format!("has an expected quality of `{expected:.3}`, below the floor of {floor:.3}")
            }
            Self::Unavailable => "cannot serve now".to_owned(),
        }
    }
}
