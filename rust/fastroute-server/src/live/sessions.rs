//! Keeps the state of sessions for callers that send a name alone.
//!
//! In memory, of one replica: at most [`KEPT_SESSIONS`], the one that was longest without a turn goes first, and one without a turn for
//! `sessions.max_age` is forgotten. Names belong to their caller: what another caller names alike is another session. A name is kept as a hash,
//! so memory is bounded by the number, some 40 MB.
//!
//! The state is what the core gave, opaque here; it holds no text of a request.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::context::Caller;

/// Sessions that are kept at most.
pub const KEPT_SESSIONS: usize = 100_000;

type Key = [u8; 16];

/// The sessions of one server.
#[derive(Debug)]
pub struct Sessions {
    kept: Mutex<Kept>,
    most: usize,
}

#[derive(Debug, Default)]
struct Kept {
    states: HashMap<Key, State>,
    /// By the number of the last turn, the oldest first.
    order: BTreeMap<u64, Key>,
    turns: u64,
}

#[derive(Debug)]
struct State {
    bytes: Box<[u8]>,
    /// Number of the last turn.
    turn: u64,
    /// When it was, in microseconds of monotonic time.
    at_us: u64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self::bounded(KEPT_SESSIONS)
    }
}

impl Sessions {
    /// Keeps at most so many.
    #[must_use]
    pub fn bounded(most: usize) -> Self {
        Self {
            kept: Mutex::default(),
            most,
        }
    }

    /// Returns the state of a caller's session; empty when there is none, or its last turn is older than `max_age_us`.
    #[must_use]
    pub fn find(&self, caller: &Caller, id: &str, max_age_us: u64, now_us: u64) -> Vec<u8> {
        let key = key(caller, id);
        let mut kept = self.lock();
        match kept.states.get(&key) {
            Some(state) if now_us.saturating_sub(state.at_us) <= max_age_us => state.bytes.to_vec(),
            Some(_) => {
                kept.forget(&key);
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Keeps the state of a caller's session after a turn.
    pub fn keep(&self, caller: &Caller, id: &str, state: &[u8], now_us: u64) {
        let key = key(caller, id);
        let mut kept = self.lock();
        kept.forget(&key);
        kept.turns += 1;
        let turn = kept.turns;
        kept.order.insert(turn, key);
        let state = State {
            bytes: state.into(),
            turn,
            at_us: now_us,
        };
        kept.states.insert(key, state);
        while kept.states.len() > self.most {
            let Some((_, oldest)) = kept.order.pop_first() else {
                return;
            };
            kept.states.remove(&oldest);
        }
    }

    /// Returns how many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().states.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget(&mut self, key: &Key) {
        if let Some(state) = self.states.remove(key) {
            self.order.remove(&state.turn);
        }
    }
}

/// Lengths go in front, so that no two callers and names run into each other.
fn key(caller: &Caller, id: &str) -> Key {
    let mut hash = blake3::Hasher::new();
    for part in [
        &*caller.organisation,
        &*caller.team,
        &*caller.application,
        id,
    ] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut key = Key::default();
    hash.finalize_xof().fill(&mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: u64 = 1_000;

    fn caller(application: &str, team: &str) -> Caller {
        Caller {
            application: application.into(),
            team: team.into(),
            ..Caller::default()
        }
    }

    #[test]
    fn a_session_is_its_callers_and_lasts_from_turn_to_turn() {
        let sessions = Sessions::default();
        let ours = caller("ours", "");
        sessions.keep(&ours, "s", b"1", 0);
        assert_eq!(sessions.find(&ours, "s", AGE, 1_000), b"1");
        sessions.keep(&ours, "s", b"2", 1_000);
        assert_eq!(sessions.find(&ours, "s", AGE, 2_000), b"2");
        assert_eq!(sessions.find(&caller("theirs", ""), "s", AGE, 2_000), b"");
        assert_eq!(sessions.find(&caller("our", "s"), "s", AGE, 2_000), b"");
        assert_eq!(sessions.len(), 1);
    }

    #[test]
    fn a_session_without_a_turn_is_forgotten_after_its_age() {
        let sessions = Sessions::default();
        let ours = caller("ours", "");
        sessions.keep(&ours, "s", b"1", 0);
        assert_eq!(sessions.find(&ours, "s", AGE, AGE + 1), b"");
        assert!(sessions.is_empty());
    }

    #[test]
    fn memory_is_bounded_and_the_one_longest_without_a_turn_goes_first() {
        let sessions = Sessions::bounded(2);
        let ours = caller("ours", "");
        for id in ["a", "b"] {
            sessions.keep(&ours, id, id.as_bytes(), 0);
        }
        sessions.keep(&ours, "a", b"again", 1);
        sessions.keep(&ours, "c", b"c", 2);
        assert_eq!(sessions.find(&ours, "b", AGE, 2), b"");
        assert_eq!(sessions.find(&ours, "a", AGE, 2), b"again");
        assert_eq!(sessions.find(&ours, "c", AGE, 2), b"c");
    }
}
