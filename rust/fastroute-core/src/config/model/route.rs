//! Routes and prompts: kinds of request, what may serve them and what is said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cascade, Objective, OnTooLong, Range, WhenAllOpen};
use crate::config::duration::Duration;

/// A prompt and the template that carries the user's text.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// Name, unique among prompts.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// System message, a minijinja template; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Template of the last user message: `{{ input }}`, `{{ context }}`, `{{ metadata.x }}`.
    #[serde(default = "input_only")]
    pub template: String,
}

fn input_only() -> String {
    "{{ input }}".to_owned()
}

/// A kind of request.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Name, unique among routes.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What the meta-LLM reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Task flags that select the route; its own name always does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<String>,
    /// Utterances that belong here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub examples: Vec<String>,
    /// A file with more of them, one a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples_file: Option<String>,
    /// Probability below which similarity abstains.
    #[serde(default)]
    pub threshold: Threshold,
    /// Prompts; the first that fits is used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<PromptUse>,
    /// Candidate models; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub choose: Option<Vec<String>>,
    /// Models tried after the chosen ones, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// How cost, quality and latency are weighed.
    #[serde(default)]
    pub objective: Objective,
    /// Least expected quality, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_quality: Option<f32>,
    /// Highest expected cost, US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub max_cost: Option<f64>,
    /// Highest expected latency, to the last token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_latency: Option<Duration>,
    /// Tokens that an answer is expected to take.
    #[serde(default = "three_hundred")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub expected_output_tokens: u32,
    /// Whether to ask for reasoning.
    #[serde(default)]
    pub reasoning: Reasoning,
    /// What to retrieve for the prompt's `{{ context }}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieval: Option<Retrieval>,
    /// Agent to hand over to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Small model first; the best candidate first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cascade: Option<Cascade>,
    /// What happens to a text that exceeds the context window of every candidate.
    #[serde(default)]
    pub on_too_long: OnTooLong,
    /// Whether a model that refuses by its content policy is followed by the next of the plan.
    #[serde(default)]
    pub on_content_refused: OnContentRefused,
    /// What happens when no model of the plan can be called now; as `resilience` says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_all_open: Option<WhenAllOpen>,
}

/// What follows when a provider's content policy refuses.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnContentRefused {
    /// The next model of the plan is called.
    Next,
    /// The run ends with the refusal.
    #[default]
    Stop,
}

fn three_hundred() -> u32 {
    300
}

/// When similarity is sure enough of a route.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// From the examples, by cross-fitting.
    #[default]
    Auto,
    /// A probability, 0 to 1.
    #[serde(untagged)]
    At(#[schemars(range(min = 0.0, max = 1.0))] f32),
}

/// A prompt of a route and when it is used.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PromptUse {
    /// Name of the prompt.
    #[serde(rename = "use")]
    pub prompt: String,
    /// When it fits; always when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<PromptWhen>,
}

/// When a prompt fits: every field that is given holds.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PromptWhen {
    /// Models it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<OneOrMany>,
    /// Difficulties it is for; an unknown difficulty counts as 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Range>,
}

/// One name or a list of names.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Any of several.
    Many(#[schemars(length(min = 1))] Vec<String>),
}

/// Whether to ask for reasoning.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reasoning {
    /// Always.
    Always,
    /// When the request is difficult (difficulty of 0.6 or more).
    Auto,
    /// Never.
    #[default]
    Never,
}

/// What to retrieve for a prompt.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Retrieval {
    /// Collection to search.
    #[schemars(length(min = 1))]
    pub collection: String,
    /// Passages to fetch.
    #[serde(default = "four")]
    #[schemars(range(min = 1, max = 1000))]
    pub top_k: u32,
    /// Tokens that they may take; counted in the context.
    #[serde(default = "two_thousand")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub max_tokens: u32,
}

fn four() -> u32 {
    4
}

fn two_thousand() -> u32 {
    2_000
}
