//! Many texts out in calls of bounded size, rows in: the layout of `Router.route_batch`.
//!
//! A row holds places in tuples of names. A router knows its names from the start; a client learns
//! them from the answers, and keeps them in the order that it met them, so that a place means the same
//! name for as long as the client lives, whatever revision answers.

use std::collections::HashMap;
use std::sync::Mutex;

use fastroute_core::Reason;
use fastroute_proto::v1;
use prost::Message;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use super::call::read_names;
use super::decision::{decision_in, outcome};
use super::{decode, encode, micros, status, unreadable};
use crate::batch::{Figures, ROW, place_of, read_texts};
use crate::request::{Arguments, Count, Figure, Options};

/// Most requests in one call: the contract's limit.
const CALL_TEXTS: usize = 1_024;

/// Bytes of requests after which a call ends, well within a server's default limit of 4 MiB.
const CALL_BYTES: usize = 1 << 20;

/// Names that answers have had, each with its place.
#[pyclass(frozen, name = "_Names", module = "fastroute._fastroute")]
#[derive(Default)]
pub struct Names {
    routes: Mutex<Column>,
    models: Mutex<Column>,
    prompts: Mutex<Column>,
}

#[derive(Default)]
struct Column {
    names: Vec<String>,
    places: HashMap<String, i16>,
}

impl Column {
    fn place(&mut self, name: Option<&str>) -> PyResult<i16> {
        let Some(name) = name else { return Ok(-1) };
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        let place = i16::try_from(self.names.len())
            .map_err(|_| unreadable("it names more than `32768` routes, models or prompts"))?;
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        Ok(place)
    }
}

/// Takes a lock; what a panic left behind it is still a list of names.
fn lock(column: &Mutex<Column>) -> std::sync::MutexGuard<'_, Column> {
    column
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[pymethods]
impl Names {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    #[getter]
    fn routes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &lock(&self.routes).names)
    }

    #[getter]
    fn models<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &lock(&self.models).names)
    }

    #[getter]
    fn prompts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &lock(&self.prompts).names)
    }

    /// Reads the answer to a call of `count` texts, of which the first is `first` of all, into rows.
    fn read<'py>(
        &self,
        py: Python<'py>,
        reply: &[u8],
        first: usize,
        count: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let results = decode::<v1::RouteBatchResponse>(reply)?.results;
        if results.len() != count {
            return Err(unreadable("it has not one result for each text"));
        }
        let mut rows = vec![0; results.len() * ROW];
        for (index, (result, to)) in results
            .into_iter()
            .zip(rows.chunks_exact_mut(ROW))
            .enumerate()
        {
            match result.result {
                Some(v1::route_result::Result::Response(response)) => {
                    self.figures(decision_in(response)?)?.write(to);
                }
                Some(v1::route_result::Result::Error(refused)) => {
                    let text = first + index;
                    return Err(status::from_error(refused, &format!("texts[{text}]: ")));
                }
                None => return Err(unreadable("a result is neither answer nor error")),
            }
        }
        Ok(PyBytes::new(py, &rows))
    }
}

impl Names {
    fn figures(&self, decision: v1::Decision) -> PyResult<Figures> {
        let reason = decision.reason.unwrap_or_default();
        let estimates = decision.estimates;
        let outcome = outcome(v1::Outcome::try_from(decision.outcome).unwrap_or_default());
        Ok(Figures {
            outcome: place_of(outcome),
            reason: Reason::CODES
                .iter()
                .position(|code| **code == *reason.code)
                .map_or(u8::MAX, |place| place as u8),
            route: lock(&self.routes).place(decision.route.as_deref())?,
            model: lock(&self.models).place(decision.model.as_deref())?,
            prompt: lock(&self.prompts).place(decision.prompt.as_deref())?,
            route_confidence: decision.route_confidence,
            difficulty: decision.difficulty,
            estimates: estimates.map(|estimates| {
                (
                    estimates.input_tokens,
                    micros(estimates.latency.as_ref()),
                    estimates.cost_nano_usd,
                )
            }),
        })
    }
}

/// Writes the calls that decide for many texts: how many texts each has, and its bytes.
#[pyfunction]
#[pyo3(name = "_encode_batch", signature = (texts, *, task=None, metadata=None, capabilities=None, tools_tokens=None, min_quality=None,
    max_cost=None, max_latency_ms=None, expected_output_tokens=None, unavailable=None))]
#[expect(
    clippy::too_many_arguments,
    reason = "they are the keywords of the Python method"
)]
pub fn encode_batch<'py>(
    texts: &Bound<'py, PyAny>,
    task: Option<Bound<'py, PyAny>>,
    metadata: Option<Bound<'py, PyAny>>,
    capabilities: Option<Bound<'py, PyAny>>,
    tools_tokens: Option<Count>,
    min_quality: Option<Figure>,
    max_cost: Option<Figure>,
    max_latency_ms: Option<Figure>,
    expected_output_tokens: Option<Count>,
    unavailable: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let py = texts.py();
    let options = Options::read(Arguments {
        task,
        metadata,
        capabilities,
        tools_tokens,
        min_quality,
        max_cost,
        max_latency_ms,
        expected_output_tokens,
        session: None,
    })?;
    let base = v1::RouteRequest {
        unavailable_models: read_names(unavailable.as_ref())?,
        ..options.lend(encode::request)
    };
    let calls = PyList::empty(py);
    let mut requests: Vec<v1::RouteRequest> = Vec::new();
    let mut bytes = 0;
    let send = |requests: &mut Vec<v1::RouteRequest>| {
        let call = v1::RouteBatchRequest {
            requests: std::mem::take(requests),
        };
        calls.append((call.requests.len(), PyBytes::new(py, &call.encode_to_vec())))
    };
    for text in read_texts(texts)? {
        let request = v1::RouteRequest {
            text: Some(text.to_owned()),
            ..base.clone()
        };
        let size = request.encoded_len();
        if !requests.is_empty() && (requests.len() == CALL_TEXTS || bytes + size > CALL_BYTES) {
            send(&mut requests)?;
            bytes = 0;
        }
        bytes += size;
        requests.push(request);
    }
    if !requests.is_empty() {
        send(&mut requests)?;
    }
    Ok(calls)
}
