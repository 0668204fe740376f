//! The classes of a run: `Run`, what it asks for (`Call`), and how it ends (`Ending`).
//!
//! A dispatcher in Python drives the core's machine through these. Nothing is decided here: ids become
//! names, microseconds stay integers, so that a test gives times of its own. What they call is made once a
//! call, not once a look.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fastroute_core::config::Capability;
use fastroute_core::judge::Judged;
use fastroute_core::{
    AttemptOutcome, Call as CoreCall, Capabilities, Ended, Ending as CoreEnding, LimitScope,
    LogLine, Next, OwnedCaller, Purpose, RetryAfter, Run as CoreRun, RunOptions, Usage,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyTuple};

use crate::decision::{Decision, Deployment};
use crate::question::{at, now};
use crate::request::Who;
use crate::workspace;

/// One run of a decision's plan, driven by a dispatcher. Dropping it gives back all that it holds.
#[pyclass(frozen, module = "fastroute._fastroute")]
pub struct Run {
    inner: Mutex<CoreRun>,
    decision: Py<Decision>,
}

impl Run {
    fn lock(&self) -> MutexGuard<'_, CoreRun> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Run {
    /// Starts a run under the live state of the decision's router; `caller` is the decision's own
    /// unless given.
    #[new]
    #[pyo3(signature = (decision, *, id, deadline_us=None, asked_us=0, max_cost_nano=None, spent_nano=0,
        is_stream=false, switch_after_stream=false, input_tokens=None, max_output_tokens=None, caller=None,
        seed=0, now_us=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python constructor"
    )]
    fn new(
        decision: Py<Decision>,
        id: u128,
        deadline_us: Option<u64>,
        asked_us: u64,
        max_cost_nano: Option<u64>,
        spent_nano: u64,
        is_stream: bool,
        switch_after_stream: bool,
        input_tokens: Option<u64>,
        max_output_tokens: Option<u32>,
        caller: Option<Bound<'_, PyAny>>,
        seed: u64,
        now_us: Option<u64>,
    ) -> PyResult<Self> {
        let options = RunOptions {
            id,
            deadline_us,
            asked_us,
            max_cost_nano,
            spent_nano,
            is_stream,
            switch_after_stream,
            input_tokens,
            max_output_tokens,
            seed,
        };
        let caller = match &caller {
            Some(caller) => OwnedCaller::from(Who::read(Some(caller))?.lend()),
            None => OwnedCaller::from(decision.get().caller()),
        };
        let now = now_us.map_or_else(now, at);
        let inner = {
            let decision = decision.get();
            let fleet = &decision.router().live.get().fleet;
            workspace::guarded(|| CoreRun::start(fleet, decision.core(), caller, options, now))?
        };
        Ok(Self {
            inner: Mutex::new(inner),
            decision,
        })
    }

    /// Says what to do: a Call to make, a time in microseconds to wait until, or the Ending.
    fn next<'py>(&self, py: Python<'py>, now_us: u64) -> PyResult<Bound<'py, PyAny>> {
        let next = workspace::guarded(|| self.lock().next(at(now_us)))?;
        match next {
            Next::Call(call) => {
                let call = Call::new(py, call, self.decision.get())?;
                Ok(Bound::new(py, call)?.into_any())
            }
            Next::Done(ending) => Ok(Bound::new(py, Ending::new(py, &ending)?)?.into_any()),
            Next::Wait { until_us } => Ok(PyInt::new(py, until_us).into_any()),
        }
    }

    /// Tells that the first piece of an attempt's answer came; returns the attempts to cancel.
    fn began(&self, attempt: u8, now_us: u64) -> PyResult<Vec<u32>> {
        let lost = workspace::guarded(|| self.lock().began(attempt, at(now_us)))?;
        Ok(lost.into_iter().map(u32::from).collect())
    }

    /// Tells how an attempt ended; returns the attempts to cancel.
    #[pyo3(signature = (attempt, outcome, *, now_us, latency_us, retry_after_us=None, limit_scope="model",
        input_tokens=None, cached_tokens=None, output_tokens=None, first_token_us=None, confidence=None,
        in_form=None, answer_key=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn ended(
        &self,
        attempt: u8,
        outcome: &str,
        now_us: u64,
        latency_us: u64,
        retry_after_us: Option<u64>,
        limit_scope: &str,
        input_tokens: Option<u64>,
        cached_tokens: Option<u64>,
        output_tokens: Option<u64>,
        first_token_us: Option<u64>,
        confidence: Option<f32>,
        in_form: Option<bool>,
        answer_key: Option<u64>,
    ) -> PyResult<Vec<u32>> {
        let ended = Ended {
            retry_after: retry_after_us.map(RetryAfter::After),
            limit_scope: read_limit_scope(limit_scope)?,
            usage: usage(input_tokens, cached_tokens, output_tokens),
            first_token_us,
            ..Ended::new(read_outcome(outcome)?, latency_us)
        };
        let judged = Judged {
            confidence,
            is_in_form: in_form,
            answer_key,
        };
        // A report of the same attempt would count it twice.
        self.decision.get().is_first_outcome(attempt);
        let lost = workspace::guarded(|| self.lock().ended(attempt, ended, judged, at(now_us)))?;
        Ok(lost.into_iter().map(u32::from).collect())
    }

    /// Gives the run up: everything under way is to be cancelled.
    fn cancel(&self, now_us: u64) -> PyResult<()> {
        workspace::guarded(|| self.lock().cancel(at(now_us)))
    }

    /// Returns the lines so far: attempts, and steps that were passed over.
    fn log<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let lines = self.lock().log().to_vec();
        let written = PyList::empty(py);
        for line in &lines {
            written.append(write_line(py, line, self.decision.get())?)?;
        }
        Ok(written)
    }

    /// Returns what it cost so far in nano-dollars, by what it was spent on.
    fn costs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let costs = workspace::guarded(|| self.lock().costs())?;
        let written = PyDict::new(py);
        for (name, nano) in [
            ("total_nano", costs.total_nano),
            ("answer_nano", costs.answer_nano),
            ("meta_llm_nano", costs.meta_llm_nano),
            ("verify_nano", costs.verify_nano),
            ("retry_nano", costs.retry_nano),
            ("escalation_nano", costs.escalation_nano),
            ("hedge_nano", costs.hedge_nano),
        ] {
            written.set_item(name, nano)?;
        }
        written.set_item("baseline_nano", costs.baseline_nano)?;
        written.set_item("saved_nano", costs.saved_nano)?;
        Ok(written)
    }

    /// The time at which it ends, come what may, in microseconds.
    #[getter]
    fn deadline_us(&self) -> u64 {
        self.lock().deadline_us()
    }
}

