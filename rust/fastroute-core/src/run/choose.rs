//! Chooses the next call: the first step, in the order of the plan, that can be claimed.
//!
//! Nothing is looked up before a claim, because only a claim holds; except where the configuration
//! asks for a share of healthy models, and after everything said no.

use std::ops::ControlFlow;

use crate::catalogue::ModelId;
use crate::config::{OnExceed, WhenAllOpen};
use crate::decision::Place;
use crate::health::Overruled;
use crate::host::{Availability, Now};

use super::claim::{Refused, Wish};
use super::steps::{State, pause_us};
use super::{Call, Cause, Phase, Purpose, Run, RunErrorCode, Skipped, Why};

impl Run {
    /// Makes the next call of the plan, sets a pause, or ends the run.
    pub(super) fn choose(&mut self, cause: Cause, now: Now) -> Option<Call> {
        self.stop = None;
        if cause == Cause::Failure && self.tries >= self.catalogue.resilience.retry.max_attempts {
            let (model, deployment) = self.last_called()?;
            self.log_skip(model, deployment, Why::Retry, Skipped::TooManyAttempts);
            return self.finish_exhausted();
        }
        let overruled = if self.is_panic(now) {
            Overruled::Breakers
        } else {
            Overruled::Nothing
        };
        let (after, before): (Vec<usize>, Vec<usize>) = (0..self.steps.len())
            .filter(|step| self.steps[*step].position >= self.floor)
            .partition(|step| self.steps[*step].position >= self.at);
        let order = [after, before].concat();
        for step in order.iter().copied() {
            if self.steps[step].state == State::Untried {
                let why = self.why(cause, self.steps[step].position);
                if let ControlFlow::Break(call) = self.try_step(step, why, overruled, now) {
                    return call;
                }
            }
        }
        let mut soonest_us = u64::MAX;
        let mut again: Vec<(u64, usize)> = order
            .iter()
            .filter_map(|step| match self.steps[*step].state {
                State::Again { ready_us } => Some((ready_us, *step)),
                State::Over | State::Untried => None,
            })
            .collect();
        again.sort_by_key(|(ready_us, _)| *ready_us);
        for (ready_us, step) in again {
            if ready_us > now.monotonic_us {
                soonest_us = soonest_us.min(ready_us);
            } else if let ControlFlow::Break(call) = self.try_step(step, Why::Retry, overruled, now)
            {
                return call;
            }
        }
        if soonest_us < self.deadline_us {
            self.pause_until_us = soonest_us;
            return None;
        }
        if soonest_us != u64::MAX {
            let (model, deployment) = self.last_called()?;
            self.log_skip(model, deployment, Why::Retry, Skipped::NoTimeLeft);
        }
        if let Some(step) = self.called_all_the_same(&order) {
            let why = self.why(cause, self.steps[step].position);
            self.has_ignored_health = true;
            if let ControlFlow::Break(call) = self.try_step(step, why, Overruled::Health, now) {
                return call;
            }
        }
        self.finish_exhausted()
    }

    /// Calls the next model beside a slow one; failing that, another deployment of the same model.
    pub(super) fn hedge(&mut self, now: Now) -> Option<Call> {
        let most = self.catalogue.resilience.retry.max_attempts;
        let (others, same): (Vec<usize>, Vec<usize>) = (0..self.steps.len())
            .filter(|step| self.steps[*step].state == State::Untried)
            .filter(|step| self.steps[*step].position >= self.at)
            .partition(|step| self.steps[*step].position > self.at);
        for step in [others, same].concat() {
            if self.tries >= most {
                break;
            }
            let mut wish = self.wish(step, Why::Hedge, Overruled::Nothing);
            wish.purpose = Purpose::Hedge;
            wish.is_retry = true;
            match self.call(&wish, now) {
                Ok(call) => {
                    self.tries += 1;
                    self.hedges += 1;
                    return Some(call);
                }
                Err(refused) => {
                    self.pass_over(step, Why::Hedge, refused.why);
                    if refused.why == Skipped::RetryBudget {
                        break;
                    }
                }
            }
        }
        self.is_hedging_over = true;
        None
    }

    /// Tries one step. Breaks with a call, or with none when the run pauses or has ended.
    fn try_step(
        &mut self,
        step: usize,
        why: Why,
        overruled: Overruled,
        now: Now,
    ) -> ControlFlow<Option<Call>> {
        let mut wish = self.wish(step, why, overruled);
        wish.is_retry = matches!(self.phase, Phase::Choosing(Cause::Failure));
        let refused = match self.call(&wish, now) {
            Ok(call) => {
                self.pause_until_us = 0;
                self.queued = 0;
                self.is_hedging_over = false;
                self.at = self.steps[step].position;
                if self.tries == 0 {
                    self.fleet.first_attempt(now);
                }
                if wish.is_retry || self.tries == 0 {
                    self.tries += 1;
                }
                let left = self.samples() - 1;
                self.phase = if left > 0 {
                    Phase::Sampling { step, left }
                } else {
                    Phase::Calling
                };
                return ControlFlow::Break(Some(call));
            }
            Err(refused) => refused,
        };
        self.pass_over(step, why, refused.why);
        match refused {
            Refused {
                why: Skipped::RetryBudget | Skipped::TooManyAttempts,
                ..
            }
            | Refused {
                on_exceed: Some(OnExceed::Reject),
                ..
            } => ControlFlow::Break(self.finish_exhausted()),
            Refused {
                why: Skipped::Denied(denied),
                on_exceed: Some(OnExceed::Queue),
            } => {
                self.queue(denied, now);
                ControlFlow::Break(None)
            }
            Refused { .. } => ControlFlow::Continue(()),
        }
    }

