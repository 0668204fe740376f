//! What a decision keeps beside itself: what else it was made of, and what was told of its attempts.

use std::sync::atomic::{AtomicU64, Ordering};

use fastroute_core::{Answer, Now, View};

use crate::probe::Probe;
use crate::request::{Text, Who};

/// What else a decision was made of, kept so that it can be made again.
pub struct Circumstances {
    pub view: View,
    pub seed: u64,
    /// What the host answered, if it was asked.
    pub answer: Option<Answered>,
    /// Who asked.
    pub caller: Who,
    /// When it was made.
    pub at: Now,
    /// Number of the last change of a breaker before it was made.
    pub epoch: u64,
    /// The right to probe the first model of the plan, if it needs one.
    pub probe: Option<Probe>,
}

/// Which attempts were told of already.
#[derive(Default)]
pub struct Marks([AtomicU64; 4]);

impl Marks {
    /// Marks an attempt; returns whether it was not marked before.
    pub fn mark(&self, attempt: u8) -> bool {
        let (word, bit) = (usize::from(attempt) / 64, 1 << (attempt % 64));
        let before = self
            .0
            .get(word)
            .map(|word| word.fetch_or(bit, Ordering::Relaxed));
        before.is_some_and(|before| before & bit == 0)
    }
}

/// What a host said to a question.
pub enum Answered {
    Declined,
    Label(Text),
    Late,
}

impl Answered {
    pub fn lend(&self) -> Answer<'_> {
        match self {
            Self::Declined => Answer::Declined,
            Self::Label(label) => Answer::Label(label),
            Self::Late => Answer::Late,
        }
    }
}
