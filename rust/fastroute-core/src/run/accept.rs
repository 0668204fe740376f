//! Judges answers: takes them, compares samples, asks a verifier, escalates.
//!
//! What an answer says is the host's to read; here are only its figures. An answer whose confidence
//! is unknown is not accepted, one without the wanted form neither: escalating costs money, and
//! passing on what nobody trusts costs more.

use crate::catalogue::ModelId;
use crate::config::{Accept, AnswerConfidence, ConfidenceSource};
use crate::decision::Place;
use crate::health::Overruled;
use crate::host::Now;
use crate::judge::Judged;

use super::claim::Wish;
use super::steps::State;
use super::{Call, Cause, Ending, Phase, Purpose, Run, Skipped, Wants, Why};

/// Tokens of a verifier's prompt beside the request and the answer, and most of its verdict.
const VERIFIER_TOKENS: (u64, u64) = (300, 256);

/// An answer with its figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    pub attempt: u8,
    /// Place of its model in the plan.
    pub position: usize,
    pub confidence: Option<f32>,
    pub key: Option<u64>,
    /// What the provider counted, never more than the call allowed; the estimate when it told nothing.
    pub output_tokens: u64,
    pub is_in_form: bool,
}

impl Run {
    /// Takes an answer. Returns the attempts that it makes superfluous.
    pub(super) fn take_answer(
        &mut self,
        attempt: u8,
        position: usize,
        output_tokens: u64,
        judged: Judged,
    ) -> Vec<u8> {
        let needs_form = self.accept().is_some_and(|accept| accept.format.is_some());
        let answered = Answered {
            attempt,
            position,
            confidence: share(judged.confidence),
            key: judged.answer_key,
            output_tokens,
            is_in_form: !needs_form || judged.is_in_form == Some(true),
        };
        if self.samples() > 1 {
            self.samples.push(answered);
            if self.flights.is_empty() && matches!(self.phase, Phase::Calling) {
                self.settle();
            }
            return Vec::new();
        }
        let superfluous = self.give_up_others(None);
        self.judge(answered);
        superfluous
    }

    /// Judges the answer that the samples of a step agree on.
    pub(super) fn compare_samples(&mut self) {
        if let Some(agreed) = self.agreed() {
            self.judge(agreed);
        }
    }

    /// Compares the samples of a step: the answer that most of them agree on, the earliest such
    /// sample, trusted as far as their share. Samples that were lost agree with none.
    fn agreed(&mut self) -> Option<Answered> {
        let mut samples = std::mem::take(&mut self.samples);
        samples.sort_by_key(|sample| sample.attempt);
        let votes = |sample: &Answered| {
            let same = |other: &&Answered| sample.key.is_some() && other.key == sample.key;
            samples.iter().filter(same).count().max(1)
        };
        let most = samples.iter().map(votes).max().unwrap_or(0);
        let first = samples.iter().find(|sample| votes(sample) == most)?;
        Some(Answered {
            confidence: Some(most as f32 / self.samples() as f32),
            ..*first
        })
    }

    /// Accepts an answer, has it verified, or escalates.
    fn judge(&mut self, answered: Answered) {
        self.at = answered.position;
        self.answers.push(answered);
        if self.answer_source() == Some(ConfidenceSource::Verifier) && answered.is_in_form {
            self.phase = Phase::Verifying {
                of: answered.attempt,
            };
        } else {
            self.conclude();
        }
    }

    /// Takes what a verifier said; none when it said nothing that can be used.
    pub(super) fn take_verdict(&mut self, verifier: u8, confidence: Option<f32>) {
        let confidence = share(confidence);
        if let Some(line) = self
            .lines
            .iter_mut()
            .rfind(|line| line.attempt == Some(verifier))
        {
            line.confidence = confidence;
        }
        if let Some(answered) = self.answers.last_mut() {
            answered.confidence = confidence;
        }
        self.conclude();
    }

