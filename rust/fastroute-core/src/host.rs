//! What only a host knows: the time, and which models are alive.
//!
//! The core reads no clock and holds no live state; both are arguments, which is what lets a
//! decision be replayed.

use crate::catalogue::ModelId;

/// An instant as the host's clocks show it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Now {
    /// Microseconds on a clock that never goes back; timeouts run on it.
    pub monotonic_us: u64,
    /// Microseconds since 1970, UTC; data only, no decision waits on it.
    pub unix_us: u64,
}

/// The live state that one decision reads: which models cannot serve now.
///
/// Models of a snapshot are numbered by file order, so a view belongs to one revision.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct View {
    unavailable: Vec<u64>,
}

impl View {
    /// Makes the view in which every model can serve.
    #[must_use]
    pub const fn healthy() -> Self {
        Self {
            unavailable: Vec::new(),
        }
    }

    /// Takes a model out of service.
    pub fn mark_unavailable(&mut self, model: ModelId) {
        let (word, bit) = (usize::from(model.0) / 64, model.0 % 64);
        if self.unavailable.len() <= word {
            self.unavailable.resize(word + 1, 0);
        }
        self.unavailable[word] |= 1 << bit;
    }

    /// Whether a model can serve.
    #[must_use]
    pub fn is_available(&self, model: ModelId) -> bool {
        let (word, bit) = (usize::from(model.0) / 64, model.0 % 64);
        self.unavailable
            .get(word)
            .is_none_or(|bits| bits & (1 << bit) == 0)
    }
}
