//! Decisions by route and by model, without a lock and without a name on the way.
//!
//! Each revision has a table from its small integers to counters; tables of revisions that have a name in common share
//! its counter. A decision finds its table by comparing revisions, newest first, of which eight are kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use fastroute_core::{Catalogue, Decision, Revision};

use super::lock;

/// Revisions whose names are kept.
const KEPT: usize = 8;

type Counter = Arc<AtomicU64>;

/// The counters of every name that a kept revision has.
#[derive(Debug, Default)]
pub(super) struct Names {
    tables: ArcSwap<Vec<Arc<Table>>>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    models: BTreeMap<Box<str>, Counter>,
    routes: BTreeMap<Box<str>, Counter>,
}

/// The counters of one revision, by the places of its file.
#[derive(Debug)]
pub(super) struct Table {
    revision: Revision,
    models: Box<[Counter]>,
    routes: Box<[Counter]>,
}

impl Names {
    /// Counts the route and the primary model of a decision.
    pub fn count(&self, decision: &Decision) {
        let tables = self.tables.load();
        match tables
            .iter()
            .find(|table| table.revision == *decision.revision())
        {
            Some(table) => table.count(decision),
            None => self.learn(decision.catalogue()).count(decision),
        }
    }

    /// Makes the table of a revision, unless it is there, and forgets the oldest.
    #[cold]
    pub fn learn(&self, catalogue: &Catalogue) -> Arc<Table> {
        let mut known = lock(&self.known);
        let tables = self.tables.load_full();
        if let Some(table) = tables
            .iter()
            .find(|table| table.revision == *catalogue.revision())
        {
            return Arc::clone(table);
        }
        let table = Arc::new(Table {
            revision: *catalogue.revision(),
            models: counters(&mut known.models, catalogue.models()),
            routes: counters(&mut known.routes, catalogue.routes()),
        });
        let older = tables.iter().take(KEPT - 1);
        let kept = std::iter::once(&table)
            .chain(older)
            .cloned()
            .collect::<Vec<_>>();
        self.tables.store(Arc::new(kept));
        drop(tables);
        // A reader may hold the oldest table a moment longer; the next new revision forgets its names then.
        known
            .models
            .retain(|_, counter| Arc::strong_count(counter) > 1);
        known
            .routes
            .retain(|_, counter| Arc::strong_count(counter) > 1);
        table
    }

    /// Runs `run` on every route's count, in order of their names.
    pub fn routes(&self, mut run: impl FnMut(&str, u64)) {
        let routes = lock(&self.known).routes.clone();
        routes
            .iter()
            .for_each(|(name, count)| run(name, count.load(Relaxed)));
    }

    /// Runs `run` on every model's count, in order of their names.
    pub fn models(&self, mut run: impl FnMut(&str, u64)) {
        let models = lock(&self.known).models.clone();
        models
            .iter()
            .for_each(|(name, count)| run(name, count.load(Relaxed)));
    }
}

impl Table {
    fn count(&self, decision: &Decision) {
        let route = decision
            .route_id()
            .and_then(|route| self.routes.get(usize::from(route.0)));
        let model = decision
            .model_id()
            .and_then(|model| self.models.get(usize::from(model.0)));
        for counter in [route, model].into_iter().flatten() {
            counter.fetch_add(1, Relaxed);
        }
    }
}

fn counters<'n>(
    known: &mut BTreeMap<Box<str>, Counter>,
    names: impl Iterator<Item = &'n str>,
) -> Box<[Counter]> {
    names
        .map(|name| Arc::clone(known.entry(name.into()).or_default()))
        .collect()
}
