//! Budgets and rates of one revision: which limits count a call, and whether it fits.

use std::sync::Arc;

use super::ledger::{Amount, Ledger};
use super::rate::{Buckets, Pace};
use super::store::{Identity, Reservation, Taken};
use super::wanted::Wanted;
use super::{NoRoom, Shared};
use crate::catalogue::{Catalogue, ModelId, RouteId};
use crate::config::{BudgetScope, OnExceed};
use crate::host::{Availability, Caller, Now};

/// The least that a call takes: a token in and a token out.
pub(super) const SMALLEST: u64 = 2;

/// Longest value of a scope in bytes; longer ones with equal beginnings share a ledger.
const LONGEST_VALUE: usize = 800;

/// Budgets and rates with the limits of one revision.
#[derive(Debug)]
pub(crate) struct BudgetBinding {
    pub(super) shared: Arc<Shared>,
    pub(super) budgets: Box<[Bound]>,
    pub(super) models: Box<[Model]>,
    routes: Box<[Box<str>]>,
    pub(super) has_rates: bool,
    /// The smallest call of the dearest model.
    dearest: Amount,
}

#[derive(Debug)]
pub(super) struct Bound {
    pub(super) identity: Arc<Identity>,
    /// The largest number where there is no limit.
    pub(super) limit: Amount,
    pub(super) on_exceed: OnExceed,
}

#[derive(Debug)]
pub(super) struct Model {
    name: Box<str>,
    input_nano: f64,
    output_nano: f64,
    /// The dearest call that it can serve.
    most: Amount,
    pub(super) places: Box<[Place]>,
}

/// A call that was made, and what it took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent<'a> {
    pub caller: Caller<'a>,
    /// None where nobody said for which route it was; budgets of routes do not count it then.
    pub route: Option<RouteId>,
    pub model: ModelId,
    pub deployment: u8,
    pub cost_nano: u64,
    pub tokens: u64,
}

#[derive(Debug)]
pub(super) struct Place {
    /// `provider` or `provider/credential`.
    credential: Box<str>,
    pub(super) rate: Option<(Arc<Buckets>, Pace, OnExceed)>,
}

impl Model {
    pub(super) fn takes(&self, input: u64, output: u64) -> Amount {
        takes((self.input_nano, self.output_nano), input, output)
    }
}

/// What a call takes at prices for a token of input and of output; a started nano-dollar counts.
fn takes(prices: (f64, f64), input: u64, output: u64) -> Amount {
    let nano = libm::ceil(input as f64 * prices.0 + output as f64 * prices.1);
    Amount {
        nano: nano as u64,
        tokens: input.saturating_add(output),
    }
}

impl BudgetBinding {
    pub(super) fn new(shared: Arc<Shared>, catalogue: &Catalogue) -> Self {
        let mut store = shared.store();
        let budgets: Box<[Bound]> = catalogue
            .budgets
            .iter()
            .map(|budget| Bound {
                identity: store.budget(Identity {
                    scope: budget.scope,
                    only: budget.only.as_deref().map(Into::into),
                    window_us: budget.window.as_micros(),
                }),
                limit: Amount {
                    nano: budget
                        .limit_usd
                        .map_or(u64::MAX, |usd| libm::round(usd * 1e9) as u64),
                    tokens: budget.limit_tokens.unwrap_or(u64::MAX),
                },
                on_exceed: budget.on_exceed,
            })
            .collect();
        // Names may share a target; its provider counts them together, by the lower figures.
        let pace_of = |target| {
            let models = catalogue.models.iter();
            models
                .filter(|model| model.deployments.iter().any(|one| one.target == target))
                .filter_map(|model| model.rate.as_ref().map(Pace::of))
                .reduce(Pace::and)
        };
        let models: Box<[Model]> = catalogue
            .models
            .iter()
            .map(|model| Model {
                name: model.name.clone(),
                input_nano: model.input_nano,
                output_nano: model.output_nano,
                most: takes(
                    (model.input_nano, model.output_nano),
                    u64::from(model.context_window),
                    u64::from(model.max_output_tokens),
                ),
                places: model
                    .deployments
                    .iter()
                    .map(|place| Place {
                        credential: match &place.credential {
                            Some(credential) => format!("{}/{credential}", place.provider).into(),
                            None => place.provider.clone(),
                        },
                        rate: pace_of(place.target).map(|pace| {
                            let buckets = store.buckets(&catalogue.targets[place.target.index()]);
                            let on_exceed = model.rate.map_or(OnExceed::Downgrade, |r| r.on_exceed);
                            (buckets, pace, on_exceed)
                        }),
                    })
                    .collect(),
            })
            .collect();
        store.forget_unbound();
        // Limits may be lower than before; until the windows of now are over, views look closely.
        for budget in &budgets {
            shared.tighten(store.last_end_us(&budget.identity));
        }
        drop(store);
        let places = || models.iter().flat_map(|model| &model.places);
        Self {
            has_rates: places().any(|place| place.rate.is_some()),
            dearest: Amount {
                nano: models
                    .iter()
                    .map(|model| model.takes(1, 1).nano)
                    .max()
                    .unwrap_or(0),
                tokens: SMALLEST,
            },
            routes: catalogue
                .routes
                .iter()
                .map(|route| route.name.clone())
                .collect(),
            shared,
            budgets,
            models,
        }
    }

