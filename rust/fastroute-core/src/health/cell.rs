//! One cell of health: a breaker, a time of cooling and averages, behind a lock that readers never take.
//!
//! Every change is made under the lock and ends with publishing what readers need in a few atomics:
//! a word that says until when calls stay away, two averages, a version. A reader that sees a zero
//! word knows that the cell is closed and does nothing more. The atomics are not one snapshot: a
//! reader may pair the word of one outcome with the averages of the next.
//!
//! An outcome costs one uncontended lock and a few stores, about 20 ns; a claim of a closed cell
//! costs two loads.

use std::sync::Arc;

use crate::health::breaker::{Breaker, Claim, Grounds, Lease, Recorded, Sample};
use crate::health::common::{Common, Ejections, count};
use crate::health::figures::CellFigures;
use crate::health::lately::{Lately, Pace, Read};
use crate::health::settings::Settings;
use crate::health::transition::{Cause, Forced, HealthKey, HealthState, Transition};
use crate::host::Availability;
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering, lock};

/// One cell of health.
#[derive(Debug)]
pub(crate) struct Cell {
    pub key: Arc<HealthKey>,
    /// The epoch in which it was made: older outcomes are of another cell.
    born: u64,
    word: AtomicU64,
    version: AtomicU32,
    /// First token and per token, as two floats.
    paces: AtomicU64,
    /// Calls and failures, as two floats.
    shares: AtomicU64,
    last_us: AtomicU64,
    in_flight: AtomicU64,
    health: Mutex<Health>,
    common: Arc<Common>,
    ejections: Option<Arc<Ejections>>,
}

#[derive(Debug)]
struct Health {
    breaker: Breaker,
    cooling_until_us: u64,
    lately: Lately,
    /// The state that was told last.
    told: HealthState,
    /// Whether it counts among the ejected.
    is_ejected: bool,
    /// Whether it was dropped; what still reaches it reaches nobody else.
    is_detached: bool,
    outputs: (u64, u64),
}

/// What one cell keeps readers from, packed: the time in the upper bits, the kind in the lower three.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Word(u64);

const OPEN: u64 = 1;
const COOLING: u64 = 2;
const PROBING: u64 = 3;
/// Cooling above a breaker that is not closed: whoever comes after that time probes.
const COOLING_BEFORE_PROBE: u64 = 4;
const KIND: u64 = 7;
const KIND_BITS: u32 = 3;
const LATEST: u64 = u64::MAX >> KIND_BITS;

impl Word {
    const IN: Self = Self(0);

    fn new(kind: u64, until_us: u64) -> Self {
        Self(until_us.min(LATEST) << KIND_BITS | kind)
    }

    /// Whether a call at that time is a probe, if it gets one.
    pub fn is_probing(self, now_us: u64) -> bool {
        let is_of_breaker = matches!(self.0 & KIND, OPEN | PROBING | COOLING_BEFORE_PROBE);
        is_of_breaker && self.out(now_us).is_none()
    }

    /// What keeps calls away at that time.
    pub fn out(self, now_us: u64) -> Option<Availability> {
        if self.0 == 0 {
            return None;
        }
        let until_us = match self.0 >> KIND_BITS {
            LATEST => u64::MAX,
            until_us => until_us,
        };
        match self.0 & KIND {
            OPEN if now_us < until_us || until_us == u64::MAX => Some(Availability::Open {
                retry_at_us: until_us,
            }),
            COOLING | COOLING_BEFORE_PROBE if now_us < until_us => Some(Availability::Cooling {
                retry_at_us: until_us,
            }),
            _ => None,
        }
    }
}

/// What a claim overrules; nothing overrules an operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Overruled {
    /// Breakers, but no cooling: a refused key or a limit is no matter of chance.
    Breakers,
    /// Whatever is known of health.
    Health,
    Nothing,
}

