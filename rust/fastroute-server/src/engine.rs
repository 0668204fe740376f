//! What every door of one server shares: what serves, who answers, what was reported, what is counted.

use std::sync::Arc;

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
    /// Cancelled when the server finishes its calls and takes no more; long streams end then.
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
            stop: CancellationToken::new(),
        }
    }

    /// Whether the server finishes its calls and takes no more.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.stop.is_cancelled()
    }
}
