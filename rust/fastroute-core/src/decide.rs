//! The machine of a decision: measure, classify, choose; or ask first.
//!
//! Deciding is a function of request, snapshot, view, answer, time and seed. It takes facts from
//! the request when a stage needs them, cheap ones first, and never twice: similarity is scored
//! only when neither task flag nor rule has a route. [`conclude`] works on facts alone, so the same
//! code decides at once, resumes after an answer, and answers "what if" for an explanation.
//!
//! A steady decision allocates once, for its plan.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::ask::{Pending, Question};
use crate::batch::BatchBuffers;
use crate::catalogue::{ModelId, PromptId, RouteId};
use crate::choose::Scored;
use crate::classify::{Answered, Classified, classify};
use crate::config::{Reasoning, Stage};
use crate::decision::{Decision, Estimates, Outcome, Place, Planned};
use crate::facts::{Facts, Sources, take_facts};
use crate::host::{Now, View};
use crate::missing::Missing;
use crate::models::ModelSet;
use crate::plan::{Plan, Planning, TooLong, choice};
use crate::reason::{Note, Reason};
use crate::request::{Request, RequestError};
use crate::rules::Verdict;
use crate::session::{Kept, SessionTurn};
use crate::signal::{Scratch, TextBuffers, Texts};
use crate::similarity::ScoreScratch;
use crate::snapshot::Snapshot;

/// Difficulty of a request whose difficulty is unknown.
const UNKNOWN_DIFFICULTY: f32 = 0.5;

/// Difficulty from which `reasoning: auto` asks for reasoning.
const REASONING_FROM: f32 = 0.6;

/// A decision, or what must be asked before there is one.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a box would be one more allocation for nearly every decision"
)]
pub enum Step {
    /// The host may answer; resuming decides.
    Ask(Box<Pending>),
    /// Decided.
    Decided(Decision),
}

/// Buffers of deciding: one for each thread, reused from request to request and across snapshots.
///
/// `Debug` shows none of it: buffers keep the text of the last request until the next one.
#[derive(Default)]
pub struct Workspace {
    pub(crate) buffers: TextBuffers,
    pub(crate) scratch: Scratch,
    pub(crate) score: ScoreScratch,
    pub(crate) facts: Facts,
    pub(crate) batch: BatchBuffers,
    scored: Vec<Scored>,
}

impl Workspace {
    /// Makes empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace").finish_non_exhaustive()
    }
}

/// Decides one request.
///
/// Depends on nothing but its arguments. With a view of the same revision, equal arguments give
/// equal canonical bytes on every machine. Takes time linear in the request's text.
///
/// # Errors
///
/// A request outside the limits of [`Request`]; nothing is decided then.
pub fn decide(
    snapshot: &Arc<Snapshot>,
    request: &Request<'_>,
    view: &View,
    now: Now,
    seed: u64,
    workspace: &mut Workspace,
) -> Result<Step, RequestError> {
    request.check()?;
    let Workspace {
        buffers,
        scratch,
        score,
        facts,
        scored,
        ..
    } = workspace;
    let texts = Texts::of(request, snapshot.reads, buffers);
    take_facts(snapshot, request, &texts, scratch, facts);
    let mut sources = Sources {
        request,
        texts,
        score,
    };
    let knobs = Knobs::of(snapshot);
    let conclusion = conclude_with(
        snapshot,
        facts,
        Some(&mut sources),
        Answered::Open,
        view,
        seed,
        &knobs,
        scored,
    );
    Ok(match conclusion {
        Conclusion::Decided(decision) => Step::Decided(decision),
        Conclusion::Ask => {
            facts.keep(snapshot, &mut sources);
            // Without a meta-LLM nothing asks for one.
            let Some(meta) = &snapshot.meta_llm else {
                let decision = Conclusion::Ask.into_decision(snapshot, seed);
                return Ok(Step::Decided(decision));
            };
            let question = Question::of(snapshot, meta, &texts);
            Step::Ask(Box::new(Pending {
                facts: facts.clone(),
                question,
                snapshot: Arc::clone(snapshot),
                asked: now,
                seed,
            }))
        }
    })
}

/// The numbers of a snapshot that "what if" may turn.
#[derive(Clone, Debug)]
pub(crate) struct Knobs<'a> {
    pub thresholds: Cow<'a, [f32]>,
    pub margin: f32,
    /// A difficulty instead of the structural one; a rule's still wins.
    pub difficulty: Option<f32>,
}