/// One call to make. Times are microseconds on the clock of `now_us()`.
#[pyclass(frozen, get_all, module = "fastroute._fastroute")]
pub struct Call {
    /// Its number in the run, from 0.
    attempt: u32,
    /// What its answer is for: `answer`, `hedge`, `sample` or `verify`.
    purpose: &'static str,
    /// For `verify`: the attempt that is judged.
    of: Option<u32>,
    /// Why it is made, such as `fallback`.
    why: &'static str,
    /// Name of the model.
    model: Py<PyAny>,
    /// Where it runs.
    deployment: Py<Deployment>,
    /// When it must have ended.
    until_us: u64,
    /// When a stream must have begun.
    first_token_until_us: u64,
    /// Most time between two pieces of a stream.
    idle_us: u64,
    /// Most tokens to ask for.
    max_output_tokens: u32,
    /// Whether pieces may be passed on as they come.
    is_passed_on: bool,
    /// Whether to ask for reasoning: the decision says so, and the model can.
    reasoning: bool,
    /// What the answer must come with to be judged.
    wants: Py<PyTuple>,
}

impl Call {
    fn new(py: Python<'_>, call: CoreCall, decision: &Decision) -> PyResult<Self> {
        let (purpose, of) = match call.purpose {
            Purpose::Answer => ("answer", None),
            Purpose::Hedge => ("hedge", None),
            Purpose::Sample => ("sample", None),
            Purpose::Verify { of } => ("verify", Some(u32::from(of))),
        };
        let catalogue = decision.core().catalogue();
        let deployment = Deployment::new(catalogue.deployment(call.model, call.deployment));
        let reasons = Capabilities::empty().with(Capability::Reasoning);
        let lacking = reasons
            .missing_from(catalogue.capabilities(call.model))
            .next();
        let is_judging = matches!(call.purpose, Purpose::Verify { .. });
        Ok(Self {
            reasoning: decision.core().reasoning() && lacking.is_none() && !is_judging,
            attempt: u32::from(call.attempt),
            purpose,
            of,
            why: call.why.as_str(),
            model: decision.model_name(py, call.model)?.unbind(),
            deployment: Py::new(py, deployment)?,
            until_us: call.until_us,
            first_token_until_us: call.first_token_until_us,
            idle_us: call.idle_us,
            max_output_tokens: call.max_output_tokens,
            is_passed_on: call.is_passed_on,
            wants: PyTuple::new(py, call.wants.names().collect::<Vec<_>>())?.unbind(),
        })
    }
}

