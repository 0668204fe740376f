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
use uuid::Uuid;

use crate::context::Caller;
use crate::convert::Issued;
use crate::live::Claimed;
use crate::metrics::Metrics;
use id::Ids;
pub(crate) use id::random;
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
    /// Whether it tells what was thought of the answer, and nothing of how the attempt ended.
    pub is_feedback: bool,
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

/// The attempt that an accepted report is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported {
    /// The first bytes of the revision that decided.
    pub revision: [u8; 8],
    /// Name of the decision.
    pub id: Uuid,
    /// Number of the last change of health when it was decided.
    pub epoch: u64,
    /// Which of the model's deployments was planned.
    pub deployment: u8,
    /// Whether the attempt is the one that was claimed.
    pub is_claimed: bool,
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

    /// Names a decision.
    pub(crate) fn next_id(&self, now: Now) -> Uuid {
        self.ids.next(now.unix_us / 1_000)
    }

    /// Lets the caller of a decision report on it if it has a plan.
    pub(crate) fn issue(
        &self,
        decision: &Decision,
        claimed: &Claimed,
        caller: &Caller,
        now: Now,
    ) -> Issued {
        let report_token = match decision.outcome() {
            Outcome::Routed => {
                let expires = now.unix_us / 1_000_000 + TOKEN_LIFE.as_secs();
                token::write(&self.key, claimed.id, expires, decision, claimed, caller)
            }
            Outcome::NothingFits | Outcome::OverBudget | Outcome::Rejected => Vec::new(),
        };
        Issued {
            id: claimed.id,
            report_token,
        }
    }

    /// Takes a report, none when it is malformed; it counts unless it is the second of its attempt.
    pub(crate) fn take(
        &self,
        report: Option<&Report<'_>>,
        caller: &Caller,
        now: Now,
    ) -> (Verdict, Option<Reported>) {
        let (verdict, reported) = match report {
            Some(report) => self.judge(report, caller, now.unix_us / 1_000_000),
            None => (Verdict::Refused("INVALID_REPORT"), None),
        };
        self.metrics.report(verdict.as_str());
        (verdict, reported)
    }

    fn judge(&self, report: &Report<'_>, caller: &Caller, now: u64) -> (Verdict, Option<Reported>) {
        let Some(token) = token::read(&self.key, report.token, caller) else {
            return (Verdict::Refused("INVALID_TOKEN"), None);
        };
        if token.expires < now {
            return (Verdict::Expired, None);
        }
        let Some((place, deployment)) = token.planned(report.model) else {
            return (Verdict::Refused("MODEL_NOT_IN_PLAN"), None);
        };
        let attempt = u16::from(report.attempt) | u16::from(report.is_feedback) << 8;
        if !self.seen.insert(token.id, attempt, now) {
            return (Verdict::Duplicate, None);
        }
        let mut revision = [0; 8];
        revision
            .iter_mut()
            .zip(token.revision)
            .for_each(|(to, from)| *to = *from);
        let reported = Reported {
            revision,
            id: token.id,
            epoch: token.epoch,
            deployment,
            is_claimed: token.is_claimed && place == 0 && attempt == 0,
        };
        (Verdict::Accepted, Some(reported))
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
