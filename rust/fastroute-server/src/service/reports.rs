//! Takes reports on attempts, each on its own.
//!
//! Attempts that count are counted by model, under names of the active configuration alone, so that
//! a caller cannot make series of metrics.

use fastroute_core::{Catalogue, Now};
use fastroute_proto::v1;

use super::decide::in_time;
use crate::codec::MAX_REPORTS;
use crate::context::{CallContext, Caller};
use crate::convert;
use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::report::{Report, Reports, Verdict};

/// Takes reports; the results are in their order.
///
/// # Errors
///
/// `TOO_MANY_REPORTS`, `DEADLINE_EXCEEDED`.
pub async fn report_outcomes(
    engine: &Engine,
    request: v1::ReportOutcomesRequest,
    context: &CallContext,
) -> Result<v1::ReportOutcomesResponse, Refusal> {
    in_time(context)?;
    let active = engine.revisions.active();
    take(
        &engine.reports,
        Some((&engine.metrics, active.snapshot.catalogue())),
        &request,
        &context.caller,
        engine.clock.now(),
    )
}

/// Takes reports, and counts their attempts where there are metrics.
pub(super) fn take(
    reports: &Reports,
    counted: Option<(&Metrics, &Catalogue)>,
    request: &v1::ReportOutcomesRequest,
    caller: &Caller,
    now: Now,
) -> Result<v1::ReportOutcomesResponse, Refusal> {
    let count = request.reports.len();
    if count > MAX_REPORTS {
        let message = format!("`{count}` reports are given, over the limit of {MAX_REPORTS}");
        return Err(Refusal::invalid("TOO_MANY_REPORTS", "reports", message));
    }
    let results = request.reports.iter().map(|report| {
        let read = read(report);
        let verdict = reports.take(read.as_ref().map(|(report, _)| report), caller, now);
        if let (Verdict::Accepted, Some((_, outcome)), Some((metrics, catalogue))) =
            (verdict, read, counted)
        {
            let is_known = catalogue.model_named(&report.model).is_some();
            metrics.attempt(if is_known { &report.model } else { "other" }, outcome);
        }
        result(verdict)
    });
    Ok(v1::ReportOutcomesResponse {
        results: results.collect(),
    })
}

/// Reads a report, with the name of what happened; none when it is malformed.
fn read(report: &v1::OutcomeReport) -> Option<(Report<'_>, &'static str)> {
    use v1::AttemptOutcome as Told;
    let outcome = match Told::try_from(report.outcome).ok()? {
        Told::Unspecified => return None,
        Told::Success => "success",
        Told::ServerError => "server_error",
        Told::ConnectFailed => "connect_failed",
        Told::Timeout => "timeout",
        Told::StreamBroken => "stream_broken",
        Told::RateLimited => "rate_limited",
        Told::Unauthorized => "unauthorized",
        Told::QuotaExhausted => "quota_exhausted",
        Told::ModelNotFound => "model_not_found",
        Told::InvalidRequest => "invalid_request",
        Told::ContextTooLong => "context_too_long",
        Told::ContentRefused => "content_refused",
        Told::Cancelled => "cancelled",
        Told::LocalError => "local_error",
    };
    for span in [&report.first_token, &report.latency].into_iter().flatten() {
        convert::micros(span)?;
    }
    let report = Report {
        token: &report.report_token,
        attempt: u8::try_from(report.attempt).ok()?,
        model: &report.model,
    };
    Some((report, outcome))
}

fn result(verdict: Verdict) -> v1::ReportResult {
    let (status, code) = match verdict {
        Verdict::Accepted => (v1::ReportStatus::Accepted, ""),
        Verdict::Duplicate => (v1::ReportStatus::Duplicate, ""),
        Verdict::Expired => (v1::ReportStatus::Expired, ""),
        Verdict::Refused(code) => (v1::ReportStatus::Refused, code),
    };
    v1::ReportResult {
        status: status.into(),
        code: code.to_owned(),
    }
}
