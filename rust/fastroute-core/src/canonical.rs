//! The canonical bytes of a decision: one JSON line that two equal decisions share.
//!
//! All numbers are integers (nano-dollars, parts per million, microseconds), keys are sorted, and
//! ids of requests and timings are left out, so the bytes can be compared across doors and replays.

use serde_json::{Value, json};

use crate::decision::Decision;

impl Decision {
    /// Returns the canonical bytes.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.to_value().to_string()
    }

    /// Returns the canonical form as a JSON value with sorted keys.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let estimates = self.estimates().map(|estimates| {
            json!({
                "cost_nano_usd": estimates.cost_nano,
                "input_tokens": estimates.input_tokens,
                "latency_us": estimates.latency_us,
                "output_tokens": estimates.output_tokens,
                "quality_ppm": ppm(estimates.quality),
            })
        });
        let deployment = self.deployment().map(
            |deployment| json!({ "model": deployment.model, "provider": deployment.provider }),
        );
        let missing: Vec<Value> = self
            .missing
            .iter()
            .map(|missing| json!({ "code": missing.code(), "model": self.model_name(missing.model) }))
            .collect();
        let retrieval = self.retrieval().map(|retrieval| {
            json!({ "collection": retrieval.collection, "max_tokens": retrieval.max_tokens, "top_k": retrieval.top_k })
        });
        let notes: Vec<&str> = self.notes.iter().map(|note| note.code()).collect();
        json!({
            "agent": self.agent(),
            "deployment": deployment,
            "difficulty_ppm": ppm(f64::from(self.difficulty)),
            "estimates": estimates,
            "fallbacks": self.fallbacks().collect::<Vec<_>>(),
            "message": self.message(),
            "missing": missing,
            "model": self.model(),
            "notes": notes,
            "outcome": self.outcome.as_str(),
            "prompt": self.prompt(),
            "reason": self.reason.code(),
            "reasoning": self.reasoning,
            "retrieval": retrieval,
            "revision": self.revision().to_string(),
            "route": self.route(),
            "route_confidence_ppm": self.route_confidence.map(|confidence| ppm(f64::from(confidence))),
            "rule": self.rule(),
        })
    }
}

/// A share as parts per million, rounded.
pub(crate) fn ppm(share: f64) -> i64 {
    libm::round(share * 1e6) as i64
}
