//! What a view says of budgets and rates: which models not even the smallest call can reach.

use super::binding::{BudgetBinding, Model, SMALLEST};
use crate::catalogue::ModelId;
use crate::config::{BudgetScope, OnExceed};
use crate::host::{Availability, Caller, Now, View};

impl BudgetBinding {
    /// Marks models for which not even the smallest call fits.
    ///
    /// Where a limit over all models says `reject`, one that does not fit takes all of them out: what
    /// is used up refuses, as it did with a little left. A limit that says `queue` takes no model out: its calls wait where they reserve. Budgets of
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
                    mark_out(view, number, place);
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
                            mark_out(view, number, place);
                            last = Some(why);
                        }
                    }
                    if let Some(why) = last {
                        mark_if_all_out(view, number, model, why);
                    }
                } else if let Some(why) = is_full(0) {
                    if budget.on_exceed == OnExceed::Reject && budget.identity.is_of_all_models() {
                        // It refuses the caller, and not one model in favour of another.
                        (0..self.models.len()).for_each(|model| mark(view, model, why));
                        break;
                    }
                    mark(view, number, why);
                }
            }
        }
    }
}

const fn bit(place: usize) -> u128 {
    if place < 128 { 1 << place } else { 0 }
}

fn mark_out(view: &mut View, model: usize, place: usize) {
    // Room comes back without a sign, so the next view is written anew.
    view.read.was_calm = false;
    view.state_mut(ModelId::at(model)).deployments_out |= bit(place);
}

/// Marks a model that had nothing against it, or that was over another budget for a shorter time.
fn mark(view: &mut View, model: usize, why: Availability) {
    view.read.was_calm = false;
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
