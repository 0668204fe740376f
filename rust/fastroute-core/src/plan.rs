//! Makes the plan of a decision: the primary model, then the fallbacks, or all that is missing.

use crate::catalogue::{HardLimits, ModelId, RouteId};
use crate::choose::{Choice, Continue, Scored, order};
use crate::facts::Facts;
use crate::host::View;
use crate::missing::Missing;
use crate::models::ModelSet;
use crate::reason::{Note, NoteLack};
use crate::request::Request;
use crate::rules::Verdict;
use crate::snapshot::Snapshot;

mod long;

pub use long::TooLong;

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
        limits: entry.limits.and(HardLimits::of(
            facts.limits.min_quality,
            facts.limits.max_cost,
            facts.limits.max_latency,
        )),
        expected_output_tokens: facts
            .limits
            .expected_output_tokens
            .unwrap_or(entry.expected_output_tokens),
        difficulty,
        objective: verdict
            .objective
            .map_or(entry.objective, |(objective, _)| objective),
        route,
        prompt: verdict.prompt.map(|(prompt, _)| prompt),
    }
}

/// Puts the eligible models in order: the rule's or the best candidate, the other candidates by
/// score, the fallbacks as listed. A candidate that is also a fallback keeps the fallback's place
/// unless it is the primary.
pub(crate) fn plan(
    choice: &Choice<'_>,
    verdict: &Verdict,
    facts: &mut Facts,
    request: Option<&Request<'_>>,
    scored: &mut Vec<Scored>,
    notes: &mut Vec<Note>,
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
            notes.push(Note::RuleModelNotEligible(rule, model, NoteLack(lack)));
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
}

/// The first model of [`plan`] alone, for rows that have no place for the others.
///
/// Examines no fallback unless every candidate fails.
pub(crate) fn primary(
    choice: &Choice<'_>,
    verdict: &Verdict,
    facts: &mut Facts,
    request: Option<&Request<'_>>,
) -> Option<Scored> {
    let mut stop = |_| Continue::No;
    let mut examine = |model| choice.examine(model, &mut facts.ledger, request, &mut stop);
    if let Some((model, _)) = verdict.model
        && let Some(scored) = examine(model)
    {
        return Some(scored);
    }
    let candidates = choice.route().candidates.iter();
    let best = candidates.filter_map(|model| examine(*model)).min_by(order);
    best.or_else(|| {
        choice
            .route()
            .fallback
            .iter()
            .find_map(|model| examine(*model))
    })
}

/// Everything that each model of the route lacks.
pub(crate) fn list_missing(
    choice: &Choice<'_>,
    verdict: &Verdict,
    facts: &mut Facts,
    request: Option<&Request<'_>>,
) -> Vec<Missing> {
    let mut models: Vec<ModelId> = verdict.model.map(|(model, _)| model).into_iter().collect();
    models.extend(
        choice
            .route()
            .candidates
            .iter()
            .chain(&choice.route().fallback),
    );
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
