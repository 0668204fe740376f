//! What a meta-LLM is asked: the class `Question`, and the clock that times its answer.

use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fastroute_core::{Now, Question as CoreQuestion, label_schema};
use fastroute_proto::v1;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::explain::from_json;
use crate::request::{Text, read_text};

/// A question that the host may put to a model, or decline.
///
/// `on_ask` receives it, and returns one of `labels`, or None to decline. Any other text is
/// treated as no answer, as is one that comes later than `timeout_ms`.
#[pyclass(frozen, module = "fastroute")]
pub struct Question {
    /// Name of the model to ask, one of `router.models`.
    #[pyo3(get)]
    model: String,
    /// The answers that count: names of routes.
    #[pyo3(get)]
    labels: Py<PyTuple>,
    /// The system message to send.
    #[pyo3(get)]
    system: String,
    /// The user message to send.
    #[pyo3(get)]
    user: String,
    /// Time after which the answer no longer counts, in milliseconds.
    #[pyo3(get)]
    timeout_ms: f64,
    /// Most tokens to ask for in one answer.
    #[pyo3(get)]
    max_output_tokens: u32,
    listed: Arc<[String]>,
    pub votes: u32,
    pub ask_again: u32,
}

/// Most tokens of an answer to a question of a server that does not say it.
const MAX_OUTPUT_TOKENS: u32 = 64;

impl Question {
    /// Copies a question out of the core.
    pub fn new(py: Python<'_>, question: &CoreQuestion) -> PyResult<Self> {
        Ok(Self {
            model: question.model.clone(),
            labels: PyTuple::new(py, question.labels.iter())?.unbind(),
            system: question.system.to_string(),
            user: question.user.clone(),
            timeout_ms: question.timeout.as_millis_f64(),
            max_output_tokens: question.max_output_tokens,
            listed: Arc::clone(&question.labels),
            votes: question.votes,
            ask_again: question.ask_again,
        })
    }

    /// Takes a question that a server asks.
    pub fn read(py: Python<'_>, question: v1::Question) -> PyResult<Self> {
        let timeout = question.timeout.unwrap_or_default();
        Ok(Self {
            model: question.model,
            labels: PyTuple::new(py, &question.labels)?.unbind(),
            system: question.system,
            user: question.user,
            timeout_ms: timeout.seconds as f64 * 1e3 + f64::from(timeout.nanos) / 1e6,
            max_output_tokens: MAX_OUTPUT_TOKENS,
            listed: question.labels.into(),
            votes: 1,
            ask_again: 0,
        })
    }
}

#[pymethods]
impl Question {
    /// JSON Schema of an answer, for providers that take one: an object with one of the labels.
    #[getter]
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        from_json(py, &label_schema(&self.listed).to_string())
    }

    /// Returns the label that a model's answer says, or None when it says no label and nothing else.
    ///
    /// Read are the label alone and the object of `schema`, each bare or as one fenced block.
    #[pyo3(name = "read")]
    fn read_answer(&self, answer: &Bound<'_, PyAny>) -> PyResult<Option<&str>> {
        let answer = read_text(answer, "answer")?;
        Ok(fastroute_core::read_label(&self.listed, &answer))
    }

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

/// The time that a host gives as its own; the date is the clock's.
pub fn at(monotonic_us: u64) -> Now {
    Now {
        monotonic_us,
        ..now()
    }
}

/// Returns microseconds on the clock that runs and breakers go by; it never goes back.
#[pyfunction]
pub fn now_us() -> u64 {
    now().monotonic_us
}
