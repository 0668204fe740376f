//! Finds the smallest change of one signal or number that gives another decision.
//!
//! Each is tried by concluding again from the facts with that one thing turned. Sizes make them
//! comparable: for a threshold, a margin or the difficulty the distance (0 to 1); for a count its
//! distance to the bound as a share of the larger of the two; 1 for anything that is true or false.
//! "Another decision" means another outcome, route, prompt or primary model.

use serde::Serialize;

use crate::classify::Answered;
use crate::decide::{Conclusion, Knobs, conclude_with};
use crate::decision::Decision;
use crate::facts::Facts;
use crate::host::View;
use crate::signal::{Signal, Texts};
use crate::similarity::Judgement;
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// Signals that are tried; a configuration with more is explained by its first.
const MAX_TRIED_SIGNALS: usize = 2_000;

/// Changes that are reported.
const MAX_CHANGES: usize = 10;

/// Steps of the difficulty that are tried.
const DIFFICULTY_STEPS: i32 = 100;

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
    pub texts: &'a Texts<'a>,
}

/// Finds the changes, smallest first.
pub(super) fn find(
    setting: &Setting<'_>,
    facts: &Facts,
    decision: &Decision,
    knobs: &Knobs<'_>,
) -> Vec<Change> {
    let mut search = Search {
        setting,
        facts: facts.clone(),
        decision,
        changes: Vec::new(),
    };
    search.signals(knobs);
    search.similarity(knobs);
    search.difficulty(knobs);
    search
        .changes
        .sort_by(|left, right| left.size.total_cmp(&right.size));
    search.changes.truncate(MAX_CHANGES);
    search.changes
}

struct Search<'a> {
    setting: &'a Setting<'a>,
    facts: Facts,
    decision: &'a Decision,
    changes: Vec<Change>,
}

impl Search<'_> {
    /// Concludes with the facts as they stand; the decision if it is another one.
    fn other(&mut self, knobs: &Knobs<'_>) -> Option<Decision> {
        let Setting {
            snapshot,
            view,
            seed,
            answered,
            ..
        } = *self.setting;
        let conclusion = conclude_with(
            snapshot,
            &mut self.facts,
            None,
            answered,
            view,
            seed,
            knobs,
            &mut Vec::new(),
        );
        let Conclusion::Decided(decision) = conclusion else {
            return None;
        };
        let key = |decision: &Decision| {
            (
                decision.outcome,
                decision.route,
                decision.prompt,
                decision.model_id(),
            )
        };
        (key(&decision) != key(self.decision)).then_some(decision)
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

    fn signals(&mut self, knobs: &Knobs<'_>) {
        for index in 0..self.facts.measured.truths.len().min(MAX_TRIED_SIGNALS) {
            let truth = self.facts.measured.truths[index];
            for turned in [Truth::True, Truth::False] {
                if turned == truth {
                    continue;
                }
                self.facts.measured.truths[index] = turned;
                if let Some(decision) = self.other(knobs) {
                    let (change, size) = self.describe(index, turned);
                    self.report(change, size, &decision);
                }
            }
            self.facts.measured.truths[index] = truth;
        }
    }

    /// Says what turning a signal takes, and how much that is.
    fn describe(&self, index: usize, turned: Truth) -> (String, f64) {
        let snapshot = self.setting.snapshot;
        let label = &snapshot.signals.labels[index];
        let towards = |value: u32, min: u32, max: u32| {
            let goal = match turned {
                Truth::True if value < min => min,
                Truth::True => max,
                _ if min > 0
                    && (max == u32::MAX || value - min.min(value) <= max - value.min(max)) =>
                {
                    min - 1
                }
                _ => max.saturating_add(1),
            };
            (
                goal,
                f64::from(goal.abs_diff(value)) / f64::from(goal.max(value).max(1)),
            )
        };
        match &snapshot.signals.all[index] {
            Signal::Characters { reads, min, max } => {
                let value = self.facts.measured.views[*reads as usize]
                    .characters
                    .unwrap_or(0);
                let (goal, size) = towards(value, *min, *max);
                (
                    format!(
                        "characters from {value} to {goal} (`{label}` {})",
                        turned.as_str()
                    ),
                    size,
                )
            }
            Signal::Tokens {
                reads,
                tokenizer,
                min,
                max,
            } => {
                let text = self.setting.texts.view(*reads).text;
                let value = snapshot.tokenizers.counters[usize::from(*tokenizer)].count(text);
                let (goal, size) = towards(value, *min, *max);
                (
                    format!(
                        "tokens from {value} to {goal} (`{label}` {})",
                        turned.as_str()
                    ),
                    size,
                )
            }
            _ => (format!("`{label}` {}", turned.as_str()), 1.0),
        }
    }

    fn similarity(&mut self, knobs: &Knobs<'_>) {
        let Some(part) = &self.setting.snapshot.similarity else {
            return;
        };
        let (Judgement::Sure(_, nearest) | Judgement::Unsure(nearest)) =
            part.judge(&self.facts.likeness, &knobs.thresholds, knobs.margin)
        else {
            return;
        };
        let route = nearest.route;
        let Some(class) = part.routes.iter().position(|of| *of == route) else {
            return;
        };
        let name = self.setting.snapshot.catalogue.routes[route.index()]
            .name
            .clone();
        let threshold = if nearest.probability < nearest.threshold {
            nearest.probability
        } else {
            nearest.probability.next_up()
        };
        let mut turned = knobs.clone();
        turned.thresholds.to_mut()[class] = threshold;
        if let Some(decision) = self.other(&turned) {
            let change = format!(
                "threshold of route `{name}` from {:.4} to {threshold:.4}",
                nearest.threshold
            );
            self.report(
                change,
                f64::from((threshold - nearest.threshold).abs()),
                &decision,
            );
        }
        let mut turned = knobs.clone();
        turned.margin = if nearest.lead < knobs.margin {
            nearest.lead
        } else {
            nearest.lead.next_up()
        };
        if let Some(decision) = self.other(&turned) {
            let change = format!("margin from {:.4} to {:.4}", knobs.margin, turned.margin);
            self.report(
                change,
                f64::from((turned.margin - knobs.margin).abs()),
                &decision,
            );
        }
    }

    /// Turns the difficulty up and down until the decision changes.
    fn difficulty(&mut self, knobs: &Knobs<'_>) {
        let now = self.decision.difficulty();
        for step in [1, -1] {
            for distance in 1..=DIFFICULTY_STEPS {
                let difficulty = now + (step * distance) as f32 / DIFFICULTY_STEPS as f32;
                if !(0.0..=1.0).contains(&difficulty) {
                    break;
                }
                let turned = Knobs {
                    difficulty: Some(difficulty),
                    ..knobs.clone()
                };
                if let Some(decision) = self.other(&turned) {
                    self.report(
                        format!("difficulty from {now:.2} to {difficulty:.2}"),
                        f64::from((difficulty - now).abs()),
                        &decision,
                    );
                    break;
                }
            }
        }
    }
}
