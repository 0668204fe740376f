//! What a call cost, and what it would have cost with the baseline model.
//!
//! A provider's own counts are taken as they are: a baseline with another vocabulary would have
//! counted the same text a little differently, which no report can tell. Whole nano-dollars, rounded
//! once a call.

use crate::attempt::Usage;
use crate::catalogue::{Catalogue, ModelId};
use crate::decision::Decision;

impl Catalogue {
    /// Returns what a call with this usage costs with a model, in nano-dollars; cached input at its
    /// own price.
    #[must_use]
    pub fn usage_cost_nano(&self, model: ModelId, usage: Usage) -> u64 {
        let Some(entry) = self.models.get(model.index()) else {
            return 0;
        };
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let fresh = usage.input_tokens - cached;
        let nano = fresh as f64 * entry.input_nano
            + cached as f64 * entry.cached_input_nano
            + usage.output_tokens as f64 * entry.output_nano;
        libm::round(nano) as u64
    }

    /// Returns the model that savings are told against, if the configuration names one.
    #[must_use]
    pub const fn baseline(&self) -> Option<ModelId> {
        self.baseline
    }
}

impl Decision {
    /// Returns what the answer would have cost with the baseline model, in nano-dollars; none
    /// without a baseline.
    #[must_use]
    pub fn baseline_nano(&self, usage: Usage) -> Option<u64> {
        let baseline = self.catalogue.baseline?;
        Some(self.catalogue.usage_cost_nano(baseline, usage))
    }
}
