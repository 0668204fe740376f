//! Claims one call, or says why it cannot be made.
//!
//! Window and cost cap are the run's own and asked first; then health, rates and budgets answer
//! together, and the permit is the answer that holds; the retry budget comes last, because what it
//! gives cannot be given back. A permit that it refuses was never sent, so its rate comes back too.

use crate::attempt::Usage;
use crate::budget::Wanted;
use crate::catalogue::ModelId;
use crate::config::OnExceed;
use crate::health::Overruled;
use crate::host::Now;

use super::steps::State;
use super::{Call, Flight, LogLine, Purpose, Run, Skipped, Why};

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
    pub overruled: Overruled,
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
        let idle_us = timeouts.idle.as_micros();
        // Where another target could still be called, a third of the time that is left is kept for it;
        // a stream that has begun is its caller's, and goes on.
        let left_us = self.deadline_us.saturating_sub(now.monotonic_us);
        let kept_us = if self.has_others(wish) {
            left_us / 3
        } else {
            0
        };
        let fair_us = left_us - kept_us;
        let is_stream = self.options.is_stream;
        let bound_us = if is_stream {
            timeouts.first_token.as_micros()
        } else {
            timeouts.attempt.as_micros()
        };
        let is_cut = kept_us > 0 && fair_us < bound_us;
        let bound_us = within(bound_us.min(fair_us));
        let until_us = if is_stream {
            within(timeouts.attempt.as_micros())
        } else {
            bound_us
        };
        let first_token_until_us = until_us.min(bound_us);
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
            ignore_health: wish.overruled == Overruled::Health,
        };
        let mut permit = self
            .fleet
            .claim_over(&wanted, wish.overruled, now, draw)
            .map_err(|denied| Refused {
                why: Skipped::Denied(denied.why),
                on_exceed: denied.on_exceed,
            })?;
        if wish.is_retry && !self.fleet.may_retry(now) {
            self.fleet.release(permit, now);
            return Err(Skipped::RetryBudget.into());
        }
        permit.sent(Some(self.expected_output(wish.model)));
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
            output_tokens: most,
            started_us: now.monotonic_us,
            is_passed_on,
            has_begun: false,
            is_cut,
        });
        self.lines.push(LogLine {
            attempt: Some(attempt),
            ignores_health: wish.overruled != Overruled::Nothing,
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

    /// Whether another target could be called if this call came to nothing.
    fn has_others(&self, wish: &Wish) -> bool {
        let Some(step) = wish.step else {
            return false;
        };
        let tries = self.tries + u32::from(wish.is_retry || self.tries == 0);
        let target = self.steps[step].target;
        let mut others = self.steps.iter();
        tries < self.catalogue.resilience.retry.max_attempts
            && others.any(|other| {
                other.state == State::Untried
                    && other.position >= self.floor
                    && other.target != target
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
}
