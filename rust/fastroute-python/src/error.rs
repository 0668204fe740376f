//! The one door for errors: every error of the core becomes a Python exception here.
//!
//! The classes are defined in `fastroute/_exceptions.py`, where people read them, and imported at
//! the first error. Codes pass through unchanged. No message carries a prompt: the core's errors
//! never do, and the interpreter's own error for a lone surrogate, which does, is dropped.

use std::time::Duration;

use fastroute_core::BuildError;
use fastroute_core::config::{ConfigErrors, Issue};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

mod imported {
    // The macro documents its types with sentences of its own.
    pyo3::import_exception!(fastroute._exceptions, ConfigError);
    pyo3::import_exception!(fastroute._exceptions, InternalError);
    pyo3::import_exception!(fastroute._exceptions, RenderError);
    pyo3::import_exception!(fastroute._exceptions, RequestError);
    pyo3::import_exception!(fastroute._exceptions, ServerError);
    pyo3::import_exception!(fastroute._exceptions, ServiceError);
}

/// A request that the binding cannot hand to the core, or that a server refused.
pub fn request(code: &str, message: impl Into<String>) -> PyErr {
    imported::RequestError::new_err((message.into(), code.to_owned()))
}

/// A request that the core refused.
pub fn from_request(error: &fastroute_core::RequestError) -> PyErr {
    request(error.code(), error.to_string())
}

/// A template that failed while rendering.
pub fn from_render(error: &fastroute_core::RenderError) -> PyErr {
    render(error.code(), error.to_string())
}

/// A template that failed while rendering, here or at a server.
pub fn render(code: &str, message: String) -> PyErr {
    imported::RenderError::new_err((message, code.to_owned()))
}

/// A defect that a server met.
pub fn defect(code: &str, message: String) -> PyErr {
    imported::InternalError::new_err((message, code.to_owned()))
}

/// A server that cannot start, or cannot be used here.
pub fn server(code: &str, message: impl Into<String>) -> PyErr {
    imported::ServerError::new_err((message.into(), code.to_owned()))
}

/// A call to a server that failed for no fault of the request.
pub fn service(
    message: impl Into<String>,
    code: &str,
    retry_after: Option<Duration>,
    status: &'static str,
) -> PyErr {
    let wait = retry_after.map(|wait| wait.as_secs_f64());
    imported::ServiceError::new_err((message.into(), code.to_owned(), status, wait))
}

/// A defect of fastroute at `place`, a line of its source.
pub fn internal(place: &str) -> PyErr {
    let message =
        format!("fastroute failed at `{place}`; this is a defect of fastroute, please report it");
    imported::InternalError::new_err((message, "INTERNAL"))
}

/// A configuration that was refused.
pub fn from_config(py: Python<'_>, errors: &ConfigErrors) -> PyResult<PyErr> {
    from_issues(py, errors.to_string(), "INVALID_CONFIG", errors.issues())
}

/// A configuration that was refused with these defects.
pub fn from_issues(
    py: Python<'_>,
    message: String,
    code: &str,
    issues: &[Issue],
) -> PyResult<PyErr> {
    let issues = issues.iter().map(|found| issue(py, found));
    refused(py, message, code, issues.collect::<PyResult<Vec<_>>>()?)
}

/// A configuration that a running server refused.
pub fn config(code: &str, message: &str) -> PyErr {
    imported::ConfigError::new_err((message.to_owned(), code.to_owned()))
}

/// A configuration that was sound in each part and too large as a whole.
pub fn from_build(py: Python<'_>, error: &BuildError, file: &str) -> PyResult<PyErr> {
    let found = build_issue(py, error, file)?;
    refused(py, found.str()?.to_string(), "INVALID_CONFIG", vec![found])
}

/// What only building finds, as a `fastroute.ConfigIssue`; it has no place in the file.
pub fn build_issue<'py>(
    py: Python<'py>,
    error: &BuildError,
    file: &str,
) -> PyResult<Bound<'py, PyAny>> {
    issue_class(py)?.call1((error.code(), error.to_string(), file, 0, 0, ""))
}

fn refused(
    py: Python<'_>,
    message: String,
    code: &str,
    issues: Vec<Bound<'_, PyAny>>,
) -> PyResult<PyErr> {
    let issues = PyTuple::new(py, issues)?.unbind();
    Ok(imported::ConfigError::new_err((
        message,
        code.to_owned(),
        issues,
    )))
}

/// One issue as a `fastroute.ConfigIssue`.
pub fn issue<'py>(py: Python<'py>, issue: &Issue) -> PyResult<Bound<'py, PyAny>> {
    let Issue {
        code,
        severity,
        message,
        file,
        line,
        column,
        path,
    } = issue;
    issue_class(py)?.call1((
        code.as_str(),
        message,
        file,
        line,
        column,
        path,
        severity.as_str(),
    ))
}

fn issue_class(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("fastroute._exceptions")?.getattr("ConfigIssue")
}
