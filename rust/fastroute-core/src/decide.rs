//! The machine of a decision: measure, classify, choose; or ask first.
//!
//! Deciding is a function of request, snapshot, view, answer, time and seed. It takes facts from
//! the request when a stage needs them, cheap ones first, and never twice: similarity is scored
//! only when neither task flag nor rule has a route. [`conclude`] works on facts alone, so the same
//! code decides at once, resumes after an answer, and answers "what if" for an explanation.
//!
//! A steady decision allocates once, for its plan.

use std::sync::Arc;

use crate::ask::{Answer, NONE_OF_THESE, Pending, Question, fence};
use crate::catalogue::{HardLimits, ModelId, RouteId};
use crate::choose::{Choice, Continue, Scored, order};
use crate::config::{Capability, Reads, Reasoning, Stage};
use crate::context::{Ledger, Surroundings};
use crate::decision::{Decision, Outcome};
use crate::host::{Now, View};
use crate::missing::Missing;
use crate::models::ModelSet;
use crate::reason::{Note, NoteLack, Reason};
use crate::request::{Capabilities, Input, Limits, Part, Request, RequestError, Requirements};
use crate::rules::{self, Verdict};
use crate::signal::{self, Measured, Scratch, TextBuffers, Texts};
use crate::similarity::{Judgement, Likeness, ScoreScratch};
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

/// What is known of a request: enough to decide it without its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub measured: Measured,
    /// The route that the task flag names; none without a flag, or without such a route.
    pub task: Option<RouteId>,
    pub has_unknown_task: bool,
    /// The likeness to examples once it was scored.
    pub likeness: Likeness,
    pub is_scored: bool,
    pub ledger: Ledger,
    pub limits: Limits,
    pub requirements: Requirements,
}

/// Where facts that were not taken yet can still be taken.
pub(crate) struct Sources<'a> {
    pub request: &'a Request<'a>,
    pub texts: Texts<'a>,
    pub score: &'a mut ScoreScratch,
}

/// What became of the meta-LLM.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answered {
    /// It was not asked yet.
    Open,
    Declined,
    Late,
    None,
    Route(RouteId),
    Unknown,
}

