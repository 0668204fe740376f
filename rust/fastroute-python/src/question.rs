//! What a meta-LLM is asked: the class `Question`, and the clock that times its answer.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fastroute_core::{Now, Question as CoreQuestion};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// A question that the host may put to a model, or decline.
///
/// `on_ask` receives it, and returns one of `labels`, or None to decline. Any other text is
/// treated as no answer, as is one that comes later than `timeout_ms`.
#[pyclass(frozen, get_all, module = "fastroute")]
pub struct Question {
    /// Name of the model to ask, one of `router.models`.
    model: String,
    /// The answers that count: names of routes.
    labels: Py<PyTuple>,
    /// The system message to send.
    system: String,
    /// The user message to send.
    user: String,
    /// Time after which the answer no longer counts, in milliseconds.
    timeout_ms: f64,
}

impl Question {
    /// Copies a question out of the core.
    pub fn new(py: Python<'_>, question: &CoreQuestion) -> PyResult<Self> {
        Ok(Self {
            model: question.model.clone(),
            labels: PyTuple::new(py, question.labels.iter())?.unbind(),
            system: question.system.to_string(),
            user: question.user.clone(),
            timeout_ms: question.timeout.as_millis_f64(),
        })
    }
}

#[pymethods]
impl Question {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        // Not the messages: they quote the prompt.
        let model = PyString::new(py, &self.model).repr()?;
        Ok(format!(
            "Question(model={model}, labels={}, timeout_ms={:?})",
            self.labels.bind(py),
            self.timeout_ms
        ))
    }
}

/// The time now; the first call starts the clock that never goes back.
pub fn now() -> Now {
    static START: OnceLock<Instant> = OnceLock::new();
    let micros =
        |elapsed: std::time::Duration| u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    Now {
        monotonic_us: micros(START.get_or_init(Instant::now).elapsed()),
        unix_us: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, micros),
    }
}
