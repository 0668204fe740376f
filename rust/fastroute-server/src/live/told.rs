//! Tells each change of a breaker's state once: one line of the log, and a count.
//!
//! Whoever meets a change tells it: a call compares one number with the one that was told last, and only when they differ takes the
//! changes, off every lock of the live state. A scrape of the metrics does the same, so that what time alone changed is told too.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use fastroute_core::{HealthState, Live, Now};

use crate::host::Clock;
use crate::metrics::Metrics;

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told(AtomicU64);

impl Told {
    /// Tells what changed, if the number of the last change is another one than when this was called last.
    pub fn changes(&self, epoch: u64, live: &Live, metrics: &Metrics, clock: &Clock) {
        if self.0.load(Relaxed) != epoch {
            self.0.store(epoch, Relaxed);
            tell(live, metrics, clock.now());
        }
    }
}

/// Tells what changed since the last time.
#[cold]
pub(crate) fn tell(live: &Live, metrics: &Metrics, now: Now) {
    for change in live.transitions() {
        let retry_in_ms = change
            .retry_at_us
            .map(|at| at.saturating_sub(now.monotonic_us) / 1_000);
        metrics.transition(change.to.as_str(), change.cause.as_str());
        let subject = &change.key.subject;
        let scope = change.key.scope.as_deref().unwrap_or("");
        let (from, to) = (change.from.as_str(), change.to.as_str());
        let cause = change.cause.as_str();
        if matches!(change.to, HealthState::Closed | HealthState::HalfOpen) {
            tracing::info!(event = "health_changed", breaker = %subject, scope, from, to, cause);
        } else {
            tracing::warn!(event = "health_changed", breaker = %subject, scope, from, to, cause, retry_in_ms);
        }
    }
}
