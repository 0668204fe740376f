//! Compares the breaker with a plain one over a million random sequences on given time.
//!
//! The plain one keeps every sample with its time and counts them anew each time, has no buckets, no
//! sums and no shortcuts. Sequences are short and settings small, so that edges meet: deadlines to
//! the microsecond, leases that run out as they are reported, clocks that stand still or go back.

use super::{Breaker, Claim, Grounds, Recorded, Sample};
use crate::health::settings::Settings;
use crate::health::transition::{Cause, Forced, HealthState};

const SEQUENCES: u64 = 1_000_000;

struct Plain {
    settings: Settings,
    /// Time, whether it failed, whether it was slow.
    samples: Vec<(u64, bool, bool)>,
    /// The latest time at which the window was looked at.
    clock: u64,
    state: HealthState,
    until: u64,
    since: u64,
    in_a_row: u32,
    openings: u32,
    last_wait: u64,
    barrier: u64,
    /// Number, owner, attempt, expiry.
    leases: Vec<(u64, u128, u8, u64)>,
    given: u64,
    succeeded: u32,
    lost: u32,
}

impl Plain {
    fn new(settings: Settings) -> Self {
        Self {
            settings,
            samples: Vec::new(),
            clock: 0,
            state: HealthState::Closed,
            until: 0,
            since: 0,
            in_a_row: 0,
            openings: 0,
            last_wait: 0,
            barrier: 0,
            leases: Vec::new(),
            given: 0,
            succeeded: 0,
            lost: 0,
        }
    }

    fn settle(&mut self, now: u64, draw: u64) -> Option<Cause> {
        if self.state == HealthState::Open && now >= self.until {
            self.state = HealthState::HalfOpen;
            (self.leases, self.succeeded, self.lost) = (Vec::new(), 0, 0);
            return Some(Cause::OpenTimePassed);
        }
        if self.state == HealthState::HalfOpen {
            let (gone, kept): (Vec<_>, Vec<_>) =
                self.leases.iter().partition(|lease| lease.3 <= now);
            self.leases = kept;
            self.lost += gone.len() as u32;
            if !gone.is_empty() && self.lost >= self.settings.lost {
                self.open(now, draw);
                return Some(Cause::ProbesLost);
            }
        }
        None
    }

    fn out_until(&self) -> Option<u64> {
        match self.state {
            HealthState::ForcedOpen => Some(u64::MAX),
            HealthState::Open => Some(self.until),
            HealthState::HalfOpen if self.leases.len() >= self.settings.probes => {
                self.leases.iter().map(|lease| lease.3).min()
            }
            _ => None,
        }
    }

    fn claim(&mut self, owner: u128, attempt: u8, now: u64) -> Result<Option<u64>, u64> {
        if let Some(until) = self.out_until() {
            return Err(until);
        }
        if self.state != HealthState::HalfOpen {
            return Ok(None);
        }
        let expires = now.saturating_add(self.settings.lease_us.max(1));
        self.leases.push((self.given, owner, attempt, expires));
        self.given += 1;
        Ok(Some(self.given - 1))
    }

    fn record(
        &mut self,
        sample: Sample,
        grounds: Grounds,
        epoch: u64,
        pending: u64,
        now: u64,
        draw: u64,
    ) -> (bool, Option<Cause>) {
        if self.state == HealthState::HalfOpen {
            let is_current = match grounds {
                Grounds::Lease(number) => self.end_lease(|lease| lease.0 == number),
                Grounds::Owner(owner, attempt) => {
                    self.end_lease(|lease| lease.1 == owner && lease.2 == attempt)
                }
                Grounds::NoLease => epoch >= self.barrier,
                Grounds::Report => {
                    if epoch >= self.barrier && sample != Sample::Nothing {
                        self.end_lease(|_| true);
                    }
                    epoch >= self.barrier
                }
            };
            return (
                is_current,
                is_current.then(|| self.probe(sample, now, draw)).flatten(),
            );
        }
        if epoch < self.barrier || matches!(grounds, Grounds::Lease(_)) {
            return (false, None);
        }
        let counts = matches!(self.state, HealthState::Closed | HealthState::ForcedClosed);
        if !counts || !self.settings.is_enabled {
            return (true, None);
        }
        let (failed, slow) = match sample {
            Sample::Failure => (true, false),
            Sample::Success { is_slow } => (false, is_slow),
            Sample::Nothing | Sample::RateLimited => return (true, None),
        };
        self.in_a_row = if failed { self.in_a_row + 1 } else { 0 };
        self.clock = self.clock.max(now);
        self.samples.push((self.clock, failed, slow));
        let cause = self.trips(failed, slow, pending, now);
        if cause.is_some() && self.state == HealthState::Closed {
            self.open(now, draw);
            return (true, cause);
        }
        (true, None)
    }

