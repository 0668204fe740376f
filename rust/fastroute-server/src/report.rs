//! Names decisions, and takes reports on their attempts: who may report what, once.
//!
//! A routed decision carries a token that any replica with the same key can verify, so a report needs no
//! state of the replica that decided. The token names the decision and its plan, and is sealed together with the
//! caller: another caller's token is as good as none, and nothing tells the two apart.
//!
//! What counts once is the pair of decision and attempt. Each replica remembers the pairs that it
//! accepted for at least a token's day, in bounded memory: beyond a million the oldest are forgotten.

mod id;
mod seen;
mod token;

use std::sync::Arc;
use std::time::Duration;

use fastroute_core::{Decision, Now, Outcome};

use crate::context::Caller;
use crate::convert::Issued;
use crate::metrics::Metrics;
use id::Ids;
use seen::Seen;

/// How long reports on a decision are taken.
pub const TOKEN_LIFE: Duration = Duration::from_secs(24 * 3_600);

/// Names decisions and takes reports on them.
pub struct Reports {
    key: [u8; 32],
    ids: Ids,
    seen: Seen,
    metrics: Arc<Metrics>,
}

/// What a caller says of one attempt.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The token of the decision.
    pub token: &'a [u8],
    /// Which attempt it was, from 0.
    pub attempt: u8,
    /// The model that was called.
    pub model: &'a str,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It counts.
    Accepted,
    /// An earlier one of the same attempt counts.
    Duplicate,
    /// It came after the token's day.
    Expired,
    /// The code says why not.
    Refused(&'static str),
}

impl Reports {
    /// Takes reports under a key that replicas share, or under one of its own.
    ///
    /// # Panics
    ///
    /// When the system has no random numbers.
    #[must_use]
    pub fn new(key: Option<[u8; 32]>, metrics: Arc<Metrics>) -> Self {
        Self {
            key: key.unwrap_or_else(id::random),
            ids: Ids::start(),
            seen: Seen::default(),
            metrics,
        }
    }

    /// Names a decision, and lets its caller report on it if it has a plan.
    pub(crate) fn issue(&self, decision: &Decision, caller: &Caller, now: Now) -> Issued {
        let id = self.ids.next(now.unix_us / 1_000);
        let report_token = match decision.outcome() {
            Outcome::Routed => {
                let expires = now.unix_us / 1_000_000 + TOKEN_LIFE.as_secs();
                token::write(&self.key, id, expires, decision, caller)
            }
            Outcome::NothingFits | Outcome::OverBudget | Outcome::Rejected => Vec::new(),
        };
        Issued { id, report_token }
    }

    /// Takes a report, none when it is malformed; it counts unless it is the second of its attempt.
    pub(crate) fn take(&self, report: Option<&Report<'_>>, caller: &Caller, now: Now) -> Verdict {
        let verdict = match report {
            Some(report) => self.judge(report, caller, now.unix_us / 1_000_000),
            None => Verdict::Refused("INVALID_REPORT"),
        };
        self.metrics.report(verdict.as_str());
        verdict
    }

    fn judge(&self, report: &Report<'_>, caller: &Caller, now: u64) -> Verdict {
        let Some(token) = token::read(&self.key, report.token, caller) else {
            return Verdict::Refused("INVALID_TOKEN");
        };
        if token.expires < now {
            return Verdict::Expired;
        }
        if !token.plans(report.model) {
            return Verdict::Refused("MODEL_NOT_IN_PLAN");
        }
        if self.seen.insert(token.id, report.attempt, now) {
            Verdict::Accepted
        } else {
            Verdict::Duplicate
        }
    }
}

impl Verdict {
    /// Returns the name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::Refused(_) => "refused",
        }
    }
}
