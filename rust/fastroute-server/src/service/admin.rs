//! Administers one server: status, configuration, revisions, health.
//!
//! The caller's application is written down as who asked. Configurations are built where nobody waits for
//! them; see [`Revisions`](crate::revisions::Revisions). An error names the first ten defects; the status has all.

use fastroute_proto::v1;

use super::decide::in_time;
use crate::context::CallContext;
use crate::convert;
use crate::engine::Engine;
use crate::metrics::process;
use crate::refusal::Refusal;
use crate::revisions::Cause;

/// Tells what serves, since when, how large it is, and what was refused last.
///
/// # Errors
///
/// `DEADLINE_EXCEEDED`.
pub async fn get_status(
    engine: &Engine,
    _: v1::GetStatusRequest,
    context: &CallContext,
) -> Result<v1::GetStatusResponse, Refusal> {
    in_time(context)?;
    let status = engine.revisions.status();
    let active = &status.active;
    let level = |now: u64| u32::try_from(now).unwrap_or(u32::MAX);
    Ok(v1::GetStatusResponse {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: active.revision.to_string(),
        active_since: Some(convert::timestamp(active.since)),
        cause: convert::cause(active.cause).into(),
        uptime: Some(convert::duration(engine.clock.uptime())),
        sizes: Some(convert::sizes(active)),
        last_refused: status.last_refused.as_ref().map(convert::refused),
        stale_since: status.stale_since.map(convert::timestamp),
        warnings: convert::issues(active.snapshot.warnings()),
        activations: status.activations,
        refusals: status.refusals,
        in_flight: level(engine.metrics.in_flight.now()),
        connections: level(engine.metrics.connections.now()),
        resident_bytes: process::resident_bytes().unwrap_or(0),
        is_draining: engine.is_draining(),
    })
}

/// Loads, builds and tests a configuration without serving it.
///
/// # Errors
///
/// `BUSY`, `UNKNOWN_FORMAT`, `DEADLINE_EXCEEDED`.
pub async fn validate_config(
    engine: &Engine,
    request: v1::ValidateConfigRequest,
    context: &CallContext,
) -> Result<v1::ValidateConfigResponse, Refusal> {
    in_time(context)?;
    let from = convert::reload_from(request.content, request.format)?;
    let verdict = engine.revisions.validate(from).await?;
    Ok(v1::ValidateConfigResponse {
        is_valid: verdict.code.is_none(),
        revision: verdict.revision.unwrap_or_default(),
        issues: convert::issues(&verdict.issues),
        code: verdict.code.unwrap_or_default().to_owned(),
    })
}

/// Serves the configuration as its file stands now, or the text that is given.
///
/// # Errors
///
/// A refused configuration with its first defects; `BUSY`, `UNKNOWN_FORMAT`, `DEADLINE_EXCEEDED`.
pub async fn reload_config(
    engine: &Engine,
    request: v1::ReloadConfigRequest,
    context: &CallContext,
) -> Result<v1::ReloadConfigResponse, Refusal> {
    in_time(context)?;
    let from = convert::reload_from(request.content, request.format)?;
    let by = &context.caller.application;
    let reloaded = engine
        .revisions
        .reload(from, request.force, Cause::Reload, by);
    let swapped = reloaded.await?;
    Ok(v1::ReloadConfigResponse {
        revision: swapped.revision,
        previous_revision: swapped.previous,
        issues: convert::issues(&swapped.warnings),
    })
}

/// Lists the retained revisions, newest activation first.
///
/// # Errors
///
/// `DEADLINE_EXCEEDED`.
pub async fn list_revisions(
    engine: &Engine,
    _: v1::ListRevisionsRequest,
    context: &CallContext,
) -> Result<v1::ListRevisionsResponse, Refusal> {
    in_time(context)?;
    let revisions = engine.revisions.list();
    Ok(v1::ListRevisionsResponse {
        revisions: revisions.into_iter().map(convert::retained).collect(),
    })
}

/// Serves a retained revision again.
///
/// # Errors
///
/// `UNKNOWN_REVISION`, `BUSY`, `DEADLINE_EXCEEDED`.
pub async fn activate_revision(
    engine: &Engine,
    request: v1::ActivateRevisionRequest,
    context: &CallContext,
) -> Result<v1::ActivateRevisionResponse, Refusal> {
    in_time(context)?;
    let by = &context.caller.application;
    let swapped = engine.revisions.activate(&request.revision, by).await?;
    Ok(v1::ActivateRevisionResponse {
        revision: swapped.revision,
        previous_revision: swapped.previous,
    })
}

/// Lists what breakers, limits and budgets know now, in the order of their names.
///
/// # Errors
///
/// `DEADLINE_EXCEEDED`.
pub async fn list_health(
    engine: &Engine,
    _: v1::ListHealthRequest,
    context: &CallContext,
) -> Result<v1::ListHealthResponse, Refusal> {
    in_time(context)?;
    let now = engine.clock.now();
    let mut figures = engine.revisions.live().figures(now);
    figures
        .cells
        .sort_by_cached_key(|cell| cell.key.to_string());
    let cells = figures.cells.iter().map(|cell| convert::cell(cell, now));
    Ok(v1::ListHealthResponse {
        targets: cells.collect(),
        budgets: figures.budgets.iter().map(convert::budget).collect(),
        counts: Some(convert::counts(&figures.counters)),
    })
}

/// Holds a breaker open, closed or out of the way, or lets go of it; a line of the log says who asked.
///
/// # Errors
///
/// `UNKNOWN_STATE`, `UNKNOWN_TARGET`, `DEADLINE_EXCEEDED`.
pub async fn force_health(
    engine: &Engine,
    request: v1::ForceHealthRequest,
    context: &CallContext,
) -> Result<v1::ForceHealthResponse, Refusal> {
    in_time(context)?;
    let forced = convert::forced(request.forced)?;
    let active = engine.revisions.active();
    let now = engine.clock.now();
    let target = &*request.target;
    let is_known = active.fleet.force(target, forced, now)
        || engine.revisions.live().force(target, forced, now);
    if !is_known {
        return Err(Refusal::new(
            "UNKNOWN_TARGET",
            tonic::Code::NotFound,
            "the target is the name of no model and of no breaker; `ListHealth` has their names",
        ));
    }
    tracing::warn!(
        event = "health_forced",
        breaker = target,
        forced = forced.map_or("reset", fastroute_core::Forced::as_str),
        by = &*context.caller.application,
    );
    engine.tell_changes(active.fleet.epoch());
    Ok(v1::ForceHealthResponse {})
}