    fn probe(&mut self, sample: Sample, now: u64, draw: u64) -> Option<Cause> {
        let is_good = match sample {
            Sample::Nothing => return None,
            Sample::Failure => false,
            Sample::RateLimited => self.settings.is_lenient,
            Sample::Success { is_slow } => self.settings.slow_rate.is_none() || !is_slow,
        };
        if !is_good {
            self.open(now, draw);
            return Some(Cause::ProbeFailed);
        }
        self.succeeded += 1;
        (self.succeeded >= self.settings.successes).then(|| {
            self.close(now);
            Cause::ProbesSucceeded
        })
    }

    fn trips(&mut self, failed: bool, slow: bool, pending: u64, now: u64) -> Option<Cause> {
        if failed
            && self
                .settings
                .consecutive
                .is_some_and(|most| self.in_a_row >= most)
            && u64::from(self.in_a_row) >= pending
            && !self.is_chance(now)
        {
            return Some(Cause::ConsecutiveFailures);
        }
        let (calls, failures, slows) = self.counts(now);
        if calls < self.settings.minimum_calls {
            return None;
        }
        if failed
            && (failures as f64 / (calls + pending) as f64) as f32 >= self.settings.failure_rate
        {
            return Some(Cause::FailureRate);
        }
        let is_slow = |most| (slows as f64 / (calls + pending) as f64) as f32 >= most;
        (slow && self.settings.slow_rate.is_some_and(is_slow)).then_some(Cause::SlowCallRate)
    }

    /// Whether so many failures in a row are likely at the share of failures before them.
    fn is_chance(&mut self, now: u64) -> bool {
        let (calls, failures, _) = self.counts(now);
        let run = u64::from(self.in_a_row);
        let before = calls.saturating_sub(run);
        if before == 0 || before < self.settings.minimum_calls {
            return false;
        }
        let share = failures.saturating_sub(run) as f64 / before as f64;
        // In logarithms, and with the share that the promise names: four of five.
        run as f64 * share.min(0.8).ln() > 1e-6_f64.ln()
    }

    /// Calls, failures and slow calls of the last ten tenths of the window, the running one included.
    fn counts(&mut self, now: u64) -> (u64, u64, u64) {
        self.clock = self.clock.max(now);
        let tenth = self.settings.window_us.div_ceil(10).max(1);
        let is_in = |time: u64| self.clock / tenth - time / tenth < 10;
        let count = |counts: fn(&(u64, bool, bool)) -> bool| {
            let samples = self.samples.iter();
            samples
                .filter(|sample| is_in(sample.0) && counts(sample))
                .count() as u64
        };
        (
            count(|_| true),
            count(|sample| sample.1),
            count(|sample| sample.2),
        )
    }

    fn open(&mut self, now: u64, draw: u64) {
        if self.state == HealthState::Closed {
            let well_for = now.saturating_sub(self.since);
            let sustained = self.settings.window_us.max(self.last_wait).max(1);
            self.openings -= (well_for / sustained).min(u64::from(self.openings)) as u32;
        }
        let mut wait = self.settings.wait_us;
        for _ in 0..self.openings {
            wait = wait.saturating_mul(2);
        }
        let wait = wait.min(self.settings.max_wait_us.max(self.settings.wait_us));
        let shorter = (u128::from(wait / 5) * u128::from(draw)) / (1 << 64);
        self.state = HealthState::Open;
        self.until = now.saturating_add(wait - shorter as u64);
        self.last_wait = wait;
        self.openings += 1;
        self.in_a_row = 0;
        self.leases.clear();
    }

