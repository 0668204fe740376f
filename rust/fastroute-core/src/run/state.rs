//! Where a run stands: what it does next, and the calls that are under way.

use crate::catalogue::ModelId;
use crate::live::Permit;

use super::call::{Ending, Purpose};

/// What the machine does next.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Waits for calls.
    Calling,
    /// Chooses a call.
    Choosing(Cause),
    /// Has ended.
    Done(Ending),
    /// Takes more answers of the same step.
    Sampling { step: usize, left: u32 },
    /// Has an answer judged by another model.
    Verifying { of: u8 },
}

/// Why a call is chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cause {
    Escalation,
    Failure,
    First,
}

/// A call that is under way.
pub(super) struct Flight {
    pub attempt: u8,
    pub purpose: Purpose,
    /// None of a verifier, which is no step of the plan.
    pub step: Option<usize>,
    pub permit: Permit,
    pub model: ModelId,
    /// Most that it can cost.
    pub worst_nano: u64,
    pub input_tokens: u64,
    /// Most tokens that its answer can have.
    pub output_tokens: u64,
    pub started_us: u64,
    pub is_passed_on: bool,
    pub has_begun: bool,
    /// Whether it got less time than is configured, so that another call could follow.
    pub is_cut: bool,
}
