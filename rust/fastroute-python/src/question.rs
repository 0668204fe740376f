//! What a meta-LLM is asked: the class `Question`, and the clock that times its answer.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fastroute_core::{Now, Question as CoreQuestion};
use fastroute_proto::v1;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::request::{Text, read_text};

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

    /// Takes a question that a server asks.
    pub fn read(py: Python<'_>, question: v1::Question) -> PyResult<Self> {
        let timeout = question.timeout.unwrap_or_default();
        Ok(Self {
            model: question.model,
            labels: PyTuple::new(py, question.labels)?.unbind(),
            system: question.system,
            user: question.user,
            timeout_ms: timeout.seconds as f64 * 1e3 + f64::from(timeout.nanos) / 1e6,
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

/// Reads what `on_ask` returned: a label, or None when it declines.
pub fn read_label(answer: &Bound<'_, PyAny>) -> PyResult<Option<Text>> {
    if answer.is_none() {
        return Ok(None);
    }
    if !answer.is_instance_of::<PyString>() {
        let kind = answer.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "`on_ask` must return str or None, not {kind}"
        )));
    }
    // What is not Unicode is no label either; the decision says so.
    read_text(answer, "answer")
        .or_else(|_| read_text(intern!(answer.py(), ""), "answer"))
        .map(Some)
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

/// Returns microseconds on the clock that runs and breakers go by; it never goes back.
#[pyfunction]
pub fn now_us() -> u64 {
    now().monotonic_us
}
