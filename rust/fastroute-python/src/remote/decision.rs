//! The class `_Decided`: the values of a decision that a server made, with the attributes of `Decision`.
//!
//! What needs the server again, `explain()` and `messages()`, is written in Python, where one subclass
//! calls and the other awaits; here are the bytes that they send and read. The canonical form is made
//! of the same figures by the same rounding, so its bytes are those of the in-process decision. The file
//! is as long as a decision has attributes.

use std::hash::{DefaultHasher, Hash, Hasher};

use fastroute_core::Rendered;
use fastroute_proto::v1;
use prost::Message;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use serde_json::{Value, json};

use super::call::Call;
use super::{decode, micros, unreadable};
use crate::decision::{Cascade, Deployment, Missing, Note, Reason, Retrieval, TooLong};
use crate::explain::{Explanation, from_json};
use crate::request::{read_text, write_plain};

/// What a server decided for one request.
///
/// Two decisions are equal when their canonical JSON (`to_json()`) is.
#[pyclass(frozen, subclass, name = "_Decided", module = "fastroute._fastroute")]
pub struct Decided {
    inner: v1::Decision,
    call: Py<Call>,
}

impl Decided {
    fn estimates(&self) -> Option<&v1::Estimates> {
        self.inner.estimates.as_ref()
    }

    fn reason_code(&self) -> &str {
        self.inner.reason.as_ref().map_or("", |reason| &reason.code)
    }

    fn canonical(&self) -> String {
        let decision = &self.inner;
        let estimates = self.estimates().map(|estimates| {
            json!({
                "cost_nano_usd": estimates.cost_nano_usd,
                "input_tokens": estimates.input_tokens,
                "latency_us": micros(estimates.latency.as_ref()),
                "output_tokens": estimates.output_tokens,
                "quality_ppm": ppm(estimates.quality),
            })
        });
        let deployment = decision.deployments.first().map(
            |deployment| json!({ "model": deployment.model, "provider": deployment.provider }),
        );
        let missing: Vec<Value> = decision
            .missing
            .iter()
            .map(|missing| json!({ "code": missing.code, "model": missing.model }))
            .collect();
        let retrieval = decision.retrieval.as_ref().map(|retrieval| {
            json!({ "collection": retrieval.collection, "max_tokens": retrieval.max_tokens, "top_k": retrieval.top_k })
        });
        let notes: Vec<&str> = decision.notes.iter().map(|note| &*note.code).collect();
        let mut value = json!({
            "agent": decision.agent,
            "deployment": deployment,
            "difficulty_ppm": ppm(f64::from(decision.difficulty)),
            "estimates": estimates,
            "fallbacks": decision.fallbacks,
            "message": decision.message,
            "missing": missing,
            "model": decision.model,
            "notes": notes,
            "outcome": outcome(decision.outcome()),
            "prompt": decision.prompt,
            "reason": self.reason_code(),
            "reasoning": decision.reasoning,
            "retrieval": retrieval,
            "revision": decision.revision,
            "route": decision.route,
            "route_confidence_ppm": decision.route_confidence.map(|confidence| ppm(f64::from(confidence))),
            "rule": decision.rule,
        });
        // What few decisions have is there only where it says something.
        if decision.cascade.is_some() {
            let steps = decision.model.iter().chain(self.escalated());
            value["cascade"] = steps.cloned().collect();
        }
        if let Some(said) = decision.too_long.as_ref().and_then(too_long) {
            value["too_long"] = said;
        }
        value.to_string()
    }

    /// The models that are called while no answer is accepted.
    fn escalated(&self) -> impl Iterator<Item = &String> {
        let count = usize::try_from(self.inner.escalations).unwrap_or(usize::MAX);
        self.inner.fallbacks.iter().take(count)
    }
}

fn too_long(too_long: &v1::TooLong) -> Option<Value> {
    use v1::too_long::Way;
    Some(match too_long.way.as_ref()? {
        Way::Larger(_) => json!({ "action": "larger" }),
        Way::Split(split) => json!({
            "action": "split",
            "max_parts": split.max_parts,
            "model": split.model,
            "overlap_tokens": split.overlap_tokens,
            "part_tokens": split.part_tokens,
        }),
        Way::Summarise(summarise) => json!({
            "action": "summarise",
            "max_tokens": summarise.max_tokens,
            "model": summarise.model,
        }),
    })
}

/// A share as parts per million, rounded.
fn ppm(share: f64) -> i64 {
    (share * 1e6).round() as i64
}

/// The name of an outcome, as in `fastroute.OUTCOMES`.
pub fn outcome(outcome: v1::Outcome) -> &'static str {
    match outcome {
        v1::Outcome::NothingFits => "nothing_fits",
        v1::Outcome::OverBudget => "over_budget",
        v1::Outcome::Rejected => "rejected",
        v1::Outcome::Routed => "routed",
        v1::Outcome::Unspecified => "unspecified",
    }
}

