//! Finds the smallest change of one signal or number that gives another decision.
//!
//! Each is tried by concluding again from the facts with that one thing turned, all else being as
//! it was. "Another decision" means another outcome, route, prompt or primary model. A number is
//! changed to the nearest value that gives another decision, up or down; the other direction is
//! told too where it gives yet another one. Signals of a number that is known are not turned by
//! themselves.
//!
//! Sizes make changes comparable: for a threshold, a margin or the difficulty the distance (0 to
//! 1); for a count or a metadata number its distance as a share of the larger of the two; 1 for
//! anything that is true or false.
//!
//! What is printed is what was tried: thresholds, margin and difficulty have at most four decimals.
//! The difficulty is tried in hundredths and then narrowed, so a band narrower than that may be
//! stepped over.
//!
//! Each try costs a decision from facts; there are at most [`MAX_TRIED`] of them for signals.

mod knobs;

use serde::Serialize;

use super::quantity::{Quantity, STEPS};
use crate::classify::Answered;
use crate::decide::{Conclusion, Knobs, conclude_with};
use crate::decision::Decision;
use crate::facts::{Facts, Sources};
use crate::host::View;
use crate::request::Request;
use crate::signal::Signal;
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// Tries of signals; a configuration with more is explained by its first.
const MAX_TRIED: usize = 4_000;

/// Changes that are reported.
const MAX_CHANGES: usize = 10;

/// One change of one thing that gives another decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What to change, as a phrase.
    pub change: String,
    /// How large it is, 0 to 1; see the module.
    pub size: f64,
    /// The outcome that it gives.
    pub outcome: &'static str,
    /// The route that it gives.
    pub route: Option<String>,
    /// The model that it gives.
    pub model: Option<String>,
    /// The prompt that it gives.
    pub prompt: Option<String>,
}

/// What stays as it is while one thing is turned.
pub(super) struct Setting<'a> {
    pub snapshot: &'a Snapshot,
    pub view: &'a View,
    pub seed: u64,
    pub answered: Answered,
}

/// Finds the changes, smallest first; of equal ones signals come before numbers of the configuration.
pub(super) fn find(
    setting: &Setting<'_>,
    facts: &Facts,
    sources: &mut Sources<'_>,
    decision: &Decision,
) -> Vec<Change> {
    let mut search = Search {
        setting,
        facts: facts.clone(),
        sources,
        decision,
        tried: 0,
        changes: Vec::new(),
    };
    search.quantities();
    search.signals();
    search.similarity();
    search.difficulty();
    search
        .changes
        .sort_by(|left, right| left.size.total_cmp(&right.size));
    search.changes.truncate(MAX_CHANGES);
    search.changes
}

struct Search<'s, 'a> {
    setting: &'s Setting<'s>,
    facts: Facts,
    sources: &'s mut Sources<'a>,
    decision: &'s Decision,
    tried: usize,
    changes: Vec<Change>,
}

