//! The steps of a plan: every deployment of every model, and what became of it in this run.
//!
//! The order after a failure is the order of this list: the deployments of the model that failed,
//! then the models after it, then those before it that could not be called. Only when none of them
//! can be called do steps that failed for a passing reason come again, after a pause: that is the
//! one cause for which a target is called twice. What one target did counts for every step that
//! leads to it, under whatever name of a model.

use crate::attempt::AttemptOutcome;
use crate::catalogue::{Catalogue, TargetId};
use crate::decision::Planned;
use crate::host::Availability;

/// One deployment of one model of the plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Place of its model in the plan.
    pub position: usize,
    /// Which of the model's deployments.
    pub deployment: u8,
    /// What its breaker watches.
    pub target: TargetId,
    /// What became of it.
    pub state: State,
    /// Passing failures of its target in this run.
    pub failures: u32,
    /// What the last claim said, when it said no.
    pub denied: Option<Availability>,
    /// The code that was last logged for passing it over.
    pub logged: Option<&'static str>,
}

/// What became of a step in this run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// It failed for a passing reason, and may be called again then.
    Again {
        /// When its pause is over.
        ready_us: u64,
    },
    /// Called, and not to be called again.
    Over,
    /// Not called yet.
    Untried,
}

/// Lists the steps of a plan, each model's drawn deployment before its others.
pub(super) fn of_plan(catalogue: &Catalogue, plan: &[Planned]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(plan.len());
    for (position, planned) in plan.iter().enumerate() {
        let Some(entry) = catalogue.models.get(planned.model.index()) else {
            continue;
        };
        let count = entry.deployments.len();
        for place in 0..count {
            let place = (usize::from(planned.deployment) + place) % count;
            steps.push(Step {
                position,
                deployment: place as u8,
                target: entry.deployments[place].target,
                state: State::Untried,
                failures: 0,
                denied: None,
                logged: None,
            });
        }
    }
    steps
}

/// What an outcome means for the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// Another step may be called, and this one again after a pause.
    Again,
    /// Only a model with a larger window may be called.
    Larger,
    /// Another step may be called, this one not again.
    Next,
    /// The route's rule decides: the next model, or the end.
    Refused,
    /// The run is over.
    Stop,
}

/// What an outcome other than success means for the run: the table of outcome classes.
pub(super) const fn effect(outcome: AttemptOutcome) -> Effect {
    match outcome {
        AttemptOutcome::ConnectFailed | AttemptOutcome::ServerError | AttemptOutcome::Timeout => {
            Effect::Again
        }
        AttemptOutcome::ContextTooLong => Effect::Larger,
        AttemptOutcome::ModelNotFound
        | AttemptOutcome::QuotaExhausted
        | AttemptOutcome::RateLimited
        | AttemptOutcome::StreamBroken
        | AttemptOutcome::Unauthorized => Effect::Next,
        AttemptOutcome::ContentRefused => Effect::Refused,
        AttemptOutcome::Cancelled
        | AttemptOutcome::InvalidRequest
        | AttemptOutcome::LocalError
        | AttemptOutcome::Success => Effect::Stop,
    }
}

/// The pause before the same target is called again: it doubles from `base_us` up to `most_us`,
/// and jitter takes up to half of it away.
pub(super) fn pause_us(base_us: u64, most_us: u64, failures: u32, draw: u64) -> u64 {
    let doubled = base_us.saturating_mul(1 << failures.saturating_sub(1).min(32));
    let whole = doubled.min(most_us.max(base_us));
    whole - draw % (whole / 2 + 1)
}
