//! The class `Explanation`: a text for people, or a dictionary for programs.

use fastroute_core::Explanation as CoreExplanation;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Every stage of a decision, its facts, what nearly won and what would change it.
///
/// `str()` of it is a page to read; `to_dict()` is the same for programs.
#[pyclass(frozen, module = "fastroute")]
pub struct Explanation {
    json: String,
    text: String,
    /// The decision's reason as a sentence.
    reason: String,
}

impl Explanation {
    /// Takes an explanation from the core. Both forms are written at once: it costs far less than the
    /// explaining did.
    pub fn new(inner: &CoreExplanation) -> Self {
        Self {
            // Serialising fails only for maps whose keys are no strings, and it has none.
            json: serde_json::to_string(inner).unwrap_or_default(),
            text: inner.to_string(),
            reason: inner.reason.to_string(),
        }
    }

    /// Takes one that a server wrote.
    pub const fn read(json: String, text: String, reason: String) -> Self {
        Self { json, text, reason }
    }
}

#[pymethods]
impl Explanation {
    /// Returns the explanation as a dictionary.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        from_json(py, &self.json)
    }

    /// Returns the explanation as JSON.
    fn to_json(&self) -> &str {
        &self.json
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "Explanation({})",
            PyString::new(py, &self.reason).repr()?
        ))
    }
}

/// Parses JSON into Python objects.
pub fn from_json<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}
