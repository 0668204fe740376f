//! How answers are judged and classified: the core's functions, for a dispatcher in Python.

use fastroute_core::judge::{self, self_report, verifier};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::decision::Decision;
use crate::question::now;
use crate::request::{read_text, write_plain};
use crate::workspace;

/// Returns what an answer of a provider says of the attempt: the outcome, how long to wait in
/// microseconds or None, and what a rate limit holds for.
///
/// `headers` have names in lower case. `error_code` is `error.code` of the body, else `error.type`.
///
/// >>> fastroute._fastroute.classify(429, {"retry-after": "2"}, None)
/// ('rate_limited', 2000000, 'model')
#[pyfunction]
#[pyo3(signature = (status, headers, error_code=None))]
pub fn classify(
    status: u16,
    headers: &Bound<'_, PyDict>,
    error_code: Option<&str>,
) -> PyResult<(&'static str, Option<u64>, &'static str)> {
    let mut held = Vec::new();
    for (name, value) in headers {
        let (Ok(name), Ok(value)) = (name.extract::<String>(), value.extract::<String>()) else {
            continue; // No header that says anything has a text that is none.
        };
        held.push((name, value));
    }
    let find = |name: &str| {
        let found = held.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_bytes())
    };
    let told = workspace::guarded(|| fastroute_core::classify(status, &find, error_code))?;
    let wait = told.retry_after.map(|wait| wait.micros(now()));
    Ok((told.outcome.as_str(), wait, told.limit_scope.as_str()))
}

/// Returns the mean probability of an answer's tokens; None when there are none, or one is no number.
#[pyfunction]
pub fn judge_log_probabilities(log_probabilities: Vec<f32>) -> Option<f32> {
    judge::from_log_probabilities(&log_probabilities)
}

/// Returns the sentence that asks a model how far its own answer can be trusted.
#[pyfunction]
pub fn self_report_prompt() -> &'static str {
    self_report::PROMPT
}

/// Splits an answer into the text without the line of a self-report, and what the line says.
#[pyfunction]
pub fn read_self_report(answer: &Bound<'_, PyAny>) -> PyResult<(String, Option<f32>)> {
    let answer = read_text(answer, "answer")?;
    let (text, confidence) = self_report::read(&answer);
    Ok((text.to_owned(), confidence))
}

/// Returns a number that answers which come to the same share; None for an answer that says nothing.
#[pyfunction]
pub fn answer_key(answer: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    let answer = read_text(answer, "answer")?;
    workspace::guarded(|| judge::answer_key(&answer))
}

/// Returns whether an answer has the form that the decision's cascade asks for; None when it asks for
/// none, or for one that only a host can tell.
#[pyfunction]
pub fn in_form(
    decision: &Bound<'_, Decision>,
    answer: &Bound<'_, PyAny>,
) -> PyResult<Option<bool>> {
    let answer = read_text(answer, "answer")?;
    workspace::guarded(|| decision.get().core().is_in_form(&answer))
}

/// Returns the messages that ask the decision's verifier for its verdict.
#[pyfunction]
pub fn verifier_messages<'py>(
    decision: &Bound<'py, Decision>,
    request: &Bound<'py, PyAny>,
    answer: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let request = read_text(request, "request")?;
    let answer = read_text(answer, "answer")?;
    write_plain(decision.py(), &verifier::messages(&request, &answer))
}

/// Reads a verdict, 0 to 1; None when it is not a number alone.
#[pyfunction]
pub fn read_verdict(reply: &Bound<'_, PyAny>) -> PyResult<Option<f32>> {
    Ok(verifier::read(&read_text(reply, "reply")?))
}
