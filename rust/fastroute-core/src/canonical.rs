//! The canonical bytes of a decision: one JSON line that two equal decisions share.
//!
//! All numbers are integers (nano-dollars, parts per million, microseconds), keys are sorted, and
//! ids of requests and timings are left out, so the bytes can be compared across doors and replays.

use serde_json::{Value, json};

use crate::decision::Decision;
use crate::missing::Missing;
use crate::plan::TooLong;

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
            .map(|missing| self.missing_value(missing))
            .collect();
        let retrieval = self.retrieval().map(|retrieval| {
            json!({ "collection": retrieval.collection, "max_tokens": retrieval.max_tokens, "top_k": retrieval.top_k })
        });
        let notes: Vec<&str> = self.notes.iter().map(|note| note.code()).collect();
        let mut value = json!({
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
        });
        // What few decisions have is there only where it says something.
        let rare = [
            ("cascade", self.cascade_value()),
            ("session", self.session_value()),
            (
                "too_long",
                self.too_long.map(|too_long| self.too_long_value(too_long)),
            ),
        ];
        for (key, said) in rare {
            if let Some(said) = said {
                value[key] = said;
            }
        }
        value
    }

    fn missing_value(&self, missing: &Missing) -> Value {
        let mut value = json!({ "code": missing.code(), "model": self.model_name(missing.model) });
        let times = [
            ("resets_at_us", missing.resets_at_us()),
            ("retry_at_us", missing.retry_at_us()),
        ];
        for (key, time) in times {
            if let Some(time) = time {
                value[key] = time.into();
            }
        }
        value
    }

    /// The steps of the cascade, the primary model first.
    fn cascade_value(&self) -> Option<Value> {
        self.cascade()?;
        let steps = self.model_id().into_iter();
        let steps = steps.chain(self.escalations().map(|planned| planned.model));
        Some(steps.map(|model| self.model_name(model)).collect())
    }

    fn too_long_value(&self, too_long: TooLong) -> Value {
        match too_long {
            TooLong::Larger => json!({ "action": "larger" }),
            TooLong::Split {
                model,
                part_tokens,
                overlap_tokens,
                max_parts,
            } => json!({
                "action": "split",
                "max_parts": max_parts,
                "model": self.model_name(model),
                "overlap_tokens": overlap_tokens,
                "part_tokens": part_tokens,
            }),
            TooLong::Summarise { model, max_tokens } => json!({
                "action": "summarise",
                "max_tokens": max_tokens,
                "model": self.model_name(model),
            }),
        }
    }
}

/// A share as parts per million, rounded.
pub(crate) fn ppm(share: f64) -> i64 {
    libm::round(share * 1e6) as i64
}
