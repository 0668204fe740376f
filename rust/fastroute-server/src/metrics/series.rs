//! Values by labels that the program knows when it is built.
//!
//! Such labels are `&'static str`, so the same label has the same address at every call of one place:
//! the way to a value is a binary search over addresses, some 10 ns among a hundred series. A miss takes a
//! lock, finds the value by the text of its labels and replaces the table.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;

use super::lock;

/// Label sets of one metric; more share the label `other`.
const MAX_SERIES: usize = 1024;

/// Address and length of each label.
type Key<const N: usize> = [(usize, usize); N];

/// One value for each set of `N` labels.
#[derive(Debug)]
pub(super) struct Series<const N: usize, V> {
    /// Sorted by address.
    found: ArcSwap<Vec<(Key<N>, Arc<V>)>>,
    all: Mutex<BTreeMap<[&'static str; N], Arc<V>>>,
}

impl<const N: usize, V> Default for Series<N, V> {
    fn default() -> Self {
        Self {
            found: ArcSwap::default(),
            all: Mutex::default(),
        }
    }
}

impl<const N: usize, V> Series<N, V> {
    /// Runs `run` on the value of the labels, which `make` makes the first time.
    pub fn with<R>(
        &self,
        labels: [&'static str; N],
        make: impl FnOnce() -> V,
        run: impl FnOnce(&V) -> R,
    ) -> R {
        let key = labels.map(|label| (label.as_ptr() as usize, label.len()));
        let found = self.found.load();
        match found.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => run(&found[at].1),
            Err(_) => run(&self.add(key, labels, make)),
        }
    }

    /// Runs `run` on every value, in the order of the labels.
    pub fn each(&self, mut run: impl FnMut(&[&'static str; N], &V)) {
        let all = lock(&self.all).clone();
        for (labels, value) in &all {
            run(labels, value);
        }
    }

    #[cold]
    fn add(&self, key: Key<N>, mut labels: [&'static str; N], make: impl FnOnce() -> V) -> Arc<V> {
        let mut all = lock(&self.all);
        if all.len() >= MAX_SERIES && !all.contains_key(&labels) {
            labels = ["other"; N];
        }
        let value = Arc::clone(all.entry(labels).or_insert_with(|| Arc::new(make())));
        let mut found = Vec::clone(&self.found.load());
        if let Err(at) = found.binary_search_by_key(&key, |(key, _)| *key) {
            found.insert(at, (key, Arc::clone(&value)));
            self.found.store(Arc::new(found));
        }
        value
    }
}

impl<const N: usize> Series<N, AtomicU64> {
    /// Counts one.
    pub fn count(&self, labels: [&'static str; N]) {
        self.with(labels, AtomicU64::default, |count| {
            count.fetch_add(1, Relaxed);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_labels_at_two_addresses_are_one_series() {
        let series = Series::<2, AtomicU64>::default();
        let copy: &'static str = String::leak("label".to_owned());
        series.count(["label", "x"]);
        series.count([copy, "x"]);
        let mut seen = Vec::new();
        series.each(|labels, count| seen.push((*labels, count.load(Relaxed))));
        assert_eq!(seen, [(["label", "x"], 2)]);
    }

    #[test]
    fn a_label_that_begins_where_another_does_is_not_that_one() {
        let whole: &'static str = "OK_AND_MORE";
        let series = Series::<1, AtomicU64>::default();
        series.count([whole]);
        series.count([&whole[..2]]);
        let mut seen = Vec::new();
        series.each(|[label], count| seen.push((*label, count.load(Relaxed))));
        assert_eq!(seen, [("OK", 1), ("OK_AND_MORE", 1)]);
    }

    #[test]
    fn series_are_bounded() {
        let series = Series::<1, AtomicU64>::default();
        for number in 0..MAX_SERIES + 10 {
            series.count([String::leak(number.to_string())]);
        }
        let mut total = 0;
        let mut other = 0;
        series.each(|[label], count| {
            total += 1;
            if *label == "other" {
                other = count.load(Relaxed);
            }
        });
        assert_eq!((total, other), (MAX_SERIES + 1, 10));
    }
}
