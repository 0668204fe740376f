//! Writes the lines of an explanation: stages, rules, likeness, models and what came second.
//!
//! Everything is read from the facts and the decision, or evaluated again from them; nothing is
//! decided here.

use super::{
    ExampleLine, Explanation, LackLine, ModelLine, RouteLine, RuleLine, SimilarityLines, StageLine,
};
use crate::catalogue::ModelId;
use crate::choose::{Continue, Scored};
use crate::config::Stage;
use crate::decide::Knobs;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::host::View;
use crate::missing::Lack;
use crate::reason::Reason;
use crate::request::Request;
use crate::rules;
use crate::similarity::{Judgement, ScoreScratch};
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// Examples that an explanation shows as evidence.
const EVIDENCE: usize = 5;

/// Routes by similarity that an explanation shows.
const SHOWN_ROUTES: usize = 10;

pub(super) fn stages(
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
    // The session speaks before the first stage that guesses from the text.
    let of_session = matches!(decision.classified_by, Reason::Session).then(|| StageLine {
        stage: "session",
        result: "decided",
        detail: decision.classified_by.sentence(decision),
    });
    for stage in &snapshot.order {
        if reached
            && matches!(stage, Stage::Similarity | Stage::MetaLlm)
            && let Some(line) = &of_session
        {
            lines.push(line.clone());
            reached = false;
        }
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
    if let (true, Some(line)) = (reached, of_session) {
        lines.push(line);
        reached = false;
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

pub(super) fn rule_lines(snapshot: &Snapshot, facts: &Facts) -> Vec<RuleLine> {
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

pub(super) fn similarity_lines(
    snapshot: &Snapshot,
    facts: &Facts,
    text: &str,
    scratch: &mut ScoreScratch,
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

pub(super) fn model_lines(
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
    let verdict = facts.verdict(snapshot);
    let kept = facts.kept(snapshot, &verdict, view);
    let kept = if kept.route == Some(route) {
        kept
    } else {
        kept.without_model()
    };
    let choice = crate::plan::choice(
        snapshot,
        facts,
        view,
        &verdict,
        route,
        decision.difficulty(),
        &kept,
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
            role: match (decision.plan.get(place), figures) {
                (Some(planned), Some(_)) => planned.place.as_str(),
                _ => "not_eligible",
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
pub(super) fn nearly(explanation: &Explanation, decision: &Decision) -> Vec<String> {
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
        .filter(|line| line.role != "not_eligible");
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
