//! Takes what came of a call, and ends a run.

use crate::attempt::{AttemptOutcome, Usage};
use crate::catalogue::ModelId;
use crate::config::OnContentRefused;
use crate::health::Ended;
use crate::host::{Availability, Now};
use crate::judge::Judged;

use super::choose::retry_at_us;
use super::steps::{Effect, State, effect, pause_us};
use super::{
    Call, Cause, Ending, Flight, LogLine, Phase, Purpose, Run, RunError, RunErrorCode, Skipped, Why,
};

impl Run {
    pub(super) fn take_outcome(
        &mut self,
        attempt: u8,
        mut ended: Ended,
        judged: Judged,
        now: Now,
    ) -> Vec<u8> {
        let Some(place) = self.place_of(attempt) else {
            return Vec::new();
        };
        let flight = self.flights.remove(place);
        // Our own deadline says nothing about the target, and a part of its time only when a first
        // byte could have come in it.
        let is_timeout = ended.outcome == AttemptOutcome::Timeout;
        let is_deadline = is_timeout && now.monotonic_us >= self.deadline_us;
        let had_us = now.monotonic_us.saturating_sub(flight.started_us);
        let needs_us = self.catalogue.resilience.timeouts.first_token.as_micros();
        let is_short = flight.is_cut && (flight.has_begun || had_us < needs_us);
        let told = if is_deadline || (is_timeout && is_short) {
            AttemptOutcome::Cancelled
        } else {
            ended.outcome
        };
        if is_deadline {
            ended.outcome = told;
        }
        let outcome = ended.outcome;
        self.close_line(&flight, &ended);
        let counted = ended.usage.map(|usage| usage.output_tokens);
        let counted = counted.map(|tokens| tokens.min(flight.output_tokens));
        let output_tokens = counted.unwrap_or_else(|| self.expected_output(flight.model));
        let (purpose, step) = (flight.purpose, flight.step);
        let (has_begun, model) = (flight.has_begun && flight.is_passed_on, flight.model);
        ended.outcome = told;
        self.fleet.report(flight.permit, &ended, now);
        if is_deadline {
            self.finish(RunErrorCode::DeadlineExceeded);
            return Vec::new();
        }
        let is_success = outcome == AttemptOutcome::Success;
        if outcome == AttemptOutcome::Cancelled {
            self.finish(RunErrorCode::Cancelled);
        } else if let Purpose::Verify { .. } = purpose {
            self.take_verdict(attempt, judged.confidence.filter(|_| is_success));
        } else if is_success {
            let position = step.map_or(self.at, |step| self.steps[step].position);
            return self.take_answer(attempt, position, output_tokens, judged);
        } else {
            self.take_failure(step, model, outcome, has_begun);
            self.wait_as_asked(step, &ended, now);
        }
        Vec::new()
    }

    fn take_failure(
        &mut self,
        step: Option<usize>,
        model: ModelId,
        outcome: AttemptOutcome,
        has_begun: bool,
    ) {
        self.last_failure = Some(outcome);
        let is_refused = outcome == AttemptOutcome::ContentRefused;
        if has_begun && !self.options.switch_after_stream {
            self.finish(if is_refused {
                RunErrorCode::ContentRefused
            } else {
                RunErrorCode::StreamBroken
            });
            return;
        }
        match effect(outcome) {
            Effect::Again => self.set_again(step),
            Effect::Larger => {
                let window = self.catalogue.models[model.index()].context_window;
                self.outgrown_window = self.outgrown_window.max(window);
            }
            Effect::Next => {}
            Effect::Refused => {
                let position = step.map(|step| self.steps[step].position);
                for step in &mut self.steps {
                    if Some(step.position) == position {
                        step.state = State::Over;
                    }
                }
                if self.on_content_refused() == OnContentRefused::Stop {
                    self.stop = Some(RunErrorCode::ContentRefused);
                }
            }
            Effect::Stop if outcome == AttemptOutcome::InvalidRequest => {
                self.stop = Some(RunErrorCode::InvalidRequest);
            }
            Effect::Stop => self.stop = Some(RunErrorCode::LocalError),
        }
        if self.flights.is_empty() && matches!(self.phase, Phase::Calling) {
            self.settle();
        }
    }

