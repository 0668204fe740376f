//! How many calls run at once, over all doors: more are refused at once instead of queueing.
//!
//! A queue would make every caller wait for calls whose callers have given up. One atomic counts
//! calls, a second one streams: an open stream may wait for hours, so streams must not use up the
//! places of calls. Each has the same limit. A place is taken and given back with one atomic
//! operation; a refused call takes none.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tonic::Code;

use super::access::Weight;
use crate::refusal::Refusal;

/// When a refused caller may try again: long enough for some 10,000 decisions to be made.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Counts what runs.
#[derive(Debug)]
pub struct Admission {
    calls: AtomicUsize,
    streams: AtomicUsize,
    limit: usize,
}

impl Admission {
    /// Makes one that admits `limit` calls, and as many streams.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            calls: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
            limit,
        }
    }

    /// Takes a place, which [`leave`](Self::leave) gives back.
    ///
    /// # Errors
    ///
    /// `OVERLOADED` with a time to wait when none is free.
    pub fn enter(&self, weight: Weight) -> Result<(), Refusal> {
        let Some(count) = self.count(weight) else {
            return Ok(());
        };
        if count.fetch_add(1, Ordering::Relaxed) < self.limit {
            return Ok(());
        }
        count.fetch_sub(1, Ordering::Relaxed);
        let what = if weight == Weight::Stream {
            "streams are open"
        } else {
            "calls are in flight"
        };
        let message = format!("as many {what} as the limit of {} allows", self.limit);
        Err(Refusal::new("OVERLOADED", Code::ResourceExhausted, message)
            .with_retry_after(RETRY_AFTER))
    }

    /// Gives a place back.
    pub fn leave(&self, weight: Weight) {
        if let Some(count) = self.count(weight) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Returns how many calls and streams run.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.calls.load(Ordering::Relaxed) + self.streams.load(Ordering::Relaxed)
    }

    fn count(&self, weight: Weight) -> Option<&AtomicUsize> {
        match weight {
            Weight::Free | Weight::Watch => None,
            Weight::Stream => Some(&self.streams),
            Weight::Unary => Some(&self.calls),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_do_not_use_up_the_places_of_calls_and_probes_need_none() {
        let admission = Admission::new(2);
        for weight in [Weight::Stream, Weight::Stream, Weight::Unary, Weight::Unary] {
            admission.enter(weight).expect("a free place");
        }
        for weight in [Weight::Stream, Weight::Unary] {
            let refused = admission.enter(weight).expect_err("no free place");
            assert_eq!((refused.code(), refused.http_status()), ("OVERLOADED", 429));
            assert_eq!(refused.retry_after(), Some(RETRY_AFTER));
        }
        admission
            .enter(Weight::Free)
            .expect("a probe needs no place");
        assert_eq!(admission.in_flight(), 4);
        admission.leave(Weight::Unary);
        admission
            .enter(Weight::Unary)
            .expect("the place that was given back");
    }
}
