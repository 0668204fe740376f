//! The class `Live`: what a router knows of its models from outcomes, and who may hold a breaker.
//!
//! All of it is the core's: breakers, limits, budgets, the fleet's retries. It lives as long as somebody
//! holds it, so that a new configuration goes on with it; answers of meta-LLMs are kept beside it.
//! Its locks are held for a few instructions, attached to the interpreter, so a fork never finds one
//! taken by a thread that only calls Python.

use std::sync::Arc;

use fastroute_core::{
    Answers, BudgetFigures, CellFigures, Fleet, Forced, Live as CoreLive, Now, Snapshot,
    Transition as CoreTransition,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::question;
use crate::request::read_text;
use crate::workspace;

/// What a router knows of its models: breakers, limits, budgets, and what was thought of answers.
///
/// It follows what `router.report` and dispatchers tell. Give it to a router of a new configuration,
/// `Router.from_file(path, live=router.live)`, and what has kept its name goes on.
///
/// >>> router = fastroute.Router.default()
/// >>> router.live.force("small", "open")
/// True
/// >>> router.route("hello").model
/// 'middle'
/// >>> router.live.force("small", None)
/// True
#[pyclass(frozen, module = "fastroute")]
pub struct Live {
    pub live: CoreLive,
    pub fleet: Fleet,
    pub answers: Arc<Answers>,
}

impl Live {
    /// Binds live state to a snapshot: that of another router, or a new one in which nothing has happened.
    pub fn bind(snapshot: &Snapshot, before: Option<&Self>) -> Self {
        let live = before.map_or_else(CoreLive::new, |before| before.live.clone());
        let fleet = live.bind(snapshot, question::now());
        Self {
            live,
            fleet,
            answers: before.map_or_else(Arc::default, |before| Arc::clone(&before.answers)),
        }
    }
}

#[pymethods]
impl Live {
    /// Takes the changes of breakers and limits that were not taken yet, oldest first.
    ///
    /// At most 1,024 wait to be taken; `figures()` counts those that were dropped.
    fn transitions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let taken = workspace::guarded(|| self.live.transitions())?;
        PyList::new(py, taken.into_iter().map(Transition::new))
    }

    /// Returns what was counted, as plain values: `cells`, `budgets`, `feedback` and `counters`.
    ///
    /// Times are in seconds from now, money in US dollars, shares from 0 to 1.
    fn figures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let now = question::now();
        let figures = workspace::guarded(|| self.live.figures(now))?;
        let written = PyDict::new(py);
        let cells = PyList::empty(py);
        for cell in &figures.cells {
            cells.append(write_cell(py, cell, now)?)?;
        }
        written.set_item("cells", cells)?;
        let budgets = PyList::empty(py);
        for budget in &figures.budgets {
            budgets.append(write_budget(py, budget, now)?)?;
        }
        written.set_item("budgets", budgets)?;
        let feedback = PyList::empty(py);
        for told in &figures.feedback {
            let line = PyDict::new(py);
            line.set_item("model", &*told.model)?;
            line.set_item("kind", &*told.kind)?;
            line.set_item("count", told.count)?;
            line.set_item("mean", told.mean)?;
            feedback.append(line)?;
        }
        written.set_item("feedback", feedback)?;
        let counters = PyDict::new(py);
        let counted = &figures.counters;
        for (name, count) in [
            ("stale_outcomes", counted.stale_outcomes),
            ("duplicate_outcomes", counted.duplicate_outcomes),
            ("unknown_outcomes", counted.unknown_outcomes),
            ("lost_leases", counted.lost_leases),
            ("retries_allowed", counted.retries_allowed),
            ("retries_refused", counted.retries_refused),
            ("transitions_dropped", counted.transitions_dropped),
            ("ejections_refused", counted.ejections_refused),
            ("scopes_dropped", counted.scopes_dropped),
        ] {
            counters.set_item(name, count)?;
        }
        written.set_item("counters", counters)?;
        Ok(written)
    }

    /// Holds the breakers of a model, or of one target, at a state; None gives them back to themselves.
    ///
    /// `what` is the name of a model, or a `key` of `figures()`. `open` keeps every call away, `closed`
    /// lets every call through, `disabled` takes the breaker out of play. Returns whether there is such
    /// a thing.
    #[pyo3(signature = (what, state))]
    fn force(&self, what: &Bound<'_, PyAny>, state: Option<&str>) -> PyResult<bool> {
        let what = read_text(what, "what")?;
        let forced = match state {
            None => None,
            Some(name) => Some(Forced::named(name).ok_or_else(|| {
                PyValueError::new_err("`state` must be `open`, `closed`, `disabled` or None")
            })?),
        };
        let now = question::now();
        workspace::guarded(|| {
            self.fleet.force(&what, forced, now) || self.live.force(&what, forced, now)
        })
    }

    fn __repr__(&self) -> String {
        let figures = self.live.figures(question::now());
        let closed = fastroute_core::HealthState::Closed;
        let away = figures.cells.iter().filter(|cell| cell.state != closed);
        format!(
            "Live(cells={}, not_closed={}, budgets={})",
            figures.cells.len(),
            away.count(),
            figures.budgets.len()
        )
    }
}