    /// Takes what a call may cost out of every budget that counts it and out of its rate, or nothing.
    ///
    /// # Errors
    ///
    /// What said no: the strictest by `on_exceed`, among equals the one that lasts longest.
    pub fn reserve(&self, wanted: &Wanted<'_>, now: Now) -> Result<Reservation, NoRoom> {
        let Some(model) = self.models.get(wanted.model.index()) else {
            return Ok(Reservation::empty());
        };
        let place = usize::from(wanted.deployment).min(model.places.len().saturating_sub(1));
        let rate = model
            .places
            .get(place)
            .and_then(|place| place.rate.as_ref());
        if self.budgets.is_empty() && rate.is_none() {
            return Ok(Reservation::empty());
        }
        let amount = model.takes(wanted.input_tokens, wanted.output_tokens);
        let mut store = self.shared.store();
        store.free_expired(now.monotonic_us, now.unix_us);
        let mut refusal = Refusal::default();
        let mut parts = Vec::with_capacity(self.budgets.len());
        let mut tight_until_us = 0;
        for budget in &self.budgets {
            let Some(value) = self.value(budget, &wanted.caller, wanted.route, model, place) else {
                continue;
            };
            let ledger = store.ledger(&budget.identity, value, now.unix_us);
            let window = ledger.map_or(budget.identity.window(now.unix_us), |known| known.window);
            let resets_at_us = budget.identity.ends_at_us(window);
            if !budget.has_room(ledger.as_ref(), amount.plus(self.dearest)) {
                tight_until_us = tight_until_us.max(resets_at_us);
            }
            if !budget.has_room(ledger.as_ref(), amount) {
                let why = Availability::OverBudget { resets_at_us };
                refusal.add(
                    budget.on_exceed,
                    why,
                    resets_at_us.saturating_sub(now.unix_us),
                );
            }
            parts.push((&budget.identity, value));
        }
        if let Some((buckets, pace, on_exceed)) = rate {
            let retry_at_us = buckets.fits_at_us(pace, amount.tokens);
            if retry_at_us > now.monotonic_us {
                let why = Availability::RateLimited { retry_at_us };
                refusal.add(*on_exceed, why, retry_at_us - now.monotonic_us);
            }
        }
        self.shared.tighten(tight_until_us);
        if let Some(refusal) = refusal.worst() {
            return Err(refusal);
        }
        if let Some((buckets, pace, _)) = rate {
            buckets.take(pace, amount.tokens, now.monotonic_us);
        }
        let mut reservation = store.reserve(&parts, amount, wanted, now);
        reservation.taken = rate.map(|(buckets, pace, _)| Taken {
            buckets: Arc::clone(buckets),
            pace: *pace,
            tokens: amount.tokens,
            at_us: now.monotonic_us,
        });
        Ok(reservation)
    }

    /// Replaces a reservation by what the call cost, at most by what was reserved.
    pub fn settle(&self, reservation: Reservation, cost_nano: u64, tokens: u64, now: Now) {
        let spent = Amount {
            nano: cost_nano,
            tokens,
        };
        let mut store = self.shared.store();
        // Its own first: a report at the very end of the lease still finds its reservation.
        store.settle(reservation, spent);
        store.free_expired(now.monotonic_us, now.unix_us);
    }

    /// Gives a reservation back, and what was taken of a rate, of a call that was never made.
    pub fn free(&self, mut reservation: Reservation, now: Now) {
        let taken = reservation.taken.take();
        let mut store = self.shared.store();
        if let Some(taken) = taken {
            let (pace, tokens) = (&taken.pace, taken.tokens);
            let since_us = now.monotonic_us.saturating_sub(taken.at_us);
            taken.buckets.give_back(pace, tokens, since_us);
        }
        store.settle(reservation, Amount::default());
        store.free_expired(now.monotonic_us, now.unix_us);
    }