    fn conclude(&mut self) {
        let Some(answered) = self.answers.last().copied() else {
            return;
        };
        if self.accepts(answered) {
            self.phase = Phase::Done(Ending {
                answer: Some(answered.attempt),
                accepted: true,
                confidence: answered.confidence,
                error: None,
                cancel: Vec::new(),
            });
            return;
        }
        let next = self.steps.iter().find(|step| {
            step.position > answered.position
                && step.state == State::Untried
                && self.plan[step.position].place == Place::Escalation
        });
        match next.map(|step| step.position) {
            Some(position) => {
                self.floor = position;
                self.at = position;
                self.phase = Phase::Choosing(Cause::Escalation);
            }
            None => {
                let best = self.best().unwrap_or(answered);
                self.phase = Phase::Done(Ending {
                    answer: Some(best.attempt),
                    accepted: false,
                    confidence: best.confidence,
                    error: None,
                    cancel: Vec::new(),
                });
            }
        }
    }

    /// Whether an answer is accepted; its line says so.
    fn accepts(&mut self, answered: Answered) -> bool {
        let accepted = match self.accept() {
            None => true,
            Some(Accept {
                answer_confidence, ..
            }) => {
                let least = answer_confidence.as_ref().map(|least| least.min);
                let is_trusted = |least| answered.confidence.is_some_and(|share| share >= least);
                answered.is_in_form && least.is_none_or(is_trusted)
            }
        };
        let attempt = Some(answered.attempt);
        if let Some(line) = self.lines.iter_mut().find(|line| line.attempt == attempt) {
            line.confidence = answered.confidence;
            line.accepted = Some(accepted);
        }
        accepted
    }

    /// The best answer so far, and whether it is accepted. The samples of a step that was cut short
    /// are compared as they are: those that did not come agree with none.
    pub(super) fn best_in_hand(&mut self) -> Option<(Answered, bool)> {
        if let Some(agreed) = self.agreed() {
            self.answers.push(agreed);
            if self.accepts(agreed) {
                return Some((agreed, true));
            }
        }
        self.best().map(|best| (best, false))
    }

    /// The best answer so far: in form before out of form, then the most trusted, then the latest.
    fn best(&self) -> Option<Answered> {
        let rank = |answered: &Answered| (answered.is_in_form, answered.confidence.unwrap_or(-1.0));
        let mut best: Option<Answered> = None;
        for answered in &self.answers {
            if best.is_none_or(|best| rank(answered) >= rank(&best)) {
                best = Some(*answered);
            }
        }
        best
    }

    /// Takes one more answer of the same model, at the same deployment if it lets it through.
    pub(super) fn sample(&mut self, step: usize, left: u32, now: Now) -> Option<Call> {
        if left == 0 {
            self.phase = Phase::Calling;
            if self.flights.is_empty() {
                self.settle();
            }
            return None;
        }
        self.phase = Phase::Sampling {
            step,
            left: left - 1,
        };
        let position = self.steps[step].position;
        let others = (0..self.steps.len())
            .filter(|other| *other != step && self.steps[*other].position == position)
            .filter(|other| self.steps[*other].state != State::Over);
        let places: Vec<usize> = std::iter::once(step).chain(others).collect();
        for place in places {
            let mut wish = self.wish(place, Why::Sample, Overruled::Nothing);
            wish.purpose = Purpose::Sample;
            wish.shares = u64::from(left);
            match self.call(&wish, now) {
                Ok(call) => return Some(call),
                Err(refused) => self.pass_over(place, Why::Sample, refused.why),
            }
        }
        None
    }

