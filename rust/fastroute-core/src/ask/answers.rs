//! Keeps answers to questions, so that the same content is not asked twice.
//!
//! An answer is kept under the hash of the revision, the model and the text that it was shown: another
//! configuration asks anew, and no text is held. Unknown answers are never kept, so that a model
//! that was down or confused is asked again. The hash is SHA-256, because a caller who could make
//! two texts share one would choose another caller's route.
//!
//! At most as many as the question's `cache` allows; the oldest goes first. One lock, held for a
//! look-up in a map: a question costs a model call, a thousand times as much.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use sha2::{Digest, Sha256};

use super::Question;
use crate::sync::{Mutex, lock};

/// Half of a SHA-256: two texts with one key take 2^64 trials to find.
type Key = [u8; 16];

/// The answers that a host keeps, over all its revisions.
#[derive(Default)]
pub struct Answers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Places in the question's list of labels, which its revision fixes.
    labels: HashMap<Key, u32>,
    /// Keys in the order in which they came.
    order: VecDeque<Key>,
}

impl Answers {
    /// Makes an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the answer to a question; an unknown one and a label that is not listed are not kept.
    pub fn keep(&self, question: &Question, label: Option<&str>) {
        let place = label.and_then(|label| question.labels.iter().position(|known| known == label));
        let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else {
            return;
        };
        let most = usize::try_from(question.cache).unwrap_or(usize::MAX);
        let key = key(question);
        let mut kept = lock(&self.0);
        if most > 0 && kept.labels.insert(key, place).is_none() {
            kept.order.push_back(key);
        }
        while kept.labels.len() > most {
            let Some(oldest) = kept.order.pop_front() else {
                return;
            };
            kept.labels.remove(&oldest);
        }
    }

    /// Returns the answer that is kept for a question.
    #[must_use]
    pub fn find<'q>(&self, question: &'q Question) -> Option<&'q str> {
        if question.cache == 0 {
            return None;
        }
        let place = *lock(&self.0).labels.get(&key(question))?;
        let label = question.labels.get(usize::try_from(place).ok()?)?;
        Some(label)
    }

    /// Returns how many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.0).labels.len()
    }

    /// Returns whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers")
            .field("kept", &self.len())
            .finish()
    }
}

fn key(question: &Question) -> Key {
    let mut hash = Sha256::new();
    hash.update(question.revision.as_bytes());
    // The length in front keeps a model's name and the text behind it apart.
    hash.update((question.model.len() as u64).to_le_bytes());
    hash.update(&question.model);
    hash.update(&question.user);
    let mut key = Key::default();
    for (to, from) in key.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    key
}