/// One change of a breaker or a limit.
#[pyclass(frozen, eq, hash, get_all, module = "fastroute")]
#[derive(Eq, Hash, PartialEq)]
pub struct Transition {
    /// When, on the clock of `fastroute.now_us()`.
    at_us: u64,
    /// What changed: `provider[/credential]:model[@region]`, `provider/credential` or a provider, and
    /// the scope in brackets behind it where health is not shared.
    key: String,
    /// Its state before: `closed`, `open`, `half_open`, `cooling`, `disabled`, `forced_open` or `forced_closed`.
    before: &'static str,
    /// Its state from then on.
    after: &'static str,
    /// Why, such as `consecutive_failures`.
    cause: &'static str,
    /// When calls may go there again, on the same clock; None when they may already.
    retry_at_us: Option<u64>,
}

impl Transition {
    fn new(transition: CoreTransition) -> Self {
        Self {
            at_us: transition.at_us,
            key: transition.key.to_string(),
            before: transition.from.as_str(),
            after: transition.to.as_str(),
            cause: transition.cause.as_str(),
            retry_at_us: transition.retry_at_us,
        }
    }
}

#[pymethods]
impl Transition {
    fn __repr__(&self) -> String {
        format!("Transition({})", self.__str__())
    }

    fn __str__(&self) -> String {
        format!(
            "{}: {} to {}, {}",
            self.key, self.before, self.after, self.cause
        )
    }
}

fn write_cell<'py>(py: Python<'py>, cell: &CellFigures, now: Now) -> PyResult<Bound<'py, PyDict>> {
    let seconds = |us: Option<f32>| us.map(|us| f64::from(us) / 1e6);
    let line = PyDict::new(py);
    line.set_item("key", cell.key.to_string())?;
    line.set_item("kind", cell.key.subject.kind())?;
    line.set_item("scope", cell.key.scope.as_deref())?;
    line.set_item("state", cell.state.as_str())?;
    line.set_item(
        "retry_after_s",
        cell.retry_at_us.map(|at| wait_s(at, now.monotonic_us)),
    )?;
    line.set_item("calls", cell.calls)?;
    line.set_item("failures", cell.failures)?;
    line.set_item("slow", cell.slow)?;
    line.set_item("consecutive_failures", cell.consecutive_failures)?;
    line.set_item("openings", cell.openings)?;
    line.set_item("leases", cell.leases)?;
    line.set_item("in_flight", cell.in_flight)?;
    line.set_item("failure_rate", cell.failure_rate)?;
    line.set_item("first_token_s", seconds(cell.first_token_us))?;
    line.set_item("per_token_s", seconds(cell.per_token_us))?;
    line.set_item("outputs", cell.outputs.0)?;
    line.set_item("output_bytes", cell.outputs.1)?;
    Ok(line)
}

/// Seconds from one time to another; infinite when only an operator can say.
pub fn wait_s(at_us: u64, now_us: u64) -> f64 {
    match at_us {
        u64::MAX => f64::INFINITY,
        at_us => at_us.saturating_sub(now_us) as f64 / 1e6,
    }
}

fn write_budget<'py>(
    py: Python<'py>,
    budget: &BudgetFigures,
    now: Now,
) -> PyResult<Bound<'py, PyDict>> {
    let usd = |nano: u64| nano as f64 / 1e9;
    let line = PyDict::new(py);
    let scope = serde_json::to_value(budget.scope).unwrap_or_default();
    line.set_item("scope", scope.as_str().unwrap_or_default())?;
    line.set_item("value", budget.value.as_deref())?;
    line.set_item("window_s", budget.window_us as f64 / 1e6)?;
    line.set_item("limit_usd", budget.limit_nano.map(usd))?;
    line.set_item("spent_usd", usd(budget.spent_nano))?;
    line.set_item("reserved_usd", usd(budget.reserved_nano))?;
    line.set_item("limit_tokens", budget.limit_tokens)?;
    line.set_item("spent_tokens", budget.spent_tokens)?;
    line.set_item("reserved_tokens", budget.reserved_tokens)?;
    line.set_item("resets_in_s", wait_s(budget.resets_at_us, now.unix_us))?;
    Ok(line)
}
