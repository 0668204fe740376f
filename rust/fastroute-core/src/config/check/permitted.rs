//! Sets of models, as bits.
//!
//! Ten thousand rules may each restrict a thousand models by tags; with a bit a model, what a rule permits is a few
//! words, and comparing it with a route's models costs nothing to speak of.

use std::collections::HashMap;

use crate::config::model::{Config, Restrict, Route};

use super::names::Names;

/// A set of models, by their place in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Models {
    words: Vec<u64>,
}

impl Models {
    pub(super) fn insert(&mut self, model: usize) {
        let word = model / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (model % 64);
    }

    pub(super) fn contains(&self, model: usize) -> bool {
        let word = self.words.get(model / 64);
        word.is_some_and(|word| word & (1 << (model % 64)) != 0)
    }

    /// Whether the two have a model in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .any(|(one, two)| one & two != 0)
    }

    fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }
}

impl Names<'_> {
    /// The models that a restriction permits; names that resolve to nothing are left out.
    pub(super) fn permitted(&self, restrict: &Restrict) -> Models {
        let mut permitted = Models::default();
        for tag in restrict.tags.iter().flatten() {
            if let Some(models) = self.tags.get(tag.as_str()) {
                permitted.add(models);
            }
        }
        for name in restrict.models.iter().flatten() {
            if let Some(model) = self.models.get(name.as_str()) {
                permitted.insert(*model);
            }
        }
        permitted
    }
}

/// The models that carry each tag.
pub(super) fn by_tag(config: &Config) -> HashMap<&str, Models> {
    let mut tags: HashMap<&str, Models> = HashMap::new();
    for (number, model) in config.models.iter().enumerate() {
        for tag in &model.tags {
            tags.entry(tag).or_default().insert(number);
        }
    }
    tags
}

/// The models that may serve a route: candidates and fallbacks, all when it names no candidates.
pub(super) fn of_route(route: &Route, models: &HashMap<&str, usize>) -> Models {
    let mut served_by = Models::default();
    match &route.choose {
        None => models.values().for_each(|model| served_by.insert(*model)),
        Some(names) => {
            let known = names.iter().chain(&route.fallback);
            known
                .filter_map(|name| models.get(name.as_str()))
                .for_each(|model| served_by.insert(*model));
        }
    }
    served_by
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_different_length_meet_only_in_common_models() {
        let set = |models: &[usize]| {
            let mut set = Models::default();
            models.iter().for_each(|model| set.insert(*model));
            set
        };
        assert!(set(&[1, 200]).meets(&set(&[200])));
        assert!(!set(&[1, 200]).meets(&set(&[2, 3])));
        assert!(!set(&[]).meets(&set(&[0])));
        assert!(set(&[999]).contains(999) && !set(&[999]).contains(998));
        let mut both = set(&[1]);
        both.add(&set(&[130]));
        assert!(both.contains(1) && both.contains(130));
    }
}
