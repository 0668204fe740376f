//! What every door of one server shares: what serves, who answers, what was reported, what is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::host::{Answerer, Clock};
use crate::metrics::Metrics;
use crate::report::Reports;
use crate::revisions::Revisions;
use crate::service::Heavy;

/// The shared parts of one server.
pub struct Engine {
    /// The configuration that serves, and those that did.
    pub revisions: Arc<Revisions>,
    /// Answers the meta-LLM's questions.
    pub answerer: Arc<dyn Answerer>,
    /// Reports on attempts.
    pub reports: Reports,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The clocks that decisions see.
    pub clock: Clock,
    /// Turns for work that takes long.
    pub heavy: Heavy,
    /// Largest message in bytes.
    pub max_message_bytes: usize,
    /// Whether gRPC clients may compress.
    pub accepts_gzip: bool,
    draining: AtomicBool,
    /// Cancelled when the server takes no more calls; long streams end then.
    pub stop: CancellationToken,
}

impl Engine {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        revisions: Arc<Revisions>,
        answerer: Arc<dyn Answerer>,
        reports: Reports,
        metrics: Arc<Metrics>,
        max_message_bytes: usize,
        accepts_gzip: bool,
    ) -> Self {
        Self {
            revisions,
            answerer,
            reports,
            metrics,
            clock: Clock::start(),
            heavy: Heavy::new(),
            max_message_bytes,
            accepts_gzip,
            draining: AtomicBool::new(false),
            stop: CancellationToken::new(),
        }
    }

    /// Whether the server is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Says so to who asks, before calls are turned away.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.metrics.draining();
    }
}
