//! Chooses the next call and claims it.
//!
//! A claim is the one question that counts: health, budgets and rates answer it together, and a
//! permit is the answer that holds. So nothing is looked up before, except where the configuration
//! asks for a share of healthy models.

use std::ops::ControlFlow;

use crate::attempt::Usage;
use crate::budget::Wanted;
use crate::catalogue::ModelId;
use crate::config::{OnExceed, WhenAllOpen};
use crate::decision::Place;
use crate::host::{Availability, Now};

use super::steps::{State, pause_us};
use super::{Call, Cause, Flight, LogLine, Phase, Purpose, Run, RunErrorCode, Skipped, Why};

/// Time beyond the end of a call for which its permit is held: a host that is a little late still
/// reports under it.
const LEASE_SLACK_US: u64 = 1_000_000;

/// A call as it would be made.
pub(super) struct Wish {
    pub model: ModelId,
    pub deployment: u8,
    pub step: Option<usize>,
    pub purpose: Purpose,
    pub why: Why,
    pub input_tokens: u64,
    /// Tokens of the answer without which the call makes no sense, and most that it may have.
    pub output_tokens: (u64, u64),
    /// Calls among which what is left of the cost cap is shared.
    pub shares: u64,
    pub ignores_health: bool,
    /// Whether the retry budget must allow it.
    pub is_retry: bool,
}

/// A call that cannot be made.
pub(super) struct Refused {
    pub why: Skipped,
    pub on_exceed: Option<OnExceed>,
}

impl From<Skipped> for Refused {
    fn from(why: Skipped) -> Self {
        Self {
            why,
            on_exceed: None,
        }
    }
}