    /// Lets a target be called again after a pause.
    fn set_again(&mut self, step: Option<usize>) {
        let Some(step) = step else {
            return;
        };
        let retry = &self.catalogue.resilience.retry;
        let (base_us, most_us) = (retry.backoff.as_micros(), retry.max_backoff.as_micros());
        let target = self.steps[step].target;
        self.steps[step].failures += 1;
        let failures = self.steps[step].failures;
        let draw = self.draw();
        let pause_us = pause_us(base_us, most_us, failures, draw);
        let ready_us = self.seen.monotonic_us.saturating_add(pause_us);
        for step in self.steps.iter_mut().filter(|step| step.target == target) {
            step.state = State::Again { ready_us };
            step.failures = failures;
        }
    }

    /// Calls a target again no sooner than its provider asks.
    fn wait_as_asked(&mut self, step: Option<usize>, ended: &Ended, now: Now) {
        let Some((step, asked_us)) = step.zip(self.fleet.asked_us(ended, now)) else {
            return;
        };
        let asked_at_us = now.monotonic_us.saturating_add(asked_us);
        let target = self.steps[step].target;
        for step in self.steps.iter_mut().filter(|step| step.target == target) {
            if let State::Again { ready_us } = &mut step.state {
                *ready_us = asked_at_us.max(*ready_us);
            }
        }
    }

    /// Goes on when every call of a step has ended and none gave an answer by itself.
    pub(super) fn settle(&mut self) {
        if !self.samples.is_empty() {
            self.compare_samples();
        } else if let Some(code) = self.stop {
            self.finish(code);
        } else {
            self.phase = Phase::Choosing(Cause::Failure);
        }
    }

    /// Gives up what is under way, but for one attempt. Returns what the host is to cancel.
    pub(super) fn give_up_others(&mut self, kept: Option<u8>) -> Vec<u8> {
        let flights = std::mem::take(&mut self.flights);
        let mut given_up = Vec::new();
        for flight in flights {
            if kept == Some(flight.attempt) {
                self.flights.push(flight);
                continue;
            }
            let latency_us = self.seen.monotonic_us.saturating_sub(flight.started_us);
            self.close_line(&flight, &Ended::new(AttemptOutcome::Cancelled, latency_us));
            given_up.push(flight.attempt);
            self.fleet.release(flight.permit, self.seen);
        }
        given_up
    }

    /// Ends the run before it came to its own end: the best answer so far stands, if there is one.
    pub(super) fn finish(&mut self, code: RunErrorCode) {
        let cancel = self.give_up_others(None);
        let best = match code {
            RunErrorCode::Cancelled => None,
            _ => self.best_in_hand(),
        };
        let ending = match best {
            Some((best, accepted)) => Ending {
                answer: Some(best.attempt),
                accepted,
                confidence: best.confidence,
                error: None,
                cancel,
            },
            None => Ending {
                answer: None,
                accepted: false,
                confidence: None,
                error: Some(RunError {
                    code,
                    retry_at_us: self.retry_at_us(code),
                }),
                cancel,
            },
        };
        self.phase = Phase::Done(ending);
    }

