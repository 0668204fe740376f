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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::attempt::Usage;
    use crate::config::{self, Format, NoFiles, Source};
    use crate::{Now, Request, Snapshot, Step, View, Workspace, decide};

    const CONFIGURATION: &str = r#"
version: 1
providers: {p: {kind: callable}}
models:
  - {name: small, provider: p, context_window: 9000, price: {input: 1, output: 2}, latency: {first_token: 1ms, per_token: 1ms}, quality: {default: 0.5}}
  - {name: large, provider: p, context_window: 9000, price: {input: 10, output: 20, cached_input: 2.5}, latency: {first_token: 1ms, per_token: 1ms}, quality: {default: 0.9}}
routes: [{name: r, objective: cheapest}]
savings: {baseline: large}
default: {route: r}
"#;

    #[test]
    fn a_call_costs_its_tokens_with_cached_ones_at_their_own_price() {
        let source = Source {
            name: "savings.yaml",
            text: CONFIGURATION,
            format: Format::Yaml,
        };
        let loaded = config::load(&source, &NoFiles).expect("it loads");
        let snapshot = Arc::new(Snapshot::build(&loaded, None).expect("it builds"));
        let (view, request) = (View::healthy(), Request::text("hello"));
        let mut workspace = Workspace::new();
        let step = decide(
            &snapshot,
            &request,
            &view,
            Now::default(),
            0,
            &mut workspace,
        );
        let Ok(Step::Decided(decision)) = step else {
            panic!("a decision");
        };
        let usage = Usage {
            input_tokens: 1_000,
            cached_tokens: 600,
            output_tokens: 100,
        };
        let catalogue = decision.catalogue();
        let small = catalogue.model_named("small").expect("it is listed");
        // Without a price of its own cached input costs as much as any.
        assert_eq!(catalogue.usage_cost_nano(small, usage), 1_200_000);
        let baseline = 400 * 10_000 + 600 * 2_500 + 100 * 20_000;
        assert_eq!(decision.baseline_nano(usage), Some(baseline));
        let liar = Usage {
            cached_tokens: u64::MAX,
            ..usage
        };
        assert_eq!(catalogue.usage_cost_nano(small, liar), 1_200_000);
    }
}
