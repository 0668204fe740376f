//! Objectives: how cost, quality and latency are weighed against each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Quality 1, cost 0.04, latency 0.02: a halving of the cost is worth 4 points of quality in a hundred.
    Balanced,
    /// Quality alone: 1, 0, 0.
    Best,
    /// Cost alone: 0, 1, 0.
    Cheapest,
    /// Latency alone: 0, 0, 1.
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