    fn close(&mut self, now: u64) {
        self.state = HealthState::Closed;
        self.since = now;
        self.in_a_row = 0;
        self.samples.clear();
        self.leases.clear();
    }

    fn force(&mut self, forced: Option<Forced>, now: u64) {
        self.close(now);
        (self.openings, self.last_wait) = (0, 0);
        self.state = match forced {
            Some(Forced::Closed) => HealthState::ForcedClosed,
            Some(Forced::Disabled) => HealthState::Disabled,
            Some(Forced::Open) => HealthState::ForcedOpen,
            None => HealthState::Closed,
        };
    }

    fn end_lease(&mut self, is_it: impl Fn(&(u64, u128, u8, u64)) -> bool) -> bool {
        let found = self.leases.iter().position(is_it);
        found.map(|place| self.leases.remove(place)).is_some()
    }
}

struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(most)) >> 64) as u64
    }

    fn one_in(&mut self, share: u64) -> bool {
        self.below(share) == 0
    }

    fn settings(&mut self) -> Settings {
        Settings {
            is_enabled: !self.one_in(20),
            failure_rate: [0.01, 0.3, 0.5, 1.0][self.below(4) as usize],
            slow_rate: self.one_in(2).then_some(0.5),
            slow_us: 0,
            minimum_calls: 1 + self.below(6),
            window_us: [1, 10, 95, 100, u64::MAX][self.below(5) as usize],
            consecutive: (!self.one_in(3)).then(|| 1 + self.below(4) as u32),
            wait_us: [1, 10, 50, u64::MAX / 2][(self.below(13) / 4) as usize],
            max_wait_us: [1, 60, 200][self.below(3) as usize],
            probes: 1 + self.below(3) as usize,
            successes: 1 + self.below(3) as u32,
            lease_us: [0, 5, 20, u64::MAX][self.below(4) as usize],
            lost: 1 + self.below(3) as u32,
            is_lenient: self.one_in(2),
        }
    }

    fn sample(&mut self) -> Sample {
        match self.below(10) {
            0 => Sample::Nothing,
            1 => Sample::RateLimited,
            2 => Sample::Success { is_slow: true },
            3..=5 => Sample::Success { is_slow: false },
            _ => Sample::Failure,
        }
    }
}

#[test]
fn the_breaker_equals_a_plain_one_over_a_million_random_sequences() {
    let mut seen = [0_u64; 4];
    for seed in 0..SEQUENCES {
        sequence(seed, &mut seen);
    }
    // Each of: opened, probed, closed again, stale. A generator that never gets there proves nothing.
    assert!(seen.iter().all(|times| *times > SEQUENCES / 50), "{seen:?}");
}

