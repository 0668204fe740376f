//! How a request gets its route: the stages, their order and their settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::duration::Duration;

/// How a request gets its route.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Classify {
    /// Stages in the order they are asked; the first that is sure decides. A stage that is left out is not asked.
    #[serde(default = "all_stages")]
    #[schemars(length(min = 1, max = 4))]
    pub order: Vec<Stage>,
    /// Likeness to the routes' examples.
    #[serde(default)]
    pub similarity: Similarity,
    /// A small model that is asked when the earlier stages are unsure; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta_llm: Option<MetaLlm>,
}

impl Default for Classify {
    fn default() -> Self {
        Self {
            order: all_stages(),
            similarity: Similarity::default(),
            meta_llm: None,
        }
    }
}

fn all_stages() -> Vec<Stage> {
    vec![Stage::Task, Stage::Rules, Stage::Similarity, Stage::MetaLlm]
}

/// A stage of classification.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The meta-LLM's choice.
    MetaLlm,
    /// The first true rule with a route.
    Rules,
    /// Likeness to examples.
    Similarity,
    /// The task flag of the request.
    Task,
}

impl Stage {
    /// Returns the name in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MetaLlm => "meta_llm",
            Self::Rules => "rules",
            Self::Similarity => "similarity",
            Self::Task => "task",
        }
    }
}

/// Likeness to the routes' examples.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Similarity {
    /// `default`, the encoder that is shipped, or a directory in the model2vec format.
    #[serde(default = "default_name")]
    pub encoder: String,
    /// Lead in probability that the best route needs over the next, 0 to 1.
    #[serde(default = "margin")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub margin: f32,
    /// How a text is compared with the examples.
    #[serde(default)]
    pub method: Method,
    /// For `nearest`: the examples that count.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 64))]
    pub k: u32,
}

impl Default for Similarity {
    fn default() -> Self {
        Self {
            encoder: default_name(),
            margin: margin(),
            method: Method::default(),
            k: five(),
        }
    }
}

fn default_name() -> String {
    "default".to_owned()
}

fn margin() -> f32 {
    0.05
}

fn five() -> u32 {
    5
}

/// How a text is compared with the examples.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A linear head trained from the examples at load.
    #[default]
    Head,
    /// Mean similarity of the `k` nearest examples of a route.
    Nearest,
}

/// The model that is asked for a route.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MetaLlm {
    /// Name of the model.
    pub model: String,
    /// Time for its answer; a later one counts as declined.
    #[serde(default = "eight_hundred")]
    pub timeout: Duration,
    /// Answers that are taken; the label with more than half of them counts.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 9))]
    pub votes: u32,
    /// Times that an answer which is no label is asked for again, within the timeout.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 5))]
    pub ask_again: u32,
    /// Answers that are kept, by content and revision; 0 keeps none.
    #[serde(default = "ten_thousand")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub cache: u32,
}

fn one() -> u32 {
    1
}

fn ten_thousand() -> u32 {
    10_000
}

fn eight_hundred() -> Duration {
    Duration::from_millis(800)
}
