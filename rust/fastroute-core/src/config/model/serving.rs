//! What can serve: providers, models and where they run, with the figures that choosing weighs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Rate;
use crate::config::duration::Duration;
use crate::config::secret::Secret;

/// A place that serves models.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The protocol that it speaks; handed to the host with the decision.
    pub kind: ProviderKind,
    /// Where it listens; handed to the host with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Key of its API, best as `${NAME}`, which hosts read from their environment when they call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// A file with the key, which hosts read when they call; instead of `api_key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_file: Option<String>,
    /// Further keys by name, for deployments that say `credential`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<String, Credential>,
}

/// A key of a provider; one of the two fields.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The key, best as `${NAME}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// A file with the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_file: Option<String>,
}

/// The protocol of a provider.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Anthropic's messages API.
    Anthropic,
    /// A function of the host.
    Callable,
    /// An OpenAI-compatible API.
    Openai,
}

/// Something that can serve a request.
///
/// Where it runs is either `provider` with `model`, short for one deployment, or `deployments`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name, unique among models.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Provider of the only deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What the provider calls the model; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Region of the only deployment, a free name; health is kept apart by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub region: Option<String>,
    /// Several places where it runs; one is drawn by weight from the seed of the decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub deployments: Vec<Deployment>,
    /// Free labels that restrictions name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Tokens, input plus output.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub context_window: u32,
    /// Most tokens of one answer; the context window when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub max_output_tokens: Option<u32>,
    /// `o200k`, `cl100k`, `qwen2`, `estimate`, or a path to a `tokenizer.json`.
    #[serde(default = "estimate")]
    pub tokenizer: String,
    /// What it can do beyond text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// US dollars per million tokens.
    pub price: Price,
    /// How fast it may be called; no limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Expected latency until reports say better.
    pub latency: Latency,
    /// Expected share of accepted answers, 0 to 1: `default`, and by route name.
    #[schemars(extend("additionalProperties" = {"type": "number", "minimum": 0.0, "maximum": 1.0}))]
    pub quality: BTreeMap<String, f32>,
}

pub(super) fn estimate() -> String {
    "estimate".to_owned()
}

/// One place where a model runs.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Provider that runs it.
    pub provider: String,
    /// What the provider calls the model; the model's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Region, a free name; health is kept apart by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub region: Option<String>,
    /// Which of the provider's `credentials` pays; its own key when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Share of the draws relative to the other deployments.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

/// What a model can do beyond text.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Sounds in the input.
    Audio,
    /// Answers that keep to a JSON Schema.
    JsonSchema,
    /// Long reasoning before the answer.
    Reasoning,
    /// Calls of tools.
    Tools,
    /// Images in the input.
    Vision,
}

/// US dollars per million tokens.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Per million tokens of input.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub input: f64,
    /// Per million tokens of output.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub output: f64,
    /// Per million tokens of input that the provider has cached; as `input` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub cached_input: Option<f64>,
}

/// Expected latency of a model.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// To the first token.
    pub first_token: Duration,
    /// For each token of the answer.
    pub per_token: Duration,
}
