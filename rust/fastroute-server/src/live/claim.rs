//! Takes what the first attempt of a plan needs before the plan is handed out: a place in a probe, its rate, its budgets.
//!
//! A caller of the service makes the call elsewhere and reports it later, so what was taken is kept under the decision's name until then, or until its
//! lease ends. When it cannot be had, as for all but one of ten thousand decisions that meet a model which recovers, the request is
//! decided again with that model out of service.

use fastroute_core::config::OnExceed;
use fastroute_core::{
    Availability, Catalogue, Decision, Denied, Fleet, Kept, ModelId, Note, Now, Outcome, Permit,
    View, Wanted,
};
use uuid::Uuid;

use crate::context::Caller;

/// Decisions of one request: each takes one model or one deployment out, and one is left for what remains.
const MAX_ROUNDS: usize = 16;

/// What a decision was given beside its plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimed {
    /// Name of the decision.
    pub id: Uuid,
    /// Number of the last change of health when it was decided.
    pub epoch: u64,
    /// What was taken for the first attempt of the primary.
    pub kept: Option<Kept>,
}

/// Where and for whom to take it.
#[derive(Clone, Copy)]
pub(crate) struct Grant<'a> {
    pub fleet: &'a Fleet,
    /// The live state of a caller that is not trusted: it keeps nothing of everybody's, so that what it never reports harms nobody else.
    pub own: Option<&'a Fleet>,
    pub caller: &'a Caller,
    pub id: Uuid,
    pub draw: u64,
    pub now: Now,
}

impl Grant<'_> {
    /// Takes what the decision's first attempt needs; decides again, with what cannot be called now marked in the view, while that is denied.
    pub fn claim(
        &self,
        mut decision: Decision,
        view: &mut View,
        mut again: impl FnMut(&View) -> Option<Decision>,
    ) -> (Decision, Claimed) {
        let mut claimed = Claimed {
            id: self.id,
            epoch: self.fleet.epoch(),
            kept: None,
        };
        for _ in 0..MAX_ROUNDS {
            let Some(wanted) = self.wanted(&decision) else {
                break;
            };
            let denied = match self.take(&wanted) {
                Ok(permit) => {
                    claimed.epoch = permit.epoch();
                    claimed.kept = Some(permit.keep());
                    break;
                }
                Err(denied) => denied,
            };
            // Whoever calls it waits, as a run in process does; another model would be `downgrade`.
            if denied.on_exceed == Some(OnExceed::Queue) {
                break;
            }
            let models = decision.catalogue().models().len();
            match (denied.why, denied.on_exceed) {
                (why @ Availability::OverBudget { .. }, Some(OnExceed::Reject)) => {
                    let all = (0..models).filter_map(|place| u16::try_from(place).ok());
                    all.for_each(|place| view.state_mut(ModelId(place)).availability = why);
                }
                (why, _) => take_out(view, &wanted, why, decision.catalogue()),
            }
            match again(view) {
                Some(other) => decision = other,
                None => break,
            }
        }
        (decision, claimed)
    }

    fn take(&self, wanted: &Wanted<'_>) -> Result<Permit, Denied> {
        let permit = self.fleet.claim(wanted, self.now, self.draw)?;
        let Some(own) = self.own else {
            return Ok(permit);
        };
        self.fleet.release(permit, self.now);
        own.claim(wanted, self.now, self.draw)
    }

    fn wanted(&self, decision: &Decision) -> Option<Wanted<'_>> {
        let first = decision.plan().first()?;
        let catalogue = decision.catalogue();
        (decision.outcome() == Outcome::Routed).then(|| Wanted {
            caller: self.caller.as_core(),
            route: decision.route_id(),
            model: first.model,
            deployment: first.deployment,
            owner: self.id.as_u128(),
            attempt: 0,
            input_tokens: first.estimates.input_tokens,
            output_tokens: u64::from(catalogue.max_output_tokens(first.model)),
            lease_us: catalogue.resilience().deadline.as_micros(),
            ignore_health: ignores_health(decision),
        })
    }
}

/// Takes the deployment out that was wanted, and the model when it has no other.
fn take_out(view: &mut View, wanted: &Wanted<'_>, why: Availability, catalogue: &Catalogue) {
    let count = catalogue.deployment_count(wanted.model);
    let state = view.state_mut(wanted.model);
    if let Some(bit) = 1_u128.checked_shl(u32::from(wanted.deployment)) {
        state.deployments_out |= bit;
    }
    let is_limit = matches!(
        why,
        Availability::OverBudget { .. } | Availability::RateLimited { .. }
    );
    if is_limit || state.deployments_out.count_ones() as usize >= count {
        state.availability = why;
    }
}

/// Whether the plan holds models whatever their breakers say.
fn ignores_health(decision: &Decision) -> bool {
    let mut notes = decision.notes().iter();
    notes.any(|note| matches!(note, Note::BreakersIgnored))
}
