//! Arguments in: what Python gave, held by reference, and lent to the core as a `Request`.
//!
//! A [`Given`] keeps the Python strings themselves and lends their UTF-8 in place: of ASCII text
//! nothing is copied, of other text the interpreter makes its UTF-8 once and keeps it. A decision
//! holds its `Given`, so that `explain()` and `messages()` read the request again without the
//! caller. Dictionaries and lists are read once, here: changing them later changes nothing.
//!
//! What is refused here is what the core's types cannot express: text that is not Unicode, numbers
//! that do not fit, message dictionaries of an unknown form. Everything else the core judges.

mod messages;
mod values;

use fastroute_core::{Capabilities, Input, Limits, Part, Request, Requirements, Value, View};
use fastroute_core::config::{Capability, Duration};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyString};

use crate::error;
use messages::{Turn, read_messages};
pub use messages::write_messages;
pub use values::{Count, Figure, read_seed};

/// A request as Python gave it.
pub struct Given {
    content: Content,
    options: Options,
}

enum Content {
    Messages(Vec<Turn>),
    Text(PyBackedStr),
}

/// Everything of a request but its text.
#[derive(Default)]
pub struct Options {
    task: Option<PyBackedStr>,
    metadata: Vec<(PyBackedStr, Scalar)>,
    requirements: Requirements,
    limits: Limits,
}

enum Scalar {
    Bool(bool),
    Number(f64),
    Text(PyBackedStr),
}

/// The optional arguments that `route` and `route_batch` share, as pyo3 hands them over.
#[derive(Default)]
pub struct Arguments<'py> {
    pub task: Option<Bound<'py, PyAny>>,
    pub metadata: Option<Bound<'py, PyAny>>,
    pub capabilities: Option<Bound<'py, PyAny>>,
    pub tools_tokens: Option<Count>,
    pub min_quality: Option<Figure>,
    pub max_cost: Option<Figure>,
    pub max_latency_ms: Option<Figure>,
    pub expected_output_tokens: Option<Count>,
}

impl Given {
    /// Reads exactly one of `text` and `messages`.
    pub fn read(
        text: Option<&Bound<'_, PyAny>>,
        messages: Option<&Bound<'_, PyAny>>,
        options: Options,
    ) -> PyResult<Self> {
        let content = match (text, messages) {
            (Some(text), None) => Content::Text(read_text(text, "text")?),
            (None, Some(messages)) => Content::Messages(read_messages(messages)?),
            (None, None) | (Some(_), Some(_)) => {
                return Err(PyTypeError::new_err("exactly one of `text` and `messages` is needed"));
            }
        };
        Ok(Self { content, options })
    }

    /// Lends the request to `call`.
    pub fn lend<T>(&self, call: impl FnOnce(&Request<'_>) -> T) -> T {
        match &self.content {
            Content::Text(text) => self.options.lend(|request| call(&Request { input: Input::Text(text), ..*request })),
            Content::Messages(turns) => {
                let parts: Vec<Vec<Part<'_>>> = turns.iter().map(Turn::parts).collect();
                let messages: Vec<_> = turns.iter().zip(&parts).map(|(turn, parts)| turn.message(parts)).collect();
                self.options.lend(|request| call(&Request { input: Input::Messages(&messages), ..*request }))
            }
        }
    }

    /// The messages of the request; none when it is one text.
    pub fn turns(&self) -> &[Turn] {
        match &self.content {
            Content::Messages(turns) => turns,
            Content::Text(_) => &[],
        }
    }
}

impl Options {
    /// Reads the shared arguments.
    pub fn read(arguments: Arguments<'_>) -> PyResult<Self> {
        let Arguments { task, metadata, capabilities, tools_tokens, .. } = &arguments;
        let (min_quality, max_cost) = (arguments.min_quality, arguments.max_cost);
        Ok(Self {
            task: task.as_ref().map(|task| read_text(task, "task")).transpose()?,
            metadata: metadata.as_ref().map(read_metadata).transpose()?.unwrap_or_default(),
            requirements: Requirements {
                capabilities: capabilities.as_ref().map(read_capabilities).transpose()?.unwrap_or_default(),
                tools_tokens: tools_tokens.map_or(0, |count| count.0),
            },
            limits: Limits {
                min_quality: min_quality.map(|quality| quality.0 as f32),
                max_cost: max_cost.map(|cost| cost.0),
                max_latency: arguments.max_latency_ms.map(read_latency).transpose()?,
                expected_output_tokens: arguments.expected_output_tokens.map(|count| count.0),
            },
        })
    }

    /// Lends a request of an empty text to `call`, which puts the real one in.
    pub fn lend<T>(&self, call: impl FnOnce(&Request<'_>) -> T) -> T {
        let metadata: Vec<_> = self.metadata.iter().map(|(key, value)| (&**key, value.lend())).collect();
        call(&Request {
            task: self.task.as_deref(),
            metadata: &metadata,
            requirements: self.requirements,
            limits: self.limits,
            ..Request::text("")
        })
    }
}

impl Scalar {
    fn lend(&self) -> Value<'_> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(value) => Value::Text(value),
        }
    }
}

