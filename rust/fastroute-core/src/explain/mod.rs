//! Explains a decision: every stage, every signal, what nearly won and what would change it.
//!
//! An explanation decides again with every fact taken, so it costs far more than a decision and
//! keeps nothing alive, and it shows nothing of what a user wrote. Its numbers are those of the decision: it runs the same code on the same
//! facts. What would change it is found by turning one signal or number at a time and concluding
//! anew, not by reasoning about the code. See [`change`] for how a change is measured.

mod change;
mod quantity;
mod show;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use change::Change;

use crate::ask::Answer;
use crate::catalogue::ModelId;
use crate::choose::{Continue, Scored};
use crate::classify::Answered;
use crate::config::{Reads, Stage};
use crate::decide::{Knobs, Workspace, conclude_with};
use crate::decision::Decision;
use crate::facts::{Facts, Sources, take_facts};
use crate::host::View;
use crate::missing::Lack;
use crate::reason::Reason;
use crate::request::{Request, RequestError};
use crate::rules;
use crate::signal::Texts;
use crate::similarity::Judgement;
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// Examples that an explanation shows as evidence.
const EVIDENCE: usize = 5;

/// Routes by similarity that an explanation shows.
const SHOWN_ROUTES: usize = 10;

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
    /// `task`, `rules`, `similarity`, `meta_llm` or `default`.
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
    /// `primary`, `fallback` or `not_eligible`.
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
        stages: stages(snapshot, &facts, &decision, &knobs),
        signals: show::signals(snapshot, request, &facts, &sources.texts),
        rules: rule_lines(snapshot, &facts),
        similarity: similarity_lines(snapshot, &facts, text, sources.score, &knobs),
        models: model_lines(snapshot, &mut facts, &decision, view, request, &scored),
        nearly: Vec::new(),
        changes: Vec::new(),
    };
    explanation.nearly = nearly(&explanation, &decision);
    let setting = change::Setting {
        snapshot,
        view,
        seed,
        answered,
    };
    explanation.changes = change::find(&setting, &facts, &mut sources, &decision);
    Ok(explanation)
}

fn stages(
    snapshot: &Snapshot,
    facts: &Facts,
    decision: &Decision,
    knobs: &Knobs<'_>,
) -> Vec<StageLine> {
    let decided_by = match decision.classified_by {
        Reason::TaskFlag => Some(Stage::Task),
        Reason::Rule(_) => Some(Stage::Rules),
        Reason::Similarity(_) => Some(Stage::Similarity),
        Reason::MetaLlm => Some(Stage::MetaLlm),
        _ => None,
    };
    let rejected = matches!(decision.classified_by, Reason::Rejected(_));
    let mut reached = !rejected;
    let mut lines = Vec::new();
    if rejected {
        lines.push(StageLine {
            stage: "rules",
            result: "decided",
            detail: decision.sentence(),
        });
    }
    for stage in &snapshot.order {
        let decides = reached && decided_by == Some(*stage);
        let detail = match stage {
            Stage::Task if facts.task.is_some() => "the flag names a route".to_owned(),
            Stage::Task if facts.has_unknown_task => "the flag names no route".to_owned(),
            Stage::Task => "no flag".to_owned(),
            Stage::Rules => match rules::evaluate(&snapshot.rules, &facts.measured.truths).route {
                Some((_, rule)) => format!("rule `{}` sets a route", decision.rule_name(rule)),
                None => "no true rule sets a route".to_owned(),
            },
            Stage::Similarity => match &snapshot.similarity {
                None => "no route has examples".to_owned(),
                Some(part) => match part.judge(&facts.likeness, &knobs.thresholds, knobs.margin) {
                    Judgement::NoText => "the encoder knows too little of the text".to_owned(),
                    Judgement::Sure(_, nearest) => {
                        format!(
                            "sure with probability {:.3} and lead {:.3}",
                            nearest.probability, nearest.lead
                        )
                    }
                    Judgement::Unsure(nearest) => format!("unsure: {}", nearest.doubt(decision)),
                },
            },
            Stage::MetaLlm if snapshot.meta_llm.is_none() => "none is configured".to_owned(),
            Stage::MetaLlm if decides => "it chose the route".to_owned(),
            Stage::MetaLlm => match decision.classified_by {
                reason if reason.code().starts_with("DEFAULT_META_LLM") => decision.sentence(),
                _ => "not asked".to_owned(),
            },
        };
        let result = if decides {
            "decided"
        } else if reached {
            "passed"
        } else {
            "not_reached"
        };
        reached &= !decides;
        lines.push(StageLine {
            stage: stage.as_str(),
            result,
            detail,
        });
    }
    let result = if reached { "decided" } else { "not_reached" };
    let name = &snapshot.catalogue.routes[snapshot.default_route.index()].name;
    lines.push(StageLine {
        stage: "default",
        result,
        detail: format!("route `{name}`"),
    });
    lines
}

