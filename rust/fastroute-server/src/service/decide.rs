//! What the calls that decide have in common: from a message to a decision or a question, and to an answer.
//!
//! All of it runs without waiting, on the snapshot that it is given.

use std::sync::Arc;
use std::time::Instant;

use fastroute_core::{Answer, Decision, Now, Pending, Reason, Snapshot, Step, View, decide};
use fastroute_proto::v1;

use super::shield::{guarded, with_workspace};
use crate::context::{CallContext, Caller};
use crate::convert;
use crate::refusal::Refusal;
use crate::report::Reports;

/// What came of a request before anybody was asked.
pub(super) enum Stage {
    Decided(Decision),
    Asking(Box<Asking>),
}

/// A decision that waits for an answer.
pub(super) struct Asking {
    pub pending: Pending,
    pub snapshot: Arc<Snapshot>,
    pub asked: Now,
    view: View,
}

/// What was said to a question.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Declined,
    Label(String),
    Late,
}

impl Said {
    pub fn as_answer(&self) -> Answer<'_> {
        match self {
            Self::Declined => Answer::Declined,
            Self::Label(label) => Answer::Label(label),
            Self::Late => Answer::Late,
        }
    }

    /// What it was, unless the decision found it late.
    pub fn or_late(self, decision: &Decision) -> Self {
        match decision.reason() {
            Reason::DefaultMetaLlmLate => Self::Late,
            _ => self,
        }
    }
}

/// Refuses a call whose time is over.
pub(super) fn in_time(context: &CallContext) -> Result<(), Refusal> {
    match context.deadline {
        Some(deadline) if deadline <= Instant::now() => Err(Refusal::deadline_exceeded()),
        _ => Ok(()),
    }
}

/// Decides a request, or finds what must be asked first; an answer that came with it is taken.
pub(super) fn begin(
    snapshot: &Arc<Snapshot>,
    request: &v1::RouteRequest,
    now: Now,
) -> Result<Stage, Refusal> {
    let view = convert::view(request, snapshot.catalogue())?;
    let waited_us = request.answer.as_ref().map_or(Ok(0), convert::waited_us)?;
    let bytes = convert::text_bytes(request);
    let step = convert::with_request(request, |asked| {
        with_workspace(bytes, |workspace| {
            decide(snapshot, asked, &view, now, request.seed, workspace)
        })
    })??;
    match step.map_err(|error| convert::refuse(&error, request))? {
        Step::Decided(decision) => Ok(Stage::Decided(decision)),
        Step::Ask(pending) => {
            let asking = Asking {
                pending: *pending,
                snapshot: Arc::clone(snapshot),
                asked: now,
                view,
            };
            match &request.answer {
                None => Ok(Stage::Asking(Box::new(asking))),
                Some(answer) => {
                    let said = match &answer.label {
                        Some(label) => Answer::Label(label),
                        None => Answer::Declined,
                    };
                    let then = Now {
                        monotonic_us: now.monotonic_us.saturating_add(waited_us),
                        unix_us: now.unix_us.saturating_add(waited_us),
                    };
                    asking.resume(said, then).map(Stage::Decided)
                }
            }
        }
    }
}

impl Asking {
    /// Finishes the decision.
    pub fn resume(self, answer: Answer<'_>, now: Now) -> Result<Decision, Refusal> {
        guarded(|| self.pending.resume(answer, &self.view, now))
    }

    /// Sends the question back instead.
    pub fn question(&self, seed: u64) -> v1::RouteResponse {
        let question = convert::question(self.pending.question(), self.snapshot.catalogue(), seed);
        v1::RouteResponse {
            result: Some(v1::route_response::Result::Question(question)),
        }
    }
}

/// Whether a question is sent back rather than answered here.
pub(super) fn returns_question(request: &v1::RouteRequest) -> bool {
    request.return_question && request.answer.is_none()
}

/// Writes the answer to a request that was decided.
pub(super) fn answer(
    decision: &Decision,
    request: &v1::RouteRequest,
    reports: &Reports,
    caller: &Caller,
    now: Now,
) -> Result<v1::RouteResponse, Refusal> {
    let is_full = request.view == v1::DecisionView::Full as i32;
    let messages = match &request.render {
        None => Vec::new(),
        Some(render) => guarded(|| {
            convert::with_request(request, |asked| convert::rendered(decision, asked, render))
        })???,
    };
    let issued = reports.issue(decision, caller, now);
    let mut written = convert::decision(decision, issued, is_full);
    written.messages = messages;
    Ok(v1::RouteResponse {
        result: Some(v1::route_response::Result::Decision(written)),
    })
}
