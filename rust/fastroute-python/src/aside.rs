//! The class `Aside`: one call beside a plan, of the meta-LLM or of the model that summarises.
//!
//! It is claimed and reported as every call is, so breakers, rates and budgets hold for it too.
//! Dropping it gives back what it holds.

use std::sync::{Mutex, PoisonError};

use fastroute_core::{Ended, ModelId, OwnedCaller, Permit, RetryAfter, Usage, View, Wanted};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::decision::Deployment;
use crate::question::{at, now};
use crate::request::{Who, read_text};
use crate::router::Router;
use crate::run::{read_limit_scope, read_outcome, usage};
use crate::{error, workspace};

/// A call beside a plan, and the right to make it.
#[pyclass(frozen, module = "fastroute._fastroute")]
pub struct Aside {
    /// Where to call.
    #[pyo3(get)]
    deployment: Py<Deployment>,
    router: Py<Router>,
    model: ModelId,
    input_tokens: u64,
    /// None once it was reported.
    permit: Mutex<Option<Permit>>,
}

/// What a call beside a plan is claimed with.
pub struct Asking<'a, 'py> {
    pub model: &'a Bound<'py, PyAny>,
    pub caller: Option<&'a Bound<'py, PyAny>>,
    pub input_tokens: u64,
    pub max_output_tokens: u64,
    pub until_us: u64,
    pub id: u128,
    pub seed: u64,
    /// What it may cost at most, in nano-dollars; no limit when absent.
    pub max_cost_nano: Option<u64>,
}

impl Aside {
    /// Claims a call of one model; none when its health, a rate, a budget or its cost says no.
    pub fn claim(router: &Bound<'_, Router>, asking: &Asking<'_, '_>) -> PyResult<Option<Self>> {
        let py = router.py();
        let name = read_text(asking.model, "model")?;
        let fleet = &router.get().live.get().fleet;
        let catalogue = fleet.catalogue();
        let model = catalogue.model_named(&name).ok_or_else(|| {
            let name = name.escape_debug();
            error::request(
                "UNKNOWN_MODEL",
                format!("`{name}` is no model of this configuration"),
            )
        })?;
        let most = Usage {
            input_tokens: asking.input_tokens,
            output_tokens: asking.max_output_tokens,
            ..Usage::default()
        };
        let cost = catalogue.usage_cost_nano(model, most);
        if asking.max_cost_nano.is_some_and(|limit| cost > limit) {
            return Ok(None);
        }
        let who = Who::read(asking.caller)?;
        let caller = OwnedCaller::from(who.lend());
        let now = now();
        let claimed = workspace::guarded(|| {
            let mut view = View::healthy();
            fleet.view(&caller.as_caller(), now, &mut view);
            let out = view.state(model).deployments_out;
            let deployment = catalogue.draw_deployment(model, asking.seed, out);
            let wanted = Wanted {
                caller: caller.as_caller(),
                route: None,
                model,
                deployment,
                owner: asking.id,
                attempt: 0,
                input_tokens: asking.input_tokens,
                output_tokens: asking.max_output_tokens,
                lease_us: asking.until_us.saturating_sub(now.monotonic_us),
                ignore_health: false,
            };
            let permit = fleet.claim(&wanted, now, asking.seed);
            permit.ok().map(|permit| (permit, deployment))
        })?;
        let Some((permit, deployment)) = claimed else {
            return Ok(None);
        };
        Ok(Some(Self {
            deployment: Py::new(py, Deployment::new(catalogue.deployment(model, deployment)))?,
            router: router.clone().unbind(),
            model,
            input_tokens: asking.input_tokens,
            permit: Mutex::new(Some(permit)),
        }))
    }
}

#[pymethods]
impl Aside {
    /// Tells how the call ended, once; returns what it cost in nano-dollars.
    #[pyo3(signature = (outcome, *, now_us, latency_us, retry_after_us=None, limit_scope="model",
        input_tokens=None, cached_tokens=None, output_tokens=None, first_token_us=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the keywords of the Python method"
    )]
    fn ended(
        &self,
        outcome: &str,
        now_us: u64,
        latency_us: u64,
        retry_after_us: Option<u64>,
        limit_scope: &str,
        input_tokens: Option<u64>,
        cached_tokens: Option<u64>,
        output_tokens: Option<u64>,
        first_token_us: Option<u64>,
    ) -> PyResult<u64> {
        let outcome = read_outcome(outcome)?;
        let limit_scope = read_limit_scope(limit_scope)?;
        let permit = self
            .permit
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(permit) = permit else {
            return Err(PyValueError::new_err("this call was reported before"));
        };
        let is_answered = outcome == fastroute_core::AttemptOutcome::Success;
        let told = usage(input_tokens, cached_tokens, output_tokens);
        // Who answers and does not count has read at least what was sent.
        let assumed = Usage {
            input_tokens: self.input_tokens,
            ..Usage::default()
        };
        let usage = told.or(is_answered.then_some(assumed));
        let ended = Ended {
            retry_after: retry_after_us.map(RetryAfter::After),
            limit_scope,
            usage,
            first_token_us,
            ..Ended::new(outcome, latency_us)
        };
        let fleet = &self.router.get().live.get().fleet;
        workspace::guarded(|| {
            fleet.report(permit, &ended, at(now_us));
            usage.map_or(0, |usage| {
                fleet.catalogue().usage_cost_nano(self.model, usage)
            })
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Aside({})", self.deployment.bind(py).repr()?))
    }
}