impl<'a> Knobs<'a> {
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self {
            thresholds: (&*snapshot.thresholds).into(),
            margin: snapshot.margin,
            difficulty: None,
        }
    }
}

/// A decision, or that the meta-LLM should be asked.
#[expect(
    clippy::large_enum_variant,
    reason = "a box would be one more allocation for nearly every decision"
)]
pub(crate) enum Conclusion {
    Ask,
    Decided(Decision),
}

impl Conclusion {
    /// The decision; asking again is not possible, so that it counts as the default.
    pub fn into_decision(self, snapshot: &Snapshot, seed: u64) -> Decision {
        match self {
            Self::Decided(decision) => decision,
            Self::Ask => Course::UNDECIDED.into_decision(
                snapshot,
                &View::healthy(),
                seed,
                &[],
                Details::default(),
            ),
        }
    }
}

/// Concludes from facts, with the snapshot's own numbers.
pub(crate) fn conclude(
    snapshot: &Snapshot,
    facts: &mut Facts,
    sources: Option<&mut Sources<'_>>,
    answered: Answered,
    view: &View,
    seed: u64,
) -> Conclusion {
    conclude_with(
        snapshot,
        facts,
        sources,
        answered,
        view,
        seed,
        &Knobs::of(snapshot),
        &mut Vec::new(),
    )
}

/// Concludes from facts; takes missing ones from `sources` if there are any.
#[expect(
    clippy::too_many_arguments,
    reason = "everything that a decision depends on, spelled out"
)]
pub(crate) fn conclude_with(
    snapshot: &Snapshot,
    facts: &mut Facts,
    sources: Option<&mut Sources<'_>>,
    answered: Answered,
    view: &View,
    seed: u64,
    knobs: &Knobs<'_>,
    scored: &mut Vec<Scored>,
) -> Conclusion {
    let verdict = facts.verdict(snapshot);
    let mut details = Details::default();
    let wanted = Wanted::Plan(scored, &mut details);
    match settle(
        snapshot, facts, sources, answered, view, &verdict, knobs, wanted,
    ) {
        Some(course) => {
            let mut decision = course.into_decision(snapshot, view, seed, scored, details);
            decision.permitted = verdict.permitted;
            Conclusion::Decided(decision)
        }
        None => Conclusion::Ask,
    }
}

/// What a decision comes to, but for the models after the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub outcome: Outcome,
    pub reason: Reason,
    classified_by: Reason,
    pub route: Option<RouteId>,
    pub route_confidence: Option<f32>,
    pub primary: Option<ModelId>,
    pub prompt: Option<PromptId>,
    pub difficulty: f32,
    reasoning: bool,
    pub estimates: Option<Estimates>,
    /// Models of the plan that are steps of a cascade.
    steps: usize,
    too_long: Option<TooLong>,
}

/// What only a reader of the decision needs.
#[derive(Debug, Default)]
pub(crate) struct Details {
    missing: Vec<Missing>,
    notes: Vec<Note>,
    session: Option<Box<SessionTurn>>,
}

/// How much of a decision is wanted.
pub(crate) enum Wanted<'w> {
    /// All models in order, and the details.
    Plan(&'w mut Vec<Scored>, &'w mut Details),
    /// The first model; the buffer is for when only the whole plan tells.
    Primary(&'w mut Vec<Scored>),
}

