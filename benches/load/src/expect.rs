//! What the core decides in process, to compare answers with.
//!
//! A decision that came over the wire is written in the canonical form again, field by field, and compared as
//! text with what the core gives for the same prompt under the revision that the answer names. The form is
//! written here anew on purpose: taken from the server, it would agree with the server's mistakes.

use std::{collections::HashMap, error::Error, fs, path::Path, sync::Arc};

use fastroute_benches::reference::{self, Decider};
use fastroute_core::{Request, Value as Fact};
use fastroute_proto::v1;
use prost::Message as _;
use serde_json::{Value, json};

use crate::connect::Reply;

/// Canonical decisions on the reference prompts, by revision.
pub struct Expected {
    by_revision: HashMap<String, Vec<String>>,
}

impl Expected {
    /// Decides every prompt under each configuration.
    ///
    /// # Errors
    ///
    /// Fails when a file cannot be read or does not load.
    pub fn of(configurations: &[impl AsRef<Path>]) -> Result<Self, Box<dyn Error>> {
        let prompts = reference::prompts();
        let mut by_revision = HashMap::new();
        for path in configurations {
            let snapshot = Arc::new(reference::snapshot_of(&fs::read_to_string(path)?)?);
            let revision = snapshot.revision().to_string();
            let mut decider = Decider::new(snapshot);
            let facts = [("tier", Fact::Text("pro"))];
            let canonical = prompts
                .iter()
                .map(|text| {
                    let mut request = Request::text(text);
                    request.metadata = &facts;
                    decider.decide(&request).canonical()
                })
                .collect();
            by_revision.insert(revision, canonical);
        }
        Ok(Self { by_revision })
    }

    /// Returns the revisions with the number of prompts that each decides unlike the first of them.
    #[must_use]
    pub fn differing(&self) -> Vec<(String, usize)> {
        let without_revision = |line: &String| {
            serde_json::from_str::<Value>(line).map(|mut value| {
                value["revision"] = Value::Null;
                value.to_string()
            })
        };
        let mut all: Vec<(&String, &Vec<String>)> = self.by_revision.iter().collect();
        all.sort();
        let first: Vec<_> = all
            .first()
            .map(|(_, lines)| lines.iter().map(without_revision).collect())
            .unwrap_or_default();
        all.into_iter()
            .map(|(revision, lines)| {
                let unlike = lines
                    .iter()
                    .zip(&first)
                    .filter(|(line, first)| {
                        without_revision(line).ok().as_ref() != first.as_ref().ok()
                    })
                    .count();
                (revision.clone(), unlike)
            })
            .collect()
    }

    /// Returns the revision that an answer to prompt `turn` names, and what is wrong with the answer.
    #[must_use]
    pub fn judge(&self, turn: usize, reply: &Reply) -> (String, Option<String>) {
        let decision = match v1::RouteResponse::decode(reply.message.clone()) {
            Ok(v1::RouteResponse {
                result: Some(v1::route_response::Result::Decision(decision)),
            }) => decision,
            Ok(_) => {
                return (
                    String::new(),
                    Some("the answer is not a decision".to_owned()),
                );
            }
            Err(error) => return (String::new(), Some(error.to_string())),
        };
        let wrong = match self.by_revision.get(&decision.revision) {
            None => Some(format!("nobody knows revision `{}`", decision.revision)),
            Some(expected) => {
                let got = canonical(&decision);
                (got != expected[turn])
                    .then(|| format!("prompt {turn}: got {got}, not {}", expected[turn]))
            }
        };
        (decision.revision, wrong)
    }
}

/// Returns the canonical bytes of a decision from the wire.
#[must_use]
pub fn canonical(decision: &v1::Decision) -> String {
    let outcome = match decision.outcome() {
        v1::Outcome::Unspecified => "unspecified",
        v1::Outcome::Routed => "routed",
        v1::Outcome::Rejected => "rejected",
        v1::Outcome::NothingFits => "nothing_fits",
        v1::Outcome::OverBudget => "over_budget",
    };
    let estimates = decision.estimates.as_ref().map(|estimates| {
        let latency = estimates.latency.unwrap_or_default();
        json!({
            "cost_nano_usd": estimates.cost_nano_usd,
            "input_tokens": estimates.input_tokens,
            "latency_us": latency.seconds * 1_000_000 + i64::from(latency.nanos) / 1_000,
            "output_tokens": estimates.output_tokens,
            "quality_ppm": ppm(estimates.quality),
        })
    });
    let retrieval = decision.retrieval.as_ref().map(|retrieval| {
        json!({ "collection": retrieval.collection, "max_tokens": retrieval.max_tokens, "top_k": retrieval.top_k })
    });
    let deployment = decision
        .deployments
        .first()
        .map(|deployment| json!({ "model": deployment.model, "provider": deployment.provider }));
    let missing: Vec<Value> = decision
        .missing
        .iter()
        .map(|missing| json!({ "code": missing.code, "model": missing.model }))
        .collect();
    let notes: Vec<&str> = decision
        .notes
        .iter()
        .map(|note| note.code.as_str())
        .collect();
    json!({
        "agent": decision.agent,
        "deployment": deployment,
        "difficulty_ppm": ppm(f64::from(decision.difficulty)),
        "estimates": estimates,
        "fallbacks": decision.fallbacks,
        "message": decision.message,
        "missing": missing,
        "model": decision.model,
        "notes": notes,
        "outcome": outcome,
        "prompt": decision.prompt,
        "reason": decision.reason.as_ref().map(|reason| reason.code.as_str()),
        "reasoning": decision.reasoning,
        "retrieval": retrieval,
        "revision": decision.revision,
        "route": decision.route,
        "route_confidence_ppm": decision.route_confidence.map(|confidence| ppm(f64::from(confidence))),
        "rule": decision.rule,
    })
    .to_string()
}

/// A share as parts per million, rounded.
fn ppm(share: f64) -> i64 {
    (share * 1e6).round() as i64
}
