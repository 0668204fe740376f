//! The machine of a decision: measure, classify, choose; or ask first.
//!
//! Deciding is a function of request, snapshot, view, answer, time and seed. It takes facts from
//! the request when a stage needs them, cheap ones first, and never twice: similarity is scored
//! only when neither task flag nor rule has a route. [`conclude`] works on facts alone, so the same
//! code decides at once, resumes after an answer, and answers "what if" for an explanation.
//!
//! A steady decision allocates once, for its plan.

use std::borrow::Cow;
use std::sync::Arc;

use crate::ask::{Pending, Question, fence};
use crate::choose::Scored;
use crate::classify::{Answered, Classified, classify};
use crate::config::{Reads, Reasoning, Stage};
use crate::decision::{Decision, Outcome};
use crate::facts::{Facts, Sources, take_facts};
use crate::host::{Now, View};
use crate::plan::{choice, list_missing, plan};
use crate::reason::{Note, Reason};
use crate::request::{Request, RequestError};
use crate::rules;
use crate::signal::{Scratch, TextBuffers, Texts};
use crate::similarity::ScoreScratch;
use crate::snapshot::Snapshot;

/// Difficulty of a request whose difficulty is unknown.
const UNKNOWN_DIFFICULTY: f32 = 0.5;

/// Difficulty from which `reasoning: auto` asks for reasoning.
const REASONING_FROM: f32 = 0.6;

/// A decision, or what must be asked before there is one.
#[derive(Debug)]
pub enum Step {
    /// The host may answer; resuming decides.
    Ask(Box<Pending>),
    /// Decided.
    Decided(Decision),
}

/// Buffers of deciding: one for each thread, reused from request to request and across snapshots.
#[derive(Debug, Default)]
pub struct Workspace {
    pub(crate) buffers: TextBuffers,
    pub(crate) scratch: Scratch,
    pub(crate) score: ScoreScratch,
    pub(crate) facts: Facts,
    scored: Vec<Scored>,
}

impl Workspace {
    /// Makes empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
            let meta = snapshot.meta_llm.as_ref();
            Step::Ask(Box::new(Pending {
                facts: facts.clone(),
                question: Question {
                    model: meta
                        .map(|meta| {
                            snapshot.catalogue.models[meta.model.index()]
                                .name
                                .to_string()
                        })
                        .unwrap_or_default(),
                    labels: snapshot.question.labels.clone(),
                    system: snapshot.question.system.clone(),
                    user: fence(texts.view(Reads::LastUser).text),
                    timeout: meta.map(|meta| meta.timeout).unwrap_or_default(),
                },
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
pub(crate) enum Conclusion {
    Ask,
    Decided(Decision),
}

impl Conclusion {
    /// The decision; asking again is not possible, so that it counts as the default.
    pub fn into_decision(self, snapshot: &Snapshot, seed: u64) -> Decision {
        match self {
            Self::Decided(decision) => decision,
            Self::Ask => blank(snapshot, seed, Outcome::NothingFits, Reason::NothingFits),
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
    mut sources: Option<&mut Sources<'_>>,
    answered: Answered,
    view: &View,
    seed: u64,
    knobs: &Knobs<'_>,
    scored: &mut Vec<Scored>,
) -> Conclusion {
    let verdict = rules::evaluate(&snapshot.rules, &facts.measured.truths);
    if let Some(rule) = verdict.rejected_by {
        return Conclusion::Decided(blank(
            snapshot,
            seed,
            Outcome::Rejected,
            Reason::Rejected(rule),
        ));
    }
    let classified = classify(
        snapshot,
        facts,
        sources.as_deref_mut(),
        answered,
        view,
        &verdict,
        knobs,
    );
    let Some(Classified {
        route,
        confidence,
        reason,
    }) = classified
    else {
        return Conclusion::Ask;
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
    let choice = choice(snapshot, facts, view, &verdict, route, difficulty);
    let request = sources.map(|sources| sources.request);
    let mut decision = blank(snapshot, seed, Outcome::Routed, reason);
    decision.route = Some(route);
    decision.route_confidence = confidence;
    decision.difficulty = difficulty;
    if facts.has_unknown_task && snapshot.order.contains(&Stage::Task) {
        decision.notes.push(Note::UnknownTask);
    }
    plan(&choice, &verdict, facts, request, scored, &mut decision);
    let Some(primary) = decision.plan.first().copied() else {
        decision.outcome = Outcome::NothingFits;
        decision.reason = Reason::NothingFits;
        decision.missing = list_missing(&choice, &verdict, facts, request);
        return Conclusion::Decided(decision);
    };
    decision.prompt = choice.prompt_for(primary);
    decision.reasoning = match choice.route().reasoning {
        Reasoning::Always => true,
        Reasoning::Auto => difficulty >= REASONING_FROM,
        Reasoning::Never => false,
    };
    Conclusion::Decided(decision)
}

fn blank(snapshot: &Snapshot, seed: u64, outcome: Outcome, reason: Reason) -> Decision {
    Decision {
        catalogue: Arc::clone(&snapshot.catalogue),
        outcome,
        reason,
        classified_by: reason,
        route: None,
        route_confidence: None,
        plan: Box::default(),
        prompt: None,
        difficulty: UNKNOWN_DIFFICULTY,
        reasoning: false,
        estimates: None,
        missing: Vec::new(),
        notes: Vec::new(),
        seed,
    }
}
