//! Decides one request; every door calls this.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fastroute_core::{Decision, Now, Snapshot};
use fastroute_proto::v1;

use super::decide::{Asking, Said, Stage, answer, begin, in_time, returns_question};
use super::shield::{KEPT_UP_TO, Shielded, guarded};
use crate::context::CallContext;
use crate::convert;
use crate::engine::Engine;
use crate::refusal::Refusal;

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
    let at_once = begin_at_once(engine, &request, now);
    let (request, stage) = match at_once {
        Some(stage) => (request, stage?),
        None => Box::pin(begin_later(engine, request, now)).await?,
    };
    finish(engine, stage, &request, now, context).await
}

/// Decides here, if that takes microseconds and no other revision is named.
fn begin_at_once(
    engine: &Engine,
    request: &v1::RouteRequest,
    now: Now,
) -> Option<Result<Stage, Refusal>> {
    let active = engine.revisions.active();
    let is_active = request.revision.is_empty() || *request.revision == *active.revision;
    (is_active && is_short(request)).then(|| begin(&active.snapshot, request, now))
}

/// Decides under the revision that is named, on a thread that may block.
async fn begin_later(
    engine: &Engine,
    request: v1::RouteRequest,
    now: Now,
) -> Result<(v1::RouteRequest, Stage), Refusal> {
    let snapshot = snapshot_of(engine, &request.revision).await?;
    begin_apart(engine, snapshot, request, now).await
}

/// Decides on a thread that may block.
pub(super) async fn begin_apart(
    engine: &Engine,
    snapshot: Arc<Snapshot>,
    request: v1::RouteRequest,
    now: Now,
) -> Result<(v1::RouteRequest, Stage), Refusal> {
    let begun = engine.heavy.run(move || {
        let stage = begin(&snapshot, &request, now)?;
        Ok((request, stage))
    });
    begun.await?
}

/// Whether the text is so short that deciding holds nobody up.
pub(super) fn is_short(request: &v1::RouteRequest) -> bool {
    convert::text_bytes(request) <= KEPT_UP_TO
}

/// The snapshot of a revision, the active one when none is named.
pub(super) async fn snapshot_of(engine: &Engine, revision: &str) -> Result<Arc<Snapshot>, Refusal> {
    if revision.is_empty() {
        return Ok(Arc::clone(&engine.revisions.active().snapshot));
    }
    let named = engine.revisions.named(revision).await?;
    Ok(Arc::clone(&named.snapshot))
}

/// Has a question answered or sends it back, and writes the answer.
pub(super) async fn finish(
    engine: &Engine,
    stage: Stage,
    request: &v1::RouteRequest,
    now: Now,
    context: &CallContext,
) -> Result<v1::RouteResponse, Refusal> {
    let (decision, now) = match stage {
        Stage::Decided(decision) => (decision, now),
        Stage::Asking(asking) if returns_question(request) => {
            return Ok(asking.question(request.seed));
        }
        Stage::Asking(asking) => {
            let asked = Box::pin(ask(engine, *asking, context)).await?;
            (asked.0, engine.clock.now())
        }
    };
    engine.metrics.decided(&decision);
    answer(&decision, request, &engine.reports, &context.caller, now)
}

/// Has a question answered, within its timeout and the call's deadline, and decides.
pub(super) async fn ask(
    engine: &Engine,
    asking: Asking,
    context: &CallContext,
) -> Result<(Decision, Said), Refusal> {
    let said = put(engine, &asking, context).await?;
    let decision = asking.resume(said.as_answer(), engine.clock.now())?;
    let said = said.or_late(&decision);
    Ok((decision, said))
}

async fn put(engine: &Engine, asking: &Asking, context: &CallContext) -> Result<Said, Refusal> {
    if !engine.answerer.can_answer() {
        return Ok(Said::Declined);
    }
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
    let answering = Shielded(guarded(|| engine.answerer.answer(question, context))?);
    match tokio::time::timeout_at(until.into(), answering).await {
        Ok(answered) => Ok(answered?.map_or(Said::Declined, Said::Label)),
        Err(_) if until < timeout => Err(Refusal::deadline_exceeded()),
        Err(_) => Ok(Said::Late),
    }
}
