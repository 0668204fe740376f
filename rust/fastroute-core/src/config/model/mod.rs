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

mod budget;
mod cascade;
mod classify;
mod condition;
mod objective;
mod resilience;
mod route;
mod rule;
mod serving;
mod session;

pub use budget::{Budget, BudgetScope, OnExceed, Rate};
pub use cascade::{
    Accept, AnswerConfidence, AnswerFormat, Cascade, ConfidenceSource, OnTooLong, Split, Summarise,
};
pub use classify::{Classify, MetaLlm, Method, Similarity, Stage};
pub use condition::{
    CodePresence, Condition, Keywords, Match, Measure, MetadataTest, Range, Reads, Regex, Scalar,
    ScriptTest, TaskTest, Tokens,
};
pub use objective::{Objective, Preset, Weights};
pub use resilience::{
    Breaker, Cooling, HealthScope, Hedge, RateLimitedProbe, Resilience, Retry, Timeouts,
    WhenAllOpen,
};
pub use route::{
    OnContentRefused, OneOrMany, Prompt, PromptUse, PromptWhen, Reasoning, Retrieval, Route,
    Threshold,
};
pub use rule::{Restrict, Rule, Then};
pub use serving::{
    Capability, Credential, Deployment, Latency, Model, Price, Provider, ProviderKind,
};
pub use session::{Redecide, Sessions, Sticky};

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
    /// How attempts are bounded, repeated and kept away from what fails.
    #[serde(default)]
    pub resilience: Resilience,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub budgets: Vec<Budget>,
    /// What stays the same from turn to turn.
    #[serde(default)]
    pub sessions: Sessions,
    /// What runs are compared with; savings are not told when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub savings: Option<Savings>,
    /// What a request gets when no stage is sure.
    pub default: DefaultRoute,
}

/// What runs are compared with.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Savings {
    /// The model that would have answered everything.
    pub baseline: String,
}

/// What a request gets when no stage is sure.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRoute {
    /// Route that takes it.
    pub route: String,
}
