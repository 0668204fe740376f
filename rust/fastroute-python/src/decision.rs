//! The class `Decision`: the core's decision, and the request that it was made for.
//!
//! Making one costs one Python object. Names are Python strings that the router made once, so
//! reading a property makes no new string; everything else is converted when it is read.
//!
//! A decision keeps its router alive, not a snapshot of its own: `explain()` decides again under
//! the router's snapshot, which is the named revision as long as the router holds it.
//!
//! The file is as long as the class has members, which pyo3 wants in one block; each converts, calls the
//! core once and converts back.

mod after;
mod circumstances;
mod deployment;
mod parts;

use std::hash::{DefaultHasher, Hash, Hasher};

use fastroute_core::{
    Caller, Decision as CoreDecision, Estimates, Kept, ModelId, RenderError, Rendered, Request,
    Usage,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::explain::{Explanation, from_json};
use crate::probe::Probe;
use crate::request::{Given, read_text, write_plain};
use crate::router::Router;
use crate::{error, workspace};

pub use after::{Cascade, TooLong};
use circumstances::Marks;
pub use circumstances::{Answered, Circumstances};
pub use deployment::Deployment;
pub use parts::{Missing, Note, Reason, Retrieval};

/// What was decided for one request.
///
/// Two decisions are equal when their canonical JSON (`to_json()`) is.
#[pyclass(frozen, module = "fastroute")]
pub struct Decision {
    inner: CoreDecision,
    router: Py<Router>,
    given: Given,
    circumstances: Circumstances,
    outcomes: Marks,
    feedback: Marks,
}

impl Decision {
    /// Binds a decision to its request.
    pub fn new(
        inner: CoreDecision,
        router: Py<Router>,
        given: Given,
        circumstances: Circumstances,
    ) -> Self {
        Self {
            inner,
            router,
            given,
            circumstances,
            outcomes: Marks::default(),
            feedback: Marks::default(),
        }
    }

    /// The core's decision.
    pub const fn core(&self) -> &CoreDecision {
        &self.inner
    }

    /// The router that decided.
    pub fn router(&self) -> &Router {
        self.router.get()
    }

    /// Who asked.
    pub fn caller(&self) -> Caller<'_> {
        self.circumstances.caller.lend()
    }

    /// Number of the last change of a breaker before it was made.
    pub const fn epoch(&self) -> u64 {
        self.circumstances.epoch
    }

    /// What its first attempt was granted, when that was a probe.
    pub fn probe(&self) -> Option<Kept> {
        self.circumstances.probe.as_ref().map(Probe::kept)
    }

    /// Whether an attempt's outcome is told for the first time; it counts as told from now on.
    pub fn is_first_outcome(&self, attempt: u8) -> bool {
        self.outcomes.mark(attempt)
    }

    /// Whether feedback on an attempt is told for the first time; it counts as told from now on.
    pub fn is_first_feedback(&self, attempt: u8) -> bool {
        self.feedback.mark(attempt)
    }

    /// The name of a model.
    pub fn model_name<'py>(&self, py: Python<'py>, model: ModelId) -> PyResult<Bound<'py, PyAny>> {
        self.router
            .get()
            .names
            .models
            .bind(py)
            .get_item(usize::from(model.0))
    }

    fn estimates(&self) -> Option<&Estimates> {
        self.inner.estimates()
    }

    fn model_named(&self, name: &Bound<'_, PyAny>) -> PyResult<ModelId> {
        let name = read_text(name, "model")?;
        self.inner.catalogue().model_named(&name).ok_or_else(|| {
            let name = name.escape_debug();
            let message = format!("`{name}` is no model of this configuration");
            error::request("UNKNOWN_MODEL", message)
        })
    }

    /// Renders messages and puts the caller's dictionaries around them; `is_replaced` says whether
    /// another text stands in the place of what the user said last.
    fn render<'py>(
        &self,
        py: Python<'py>,
        context: Option<&Bound<'py, PyAny>>,
        is_replaced: bool,
        render: impl FnOnce(&Request<'_>, Option<&str>) -> Result<Vec<Rendered>, RenderError>,
    ) -> PyResult<Bound<'py, PyList>> {
        let context = context
            .map(|context| read_text(context, "context"))
            .transpose()?;
        let rendered = self
            .given
            .lend(|request| workspace::guarded(|| render(request, context.as_deref())))?;
        let rendered = rendered.map_err(|failed| error::from_render(&failed))?;
        match self.given.conversation() {
            Some(conversation) => conversation.write(py, &rendered, is_replaced),
            None => write_plain(py, &rendered),
        }
    }
}

