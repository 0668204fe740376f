//! What a cell of health has counted, for metrics and people.

use std::sync::Arc;

use crate::health::transition::{HealthKey, HealthState};

/// What one cell of health has counted.
#[derive(Clone, Debug, PartialEq)]
pub struct CellFigures {
    /// Which cell.
    pub key: Arc<HealthKey>,
    /// Its state now, natural expiry included.
    pub state: HealthState,
    /// Monotonic time in microseconds at which calls may go there again, if they may not now; the
    /// largest number when only an operator can say.
    pub retry_at_us: Option<u64>,
    /// Calls in the window.
    pub calls: u64,
    /// Failures in the window.
    pub failures: u64,
    /// Slow calls in the window.
    pub slow: u64,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// Openings without lasting health between them.
    pub openings: u32,
    /// Probes under way.
    pub leases: u32,
    /// Claims that have not ended.
    pub in_flight: u64,
    /// Share of calls that failed lately, 0 to 1.
    pub failure_rate: f32,
    /// Time to the first token lately, in microseconds.
    pub first_token_us: Option<f32>,
    /// Time for each further token lately, in microseconds.
    pub per_token_us: Option<f32>,
    /// Answers whose length was told, and their bytes together.
    pub outputs: (u64, u64),
}
