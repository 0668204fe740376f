//! A rate as its provider publishes it: the generic cell rate algorithm over requests and tokens.
//!
//! It is the token bucket that providers describe, one minute's worth deep, kept as one number: the
//! time at which the bucket would be full again. Nothing has to run to refill it. A call that takes
//! more tokens than a minute holds would never fit; it goes when the bucket is full, and those
//! after it wait until it is paid for.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Rate;

const MINUTE_NS: u64 = 60_000_000_000;

/// When the buckets of one target are full again, in nanoseconds on the monotonic clock.
///
/// Written under the store's lock, read without it.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    requests: AtomicU64,
    tokens: AtomicU64,
}

/// The published figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    requests: Option<u64>,
    tokens: Option<u64>,
}

impl Pace {
    pub fn of(rate: &Rate) -> Self {
        Self {
            requests: rate.requests_per_minute.map(u64::from),
            tokens: rate.tokens_per_minute.map(u64::from),
        }
    }

    /// The lower of each figure.
    pub fn and(self, other: Self) -> Self {
        let lower = |one: Option<u64>, two: Option<u64>| match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self {
            requests: lower(self.requests, other.requests),
            tokens: lower(self.tokens, other.tokens),
        }
    }
}

impl Buckets {
    /// Tells since when one request of so many tokens fits, in monotonic microseconds; 0 or the past when it fits now.
    pub fn fits_at_us(&self, pace: &Pace, tokens: u64) -> u64 {
        let wait = |full_at: &AtomicU64, per_minute: Option<u64>, taken: u64| {
            per_minute.map_or(0, |per_minute| {
                let depth = MINUTE_NS.saturating_sub(time_of(taken, per_minute));
                full_at.load(Ordering::Relaxed).saturating_sub(depth)
            })
        };
        let fits_at =
            wait(&self.requests, pace.requests, 1).max(wait(&self.tokens, pace.tokens, tokens));
        fits_at.div_ceil(1_000)
    }

    /// Takes one request of so many tokens; [`Self::fits_at_us`] has said that it fits.
    pub fn take(&self, pace: &Pace, tokens: u64, now_us: u64) {
        let now = now_us.saturating_mul(1_000);
        let take = |full_at: &AtomicU64, per_minute: Option<u64>, taken: u64| {
            if let Some(per_minute) = per_minute {
                let from = full_at.load(Ordering::Relaxed).max(now);
                let until = from.saturating_add(time_of(taken, per_minute));
                full_at.store(until, Ordering::Relaxed);
            }
        };
        take(&self.requests, pace.requests, 1);
        take(&self.tokens, pace.tokens, tokens);
    }

    /// Gives back what a call took that was never made.
    ///
    /// Less what has come in since: a bucket that was full would have had no use for it.
    pub fn give_back(&self, pace: &Pace, tokens: u64, since_us: u64) {
        let since = since_us.saturating_mul(1_000);
        let give = |full_at: &AtomicU64, per_minute: Option<u64>, taken: u64| {
            if let Some(per_minute) = per_minute {
                let time = time_of(taken, per_minute).saturating_sub(since);
                let until = full_at.load(Ordering::Relaxed).saturating_sub(time);
                full_at.store(until, Ordering::Relaxed);
            }
        };
        give(&self.requests, pace.requests, 1);
        give(&self.tokens, pace.tokens, tokens);
    }
}

/// The time that a rate needs for so many, rounded up: never faster than published.
fn time_of(count: u64, per_minute: u64) -> u64 {
    let time = (u128::from(count) * u128::from(MINUTE_NS)).div_ceil(u128::from(per_minute.max(1)));
    u64::try_from(time).unwrap_or(u64::MAX)
}