    /// Has the last answer judged by the verifier. One that may not see the request or cannot be
    /// called leaves the confidence unknown.
    pub(super) fn verify(&mut self, of: u8, now: Now) -> Option<Call> {
        self.phase = Phase::Calling;
        let Some(model) = self.verifier else {
            let named = self.verifier_name();
            if let Some(model) = named.and_then(|name| self.catalogue.model_named(name)) {
                self.log_skip(model, 0, Why::Verifier, Skipped::NotPermitted);
            }
            self.conclude();
            return None;
        };
        let first = self.catalogue.draw_deployment(model, self.options.seed, 0);
        let count = self.catalogue.models[model.index()].deployments.len();
        let answer = self.answers.iter().rfind(|answer| answer.attempt == of);
        let answer_tokens = answer.map_or(0, |answer| answer.output_tokens);
        let input = self.options.input_tokens.or_else(|| {
            let planned = self.plan.first();
            planned.map(|planned| planned.estimates.input_tokens)
        });
        let input_tokens = input
            .unwrap_or(0)
            .saturating_add(answer_tokens)
            .saturating_add(VERIFIER_TOKENS.0);
        for place in 0..count {
            let wish = Wish {
                model,
                deployment: ((usize::from(first) + place) % count) as u8,
                step: None,
                purpose: Purpose::Verify { of },
                why: Why::Verifier,
                input_tokens,
                output_tokens: (VERIFIER_TOKENS.1, VERIFIER_TOKENS.1),
                shares: 1,
                overruled: Overruled::Nothing,
                is_retry: false,
            };
            match self.call(&wish, now) {
                Ok(call) => return Some(call),
                Err(refused) => {
                    self.log_skip(model, wish.deployment, Why::Verifier, refused.why);
                }
            }
        }
        self.conclude();
        None
    }

    /// When the next call beside a slow one is due.
    pub(super) fn hedge_due_us(&self) -> Option<u64> {
        let hedge = self.catalogue.resilience.hedge.as_ref()?;
        let is_out = self.is_hedging_over || self.hedges >= hedge.max || self.samples() > 1;
        let is_answer = |purpose: Purpose| matches!(purpose, Purpose::Answer | Purpose::Hedge);
        let has_begun = self
            .flights
            .iter()
            .any(|flight| flight.has_begun || !is_answer(flight.purpose));
        let latest = self.flights.iter().map(|flight| flight.started_us).max();
        latest
            .filter(|_| !is_out && !has_begun)
            .map(|started_us| started_us.saturating_add(hedge.after.as_micros()))
    }

    /// Answers that are taken from each model.
    pub(super) fn samples(&self) -> u32 {
        match self.confidence() {
            Some(confidence) if confidence.from == ConfidenceSource::Agreement => {
                confidence.samples.max(1)
            }
            _ => 1,
        }
    }

    pub(super) fn wants(&self, purpose: Purpose) -> Wants {
        let source = self.answer_source();
        if matches!(purpose, Purpose::Verify { .. }) {
            return Wants::default();
        }
        Wants {
            answer_key: source == Some(ConfidenceSource::Agreement),
            form: self.accept().is_some_and(|accept| accept.format.is_some()),
            function: source == Some(ConfidenceSource::Function),
            log_probabilities: source == Some(ConfidenceSource::LogProbability),
            self_report: source == Some(ConfidenceSource::SelfReported),
        }
    }

    fn accept(&self) -> Option<&Accept> {
        self.cascade().map(|cascade| &cascade.accept)
    }

    fn confidence(&self) -> Option<&AnswerConfidence> {
        self.accept()?.answer_confidence.as_ref()
    }

    fn answer_source(&self) -> Option<ConfidenceSource> {
        self.confidence().map(|confidence| confidence.from)
    }

    /// The tokens of an answer that the plan expects of a model.
    pub(super) fn expected_output(&self, model: ModelId) -> u64 {
        let planned = self.plan.iter().find(|planned| planned.model == model);
        planned.map_or(0, |planned| u64::from(planned.estimates.output_tokens))
    }
}

/// A confidence as a share; none when it is no number.
fn share(confidence: Option<f32>) -> Option<f32> {
    confidence
        .filter(|share| share.is_finite())
        .map(|share| share.clamp(0.0, 1.0))
}
