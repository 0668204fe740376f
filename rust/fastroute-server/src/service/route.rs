//! Decides one request; every door calls this.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fastroute_core::{Catalogue, Decision, Now};
use fastroute_proto::v1;

use super::decide::{Asking, Ground, Said, Stage, answer, begin, in_time, returns_question};
use super::shield::{KEPT_UP_TO, Shielded, guarded};
use crate::ask::{Asked, Lent};
use crate::context::{CallContext, Caller};
use crate::convert;
use crate::engine::Engine;
use crate::host::Answering;
use crate::live::{Claimed, Sessions};
use crate::refusal::Refusal;
use crate::revisions::Active;

/// Decides one request.
///
/// Waits for nothing when the text is at most 64 KiB, the request names no other revision than the
/// active one, and nobody must be asked. What may wait is boxed where it begins: its state would make the
/// future of every call, which is copied on its way, several times larger. An unknown number of a view counts as the basic one.
///
/// # Errors
///
/// The defect of the request with its field, `UNKNOWN_REVISION`, `DEADLINE_EXCEEDED`, or `INTERNAL`.
pub async fn route(
    engine: &Engine,
    request: v1::RouteRequest,
    context: &CallContext,
) -> Result<v1::RouteResponse, Refusal> {
    in_time(context)?;
    let now = engine.clock.now();
    let at_once = begin_at_once(engine, &request, now, context);
    let (request, stage) = match at_once {
        Some(stage) => (request, stage?),
        None => Box::pin(begin_later(engine, request, now, context)).await?,
    };
    finish(engine, stage, &request, now, context).await
}

/// Decides here, if that takes microseconds and no other revision is named.
fn begin_at_once(
    engine: &Engine,
    request: &v1::RouteRequest,
    now: Now,
    context: &CallContext,
) -> Option<Result<Stage, Refusal>> {
    let active = engine.revisions.active();
    let is_active = request.revision.is_empty() || *request.revision == *active.revision;
    (is_active && is_short(request)).then(|| {
        begin_on(
            engine,
            &active,
            request,
            now,
            &context.caller,
            claims(request),
        )
    })
}

/// Whether somebody will make the first attempt of the plan. Who names the revision and wants the prompt has the plan already.
pub(super) fn claims(request: &v1::RouteRequest) -> bool {
    request.revision.is_empty() || request.render.is_none()
}

/// Decides under a revision, on the live state that the caller sees; `claims` takes what the first attempt needs.
pub(super) fn begin_on(
    engine: &Engine,
    active: &Active,
    request: &v1::RouteRequest,
    now: Now,
    caller: &Caller,
    claims: bool,
) -> Result<Stage, Refusal> {
    let own = engine.own.of(caller, active, now);
    let catalogue = active.snapshot.catalogue();
    let session = kept_session(&engine.sessions, catalogue, request, caller, now);
    let ground = Ground {
        snapshot: &active.snapshot,
        fleet: &active.fleet,
        own: own.as_ref(),
        caller,
        session: &session,
        now,
        claims: claims.then(|| (engine.reports.next_id(now), engine.draws.next())),
    };
    begin(&ground, request)
}

/// Decides under the revision that is named, on a thread that may block.
async fn begin_later(
    engine: &Engine,
    request: v1::RouteRequest,
    now: Now,
    context: &CallContext,
) -> Result<(v1::RouteRequest, Stage), Refusal> {
    let active = active_of(engine, &request.revision).await?;
    let claims = claims(&request);
    begin_apart(engine, active, request, now, context, claims).await
}

/// Decides on a thread that may block.
pub(super) async fn begin_apart(
    engine: &Engine,
    active: Arc<Active>,
    request: v1::RouteRequest,
    now: Now,
    context: &CallContext,
    claims: bool,
) -> Result<(v1::RouteRequest, Stage), Refusal> {
    let own = engine.own.of(&context.caller, &active, now);
    let catalogue = active.snapshot.catalogue();
    let session = kept_session(&engine.sessions, catalogue, &request, &context.caller, now);
    let claims = claims.then(|| (engine.reports.next_id(now), engine.draws.next()));
    let caller = Arc::clone(&context.caller);
    let begun = engine.heavy.run(move || {
        let ground = Ground {
            snapshot: &active.snapshot,
            fleet: &active.fleet,
            own: own.as_ref(),
            caller: &caller,
            session: &session,
            now,
            claims,
        };
        let stage = begin(&ground, &request)?;
        Ok((request, stage))
    });
    begun.await?
}

