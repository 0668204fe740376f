//! The ledgers of all budgets, and what calls hold in them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::ledger::{Amount, Ledger};
use super::rate::{Buckets, Pace};
use super::wanted::Wanted;
use crate::catalogue::Target;
use crate::config::BudgetScope;
use crate::host::Now;

/// Most values of scopes that are counted at once.
const MOST_LEDGERS: usize = 100_000;

/// Most calls that hold something at once; beyond it the lease that ends soonest counts as lost.
const MOST_HELD: usize = 1_000_000;

/// What makes two budgets of two revisions the same.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Identity {
    pub scope: BudgetScope,
    pub only: Option<Box<str>>,
    pub window_us: u64,
}

impl Identity {
    pub fn window(&self, unix_us: u64) -> u64 {
        unix_us / self.window_us.max(1)
    }

    /// Whether its values are those that callers bring.
    pub const fn is_of_callers(&self) -> bool {
        matches!(
            self.scope,
            BudgetScope::Application | BudgetScope::Organisation | BudgetScope::Team
        )
    }

    /// Whether it counts the calls of every model.
    pub const fn is_of_all_models(&self) -> bool {
        self.is_of_callers() || matches!(self.scope, BudgetScope::All)
    }

    pub fn ends_at_us(&self, window: u64) -> u64 {
        window.saturating_add(1).saturating_mul(self.window_us)
    }
}

/// A part of a reservation: which ledger holds it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub budget: Arc<Identity>,
    pub value: Box<str>,
    pub period: u64,
}

#[derive(Debug)]
struct Held {
    parts: Box<[Part]>,
    amount: Amount,
    input_tokens: u64,
    owner: Owner,
}

/// Who reserved: the decision or run, and the attempt.
pub(super) type Owner = (u128, u8);

/// What a call took of a rate.
#[derive(Debug)]
pub(super) struct Taken {
    pub buckets: Arc<Buckets>,
    pub pace: Pace,
    pub tokens: u64,
    pub at_us: u64,
}

/// What one call holds in budgets, until it is settled or freed, or its lease ends.
#[derive(Debug)]
pub(crate) struct Reservation {
    held: Option<((u64, u64), Arc<Held>)>,
    /// None once it cannot be given back.
    pub(super) taken: Option<Taken>,
}

impl Reservation {
    /// Of a call that no budget counts.
    pub(super) const fn empty() -> Self {
        Self {
            held: None,
            taken: None,
        }
    }

    /// What it holds, in nano-dollars and tokens; 0 of both when no budget counts it.
    pub fn most(&self) -> (u64, u64) {
        self.held
            .as_ref()
            .map_or((0, 0), |(_, held)| (held.amount.nano, held.amount.tokens))
    }

    /// Input tokens that it was made for; 0 when no budget counts it.
    pub fn input_tokens(&self) -> u64 {
        self.held.as_ref().map_or(0, |(_, held)| held.input_tokens)
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    budgets: HashMap<Arc<Identity>, HashMap<Box<str>, Ledger>>,
    rates: HashMap<Target, Arc<Buckets>>,
    /// By the end of the lease, then by number.
    held: BTreeMap<(u64, u64), Arc<Held>>,
    /// Which of them wait for an outcome that is told under their owner's name alone.
    kept: HashMap<Owner, (u64, u64)>,
    ledgers: usize,
    numbers: u64,
    /// The latest time that was told.
    unix_us: u64,
}

impl Store {
    /// Makes the identity of a budget known; the same for equal ones.
    pub fn budget(&mut self, identity: Identity) -> Arc<Identity> {
        if let Some((known, _)) = self.budgets.get_key_value(&identity) {
            return Arc::clone(known);
        }
        let identity = Arc::new(identity);
        self.budgets.insert(Arc::clone(&identity), HashMap::new());
        identity
    }

    pub fn buckets(&mut self, target: &Target) -> Arc<Buckets> {
        Arc::clone(self.rates.entry(target.clone()).or_default())
    }

    /// Forgets what no revision is bound to, once its window is over.
    pub fn forget_unbound(&mut self) {
        let unix_us = self.unix_us;
        self.rates
            .retain(|_, buckets| Arc::strong_count(buckets) > 1);
        self.budgets.retain(|budget, values| {
            let window = budget.window(unix_us);
            Arc::strong_count(budget) > 1 || values.values().any(|ledger| ledger.window >= window)
        });
        self.ledgers = self.budgets.values().map(HashMap::len).sum();
    }

    /// When the last of the windows ends in which something was counted for a budget.
    pub fn last_end_us(&self, budget: &Arc<Identity>) -> u64 {
        let values = self
            .budgets
            .get(budget)
            .into_iter()
            .flat_map(HashMap::values);
        values
            .map(|ledger| budget.ends_at_us(ledger.window))
            .max()
            .unwrap_or(0)
    }

    /// Reads the ledger of a value, as it stands at a time; none when nothing was counted.
    pub fn ledger(&self, budget: &Arc<Identity>, value: &str, unix_us: u64) -> Option<Ledger> {
        let mut ledger = *self.budgets.get(budget)?.get(value)?;
        ledger.move_to(budget.window(unix_us), 0);
        Some(ledger)
    }

    /// All values of a budget that have a ledger, as they stand at a time.
    pub fn values(&self, budget: &Arc<Identity>, unix_us: u64) -> Vec<(Box<str>, Ledger)> {
        let window = budget.window(unix_us);
        let values = self.budgets.get(budget).into_iter().flatten();
        let mut values: Vec<_> = values
            .map(|(value, ledger)| {
                let mut ledger = *ledger;
                ledger.move_to(window, 0);
                (value.clone(), ledger)
            })
            .collect();
        values.sort_unstable_by(|one, two| one.0.cmp(&two.0));
        values
    }