    /// Leaves a reservation to its lease, unless its outcome is told before.
    pub fn keep(&self, reservation: Reservation) {
        self.shared.store().keep(reservation);
    }

    /// The reservation that was kept for an attempt, if its lease has not ended.
    pub fn take_kept(&self, owner: u128, attempt: u8) -> Option<Reservation> {
        if self.counts_nothing() {
            return None;
        }
        self.shared.store().take_kept((owner, attempt))
    }

    /// Whether there is neither a budget nor a rate.
    #[inline]
    pub fn counts_nothing(&self) -> bool {
        self.budgets.is_empty() && !self.has_rates
    }

    /// Counts a call that was made without a reservation, once it is told what it took.
    ///
    /// It is believed up to what the model can take and put out. `is_new` says that no rate knows of it.
    pub fn spend(&self, call: &Spent<'_>, is_new: bool, now: Now) {
        let Some(model) = self.models.get(call.model.index()) else {
            return;
        };
        let place = usize::from(call.deployment).min(model.places.len().saturating_sub(1));
        let spent = Amount {
            nano: call.cost_nano,
            tokens: call.tokens,
        };
        let spent = spent.at_most(model.most);
        let mut store = self.shared.store();
        store.free_expired(now.monotonic_us, now.unix_us);
        for budget in &self.budgets {
            if budget.identity.scope == BudgetScope::Route && call.route.is_none() {
                continue;
            }
            if let Some(value) = self.value(budget, &call.caller, call.route, model, place) {
                let ledger = store.open(&budget.identity, value, now.unix_us);
                ledger.spend(spent);
                if !budget.has_room(Some(ledger), self.dearest) {
                    let until_us = budget.identity.ends_at_us(ledger.window);
                    self.shared.tighten(until_us);
                }
            }
        }
        let rate = model
            .places
            .get(place)
            .and_then(|place| place.rate.as_ref());
        if let Some((buckets, pace, _)) = rate.filter(|_| is_new) {
            buckets.take(pace, spent.tokens, now.monotonic_us);
        }
    }

    /// The value under which a budget counts a call; none when it does not.
    ///
    /// Callers without a team share one ledger: leaving the team out must not lift its limit.
    pub(super) fn value<'v>(
        &'v self,
        budget: &Bound,
        caller: &Caller<'v>,
        route: Option<RouteId>,
        model: &'v Model,
        place: usize,
    ) -> Option<&'v str> {
        let value = match budget.identity.scope {
            BudgetScope::All => None,
            BudgetScope::Application => caller.application,
            BudgetScope::Credential => model.places.get(place).map(|place| &*place.credential),
            BudgetScope::Model => Some(&*model.name),
            BudgetScope::Organisation => caller.organisation,
            BudgetScope::Route => {
                route.and_then(|route| self.routes.get(route.index()).map(|name| &**name))
            }
            BudgetScope::Team => caller.team,
        };
        let value = value.unwrap_or_default();
        let value = &value[..value.floor_char_boundary(LONGEST_VALUE)];
        let is_counted = budget
            .identity
            .only
            .as_deref()
            .is_none_or(|only| only == value);
        is_counted.then_some(value)
    }
}

impl Bound {
    pub(super) fn has_room(&self, ledger: Option<&Ledger>, amount: Amount) -> bool {
        let taken = ledger.map_or_else(Amount::default, Ledger::taken);
        taken.plus(amount).is_within(self.limit)
    }
}

/// Collects what said no, and keeps the worst of it.
#[derive(Default)]
struct Refusal(Option<(u8, u64, NoRoom)>);

impl Refusal {
    fn add(&mut self, on_exceed: OnExceed, why: Availability, wait_us: u64) {
        let strictness = match on_exceed {
            OnExceed::Queue => 0,
            OnExceed::Downgrade => 1,
            OnExceed::Reject => 2,
        };
        let is_worse = self
            .0
            .is_none_or(|(known, wait, _)| (known, wait) < (strictness, wait_us));
        if is_worse {
            self.0 = Some((strictness, wait_us, NoRoom { why, on_exceed }));
        }
    }

    fn worst(self) -> Option<NoRoom> {
        self.0.map(|(_, _, no_room)| no_room)
    }
}