fn sequence(seed: u64, seen: &mut [u64; 4]) {
    let mut draws = Draws(seed);
    let settings = draws.settings();
    let (mut real, mut plain) = (Breaker::new(settings, 0, 0), Plain::new(settings));
    let (mut now, mut epoch) = (0_u64, 0);
    let mut leases: Vec<(u64, u128, u8)> = Vec::new();
    for _ in 0..4 + draws.below(24) {
        now = match draws.below(12) {
            0 => now.saturating_add(draws.below(300)),
            1 => plain.until.saturating_sub(1).max(now),
            2 => plain.until.max(now),
            3 => plain.leases.first().map_or(now, |lease| lease.3.max(now)),
            4 => now.saturating_sub(draws.below(3)),
            5 if draws.one_in(100) => u64::MAX,
            _ => now.saturating_add(draws.below(4)),
        };
        let draw = draws.next();
        let bar = |cause: Option<Cause>, epoch: &mut u64, real: &mut Breaker, plain: &mut Plain| {
            if cause.is_some_and(Cause::is_of_breaker) {
                *epoch += 1;
                real.bar(*epoch);
                plain.barrier = *epoch;
            }
        };
        let (cause, _) = real.settle(now, draw);
        assert_eq!(cause, plain.settle(now, draw), "seed {seed}");
        bar(cause, &mut epoch, &mut real, &mut plain);
        match draws.below(16) {
            0..=3 => {
                let (owner, attempt) = (u128::from(draws.below(3)), draws.below(2) as u8);
                let claimed = match real.claim(owner, attempt, now) {
                    Claim::Denied { retry_at_us } => Err(retry_at_us),
                    Claim::Free => Ok(None),
                    Claim::Leased(lease) => Ok(Some(lease.number)),
                };
                assert_eq!(claimed, plain.claim(owner, attempt, now), "seed {seed}");
                if let Ok(Some(number)) = claimed {
                    leases.push((number, owner, attempt));
                    seen[1] += 1;
                }
            }
            4 => {
                let number = draws.below(4);
                real.release(number);
                plain.end_lease(|lease| lease.0 == number);
            }
            5 if draws.one_in(8) => {
                let forced = [
                    Some(Forced::Closed),
                    Some(Forced::Disabled),
                    Some(Forced::Open),
                    None,
                ][draws.below(4) as usize];
                real.force(forced, now);
                plain.force(forced, now);
                bar(Some(Cause::Forced), &mut epoch, &mut real, &mut plain);
            }
            6 if draws.one_in(8) => {
                // Of the same window: what a resized one keeps is approximate, and tested by itself.
                let reloaded = Settings {
                    window_us: plain.settings.window_us,
                    ..draws.settings()
                };
                let cause = real.reload(reloaded, now);
                plain.settings = reloaded;
                let is_open = matches!(plain.state, HealthState::Open | HealthState::HalfOpen);
                if is_open && !reloaded.is_enabled {
                    plain.close(now);
                    assert_eq!(cause, Some(Cause::Reloaded), "seed {seed}");
                }
                bar(cause, &mut epoch, &mut real, &mut plain);
            }
            _ => {
                let lease =
                    (!leases.is_empty()).then(|| leases[draws.below(leases.len() as u64) as usize]);
                let grounds = match (draws.below(4), lease) {
                    (0, Some((number, ..))) => Grounds::Lease(number),
                    (1, Some((_, owner, attempt))) => Grounds::Owner(owner, attempt),
                    (2, _) => Grounds::NoLease,
                    _ => Grounds::Report,
                };
                let (sample, told) = (
                    draws.sample(),
                    epoch - draws.below(3).min(epoch) * draws.below(2),
                );
                let pending = draws.below(6) * draws.below(2);
                let (recorded, cause) =
                    real.record(sample, grounds, told, pending, now, draw, &mut || true);
                let expected = plain.record(sample, grounds, told, pending, now, draw);
                assert_eq!(
                    (recorded == Recorded::Counted, cause),
                    expected,
                    "seed {seed}"
                );
                bar(cause, &mut epoch, &mut real, &mut plain);
                seen[0] += u64::from(cause.is_some_and(|cause| cause != Cause::ProbesSucceeded));
                seen[2] += u64::from(cause == Some(Cause::ProbesSucceeded));
                seen[3] += u64::from(recorded == Recorded::Stale);
            }
        }
        assert_eq!(real.state(), plain.state, "seed {seed}");
        assert_eq!(real.out_until_us(), plain.out_until(), "seed {seed}");
        assert_eq!(real.consecutive(), plain.in_a_row, "seed {seed}");
        assert_eq!(real.openings(), plain.openings, "seed {seed}");
        assert_eq!(real.leases(), plain.leases.len(), "seed {seed}");
        let counts = real.counts(now);
        let counts = (counts.calls, counts.failures, counts.slow);
        assert_eq!(counts, plain.counts(now), "seed {seed}");
    }
}
