//! The breaker of one target: a state machine on given time, with a given draw for jitter.
//!
//! Closed, it counts outcomes and opens on failures in a row, on the share of failures in a window,
//! or on the share of slow calls. Open, it keeps calls away until a time; each opening without
//! lasting health between doubles that time. Then a few probes go through, each under a lease; enough
//! successes close it, one failure opens it, and a probe that nobody reports loses its lease, so the
//! state can never be stuck.
//!
//! An outcome is told later than its call began, which is where breakers that wrap a call have it
//! easier. So every opening and closing has an epoch, and an outcome whose epoch is older is stale: it
//! says something about a state that is gone.
//!
//! At its deadline an open breaker lets a probe through; one microsecond before, it does not.

#[cfg(test)]
mod model;

use crate::health::settings::Settings;
use crate::health::transition::{Cause, Forced, HealthState};
use crate::health::window::{Counts, Window};

/// The largest share of failures that a run of them is measured by.
const MOST_CHANCE: f64 = 0.8;

/// A breaker.
#[derive(Clone, Debug)]
pub(crate) struct Breaker {
    settings: Settings,
    state: State,
    forced: Option<Forced>,
    window: Window,
    consecutive: u32,
    /// Openings without lasting health between them.
    openings: u32,
    /// Time that the last opening was to last.
    last_wait_us: u64,
    /// Outcomes with an older epoch are stale.
    barrier: u64,
    /// Number of the next lease.
    next_lease: u64,
}

#[derive(Clone, Debug)]
enum State {
    Closed { since_us: u64 },
    HalfOpen(Probes),
    Open { until_us: u64 },
}

#[derive(Clone, Debug, Default)]
struct Probes {
    leases: Vec<Lease>,
    succeeded: u32,
    lost: u32,
}

/// The right to probe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Lease {
    /// Never given twice by one breaker.
    pub number: u64,
    pub owner: u128,
    pub attempt: u8,
    pub expires_us: u64,
}

/// What a call may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Claim {
    /// Not before that time.
    Denied {
        retry_at_us: u64,
    },
    Free,
    Leased(Lease),
}

/// How one call ended, as far as a breaker cares.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sample {
    Failure,
    /// Says nothing.
    Nothing,
    RateLimited,
    Success {
        is_slow: bool,
    },
}

/// On what grounds an outcome is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Grounds {
    /// A probe's lease, by its number.
    Lease(u64),
    /// A claim without a lease.
    NoLease,
    /// A claim whose lease, if it had one, is known by its owner and attempt.
    Owner(u128, u8),
    /// No claim: a host that decides and reports. It counts as the oldest probe.
    Report,
}

/// What became of an outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recorded {
    Counted,
    /// Too many targets are open already.
    NotEjected,
    /// Of an earlier epoch, or of a lease that is gone.
    Stale,
}

impl Breaker {
    pub fn new(settings: Settings, epoch: u64, now_us: u64) -> Self {
        Self {
            window: Window::new(settings.window_us),
            settings,
            state: State::Closed { since_us: now_us },
            forced: None,
            consecutive: 0,
            openings: 0,
            last_wait_us: 0,
            barrier: epoch,
            next_lease: 0,
        }
    }

    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes every outcome that began before `epoch` stale.
    pub const fn bar(&mut self, epoch: u64) {
        self.barrier = epoch;
    }

