//! What the core asks of its host: the time, and answers to the meta-LLM's questions.
//!
//! Who embeds a server may give an [`Answerer`]; without one the server asks the model itself where that speaks HTTP
//! (see `ask`), and declines every other question, unless the caller asked to have it sent back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fastroute_core::{Now, Question};

use crate::context::CallContext;
use crate::report::random;

/// The future of an answer: a label, or none when it declines.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>>;

/// Answers questions to the meta-LLM.
///
/// It is dropped when the question's timeout or the deadline of the call passes, so it must be safe
/// to drop at any point.
pub trait Answerer: Send + Sync + 'static {
    /// Whether it ever answers; when not, questions are declined without a wait.
    fn can_answer(&self) -> bool {
        true
    }

    /// Answers a question with a label, or declines with none.
    fn answer<'a>(&'a self, question: &'a Question, context: &'a CallContext) -> Answering<'a>;
}

/// Declines every question.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declines;

impl Answerer for Declines {
    fn can_answer(&self) -> bool {
        false
    }

    fn answer<'a>(&'a self, _: &'a Question, _: &'a CallContext) -> Answering<'a> {
        Box::pin(std::future::ready(None))
    }
}

/// The clocks that decisions see. Clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Instant,
    ahead_us: Arc<AtomicU64>,
}

impl Clock {
    /// Starts a clock.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            ahead_us: Arc::default(),
        }
    }

    /// Returns the time since the start.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.start.elapsed() + Duration::from_micros(self.ahead_us.load(Ordering::Relaxed))
    }

    /// Reads both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        let unix_us = unix.map_or(0, |since| since.as_micros() as u64);
        let ahead_us = self.ahead_us.load(Ordering::Relaxed);
        Now {
            monotonic_us: self.start.elapsed().as_micros() as u64 + ahead_us,
            unix_us: unix_us + ahead_us,
        }
    }

    /// Sets both clocks ahead, for tests of what time brings.
    pub fn advance(&self, by: Duration) {
        let by_us = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.ahead_us.fetch_add(by_us, Ordering::Relaxed);
    }
}

/// Draws numbers for jitter and owners of leases: different in each server, and no secret.
#[derive(Debug)]
pub struct Draws(AtomicU64);

impl Draws {
    /// Starts at a number of the system.
    ///
    /// # Panics
    ///
    /// When the system has no random numbers.
    #[must_use]
    pub fn start() -> Self {
        Self(AtomicU64::new(u64::from_be_bytes(random())))
    }

    /// Draws a number, by `SplitMix64`.
    #[must_use]
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
