//! What a host's live state has counted, for metrics and people.

use crate::budget::BudgetFigures;
use crate::health::CellFigures;

/// What [`Live`](crate::Live) has counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveFigures {
    /// Every cell of health, shared ones first, by name.
    pub cells: Vec<CellFigures>,
    /// Every budget and value of the revision that was bound last.
    pub budgets: Vec<BudgetFigures>,
    /// What was thought of answers, by model and kind.
    pub feedback: Vec<FeedbackFigures>,
    /// What went by without effect, and retries.
    pub counters: Counters,
}

/// What was thought of one model's answers.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedbackFigures {
    /// Name of the model.
    pub model: Box<str>,
    /// What was looked at; `other` for kinds beyond the 32nd of a model.
    pub kind: Box<str>,
    /// How often it was told.
    pub count: u64,
    /// Mean score, 0 to 1.
    pub mean: f64,
}

/// What went by without effect, and retries.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counters {
    /// Outcomes of attempts that began before the state that they would have changed.
    pub stale_outcomes: u64,
    /// Outcomes of attempts that had been told already.
    pub duplicate_outcomes: u64,
    /// Outcomes of attempts that nobody knows.
    pub unknown_outcomes: u64,
    /// Probes that nobody reported in time.
    pub lost_leases: u64,
    /// Retries that were allowed.
    pub retries_allowed: u64,
    /// Retries that were refused.
    pub retries_refused: u64,
    /// Transitions that were dropped because nobody fetched them.
    pub transitions_dropped: u64,
    /// Openings that were not made because too many targets were open already.
    pub ejections_refused: u64,
    /// Scopes whose state was dropped to make room.
    pub scopes_dropped: u64,
}
