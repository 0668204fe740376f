//! Makes the plan of a decision: which models are called, in which order, or all that is missing.
//!
//! The rule's model or the best candidate comes first, the other candidates by score, then the
//! fallbacks as listed. A cascade begins with candidates from cheap to dear instead: as many of the
//! best as it has steps. A rule that names the model leaves no cascade; the session's model begins
//! one at its own step.
//!
//! Where that finds nothing, three things may still serve, each only if the configuration says so and
//! only among permitted models: breakers are overlooked ([`open`]), a text that is too long goes
//! elsewhere or is shortened ([`long`]). They cost another look at each model, which a request that
//! can be served never pays.

use crate::catalogue::{HardLimits, ModelId, RouteId};
use crate::choose::{Choice, Continue, Overlook, Scored, order};
use crate::config::OnTooLong;
use crate::facts::Facts;
use crate::host::View;
use crate::missing::Missing;
use crate::models::ModelSet;
use crate::reason::{Note, NoteLack};
use crate::request::Request;
use crate::rules::Verdict;
use crate::session::Kept;
use crate::snapshot::Snapshot;

mod long;
mod open;

pub use long::TooLong;
pub(crate) use long::{Load, Shortened};

/// Gathers what the choice among models depends on.
pub(crate) fn choice<'a>(
    snapshot: &'a Snapshot,
    facts: &Facts,
    view: &'a View,
    verdict: &Verdict,
    route: RouteId,
    difficulty: f32,
    kept: &Kept,
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
        kept_prompt: kept.model.zip(kept.prompt),
        overlook: Overlook::Nothing,
        shortened: None,
        cached: kept.cached,
    }
}

/// What a plan depends on beside the choice.
pub(crate) struct Planning<'p, 'a> {
    pub choice: Choice<'p>,
    pub verdict: &'p Verdict,
    /// The model that the session stays with.
    pub kept: Option<ModelId>,
    pub facts: &'p mut Facts,
    pub request: Option<&'p Request<'a>>,
}

/// What is to be said of a plan beside its models.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Models that are called one after the other until an answer is accepted; none without a cascade.
    pub steps: usize,
    pub too_long: Option<TooLong>,
    /// Everything that each model lacks, when there is no plan; not listed when nobody asks.
    pub missing: Vec<Missing>,
    pub is_over_budget: bool,
}

impl Planning<'_, '_> {
    /// Puts the models in order into `scored`; leaves it empty when nothing may and can serve.
    ///
    /// `is_missing_wanted` says whether a reader asks what is missing.
    pub fn make(
        &mut self,
        scored: &mut Vec<Scored>,
        notes: &mut Vec<Note>,
        is_missing_wanted: bool,
    ) -> Plan {
        let resilience = &self.choice.catalogue.resilience;
        let is_well = self.choice.view.models.is_empty();
        if !is_well && resilience.panic_threshold > 0.0 {
            self.overlook_in_panic(resilience.panic_threshold);
        }
        let mut planned = Plan {
            steps: self.order(scored, notes),
            ..Plan::default()
        };
        if self.choice.overlook != Overlook::Nothing && !scored.is_empty() {
            notes.push(Note::BreakersIgnored);
        }
        let on_too_long = &self.choice.route().on_too_long;
        let can_be_rescued = !is_well || *on_too_long != OnTooLong::Reject;
        if !scored.is_empty() || !(is_missing_wanted || can_be_rescued) {
            return planned;
        }
        self.choice.overlook = Overlook::Nothing;
        if !is_well && self.although_open(scored, notes) {
            return planned;
        }
        planned.missing = self.missing();
        if long::is_too_long(&planned.missing) {
            self.serve_too_long(scored, notes, &mut planned);
        }
        if scored.is_empty() {
            planned.is_over_budget = is_over_budget(&planned.missing);
        } else {
            planned.missing.clear();
        }
        planned
    }

