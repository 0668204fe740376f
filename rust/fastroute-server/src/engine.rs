//! What every door of one server shares: what serves, who answers, what was reported, what is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::ask::Models;
use crate::host::{Answerer, Clock, Draws};
use crate::live::{Own, Sessions, Told};
use crate::metrics::Metrics;
use crate::report::Reports;
use crate::revisions::Revisions;
use crate::service::Heavy;

/// The shared parts of one server.
pub struct Engine {
    /// The configuration that serves, and those that did.
    pub revisions: Arc<Revisions>,
    /// Answers the meta-LLM's questions, before any model is asked.
    pub answerer: Arc<dyn Answerer>,
    /// Asks the meta-LLM's model where that speaks HTTP; none when questions are declined instead.
    pub models: Option<Models>,
    /// Reports on attempts.
    pub reports: Reports,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The clocks that decisions see.
    pub clock: Clock,
    /// Turns for work that takes long.
    pub heavy: Heavy,
    /// Sessions that are kept for their callers.
    pub sessions: Sessions,
    /// Numbers for jitter.
    pub(crate) draws: Draws,
    /// Live state of callers whose reports are not trusted.
    pub(crate) own: Own,
    /// Which changes of health were told.
    pub(crate) told: Told,
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
            clock: revisions.clock().clone(),
            revisions,
            answerer,
            models: None,
            reports,
            metrics,
            heavy: Heavy::new(),
            sessions: Sessions::default(),
            draws: Draws::start(),
            own: Own::default(),
            told: Told::default(),
            max_message_bytes,
            accepts_gzip,
            draining: AtomicBool::new(false),
            stop: CancellationToken::new(),
        }
    }

    /// Asks models over HTTP where the host answers nothing.
    #[must_use]
    pub fn asking(mut self, models: Models) -> Self {
        self.models = Some(models);
        self
    }

    /// Whether a question may be answered here, so that it is worth a wait.
    #[must_use]
    pub fn may_answer(&self) -> bool {
        self.models.is_some() || self.answerer.can_answer()
    }

    /// Logs and counts changes of health that were not told yet; a comparison when there are none.
    pub(crate) fn tell_changes(&self, epoch: u64) {
        let live = self.revisions.live();
        self.told.changes(epoch, live, &self.metrics, &self.clock);
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
