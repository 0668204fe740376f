//! The class `Router`: one snapshot, and the names of its parts as Python strings.
//!
//! The file is as long as the class has methods and they have keywords, which pyo3 wants in one block;
//! what they do is in the files that they call.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use fastroute_core::{Caller, Now, Snapshot, View};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::aside::{Aside, Asking};
use crate::config::{self, Document};
use crate::decision::Decision;
use crate::live::Live;
use crate::pending::{self, Asked, Begun, Pending};
use crate::report::{self, Told};
use crate::request::{Arguments, Count, Figure, Options, Who, read_seed, read_unavailable};
use crate::{batch, error, question, workspace};

/// Decides which prompt and which model should serve a request.
///
/// A router holds one configuration, completely built: it never changes, and any number of
/// threads may use it.
///
/// >>> router = fastroute.Router.default()
/// >>> router.models
/// ('small', 'middle', 'large')
#[pyclass(frozen, module = "fastroute")]
pub struct Router {
    pub snapshot: Arc<Snapshot>,
    pub names: Names,
    /// What is known of its models now.
    pub live: Py<Live>,
    warnings: Py<PyTuple>,
}

thread_local! {
    /// What this thread read last, so that only what has changed since is read again.
    static VIEW: RefCell<View> = const { RefCell::new(View::healthy()) };
}

/// Names in file order, so that an id of the core is a place here.
pub struct Names {
    pub models: Py<PyTuple>,
    pub prompts: Py<PyTuple>,
    pub routes: Py<PyTuple>,
}

impl Router {
    fn new(py: Python<'_>, snapshot: Snapshot, live: Option<&Bound<'_, Live>>) -> PyResult<Self> {
        let catalogue = snapshot.catalogue();
        let intern = |name| PyString::intern(py, name);
        let names = Names {
            models: PyTuple::new(py, catalogue.models().map(intern))?.unbind(),
            prompts: PyTuple::new(py, catalogue.prompts().map(intern))?.unbind(),
            routes: PyTuple::new(py, catalogue.routes().map(intern))?.unbind(),
        };
        let warnings = snapshot
            .warnings()
            .iter()
            .map(|warning| error::issue(py, warning))
            .collect::<PyResult<Vec<_>>>()?;
        let warnings = PyTuple::new(py, warnings)?.unbind();
        let live = workspace::guarded(|| Live::bind(&snapshot, live.map(Bound::get)))?;
        Ok(Self {
            snapshot: Arc::new(snapshot),
            names,
            live: Py::new(py, live)?,
            warnings,
        })
    }

    /// What is alive now, as this caller sees it; `unavailable` names what the host knows besides.
    pub fn view(
        &self,
        caller: &Caller<'_>,
        unavailable: Option<&Bound<'_, PyAny>>,
        now: Now,
    ) -> PyResult<View> {
        let fleet = &self.live.get().fleet;
        let mut view = workspace::guarded(|| {
            VIEW.with_borrow_mut(|kept| {
                fleet.view(caller, now, kept);
                kept.to_kept()
            })
        })?;
        read_unavailable(unavailable, self.snapshot.catalogue(), &mut view)?;
        Ok(view)
    }
}

#[pymethods]
impl Router {
    /// Builds a router from a YAML, TOML or JSON file, told apart by its ending.
    ///
    /// Files that the configuration names are found beside it. `live` is that of a router before,
    /// whose breakers, latencies and budgets go on. Raises ConfigError with every defect at once.
    #[staticmethod]
    #[pyo3(signature = (path, *, live=None))]
    fn from_file(py: Python<'_>, path: PathBuf, live: Option<Bound<'_, Live>>) -> PyResult<Self> {
        Self::new(py, config::build_file(py, &path)?, live.as_ref())
    }

