//! The class `_Call`: one request, as often as it is sent.
//!
//! A question to the meta-LLM comes back as an answer of its own, and the same request goes out again
//! with what was said to it, under the revision that asked. `explain` and `messages` of a decision
//! send it once more, under the revision that decided.

use std::sync::Arc;

use fastroute_core::NONE_OF_THESE;
use fastroute_proto::v1;
use prost::Message;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::{decode, duration, encode, unreadable};
use crate::question::{Question, read_label};
use crate::request::{
    Arguments, Conversation, Count, Figure, Given, Options, read_seed, read_text,
};

/// A wait that is longer than any timeout that a configuration may state.
const LATE_US: u64 = 400 * 86_400 * 1_000_000;

/// One request, ready to be sent.
#[pyclass(frozen, name = "_Call", module = "fastroute._fastroute")]
pub struct Call {
    given: Arc<Given>,
    unavailable: Vec<String>,
    /// The name of a session that the server keeps.
    session_id: Option<String>,
    seed: u64,
    answer: Option<v1::Answer>,
    revision: String,
}

#[pymethods]
impl Call {
    #[new]
    #[pyo3(signature = (text=None, *, messages=None, task=None, metadata=None, capabilities=None, tools_tokens=None,
        min_quality=None, max_cost=None, max_latency_ms=None, expected_output_tokens=None, unavailable=None, session=None,
        session_id=None, seed=0))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn new(
        text: Option<Bound<'_, PyAny>>,
        messages: Option<Bound<'_, PyAny>>,
        task: Option<Bound<'_, PyAny>>,
        metadata: Option<Bound<'_, PyAny>>,
        capabilities: Option<Bound<'_, PyAny>>,
        tools_tokens: Option<Count>,
        min_quality: Option<Figure>,
        max_cost: Option<Figure>,
        max_latency_ms: Option<Figure>,
        expected_output_tokens: Option<Count>,
        unavailable: Option<Bound<'_, PyAny>>,
        session: Option<Bound<'_, PyAny>>,
        session_id: Option<String>,
        #[pyo3(from_py_with = read_seed)] seed: u64,
    ) -> PyResult<Self> {
        let options = Options::read(Arguments {
            task,
            metadata,
            capabilities,
            tools_tokens,
            min_quality,
            max_cost,
            max_latency_ms,
            expected_output_tokens,
            session,
        })?;
        let given = Given::read(text.as_ref(), messages.as_ref(), options)?;
        Ok(Self {
            given: Arc::new(given),
            unavailable: read_names(unavailable.as_ref())?,
            session_id,
            seed,
            answer: None,
            revision: String::new(),
        })
    }

    /// Writes the request; with `return_question`, a question comes back instead of being declined.
    #[pyo3(signature = (*, return_question=false))]
    fn encode<'py>(&self, py: Python<'py>, return_question: bool) -> Bound<'py, PyBytes> {
        let request = v1::RouteRequest {
            return_question,
            ..self.request()
        };
        PyBytes::new(py, &request.encode_to_vec())
    }

    /// Reads the question out of an answer, and the revision that asks; None when it is a decision.
    #[staticmethod]
    fn question(py: Python<'_>, reply: &[u8]) -> PyResult<Option<(Question, String)>> {
        match decode::<v1::RouteResponse>(reply)?.result {
            Some(v1::route_response::Result::Question(question)) => {
                let revision = question.revision.clone();
                Ok(Some((Question::read(py, question)?, revision)))
            }
            Some(v1::route_response::Result::Decision(_)) => Ok(None),
            None => Err(unreadable("it is neither decision nor question")),
        }
    }

    /// The same request with what was said to its question, after `waited` seconds; models may have
    /// failed or recovered meanwhile.
    #[pyo3(signature = (label, waited, revision, unavailable=None))]
    fn answered(
        &self,
        label: &Bound<'_, PyAny>,
        waited: f64,
        revision: String,
        unavailable: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let unavailable = match unavailable {
            Some(names) if names.is_callable() => read_names(Some(names))?,
            _ => self.unavailable.clone(),
        };
        Ok(Self {
            given: Arc::clone(&self.given),
            unavailable,
            session_id: self.session_id.clone(),
            seed: self.seed,
            answer: Some(v1::Answer {
                label: read_label(label)?.map(|label| label.to_owned()),
                waited: Some(duration((waited.max(0.0) * 1e6) as u64)),
            }),
            revision,
        })
    }
}

impl Call {
    /// The request, as it stands.
    fn request(&self) -> v1::RouteRequest {
        let mut request = self.given.lend(encode::request);
        if let Some(id) = &self.session_id {
            request.session.get_or_insert_default().id = id.clone();
        }
        v1::RouteRequest {
            unavailable_models: self.unavailable.clone(),
            seed: self.seed,
            answer: self.answer.clone(),
            view: v1::DecisionView::Full.into(),
            revision: self.revision.clone(),
            ..request
        }
    }

    /// The request that gives the decision again, under the revision that decided.
    ///
    /// If the server asked the meta-LLM, the answer is told from the decision: asking again could
    /// give another one.
    pub fn again(&self, decision: &v1::Decision) -> v1::RouteRequest {
        let code = decision
            .reason
            .as_ref()
            .map_or("", |reason| reason.code.as_str());
        let label = |label: &str| v1::Answer {
            label: Some(label.to_owned()),
            waited: None,
        };
        let told = || match code {
            "META_LLM" => decision.route.as_deref().map(label),
            "DEFAULT_META_LLM_DECLINED" => Some(v1::Answer::default()),
            "DEFAULT_META_LLM_LATE" => Some(v1::Answer {
                label: None,
                waited: Some(duration(LATE_US)),
            }),
            "DEFAULT_META_LLM_NONE" => Some(label(NONE_OF_THESE)),
            "DEFAULT_META_LLM_UNKNOWN" => Some(label("")),
            _ => None,
        };
        v1::RouteRequest {
            answer: self.answer.clone().or_else(told),
            revision: decision.revision.clone(),
            ..self.request()
        }
    }

    /// The conversation of the request; none when it is one text.
    pub fn conversation(&self) -> Option<&Conversation> {
        self.given.conversation()
    }
}

/// Reads names of models that cannot serve now; what may be called is called for them.
pub fn read_names(names: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let Some(given) = names else {
        return Ok(Vec::new());
    };
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
    names
        .try_iter()?
        .map(|name| read_text(&name?, "unavailable").map(|name| name.to_owned()))
        .collect()
}