impl Answered {
    /// Reads an answer: white space aside it must be a label as it was listed.
    pub fn read(snapshot: &Snapshot, answer: Answer<'_>) -> Self {
        match answer {
            Answer::Declined => Self::Declined,
            Answer::Label(label) => match label.trim() {
                label if snapshot.catalogue.route_named(label).is_some() => {
                    snapshot.catalogue.route_named(label).map_or(Self::Unknown, Self::Route)
                }
                NONE_OF_THESE => Self::None,
                _ => Self::Unknown,
            },
        }
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
    let Workspace { buffers, scratch, score, facts, scored } = workspace;
    let texts = Texts::of(request, snapshot.reads, buffers);
    take_facts(snapshot, request, &texts, scratch, facts);
    let mut sources = Sources { request, texts, score };
    let knobs = Knobs::of(snapshot);
    let conclusion = conclude_with(snapshot, facts, Some(&mut sources), Answered::Open, view, seed, &knobs, scored);
    Ok(match conclusion {
        Conclusion::Decided(decision) => Step::Decided(decision),
        Conclusion::Ask => {
            facts.measured.take_difficulty(Some(&sources.texts));
            facts.count_everything(snapshot, request);
            let meta = snapshot.meta_llm.as_ref();
            Step::Ask(Box::new(Pending {
                facts: facts.clone(),
                question: Question {
                    model: meta.map(|meta| snapshot.catalogue.models[meta.model.index()].name.to_string()).unwrap_or_default(),
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

/// Measures the signals and reads what needs no text.
pub(crate) fn take_facts(
    snapshot: &Snapshot,
    request: &Request<'_>,
    texts: &Texts<'_>,
    scratch: &mut Scratch,
    facts: &mut Facts,
) {
    signal::measure(&snapshot.signals, &snapshot.tokenizers.counters, request, texts, scratch, &mut facts.measured);
    facts.task = request.task.and_then(|task| snapshot.task_route(task));
    facts.has_unknown_task = request.task.is_some() && facts.task.is_none();
    facts.is_scored = false;
    facts.likeness.is_known = false;
    facts.likeness.probabilities.clear();
    facts.ledger.start(request, snapshot.tokenizers.counters.len());
    facts.limits = request.limits;
    facts.requirements = request.requirements;
    if has_image(request) {
        let vision = Capabilities::empty().with(Capability::Vision);
        facts.requirements.capabilities = facts.requirements.capabilities.union(vision);
    }
}

fn has_image(request: &Request<'_>) -> bool {
    match request.input {
        Input::Messages(messages) => messages.iter().flat_map(|message| message.parts).any(|part| matches!(part, Part::Image)),
        Input::Text(_) => false,
    }
}

impl Facts {
    /// Scores similarity if nobody has.
    pub fn score(&mut self, snapshot: &Snapshot, sources: Option<&mut Sources<'_>>) {
        if let (false, Some(part), Some(sources)) = (self.is_scored, &snapshot.similarity, sources) {
            let text = sources.texts.view(Reads::LastUser).text;
            part.score(text, sources.score, &mut self.likeness);
            self.is_scored = true;
        }
    }

    /// Counts tokens for every model whose limits might need them once the text is gone.
    fn count_everything(&mut self, snapshot: &Snapshot, request: &Request<'_>) {
        for route in &snapshot.catalogue.routes {
            for model in route.candidates.iter().chain(&route.fallback) {
                let entry = &snapshot.catalogue.models[model.index()];
                let around = Surroundings {
                    tokenizers: &snapshot.tokenizers,
                    templates: &snapshot.catalogue.templates,
                    tokenizer: entry.tokenizer,
                    prompt: None,
                    retrieval_tokens: 0,
                };
                self.ledger.input(&around, Some(request));
                let has_cost_limit = self.limits.max_cost.is_some() || route.limits.max_cost_nano.is_finite();
                let upper = self.ledger.input(&around, Some(request)).upper;
                // A prompt and a retrieval allowance are bounded by the window, so half of it is a safe margin.
                if has_cost_limit || upper > u64::from(entry.context_window) / 2 {
                    self.ledger.count(&around, Some(request));
                }
            }
        }
    }
}

/// The numbers of a snapshot that "what if" may turn.
#[derive(Clone, Debug)]
pub(crate) struct Knobs<'a> {
    pub thresholds: std::borrow::Cow<'a, [f32]>,
    pub margin: f32,
    /// A difficulty instead of the structural one; a rule's still wins.
    pub difficulty: Option<f32>,
}

impl<'a> Knobs<'a> {
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self { thresholds: (&*snapshot.thresholds).into(), margin: snapshot.margin, difficulty: None }
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
    conclude_with(snapshot, facts, sources, answered, view, seed, &Knobs::of(snapshot), &mut Vec::new())
}

/// Concludes from facts; takes missing ones from `sources` if there are any.
#[expect(clippy::too_many_arguments, reason = "everything that a decision depends on, spelled out")]
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
        return Conclusion::Decided(blank(snapshot, seed, Outcome::Rejected, Reason::Rejected(rule)));
    }
    let classified = classify(snapshot, facts, sources.as_deref_mut(), answered, view, &verdict, knobs);
    let Some(Classified { route, confidence, reason }) = classified else {
        return Conclusion::Ask;
    };
    let difficulty = match verdict.difficulty {
        Some((difficulty, _)) => difficulty,
        None => {
            let texts = sources.as_deref().map(|sources| &sources.texts);
            let structural = facts.measured.take_difficulty(texts);
            knobs.difficulty.or(structural).unwrap_or(UNKNOWN_DIFFICULTY)
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

/// Gathers what the choice among models depends on.
pub(crate) fn choice<'a>(
    snapshot: &'a Snapshot,
    facts: &Facts,
    view: &'a View,
    verdict: &Verdict,
    route: RouteId,
    difficulty: f32,
) -> Choice<'a> {
    let entry = &snapshot.catalogue.routes[route.index()];
    Choice {
        catalogue: &snapshot.catalogue,
        tokenizers: &snapshot.tokenizers,
        view,
        permitted: verdict.permitted,
        requirements: facts.requirements,
        limits: entry.limits.and(hard_limits(&facts.limits)),
        expected_output_tokens: facts.limits.expected_output_tokens.unwrap_or(entry.expected_output_tokens),
        difficulty,
        objective: verdict.objective.map_or(entry.objective, |(objective, _)| objective),
        route,
        prompt: verdict.prompt.map(|(prompt, _)| prompt),
    }
}

struct Classified {
    route: RouteId,
    confidence: Option<f32>,
    reason: Reason,
}

/// Asks the stages in order; none means that the meta-LLM must be asked first.
fn classify(
    snapshot: &Snapshot,
    facts: &mut Facts,
    mut sources: Option<&mut Sources<'_>>,
    answered: Answered,
    view: &View,
    verdict: &Verdict,
    knobs: &Knobs<'_>,
) -> Option<Classified> {
    let mut doubt = Reason::Default;
    for stage in &snapshot.order {
        match stage {
            Stage::Task => {
                if let Some(route) = facts.task {
                    return Some(Classified { route, confidence: Some(1.0), reason: Reason::TaskFlag });
                }
            }
            Stage::Rules => {
                if let Some((route, rule)) = verdict.route {
                    return Some(Classified { route, confidence: Some(1.0), reason: Reason::Rule(rule) });
                }
            }
            Stage::Similarity => {
                let Some(part) = &snapshot.similarity else { continue };
                facts.score(snapshot, sources.as_deref_mut());
                match part.judge(&facts.likeness, &knobs.thresholds, knobs.margin) {
                    Judgement::NoText => doubt = Reason::DefaultNoText,
                    Judgement::Sure(route, nearest) => {
                        return Some(Classified {
                            route,
                            confidence: Some(nearest.probability),
                            reason: Reason::Similarity(nearest),
                        });
                    }
                    Judgement::Unsure(nearest) => doubt = Reason::DefaultUnsure(nearest),
                }
            }
            Stage::MetaLlm => {
                let Some(meta) = &snapshot.meta_llm else { continue };
                if !verdict.permitted.contains(meta.model) || !view.is_available(meta.model) {
                    doubt = Reason::DefaultMetaLlmNotEligible;
                    continue;
                }
                doubt = match answered {
                    Answered::Open => return None,
                    Answered::Declined => Reason::DefaultMetaLlmDeclined,
                    Answered::Late => Reason::DefaultMetaLlmLate,
                    Answered::None => Reason::DefaultMetaLlmNone,
                    Answered::Route(route) => return Some(Classified { route, confidence: None, reason: Reason::MetaLlm }),
                    Answered::Unknown => Reason::DefaultMetaLlmUnknown,
                };
            }
        }
    }
    Some(Classified { route: snapshot.default_route, confidence: None, reason: doubt })
}

/// Puts the eligible models in order: the rule's or the best candidate, the other candidates by
/// score, the fallbacks as listed. A candidate that is also a fallback keeps the fallback's place
/// unless it is the primary.
fn plan(
    choice: &Choice<'_>,
    verdict: &Verdict,
    facts: &mut Facts,
    request: Option<&Request<'_>>,
    scored: &mut Vec<Scored>,
    decision: &mut Decision,
) {
    scored.clear();
    let mut stop = |_| Continue::No;
    if let Some((model, rule)) = verdict.model {
        let mut first = None;
        let examined = choice.examine(model, &mut facts.ledger, request, &mut |lack| {
            first = Some(lack);
            Continue::No
        });
        scored.extend(examined);
        if let Some(lack) = first {
            decision.notes.push(Note::RuleModelNotEligible(rule, model, NoteLack(lack)));
        }
    }
    let fallback = &choice.route().fallback;
    let mut seen: ModelSet = scored.iter().map(|scored| scored.model).collect();
    let chosen_from = scored.len();
    for model in &choice.route().candidates {
        if seen.insert(*model) {
            scored.extend(choice.examine(*model, &mut facts.ledger, request, &mut stop));
        }
    }
    scored[chosen_from..].sort_unstable_by(order);
    if !fallback.is_empty() {
        let primary = scored.first().map(|scored| scored.model);
        scored.retain(|scored| Some(scored.model) == primary || !fallback.contains(&scored.model));
        let mut seen: ModelSet = scored.iter().map(|scored| scored.model).collect();
        for model in fallback {
            if seen.insert(*model) {
                scored.extend(choice.examine(*model, &mut facts.ledger, request, &mut stop));
            }
        }
    }
    decision.estimates = scored.first().map(|primary| primary.estimates);
    decision.plan = scored.iter().map(|scored| scored.model).collect();
}

/// Everything that each model of the route lacks.
fn list_missing(choice: &Choice<'_>, verdict: &Verdict, facts: &mut Facts, request: Option<&Request<'_>>) -> Vec<Missing> {
    let mut models: Vec<ModelId> = verdict.model.map(|(model, _)| model).into_iter().collect();
    models.extend(choice.route().candidates.iter().chain(&choice.route().fallback));
    let mut seen = ModelSet::EMPTY;
    let mut missing = Vec::new();
    for model in models {
        if !seen.insert(model) {
            continue;
        }
        choice.examine(model, &mut facts.ledger, request, &mut |lack| {
            missing.push(Missing { model, lack });
            Continue::Yes
        });
    }
    missing
}

fn hard_limits(limits: &Limits) -> HardLimits {
    HardLimits {
        min_quality: limits.min_quality.map_or(0.0, f64::from),
        max_cost_nano: limits.max_cost.map_or(f64::INFINITY, |usd| usd * 1e9),
        max_latency_us: limits.max_latency.map_or(f64::INFINITY, |limit| limit.as_micros() as f64),
    }
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