    /// Takes an amount out of ledgers that have room for it.
    pub fn reserve(
        &mut self,
        wanted: &[(&Arc<Identity>, &str)],
        amount: Amount,
        call: &Wanted<'_>,
        now: Now,
    ) -> Reservation {
        let unix_us = now.unix_us;
        if wanted.is_empty() {
            return Reservation::empty();
        }
        let parts = wanted.iter().map(|(budget, value)| {
            let ledger = self.open(budget, value, unix_us);
            ledger.reserve(amount);
            Part {
                budget: Arc::clone(budget),
                value: (*value).into(),
                period: ledger.period,
            }
        });
        let parts = parts.collect();
        if self.held.len() >= MOST_HELD
            && let Some((key, lost)) = self.held.pop_first()
        {
            self.release(key, &lost);
        }
        self.numbers += 1;
        let expires_at_us = now.monotonic_us.saturating_add(call.lease_us);
        let key = (expires_at_us, self.numbers);
        let held = Arc::new(Held {
            parts,
            amount,
            input_tokens: call.input_tokens,
            owner: (call.owner, call.attempt),
        });
        self.held.insert(key, Arc::clone(&held));
        Reservation {
            held: Some((key, held)),
            taken: None,
        }
    }

    /// Leaves a reservation to its lease, or to [`Self::take_kept`].
    pub fn keep(&mut self, reservation: Reservation) {
        let Some((key, held)) = reservation.held else {
            return;
        };
        if self.held.contains_key(&key) {
            self.kept.insert(held.owner, key);
        }
    }

    /// A reservation that was kept; none when there was none, or its lease has ended.
    pub fn take_kept(&mut self, owner: Owner) -> Option<Reservation> {
        let key = self.kept.remove(&owner)?;
        let held = Arc::clone(self.held.get(&key)?);
        Some(Reservation {
            held: Some((key, held)),
            taken: None,
        })
    }

    /// Ends a reservation, and counts what was spent of it.
    pub fn settle(&mut self, reservation: Reservation, spent: Amount) {
        let Some((key, held)) = reservation.held else {
            return;
        };
        if self.held.remove(&key).is_some() {
            self.release(key, &held);
        }
        // Also after its lease has ended: an outcome that comes late was paid for.
        let spent = spent.at_most(held.amount);
        for part in &held.parts {
            if let Some(ledger) = self.part(part) {
                ledger.spend(spent);
            }
        }
    }

    /// Frees what is held beyond its lease.
    pub fn free_expired(&mut self, monotonic_us: u64, unix_us: u64) {
        self.unix_us = self.unix_us.max(unix_us);
        while let Some(first) = self.held.first_entry() {
            if first.key().0 > monotonic_us {
                break;
            }
            let (key, lost) = first.remove_entry();
            self.release(key, &lost);
        }
    }

    fn release(&mut self, key: (u64, u64), held: &Held) {
        if self.kept.get(&held.owner) == Some(&key) {
            self.kept.remove(&held.owner);
        }
        for part in &held.parts {
            if let Some(ledger) = self.part(part) {
                ledger.free(held.amount);
            }
        }
    }

    /// The ledger of a part, while the window lasts in which it was reserved.
    fn part(&mut self, part: &Part) -> Option<&mut Ledger> {
        let ledger = self.budgets.get_mut(&part.budget)?.get_mut(&part.value)?;
        (ledger.period == part.period).then_some(ledger)
    }

    /// The ledger of a value in the window of now.
    pub fn open(&mut self, budget: &Arc<Identity>, value: &str, unix_us: u64) -> &mut Ledger {
        let window = budget.window(unix_us);
        self.numbers += 1;
        let number = self.numbers;
        let is_known = |store: &Self| {
            let values = store.budgets.get(budget);
            values.is_some_and(|values| values.contains_key(value))
        };
        if !is_known(self) {
            if self.ledgers >= MOST_LEDGERS {
                self.make_room(unix_us);
            }
            self.ledgers += 1;
        }
        let values = self.budgets.entry(Arc::clone(budget)).or_default();
        let ledger = values
            .entry(value.into())
            .or_insert_with(|| Ledger::new(number, window));
        ledger.move_to(window, number);
        ledger
    }

    /// Drops ledgers whose window is over; when they are few, also the oldest of callers, a hundredth.
    ///
    /// Those of everybody, models, routes and credentials stay: the configuration bounds them.
    ///
    /// A pass over all of them pays for a thousand new ones at least.
    fn make_room(&mut self, unix_us: u64) {
        for (budget, values) in &mut self.budgets {
            let window = budget.window(unix_us);
            values.retain(|_, ledger| ledger.window >= window);
        }
        self.ledgers = self.budgets.values().map(HashMap::len).sum();
        let few = MOST_LEDGERS / 100;
        if self.ledgers + few <= MOST_LEDGERS {
            return;
        }
        let of_callers = self
            .budgets
            .iter()
            .filter(|(budget, _)| budget.is_of_callers());
        let all = of_callers.flat_map(|(_, values)| values.values());
        let mut periods: Vec<u64> = all.map(|ledger| ledger.period).collect();
        if periods.len() <= few {
            return;
        }
        let (_, &mut oldest, _) = periods.select_nth_unstable(few);
        for (budget, values) in &mut self.budgets {
            if budget.is_of_callers() {
                values.retain(|_, ledger| ledger.period >= oldest);
            }
        }
        self.ledgers = self.budgets.values().map(HashMap::len).sum();
    }
}
