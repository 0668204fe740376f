//! Counts calls, failures and slow calls in a sliding window, in ten buckets.
//!
//! A call counts for at least nine tenths of the window and at most all of it: none is lost at an
//! edge, and none outlives the window. Sums are kept, so a call costs the same however long the
//! window is; a gap of any length costs at most ten steps. Time that goes back counts as standing
//! still.

const BUCKETS: u64 = 10;

/// Calls, failures and slow calls.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    pub calls: u64,
    pub failures: u64,
    pub slow: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.failures += other.failures;
        self.slow += other.slow;
    }

    fn subtract(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
    }
}

/// Counts of the last calls.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// Length of a bucket in microseconds.
    length_us: u64,
    /// Number of the newest bucket since time began.
    newest: u64,
    /// Time from which the newest bucket is over.
    until_us: u64,
    buckets: [Counts; BUCKETS as usize],
    sum: Counts,
}

impl Window {
    pub fn new(window_us: u64) -> Self {
        let length_us = window_us.div_ceil(BUCKETS).max(1);
        Self {
            length_us,
            newest: 0,
            until_us: length_us,
            buckets: Default::default(),
            sum: Counts::default(),
        }
    }

    /// Counts one call.
    #[inline]
    pub fn add(&mut self, one: Counts, now_us: u64) {
        if now_us >= self.until_us {
            self.slide(now_us);
        }
        self.buckets[(self.newest % BUCKETS) as usize].add(one);
        self.sum.add(one);
    }

    /// What is in the window now.
    pub fn counts(&mut self, now_us: u64) -> Counts {
        if now_us >= self.until_us {
            self.slide(now_us);
        }
        self.sum
    }

    pub fn clear(&mut self) {
        self.buckets = Default::default();
        self.sum = Counts::default();
    }

    /// Changes the length: calls keep their age, those beyond the new length are forgotten.
    pub fn resize(&mut self, window_us: u64, now_us: u64) {
        let mut resized = Self::new(window_us);
        if resized.length_us == self.length_us {
            return;
        }
        self.slide(now_us);
        resized.slide(now_us);
        for age in 0..BUCKETS.min(self.newest.saturating_add(1)) {
            let counts = self.buckets[((self.newest - age) % BUCKETS) as usize];
            let steps = age.saturating_mul(self.length_us) / resized.length_us;
            if steps < BUCKETS && steps <= resized.newest {
                resized.buckets[((resized.newest - steps) % BUCKETS) as usize].add(counts);
                resized.sum.add(counts);
            }
        }
        *self = resized;
    }

    #[cold]
    fn slide(&mut self, now_us: u64) {
        if now_us < self.until_us {
            return;
        }
        let newest = now_us / self.length_us;
        let steps = newest.saturating_sub(self.newest);
        if steps >= BUCKETS {
            self.clear();
        } else {
            for step in 0..steps {
                let bucket = &mut self.buckets[((newest - step) % BUCKETS) as usize];
                self.sum.subtract(std::mem::take(bucket));
            }
        }
        self.newest = newest;
        self.until_us = newest.saturating_add(1).saturating_mul(self.length_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Counts = Counts {
        calls: 1,
        failures: 1,
        slow: 0,
    };

    #[test]
    fn a_call_counts_for_nine_tenths_of_the_window_and_no_longer_than_all_of_it() {
        for start in 0..25 {
            let mut window = Window::new(100);
            window.add(ONE, start);
            assert_eq!(window.counts(start + 90).calls, 1, "{start}");
            assert_eq!(window.counts(start + 100).calls, 0, "{start}");
        }
    }

    #[test]
    fn a_gap_of_any_length_empties_the_window_and_does_not_wedge_it() {
        for now in [1_000, u64::from(u32::MAX) * 1_000, u64::MAX - 1, u64::MAX] {
            let mut window = Window::new(100);
            window.add(ONE, 5);
            window.add(ONE, now);
            assert_eq!(window.counts(now), ONE, "{now}");
        }
    }

    #[test]
    fn time_that_goes_back_loses_nothing() {
        let mut window = Window::new(100);
        window.add(ONE, 500);
        window.add(ONE, 20);
        assert_eq!(window.counts(500).calls, 2);
    }

    #[test]
    fn a_window_of_another_length_keeps_the_age_of_calls() {
        let mut window = Window::new(100);
        window.add(ONE, 10);
        window.add(ONE, 95);
        window.resize(1_000, 99);
        assert_eq!(window.counts(900).calls, 2);
        window.resize(50, 900);
        assert_eq!(window.counts(900).calls, 0);
        window.add(ONE, 901);
        window.resize(0, 902);
        assert_eq!(window.counts(902).calls, 1);
    }
}
