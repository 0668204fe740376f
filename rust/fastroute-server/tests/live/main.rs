//! Live state behind the service: what reports do to later decisions, who probes, what is kept of a session, what a question costs.
//!
//! Time is given: the engine's clock is set ahead, and nothing waits for it. Providers are servers on loopback.

#[path = "../calling/mod.rs"]
mod calling;
#[path = "../support/openmetrics.rs"]
mod openmetrics;
mod provider;

mod asked;
mod health;
mod operated;
mod sessions;
mod spent;

use calling::{context_of, decision, text};
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::{CallContext, Caller, service};
use std::sync::Arc;
use std::time::Duration;
use v1::AttemptOutcome as Told;

/// Longer than a breaker stays open the first time, and than a probe may take.
const LATER: Duration = Duration::from_secs(60);

async fn decide(engine: &Engine, context: &CallContext) -> v1::Decision {
    asked(engine, text("hello"), context).await
}

async fn asked(engine: &Engine, request: v1::RouteRequest, context: &CallContext) -> v1::Decision {
    let answer = service::route(engine, request, context).await;
    decision(answer.expect("an answer"))
}

/// Reports on the primary of a decision.
async fn report(
    engine: &Engine,
    decision: &v1::Decision,
    outcome: Told,
    context: &CallContext,
) -> v1::ReportStatus {
    let report = v1::OutcomeReport {
        outcome: outcome.into(),
        ..about(decision)
    };
    send(engine, report, context).await
}

/// A report on the primary of a decision that says nothing yet.
fn about(decision: &v1::Decision) -> v1::OutcomeReport {
    v1::OutcomeReport {
        report_token: decision.report_token.clone(),
        model: decision.model.clone().unwrap_or_default(),
        latency: Some(span(100)),
        ..v1::OutcomeReport::default()
    }
}

async fn send(
    engine: &Engine,
    report: v1::OutcomeReport,
    context: &CallContext,
) -> v1::ReportStatus {
    let request = v1::ReportOutcomesRequest {
        reports: vec![report],
    };
    let answer = service::report_outcomes(engine, request, context).await;
    answer.expect("an answer").results[0].status()
}

/// Has five calls of the primary fail, which opens its breaker.
async fn trip(engine: &Engine, context: &CallContext) {
    for _ in 0..5 {
        let decision = decide(engine, context).await;
        let status = report(engine, &decision, Told::ServerError, context).await;
        assert_eq!(status, v1::ReportStatus::Accepted);
    }
}

fn span(ms: i64) -> pbjson_types::Duration {
    pbjson_types::Duration {
        seconds: ms / 1_000,
        nanos: (ms % 1_000 * 1_000_000) as i32,
    }
}

/// The context of a caller of a team.
fn of_team(team: &str) -> CallContext {
    with(Caller {
        team: team.into(),
        application: format!("app of {team}").into(),
        ..Caller::default()
    })
}

fn with(caller: Caller) -> CallContext {
    CallContext {
        caller: Arc::new(caller),
        ..context_of("")
    }
}

async fn health(engine: &Engine) -> v1::ListHealthResponse {
    let operator = context_of("operator");
    let listed = service::list_health(engine, v1::ListHealthRequest {}, &operator).await;
    listed.expect("an answer")
}

async fn state(engine: &Engine, target: &str) -> v1::HealthState {
    let listed = health(engine).await;
    let mut targets = listed.targets.iter();
    let found = targets.find(|line| line.target == target);
    found.expect("such a breaker").state()
}