#[pymethods]
impl Decision {
    /// `routed`, `rejected`, `over_budget` or `nothing_fits`.
    #[getter]
    fn outcome<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::intern(py, self.inner.outcome().as_str())
    }

    /// Name of the route; None when a rule rejected the request before it had one.
    #[getter]
    fn route<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let routes = self.router.get().names.routes.bind(py);
        self.inner
            .route_id()
            .map(|route| routes.get_item(usize::from(route.0)))
            .transpose()
    }

    /// Name of the model to call; None unless routed.
    #[getter]
    fn model<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner
            .model_id()
            .map(|model| self.model_name(py, model))
            .transpose()
    }

    /// Names of the models to try after `model`, in order.
    #[getter]
    fn fallbacks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let names = self
            .inner
            .fallback_ids()
            .map(|model| self.model_name(py, model));
        PyTuple::new(py, names.collect::<PyResult<Vec<_>>>()?)
    }

    /// Those of `fallbacks` that are called also while no answer is accepted, from cheap to dear.
    #[getter]
    fn escalations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let names = self
            .inner
            .escalations()
            .map(|planned| self.model_name(py, planned.model));
        PyTuple::new(py, names.collect::<PyResult<Vec<_>>>()?)
    }

    /// What an answer must satisfy to be accepted; None when every answer is.
    #[getter]
    fn cascade(&self) -> Option<Cascade> {
        self.inner.cascade().map(Cascade::new)
    }

    /// What to do with a text that is longer than the models take; None when it is not.
    #[getter]
    fn too_long(&self) -> Option<TooLong> {
        let catalogue = self.inner.catalogue();
        let name = |model: ModelId| {
            let mut names = catalogue.models();
            names.nth(usize::from(model.0)).unwrap_or("").to_owned()
        };
        self.inner
            .too_long()
            .map(|too_long| TooLong::new(too_long, name))
    }

    /// The session after this turn, to be given to the next; None outside of one.
    ///
    /// It says that `model` answers; `session_after` says which model did.
    #[getter]
    fn session<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let state = self.inner.session(self.circumstances.at)?;
        Some(PyBytes::new(py, &state))
    }

    /// Returns the session after this turn, when it is known which model answered and what it read.
    ///
    /// What a model has read is cheaper for it next time, so that it is kept rather than changed.
    #[pyo3(signature = (model, *, input_tokens, output_tokens=0))]
    fn session_after<'py>(
        &self,
        py: Python<'py>,
        model: &Bound<'py, PyAny>,
        input_tokens: u64,
        output_tokens: u64,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let model = self.model_named(model)?;
        let usage = Usage {
            input_tokens,
            output_tokens,
            ..Usage::default()
        };
        let state = self
            .inner
            .session_answered(self.circumstances.at, model, usage);
        Ok(state.map(|state| PyBytes::new(py, &state)))
    }

    /// Name of the prompt; None when the route has none that fits.
    #[getter]
    fn prompt<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let prompts = self.router.get().names.prompts.bind(py);
        self.inner
            .prompt_id()
            .map(|prompt| prompts.get_item(usize::from(prompt.0)))
            .transpose()
    }

    /// Why: a stable code and one sentence.
    #[getter]
    fn reason(&self) -> Reason {
        Reason::new(self.inner.reason().code(), self.inner.sentence())
    }

    /// How sure the route is, 0 to 1; None when no probability stands behind it.
    #[getter]
    fn route_confidence(&self) -> Option<f32> {
        self.inner.route_confidence()
    }

    /// Name of the rule that set the route or rejected the request.
    #[getter]
    fn rule(&self) -> Option<&str> {
        self.inner.rule()
    }

    /// What a rejecting rule tells the user.
    #[getter]
    fn message(&self) -> Option<&str> {
        self.inner.message()
    }

    /// Difficulty of the request, 0 to 1; an unknown one counts as 0.5.
    #[getter]
    fn difficulty(&self) -> f32 {
        self.inner.difficulty()
    }

    /// Whether to ask the model to reason.
    #[getter]
    fn reasoning(&self) -> bool {
        self.inner.reasoning()
    }

    /// What to retrieve for the prompt's `{{ context }}`.
    #[getter]
    fn retrieval(&self) -> Option<Retrieval> {
        self.inner.retrieval().map(Retrieval::new)
    }

    /// Name of the agent to hand over to.
    #[getter]
    fn agent(&self) -> Option<&str> {
        self.inner.agent()
    }

    /// Where `model` runs; None unless routed.
    #[getter]
    fn deployment(&self) -> Option<Deployment> {
        self.inner.deployment().map(Deployment::new)
    }

    /// Where `model` and then each of `fallbacks` runs.
    #[getter]
    fn deployments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let models = self
            .inner
            .model_id()
            .into_iter()
            .chain(self.inner.fallback_ids());
        PyTuple::new(
            py,
            models
                .map(|model| Deployment::new(self.inner.deployment_of(model)))
                .collect::<Vec<_>>(),
        )
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
        self.inner.cost_usd()
    }

    /// Expected latency to the last token in milliseconds; None unless routed.
    #[getter]
    fn latency_ms(&self) -> Option<f64> {
        self.estimates()
            .map(|estimates| estimates.latency_us as f64 / 1e3)
    }

    /// Expected share of accepted answers at this difficulty, 0 to 1; None unless routed.
    #[getter]
    fn quality(&self) -> Option<f64> {
        self.estimates().map(|estimates| estimates.quality)
    }

    /// When nothing fits: everything that each model lacks.
    #[getter]
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let catalogue = self.inner.catalogue();
        let lacks = self.inner.missing().iter().map(|missing| {
            let model = self.model_name(py, missing.model())?.extract()?;
            Ok(Missing::new(
                model,
                missing.code(),
                missing.message(catalogue),
            ))
        });
        PyTuple::new(py, lacks.collect::<PyResult<Vec<_>>>()?)
    }

    /// What was left aside on the way, such as a rule's model that may not serve.
    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let notes = self
            .inner
            .notes()
            .iter()
            .map(|note| Note::new(note.code(), note.sentence(&self.inner)));
        PyTuple::new(py, notes.collect::<Vec<_>>())
    }

    /// Content hash of the configuration that decided.
    #[getter]
    fn revision(&self) -> String {
        self.inner.revision().to_string()
    }

    /// Returns every stage, its facts, what nearly won and what would change the decision.
    ///
    /// Decides the same request again, with the same circumstances.
    ///
    /// >>> explanation = router.route("hello").explain()
    /// >>> [stage["stage"] for stage in explanation.to_dict()["stages"] if stage["result"] == "decided"]
    /// ['rules']
    fn explain(&self, py: Python<'_>) -> PyResult<Explanation> {
        let Circumstances {
            view, seed, answer, ..
        } = &self.circumstances;
        let answer = answer.as_ref().map(Answered::lend);
        let snapshot = &self.router.get().snapshot;
        self.given.lend(|request| {
            let explained = workspace::with_released(py, request.text_bytes(), |workspace| {
                fastroute_core::explain(snapshot, request, view, *seed, answer, workspace)
            })?;
            explained
                .map(|explanation| Explanation::new(&explanation))
                .map_err(|refused| error::from_request(&refused))
        })
    }

    /// Returns the rendered prompt as message dictionaries, ready for a chat API.
    ///
    /// The messages of the request come back with every key that they had, such as `tool_calls`,
    /// `tool_call_id` and `name`, as copies. The prompt's system message comes before them, and in the
    /// last message of the user the rendered template stands for its text; images, audio and files
    /// stay. `context` is what retrieval found, for the prompt's `{{ context }}`. Raises RenderError.
    ///
    /// >>> router.route("Translate 'good morning' into French.").messages()[-1]
    /// {'role': 'user', 'content': "Translate 'good morning' into French."}
    #[pyo3(signature = (context=None))]
    fn messages<'py>(
        &self,
        py: Python<'py>,
        context: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let is_replaced = self.inner.prompt_id().is_some();
        self.render(py, context, is_replaced, |request, context| {
            self.inner.messages(request, context)
        })
    }

    /// Returns what `messages` does for one model of the plan, with `text` in the place of what the
    /// user said last, if it is given.
    #[pyo3(signature = (model, *, context=None, text=None))]
    fn _messages_for<'py>(
        &self,
        py: Python<'py>,
        model: &Bound<'py, PyAny>,
        context: Option<&Bound<'py, PyAny>>,
        text: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let model = self.model_named(model)?;
        let text = text.map(|text| read_text(text, "text")).transpose()?;
        let mut plan = self.inner.plan().iter();
        let planned = plan.find(|planned| planned.model == model);
        let prompt = planned.map_or(self.inner.prompt_id(), |planned| planned.prompt);
        let is_replaced = text.is_some() || prompt.is_some();
        self.render(py, context, is_replaced, |request, context| {
            match text.as_deref() {
                Some(text) => self.inner.messages_with(model, request, context, text),
                None => self.inner.messages_for(model, request, context),
            }
        })
    }

    /// Whether a rule restricts which models may see the request.
    #[getter]
    fn _is_restricted(&self) -> bool {
        self.inner.is_restricted()
    }

    /// When a model can serve that lacks nothing but time, on the clock of `now_us`; None when nothing is worth waiting for.
    #[getter]
    fn _retry_at_us(&self) -> Option<u64> {
        self.inner.retry_at_us()
    }

    /// Returns the parts of a text that is split, each to be answered on its own.
    fn _parts(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let parts = self.given.lend(|request| {
            workspace::with_released(py, request.text_bytes(), |_| self.inner.parts(request))
        })?;
        parts.map_err(|failed| error::request(failed.code(), failed.to_string()))
    }

    /// Returns the messages that have the answers to the parts joined.
    fn _reduce_messages<'py>(
        &self,
        py: Python<'py>,
        answers: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let answers = answers
            .try_iter()?
            .map(|answer| read_text(&answer?, "answer"))
            .collect::<PyResult<Vec<_>>>()?;
        let answers: Vec<&str> = answers.iter().map(|answer| &**answer).collect();
        let rendered = self
            .given
            .lend(|request| workspace::guarded(|| self.inner.reduce_messages(request, &answers)))?;
        let rendered = rendered.map_err(|failed| error::from_render(&failed))?;
        write_plain(py, &rendered)
    }

    /// Returns the messages that have the text summarised; none when it is not to be.
    fn _summarise_messages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rendered = self
            .given
            .lend(|request| workspace::guarded(|| self.inner.summarise_messages(request)))?;
        write_plain(py, &rendered.unwrap_or_default())
    }

    /// Cuts a text to so many tokens of the primary model's vocabulary.
    fn _cut(&self, text: &Bound<'_, PyAny>, max_tokens: u32) -> PyResult<String> {
        let text = read_text(text, "text")?;
        workspace::guarded(|| self.inner.cut(&text, max_tokens).to_owned())
    }

    /// Returns the canonical form as a dictionary: all numbers are integers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        from_json(py, &self.inner.canonical())
    }

    /// Returns the canonical form as one line of JSON with sorted keys.
    fn to_json(&self) -> String {
        self.inner.canonical()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.inner.canonical().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        const SHOWN: [&str; 4] = ["outcome", "route", "model", "prompt"];
        let shown = |name: &str| Ok(format!("{name}={}", slf.getattr(name)?.repr()?));
        let fields = SHOWN.into_iter().map(shown).collect::<PyResult<Vec<_>>>()?;
        Ok(format!(
            "Decision({}, reason='{}')",
            fields.join(", "),
            slf.get().inner.reason().code()
        ))
    }
}