impl Run {
    /// Makes the next call of the plan, sets a pause, or ends the run.
    pub(super) fn choose(&mut self, cause: Cause, now: Now) -> Option<Call> {
        self.stop = None;
        if cause == Cause::Failure && self.tries >= self.catalogue.resilience.retry.max_attempts {
            let (model, deployment) = self.last_called()?;
            self.log_skip(model, deployment, Why::Retry, Skipped::TooManyAttempts);
            return self.finish_exhausted();
        }
        let ignores_health = self.is_panic(now);
        let (after, before): (Vec<usize>, Vec<usize>) = (0..self.steps.len())
            .filter(|step| self.steps[*step].position >= self.floor)
            .partition(|step| self.steps[*step].position >= self.at);
        let order = [after, before].concat();
        for step in order.iter().copied() {
            if self.steps[step].state == State::Untried {
                let why = self.why(cause, self.steps[step].position);
                if let ControlFlow::Break(call) = self.try_step(step, why, ignores_health, now) {
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
            } else if let ControlFlow::Break(call) =
                self.try_step(step, Why::Retry, ignores_health, now)
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
            if let ControlFlow::Break(call) = self.try_step(step, why, true, now) {
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
            let mut wish = self.wish(step, Why::Hedge, false);
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
        ignores_health: bool,
        now: Now,
    ) -> ControlFlow<Option<Call>> {
        let mut wish = self.wish(step, why, ignores_health);
        wish.is_retry = matches!(self.phase, Phase::Choosing(Cause::Failure));
        let refused = match self.call(&wish, now) {
            Ok(call) => {
                self.pause_until_us = 0;
                self.queued = 0;
                self.hedges = 0;
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

    pub(super) fn wish(&self, step: usize, why: Why, ignores_health: bool) -> Wish {
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
            ignores_health,
            is_retry: false,
        }
    }

    /// Makes a call if window, cost cap, health, budgets, rates and the retry budget allow it.
    pub(super) fn call(&mut self, wish: &Wish, now: Now) -> Result<Call, Refused> {
        let entry = &self.catalogue.models[wish.model.index()];
        let window = entry.context_window;
        let room = u64::from(window).saturating_sub(wish.input_tokens);
        let able = u64::from(entry.max_output_tokens).min(wish.output_tokens.1);
        let needed = wish.output_tokens.0.min(able).max(1);
        let most = able.min(room);
        if window <= self.outgrown_window || most < needed {
            return Err(Skipped::WindowTooSmall.into());
        }
        let most = self
            .affordable(wish, most)
            .filter(|most| *most >= needed)
            .ok_or(Skipped::OverMaxCost)?;
        if self.attempts == u8::MAX {
            return Err(Skipped::TooManyAttempts.into());
        }
        let timeouts = &self.catalogue.resilience.timeouts;
        let within = |us: u64| now.monotonic_us.saturating_add(us).min(self.deadline_us);
        let until_us = within(timeouts.attempt.as_micros());
        let first_token_us = timeouts.first_token.as_micros();
        let idle_us = timeouts.idle.as_micros();
        let first_token_until_us = if self.options.is_stream {
            until_us.min(within(first_token_us))
        } else {
            until_us
        };
        let attempt = self.attempts;
        let draw = self.draw();
        let wanted = Wanted {
            caller: self.caller.as_caller(),
            route: self.route,
            model: wish.model,
            deployment: wish.deployment,
            owner: self.options.id,
            attempt,
            input_tokens: wish.input_tokens,
            output_tokens: most,
            lease_us: (until_us - now.monotonic_us).saturating_add(LEASE_SLACK_US),
            ignore_health: wish.ignores_health,
        };
        let permit = self
            .fleet
            .claim(&wanted, now, draw)
            .map_err(|denied| Refused {
                why: Skipped::Denied(denied.why),
                on_exceed: denied.on_exceed,
            })?;
        if wish.is_retry && !self.fleet.may_retry(now) {
            self.fleet.release(permit, now);
            return Err(Skipped::RetryBudget.into());
        }
        if let Some(step) = wish.step {
            let target = self.steps[step].target;
            self.steps[step].denied = None;
            for step in self.steps.iter_mut().filter(|step| step.target == target) {
                step.state = State::Over;
            }
        }
        self.attempts += 1;
        let is_answer = matches!(wish.purpose, Purpose::Answer | Purpose::Hedge);
        let is_passed_on = self.options.is_stream && is_answer && self.cascade().is_none();
        let worst = Usage {
            input_tokens: wish.input_tokens,
            cached_tokens: 0,
            output_tokens: most,
        };
        self.flights.push(Flight {
            attempt,
            purpose: wish.purpose,
            step: wish.step,
            permit,
            model: wish.model,
            worst_nano: self.catalogue.usage_cost_nano(wish.model, worst),
            input_tokens: wish.input_tokens,
            started_us: now.monotonic_us,
            is_passed_on,
            has_begun: false,
        });
        self.lines.push(LogLine {
            attempt: Some(attempt),
            ..LogLine::new(wish.model, wish.deployment, wish.why, now)
        });
        Ok(Call {
            attempt,
            purpose: wish.purpose,
            why: wish.why,
            model: wish.model,
            deployment: wish.deployment,
            until_us,
            first_token_until_us,
            idle_us,
            max_output_tokens: u32::try_from(most).unwrap_or(u32::MAX),
            is_passed_on,
            wants: self.wants(wish.purpose),
        })
    }

    /// The most output, up to `most`, that what is left of the cost cap pays for.
    fn affordable(&self, wish: &Wish, most: u64) -> Option<u64> {
        let Some(cap_nano) = self.options.max_cost_nano else {
            return Some(most);
        };
        let entry = &self.catalogue.models[wish.model.index()];
        let done = self.lines.iter().map(|line| line.cost_nano);
        let under_way = self.flights.iter().map(|flight| flight.worst_nano);
        let spent = done
            .chain(under_way)
            .fold(self.options.spent_nano, u64::saturating_add);
        let share = cap_nano.checked_sub(spent)? / wish.shares.max(1);
        let left = share as f64 - wish.input_tokens as f64 * entry.input_nano;
        if left < 0.0 {
            return None;
        }
        if entry.output_nano <= 0.0 {
            return Some(most);
        }
        Some(most.min((left / entry.output_nano) as u64))
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