/// Reads a `str`, or `bytes` that are UTF-8.
///
/// The interpreter's errors are dropped, because they carry the text.
pub fn read_text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<PyBackedStr> {
    if let Ok(text) = value.cast::<PyString>() {
        return PyBackedStr::try_from(text.clone()).map_err(|_| not_unicode(value.py(), name));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return match std::str::from_utf8(bytes.as_bytes()) {
            Ok(text) => PyBackedStr::try_from(PyString::new(value.py(), text)),
            Err(error) => Err(not_utf8(value.py(), format!("`{name}` is not UTF-8 at byte `{}`", error.valid_up_to()))),
        };
    }
    Err(neither(value, name))
}

/// Copies a `str` or `bytes`, which need not be UTF-8.
pub fn read_bytes(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<u8>> {
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_str().map(|text| text.as_bytes().to_vec()).map_err(|_| not_unicode(value.py(), name));
    }
    let bytes = value.cast::<PyBytes>().map_err(|_| neither(value, name))?;
    Ok(bytes.as_bytes().to_vec())
}

fn neither(value: &Bound<'_, PyAny>, name: &str) -> PyErr {
    PyTypeError::new_err(format!("`{name}` must be str or bytes, not {}", type_name(value)))
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

fn not_unicode(py: Python<'_>, name: &str) -> PyErr {
    not_utf8(py, format!("`{name}` has a lone surrogate, so it is not Unicode text"))
}

fn not_utf8(py: Python<'_>, message: String) -> PyErr {
    let error = error::request("NOT_UTF8", message);
    error.set_cause(py, None);
    error
}

/// Reads metadata; a value of None is an absent key.
fn read_metadata(metadata: &Bound<'_, PyAny>) -> PyResult<Vec<(PyBackedStr, Scalar)>> {
    // A count over the limit is refused by the core; reading all of that first would be the cost.
    const ENOUGH: usize = fastroute_core::MAX_METADATA + 1;
    if let Ok(metadata) = metadata.cast::<PyDict>() {
        return read_pairs(metadata.len(), metadata.iter().take(ENOUGH));
    }
    let metadata = metadata.cast::<PyMapping>().map_err(|_| PyTypeError::new_err("`metadata` must be a mapping"))?;
    let items = metadata.items()?.iter().take(ENOUGH).map(|item| item.extract()).collect::<PyResult<Vec<_>>>()?;
    read_pairs(items.len(), items.into_iter())
}

fn read_pairs<'py>(
    count: usize,
    pairs: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
) -> PyResult<Vec<(PyBackedStr, Scalar)>> {
    let mut values = Vec::with_capacity(count.min(fastroute_core::MAX_METADATA + 1));
    for (key, value) in pairs {
        let key = read_text(&key, "metadata key")?;
        if !value.is_none() {
            let value = Scalar::read(&value, &key)?;
            values.push((key, value));
        }
    }
    Ok(values)
}

impl Scalar {
    fn read(value: &Bound<'_, PyAny>, key: &str) -> PyResult<Self> {
        if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
            return Ok(Self::Text(read_text(value, "metadata value")?));
        }
        if let Ok(value) = value.extract::<bool>() {
            return Ok(Self::Bool(value));
        }
        value.extract::<f64>().map(Self::Number).map_err(|_| {
            let (key, kind) = (key.escape_debug(), type_name(value));
            error::request("INVALID_METADATA", format!("metadata `{key}` is `{kind}`, but must be a bool, a finite number or a text"))
        })
    }
}

fn read_capabilities(names: &Bound<'_, PyAny>) -> PyResult<Capabilities> {
    if names.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("`capabilities` must be a list of names, not one str"));
    }
    names.try_iter()?.map(|name| capability(&read_text(&name?, "capability")?)).collect()
}

fn capability(name: &str) -> PyResult<Capability> {
    match name {
        "json_schema" => Ok(Capability::JsonSchema),
        "reasoning" => Ok(Capability::Reasoning),
        "tools" => Ok(Capability::Tools),
        "vision" => Ok(Capability::Vision),
        _ => {
            let name = name.escape_debug();
            let message = format!("capability `{name}` is none of `json_schema`, `reasoning`, `tools` and `vision`");
            Err(error::request("UNKNOWN_CAPABILITY", message))
        }
    }
}

fn read_latency(ms: Figure) -> PyResult<Duration> {
    Duration::parse(&format!("{}ms", ms.0)).map_err(|_| {
        error::request("INVALID_LIMIT", format!("limit `max_latency_ms` is `{}`, but must be 0 or more and at most 365 days", ms.0))
    })
}

/// Reads names of models that cannot serve now.
pub fn read_view(names: Option<&Bound<'_, PyAny>>, catalogue: &fastroute_core::Catalogue) -> PyResult<View> {
    let mut view = View::healthy();
    let Some(names) = names else { return Ok(view) };
    if names.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("`unavailable` must be a list of names, not one str"));
    }
    for name in names.try_iter()? {
        let name = read_text(&name?, "unavailable")?;
        let model = catalogue.model_named(&name).ok_or_else(|| {
            error::request("UNKNOWN_MODEL", format!("`{}` in `unavailable` is no model of this configuration", name.escape_debug()))
        })?;
        view.mark_unavailable(model);
    }
    Ok(view)
}
