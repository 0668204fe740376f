//! Everything of a request but its text: task flag, metadata, requirements and limits.

use fastroute_core::config::{Capability, Duration};
use fastroute_core::{
    Capabilities, Catalogue, Limits, MAX_METADATA, Request, Requirements, SessionInput, Value, View,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyMapping, PyString};

use super::text::{Text, read_text, type_name};
use super::values::{Count, Figure};
use crate::error;
use crate::question::now;

/// Everything of a request but its text.
#[derive(Default)]
pub struct Options {
    task: Option<Text>,
    metadata: Vec<(Text, Scalar)>,
    requirements: Requirements,
    limits: Limits,
    /// The state of the session, and when the turn came, in microseconds since 1970.
    session: Option<(PyBackedBytes, u64)>,
}

enum Scalar {
    Bool(bool),
    Number(f64),
    Text(Text),
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
    pub session: Option<Bound<'py, PyAny>>,
}

impl Options {
    /// Reads the shared arguments.
    pub fn read(arguments: Arguments<'_>) -> PyResult<Self> {
        let Arguments {
            task,
            metadata,
            capabilities,
            tools_tokens,
            session,
            ..
        } = &arguments;
        let (min_quality, max_cost) = (arguments.min_quality, arguments.max_cost);
        Ok(Self {
            task: task
                .as_ref()
                .map(|task| read_text(task, "task"))
                .transpose()?,
            metadata: metadata
                .as_ref()
                .map(read_metadata)
                .transpose()?
                .unwrap_or_default(),
            requirements: Requirements {
                capabilities: capabilities
                    .as_ref()
                    .map(read_capabilities)
                    .transpose()?
                    .unwrap_or_default(),
                tools_tokens: tools_tokens.map_or(0, |count| count.0),
            },
            limits: Limits {
                min_quality: min_quality.map(|quality| quality.0 as f32),
                max_cost: max_cost.map(|cost| cost.0),
                max_latency: arguments.max_latency_ms.map(read_latency).transpose()?,
                expected_output_tokens: arguments.expected_output_tokens.map(|count| count.0),
            },
            session: session.as_ref().map(read_session).transpose()?,
        })
    }

    /// Lends a request of an empty text to `call`, which puts the real one in.
    pub fn lend<T>(&self, call: impl FnOnce(&Request<'_>) -> T) -> T {
        let metadata: Vec<_> = self
            .metadata
            .iter()
            .map(|(key, value)| (&**key, value.lend()))
            .collect();
        call(&Request {
            task: self.task.as_deref(),
            metadata: &metadata,
            requirements: self.requirements,
            limits: self.limits,
            session: self.session.as_ref().map(|(state, unix_us)| SessionInput {
                state,
                unix_us: *unix_us,
            }),
            ..Request::text("")
        })
    }
}

/// Reads the state of a session, and the time of this turn.
fn read_session(state: &Bound<'_, PyAny>) -> PyResult<(PyBackedBytes, u64)> {
    let state = state.cast::<PyBytes>().map_err(|_| {
        let kind = type_name(state);
        PyTypeError::new_err(format!(
            "`session` must be bytes, as the turn before gave them or empty, not {kind}"
        ))
    })?;
    Ok((state.clone().into(), now().unix_us))
}

/// Reads metadata; a value of None is an absent key.
fn read_metadata(metadata: &Bound<'_, PyAny>) -> PyResult<Vec<(Text, Scalar)>> {
    // A count over the limit is refused by the core; reading all of that first would be the cost.
    const ENOUGH: usize = MAX_METADATA + 1;
    // All pairs are taken before a value is read: reading one may run code that changes the mapping.
    let pairs: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)> = match metadata.cast::<PyDict>() {
        Ok(metadata) => metadata.iter().take(ENOUGH).collect(),
        Err(_) => {
            let metadata = metadata
                .cast::<PyMapping>()
                .map_err(|_| PyTypeError::new_err("`metadata` must be a mapping"))?;
            let items = metadata.items()?;
            items
                .iter()
                .take(ENOUGH)
                .map(|item| item.extract())
                .collect::<PyResult<_>>()?
        }
    };
    let mut values = Vec::with_capacity(pairs.len());
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
    fn lend(&self) -> Value<'_> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(value) => Value::Text(value),
        }
    }

    fn read(value: &Bound<'_, PyAny>, key: &str) -> PyResult<Self> {
        if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
            return Ok(Self::Text(read_text(value, "metadata value")?));
        }
        // numpy's truth values are no `bool`, and would pass as numbers.
        if !value.is_instance_of::<PyFloat>()
            && let Ok(value) = value.extract::<bool>()
        {
            return Ok(Self::Bool(value));
        }
        value.extract::<f64>().map(Self::Number).map_err(|_| {
            let (key, kind) = (key.escape_debug(), type_name(value));
            error::request(
                "INVALID_METADATA",
                format!(
                    "metadata `{key}` is `{kind}`, but must be a bool, a finite number or a text"
                ),
            )
        })
    }
}

fn read_capabilities(names: &Bound<'_, PyAny>) -> PyResult<Capabilities> {
    if names.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(
            "`capabilities` must be a list of names, not one str",
        ));
    }
    names
        .try_iter()?
        .map(|name| capability(&read_text(&name?, "capability")?))
        .collect()
}

fn capability(name: &str) -> PyResult<Capability> {
    match name {
        "audio" => Ok(Capability::Audio),
        "json_schema" => Ok(Capability::JsonSchema),
        "reasoning" => Ok(Capability::Reasoning),
        "tools" => Ok(Capability::Tools),
        "vision" => Ok(Capability::Vision),
        _ => {
            let name = name.escape_debug();
            let message = format!(
                "capability `{name}` is none of `audio`, `json_schema`, `reasoning`, `tools` and `vision`"
            );
            Err(error::request("UNKNOWN_CAPABILITY", message))
        }
    }
}

fn read_latency(ms: Figure) -> PyResult<Duration> {
    Duration::parse(&format!("{}ms", ms.0)).map_err(|_| {
        error::request(
            "INVALID_LIMIT",
            format!(
                "limit `max_latency_ms` is `{}`, but must be 0 or more and at most 365 days",
                ms.0
            ),
        )
    })
}

/// Marks models that cannot serve now, by name; what may be called is called for them.
pub fn read_unavailable(
    names: Option<&Bound<'_, PyAny>>,
    catalogue: &Catalogue,
    view: &mut View,
) -> PyResult<()> {
    let Some(given) = names else { return Ok(()) };
    let names = if given.is_callable() {
        &given.call0()?
    } else {
        given
    };
    if names.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(
            "`unavailable` must be a list of names, not one str",
        ));
    }
    for name in names.try_iter()? {
        let name = read_text(&name?, "unavailable")?;
        let model = catalogue.model_named(&name).ok_or_else(|| {
            error::request(
                "UNKNOWN_MODEL",
                format!(
                    "`{}` in `unavailable` is no model of this configuration",
                    name.escape_debug()
                ),
            )
        })?;
        view.mark_unavailable(model);
    }
    Ok(())
}