/// Concludes from facts and the rules' verdict; none means that the meta-LLM must be asked first.
#[expect(
    clippy::too_many_arguments,
    reason = "everything that a decision depends on, spelled out"
)]
pub(crate) fn settle(
    snapshot: &Snapshot,
    facts: &mut Facts,
    mut sources: Option<&mut Sources<'_>>,
    answered: Answered,
    view: &View,
    verdict: &Verdict,
    knobs: &Knobs<'_>,
    mut wanted: Wanted<'_>,
) -> Option<Course> {
    let kept = facts.kept(snapshot, verdict, view);
    if let Some(rule) = verdict.rejected_by {
        if let Wanted::Plan(scored, details) = wanted {
            scored.clear();
            details.say_of_session(facts, &kept, false);
        }
        return Some(Course::of(Outcome::Rejected, Reason::Rejected(rule)));
    }
    let Classified {
        route,
        confidence,
        reason,
    } = classify(
        snapshot,
        facts,
        sources.as_deref_mut(),
        answered,
        view,
        verdict,
        kept.route,
        knobs,
    )?;
    let kept = if kept.route == Some(route) {
        kept
    } else {
        kept.without_model()
    };
    let difficulty = match verdict.difficulty {
        Some((difficulty, _)) => difficulty,
        None => {
            let texts = sources.as_deref().map(|sources| &sources.texts);
            let structural = facts.measured.take_difficulty(texts);
            knobs
                .difficulty
                .or(structural)
                .unwrap_or(UNKNOWN_DIFFICULTY)
        }
    };
    let mut course = Course {
        route: Some(route),
        route_confidence: confidence,
        difficulty,
        ..Course::of(Outcome::Routed, reason)
    };
    if let Wanted::Plan(_, details) = &mut wanted {
        if facts.has_unknown_task && snapshot.order.contains(&Stage::Task) {
            details.notes.push(Note::UnknownTask);
        }
        details.say_of_session(facts, &kept, reason == Reason::Session);
    }
    let mut planning = Planning {
        choice: choice(snapshot, facts, view, verdict, route, difficulty, &kept),
        verdict,
        kept: kept
            .model
            .filter(|model| snapshot.catalogue.routes[route.index()].lists(*model)),
        facts,
        request: sources.map(|sources| sources.request),
    };
    let (first, plan) = match wanted {
        Wanted::Plan(scored, details) => {
            let mut plan = planning.make(scored, &mut details.notes, true);
            details.missing = std::mem::take(&mut plan.missing);
            (scored.first().copied(), plan)
        }
        Wanted::Primary(scored) => match planning.primary() {
            Some(first) => (Some(first), Plan::default()),
            None => {
                let plan = planning.make(scored, &mut Vec::new(), false);
                (scored.first().copied(), plan)
            }
        },
    };
    let choice = &planning.choice;
    let Some(first) = first else {
        (course.outcome, course.reason) = if plan.is_over_budget {
            (Outcome::OverBudget, Reason::OverBudget)
        } else {
            (Outcome::NothingFits, Reason::NothingFits)
        };
        return Some(course);
    };
    course.primary = Some(first.model);
    course.estimates = Some(first.estimates);
    course.prompt = first.prompt;
    course.steps = plan.steps;
    course.too_long = plan.too_long;
    course.reasoning = match choice.route().reasoning {
        Reasoning::Always => true,
        Reasoning::Auto => difficulty >= REASONING_FROM,
        Reasoning::Never => false,
    };
    Some(course)
}

impl Details {
    /// Says what the request is in its session, if it has one.
    fn say_of_session(&mut self, facts: &Facts, kept: &Kept, has_kept_route: bool) {
        let Some(session) = &facts.session else {
            return;
        };
        if !session.is_readable {
            self.notes.push(Note::SessionUnreadable);
        }
        let turn = session.turn(kept, facts.requirements.capabilities, has_kept_route);
        self.session = Some(Box::new(turn));
    }
}

impl Course {
    /// Of a request whose question is asked twice, which cannot be.
    pub const UNDECIDED: Self = Self::of(Outcome::NothingFits, Reason::NothingFits);

    /// A course without a route.
    const fn of(outcome: Outcome, reason: Reason) -> Self {
        Self {
            outcome,
            reason,
            classified_by: reason,
            route: None,
            route_confidence: None,
            primary: None,
            prompt: None,
            difficulty: UNKNOWN_DIFFICULTY,
            reasoning: false,
            estimates: None,
            steps: 0,
            too_long: None,
        }
    }

    fn into_decision(
        self,
        snapshot: &Snapshot,
        view: &View,
        seed: u64,
        scored: &[Scored],
        details: Details,
    ) -> Decision {
        let catalogue = &snapshot.catalogue;
        let plan = scored.iter().enumerate().map(|(index, scored)| Planned {
            model: scored.model,
            deployment: catalogue.draw_deployment(
                scored.model,
                seed,
                view.state(scored.model).deployments_out,
            ),
            place: match index {
                0 => Place::Primary,
                index if index < self.steps => Place::Escalation,
                _ => Place::Fallback,
            },
            prompt: scored.prompt,
            estimates: scored.estimates,
        });
        Decision {
            catalogue: Arc::clone(&snapshot.catalogue),
            outcome: self.outcome,
            reason: self.reason,
            classified_by: self.classified_by,
            route: self.route,
            route_confidence: self.route_confidence,
            plan: plan.collect(),
            permitted: ModelSet::ALL,
            prompt: self.prompt,
            difficulty: self.difficulty,
            reasoning: self.reasoning,
            is_cascade: self.steps > 0,
            too_long: self.too_long,
            missing: details.missing,
            notes: details.notes,
            session: details.session,
            seed,
        }
    }
}
