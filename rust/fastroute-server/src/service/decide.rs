//! What the calls that decide have in common: from a message to a decision or a question, and to an answer.
//!
//! All of it runs without waiting, on the snapshot and the live state that it is given.

use std::sync::Arc;
use std::time::Instant;

use fastroute_core::{
    Answer, Decision, Fleet, ModelId, ModelState, Now, Pending, Reason, Snapshot, Step, View,
    decide,
};
use fastroute_proto::v1;
use uuid::Uuid;

use super::shield::{guarded, with_workspace};
use crate::context::{CallContext, Caller};
use crate::convert;
use crate::live::{Claimed, Grant};
use crate::refusal::Refusal;
use crate::report::Reports;

/// What came of a request before anybody was asked.
#[allow(
    clippy::large_enum_variant,
    reason = "the large one is the usual one, and is moved once"
)]
pub(super) enum Stage {
    Decided(Decision, Claimed),
    Asking(Box<Asking>),
}

/// What a request is decided on: a snapshot, the live state that its caller sees, and what its session was.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub snapshot: &'a Arc<Snapshot>,
    pub fleet: &'a Fleet,
    /// What the caller's own reports say, when they count for itself alone.
    pub own: Option<&'a Fleet>,
    pub caller: &'a Caller,
    /// What the server keeps of the session; empty when nothing.
    pub session: &'a [u8],
    pub now: Now,
    /// Name of the decision, under which its first attempt is claimed; none when nobody will make one.
    pub claims: Option<(Uuid, u64)>,
}

/// A decision that waits for an answer.
pub(super) struct Asking {
    pub pending: Pending,
    pub snapshot: Arc<Snapshot>,
    pub asked: Now,
    pub fleet: Fleet,
    pub view: View,
    own: Option<Fleet>,
    unavailable: Vec<ModelId>,
    claims: Option<(Uuid, u64)>,
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

impl Ground<'_> {
    /// Writes what the caller sees of the models; `unavailable` are those that the request says cannot serve.
    pub fn read(&self, unavailable: &[ModelId], view: &mut View) {
        see(
            self.fleet,
            self.own,
            self.caller,
            unavailable,
            self.now,
            view,
        );
    }

    fn claim(
        &self,
        decision: Decision,
        view: &mut View,
        again: impl FnMut(&View) -> Option<Decision>,
    ) -> (Decision, Claimed) {
        claim(
            self.fleet,
            self.own,
            self.caller,
            self.claims,
            self.now,
            decision,
            view,
            again,
        )
    }
}

/// Decides a request, or finds what must be asked first; an answer that came with it is taken.
pub(super) fn begin(ground: &Ground<'_>, request: &v1::RouteRequest) -> Result<Stage, Refusal> {
    let snapshot = ground.snapshot;
    let now = ground.now;
    let unavailable = convert::unavailable(request, snapshot.catalogue())?;
    let waited_us = request.answer.as_ref().map_or(Ok(0), convert::waited_us)?;
    let bytes = convert::text_bytes(request);
    let step = convert::with_request(request, ground.session, now, |asked| {
        with_workspace(bytes, |workspace, view| {
            ground.read(&unavailable, view);
            let step = decide(snapshot, asked, view, now, request.seed, workspace)?;
            Ok(match step {
                Step::Decided(decision) => {
                    let again = |view: &View| {
                        let step = decide(snapshot, asked, view, now, request.seed, workspace);
                        match step {
                            Ok(Step::Decided(other)) => Some(other),
                            _ => None,
                        }
                    };
                    let (decision, claimed) = ground.claim(decision, view, again);
                    Begun::Decided(decision, claimed)
                }
                Step::Ask(pending) => Begun::Asks(pending, view.clone()),
            })
        })
    })??;
    match step.map_err(|error| convert::refuse(&error, request))? {
        Begun::Decided(decision, claimed) => Ok(Stage::Decided(decision, claimed)),
        Begun::Asks(pending, view) => {
            let asking = Asking {
                pending: *pending,
                snapshot: Arc::clone(snapshot),
                asked: now,
                fleet: ground.fleet.clone(),
                view,
                own: ground.own.cloned(),
                unavailable,
                claims: ground.claims,
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
                    let (decision, claimed) = asking.resume(said, ground.caller, then)?;
                    Ok(Stage::Decided(decision, claimed))
                }
            }
        }
    }
}

