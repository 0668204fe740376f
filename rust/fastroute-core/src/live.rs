//! The live state of one host: health, budgets and the retry budget, across revisions.
//!
//! [`Live`] holds the state and survives reloads; [`Fleet`] is that state bound to the names and
//! limits of one revision. A decision reads a [`View`](crate::View) of it; before each call a host
//! claims a [`Permit`], and tells how the call ended. Time and draws come from the host.
//!
//! What is taken is given back: a permit that is dropped frees its probe and its reservation, and one
//! whose process dies loses them when their leases end. What a call was claimed from is what its
//! outcome goes to: a target that was removed and came back under the same name is another one.
//!
//! Reading takes no lock while budgets have room. A claim of something healthy takes none either, but
//! for its budgets. It does not decide what to do when everything is open: a decision plans, and a
//! run claims with `ignore_health`, both only among permitted models.

mod board;
mod feedback;
mod figures;
mod fleet;
mod permit;
mod registry;

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::budget::{BudgetBinding, Budgets};
use crate::health::{CellFigures, Common, Forced, Retries, Transition, count};
use crate::host::Now;
use crate::snapshot::Snapshot;
use crate::sync::{Mutex, Ordering, lock};
use board::Layout;
use feedback::FeedbackSums;
use registry::{Registry, Rules};

pub use figures::{Counters, FeedbackFigures, LiveFigures};
pub use fleet::Fleet;
pub use permit::{Denied, Kept, Permit};

/// All live state of one host. Survives reloads; copies share it.
///
/// # Examples
///
/// ```
/// use fastroute_core::config::{self, Format, NoFiles, Source};
/// use fastroute_core::{Caller, DEFAULT_CONFIG, Live, Now, Snapshot, View};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let source = Source { name: "default.yaml", text: DEFAULT_CONFIG, format: Format::Yaml };
/// let snapshot = Snapshot::build(&config::load(&source, &NoFiles)?, None)?;
/// let live = Live::new();
/// let fleet = live.bind(&snapshot, Now::default());
/// let mut view = View::healthy();
/// fleet.view(&Caller::default(), Now::default(), &mut view);
/// let first = fleet.catalogue().models().next().and_then(|name| fleet.catalogue().model_named(name));
/// assert!(view.is_available(first.expect("the default has models")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Live {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    common: Arc<Common>,
    registry: Mutex<Registry>,
    budgets: Budgets,
    /// Budgets of the revision that was bound last.
    bound: Mutex<Option<Arc<BudgetBinding>>>,
    retries: Retries,
    feedback: Mutex<FeedbackSums>,
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Live {
    /// Makes one in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        let common = Arc::new(Common::default());
        Self {
            shared: Arc::new(Shared {
                registry: Mutex::new(Registry::new(Arc::clone(&common))),
                common,
                budgets: Budgets::new(),
                bound: Mutex::new(None),
                retries: Retries::default(),
                feedback: Mutex::new(FeedbackSums::default()),
            }),
        }
    }

    /// Binds the state to a revision: takes over what has kept its key, drops what is gone.
    ///
    /// Windows of another length keep the age of their calls, and nothing opens by a reload alone.
    /// Takes microseconds a target.
    #[must_use]
    pub fn bind(&self, snapshot: &Snapshot, now: Now) -> Fleet {
        let catalogue = Arc::clone(&snapshot.catalogue);
        let rules = Rules::of(&catalogue.resilience);
        let layout = Arc::new(Layout::of(&catalogue));
        let budgets = Arc::new(self.shared.budgets.bind(&catalogue));
        *lock(&self.shared.bound) = Some(Arc::clone(&budgets));
        let mut registry = lock(&self.shared.registry);
        let scoped_by = catalogue.resilience.scope;
        let (everybody, scopes) = registry.bind(&layout, &rules, scoped_by, now.monotonic_us);
        let binding = registry.binding;
        drop(registry);
        Fleet::new(fleet::Bound {
            shared: Arc::clone(&self.shared),
            scopes: ArcSwap::from_pointee(scopes),
            everybody,
            catalogue,
            budgets,
            layout,
            rules,
            binding,
        })
    }

    /// Forces the cells of a target, a credential or a provider by its name; `None` resets them.
    ///
    /// The name is that of [`HealthKey`](crate::HealthKey) or of its subject, which means every
    /// scope. Returns whether there is one.
    pub fn force(&self, what: &str, forced: Option<Forced>, now: Now) -> bool {
        let is_meant = |key: &crate::health::HealthKey| {
            key.subject.to_string() == what || key.to_string() == what
        };
        lock(&self.shared.registry).force(is_meant, forced, now.monotonic_us)
    }

    /// Takes the transitions that were not fetched yet, oldest first.
    ///
    /// At most 1,024 wait; of more, the oldest are dropped and counted. No lock of health is held
    /// while they are read.
    #[must_use]
    pub fn transitions(&self) -> Vec<Transition> {
        self.shared.common.drain()
    }

    /// Counts an outcome of an attempt that had been told already.
    pub fn count_duplicate(&self) {
        count(&self.shared.common.duplicates, 1);
    }

    /// Counts an outcome of an attempt that nobody knows.
    pub fn count_unknown(&self) {
        count(&self.shared.common.unknown, 1);
    }

    /// Returns what was counted, for metrics and people.
    ///
    /// Lets time pass in every cell first, so that a state which has expired is told as a transition.
    #[must_use]
    pub fn figures(&self, now: Now) -> LiveFigures {
        let shared = &*self.shared;
        let cells: Vec<_> = lock(&shared.registry).cells().map(Arc::clone).collect();
        let mut cells: Vec<CellFigures> = cells
            .iter()
            .map(|cell| cell.figures(now.monotonic_us))
            .collect();
        cells.sort_by_cached_key(|cell| {
            let key = &cell.key;
            (
                key.scope.clone(),
                key.subject.kind(),
                key.subject.to_string(),
            )
        });
        let bound = lock(&shared.bound).clone();
        let read = |counter: &crate::sync::AtomicU64| counter.load(Ordering::Relaxed);
        let common = &shared.common;
        LiveFigures {
            cells,
            budgets: bound.map_or_else(Vec::new, |budgets| budgets.figures(now)),
            feedback: lock(&shared.feedback).figures(),
            counters: Counters {
                stale_outcomes: read(&common.stale),
                duplicate_outcomes: read(&common.duplicates),
                unknown_outcomes: read(&common.unknown),
                lost_leases: read(&common.lost),
                retries_allowed: read(&shared.retries.allowed),
                retries_refused: read(&shared.retries.refused),
                transitions_dropped: read(&common.dropped),
                ejections_refused: read(&common.not_ejected),
                scopes_dropped: read(&common.scopes_dropped),
            },
        }
    }
}
