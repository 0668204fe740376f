//! Explains the decision of a request; decides anew, with every fact taken.
//!
//! That takes milliseconds, so it runs on a thread that may block. Whoever would answer the question of a
//! decision answers it here too, and the explanation is of that answer.

use std::sync::Arc;

use fastroute_proto::v1;

use super::decide::{Ground, Said, Stage, in_time};
use super::route::{active_of, ask, begin_apart, kept_session};
use super::shield::with_workspace;
use crate::context::CallContext;
use crate::convert::{self, Issued};
use crate::engine::Engine;
use crate::refusal::Refusal;

/// Explains the decision of a request.
///
/// # Errors
///
/// As [`route`](super::route); fields begin with `request.`.
pub async fn explain(
    engine: &Engine,
    request: v1::ExplainRequest,
    context: &CallContext,
) -> Result<v1::ExplainResponse, Refusal> {
    in_time(context)?;
    let request = request_of(request)?;
    explained(engine, request, context)
        .await
        .map_err(|refusal| refusal.within("request"))
}

async fn explained(
    engine: &Engine,
    request: v1::RouteRequest,
    context: &CallContext,
) -> Result<v1::ExplainResponse, Refusal> {
    let active = active_of(engine, &request.revision).await?;
    let now = engine.clock.now();
    let begun = begin_apart(engine, Arc::clone(&active), request, now, context, false).await?;
    let (request, stage) = begun;
    let (decision, said) = match stage {
        Stage::Decided(decision, _) => {
            let said = said(&request).or_late(&decision);
            (decision, said)
        }
        Stage::Asking(asking) => {
            let (decision, _, said) = ask(engine, *asking, context).await?;
            (decision, said)
        }
    };
    in_time(context)?;
    let issued = Issued::unreported(engine.reports.next_id(now));
    let decision = convert::decision(&decision, issued, true, now);
    let own = engine.own.of(&context.caller, &active, now);
    let catalogue = active.snapshot.catalogue();
    let session = kept_session(&engine.sessions, catalogue, &request, &context.caller, now);
    let caller = Arc::clone(&context.caller);
    let why = engine.heavy.run(move || {
        let ground = Ground {
            snapshot: &active.snapshot,
            fleet: &active.fleet,
            own: own.as_ref(),
            caller: &caller,
            session: &session,
            now,
            claims: None,
        };
        tell(&ground, &request, &said, decision)
    });
    why.await?
}

/// The request to explain.
pub(super) fn request_of(request: v1::ExplainRequest) -> Result<v1::RouteRequest, Refusal> {
    let mut request = request
        .request
        .ok_or_else(|| Refusal::invalid("MISSING_TEXT", "request", "a request is needed"))?;
    request.return_question = false;
    Ok(request)
}

/// The answer that came with a request.
pub(super) fn said(request: &v1::RouteRequest) -> Said {
    let label = request
        .answer
        .as_ref()
        .and_then(|answer| answer.label.clone());
    label.map_or(Said::Declined, Said::Label)
}

/// Explains a decision, which was given the answer `said`.
pub(super) fn tell(
    ground: &Ground<'_>,
    request: &v1::RouteRequest,
    said: &Said,
    decision: v1::Decision,
) -> Result<v1::ExplainResponse, Refusal> {
    let snapshot = ground.snapshot;
    let unavailable = convert::unavailable(request, snapshot.catalogue())?;
    let bytes = convert::text_bytes(request);
    let explained = convert::with_request(request, ground.session, ground.now, |asked| {
        with_workspace(bytes, |workspace, view| {
            ground.read(&unavailable, view);
            let answer = Some(said.as_answer());
            fastroute_core::explain(snapshot, asked, view, request.seed, answer, workspace)
        })
    })??;
    let explanation = explained.map_err(|error| convert::refuse(&error, request))?;
    Ok(v1::ExplainResponse {
        explanation: Some(convert::explanation(decision, explanation)),
    })
}
