//! Budgets and rates of one revision: which limits count a call, and whether it fits.

use std::sync::Arc;

use super::ledger::{Amount, Ledger};
use super::rate::{Buckets, Pace};
use super::store::{Identity, Reservation};
use super::wanted::Wanted;
use super::{NoRoom, Shared};
use crate::catalogue::{Catalogue, ModelId, RouteId};
use crate::config::{BudgetScope, OnExceed};
use crate::host::{Availability, Caller, Now, View};

/// The least that a call takes: a token in and a token out.
const SMALLEST: u64 = 2;

/// Longest value of a scope in bytes; longer ones with equal beginnings share a ledger.
const LONGEST_VALUE: usize = 800;

/// What one budget has counted for one value of its scope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BudgetFigures {
    /// What has a budget of its own.
    pub scope: BudgetScope,
    /// Which of them; none for everything together, and for calls without one.
    pub value: Option<Box<str>>,
    /// Length of the window in microseconds.
    pub window_us: u64,
    /// Nano-dollars in a window, if they are limited.
    pub limit_nano: Option<u64>,
    /// Tokens in a window, if they are limited.
    pub limit_tokens: Option<u64>,
    /// Nano-dollars that were spent.
    pub spent_nano: u64,
    /// Tokens that were spent.
    pub spent_tokens: u64,
    /// Nano-dollars that calls under way may still spend.
    pub reserved_nano: u64,
    /// Tokens that calls under way may still spend.
    pub reserved_tokens: u64,
    /// Unix time in microseconds at which the window ends.
    pub resets_at_us: u64,
}

/// Budgets and rates with the limits of one revision.
#[derive(Debug)]
pub(crate) struct BudgetBinding {
    shared: Arc<Shared>,
    budgets: Box<[Bound]>,
    models: Box<[Model]>,
    routes: Box<[Box<str>]>,
    has_rates: bool,
    /// The smallest call of the dearest model.
    dearest: Amount,
}

#[derive(Debug)]
struct Bound {
    identity: Arc<Identity>,
    /// The largest number where there is no limit.
    limit: Amount,
    on_exceed: OnExceed,
}

#[derive(Debug)]
struct Model {
    name: Box<str>,
    input_nano: f64,
    output_nano: f64,
    places: Box<[Place]>,
}

#[derive(Debug)]
struct Place {
    /// `provider` or `provider/credential`.
    credential: Box<str>,
    rate: Option<(Arc<Buckets>, Pace, OnExceed)>,
}

