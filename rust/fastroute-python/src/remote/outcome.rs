//! Reports on attempts out, and what became of them in.

use fastroute_proto::v1;
use prost::Message;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::{decode, duration, unreadable};
use crate::error;
use crate::request::{Figure, read_text};

/// Writes one report; `outcome` is a name such as `success` or `rate_limited`.
#[pyfunction]
#[pyo3(name = "_encode_report")]
#[expect(
    clippy::too_many_arguments,
    reason = "they are the fields of the report"
)]
pub fn encode_report<'py>(
    py: Python<'py>,
    token: &[u8],
    outcome: Option<&str>,
    model: &Bound<'py, PyAny>,
    attempt: u32,
    first_token_ms: Option<Figure>,
    latency_ms: Option<Figure>,
    input_tokens: Option<u64>,
    cached_tokens: Option<u64>,
    output_tokens: Option<u64>,
    retry_after_s: Option<Figure>,
    limit_scope: &str,
    feedback: Option<(String, f64)>,
    output: Option<(Vec<u8>, u64)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let outcome = match outcome {
        Some(name) => attempt_outcome(name)?,
        // What was thought of an answer may come alone.
        None => v1::AttemptOutcome::Unspecified,
    };
    let name = format!("LIMIT_SCOPE_{}", limit_scope.to_ascii_uppercase());
    let limit_scope = v1::LimitScope::from_str_name(&name).ok_or_else(|| {
        PyValueError::new_err("`limit_scope` is none of `credential`, `model` and `provider`")
    })?;
    let (output_hash, output_bytes) = output.unzip();
    let report = v1::OutcomeReport {
        report_token: token.to_vec(),
        attempt,
        model: read_text(model, "model")?.to_owned(),
        outcome: outcome.into(),
        first_token: first_token_ms.map(time).transpose()?,
        latency: latency_ms.map(time).transpose()?,
        input_tokens,
        output_tokens,
        cached_tokens,
        retry_after: retry_after_s
            .map(|seconds| time(Figure(seconds.0 * 1e3)))
            .transpose()?,
        limit_scope: limit_scope.into(),
        feedback: feedback.map(|(kind, score)| v1::Feedback { kind, score }),
        output_hash: output_hash.unwrap_or_default(),
        output_bytes,
    };
    let request = v1::ReportOutcomesRequest {
        reports: vec![report],
    };
    Ok(PyBytes::new(py, &request.encode_to_vec()))
}

fn attempt_outcome(name: &str) -> PyResult<v1::AttemptOutcome> {
    let name = format!("ATTEMPT_OUTCOME_{}", name.to_ascii_uppercase());
    v1::AttemptOutcome::from_str_name(&name)
        .filter(|outcome| *outcome != v1::AttemptOutcome::Unspecified)
        .ok_or_else(|| PyValueError::new_err("`outcome` is none of fastroute.ATTEMPT_OUTCOMES"))
}

/// Reads what became of the one report: `accepted`, `duplicate` or `expired`.
#[pyfunction]
#[pyo3(name = "_read_report")]
pub fn read_report(reply: &[u8]) -> PyResult<&'static str> {
    let results = decode::<v1::ReportOutcomesResponse>(reply)?.results;
    let [result] = &results[..] else {
        return Err(unreadable("it has not one result for one report"));
    };
    match result.status() {
        v1::ReportStatus::Accepted => Ok("accepted"),
        v1::ReportStatus::Duplicate => Ok("duplicate"),
        v1::ReportStatus::Expired => Ok("expired"),
        v1::ReportStatus::Refused => Err(error::request(
            &result.code,
            "the server refused the report",
        )),
        v1::ReportStatus::Unspecified => Err(unreadable("it does not say what became of it")),
    }
}

/// Every outcome that a report may have, in the order of the contract.
pub fn outcomes() -> Vec<String> {
    (1..)
        .map_while(|number| v1::AttemptOutcome::try_from(number).ok())
        .map(|outcome| {
            let name = outcome.as_str_name().trim_start_matches("ATTEMPT_OUTCOME_");
            name.to_ascii_lowercase()
        })
        .collect()
}

fn time(ms: Figure) -> PyResult<pbjson_types::Duration> {
    if (0.0..1e12).contains(&ms.0) {
        Ok(duration((ms.0 * 1e3).round() as u64))
    } else {
        Err(error::request(
            "INVALID_REPORT",
            format!("a time of `{}` ms is none that an attempt can take", ms.0),
        ))
    }
}