    /// Whether it is closed, forced or not.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    pub const fn forced(&self) -> Option<Forced> {
        self.forced
    }

    /// Its state; time that has passed counts once it has [settled](Self::settle).
    pub const fn state(&self) -> HealthState {
        match (self.forced, &self.state) {
            (Some(Forced::Closed), _) => HealthState::ForcedClosed,
            (Some(Forced::Disabled), _) => HealthState::Disabled,
            (Some(Forced::Open), _) => HealthState::ForcedOpen,
            (None, State::Closed { .. }) => HealthState::Closed,
            (None, State::HalfOpen(_)) => HealthState::HalfOpen,
            (None, State::Open { .. }) => HealthState::Open,
        }
    }

    /// Whether a claim has to take a lease.
    pub const fn is_probing(&self) -> bool {
        matches!(self.state, State::HalfOpen(_))
    }

    /// Whether it keeps a call away at once, and until when.
    pub fn out_until_us(&self) -> Option<u64> {
        match (self.forced, &self.state) {
            (Some(Forced::Open), _) => Some(u64::MAX),
            (Some(_), _) | (None, State::Closed { .. }) => None,
            (None, State::Open { until_us }) => Some(*until_us),
            (None, State::HalfOpen(probes)) => probes.full_until_us(self.settings.probes),
        }
    }

    pub fn counts(&mut self, now_us: u64) -> Counts {
        self.window.counts(now_us)
    }

    pub const fn consecutive(&self) -> u32 {
        self.consecutive
    }

    pub const fn openings(&self) -> u32 {
        self.openings
    }

    pub const fn leases(&self) -> usize {
        match &self.state {
            State::HalfOpen(probes) => probes.leases.len(),
            State::Closed { .. } | State::Open { .. } => 0,
        }
    }

    /// Lets time pass: ends the time in open, takes back leases that ran out.
    ///
    /// Returns why its state changed, if it did, and how many leases were lost.
    #[inline]
    pub fn settle(&mut self, now_us: u64, draw: u64) -> (Option<Cause>, u64) {
        match &mut self.state {
            State::Closed { .. } => (None, 0),
            State::Open { until_us } => {
                if now_us < *until_us {
                    return (None, 0);
                }
                self.state = State::HalfOpen(Probes::default());
                (Some(Cause::OpenTimePassed), 0)
            }
            State::HalfOpen(probes) => {
                let before = probes.leases.len();
                probes.leases.retain(|lease| now_us < lease.expires_us);
                let lost = before - probes.leases.len();
                probes.lost = probes.lost.saturating_add(lost as u32);
                if lost > 0 && probes.lost >= self.settings.lost {
                    self.open(now_us, draw);
                    return (Some(Cause::ProbesLost), lost as u64);
                }
                (None, lost as u64)
            }
        }
    }

    /// Lets a call through, with a lease where only probes go. Must have settled.
    pub fn claim(&mut self, owner: u128, attempt: u8, now_us: u64) -> Claim {
        if let Some(retry_at_us) = self.out_until_us() {
            return Claim::Denied { retry_at_us };
        }
        let State::HalfOpen(probes) = &mut self.state else {
            return Claim::Free;
        };
        let lease = Lease {
            number: self.next_lease,
            owner,
            attempt,
            expires_us: now_us.saturating_add(self.settings.lease_us.max(1)),
        };
        self.next_lease += 1;
        probes.leases.push(lease);
        Claim::Leased(lease)
    }

    /// Counts how a call ended. Must have settled. `may_eject` is asked before it opens from closed.
    ///
    /// `pending` are the calls that have not ended yet. They count as if they would succeed, because
    /// failures come sooner than answers: of the first calls of a busy hour the few that fail at
    /// once would else be all that is known.
    ///
    /// Returns why its state changed, if it did.
    #[inline]
    #[expect(
        clippy::too_many_arguments,
        reason = "everything that an outcome depends on, spelled out"
    )]
    pub fn record(
        &mut self,
        sample: Sample,
        grounds: Grounds,
        epoch: u64,
        pending: u64,
        now_us: u64,
        draw: u64,
        may_eject: &mut dyn FnMut() -> bool,
    ) -> (Recorded, Option<Cause>) {
        if matches!(self.state, State::HalfOpen(_)) {
            return self.record_probe(sample, grounds, epoch, now_us, draw);
        }
        if epoch < self.barrier || matches!(grounds, Grounds::Lease(_)) {
            return (Recorded::Stale, None);
        }
        let counts = self.settings.is_enabled && matches!(self.forced, None | Some(Forced::Closed));
        if !counts || matches!(self.state, State::Open { .. }) {
            return (Recorded::Counted, None);
        }
        match sample {
            Sample::Nothing | Sample::RateLimited => return (Recorded::Counted, None),
            Sample::Success { is_slow } => {
                self.consecutive = 0;
                self.window.add(one(false, is_slow), now_us);
                if !is_slow {
                    return (Recorded::Counted, None);
                }
            }
            Sample::Failure => {
                self.consecutive = self.consecutive.saturating_add(1);
                self.window.add(one(true, false), now_us);
            }
        }
        let Some(cause) = self.trips(sample, pending, now_us) else {
            return (Recorded::Counted, None);
        };
        if self.forced.is_some() {
            return (Recorded::Counted, None);
        }
        if !may_eject() {
            return (Recorded::NotEjected, None);
        }
        self.open(now_us, draw);
        (Recorded::Counted, Some(cause))
    }

    /// Gives a lease back whose call came to nothing.
    pub fn release(&mut self, number: u64) {
        if let State::HalfOpen(probes) = &mut self.state {
            probes.leases.retain(|lease| lease.number != number);
        }
    }

    /// Gives an operator's word, or takes it back; either way it begins anew, closed and empty.
    ///
    /// So a forced breaker is always closed underneath, and never half-open.
    pub fn force(&mut self, forced: Option<Forced>, now_us: u64) {
        self.forced = forced;
        self.close(now_us);
        self.openings = 0;
        self.last_wait_us = 0;
    }

    /// Takes other settings over; counts stay. Closes it if they switch it off, and says so.
    pub fn reload(&mut self, settings: Settings, now_us: u64) -> Option<Cause> {
        if settings.window_us != self.settings.window_us {
            self.window.resize(settings.window_us, now_us);
        }
        let is_closed = matches!(self.state, State::Closed { .. });
        self.settings = settings;
        if settings.is_enabled || is_closed {
            return None;
        }
        self.close(now_us);
        Some(Cause::Reloaded)
    }

    #[cold]
    fn record_probe(
        &mut self,
        sample: Sample,
        grounds: Grounds,
        epoch: u64,
        now_us: u64,
        draw: u64,
    ) -> (Recorded, Option<Cause>) {
        let State::HalfOpen(probes) = &mut self.state else {
            return (Recorded::Stale, None);
        };
        let is_current = match grounds {
            Grounds::Lease(number) => probes.take(|lease| lease.number == number),
            Grounds::Owner(owner, attempt) => {
                probes.take(|lease| (lease.owner, lease.attempt) == (owner, attempt))
            }
            Grounds::NoLease => epoch >= self.barrier,
            Grounds::Report => {
                let is_fresh = epoch >= self.barrier;
                if is_fresh && sample != Sample::Nothing {
                    probes.take(|_| true);
                }
                is_fresh
            }
        };
        if !is_current {
            return (Recorded::Stale, None);
        }
        let succeeded = match sample {
            Sample::Nothing => return (Recorded::Counted, None),
            Sample::Failure => false,
            Sample::RateLimited => self.settings.is_lenient,
            Sample::Success { is_slow } => !is_slow || self.settings.slow_rate.is_none(),
        };
        if !succeeded {
            self.open(now_us, draw);
            return (Recorded::Counted, Some(Cause::ProbeFailed));
        }
        probes.succeeded = probes.succeeded.saturating_add(1);
        if probes.succeeded < self.settings.successes {
            return (Recorded::Counted, None);
        }
        self.close(now_us);
        (Recorded::Counted, Some(Cause::ProbesSucceeded))
    }

    /// Why what it has counted opens it; shares are looked at only after an outcome that adds to them.
    fn trips(&mut self, sample: Sample, pending: u64, now_us: u64) -> Option<Cause> {
        let settings = self.settings;
        let is_failure = sample == Sample::Failure;
        // In the precision of the threshold: six failures of ten reach 0.6.
        let share = |part: u64, of: u64| (part as f64 / of.saturating_add(pending) as f64) as f32;
        let run = u64::from(self.consecutive);
        if is_failure
            && settings
                .consecutive
                .is_some_and(|most| self.consecutive >= most)
            && run >= pending
            && !self.is_chance(now_us)
        {
            return Some(Cause::ConsecutiveFailures);
        }
        let counts = self.window.counts(now_us);
        if counts.calls < settings.minimum_calls {
            return None;
        }
        if is_failure {
            (share(counts.failures, counts.calls) >= settings.failure_rate)
                .then_some(Cause::FailureRate)
        } else {
            let slow = settings
                .slow_rate
                .is_some_and(|most| share(counts.slow, counts.calls) >= most);
            slow.then_some(Cause::SlowCallRate)
        }
    }

    /// Whether failures in a row are no more than bad luck.
    ///
    /// Where three calls in ten fail anyway, five in a row come by themselves every few hundred calls,
    /// and a fleet of three is soon open altogether. So a run must be so long that chance alone makes
    /// it less than once in a million calls; sixty or so are enough whatever was before, because a
    /// model that fails more often than that is no better than one that is dead. With fewer calls
    /// before it than shares need, it counts.
    fn is_chance(&mut self, now_us: u64) -> bool {
        let counts = self.window.counts(now_us);
        let run = u64::from(self.consecutive);
        let before = counts.calls.saturating_sub(run);
        if before < self.settings.minimum_calls.max(1) {
            return false;
        }
        let failed = counts.failures.saturating_sub(run) as f64 / before as f64;
        libm::pow(failed.min(MOST_CHANCE), run as f64) > 1e-6
    }

    /// Opens for the time of this opening: doubled with each, up to a fifth shorter by the draw.
    fn open(&mut self, now_us: u64, draw: u64) {
        if let State::Closed { since_us } = self.state {
            let sustained = self.settings.window_us.max(self.last_wait_us).max(1);
            let healthy = now_us.saturating_sub(since_us) / sustained;
            self.openings = self
                .openings
                .saturating_sub(u32::try_from(healthy).unwrap_or(u32::MAX));
        }
        let factor = 1_u64 << self.openings.min(40);
        let wait = self.settings.wait_us.saturating_mul(factor);
        let wait = wait.min(self.settings.max_wait_us.max(self.settings.wait_us));
        let shorter = ((u128::from(wait / 5) * u128::from(draw)) >> 64) as u64;
        self.last_wait_us = wait;
        self.openings = self.openings.saturating_add(1);
        self.consecutive = 0;
        self.state = State::Open {
            until_us: now_us.saturating_add(wait - shorter),
        };
    }

    fn close(&mut self, now_us: u64) {
        self.window.clear();
        self.consecutive = 0;
        self.state = State::Closed { since_us: now_us };
    }
}

impl Probes {
    fn take(&mut self, is_it: impl Fn(&Lease) -> bool) -> bool {
        let place = self.leases.iter().position(is_it);
        place.map(|place| self.leases.remove(place)).is_some()
    }

    /// When the first lease of a full house runs out.
    fn full_until_us(&self, most: usize) -> Option<u64> {
        let soonest = self.leases.iter().map(|lease| lease.expires_us).min();
        soonest.filter(|_| self.leases.len() >= most)
    }
}

const fn one(is_failure: bool, is_slow: bool) -> Counts {
    Counts {
        calls: 1,
        failures: is_failure as u64,
        slow: is_slow as u64,
    }
}
