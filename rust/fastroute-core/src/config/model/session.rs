//! Sessions: what stays the same from turn to turn, and when it is decided again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::duration::Duration;

/// What stays the same in a session. Nothing does in requests without one.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// What is kept from turn to turn.
    pub sticky: Sticky,
    /// What makes a session decide again about its model. A model that is not eligible any more is never kept.
    #[schemars(length(max = 4))]
    pub redecide: Vec<Redecide>,
    /// Whether a follow-up without content of its own ("yes, do that") inherits the route.
    pub follow_ups: bool,
    /// Time without a turn after which a session begins anew.
    pub max_age: Duration,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            sticky: Sticky::default(),
            redecide: vec![
                Redecide::UserTurn,
                Redecide::Restriction,
                Redecide::Capability,
                Redecide::Breaker,
            ],
            follow_ups: true,
            max_age: Duration::from_millis(30 * 60_000),
        }
    }
}

/// What a session keeps.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sticky {
    /// Route and model.
    #[default]
    Model,
    /// Nothing but what tool turns and follow-ups need.
    None,
    /// The route.
    Route,
}

/// What makes a session decide again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Redecide {
    /// The model's breaker is open, or it cools.
    Breaker,
    /// The request needs a capability that earlier turns did not.
    Capability,
    /// A rule restricts the models more than before.
    Restriction,
    /// A new message of the user; tool turns keep the model.
    UserTurn,
}
