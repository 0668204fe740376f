//! What the tests here share: a configuration's text to a snapshot, and one decision.

use std::sync::Arc;

use fastroute_core::config::{self, Format, NoFiles, Severity, Source};
use fastroute_core::{Decision, Now, Request, Snapshot, Step, View, Workspace, decide};
use serde_json::{Value, json};

/// Builds a snapshot of a configuration written as JSON.
pub fn snapshot(json: &str) -> Arc<Snapshot> {
    reloaded(json, None)
}

/// Builds a snapshot that may take over parts of another.
pub fn reloaded(json: &str, previous: Option<&Snapshot>) -> Arc<Snapshot> {
    let source = Source {
        name: "random.json",
        text: json,
        format: Format::Json,
    };
    let loaded =
        config::load(&source, &NoFiles).unwrap_or_else(|errors| panic!("{errors}\n{json}"));
    Arc::new(Snapshot::build(&loaded, previous).unwrap_or_else(|error| panic!("{error}\n{json}")))
}

/// Decides a request that asks no meta-LLM, in a fresh workspace.
pub fn decided(
    snapshot: &Arc<Snapshot>,
    request: &Request<'_>,
    view: &View,
    seed: u64,
) -> Decision {
    match decide(
        snapshot,
        request,
        view,
        Now::default(),
        seed,
        &mut Workspace::new(),
    ) {
        Ok(Step::Decided(decision)) => decision,
        Ok(Step::Ask(_)) => panic!("no meta-LLM is configured"),
        Err(error) => panic!("{error}"),
    }
}

/// A number from the environment, so that a longer or a shorter run needs no other build.
pub fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// The codes of a refusal; empty when the text loads.
pub fn codes(json: &str) -> Vec<&'static str> {
    let source = Source {
        name: "random.json",
        text: json,
        format: Format::Json,
    };
    match config::load(&source, &NoFiles) {
        Ok(_) => Vec::new(),
        Err(errors) => errors
            .issues()
            .iter()
            .filter(|issue| issue.severity == Severity::Error)
            .map(|issue| issue.code.as_str())
            .collect(),
    }
}

/// A model with a window of tokens and a price of input; it costs nothing for output.
pub fn model(name: &str, window: u32, tokenizer: &str, input: f64) -> Value {
    json!({ "name": name, "provider": "p", "context_window": window, "tokenizer": tokenizer, "price": { "input": input, "output": 0.0 },
            "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } })
}

/// A configuration of these models and one route `r`, which is the default.
pub fn with(models: &[Value], route: Value) -> Value {
    let mut route = route;
    route["name"] = json!("r");
    json!({ "version": 1, "providers": { "p": { "kind": "callable" } }, "models": models, "routes": [route], "default": { "route": "r" } })
}