/// What is kept of the session that a request is part of; empty, without memory, when it is part of none or brings its state.
pub(super) fn kept_session(
    sessions: &Sessions,
    catalogue: &Catalogue,
    request: &v1::RouteRequest,
    caller: &Caller,
    now: Now,
) -> Vec<u8> {
    match &request.session {
        Some(session) if session.state.is_empty() && !session.id.is_empty() => {
            let max_age = catalogue.sessions().max_age;
            sessions.find(caller, &session.id, max_age.as_micros(), now.monotonic_us)
        }
        _ => Vec::new(),
    }
}

/// Whether the text is so short that deciding holds nobody up.
pub(super) fn is_short(request: &v1::RouteRequest) -> bool {
    convert::text_bytes(request) <= KEPT_UP_TO
}

/// What serves under a revision, the active one when none is named.
pub(super) async fn active_of(engine: &Engine, revision: &str) -> Result<Arc<Active>, Refusal> {
    if revision.is_empty() {
        return Ok(Arc::clone(&engine.revisions.active()));
    }
    engine.revisions.named(revision).await
}

/// Has a question answered or sends it back, and writes the answer.
pub(super) async fn finish(
    engine: &Engine,
    stage: Stage,
    request: &v1::RouteRequest,
    now: Now,
    context: &CallContext,
) -> Result<v1::RouteResponse, Refusal> {
    let (decision, claimed, now) = match stage {
        Stage::Decided(decision, claimed) => (decision, claimed, now),
        Stage::Asking(asking) if returns_question(request) => {
            return Ok(asking.question(request.seed));
        }
        Stage::Asking(asking) => {
            let asked = Box::pin(ask(engine, *asking, context)).await?;
            (asked.0, asked.1, engine.clock.now())
        }
    };
    engine.metrics.decided(&decision);
    engine.tell_changes(claimed.epoch);
    let caller = &context.caller;
    let written = answer(&decision, &claimed, request, &engine.reports, caller, now)?;
    keep_session(&engine.sessions, caller, &written, now);
    Ok(written)
}

/// Keeps the session of an answer for its caller's next turn, when it has a name.
pub(super) fn keep_session(
    sessions: &Sessions,
    caller: &Caller,
    written: &v1::RouteResponse,
    now: Now,
) {
    if let Some(v1::route_response::Result::Decision(decision)) = &written.result
        && let Some(session) = &decision.session
        && !session.id.is_empty()
        && !session.state.is_empty()
    {
        sessions.keep(caller, &session.id, &session.state, now.monotonic_us);
    }
}

/// Has a question answered, within its timeout and the call's deadline, and decides.
pub(super) async fn ask(
    engine: &Engine,
    asking: Asking,
    context: &CallContext,
) -> Result<(Decision, Claimed, Said), Refusal> {
    let said = put(engine, &asking, context).await?;
    let now = engine.clock.now();
    let (decision, claimed) = asking.resume(said.as_answer(), &context.caller, now)?;
    let said = said.or_late(&decision);
    Ok((decision, claimed, said))
}

async fn put(engine: &Engine, asking: &Asking, context: &CallContext) -> Result<Said, Refusal> {
    let question = asking.pending.question();
    let waited_us = engine
        .clock
        .now()
        .monotonic_us
        .saturating_sub(asking.asked.monotonic_us);
    let left_us = question.timeout.as_micros().saturating_sub(waited_us);
    let timeout = Instant::now() + Duration::from_micros(left_us);
    let until = context
        .deadline
        .map_or(timeout, |deadline| deadline.min(timeout));
    let asked = Asked {
        pending: &asking.pending,
        fleet: &asking.fleet,
        view: &asking.view,
        caller: context.caller.as_core(),
        until: timeout,
    };
    let lent = Lent {
        clock: &engine.clock,
        draws: &engine.draws,
        metrics: &engine.metrics,
    };
    let answering: Answering<'_> = match &engine.models {
        _ if engine.answerer.can_answer() => guarded(|| engine.answerer.answer(question, context))?,
        Some(models) if models.can_ask(&asked) => Box::pin(models.ask(&asked, lent)),
        _ => return Ok(Said::Declined),
    };
    let answering = Shielded(answering);
    match tokio::time::timeout_at(until.into(), answering).await {
        Ok(answered) => Ok(answered?.map_or(Said::Declined, Said::Label)),
        Err(_) if until < timeout => Err(Refusal::deadline_exceeded()),
        Err(_) => Ok(Said::Late),
    }
}
