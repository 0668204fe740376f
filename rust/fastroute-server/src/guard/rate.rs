//! How often a caller may call: so many requests a second, and a second's worth at once.
//!
//! The generic cell rate algorithm keeps one number for each caller and changes it with one compare
//! and swap, so a caller that is over its rate costs the others nothing.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tonic::Code;

use crate::refusal::Refusal;

/// Highest rate that is told apart from having none, in requests per second.
pub const MAX_RATE: f64 = 1_000_000.0;
/// Lowest rate, in requests per second: about one an hour.
pub const MIN_RATE: f64 = 0.0003;

/// The rate of one caller.
#[derive(Debug)]
pub struct Rate {
    limiter: DefaultDirectRateLimiter,
    per_second: f64,
    burst: NonZeroU32,
}

impl Rate {
    /// Makes one of so many requests per second; none when it is not from [`MIN_RATE`] to [`MAX_RATE`].
    #[must_use]
    pub fn new(per_second: f64) -> Option<Self> {
        if !(MIN_RATE..=MAX_RATE).contains(&per_second) {
            return None;
        }
        let burst = NonZeroU32::new(per_second.ceil() as u32)?;
        let quota = Quota::with_period(Duration::from_secs_f64(per_second.recip()))?;
        Some(Self {
            limiter: RateLimiter::direct(quota.allow_burst(burst)),
            per_second,
            burst,
        })
    }

    /// Returns the rate in requests per second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.per_second
    }

    /// Pays for so many requests.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` with the time to wait, or without one when it is more than can ever be paid at
    /// once; nothing is paid then.
    pub fn charge(&self, requests: u32) -> Result<(), Refusal> {
        let Some(count) = NonZeroU32::new(requests) else {
            return Ok(());
        };
        match self.limiter.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                Err(self
                    .refuse(&format!("{} requests per second", self.per_second))
                    .with_retry_after(wait))
            }
            Err(_) => Err(self.refuse(&format!("{} requests at once", self.burst))),
        }
    }

    fn refuse(&self, limit: &str) -> Refusal {
        let message = format!("the caller is over its rate of {limit}");
        Refusal::new("RATE_LIMITED", Code::ResourceExhausted, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_is_paid_at_once_and_the_next_is_told_when() {
        let rate = Rate::new(2.0).expect("a rate");
        rate.charge(2).expect("a second's worth");
        let refused = rate.charge(1).expect_err("nothing is left");
        assert_eq!(refused.code(), "RATE_LIMITED");
        let wait = refused.retry_after().expect("a time to wait");
        assert!(
            wait > Duration::from_millis(300) && wait <= Duration::from_millis(500),
            "{wait:?}"
        );
    }

    #[test]
    fn more_than_the_burst_can_never_be_paid_and_is_not_worth_waiting_for() {
        let rate = Rate::new(10.0).expect("a rate");
        let refused = rate.charge(11).expect_err("over the burst");
        assert_eq!(
            (refused.code(), refused.retry_after()),
            ("RATE_LIMITED", None)
        );
        rate.charge(10).expect("what was refused was not paid");
        rate.charge(0).expect("nothing costs nothing");
    }

    #[test]
    fn a_rate_out_of_range_is_none() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 0.0001, 1e7] {
            assert!(Rate::new(rate).is_none(), "{rate}");
        }
        assert!(Rate::new(0.5).is_some());
    }
}
