//! The retry budget of a fleet: in any ten seconds, so many attempts after a failure and no more.
//!
//! That many is a share of the first attempts of those ten seconds, and at least a few a second. So a
//! fleet that is down sees its traffic grow by that share, not by the attempts that each run would
//! make on its own. Counted in buckets of a second: what was ten seconds ago is forgotten, idle time
//! saves nothing up.

use crate::config;
use crate::host::Now;
use crate::sync::{AtomicU64, Mutex, Ordering, lock};

const BUCKETS: u64 = 10;
const BUCKET_US: u64 = 1_000_000;

/// First attempts and retries of the last ten seconds.
#[derive(Debug)]
pub(crate) struct Retries {
    recent: Mutex<Recent>,
    pub allowed: AtomicU64,
    pub refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Recent {
    newest: u64,
    buckets: [Bucket; BUCKETS as usize],
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    first: u64,
    retries: u64,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            recent: Mutex::new(Recent::default()),
            allowed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }
}

impl Retries {
    pub fn first_attempt(&self, now: Now) {
        lock(&self.recent).bucket(now.monotonic_us).first += 1;
    }

    /// Takes one retry, if the budget has one.
    pub fn take(&self, retry: &config::Retry, now: Now) -> bool {
        let mut recent = lock(&self.recent);
        recent.bucket(now.monotonic_us);
        let (first, retries) = recent
            .buckets
            .iter()
            .fold((0, 0), |(first, retries), bucket| {
                (first + bucket.first, retries + bucket.retries)
            });
        let always = f64::from(retry.budget_min_per_second) * BUCKETS as f64;
        let earned = f64::from(retry.budget_ratio) * first as f64;
        // A share such as 0.2 is a little more or less than that in binary; a millionth forgives it.
        let may = (retries + 1) as f64 <= always.max(earned) + 1e-6;
        if may {
            recent.bucket(now.monotonic_us).retries += 1;
        }
        drop(recent);
        let counter = if may { &self.allowed } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
        may
    }
}

impl Recent {
    /// The bucket of now; time that goes back counts as standing still.
    fn bucket(&mut self, now_us: u64) -> &mut Bucket {
        let number = now_us / BUCKET_US;
        if number > self.newest {
            let passed = (number - self.newest).min(BUCKETS);
            for step in 0..passed {
                self.buckets[((number - step) % BUCKETS) as usize] = Bucket::default();
            }
            self.newest = number;
        }
        &mut self.buckets[(self.newest % BUCKETS) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Now {
        Now {
            monotonic_us: (seconds * 1e6) as u64,
            unix_us: 0,
        }
    }

    fn retry(ratio: f32, always: f32) -> config::Retry {
        config::Retry {
            budget_ratio: ratio,
            budget_min_per_second: always,
            ..config::Retry::default()
        }
    }

    #[test]
    fn a_fifth_of_the_first_attempts_may_be_tried_again() {
        let retries = Retries::default();
        for _ in 0..1_000 {
            retries.first_attempt(at(5.0));
        }
        let taken = (0..1_000).filter(|_| retries.take(&retry(0.2, 0.0), at(6.0)));
        assert_eq!(taken.count(), 200);
    }

    #[test]
    fn a_few_a_second_are_always_allowed_and_do_not_add_up() {
        let retries = Retries::default();
        for start in [0.0, 10.0, 1_000.0] {
            let taken = (0..100).filter(|_| retries.take(&retry(0.2, 1.0), at(start)));
            assert_eq!(taken.count(), 10, "{start}");
        }
        assert!(!retries.take(&retry(0.2, 1.0), at(1_009.9)));
        assert!(retries.take(&retry(0.2, 1.0), at(1_010.0)));
    }

    #[test]
    fn nothing_is_allowed_where_nothing_is_earned() {
        assert!(!Retries::default().take(&retry(0.0, 0.0), at(1.0)));
    }
}