    /// Builds a router from a configuration in memory.
    ///
    /// `format` is `yaml`, `toml` or `json`. Files that the configuration names are found in
    /// `base_dir`, or refused without it. `live` is that of a router before, whose breakers, latencies and
    /// budgets go on. Raises ConfigError with every defect at once.
    ///
    /// >>> fastroute.Router.from_string(fastroute.DEFAULT_CONFIG).revision == router.revision
    /// True
    #[staticmethod]
    #[pyo3(signature = (text, *, format="yaml", base_dir=None, live=None))]
    fn from_string(
        text: &Bound<'_, PyAny>,
        format: &str,
        base_dir: Option<PathBuf>,
        live: Option<Bound<'_, Live>>,
    ) -> PyResult<Self> {
        let py = text.py();
        let document = Document::given(text, format, base_dir)?;
        Self::new(py, config::build(py, &document)?, live.as_ref())
    }

    /// Builds the router of the embedded default configuration.
    #[staticmethod]
    fn default(py: Python<'_>) -> PyResult<Self> {
        Self::new(py, config::build(py, &Document::embedded())?, None)
    }

    /// Decides for one text, or for the conversation `messages`.
    ///
    /// Messages are dictionaries as chat APIs take them. Tool results are read by the signals that
    /// read tools; the names and arguments of tool calls count in the context, and only signals that
    /// read everything see them. Images, audio, files and other parts without text make the text
    /// signals of their role unknown.
    ///
    /// A value of None in `metadata` is an absent key. `capabilities` names what the model must be
    /// able to do, `unavailable` the models that cannot serve now, as names or as a callable that
    /// returns them. `on_ask` may answer the meta-LLM's question: it gets a Question and returns a
    /// label, or None to decline; without it every question is declined, and what it raises passes
    /// through. A callable `unavailable` is called again after it.
    ///
    /// `session` is what the decision before gave as its `session`, or empty bytes for the first turn;
    /// bytes of another kind begin a new session. `caller` says who asks, with some of the keys
    /// `organisation`, `team` and `application`: budgets and, where the configuration says so, breakers count
    /// for each.
    ///
    /// Models whose breaker is open, that cool, or for which there is no budget are passed over; what
    /// is known of them comes from `report` and from dispatchers.
    ///
    /// Other threads run while a text of more than 64 KiB is decided.
    ///
    /// Raises RequestError when the request is outside the limits.
    ///
    /// >>> decision = router.route("Translate 'good morning' into French.")
    /// >>> decision.route, decision.reason.code
    /// ('translation', 'SIMILARITY')
    /// >>> router.route("hello", unavailable=["small"]).model
    /// 'middle'
    #[pyo3(signature = (text=None, *, messages=None, task=None, metadata=None, capabilities=None, tools_tokens=None,
        min_quality=None, max_cost=None, max_latency_ms=None, expected_output_tokens=None, unavailable=None,
        session=None, caller=None, seed=0, on_ask=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn route<'py>(
        slf: &Bound<'py, Self>,
        text: Option<Bound<'py, PyAny>>,
        messages: Option<Bound<'py, PyAny>>,
        task: Option<Bound<'py, PyAny>>,
        metadata: Option<Bound<'py, PyAny>>,
        capabilities: Option<Bound<'py, PyAny>>,
        tools_tokens: Option<Count>,
        min_quality: Option<Figure>,
        max_cost: Option<Figure>,
        max_latency_ms: Option<Figure>,
        expected_output_tokens: Option<Count>,
        unavailable: Option<Bound<'py, PyAny>>,
        session: Option<Bound<'py, PyAny>>,
        caller: Option<Bound<'py, PyAny>>,
        #[pyo3(from_py_with = read_seed)] seed: u64,
        on_ask: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Decision> {
        let asked = Asked {
            text,
            messages,
            arguments: Arguments {
                task,
                metadata,
                capabilities,
                tools_tokens,
                min_quality,
                max_cost,
                max_latency_ms,
                expected_output_tokens,
                session,
            },
            unavailable,
            caller,
            seed,
        };
        let waiting = match pending::begin(slf, asked, true)? {
            Begun::Decided(decision) => return Ok(decision),
            Begun::Ask(waiting) => waiting,
        };
        let Some(on_ask) = on_ask else {
            return waiting.decline();
        };
        let py = slf.py();
        let label = question::read_label(&on_ask.call1((waiting.question(py)?,))?)?;
        waiting.resume(py, label)
    }

