//! What all cells of one host share: the count of transitions, their queue, and counters.
//!
//! A transition is put into the queue after the lock of its cell is free again, and whoever drains
//! the queue holds no lock of health: a listener may read breakers, force them or block.

use std::collections::VecDeque;

use crate::health::transition::Transition;
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering, lock};

/// Transitions that wait to be fetched.
const QUEUE: usize = 1_024;

/// What all cells of one host share.
#[derive(Debug)]
pub(crate) struct Common {
    /// Number of the last transition.
    epoch: AtomicU64,
    /// Cells of which something keeps calls away, or that probe. None is the usual case, and costs readers one load.
    pub troubled: AtomicU64,
    /// Subjects that an operator holds in every scope, those to come included.
    pub forced: AtomicU64,
    transitions: Mutex<VecDeque<Transition>>,
    pub dropped: AtomicU64,
    pub duplicates: AtomicU64,
    pub lost: AtomicU64,
    pub not_ejected: AtomicU64,
    pub scopes_dropped: AtomicU64,
    pub stale: AtomicU64,
    pub unknown: AtomicU64,
}

impl Default for Common {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            epoch: zero(),
            troubled: zero(),
            forced: zero(),
            transitions: Mutex::new(VecDeque::new()),
            dropped: zero(),
            duplicates: zero(),
            lost: zero(),
            not_ejected: zero(),
            scopes_dropped: zero(),
            stale: zero(),
            unknown: zero(),
        }
    }
}

impl Common {
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Begins a new epoch and returns its number.
    pub fn advance(&self) -> u64 {
        self.epoch.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub fn push(&self, transition: Transition) {
        let mut queue = lock(&self.transitions);
        if queue.len() >= QUEUE {
            queue.pop_front();
            count(&self.dropped, 1);
        }
        queue.push_back(transition);
    }

    /// Takes what is in the queue, by number.
    pub fn drain(&self) -> Vec<Transition> {
        let mut taken = Vec::from(std::mem::take(&mut *lock(&self.transitions)));
        taken.sort_by_key(|transition| transition.epoch);
        taken
    }
}

pub(crate) fn count(counter: &AtomicU64, by: u64) {
    if by > 0 {
        counter.fetch_add(by, Ordering::Relaxed);
    }
}

/// How many targets of one scope breakers hold open, and how many they may.
#[derive(Debug)]
pub(crate) struct Ejections {
    now: AtomicU32,
    most: AtomicU32,
}

impl Ejections {
    pub fn new() -> Self {
        Self {
            now: AtomicU32::new(0),
            most: AtomicU32::new(u32::MAX),
        }
    }

    /// Sets the most: a share of the targets, rounded down, and one always.
    pub fn limit(&self, share: f32, targets: usize) {
        let most = (f64::from(share) * targets as f64 + 1e-6).floor().max(1.0) as u32;
        self.most.store(most, Ordering::Relaxed);
    }

    pub fn take(&self) -> bool {
        let most = self.most.load(Ordering::Relaxed);
        let more = |now| (now < most).then_some(now + 1);
        self.now
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .is_ok()
    }

    pub fn give_back(&self) {
        let fewer = |now: u32| Some(now.saturating_sub(1));
        let _ = self
            .now
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, fewer);
    }
}
