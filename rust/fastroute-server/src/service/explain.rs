//! Explains the decision of a request; decides anew, with every fact taken.
//!
//! That takes milliseconds, so it runs on a thread that may block. Whoever would answer the question of a
//! decision answers it here too, and the explanation is of that answer.

use std::sync::Arc;

use fastroute_core::Snapshot;
use fastroute_proto::v1;

use super::decide::{Said, Stage, in_time};
use super::route::{ask, begin_apart, snapshot_of};
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
    let snapshot = snapshot_of(engine, &request.revision).await?;
    let now = engine.clock.now();
    let (request, stage) = begin_apart(engine, Arc::clone(&snapshot), request, now).await?;
    let (decision, said) = match stage {
        Stage::Decided(decision) => {
            let said = said(&request).or_late(&decision);
            (decision, said)
        }
        Stage::Asking(asking) => ask(engine, *asking, context).await?,
    };
    in_time(context)?;
    let issued = Issued {
        report_token: Vec::new(),
        ..engine.reports.issue(&decision, &context.caller, now)
    };
    let decision = convert::decision(&decision, issued, true);
    let why = engine
        .heavy
        .run(move || tell(&snapshot, &request, &said, decision));
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
    snapshot: &Arc<Snapshot>,
    request: &v1::RouteRequest,
    said: &Said,
    decision: v1::Decision,
) -> Result<v1::ExplainResponse, Refusal> {
    let view = convert::view(request, snapshot.catalogue())?;
    let bytes = convert::text_bytes(request);
    let explained = convert::with_request(request, |asked| {
        with_workspace(bytes, |workspace| {
            let answer = Some(said.as_answer());
            fastroute_core::explain(snapshot, asked, &view, request.seed, answer, workspace)
        })
    })??;
    let explanation = explained.map_err(|error| convert::refuse(&error, request))?;
    Ok(v1::ExplainResponse {
        explanation: Some(convert::explanation(decision, explanation)),
    })
}