impl Model {
    fn takes(&self, input: u64, output: u64) -> Amount {
        let nano = (input as f64 * self.input_nano + output as f64 * self.output_nano).ceil();
        Amount {
            nano: nano as u64,
            tokens: input.saturating_add(output),
        }
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
                    nano: budget.limit_usd.map_or(u64::MAX, |usd| (usd * 1e9) as u64),
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

    /// Marks models for which not even the smallest call fits.
    ///
    /// A limit that says `queue` takes no model out: its calls wait where they reserve. Budgets of
    /// routes are known only there. A state that is marked already stays.
    pub fn view(&self, caller: &Caller<'_>, now: Now, view: &mut View) {
        if self.has_rates {
            self.view_rates(now, view);
        }
        if !self.budgets.is_empty() && !self.shared.is_roomy(now.unix_us) {
            self.view_budgets(caller, now, view);
        }
    }

    fn view_rates(&self, now: Now, view: &mut View) {
        for (number, model) in self.models.iter().enumerate() {
            let mut soonest = u64::MAX;
            for (place, at) in model.places.iter().enumerate() {
                let Some((buckets, pace, on_exceed)) = &at.rate else {
                    continue;
                };
                let fits_at = buckets.fits_at_us(pace, SMALLEST);
                if *on_exceed != OnExceed::Queue && fits_at > now.monotonic_us {
                    soonest = soonest.min(fits_at);
                    view.state_mut(ModelId::at(number)).deployments_out |= bit(place);
                }
            }
            if soonest < u64::MAX {
                let why = Availability::RateLimited {
                    retry_at_us: soonest,
                };
                mark_if_all_out(view, number, model, why);
            }
        }
    }

    fn view_budgets(&self, caller: &Caller<'_>, now: Now, view: &mut View) {
        let mut store = self.shared.store();
        store.free_expired(now.monotonic_us, now.unix_us);
        for budget in &self.budgets {
            let scope = budget.identity.scope;
            if budget.on_exceed == OnExceed::Queue || scope == BudgetScope::Route {
                continue;
            }
            for (number, model) in self.models.iter().enumerate() {
                let is_full = |place: usize| {
                    let value = self.value(budget, caller, None, model, place)?;
                    let ledger = store.ledger(&budget.identity, value, now.unix_us)?;
                    let why = Availability::OverBudget {
                        resets_at_us: budget.identity.ends_at_us(ledger.window),
                    };
                    (!budget.has_room(Some(&ledger), model.takes(1, 1))).then_some(why)
                };
                if scope == BudgetScope::Credential {
                    let mut last = None;
                    for place in 0..model.places.len() {
                        if let Some(why) = is_full(place) {
                            view.state_mut(ModelId::at(number)).deployments_out |= bit(place);
                            last = Some(why);
                        }
                    }
                    if let Some(why) = last {
                        mark_if_all_out(view, number, model, why);
                    }
                } else if let Some(why) = is_full(0) {
                    mark(view, number, why);
                }
            }
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
        let expires_at_us = now.monotonic_us.saturating_add(wanted.lease_us);
        Ok(store.reserve(&parts, amount, expires_at_us, now.unix_us))
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

    /// Gives a reservation back, of a call that cost nothing. The rate has seen the call all the same.
    pub fn free(&self, reservation: Reservation, now: Now) {
        self.settle(reservation, 0, 0, now);
    }

    /// What every budget has counted in its window of now, by budget and value.
    pub fn figures(&self, now: Now) -> Vec<BudgetFigures> {
        let mut store = self.shared.store();
        store.free_expired(now.monotonic_us, now.unix_us);
        let limit = |limit: u64| (limit != u64::MAX).then_some(limit);
        let mut figures = Vec::new();
        for budget in &self.budgets {
            let values = store.values(&budget.identity, now.unix_us);
            figures.extend(values.into_iter().map(|(value, ledger)| BudgetFigures {
                scope: budget.identity.scope,
                value: Some(value).filter(|value| !value.is_empty()),
                window_us: budget.identity.window_us,
                limit_nano: limit(budget.limit.nano),
                limit_tokens: limit(budget.limit.tokens),
                spent_nano: ledger.spent.nano,
                spent_tokens: ledger.spent.tokens,
                reserved_nano: ledger.reserved.nano,
                reserved_tokens: ledger.reserved.tokens,
                resets_at_us: budget.identity.ends_at_us(ledger.window),
            }));
        }
        figures
    }

    /// The value under which a budget counts a call; none when it does not.
    ///
    /// Callers without a team share one ledger: leaving the team out must not lift its limit.
    fn value<'v>(
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
    fn has_room(&self, ledger: Option<&Ledger>, amount: Amount) -> bool {
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

const fn bit(place: usize) -> u128 {
    if place < 128 { 1 << place } else { 0 }
}

/// Marks a model that had nothing against it, or that was over another budget for a shorter time.
fn mark(view: &mut View, model: usize, why: Availability) {
    let state = view.state_mut(ModelId::at(model));
    match (state.availability, why) {
        (Availability::Available, _) => state.availability = why,
        (
            Availability::OverBudget {
                resets_at_us: known,
            },
            Availability::OverBudget { resets_at_us },
        ) if known < resets_at_us => state.availability = why,
        _ => {}
    }
}

fn mark_if_all_out(view: &mut View, number: usize, model: &Model, why: Availability) {
    let out = view.state(ModelId::at(number)).deployments_out;
    if (0..model.places.len()).all(|place| out & bit(place) != 0) {
        mark(view, number, why);
    }
}
