//! Adds up what was thought of answers, by model and kind; bounded, whatever reports say.

use std::collections::BTreeMap;

use super::figures::FeedbackFigures;
use crate::health::Feedback;

const MODELS: usize = 2_048;
const KINDS: usize = 32;
const LONGEST_KIND: usize = 64;

/// How often each kind was told, and the sum of its scores.
type Kinds = BTreeMap<Box<str>, (u64, f64)>;

/// Sums of scores.
#[derive(Debug, Default)]
pub(super) struct FeedbackSums {
    models: BTreeMap<Box<str>, Kinds>,
}

impl FeedbackSums {
    /// Adds one; a score that is no number is left out, others are clamped to 0 to 1.
    pub fn add(&mut self, model: &str, feedback: &Feedback) {
        if feedback.score.is_nan()
            || (self.models.len() >= MODELS && !self.models.contains_key(model))
        {
            return;
        }
        let kinds = self.models.entry(model.into()).or_default();
        let kind = &feedback.kind[..feedback.kind.floor_char_boundary(LONGEST_KIND)];
        let is_known = kinds.len() < KINDS || kinds.contains_key(kind);
        let kind = if is_known { kind } else { "other" };
        let sum = kinds.entry(kind.into()).or_default();
        sum.0 += 1;
        sum.1 += f64::from(feedback.score.clamp(0.0, 1.0));
    }

    pub fn figures(&self) -> Vec<FeedbackFigures> {
        let models = self.models.iter();
        models
            .flat_map(|(model, kinds)| {
                kinds.iter().map(|(kind, (count, sum))| FeedbackFigures {
                    model: model.clone(),
                    kind: kind.clone(),
                    count: *count,
                    mean: sum / *count as f64,
                })
            })
            .collect()
    }
}