    /// Puts the eligible models in order, as the head of this file says; returns the steps of a
    /// cascade.
    ///
    /// A candidate that is also a fallback keeps the fallback's place unless it is the primary or a
    /// step.
    fn order(&mut self, scored: &mut Vec<Scored>, notes: &mut Vec<Note>) -> usize {
        scored.clear();
        let ruled = match self.verdict.model {
            Some((model, rule)) => {
                let mut first = None;
                let examined = self.examine(model, &mut |lack| {
                    first = Some(lack);
                    Continue::No
                });
                if let Some(lack) = first {
                    notes.push(Note::RuleModelNotEligible(rule, model, NoteLack(lack)));
                }
                examined
            }
            None => None,
        };
        let is_ruled = ruled.is_some();
        scored.extend(ruled);
        if let (false, Some(kept)) = (is_ruled, self.kept) {
            scored.extend(self.fitting(kept));
        }
        let route = &self.choice.catalogue.routes[self.choice.route.index()];
        let fallback = &route.fallback;
        let mut seen: ModelSet = scored.iter().map(|scored| scored.model).collect();
        let chosen = scored.len();
        for model in &route.candidates {
            if seen.insert(*model) {
                scored.extend(self.fitting(*model));
            }
        }
        scored[chosen..].sort_unstable_by(order);
        let steps = match &route.cascade {
            Some(cascade) if !is_ruled => cheap_to_dear(scored, chosen, cascade.max_steps),
            _ => 0,
        };
        if !fallback.is_empty() {
            let mut place = 0;
            scored.retain(|scored| {
                place += 1;
                place <= steps.max(1) || !fallback.contains(&scored.model)
            });
            let mut seen: ModelSet = scored.iter().map(|scored| scored.model).collect();
            for model in fallback {
                if seen.insert(*model) {
                    scored.extend(self.fitting(*model));
                }
            }
        }
        // Without a candidate there is nothing to accept: the first fallback is no step.
        steps
    }

    /// The first model of [`make`](Self::make) alone, for rows that have no place for the others;
    /// none when only the whole plan tells.
    ///
    /// Examines no fallback unless every candidate fails.
    pub fn primary(&mut self) -> Option<Scored> {
        let route = &self.choice.catalogue.routes[self.choice.route.index()];
        let is_panic_possible = !self.choice.view.models.is_empty()
            && self.choice.catalogue.resilience.panic_threshold > 0.0;
        if route.cascade.is_some() || is_panic_possible {
            return None;
        }
        let ruled = self.verdict.model.map(|(model, _)| model);
        for model in ruled.into_iter().chain(self.kept) {
            if let Some(scored) = self.fitting(model) {
                return Some(scored);
            }
        }
        let candidates = route.candidates.iter();
        let best = candidates
            .filter_map(|model| self.fitting(*model))
            .min_by(order);
        best.or_else(|| route.fallback.iter().find_map(|model| self.fitting(*model)))
    }

    /// Everything that each model of the route lacks.
    fn missing(&mut self) -> Vec<Missing> {
        let mut missing = Vec::new();
        for model in self.models() {
            self.examine(model, &mut |lack| {
                missing.push(Missing { model, lack });
                Continue::Yes
            });
        }
        missing
    }

    /// The models of the route, each once: the rule's, the candidates, the fallbacks.
    fn models(&self) -> Vec<ModelId> {
        let route = &self.choice.catalogue.routes[self.choice.route.index()];
        let ruled = self.verdict.model.map(|(model, _)| model).into_iter();
        let mut seen = ModelSet::EMPTY;
        ruled
            .chain(route.candidates.iter().copied())
            .chain(route.fallback.iter().copied())
            .filter(|model| seen.insert(*model))
            .collect()
    }

    /// The figures of a model that fails no demand.
    fn fitting(&mut self, model: ModelId) -> Option<Scored> {
        self.examine(model, &mut |_| Continue::No)
    }

    fn examine(
        &mut self,
        model: ModelId,
        report: &mut dyn FnMut(crate::missing::Lack) -> Continue,
    ) -> Option<Scored> {
        let ledger = &mut self.facts.ledger;
        self.choice.examine(model, ledger, self.request, report)
    }
}

/// Puts the steps of a cascade first, from cheap to dear; returns how many there are.
///
/// The steps are the best of the candidates that were sorted by score; after the session's model,
/// when it was `chosen`, only what is dearer can follow.
fn cheap_to_dear(scored: &mut [Scored], chosen: usize, most: Option<u32>) -> usize {
    let cost = |scored: &Scored| scored.estimates.cost_nano;
    let most = most.map_or(usize::MAX, |most| most as usize);
    let mut following = scored.len() - chosen;
    if let (1.., Some(kept)) = (chosen, scored.first().map(cost)) {
        scored[chosen..].sort_by_key(|scored| cost(scored) <= kept);
        following = scored[chosen..].partition_point(|scored| cost(scored) > kept);
    }
    let steps = (chosen + following).min(most);
    if steps > chosen {
        scored[chosen..steps].sort_unstable_by(|left, right| {
            cost(left)
                .cmp(&cost(right))
                .then_with(|| order(left, right))
        });
    }
    steps
}

/// Whether of all models that would fit at another time each lacks nothing but room in a budget.
fn is_over_budget(missing: &[Missing]) -> bool {
    let of_one = |left: &Missing, right: &Missing| left.model == right.model;
    let mut fitting = missing
        .chunk_by(of_one)
        .filter(|lacks| lacks.iter().all(|missing| missing.lack.is_passing()))
        .peekable();
    fitting.peek().is_some()
        && fitting.all(|lacks| {
            let mut lacks = lacks.iter();
            lacks.all(|missing| missing.resets_at_us().is_some())
        })
}