/// An outcome as one cell is told it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub sample: Sample,
    pub grounds: Grounds,
    pub epoch: u64,
    /// Until when it cools, and why.
    pub cool: Option<(u64, Cause)>,
    /// Averages take it in; none leaves them alone.
    pub lately: Option<(bool, Option<Pace>)>,
    /// Bytes of the answer.
    pub output: Option<u64>,
}

impl Cell {
    pub fn new(
        key: Arc<HealthKey>,
        settings: Settings,
        born: u64,
        now_us: u64,
        common: Arc<Common>,
        ejections: Option<Arc<Ejections>>,
    ) -> Self {
        let lately = Lately::default();
        Self {
            key,
            born,
            word: AtomicU64::new(0),
            version: AtomicU32::new(1),
            paces: AtomicU64::new(pack(lately.first_token_us, lately.per_token_us)),
            shares: AtomicU64::new(0),
            last_us: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            health: Mutex::new(Health {
                breaker: Breaker::new(settings, born, now_us),
                cooling_until_us: 0,
                lately,
                told: HealthState::Closed,
                is_ejected: false,
                is_detached: false,
                outputs: (0, 0),
            }),
            common,
            ejections,
        }
    }

    /// Changes with every outcome; readers take averages anew when it has changed.
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    pub fn word(&self) -> Word {
        Word(self.word.load(Ordering::Acquire))
    }

    #[inline]
    pub fn read(&self, now_us: u64) -> Read {
        let (first_token_us, per_token_us) = unpack(self.paces.load(Ordering::Relaxed));
        let (calls, failures) = unpack(self.shares.load(Ordering::Relaxed));
        let lately = Lately {
            first_token_us,
            per_token_us,
            calls,
            failures,
            last_us: self.last_us.load(Ordering::Relaxed),
            samples: 0,
        };
        Read::of(&lately, now_us)
    }