    /// Ends the run because no step is left; the code says what it was that left none.
    pub(super) fn finish_exhausted(&mut self) -> Option<Call> {
        let is_denied = |wanted: &dyn Fn(Availability) -> bool| {
            let denied = self.lines.iter().filter_map(|line| line.skipped);
            denied
                .filter_map(|skipped| match skipped {
                    Skipped::Denied(denied) => Some(denied),
                    _ => None,
                })
                .any(wanted)
        };
        let is_skipped =
            |wanted: Skipped| self.lines.iter().any(|line| line.skipped == Some(wanted));
        let has_no_room = |denied| {
            matches!(
                denied,
                Availability::OverBudget { .. } | Availability::RateLimited { .. }
            )
        };
        let code = match self.last_failure {
            Some(AttemptOutcome::ContentRefused) => RunErrorCode::ContentRefused,
            Some(AttemptOutcome::ContextTooLong) => RunErrorCode::ContextTooLong,
            Some(_) => RunErrorCode::AllAttemptsFailed,
            None if is_denied(&|denied| !has_no_room(denied)) => RunErrorCode::NoModelAvailable,
            None if is_denied(&has_no_room) => RunErrorCode::OverBudget,
            None if is_skipped(Skipped::OverMaxCost) => RunErrorCode::OverMaxCost,
            None if is_skipped(Skipped::WindowTooSmall) => RunErrorCode::ContextTooLong,
            None => RunErrorCode::NoModelAvailable,
        };
        self.finish(code);
        None
    }

    /// The soonest time at which a model of the route can be called, where waiting would help.
    fn retry_at_us(&mut self, code: RunErrorCode) -> Option<u64> {
        match code {
            RunErrorCode::AllAttemptsFailed
            | RunErrorCode::DeadlineExceeded
            | RunErrorCode::NoModelAvailable
            | RunErrorCode::OverBudget
            | RunErrorCode::StreamBroken => {}
            RunErrorCode::Cancelled
            | RunErrorCode::ContentRefused
            | RunErrorCode::ContextTooLong
            | RunErrorCode::InvalidRequest
            | RunErrorCode::LocalError
            | RunErrorCode::OverMaxCost => return None,
        }
        self.view.clear();
        self.fleet
            .view(&self.caller.as_caller(), self.seen, &mut self.view);
        let known = |model: ModelId| self.view.state(model).availability;
        // What a budget refused, it refused for all that could have been called after it.
        let counts =
            |denied: Option<Availability>| denied.is_some() || code != RunErrorCode::OverBudget;
        let steps = self.steps.iter().filter(|step| counts(step.denied));
        let of_steps = steps.map(|step| {
            let denied = step.denied;
            denied.unwrap_or_else(|| known(self.plan[step.position].model))
        });
        let soonest = of_steps
            .filter_map(|state| retry_at_us(state, self.seen))
            .min();
        // A decision that found no model to plan with: any of the route's may come back.
        soonest.or_else(|| {
            let route = self.catalogue.routes.get(self.route?.index())?;
            let models = route.candidates.iter().chain(&route.fallback);
            models
                .filter_map(|model| retry_at_us(known(*model), self.seen))
                .filter(|at_us| *at_us > self.seen.monotonic_us)
                .min()
        })
    }

    /// Completes the line of an attempt.
    fn close_line(&mut self, flight: &Flight, ended: &Ended) {
        let output = self.expected_output(flight.model);
        let assumed = || Usage::assumed(ended.outcome, flight.input_tokens, output);
        let usage = ended.usage.unwrap_or_else(assumed);
        let cost_nano = self.catalogue.usage_cost_nano(flight.model, usage);
        let line = self
            .lines
            .iter_mut()
            .rfind(|line| line.attempt == Some(flight.attempt));
        if let Some(line) = line {
            line.outcome = Some(ended.outcome);
            line.latency_us = ended.latency_us;
            line.usage = ended.usage;
            line.cost_nano = cost_nano.min(flight.worst_nano);
        }
    }

    /// Adds the line of a step that was passed over.
    pub(super) fn log_skip(&mut self, model: ModelId, deployment: u8, why: Why, skipped: Skipped) {
        self.lines.push(LogLine {
            skipped: Some(skipped),
            ..LogLine::new(model, deployment, why, self.seen)
        });
    }
}
