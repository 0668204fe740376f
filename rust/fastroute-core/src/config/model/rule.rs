//! Rules: a condition and what follows when it is true.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Objective};

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