    /// Decides as `route` does, or returns a Pending with the question that must be asked first.
    #[pyo3(name = "_begin")]
    #[pyo3(signature = (text=None, *, messages=None, task=None, metadata=None, capabilities=None, tools_tokens=None,
        min_quality=None, max_cost=None, max_latency_ms=None, expected_output_tokens=None, unavailable=None,
        session=None, caller=None, seed=0))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn begin<'py>(
        slf: &Bound<'py, Self>,
        text: Option<Bound<'py, PyAny>>,
        messages: Option<Bound<'py, PyAny>>,
        task: Option<Bound<'py, PyAny>>,
        metadata: Option<Bound<'py, PyAny>>,
        capabilities: Option<Bound<'py, PyAny>>,
        tools_tokens: Option<Count>,
        min_quality: Option<Figure>,
        max_cost: Option<Figure>,
        max_latency_ms: Option<Figure>,
        expected_output_tokens: Option<Count>,
        unavailable: Option<Bound<'py, PyAny>>,
        session: Option<Bound<'py, PyAny>>,
        caller: Option<Bound<'py, PyAny>>,
        #[pyo3(from_py_with = read_seed)] seed: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let asked = Asked {
            text,
            messages,
            arguments: Arguments {
                task,
                metadata,
                capabilities,
                tools_tokens,
                min_quality,
                max_cost,
                max_latency_ms,
                expected_output_tokens,
                session,
            },
            unavailable,
            caller,
            seed,
        };
        Ok(match pending::begin(slf, asked, false)? {
            Begun::Decided(decision) => Bound::new(py, decision)?.into_any(),
            Begun::Ask(waiting) => Bound::new(py, Pending::new(py, waiting)?)?.into_any(),
        })
    }

    /// Decides for many texts and returns a numpy structured array, one row a text.
    ///
    /// The columns `route`, `model` and `prompt` are places in the tuples of the same names (-1 is
    /// none), `outcome` and `reason` in fastroute.OUTCOMES and fastroute.REASONS. The other
    /// arguments hold for every text, as in `route`; questions are declined. There is no seed, as a
    /// row does not say where its model runs. Signals such as Ctrl-C are handled between chunks of
    /// texts, at least every mebibyte; what a handler raises ends the batch.
    ///
    /// Raises RequestError, naming the text, when one is outside the limits.
    ///
    /// >>> rows = router.route_batch(["hello", "Translate 'good morning' into French."])
    /// >>> [router.routes[route] for route in rows["route"]]
    /// ['small_talk', 'translation']
    #[pyo3(signature = (texts, *, task=None, metadata=None, capabilities=None, tools_tokens=None, min_quality=None,
        max_cost=None, max_latency_ms=None, expected_output_tokens=None, unavailable=None,
        caller=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn route_batch<'py>(
        &self,
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
        caller: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
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
        let caller = Who::read(caller.as_ref())?;
        let view = self.view(&caller.lend(), unavailable.as_ref(), question::now())?;
        batch::route(texts, &self.snapshot, &options, &view)
    }

    /// Tells what happened to an attempt of a decision; returns `accepted`, `duplicate` or `refused`.
    ///
    /// Breakers, latencies and budgets follow, and later decisions with them. A dispatcher reports by
    /// itself. `outcome` is one of fastroute.ATTEMPT_OUTCOMES, `model` the decision's own unless given,
    /// `attempt` counts from 0. After a rate limit `retry_after_s` is the time that the provider asks to wait,
    /// and `limit_scope` says what it holds for: `model`, `credential` or `provider`. `feedback` is
    /// `{"kind": …, "score": …}` with a score from 0 to 1, and may come later in a report whose outcome is
    /// None; of `output`, the answer, only hash and length are kept.
    ///
    /// Repeating a report is safe: the first one counts. Refused is one of another live state, or of a
    /// model that the decision does not permit. Raises RequestError for figures that cannot be.
    ///
    /// >>> router = fastroute.Router.default()
    /// >>> for text in ["hello", "hi", "hey", "hello", "hi"]:
    /// ...     said = router.report(router.route(text), "server_error")
    /// >>> router.route("hello").model
    /// 'middle'
    #[pyo3(signature = (decision, outcome, *, model=None, attempt=0, first_token_ms=None, latency_ms=None,
        input_tokens=None, cached_tokens=None, output_tokens=None, retry_after_s=None, limit_scope="model",
        feedback=None, output=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn report<'py>(
        &self,
        decision: &Bound<'py, Decision>,
        outcome: Option<&str>,
        model: Option<Bound<'py, PyAny>>,
        attempt: u32,
        first_token_ms: Option<Figure>,
        latency_ms: Option<Figure>,
        input_tokens: Option<u64>,
        cached_tokens: Option<u64>,
        output_tokens: Option<u64>,
        retry_after_s: Option<Figure>,
        limit_scope: &str,
        feedback: Option<Bound<'py, PyAny>>,
        output: Option<Bound<'py, PyAny>>,
    ) -> PyResult<&'static str> {
        let told = Told {
            outcome,
            model,
            attempt,
            first_token_ms,
            latency_ms,
            input_tokens,
            cached_tokens,
            output_tokens,
            retry_after_s,
            limit_scope,
            feedback,
            output,
        };
        report::report(self.live.get(), decision.get(), &told)
    }

    /// Claims a call of one model beside a plan; None when its health, a rate or a budget says no.
    #[pyo3(name = "_aside")]
    #[pyo3(signature = (model, *, until_us, id, caller=None, input_tokens=0, max_output_tokens=0, seed=0,
        max_cost_nano=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn aside(
        slf: &Bound<'_, Self>,
        model: &Bound<'_, PyAny>,
        until_us: u64,
        id: u128,
        caller: Option<Bound<'_, PyAny>>,
        input_tokens: u64,
        max_output_tokens: u64,
        seed: u64,
        max_cost_nano: Option<u64>,
    ) -> PyResult<Option<Aside>> {
        let asking = Asking {
            model,
            caller: caller.as_ref(),
            input_tokens,
            max_output_tokens,
            until_us,
            id,
            seed,
            max_cost_nano,
        };
        Aside::claim(slf, &asking)
    }

    /// What is known of its models: breakers, limits and budgets.
    #[getter]
    fn live(&self, py: Python<'_>) -> Py<Live> {
        self.live.clone_ref(py)
    }

    /// Names of the routes, in file order.
    #[getter]
    fn routes(&self, py: Python<'_>) -> Py<PyTuple> {
        self.names.routes.clone_ref(py)
    }

    /// Names of the models, in file order.
    #[getter]
    fn models(&self, py: Python<'_>) -> Py<PyTuple> {
        self.names.models.clone_ref(py)
    }

    /// Names of the prompts, in file order.
    #[getter]
    fn prompts(&self, py: Python<'_>) -> Py<PyTuple> {
        self.names.prompts.clone_ref(py)
    }

    /// What loading found odd but accepted, as ConfigIssue.
    #[getter]
    fn warnings(&self, py: Python<'_>) -> Py<PyTuple> {
        self.warnings.clone_ref(py)
    }

    /// Content hash of the configuration with everything that it was built from.
    #[getter]
    fn revision(&self) -> String {
        self.snapshot.revision().to_string()
    }

    fn __repr__(&self) -> String {
        let catalogue = self.snapshot.catalogue();
        format!(
            "Router(revision='{}', routes={}, models={})",
            self.revision(),
            catalogue.routes().len(),
            catalogue.models().len()
        )
    }
}
