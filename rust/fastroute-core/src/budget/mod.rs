//! Budgets and rates: what a call may still spend, taken before it is made and settled after it.
//!
//! A call reserves its input and the *most* it may put out at its model's price, in every budget
//! that counts it and in its rate, or in none of them. What it really cost replaces the
//! reservation when its outcome is told; one whose outcome is lost frees it when its lease ends. So
//! the sum of what is spent and reserved never passes a limit, however many calls run at once: a
//! provider that claims more than was reserved is believed up to the reservation.
//!
//! A call counts in the window in which it was reserved, also when it ends in a later one. Windows
//! start at multiples of their length since 1970, so that every process and every restart agrees
//! on them; leases and rates run on the clock that never goes back.
//!
//! Ledgers belong to [`Budgets`] and survive reloads: a ledger is known by scope, `for`, window and
//! value, its limits are the revision's. At most 100,000 values are counted at once.
//!
//! Reserving takes one lock for about a microsecond and allocates; without budgets and rates it
//! does neither. A view reads one atomic for all budgets and two for each rate; it takes the lock
//! only while some budget has no room for the smallest call.

mod binding;
mod figures;
mod ledger;
mod rate;
mod store;
mod view;
mod wanted;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use binding::{BudgetBinding, Spent};
pub use figures::BudgetFigures;
pub(crate) use store::Reservation;
pub use wanted::Wanted;

use crate::catalogue::Catalogue;
use crate::config::OnExceed;
use crate::host::Availability;
use store::Store;

/// All ledgers and rates of one host.
#[derive(Debug, Default)]
pub(crate) struct Budgets {
    shared: Arc<Shared>,
}

/// Why a call found no room, and what its configuration says about that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NoRoom {
    /// Over budget or rate limited, and until when.
    pub why: Availability,
    /// The strictest answer of the limits that said no.
    pub on_exceed: OnExceed,
}

impl Budgets {
    /// Makes one in which nothing was spent.
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds ledgers and rates to the limits of one revision.
    pub fn bind(&self, catalogue: &Catalogue) -> BudgetBinding {
        BudgetBinding::new(Arc::clone(&self.shared), catalogue)
    }
}

#[derive(Debug, Default)]
struct Shared {
    store: Mutex<Store>,
    /// Unix time until which some ledger may have no room for the smallest call.
    ///
    /// It only grows, so room that comes back earlier costs views a lock and nothing else.
    tight_until_us: AtomicU64,
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        // No code under the lock panics; were it to, sums that are a call off beat a dead router.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_roomy(&self, unix_us: u64) -> bool {
        self.tight_until_us.load(Ordering::Relaxed) <= unix_us
    }

    fn tighten(&self, until_us: u64) {
        self.tight_until_us.fetch_max(until_us, Ordering::Relaxed);
    }
}