/// Takes the decision out of an answer.
pub fn decision_in(response: v1::RouteResponse) -> PyResult<v1::Decision> {
    match response.result {
        Some(v1::route_response::Result::Decision(decision)) => Ok(decision),
        _ => Err(unreadable("it has no decision")),
    }
}

fn deployment(deployment: &v1::Deployment) -> Deployment {
    let kind = match deployment.kind() {
        v1::ProviderKind::Anthropic => "anthropic",
        v1::ProviderKind::Callable => "callable",
        v1::ProviderKind::Openai => "openai",
        v1::ProviderKind::Unspecified => "unspecified",
    };
    Deployment::of(
        deployment.provider.clone(),
        kind,
        deployment.base_url.clone(),
        deployment.model.clone(),
    )
    .paid_by(deployment.region.clone(), deployment.credential.clone())
}

#[pymethods]
impl Decided {
    #[new]
    fn new(call: Py<Call>, reply: &[u8]) -> PyResult<Self> {
        Ok(Self {
            inner: decision_in(decode(reply)?)?,
            call,
        })
    }

    /// Names this decision in reports, and in logs of its caller; a UUID.
    #[getter]
    fn id(&self) -> &str {
        &self.inner.id
    }

    /// Authorises reports on attempts of this plan, for a day.
    #[getter]
    fn report_token<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.report_token)
    }

    /// `routed`, `rejected`, `over_budget` or `nothing_fits`.
    #[getter]
    fn outcome(&self) -> &'static str {
        outcome(self.inner.outcome())
    }

    /// Name of the route; None when a rule rejected the request before it had one.
    #[getter]
    fn route(&self) -> Option<&str> {
        self.inner.route.as_deref()
    }

    /// Name of the model to call; None unless routed.
    #[getter]
    fn model(&self) -> Option<&str> {
        self.inner.model.as_deref()
    }

    /// Names of the models to try after `model`, in order.
    #[getter]
    fn fallbacks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.inner.fallbacks)
    }

    /// Those of `fallbacks` that are called also while no answer is accepted, from cheap to dear.
    #[getter]
    fn escalations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.escalated().collect::<Vec<_>>())
    }

    /// What an answer must satisfy to be accepted; None when every answer is.
    #[getter]
    fn cascade(&self) -> Option<Cascade> {
        self.inner.cascade.as_ref().map(Cascade::read)
    }

    /// What to do with a text that is longer than the models take; None when it is not.
    #[getter]
    fn too_long(&self) -> Option<TooLong> {
        self.inner.too_long.as_ref().and_then(TooLong::read)
    }

    /// The session after this turn, to be given to the next; None outside of one.
    #[getter]
    fn session<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let session = self.inner.session.as_ref()?;
        Some(PyBytes::new(py, &session.state))
    }

    /// Name of the prompt; None when the route has none that fits.
    #[getter]
    fn prompt(&self) -> Option<&str> {
        self.inner.prompt.as_deref()
    }

    /// Why: a stable code and one sentence.
    #[getter]
    fn reason(&self) -> Reason {
        let reason = self.inner.reason.clone().unwrap_or_default();
        Reason::new(reason.code, reason.sentence)
    }

    /// How sure the route is, 0 to 1; None when no probability stands behind it.
    #[getter]
    fn route_confidence(&self) -> Option<f32> {
        self.inner.route_confidence
    }

    /// Name of the rule that set the route or rejected the request.
    #[getter]
    fn rule(&self) -> Option<&str> {
        self.inner.rule.as_deref()
    }

    /// What a rejecting rule tells the user.
    #[getter]
    fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// Difficulty of the request, 0 to 1; an unknown one counts as 0.5.
    #[getter]
    fn difficulty(&self) -> f32 {
        self.inner.difficulty
    }

    /// Whether to ask the model to reason.
    #[getter]
    fn reasoning(&self) -> bool {
        self.inner.reasoning
    }

    /// What to retrieve for the prompt's `{{ context }}`.
    #[getter]
    fn retrieval(&self) -> Option<Retrieval> {
        let retrieval = self.inner.retrieval.as_ref()?;
        Some(Retrieval::of(
            retrieval.collection.clone(),
            retrieval.top_k,
            retrieval.max_tokens,
        ))
    }

    /// Name of the agent to hand over to.
    #[getter]
    fn agent(&self) -> Option<&str> {
        self.inner.agent.as_deref()
    }

    /// Where `model` runs; None unless routed.
    #[getter]
    fn deployment(&self) -> Option<Deployment> {
        self.inner.deployments.first().map(deployment)
    }

    /// Where `model` and then each of `fallbacks` runs.
    #[getter]
    fn deployments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let deployments = self.inner.deployments.iter().map(deployment);
        PyTuple::new(py, deployments.collect::<Vec<_>>())
    }

    /// Expected tokens of the input, everything counted; None unless routed.
    #[getter]
    fn input_tokens(&self) -> Option<u64> {
        self.estimates().map(|estimates| estimates.input_tokens)
    }

    /// Expected tokens of the answer; None unless routed.
    #[getter]
    fn expected_output_tokens(&self) -> Option<u32> {
        self.estimates().map(|estimates| estimates.output_tokens)
    }

    /// Expected cost in US dollars; None unless routed.
    #[getter]
    fn cost_usd(&self) -> Option<f64> {
        self.estimates()
            .map(|estimates| estimates.cost_nano_usd as f64 / 1e9)
    }

    /// Expected latency to the last token in milliseconds; None unless routed.
    #[getter]
    fn latency_ms(&self) -> Option<f64> {
        self.estimates()
            .map(|estimates| micros(estimates.latency.as_ref()) as f64 / 1e3)
    }

    /// Expected share of accepted answers at this difficulty, 0 to 1; None unless routed.
    #[getter]
    fn quality(&self) -> Option<f64> {
        self.estimates().map(|estimates| estimates.quality)
    }

    /// When nothing fits: everything that each model lacks.
    #[getter]
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let lacks = self.inner.missing.iter().map(|missing| {
            Missing::new(
                missing.model.clone(),
                missing.code.clone(),
                missing.message.clone(),
            )
        });
        PyTuple::new(py, lacks.collect::<Vec<_>>())
    }

    /// What was left aside on the way, such as a rule's model that may not serve.
    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let notes = self.inner.notes.iter();
        let notes = notes.map(|note| Note::new(note.code.clone(), note.sentence.clone()));
        PyTuple::new(py, notes.collect::<Vec<_>>())
    }

    /// Content hash of the configuration that decided.
    #[getter]
    fn revision(&self) -> &str {
        &self.inner.revision
    }

    /// Returns the canonical form as a dictionary: all numbers are integers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        from_json(py, &self.canonical())
    }

    /// Returns the canonical form as one line of JSON with sorted keys.
    fn to_json(&self) -> String {
        self.canonical()
    }

    /// Writes what asks for the explanation.
    fn _encode_explain<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let request = v1::ExplainRequest {
            request: Some(self.call.get().again(&self.inner)),
        };
        PyBytes::new(py, &request.encode_to_vec())
    }

    /// Reads the explanation.
    #[staticmethod]
    fn _read_explanation(reply: &[u8]) -> PyResult<Explanation> {
        let explanation = decode::<v1::ExplainResponse>(reply)?.explanation;
        let explanation = explanation.ok_or_else(|| unreadable("it has no explanation"))?;
        let reason = explanation.decision.unwrap_or_default().reason;
        Ok(Explanation::read(
            explanation.json,
            explanation.text,
            reason.unwrap_or_default().sentence,
        ))
    }

    /// Writes what asks for the rendered prompt.
    fn _encode_messages<'py>(
        &self,
        py: Python<'py>,
        context: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let context = context
            .map(|context| read_text(context, "context"))
            .transpose()?;
        let request = v1::RouteRequest {
            render: Some(v1::Render {
                context: context.map_or_else(String::new, |context| context.to_owned()),
            }),
            view: v1::DecisionView::Basic.into(),
            ..self.call.get().again(&self.inner)
        };
        Ok(PyBytes::new(py, &request.encode_to_vec()))
    }

    /// Reads the rendered prompt into message dictionaries, around those of the caller.
    fn _read_messages<'py>(&self, py: Python<'py>, reply: &[u8]) -> PyResult<Bound<'py, PyList>> {
        let decision = decision_in(decode(reply)?)?;
        let rendered: Vec<Rendered> = decision
            .messages
            .into_iter()
            .map(|message| {
                Ok(Rendered {
                    role: role(&message.role)?,
                    content: message.content,
                    source: message.source.map(|source| source as usize),
                })
            })
            .collect::<PyResult<_>>()?;
        match self.call.get().conversation() {
            Some(conversation) => conversation.write(py, &rendered, self.inner.prompt.is_some()),
            None => write_plain(py, &rendered),
        }
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.canonical().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        const SHOWN: [&str; 4] = ["outcome", "route", "model", "prompt"];
        let shown = |name: &str| Ok(format!("{name}={}", slf.getattr(name)?.repr()?));
        let fields = SHOWN.into_iter().map(shown).collect::<PyResult<Vec<_>>>()?;
        Ok(format!(
            "{}({}, reason='{}')",
            slf.get_type().name()?,
            fields.join(", "),
            slf.get().reason_code()
        ))
    }
}

fn role(name: &str) -> PyResult<&'static str> {
    ["assistant", "system", "tool", "user"]
        .into_iter()
        .find(|role| *role == name)
        .ok_or_else(|| unreadable("it has a role that this client does not know"))
}
