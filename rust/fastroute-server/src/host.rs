//! What the core asks of its host: the time, and answers to the meta-LLM's questions.
//!
//! A server calls no model by itself. Who embeds it may give an [`Answerer`]; without one each
//! question is declined, unless the caller asked to have it sent back.

use std::future::Future;
use std::pin::Pin;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fastroute_core::{Now, Question};

use crate::context::CallContext;

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

/// The clocks that decisions see.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts a clock.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// Returns the time since the start.
    #[must_use]
    pub fn uptime(&self) -> std::time::Duration {
        self.start.elapsed()
    }

    /// Reads both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        Now {
            monotonic_us: self.start.elapsed().as_micros() as u64,
            unix_us: unix.map_or(0, |since| since.as_micros() as u64),
        }
    }
}
