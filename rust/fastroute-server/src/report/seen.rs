//! Remembers which attempts were reported, for at least a token's life, in bounded memory.
//!
//! Two generations: a pair is looked for in both and added to the younger. When the younger has lived a
//! token's life, or is full, it becomes the older and the older is forgotten. Shards keep
//! reporters out of each other's way; each has a lock that is held for one look.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::TOKEN_LIFE;

const SHARDS: usize = 16;

/// Pairs of one generation of one shard: over all shards and both generations 1,048,576, of some 40 MB.
const MAX_PAIRS: usize = 32_768;

/// The attempts that were reported.
pub(super) struct Seen {
    shards: [Mutex<Shard>; SHARDS],
    max_pairs: usize,
}

#[derive(Default)]
struct Shard {
    younger: HashSet<(Uuid, u16)>,
    older: HashSet<(Uuid, u16)>,
    /// When the younger began, in seconds of Unix time.
    began: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            shards: Default::default(),
            max_pairs: MAX_PAIRS,
        }
    }
}

impl Seen {
    /// Adds an attempt; whether it was not there. `now` is in seconds of Unix time.
    pub fn insert(&self, id: Uuid, attempt: u16, now: u64) -> bool {
        // The last bits of a name count up.
        let shard = usize::from(id.as_bytes()[15]) % SHARDS;
        let mut shard = self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_old = now.saturating_sub(shard.began) > TOKEN_LIFE.as_secs();
        if is_old || shard.younger.len() >= self.max_pairs {
            shard.older = std::mem::take(&mut shard.younger);
            shard.began = now;
        }
        let pair = (id, attempt);
        !shard.older.contains(&pair) && shard.younger.insert(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = TOKEN_LIFE.as_secs();

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn an_attempt_is_new_once_and_its_neighbours_are_their_own() {
        let seen = Seen::default();
        assert!(seen.insert(id(1), 0, 0));
        assert!(!seen.insert(id(1), 0, 0));
        assert!(seen.insert(id(1), 1, 0) && seen.insert(id(2), 0, 0) && seen.insert(id(17), 0, 0));
    }

    #[test]
    fn an_attempt_is_remembered_for_a_day_after_it_was_reported() {
        let seen = Seen::default();
        let start = 1_700_000_000;
        seen.insert(id(1), 0, start);
        seen.insert(id(1), 1, start + DAY);
        seen.insert(id(1), 2, start + DAY + 1);
        assert!(!seen.insert(id(1), 1, start + 2 * DAY));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let seen = Seen {
            max_pairs: 4,
            ..Seen::default()
        };
        for number in 0..9_u128 {
            assert!(seen.insert(id(number * SHARDS as u128), 0, 0));
        }
        let shard = seen.shards[0].lock().expect("nobody panicked");
        assert!(shard.younger.len() + shard.older.len() <= 8);
        drop(shard);
        assert!(
            !seen.insert(id(8 * SHARDS as u128), 0, 0),
            "the youngest is known"
        );
        assert!(seen.insert(id(0), 0, 0), "the oldest was forgotten");
    }
}