    /// Waits for room. A rate says when there is some; a budget may have some sooner than at the end
    /// of its window, as calls settle below what they reserved, so it is asked again, less and less often.
    fn queue(&mut self, denied: Availability, now: Now) {
        self.queued += 1;
        let retry = &self.catalogue.resilience.retry;
        let (base_us, most_us) = (retry.backoff.as_micros(), retry.max_backoff.as_micros());
        let draw = self.draw();
        let pause_us = pause_us(base_us, most_us, self.queued, draw);
        let asks_us = now.monotonic_us.saturating_add(pause_us);
        let until_us = match denied {
            Availability::RateLimited { retry_at_us } => retry_at_us,
            other => retry_at_us(other, now).map_or(asks_us, |at_us| at_us.min(asks_us)),
        };
        self.pause_until_us = until_us.max(now.monotonic_us + 1);
    }

    /// The step that the route wants called when none can be.
    fn called_all_the_same(&self, order: &[usize]) -> Option<usize> {
        if self.has_ignored_health {
            return None;
        }
        let denied = order.iter().filter_map(|step| {
            let entry = &self.steps[*step];
            let at_us = match (entry.state, entry.denied) {
                (State::Untried, Some(Availability::Cooling { retry_at_us })) => retry_at_us,
                (State::Untried, Some(Availability::Open { retry_at_us })) => retry_at_us,
                _ => return None,
            };
            Some((at_us, *step))
        });
        match self.when_all_open() {
            WhenAllOpen::FailFast => None,
            WhenAllOpen::LastResort => denied
                .map(|(_, step)| step)
                .find(|step| self.steps[*step].position + 1 == self.plan.len()),
            WhenAllOpen::TryLeastBad => denied.min().map(|(_, step)| step),
        }
    }

    /// Whether so few of the plan's models are well that their breakers are ignored.
    fn is_panic(&mut self, now: Now) -> bool {
        let threshold = self.catalogue.resilience.panic_threshold;
        if threshold <= 0.0 {
            return false;
        }
        self.view.clear();
        self.fleet
            .view(&self.caller.as_caller(), now, &mut self.view);
        let models = self.plan.iter().map(|planned| planned.model);
        let is_open = |model: ModelId| {
            matches!(
                self.view.state(model).availability,
                Availability::Open { .. }
            )
        };
        let open = models.filter(|model| is_open(*model)).count();
        let healthy = self.plan.len() - open;
        (healthy as f32) < threshold * self.plan.len() as f32
    }

    fn why(&self, cause: Cause, position: usize) -> Why {
        match cause {
            Cause::Escalation if matches!(self.plan[position].place, Place::Escalation) => {
                Why::Escalation
            }
            Cause::Failure if position == self.at => Why::Retry,
            Cause::First if position == 0 => Why::Primary,
            Cause::Escalation | Cause::Failure | Cause::First => Why::Fallback,
        }
    }

    pub(super) fn wish(&self, step: usize, why: Why, overruled: Overruled) -> Wish {
        let planned = &self.plan[self.steps[step].position];
        let estimates = &planned.estimates;
        let wanted = self.options.max_output_tokens.map_or(u64::MAX, u64::from);
        Wish {
            model: planned.model,
            deployment: self.steps[step].deployment,
            step: Some(step),
            purpose: Purpose::Answer,
            why,
            input_tokens: self.options.input_tokens.unwrap_or(estimates.input_tokens),
            output_tokens: (u64::from(estimates.output_tokens), wanted),
            shares: u64::from(self.samples()),
            overruled,
            is_retry: false,
        }
    }

    /// Notes why a step was passed over.
    pub(super) fn pass_over(&mut self, step: usize, why: Why, skipped: Skipped) {
        let entry = &mut self.steps[step];
        if let Skipped::Denied(denied) = skipped {
            entry.denied = Some(denied);
        }
        let is_known = entry.logged == Some(skipped.code());
        entry.logged = Some(skipped.code());
        let (model, deployment) = (self.plan[entry.position].model, entry.deployment);
        if !is_known {
            self.log_skip(model, deployment, why, skipped);
        }
    }

    fn last_called(&mut self) -> Option<(ModelId, u8)> {
        let last = self.lines.iter().rfind(|line| line.attempt.is_some());
        let last = last.map(|line| (line.model, line.deployment));
        if last.is_none() {
            self.finish(RunErrorCode::NoModelAvailable);
        }
        last
    }
}

/// When a state is over, on the monotonic clock.
pub(super) fn retry_at_us(availability: Availability, now: Now) -> Option<u64> {
    match availability {
        Availability::Available => Some(now.monotonic_us),
        Availability::Cooling { retry_at_us }
        | Availability::Open { retry_at_us }
        | Availability::RateLimited { retry_at_us } => Some(retry_at_us),
        Availability::OverBudget { resets_at_us } => {
            let left_us = resets_at_us.saturating_sub(now.unix_us);
            Some(now.monotonic_us.saturating_add(left_us))
        }
        Availability::Unavailable => None,
    }
}
