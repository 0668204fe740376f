//! Tries a snapshot on canned requests before anything depends on it.
//!
//! A configuration that loads is sound in every part; whether the parts work together shows when
//! it decides. So a host builds, tests and only then swaps: texts short, empty, long and in several
//! scripts, messages with media, every task flag, an example of each route, every prompt rendered.
//! Nothing is judged about *which* route a request takes, only what holds for every good
//! snapshot: equal bytes twice, names that resolve, a plan without repetition of models that are
//! alive, finite figures, shares from 0 to 1, a question that can be declined, prompts that end.
//!
//! It costs 1.5 ms on the reference workload (201 routes, 16 models, 40 rules), and is bounded by
//! [`MOST_FLAGS`], [`MOST_EXAMPLES`] and [`MOST_RENDERED`] whatever the configuration. Tokenizers are
//! unpacked here, once a process (25 to 65 ms each), so that no request waits for that.
//!
//! A template that some values break (`{% for x in metadata.age %}` where the age is a number) is not
//! refused: callers may never give them. One that runs out of steps or writes without end is.

mod error;
mod probes;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::ask::{Answer, NONE_OF_THESE};
use crate::catalogue::{ModelId, PromptId};
use crate::decide::{Step, Workspace, decide};
use crate::decision::{Decision, Outcome, Place, Planned};
use crate::host::{Availability, Now, View};
use crate::prompt::render;
use crate::reason::Note;
use crate::request::Request;
use crate::similarity::{Likeness, ScoreScratch};
use crate::snapshot::Snapshot;

pub use error::SelfTestError;
use error::{Defect, Probe};

/// Task flags that are tried.
const MOST_FLAGS: usize = 256;

/// Routes of which an example is tried.
const MOST_EXAMPLES: usize = 256;

/// Prompts that are rendered; at most five milliseconds each, for one that takes all its steps.
const MOST_RENDERED: usize = 256;

impl Snapshot {
    /// Decides canned requests and checks what must hold for every good snapshot.
    ///
    /// Takes milliseconds, in which nothing else is held up: do it off the path of requests, between
    /// building and swapping. A panic on the way is a failure too.
    ///
    /// # Errors
    ///
    /// The first probe that failed, with what it failed by; nothing of any text.
    pub fn self_test(self: &Arc<Self>) -> Result<(), SelfTestError> {
        for counter in &self.tokenizers.counters {
            counter.prepare();
        }
        let mut test = SelfTest {
            snapshot: self,
            workspace: Workspace::new(),
            other: Workspace::new(),
        };
        test.figures()?;
        for (name, request) in &probes::canned() {
            test.request(Probe::Canned(name), request)?;
        }
        for (index, flag) in self.task_flags().take(MOST_FLAGS).enumerate() {
            let request = Request {
                task: Some(flag),
                ..Request::text(probes::SHORT)
            };
            test.once(Probe::Flag(index), &request)?;
        }
        test.examples()?;
        test.prompts()
    }
}

/// One run over a snapshot.
struct SelfTest<'s> {
    snapshot: &'s Arc<Snapshot>,
    workspace: Workspace,
    /// Buffers in another state, which must not show.
    other: Workspace,
}

