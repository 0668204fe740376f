//! The one door for errors: every error of the core becomes a Python exception here.
//!
//! The classes are defined in `fastroute/_exceptions.py`, where people read them, and imported at
//! the first error. Codes pass through unchanged. No message carries a prompt: the core's errors
//! never do, and the interpreter's own error for a lone surrogate, which does, is dropped.

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
}

/// A request that the binding cannot hand to the core.
pub fn request(code: &'static str, message: impl Into<String>) -> PyErr {
    imported::RequestError::new_err((message.into(), code))
}

/// A request that the core refused.
pub fn from_request(error: &fastroute_core::RequestError) -> PyErr {
    request(error.code(), error.to_string())
}

/// A template that failed while rendering.
pub fn from_render(error: &fastroute_core::RenderError) -> PyErr {
    imported::RenderError::new_err((error.to_string(), error.code()))
}

/// A defect of fastroute at `place`, a line of its source.
pub fn internal(place: &str) -> PyErr {
    let message =
        format!("fastroute failed at `{place}`; this is a defect of fastroute, please report it");
    imported::InternalError::new_err((message, "INTERNAL"))
}

/// A configuration that was refused.
pub fn from_config(py: Python<'_>, errors: &ConfigErrors) -> PyResult<PyErr> {
    let issues = errors
        .issues()
        .iter()
        .map(|found| issue(py, found))
        .collect::<PyResult<Vec<_>>>()?;
    refused(py, errors.to_string(), issues)
}

/// A configuration that was sound in each part and too large as a whole.
pub fn from_build(py: Python<'_>, error: &BuildError, file: &str) -> PyResult<PyErr> {
    let found = build_issue(py, error, file)?;
    refused(py, found.str()?.to_string(), vec![found])
}

/// What only building finds, as a `fastroute.ConfigIssue`; it has no place in the file.
pub fn build_issue<'py>(
    py: Python<'py>,
    error: &BuildError,
    file: &str,
) -> PyResult<Bound<'py, PyAny>> {
    issue_class(py)?.call1((error.code(), error.to_string(), file, 0, 0, ""))
}

fn refused(py: Python<'_>, message: String, issues: Vec<Bound<'_, PyAny>>) -> PyResult<PyErr> {
    let issues = PyTuple::new(py, issues)?;
    Ok(imported::ConfigError::new_err((
        message,
        "INVALID_CONFIG",
        issues.unbind(),
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
