//! A set of models, as bits; copies without allocating.

use crate::catalogue::ModelId;

/// Most models in a configuration, as its schema says; one more than that still fits.
const WORDS: usize = 16;

/// A set of models.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ModelSet([u64; WORDS]);

impl ModelSet {
    pub const ALL: Self = Self([u64::MAX; WORDS]);
    pub const EMPTY: Self = Self([0; WORDS]);

    pub fn contains(&self, model: ModelId) -> bool {
        self.0
            .get(model.index() / 64)
            .is_some_and(|word| word & (1 << (model.0 % 64)) != 0)
    }

    /// Adds a model; whether it was not in the set before.
    pub fn insert(&mut self, model: ModelId) -> bool {
        let Some(word) = self.0.get_mut(model.index() / 64) else {
            return false;
        };
        let before = *word;
        *word |= 1 << (model.0 % 64);
        *word != before
    }

    /// Whether both agree about the first `count` models, which are all that there are.
    pub fn is_same_among(&self, other: &Self, count: usize) -> bool {
        (0..count)
            .map(ModelId::at)
            .all(|model| self.contains(model) == other.contains(model))
    }

    pub fn intersect(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }
}

impl FromIterator<ModelId> for ModelSet {
    fn from_iter<I: IntoIterator<Item = ModelId>>(models: I) -> Self {
        let mut set = Self::EMPTY;
        for model in models {
            set.insert(model);
        }
        set
    }
}