#[allow(
    clippy::large_enum_variant,
    reason = "the large one is the usual one, and is moved once"
)]
enum Begun {
    Decided(Decision, Claimed),
    Asks(Box<Pending>, View),
}

impl Asking {
    /// Finishes the decision, on the live state as it is by then.
    pub fn resume(
        mut self,
        answer: Answer<'_>,
        caller: &Caller,
        now: Now,
    ) -> Result<(Decision, Claimed), Refusal> {
        let own = self.own.as_ref();
        see(
            &self.fleet,
            own,
            caller,
            &self.unavailable,
            now,
            &mut self.view,
        );
        guarded(|| {
            let decided = self.pending.clone().resume(answer, &self.view, now);
            let pending = &self.pending;
            let again = |view: &View| Some(pending.clone().resume(answer, view, now));
            claim(
                &self.fleet,
                self.own.as_ref(),
                caller,
                self.claims,
                now,
                decided,
                &mut self.view,
                again,
            )
        })
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

/// Writes what a caller sees of the models: what everybody knows, what its own reports say where they count for itself alone, and
/// what the request says.
fn see(
    fleet: &Fleet,
    own: Option<&Fleet>,
    caller: &Caller,
    unavailable: &[ModelId],
    now: Now,
    view: &mut View,
) {
    let caller = caller.as_core();
    fleet.view(&caller, now, view);
    if let Some(own) = own {
        let mut theirs = View::healthy();
        own.view(&caller, now, &mut theirs);
        let models =
            (0..fleet.catalogue().models().len()).filter_map(|place| u16::try_from(place).ok());
        for model in models.map(ModelId) {
            let told = theirs.state(model);
            if view.is_available(model) && told != ModelState::default() {
                let out = view.state(model).deployments_out | told.deployments_out;
                *view.state_mut(model) = ModelState {
                    deployments_out: out,
                    ..told
                };
            }
        }
    }
    for model in unavailable {
        view.mark_unavailable(*model);
    }
}

/// Takes what the first attempt of a decision needs, where somebody will make one.
#[expect(
    clippy::too_many_arguments,
    reason = "where and for whom it is taken, and what it is taken for"
)]
fn claim(
    fleet: &Fleet,
    own: Option<&Fleet>,
    caller: &Caller,
    claims: Option<(Uuid, u64)>,
    now: Now,
    decision: Decision,
    view: &mut View,
    again: impl FnMut(&View) -> Option<Decision>,
) -> (Decision, Claimed) {
    let Some((id, draw)) = claims else {
        let claimed = Claimed {
            id: Uuid::nil(),
            epoch: fleet.epoch(),
            kept: None,
        };
        return (decision, claimed);
    };
    let grant = Grant {
        fleet,
        own,
        caller,
        id,
        draw,
        now,
    };
    grant.claim(decision, view, again)
}

/// Writes the answer to a request that was decided.
pub(super) fn answer(
    decision: &Decision,
    claimed: &Claimed,
    request: &v1::RouteRequest,
    reports: &Reports,
    caller: &Caller,
    now: Now,
) -> Result<v1::RouteResponse, Refusal> {
    let is_full = request.view == v1::DecisionView::Full as i32;
    let messages = match &request.render {
        None => Vec::new(),
        Some(render) => guarded(|| {
            convert::with_request(request, &[], now, |asked| {
                convert::rendered(decision, asked, render)
            })
        })???,
    };
    let issued = reports.issue(decision, claimed, caller, now);
    let mut written = convert::decision(decision, issued, is_full, now);
    written.messages = messages;
    written.session = request.session.as_ref().map(|session| v1::Session {
        id: session.id.clone(),
        state: decision.session(now).unwrap_or_default(),
    });
    Ok(v1::RouteResponse {
        result: Some(v1::route_response::Result::Decision(written)),
    })
}