impl SelfTest<'_> {
    /// Prices and latencies give finite figures.
    fn figures(&self) -> Result<(), SelfTestError> {
        let models = self.snapshot.catalogue.models.iter();
        for (index, model) in models.enumerate() {
            let (input, output) = (u64::from(model.context_window), model.max_output_tokens);
            let figures = [model.cost_nano(input, output), model.latency_us(output)];
            let are_good = figures
                .iter()
                .all(|figure| figure.is_finite() && *figure >= 0.0);
            let has_place = !model.deployments.is_empty();
            Defect::Figures.unless(are_good && has_place, Probe::Model(index))?;
        }
        Ok(())
    }

    /// Decides twice, once more without the primary model, and once with every breaker open.
    fn request(&mut self, probe: Probe<'_>, request: &Request<'_>) -> Result<(), SelfTestError> {
        let first = self.once(probe, request)?;
        let other = std::mem::take(&mut self.other);
        let healthy = View::healthy();
        let used = std::mem::replace(&mut self.workspace, other);
        let second = self.decided(probe, request, &healthy);
        self.other = std::mem::replace(&mut self.workspace, used);
        let is_same = first.canonical() == second?.canonical();
        Defect::Unequal.unless(is_same, probe)?;
        if let Some(primary) = first.model_id() {
            let mut view = View::healthy();
            view.mark_unavailable(primary);
            let without = self.decided(probe, request, &view)?;
            self.check(probe, &without, &view)?;
        }
        let mut open = View::healthy();
        for model in (0..self.snapshot.catalogue.models.len()).map(ModelId::at) {
            open.state_mut(model).availability = Availability::Open { retry_at_us: 1 };
        }
        let last_resort = self.decided(probe, request, &open)?;
        self.check(probe, &last_resort, &open)
    }

    /// Decides and checks the decision.
    fn once(&mut self, probe: Probe<'_>, request: &Request<'_>) -> Result<Decision, SelfTestError> {
        let healthy = View::healthy();
        let decision = self.decided(probe, request, &healthy)?;
        self.check(probe, &decision, &healthy)?;
        Ok(decision)
    }

    fn decided(
        &mut self,
        probe: Probe<'_>,
        request: &Request<'_>,
        view: &View,
    ) -> Result<Decision, SelfTestError> {
        let (snapshot, workspace) = (self.snapshot, &mut self.workspace);
        let step = guarded(probe, || {
            decide(snapshot, request, view, Now::default(), 0, workspace)
        })?;
        match step.map_err(|refused| Defect::Refused(refused.code()).of(probe))? {
            Step::Decided(decision) => Ok(decision),
            Step::Ask(pending) => {
                let question = pending.question();
                let is_asked_well = question.labels.len() == snapshot.catalogue.routes.len() + 1
                    && question
                        .labels
                        .last()
                        .is_some_and(|label| label == NONE_OF_THESE)
                    && snapshot.catalogue.model_named(&question.model).is_some();
                Defect::Question.unless(is_asked_well, probe)?;
                guarded(probe, || {
                    pending.resume(Answer::Declined, view, Now::default())
                })
            }
        }
    }

    /// What holds for every decision.
    fn check(
        &self,
        probe: Probe<'_>,
        decision: &Decision,
        view: &View,
    ) -> Result<(), SelfTestError> {
        let catalogue = &self.snapshot.catalogue;
        let has = |index: Option<usize>, length: usize| index.is_none_or(|index| index < length);
        let resolves = has(decision.route.map(|id| id.index()), catalogue.routes.len())
            && has(
                decision.prompt.map(|id| id.index()),
                catalogue.prompts.len(),
            )
            && has(
                decision.reason.rule().map(|id| id.index()),
                catalogue.rules.len(),
            )
            && decision
                .plan
                .iter()
                .all(|planned| planned.model.index() < catalogue.models.len());
        Defect::Names.unless(resolves, probe)?;

        let plan: Vec<ModelId> = decision.plan.iter().map(|planned| planned.model).collect();
        let is_new = |(index, model): (usize, &ModelId)| !plan[..index].contains(model);
        let is_well = |model: &ModelId| view.is_available(*model);
        let may_be_open = decision.notes.contains(&Note::BreakersIgnored);
        let place = |planned: &Planned| match planned.place {
            Place::Primary => 0,
            Place::Escalation => 1,
            Place::Fallback => 2,
        };
        let is_first = |planned: &Planned| planned.place == Place::Primary;
        let is_planned = plan.iter().enumerate().all(is_new)
            && plan.iter().all(|model| may_be_open || is_well(model))
            && decision.plan.is_sorted_by_key(place)
            && decision.plan.iter().filter(|of| is_first(of)).count() == plan.len().min(1)
            && plan.is_empty() == (decision.outcome != Outcome::Routed);
        Defect::Plan.unless(is_planned, probe)?;

        let estimates = decision.estimates().copied();
        let figures = is_share(f64::from(decision.difficulty))
            && decision
                .route_confidence
                .is_none_or(|sure| is_share(f64::from(sure)))
            && estimates.is_none_or(|of| is_share(of.quality) && of.cost_nano < u64::MAX)
            && estimates.is_some() != plan.is_empty();
        Defect::Figures.unless(figures, probe)
    }

    /// The first example of each route scores as a distribution and decides.
    fn examples(&mut self) -> Result<(), SelfTestError> {
        let snapshot = self.snapshot;
        let Some(part) = &snapshot.similarity else {
            return Ok(());
        };
        let (mut scratch, mut likeness) = (ScoreScratch::default(), Likeness::default());
        let mut tried = 0;
        for example in &part.examples {
            if usize::from(example.class) < tried {
                continue;
            }
            let Some(route) = part.routes.get(tried).filter(|_| tried < MOST_EXAMPLES) else {
                break;
            };
            let name = &snapshot.catalogue.routes[route.index()].name;
            let probe = Probe::Example(name);
            part.score(&example.text, &mut scratch, &mut likeness);
            let are_shares = likeness
                .probabilities
                .iter()
                .all(|share| is_share(f64::from(*share)));
            Defect::Figures.unless(are_shares, probe)?;
            self.once(probe, &Request::text(&example.text))?;
            tried = usize::from(example.class) + 1;
        }
        Ok(())
    }

    /// Every prompt ends within its steps, for every canned request, with and without a context.
    fn prompts(&mut self) -> Result<(), SelfTestError> {
        let catalogue = &self.snapshot.catalogue;
        let canned = probes::rendered();
        for (index, name) in catalogue.prompts.iter().enumerate().take(MOST_RENDERED) {
            let probe = Probe::Prompt(name);
            for (request, context) in &canned {
                let prompt = Some(PromptId::at(index));
                let rendered = guarded(probe, || {
                    render(&catalogue.templates, prompt, request, *context)
                })?;
                if let Err(error) = rendered
                    && error.is_lasting()
                {
                    return Err(Defect::Rendering(error).of(probe));
                }
            }
        }
        Ok(())
    }
}

/// Whether a number is a share; the last bit of a sum of shares may be over.
fn is_share(share: f64) -> bool {
    (0.0..=1.0 + 1e-6).contains(&share)
}

/// Runs a step; a panic is a failure of the probe. What was being written is not used again.
fn guarded<T>(probe: Probe<'_>, run: impl FnOnce() -> T) -> Result<T, SelfTestError> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| Defect::Panic.of(probe))
}