#[pymethods]
impl Call {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "Call(attempt={}, purpose='{}', why='{}', model={})",
            self.attempt,
            self.purpose,
            self.why,
            self.model.bind(py).repr()?
        ))
    }
}

/// How a run ended: an answer, or a code that says why there is none.
#[pyclass(frozen, get_all, module = "fastroute._fastroute")]
pub struct Ending {
    /// The attempt whose answer it is; None without one.
    answer: Option<u32>,
    /// Whether that answer was accepted; without a cascade every answer is.
    accepted: bool,
    /// How far it is trusted; None when that is unknown.
    confidence: Option<f32>,
    /// Why there is no answer, such as `DEADLINE_EXCEEDED`; None with one.
    code: Option<&'static str>,
    /// Soonest time at which another try makes sense, in microseconds; None when nobody can say.
    retry_at_us: Option<u64>,
    /// Attempts that are under way and to be cancelled.
    cancel: Py<PyList>,
}

impl Ending {
    fn new(py: Python<'_>, ending: &CoreEnding) -> PyResult<Self> {
        Ok(Self {
            answer: ending.answer.map(u32::from),
            accepted: ending.accepted,
            confidence: ending.confidence,
            code: ending.error.map(|error| error.code.as_str()),
            retry_at_us: ending.error.and_then(|error| error.retry_at_us),
            cancel: PyList::new(py, ending.cancel.iter().copied().map(u32::from))?.unbind(),
        })
    }
}

#[pymethods]
impl Ending {
    fn __repr__(&self) -> String {
        match (self.answer, self.code) {
            (Some(answer), _) => {
                let accepted = if self.accepted { "True" } else { "False" };
                format!("Ending(answer={answer}, accepted={accepted})")
            }
            (None, code) => format!("Ending(code='{}')", code.unwrap_or("")),
        }
    }
}

fn write_line<'py>(
    py: Python<'py>,
    line: &LogLine,
    decision: &Decision,
) -> PyResult<Bound<'py, PyDict>> {
    let catalogue = decision.core().catalogue();
    let deployment = Deployment::new(catalogue.deployment(line.model, line.deployment));
    let written = PyDict::new(py);
    written.set_item("attempt", line.attempt)?;
    written.set_item("model", decision.model_name(py, line.model)?)?;
    written.set_item("deployment", Bound::new(py, deployment)?)?;
    written.set_item("why", line.why.as_str())?;
    written.set_item("outcome", line.outcome.map(AttemptOutcome::as_str))?;
    written.set_item("skipped", line.skipped.map(|skipped| skipped.code()))?;
    written.set_item("started_us", line.started_us)?;
    written.set_item("latency_us", line.latency_us)?;
    written.set_item("cost_nano", line.cost_nano)?;
    written.set_item("confidence", line.confidence)?;
    written.set_item("accepted", line.accepted)?;
    Ok(written)
}

/// Reads the name of an outcome.
pub fn read_outcome(name: &str) -> PyResult<AttemptOutcome> {
    AttemptOutcome::named(name)
        .ok_or_else(|| PyValueError::new_err("`outcome` is none of fastroute.ATTEMPT_OUTCOMES"))
}

/// Reads what a rate limit holds for.
pub fn read_limit_scope(name: &str) -> PyResult<LimitScope> {
    LimitScope::named(name).ok_or_else(|| {
        PyValueError::new_err("`limit_scope` must be `model`, `credential` or `provider`")
    })
}

/// What a provider counted; none unless it told input or output.
pub fn usage(input: Option<u64>, cached: Option<u64>, output: Option<u64>) -> Option<Usage> {
    (input.is_some() || output.is_some()).then(|| Usage {
        input_tokens: input.unwrap_or(0),
        cached_tokens: cached.unwrap_or(0),
        output_tokens: output.unwrap_or(0),
    })
}