    pub fn enter(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Lets a call through, or says until when not.
    pub fn claim(
        &self,
        owner: u128,
        attempt: u8,
        overruled: Overruled,
        now_us: u64,
        draw: u64,
    ) -> Result<Option<Lease>, Availability> {
        if self.word() == Word::IN {
            return Ok(None);
        }
        self.change(now_us, draw, |health, _| {
            let is_forced_open = health.breaker.forced() == Some(Forced::Open);
            let retry_at_us = health.cooling_until_us;
            let out = match overruled {
                _ if is_forced_open => health.word().out(now_us),
                Overruled::Nothing => health.word().out(now_us),
                Overruled::Breakers if now_us < retry_at_us => {
                    Some(Availability::Cooling { retry_at_us })
                }
                Overruled::Breakers | Overruled::Health => None,
            };
            if let Some(why) = out {
                return (Err(why), None);
            }
            let claim = match health.breaker.claim(owner, attempt, now_us) {
                Claim::Leased(lease) => Ok(Some(lease)),
                Claim::Free => Ok(None),
                Claim::Denied { .. } if overruled != Overruled::Nothing => Ok(None),
                Claim::Denied { retry_at_us } => Err(Availability::Open { retry_at_us }),
            };
            (claim, None)
        })
    }

    pub fn release(&self, lease: &Lease, now_us: u64) {
        self.change(now_us, 0, |health, _| {
            health.breaker.release(lease.number);
            ((), None)
        });
    }

    /// Takes an outcome in; whether it counted.
    #[inline]
    pub fn record(&self, told: &Told, now_us: u64, draw: u64) -> Recorded {
        if told.epoch < self.born {
            count(&self.common.stale, 1);
            return Recorded::Stale;
        }
        // A call that was claimed is still counted itself.
        let own = matches!(told.grounds, Grounds::Lease(_) | Grounds::NoLease);
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let pending = in_flight.saturating_sub(u64::from(own));
        let recorded = self.change(now_us, draw, |health, ejections| {
            let mut may_eject = || {
                let may = ejections.is_none_or(Ejections::take);
                health.is_ejected |= may && ejections.is_some();
                may
            };
            let (recorded, cause) = health.breaker.record(
                told.sample,
                told.grounds,
                told.epoch,
                pending,
                now_us,
                draw,
                &mut may_eject,
            );
            // A provider that asks to wait means it, whenever the call began.
            let cooled = told
                .cool
                .filter(|_| health.breaker.forced() != Some(Forced::Closed));
            let cooled = cooled.map(|(until_us, cause)| {
                health.cooling_until_us = health.cooling_until_us.max(until_us);
                cause
            });
            if recorded != Recorded::Stale {
                if let Some((failed, pace)) = told.lately {
                    health.lately.record(failed, pace, now_us);
                }
                if let Some(bytes) = told.output {
                    health.outputs.0 += 1;
                    health.outputs.1 = health.outputs.1.saturating_add(bytes);
                }
            }
            (recorded, cause.or(cooled))
        });
        match recorded {
            Recorded::Counted => {}
            Recorded::NotEjected => count(&self.common.not_ejected, 1),
            Recorded::Stale => count(&self.common.stale, 1),
        }
        recorded
    }

    pub fn force(&self, forced: Option<Forced>, now_us: u64) {
        self.change(now_us, 0, |health, _| {
            health.breaker.force(forced, now_us);
            health.cooling_until_us = 0;
            let cause = if forced.is_some() {
                Cause::Forced
            } else {
                Cause::Reset
            };
            ((), Some(cause))
        });
    }

    pub fn reload(&self, settings: Settings, now_us: u64) {
        if *lock(&self.health).breaker.settings() != settings {
            self.change(now_us, 0, |health, _| {
                ((), health.breaker.reload(settings, now_us))
            });
        }
    }

    /// Takes it out of everything that is shared; its calls in flight end without effect on others.
    pub fn detach(&self) {
        let mut health = lock(&self.health);
        health.is_detached = true;
        if std::mem::take(&mut health.is_ejected)
            && let Some(ejections) = &self.ejections
        {
            ejections.give_back();
        }
        if self.word.swap(0, Ordering::AcqRel) != 0 {
            self.common.troubled.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Lets time pass, so that what has expired is told.
    pub fn settle(&self, now_us: u64) {
        self.change(now_us, 0, |_, _| ((), None));
    }

    /// Whether nothing keeps calls away from it and no operator holds it.
    pub fn is_idle(&self) -> bool {
        self.word() == Word::IN
            && self.in_flight.load(Ordering::Relaxed) == 0
            && lock(&self.health).breaker.forced().is_none()
    }

    pub fn figures(&self, now_us: u64) -> CellFigures {
        self.settle(now_us);
        let read = self.read(now_us);
        let mut health = lock(&self.health);
        let counts = health.breaker.counts(now_us);
        CellFigures {
            key: Arc::clone(&self.key),
            state: health.state(),
            retry_at_us: health.word().out(now_us).and_then(until_us),
            calls: counts.calls,
            failures: counts.failures,
            slow: counts.slow,
            consecutive_failures: health.breaker.consecutive(),
            openings: health.breaker.openings(),
            leases: health.breaker.leases() as u32,
            in_flight: self.in_flight.load(Ordering::Relaxed),
            failure_rate: read.failure_rate,
            first_token_us: read.first_token_us,
            per_token_us: read.per_token_us,
            outputs: health.outputs,
        }
    }

    /// Lets time pass, changes, publishes, and tells what changed once the lock is free.
    #[inline]
    fn change<R>(
        &self,
        now_us: u64,
        draw: u64,
        change: impl FnOnce(&mut Health, Option<&Ejections>) -> (R, Option<Cause>),
    ) -> R {
        let mut health = lock(&self.health);
        let (passed, lost) = health.breaker.settle(now_us, draw);
        let cooled = health.cooling_until_us != 0 && health.cooling_until_us <= now_us;
        if cooled {
            health.cooling_until_us = 0;
        }
        let passed = passed.or(cooled.then_some(Cause::CoolingPassed));
        let first = passed.and_then(|cause| self.note(&mut health, cause, now_us));
        let ejections = self.ejections.as_deref().filter(|_| !health.is_detached);
        let (result, cause) = change(&mut health, ejections);
        let second = cause.and_then(|cause| self.note(&mut health, cause, now_us));
        // Without a cause, only a probe's lease can have changed the word of one that was not zero.
        if passed.is_some() || cause.is_some() || self.word.load(Ordering::Relaxed) != 0 {
            self.publish_word(&health);
        }
        self.publish_averages(&health);
        drop(health);
        if lost > 0 || first.is_some() || second.is_some() {
            count(&self.common.lost, lost);
            first
                .into_iter()
                .chain(second)
                .for_each(|told| self.common.push(told));
        }
        result
    }

    /// Gives a change of state its number, and says what is to be told of it.
    #[cold]
    fn note(&self, health: &mut Health, cause: Cause, now_us: u64) -> Option<Transition> {
        let (from, to) = (health.told, health.state());
        health.told = to;
        let epoch = self.common.advance();
        if cause.is_of_breaker() {
            health.breaker.bar(epoch);
        }
        if health.is_ejected && health.breaker.is_closed() {
            health.is_ejected = false;
            if let Some(ejections) = &self.ejections {
                ejections.give_back();
            }
        }
        (from != to && !health.is_detached).then(|| Transition {
            epoch,
            at_us: now_us,
            key: Arc::clone(&self.key),
            from,
            to,
            cause,
            retry_at_us: health.word().out(now_us).and_then(until_us),
        })
    }

    #[cold]
    fn publish_word(&self, health: &Health) {
        let (word, before) = (health.word().0, self.word.load(Ordering::Relaxed));
        if health.is_detached || word == before {
            return;
        }
        self.word.store(word, Ordering::Release);
        match (before == 0, word == 0) {
            (true, false) => self.common.troubled.fetch_add(1, Ordering::AcqRel),
            (false, true) => self.common.troubled.fetch_sub(1, Ordering::AcqRel),
            _ => 0,
        };
    }

    fn publish_averages(&self, health: &Health) {
        let lately = &health.lately;
        let paces = pack(lately.first_token_us, lately.per_token_us);
        self.paces.store(paces, Ordering::Relaxed);
        let shares = pack(lately.calls, lately.failures);
        self.shares.store(shares, Ordering::Relaxed);
        self.last_us.store(lately.last_us, Ordering::Relaxed);
        let version = self.version.load(Ordering::Relaxed).wrapping_add(1);
        self.version.store(version, Ordering::Release);
    }
}

impl Health {
    fn state(&self) -> HealthState {
        match self.breaker.state() {
            HealthState::Closed if self.cooling_until_us != 0 => HealthState::Cooling,
            state => state,
        }
    }

    fn word(&self) -> Word {
        if self.breaker.forced() == Some(Forced::Closed) {
            return Word::IN;
        }
        let (open, cooling) = (self.breaker.out_until_us(), self.cooling_until_us);
        match open {
            Some(open) if open >= cooling => Word::new(OPEN, open),
            _ if cooling != 0 && self.breaker.is_closed() => Word::new(COOLING, cooling),
            _ if cooling != 0 => Word::new(COOLING_BEFORE_PROBE, cooling),
            _ if self.breaker.is_probing() => Word::new(PROBING, 0),
            _ => Word::IN,
        }
    }
}

const fn until_us(why: Availability) -> Option<u64> {
    match why {
        Availability::Cooling { retry_at_us } | Availability::Open { retry_at_us } => {
            Some(retry_at_us)
        }
        _ => None,
    }
}

const fn pack(first: f32, second: f32) -> u64 {
    (first.to_bits() as u64) << 32 | second.to_bits() as u64
}

const fn unpack(both: u64) -> (f32, f32) {
    (
        f32::from_bits((both >> 32) as u32),
        f32::from_bits(both as u32),
    )
}
