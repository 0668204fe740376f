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

use super::duration::Duration;

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

/// A place that serves models.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The protocol that it speaks; handed to the host with the decision.
    pub kind: ProviderKind,
    /// Where it listens; handed to the host with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
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
    /// Expected latency.
    pub latency: Latency,
    /// Expected share of accepted answers, 0 to 1: `default`, and by route name.
    #[schemars(extend("additionalProperties" = {"type": "number", "minimum": 0.0, "maximum": 1.0}))]
    pub quality: BTreeMap<String, f32>,
}

fn estimate() -> String {
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
}

/// Expected latency of a model.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// To the first token.
    pub first_token: Duration,
    /// For each further token.
    pub per_token: Duration,
}

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

/// Bounds of a number, both included; at least one is given.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// How cost, quality and latency are weighed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Objective {
    /// Fixed weights with a name.
    Preset(Preset),
    /// Weights of one's own.
    Weights(Weights),
}

impl Default for Objective {
    fn default() -> Self {
        Self::Preset(Preset::Balanced)
    }
}

/// An objective with fixed weights.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Quality against cost and latency.
    Balanced,
    /// Quality alone.
    Best,
    /// Cost alone.
    Cheapest,
    /// Latency alone.
    Fastest,
}

/// Weights of an objective; at least one is above 0.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Weight of expected quality.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub quality: f64,
    /// Weight of each doubling of cost.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub cost: f64,
    /// Weight of each doubling of latency.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub latency: f64,
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

/// A condition over signals and what follows when it is true.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name, unique among rules.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// When it fires.
    pub when: Condition,
    /// What follows.
    pub then: Then,
}

/// A condition: exactly one key.
///
/// `all`, `any` and `not` follow Kleene's three values; a rule fires only on true.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Every one of them.
    All(#[schemars(length(min = 1))] Vec<Condition>),
    /// At least one of them.
    Any(#[schemars(length(min = 1))] Vec<Condition>),
    /// Number of characters (Unicode scalar values).
    Characters(Measure),
    /// Whether the text holds code.
    Code(CodePresence),
    /// Structural difficulty, 0 to 1, of the last user message.
    Difficulty(Range),
    /// Words or phrases, case folded.
    Keywords(Keywords),
    /// A fact that the caller gave.
    Metadata(MetadataTest),
    /// Its opposite.
    Not(Box<Condition>),
    /// A regular expression.
    Regex(Regex),
    /// The dominant script, such as `Latin`, `Han` or `Cyrillic`.
    Script(ScriptTest),
    /// The task flag of the request.
    Task(TaskTest),
    /// Number of tokens.
    Tokens(Tokens),
    /// Number of user messages.
    Turns(Range),
}

/// Whose text a signal reads.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Deserialize,
    Eq,
    Hash,
    JsonSchema,
    Ord,
    PartialEq,
    PartialOrd,
    Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// Every message.
    All,
    /// The last user message.
    #[default]
    LastUser,
    /// System messages.
    System,
    /// Tool output and documents.
    Tool,
    /// All user messages.
    User,
}

/// Bounds of a length.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Whose text is read.
    #[serde(default)]
    pub reads: Reads,
}

/// Bounds of a number of tokens.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// As for a model: a vocabulary, a path or `estimate`.
    #[serde(default = "estimate")]
    pub tokenizer: String,
    /// Whose text is read.
    #[serde(default)]
    pub reads: Reads,
}

/// Whether the text holds code.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CodePresence {
    /// The value that makes the condition true.
    pub present: bool,
    /// Whose text is read.
    #[serde(default)]
    pub reads: Reads,
}

/// Words or phrases; exactly one of `any`, `all` and `file`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Keywords {
    /// One of them is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100_000))]
    pub any: Option<Vec<String>>,
    /// All of them are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100_000))]
    pub all: Option<Vec<String>>,
    /// A file of them, one a line; one is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whole words or any substring.
    #[serde(default, rename = "match")]
    pub kind: Match,
    /// Whose text is read.
    #[serde(default)]
    pub reads: Reads,
}

/// How a keyword is matched.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// Anywhere.
    Substring,
    /// At word boundaries of UAX-29; a substring in scripts without spaces.
    #[default]
    Word,
}

/// A regular expression in linear time: no look-around, no back-references.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Regex {
    /// The expression, at most 1,024 bytes; `(?i)` ignores case.
    #[schemars(length(min = 1, max = 1024))]
    pub pattern: String,
    /// Whose text is read.
    #[serde(default)]
    pub reads: Reads,
}

/// A test of one metadata value; exactly one of `equals`, `in`, `exists`, and `min` or `max`.
///
/// An absent value and one of another type are unknown, except to `exists`.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataTest {
    /// Name of the value.
    #[schemars(length(min = 1, max = 200))]
    pub key: String,
    /// Equal to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Scalar>,
    /// Equal to one of these, all of one type.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub one_of: Option<Vec<Scalar>>,
    /// Present, or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// A number of at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// A number of at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// A metadata value in the configuration.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text, compared exactly.
    Text(String),
}

/// A test of the dominant script.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptTest {
    /// Scripts by Unicode name.
    #[serde(rename = "in")]
    #[schemars(length(min = 1))]
    pub one_of: Vec<String>,
    /// Whose text is read.
    #[serde(default)]
    pub reads: Reads,
}

/// A test of the task flag; unknown when the request has none.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TaskTest {
    /// Flags, compared exactly.
    #[serde(rename = "in")]
    #[schemars(length(min = 1))]
    pub one_of: Vec<String>,
}

/// What follows from a rule; at least one field. The first true rule that sets a field wins.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Route of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The model, when it is eligible; else the route's candidates stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The prompt, before those of the route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The objective, instead of the route's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// The difficulty, instead of the structural one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub difficulty: Option<f32>,
    /// Only these models may serve it; those of all true rules intersect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restrict: Option<Restrict>,
    /// Refuses the request with this message; wins over everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub reject: Option<String>,
}

/// Models that may serve a request: those in `models`, and those with one of `tags`; at least one is given.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Restrict {
    /// Models with one of these tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub tags: Option<Vec<String>>,
    /// Models by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub models: Option<Vec<String>>,
}

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
}

fn eight_hundred() -> Duration {
    Duration::from_millis(800)
}

/// What a request gets when no stage is sure.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRoute {
    /// Route that takes it.
    pub route: String,
}
