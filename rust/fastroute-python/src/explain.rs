//! The class `Explanation`: a text for people, or a dictionary for programs.

use fastroute_core::Explanation as CoreExplanation;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Every stage of a decision, its facts, what nearly won and what would change it.
///
/// `str()` of it is a page to read; `to_dict()` is the same for programs.
#[pyclass(frozen, module = "fastroute")]
pub struct Explanation {
    inner: CoreExplanation,
}

impl Explanation {
    /// Takes an explanation from the core.
    pub const fn new(inner: CoreExplanation) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl Explanation {
    /// Returns the explanation as a dictionary.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        from_json(py, &self.to_json())
    }

    /// Returns the explanation as JSON.
    fn to_json(&self) -> String {
        // Serialising fails only for maps whose keys are no strings, and it has none.
        serde_json::to_string(&self.inner).unwrap_or_default()
    }

    fn __str__(&self) -> String {
        self.inner.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "Explanation({})",
            PyString::new(py, &self.inner.reason).repr()?
        ))
    }
}

/// Parses JSON into Python objects.
pub fn from_json<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}
