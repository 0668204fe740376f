//! Takes reports on attempts, each on its own, and tells the live state what happened.
//!
//! A report moves health, latency and budgets of the model as it serves now. One on a model or a deployment that serves no more is accepted, counted
//! and moves nothing; so is one that comes after the breaker has changed its mind, which the live state finds by the number in the token.
//! Reports of callers that are not trusted move their own decisions alone.
//!
//! Attempts that count are counted by model, under names of the active configuration alone, so that
//! a caller cannot make series of metrics.

use fastroute_core::{
    AttemptOutcome, Catalogue, Ended, Feedback, Fleet, Kept, LimitScope, Live, ModelId, Now,
    RetryAfter, Usage,
};
use fastroute_proto::v1;

use super::decide::in_time;
use crate::codec::MAX_REPORTS;
use crate::context::{CallContext, Caller};
use crate::convert;
use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::report::{Report, Reported, Reports, Verdict};
use crate::revisions::{Active, Revisions};

/// Bytes of the longest kind of feedback, and of the longest hash of an answer.
const MAX_BYTES: usize = 64;

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
    let now = engine.clock.now();
    let caller = &*context.caller;
    let own = engine.own.of(caller, &active, now);
    let told = Told {
        fleet: own.as_ref().unwrap_or(&active.fleet),
        live: engine.revisions.live(),
        before: Some((&engine.revisions, &active)),
        metrics: Some(&engine.metrics),
    };
    let answer = take(&engine.reports, &told, &request, caller, now);
    engine.tell_changes(active.fleet.epoch());
    answer
}

/// Who is told of attempts.
pub(super) struct Told<'a> {
    pub fleet: &'a Fleet,
    pub live: &'a Live,
    /// Where the revision of a decision may be found that was made before the last swap.
    pub before: Option<(&'a Revisions, &'a Active)>,
    pub metrics: Option<&'a Metrics>,
}

/// Takes reports.
pub(super) fn take(
    reports: &Reports,
    told: &Told<'_>,
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
        let (verdict, reported) =
            reports.take(read.as_ref().map(|(report, _)| report), caller, now);
        match (verdict, read, reported) {
            (Verdict::Accepted, Some((report, ended)), Some(reported)) => {
                told.tell(&report, &reported, &ended, caller, now);
            }
            (Verdict::Duplicate, ..) => told.live.count_duplicate(),
            (Verdict::Refused("INVALID_TOKEN") | Verdict::Expired, ..) => told.live.count_unknown(),
            _ => {}
        }
        result(verdict)
    });
    Ok(v1::ReportOutcomesResponse {
        results: results.collect(),
    })
}

impl Told<'_> {
    fn tell(
        &self,
        report: &Report<'_>,
        reported: &Reported,
        ended: &Ended,
        caller: &Caller,
        now: Now,
    ) {
        let catalogue = self.fleet.catalogue();
        let model = catalogue.model_named(report.model);
        if let Some(metrics) = self.metrics.filter(|_| !report.is_feedback) {
            let name = model.map_or("other", |_| report.model);
            metrics.attempt(name, ended.outcome.as_str());
        }
        let found = model.and_then(|model| {
            let deployment = self.deployment(catalogue, model, report.model, reported)?;
            Some((model, deployment))
        });
        let Some((model, deployment)) = found else {
            self.live.count_unknown();
            return;
        };
        let as_core = caller.as_core();
        if reported.is_claimed {
            let kept = Kept {
                owner: reported.id.as_u128(),
                attempt: 0,
                epoch: reported.epoch,
            };
            self.fleet
                .report_kept(kept, &as_core, model, deployment, ended, now);
        } else {
            let epoch = reported.epoch;
            self.fleet
                .report_unclaimed(&as_core, model, deployment, epoch, ended, now);
        }
    }

    /// The place that the deployment of a decision has now; none when it is gone, or when what decided is not known any more.
    fn deployment(
        &self,
        catalogue: &Catalogue,
        model: ModelId,
        name: &str,
        reported: &Reported,
    ) -> Option<u8> {
        if catalogue
            .revision()
            .as_bytes()
            .starts_with(&reported.revision)
        {
            return Some(reported.deployment);
        }
        let (revisions, _) = self.before?;
        let before = revisions.before(&reported.revision)?;
        let before = before.snapshot.catalogue();
        let was = before.deployment(before.model_named(name)?, reported.deployment);
        let was = before.targets().get(usize::from(was.target.0))?;
        let count = u8::try_from(catalogue.deployment_count(model)).unwrap_or(u8::MAX);
        (0..count).find(|place| {
            let target = catalogue.deployment(model, *place).target;
            catalogue.targets().get(usize::from(target.0)) == Some(was)
        })
    }
}

