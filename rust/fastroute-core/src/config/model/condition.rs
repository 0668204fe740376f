//! Conditions: the leaves that read signals, and `all`, `any` and `not` over them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::serving::estimate;

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

impl From<Match> for fastroute_text::keywords::MatchKind {
    fn from(kind: Match) -> Self {
        match kind {
            Match::Substring => Self::Substring,
            Match::Word => Self::Word,
        }
    }
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