impl<'s> Search<'s, '_> {
    /// Concludes with the facts as they stand; the decision if it is another one.
    fn other(&mut self, knobs: &Knobs<'_>) -> Option<Decision> {
        let Setting {
            snapshot,
            view,
            seed,
            answered,
        } = *self.setting;
        let conclusion = conclude_with(
            snapshot,
            &mut self.facts,
            Some(&mut *self.sources),
            answered,
            view,
            seed,
            knobs,
            &mut Vec::new(),
        );
        let Conclusion::Decided(decision) = conclusion else {
            return None;
        };
        differ(&decision, self.decision).then_some(decision)
    }

    /// What another value gives when prompts see it too: metadata may go into a template, where it
    /// takes tokens. Other quantities give the decision that they gave.
    fn as_asked(
        &mut self,
        quantity: &Quantity,
        value: f64,
        decision: Decision,
        knobs: &Knobs<'_>,
    ) -> Option<Decision> {
        let Setting {
            snapshot,
            view,
            seed,
            answered,
        } = *self.setting;
        let Some(metadata) = quantity.metadata_at(snapshot, self.sources.request, value) else {
            return Some(decision);
        };
        let request = Request {
            metadata: &metadata,
            ..*self.sources.request
        };
        let mut facts = self.facts.clone();
        facts
            .ledger
            .start(&request, snapshot.tokenizers.counters.len());
        let mut sources = Sources {
            request: &request,
            texts: self.sources.texts,
            score: &mut *self.sources.score,
        };
        let conclusion = conclude_with(
            snapshot,
            &mut facts,
            Some(&mut sources),
            answered,
            view,
            seed,
            knobs,
            &mut Vec::new(),
        );
        match conclusion {
            Conclusion::Decided(decision) => differ(&decision, self.decision).then_some(decision),
            Conclusion::Ask => None,
        }
    }

    fn report(&mut self, change: String, size: f64, decision: &Decision) {
        self.changes.push(Change {
            change,
            size,
            outcome: decision.outcome.as_str(),
            route: decision.route().map(str::to_owned),
            model: decision.model().map(str::to_owned),
            prompt: decision.prompt().map(str::to_owned),
        });
    }

    fn knobs(&self) -> Knobs<'s> {
        Knobs::of(self.setting.snapshot)
    }

    /// Changes each known number that signals test, up and down to the nearest other decision.
    fn quantities(&mut self) {
        let snapshot = self.setting.snapshot;
        let signals = &snapshot.signals;
        let knobs = self.knobs();
        let measured = self.facts.measured.truths.clone();
        for quantity in Quantity::all(snapshot, &self.facts, self.sources) {
            let readers: Vec<usize> = (0..signals.all.len())
                .filter(|index| {
                    quantity
                        .truth(&signals.all[*index], quantity.value)
                        .is_some()
                })
                .collect();
            let mut found: Option<(bool, Decision)> = None;
            for goal in quantity.goals(&signals.all) {
                let is_up = goal.value > quantity.value;
                if found.as_ref().is_some_and(|(was_up, _)| *was_up == is_up) {
                    continue;
                }
                self.tried += 1;
                if self.tried > MAX_TRIED {
                    break;
                }
                for index in &readers {
                    let truth = quantity.truth(&signals.all[*index], goal.value);
                    self.facts.measured.truths[*index] = truth.unwrap_or_default();
                }
                let turned = self
                    .other(&knobs)
                    .and_then(|decision| self.as_asked(&quantity, goal.value, decision, &knobs));
                let Some(decision) = turned else {
                    continue;
                };
                let is_new = found
                    .as_ref()
                    .is_none_or(|(_, first)| differ(first, &decision));
                if is_new {
                    let truth = self.facts.measured.truths[goal.signal].as_str();
                    let change = format!(
                        "{} from {} to {} (`{}` {truth})",
                        quantity.name(snapshot),
                        rounded(quantity.value),
                        goal.value,
                        signals.labels[goal.signal]
                    );
                    self.report(change, quantity.distance(goal.value), &decision);
                }
                if found.is_some() {
                    break;
                }
                found = Some((is_up, decision));
            }
            self.facts.measured.truths.clone_from(&measured);
        }
    }

    /// Turns each signal that is no known number.
    fn signals(&mut self) {
        let snapshot = self.setting.snapshot;
        let knobs = self.knobs();
        let quantities = Quantity::all(snapshot, &self.facts, self.sources);
        let is_difficulty_known = self.facts.measured.take_difficulty(None).is_some();
        for (index, signal) in snapshot.signals.all.iter().enumerate() {
            let is_number = match signal {
                Signal::Difficulty { .. } => is_difficulty_known,
                signal => quantities.iter().any(|of| of.range(signal).is_some()),
            };
            if is_number {
                continue;
            }
            let truth = self.facts.measured.truths[index];
            for turned in [Truth::True, Truth::False] {
                self.tried += 1;
                if turned == truth || self.tried > MAX_TRIED {
                    continue;
                }
                self.facts.measured.truths[index] = turned;
                if let Some(decision) = self.other(&knobs) {
                    let change =
                        format!("`{}` {}", snapshot.signals.labels[index], turned.as_str());
                    self.report(change, 1.0, &decision);
                }
            }
            self.facts.measured.truths[index] = truth;
        }
    }
}

/// Whether two decisions are other ones.
fn differ(left: &Decision, right: &Decision) -> bool {
    let key = |decision: &Decision| {
        (
            decision.outcome,
            decision.route,
            decision.prompt,
            decision.model_id(),
        )
    };
    key(left) != key(right)
}

/// A number with at most four decimals.
fn rounded(value: f64) -> f64 {
    let rounded = (value * STEPS).round() / STEPS;
    if rounded.is_finite() {
        rounded + 0.0
    } else {
        value
    }
}
