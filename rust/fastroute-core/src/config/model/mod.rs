//! The configuration as plain values: one set of structs gives parser, JSON Schema and reference.
//!
//! A [`Config`] has the shape of the file and nothing more: names are still names, patterns are
//! still text. Loading has checked it (schema, then cross references), so a reader may trust that
//! every name resolves; compiling it into a [`Snapshot`](crate::Snapshot) is the next step.
//!
//! Unknown keys are errors in every struct. A key exists here only when it has an effect.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod classify;
mod condition;
mod objective;
mod route;
mod rule;
mod serving;

pub use classify::{Classify, MetaLlm, Method, Similarity, Stage};
pub use condition::{
    CodePresence, Condition, Keywords, Match, Measure, MetadataTest, Range, Reads, Regex, Scalar,
    ScriptTest, TaskTest, Tokens,
};
pub use objective::{Objective, Preset, Weights};
pub use route::{OneOrMany, Prompt, PromptUse, PromptWhen, Reasoning, Retrieval, Route, Threshold};
pub use rule::{Restrict, Rule, Then};
pub use serving::{Capability, Deployment, Latency, Model, Price, Provider, ProviderKind};

/// One configuration file.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Version of the format; `1`.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// Places that serve models, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub providers: BTreeMap<String, Provider>,
    /// Models, in the order that breaks ties.
    #[schemars(length(min = 1, max = 1000))]
    pub models: Vec<Model>,
    /// Prompts that routes and rules name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub prompts: Vec<Prompt>,
    /// Kinds of request.
    #[schemars(length(min = 1, max = 1000))]
    pub routes: Vec<Route>,
    /// Rules, all of them evaluated in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub rules: Vec<Rule>,
    /// How a request gets its route.
    #[serde(default)]
    pub classify: Classify,
    /// What a request gets when no stage is sure.
    pub default: DefaultRoute,
}

/// What a request gets when no stage is sure.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRoute {
    /// Route that takes it.
    pub route: String,
}
