//! What a host asks for before it makes a call.

use crate::catalogue::{ModelId, RouteId};
use crate::host::Caller;

/// A call that a host wants to make.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// For whom.
    pub caller: Caller<'a>,
    /// The decision's route.
    pub route: Option<RouteId>,
    /// The model to call.
    pub model: ModelId,
    /// Which of its deployments, by place.
    pub deployment: u8,
    /// Who holds what is granted: the decision or run.
    pub owner: u128,
    /// Number of the attempt, from 0.
    pub attempt: u8,
    /// Input tokens, estimated or counted.
    pub input_tokens: u64,
    /// Most output tokens.
    pub output_tokens: u64,
    /// Microseconds after which an outcome that nobody told is lost.
    pub lease_us: u64,
    /// Calls although its breaker is open; only ever for a permitted model.
    pub ignore_health: bool,
}
