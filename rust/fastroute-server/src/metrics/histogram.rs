//! How long calls take: counts in buckets from 10 us to 10 s, without a lock.
//!
//! The client library's histogram takes a mutex for each observation. This one adds to two numbers,
//! and counts its observations by adding its buckets up when it is read, so that the count of a reading always
//! equals its last bucket. The sum may be one observation ahead or behind.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the buckets in microseconds, included; a last bucket takes the rest.
const BOUNDS_US: [u64; 19] = [
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000,
    500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// Durations in buckets.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_ns: AtomicU64,
}

impl Histogram {
    /// Counts a duration; one that equals a bound is below it.
    pub fn observe(&self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let at = BOUNDS_US.partition_point(|bound| bound * 1_000 < ns);
        self.buckets[at].fetch_add(1, Relaxed);
        self.sum_ns.fetch_add(ns, Relaxed);
    }

    /// Returns the sum in seconds, the count, and the buckets with their upper bounds in seconds.
    pub fn read(&self) -> (f64, u64, [(f64, u64); BOUNDS_US.len() + 1]) {
        let mut at = 0;
        let buckets = self.buckets.each_ref().map(|bucket| {
            let bound = BOUNDS_US
                .get(at)
                .map_or(f64::INFINITY, |us| *us as f64 / 1e6);
            at += 1;
            (bound, bucket.load(Relaxed))
        });
        let count = buckets.iter().map(|(_, count)| count).sum();
        (self.sum_ns.load(Relaxed) as f64 / 1e9, count, buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_at_a_bound_is_below_it() {
        let histogram = Histogram::default();
        for ns in [0, 10_000, 10_001, 10_000_000_000, 10_000_000_001] {
            histogram.observe(Duration::from_nanos(ns));
        }
        let (sum, count, buckets) = histogram.read();
        assert!((sum - 20.000_020_002).abs() < 1e-9, "{sum}");
        assert_eq!(count, 5);
        let filled = buckets
            .iter()
            .filter(|(_, count)| *count > 0)
            .copied()
            .collect::<Vec<_>>();
        assert_eq!(
            filled,
            [(1e-5, 2), (2.5e-5, 1), (10.0, 1), (f64::INFINITY, 1)]
        );
    }
}
