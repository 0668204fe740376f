//! Explains a decision: every stage, every signal, what nearly won and what would change it.
//!
//! An explanation decides again with every fact taken, so it costs far more than a decision and
//! keeps nothing alive, and it shows nothing of what a user wrote. Its numbers are those of the decision: it runs the same code on the same
//! facts. What would change it is found by turning one signal or number at a time and concluding
//! anew, not by reasoning about the code. See [`change`] for how a change is measured.

mod change;
mod lines;
mod quantity;
mod show;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use change::Change;

use crate::ask::Answer;
use crate::choose::Scored;
use crate::classify::Answered;
use crate::config::Reads;
use crate::decide::{Knobs, Workspace, conclude_with};
use crate::facts::{Facts, Sources, take_facts};
use crate::host::View;
use crate::request::{Request, RequestError};
use crate::signal::Texts;
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// Everything about one decision; serialises to JSON and prints as text.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The decision in canonical form.
    pub decision: Value,
    /// Stable code of the reason.
    pub code: &'static str,
    /// The reason as one sentence.
    pub reason: String,
    /// What was left aside on the way.
    pub notes: Vec<String>,
    /// The stages in the order that they were asked.
    pub stages: Vec<StageLine>,
    /// Every signal with its value.
    pub signals: Vec<SignalLine>,
    /// Every rule, in file order.
    pub rules: Vec<RuleLine>,
    /// The likeness to examples; none when no route has any.
    pub similarity: Option<SimilarityLines>,
    /// Every model of the route; empty when the request was rejected.
    pub models: Vec<ModelLine>,
    /// What came second.
    pub nearly: Vec<String>,
    /// Changes of one signal or number that give another decision, smallest first.
    pub changes: Vec<Change>,
}

/// What one stage said.
#[derive(Clone, Debug, Serialize)]
pub struct StageLine {
    /// `task`, `rules`, `session`, `similarity`, `meta_llm` or `default`.
    pub stage: &'static str,
    /// `decided`, `passed` or `not_reached`.
    pub result: &'static str,
    /// What it saw.
    pub detail: String,
}

/// One signal.
#[derive(Clone, Debug, Serialize)]
pub struct SignalLine {
    /// What it asks.
    pub signal: String,
    /// Whose text it reads; none when it reads no text.
    pub reads: Option<Reads>,
    /// What was measured, where that is a number or a name.
    pub value: Value,
    /// Its truth.
    pub truth: Truth,
}

/// One rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleLine {
    /// Its name.
    pub rule: String,
    /// The value of its condition; it fires on true.
    pub value: Truth,
    /// The fields that it decided, of those that it sets.
    pub decided: Vec<&'static str>,
}

/// The likeness to examples.
#[derive(Clone, Debug, Serialize)]
pub struct SimilarityLines {
    /// Whether the encoder knew enough of the text.
    pub is_known: bool,
    /// The likeliest routes.
    pub routes: Vec<RouteLine>,
    /// Probability of none of them.
    pub background: f32,
    /// Lead that the best needs.
    pub margin: f32,
    /// The nearest examples.
    pub nearest: Vec<ExampleLine>,
}

/// The likeness to one route.
#[derive(Clone, Debug, Serialize)]
pub struct RouteLine {
    /// Its name.
    pub route: String,
    /// Its probability, 0 to 1.
    pub probability: f32,
    /// The threshold that it must reach.
    pub threshold: f32,
}

/// One example that is near.
#[derive(Clone, Debug, Serialize)]
pub struct ExampleLine {
    /// The route that it belongs to.
    pub route: String,
    /// The example as it is configured.
    pub example: String,
    /// Cosine, -1 to 1.
    pub similarity: f32,
}

/// One model of the route.
#[derive(Clone, Debug, Serialize)]
pub struct ModelLine {
    /// Its name.
    pub model: String,
    /// `primary`, `escalation`, `fallback` or `not_eligible`.
    pub role: &'static str,
    /// What it lacks.
    pub missing: Vec<LackLine>,
    /// Its score under the objective; none when it is not eligible.
    pub score: Option<f64>,
    /// Expected quality, 0 to 1.
    pub quality: Option<f64>,
    /// Expected cost, US dollars.
    pub cost_usd: Option<f64>,
    /// Expected latency, milliseconds.
    pub latency_ms: Option<f64>,
}

/// One demand that a model fails.
#[derive(Clone, Debug, Serialize)]
pub struct LackLine {
    /// Stable code.
    pub code: &'static str,
    /// A phrase with the value and the limit.
    pub message: String,
}

/// Explains what [`decide`](crate::decide) says of the same request.
///
/// `answer` is what the host would say to the meta-LLM's question; declined when absent.
///
/// # Errors
///
/// As for deciding.
pub fn explain(
    snapshot: &Arc<Snapshot>,
    request: &Request<'_>,
    view: &View,
    seed: u64,
    answer: Option<Answer<'_>>,
    workspace: &mut Workspace,
) -> Result<Explanation, RequestError> {
    request.check()?;
    let Workspace {
        buffers,
        scratch,
        score,
        ..
    } = workspace;
    let texts = Texts::of(request, snapshot.reads, buffers);
    let mut facts = Facts::default();
    take_facts(snapshot, request, &texts, scratch, &mut facts);
    let mut sources = Sources {
        request,
        texts,
        score,
    };
    let answered = Answered::read(snapshot, answer.unwrap_or(Answer::Declined));
    let knobs = Knobs::of(snapshot);
    let mut scored: Vec<Scored> = Vec::new();
    let conclusion = conclude_with(
        snapshot,
        &mut facts,
        Some(&mut sources),
        answered,
        view,
        seed,
        &knobs,
        &mut scored,
    );
    let decision = conclusion.into_decision(snapshot, seed);
    facts.score(snapshot, Some(&mut sources));
    facts.measured.take_difficulty(Some(&sources.texts));
    let text = sources.texts.view(Reads::LastUser).text;
    let mut explanation = Explanation {
        decision: decision.to_value(),
        code: decision.reason().code(),
        reason: decision.sentence(),
        notes: decision
            .notes()
            .iter()
            .map(|note| note.sentence(&decision))
            .collect(),
        stages: lines::stages(snapshot, &facts, &decision, &knobs),
        signals: show::signals(snapshot, request, &facts, &sources.texts),
        rules: lines::rule_lines(snapshot, &facts),
        similarity: lines::similarity_lines(snapshot, &facts, text, sources.score, &knobs),
        models: lines::model_lines(snapshot, &mut facts, &decision, view, request, &scored),
        nearly: Vec::new(),
        changes: Vec::new(),
    };
    explanation.nearly = lines::nearly(&explanation, &decision);
    let setting = change::Setting {
        snapshot,
        view,
        seed,
        answered,
    };
    explanation.changes = change::find(&setting, &facts, &mut sources, &decision);
    Ok(explanation)
}
