//! Cascades and long texts: when an answer is good enough, and what happens to a text that fits nowhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Small model first: the candidates are called from cheap to dear until an answer is accepted.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cascade {
    /// What an answer must satisfy; all that is given.
    pub accept: Accept,
    /// Most models that are called one after the other; all candidates when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub max_steps: Option<u32>,
}

/// What an answer must satisfy; at least one field.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// How far it must be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_confidence: Option<AnswerConfidence>,
    /// Which form it must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<AnswerFormat>,
}

/// How far an answer must be trusted. An answer whose confidence is unknown is not accepted.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerConfidence {
    /// Least confidence, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min: f32,
    /// Where it comes from.
    #[serde(default)]
    pub from: ConfidenceSource,
    /// For `agreement`: answers that are taken from each model.
    #[serde(default = "three")]
    #[schemars(range(min = 2, max = 20))]
    pub samples: u32,
    /// For `verifier`: the model that judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// For `function`: the name under which the host has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

fn three() -> u32 {
    3
}

/// Where the confidence in an answer comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfidenceSource {
    /// Share of samples that say the same as the most frequent one.
    Agreement,
    /// A function of the host.
    Function,
    /// Mean probability of the answer's tokens, `exp(mean log-probability)`.
    #[default]
    LogProbability,
    /// What the model says of itself when asked.
    SelfReported,
    /// What another model says of it.
    Verifier,
}

/// Which form an answer must have.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// JSON.
    Json,
    /// JSON that keeps to this schema.
    JsonSchema(#[schemars(with = "serde_json::Map<String, Value>")] Value),
    /// Python that parses; in a fence or bare. A host that cannot parse it leaves the confidence unknown.
    Python,
}

/// What happens to a text that exceeds the context window of every candidate.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnTooLong {
    /// A permitted model with a larger window takes it, though it is no candidate.
    Larger,
    /// Nothing fits.
    #[default]
    Reject,
    /// It is split, each part answered, and the answers joined.
    Split(Split),
    /// It is summarised first.
    Summarise(Summarise),
}

/// How a text is split: at token boundaries of the model that answers the parts.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Tokens that a part repeats of the one before.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub overlap_tokens: u32,
    /// Most parts; a text with more fits nowhere.
    #[serde(default = "sixteen")]
    #[schemars(range(min = 2, max = 1_000))]
    pub max_parts: u32,
    /// What the model is told that joins the answers.
    #[serde(default = "join")]
    #[schemars(length(min = 1, max = 10_000))]
    pub reduce: String,
}

fn sixteen() -> u32 {
    16
}

fn join() -> String {
    "Each part of a long text was answered on its own. Join the answers into one answer to the request; repeat nothing.".to_owned()
}

/// How a text is summarised first.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Summarise {
    /// The model that summarises; it must be permitted as every other.
    pub model: String,
    /// Most tokens of the summary.
    #[serde(default = "one_thousand")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_tokens: u32,
}

fn one_thousand() -> u32 {
    1_000
}