fn rule_lines(snapshot: &Snapshot, facts: &Facts) -> Vec<RuleLine> {
    let truths = &facts.measured.truths;
    let verdict = rules::evaluate(&snapshot.rules, truths);
    let lines = snapshot.rules.iter().enumerate().map(|(index, rule)| {
        let value = rule.when.evaluate(truths);
        let is = |by: Option<crate::catalogue::RuleId>| by.is_some_and(|by| by.index() == index);
        let fields = [
            ("route", is(verdict.route.map(|set| set.1))),
            ("model", is(verdict.model.map(|set| set.1))),
            ("prompt", is(verdict.prompt.map(|set| set.1))),
            ("objective", is(verdict.objective.map(|set| set.1))),
            ("difficulty", is(verdict.difficulty.map(|set| set.1))),
            ("restrict", value == Truth::True && rule.permits.is_some()),
            ("reject", is(verdict.rejected_by)),
        ];
        RuleLine {
            rule: snapshot.catalogue.rules[index].name.to_string(),
            value,
            decided: fields
                .into_iter()
                .filter(|(_, decided)| *decided)
                .map(|(field, _)| field)
                .collect(),
        }
    });
    lines.collect()
}

fn similarity_lines(
    snapshot: &Snapshot,
    facts: &Facts,
    text: &str,
    scratch: &mut crate::similarity::ScoreScratch,
    knobs: &Knobs<'_>,
) -> Option<SimilarityLines> {
    let part = snapshot.similarity.as_ref()?;
    let name = |class: usize| {
        snapshot.catalogue.routes[part.routes[class].index()]
            .name
            .to_string()
    };
    let (classes, background) = match facts.likeness.probabilities.split_last() {
        Some((background, classes)) => (classes, *background),
        None => (&[][..], 0.0),
    };
    let mut routes: Vec<RouteLine> = classes
        .iter()
        .zip(knobs.thresholds.iter())
        .enumerate()
        .map(|(class, (probability, threshold))| RouteLine {
            route: name(class),
            probability: *probability,
            threshold: *threshold,
        })
        .collect();
    routes.sort_by(|left, right| right.probability.total_cmp(&left.probability));
    routes.truncate(SHOWN_ROUTES);
    let nearest = part
        .nearest(text, EVIDENCE, scratch)
        .into_iter()
        .map(|neighbour| {
            let example = &part.examples[neighbour.example as usize];
            ExampleLine {
                route: name(usize::from(example.class)),
                example: example.text.to_string(),
                similarity: neighbour.similarity,
            }
        });
    Some(SimilarityLines {
        is_known: facts.likeness.is_known,
        routes,
        background,
        margin: knobs.margin,
        nearest: nearest.collect(),
    })
}

fn model_lines(
    snapshot: &Snapshot,
    facts: &mut Facts,
    decision: &Decision,
    view: &View,
    request: &Request<'_>,
    scored: &[Scored],
) -> Vec<ModelLine> {
    let Some(route) = decision.route_id() else {
        return Vec::new();
    };
    let verdict = rules::evaluate(&snapshot.rules, &facts.measured.truths);
    let choice = crate::plan::choice(
        snapshot,
        facts,
        view,
        &verdict,
        route,
        decision.difficulty(),
    );
    let mut models: Vec<ModelId> = scored.iter().map(|scored| scored.model).collect();
    let listed = choice
        .route()
        .candidates
        .iter()
        .chain(&choice.route().fallback)
        .copied();
    for model in verdict
        .model
        .map(|(model, _)| model)
        .into_iter()
        .chain(listed)
    {
        if !models.contains(&model) {
            models.push(model);
        }
    }
    let mut lines = Vec::with_capacity(models.len());
    for (place, model) in models.into_iter().enumerate() {
        let mut lacks: Vec<Lack> = Vec::new();
        choice.examine(model, &mut facts.ledger, Some(request), &mut |lack| {
            lacks.push(lack);
            Continue::Yes
        });
        let figures = scored.get(place);
        lines.push(ModelLine {
            model: snapshot.catalogue.models[model.index()].name.to_string(),
            role: match (place, figures) {
                (0, Some(_)) => "primary",
                (_, Some(_)) => "fallback",
                (_, None) => "not_eligible",
            },
            missing: lacks
                .iter()
                .map(|lack| LackLine {
                    code: lack.code(),
                    message: lack.phrase(),
                })
                .collect(),
            score: figures.map(|figures| figures.score),
            quality: figures.map(|figures| figures.estimates.quality),
            cost_usd: figures.map(|figures| figures.estimates.cost_nano as f64 / 1e9),
            latency_ms: figures.map(|figures| figures.estimates.latency_us as f64 / 1e3),
        });
    }
    lines
}

/// Names the runner-up among routes and among models.
fn nearly(explanation: &Explanation, decision: &Decision) -> Vec<String> {
    let mut lines = Vec::new();
    let others = explanation
        .similarity
        .iter()
        .flat_map(|similarity| &similarity.routes);
    if let Some(line) = others
        .into_iter()
        .find(|line| Some(&*line.route) != decision.route())
    {
        lines.push(format!(
            "route `{}` with probability {:.3}, threshold {:.3}",
            line.route, line.probability, line.threshold
        ));
    }
    let best = explanation.models.first().and_then(|line| line.score);
    let second = explanation
        .models
        .get(1)
        .filter(|line| line.role == "fallback");
    if let (Some(best), Some(line)) = (best, second)
        && let Some(score) = line.score
    {
        lines.push(format!(
            "model `{}` with score {score:.4}, {:.4} behind",
            line.model,
            best - score
        ));
    }
    lines
}