/// Reads a report, and what happened; none when it is malformed.
fn read(report: &v1::OutcomeReport) -> Option<(Report<'_>, Ended)> {
    let outcome = outcome(report.outcome)?;
    let span = |span: &Option<pbjson_types::Duration>| match span {
        Some(span) => convert::micros(span).map(Some),
        None => Some(None),
    };
    let latency_us = span(&report.latency)?;
    let feedback = match &report.feedback {
        None => None,
        Some(feedback) => Some(read_feedback(feedback)?),
    };
    let is_feedback = outcome.is_none();
    if (is_feedback && feedback.is_none()) || report.output_hash.len() > MAX_BYTES {
        return None;
    }
    let usage = match (report.input_tokens, report.output_tokens) {
        (Some(input_tokens), Some(output_tokens)) => Some(Usage {
            input_tokens,
            cached_tokens: report.cached_tokens.unwrap_or(0).min(input_tokens),
            output_tokens,
        }),
        _ => None,
    };
    let ended = Ended {
        retry_after: span(&report.retry_after)?.map(RetryAfter::After),
        limit_scope: match v1::LimitScope::try_from(report.limit_scope).ok()? {
            v1::LimitScope::Unspecified | v1::LimitScope::Model => LimitScope::Model,
            v1::LimitScope::Credential => LimitScope::Credential,
            v1::LimitScope::Provider => LimitScope::Provider,
        },
        usage,
        first_token_us: span(&report.first_token)?,
        feedback,
        output: report
            .output_bytes
            .map(|bytes| (short_hash(&report.output_hash), bytes)),
        // What was thought of an answer says nothing of how the attempt ended.
        ..Ended::new(
            outcome.unwrap_or(AttemptOutcome::LocalError),
            latency_us.unwrap_or(0),
        )
    };
    let report = Report {
        token: &report.report_token,
        attempt: u8::try_from(report.attempt).ok()?,
        model: &report.model,
        is_feedback,
    };
    Some((report, ended))
}

/// What happened; none inside when it was not said, none at all for an unknown number.
fn outcome(number: i32) -> Option<Option<AttemptOutcome>> {
    use v1::AttemptOutcome as Said;
    Some(Some(match Said::try_from(number).ok()? {
        Said::Unspecified => return Some(None),
        Said::Success => AttemptOutcome::Success,
        Said::ServerError => AttemptOutcome::ServerError,
        Said::ConnectFailed => AttemptOutcome::ConnectFailed,
        Said::Timeout => AttemptOutcome::Timeout,
        Said::StreamBroken => AttemptOutcome::StreamBroken,
        Said::RateLimited => AttemptOutcome::RateLimited,
        Said::Unauthorized => AttemptOutcome::Unauthorized,
        Said::QuotaExhausted => AttemptOutcome::QuotaExhausted,
        Said::ModelNotFound => AttemptOutcome::ModelNotFound,
        Said::InvalidRequest => AttemptOutcome::InvalidRequest,
        Said::ContextTooLong => AttemptOutcome::ContextTooLong,
        Said::ContentRefused => AttemptOutcome::ContentRefused,
        Said::Cancelled => AttemptOutcome::Cancelled,
        Said::LocalError => AttemptOutcome::LocalError,
    }))
}

fn read_feedback(feedback: &v1::Feedback) -> Option<Feedback> {
    let is_kind = (1..=MAX_BYTES).contains(&feedback.kind.len());
    let is_score = (0.0..=1.0).contains(&feedback.score);
    (is_kind && is_score).then(|| Feedback {
        kind: feedback.kind.as_str().into(),
        score: feedback.score as f32,
    })
}

/// The first eight bytes of a hash.
fn short_hash(hash: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes
        .iter_mut()
        .zip(hash)
        .for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(bytes)
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
