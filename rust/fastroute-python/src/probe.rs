//! Takes the right to probe a model that recovers, before its plan is handed out.
//!
//! Who calls `route` and then the model by himself claims nothing, so the router does: for the first
//! attempt alone, and only while the breaker of its deployment lets probes through. All is well at the
//! price of one load.

use std::sync::atomic::{AtomicU64, Ordering};

use fastroute_core::{
    Availability, Caller, Decision, Denied, Fleet, Kept, ModelId, Now, Permit, View, Wanted,
};

/// What was granted to a decision's first attempt.
pub struct Probe(Kept);

/// What came of taking it.
pub enum Taken {
    Denied,
    Granted(Probe),
    NotNeeded,
}

impl Probe {
    /// Takes it if the decision's first attempt needs it; marks in the view what nobody may call now.
    pub fn take(
        fleet: &Fleet,
        decision: &Decision,
        caller: &Caller<'_>,
        now: Now,
        view: &mut View,
    ) -> Taken {
        let Some(first) = decision.plan().first() else {
            return Taken::NotNeeded;
        };
        if !fleet.is_probing(caller, first.model, first.deployment, now) {
            return Taken::NotNeeded;
        }
        let catalogue = decision.catalogue();
        let owner = owner(now);
        let wanted = Wanted {
            caller: *caller,
            route: decision.route_id(),
            model: first.model,
            deployment: first.deployment,
            owner,
            attempt: 0,
            input_tokens: first.estimates.input_tokens,
            output_tokens: u64::from(catalogue.max_output_tokens(first.model)),
            lease_us: catalogue.resilience().deadline.as_micros(),
            ignore_health: false,
        };
        match fleet.claim(&wanted, now, owner as u64).map(Permit::keep) {
            Ok(kept) => Taken::Granted(Self(kept)),
            Err(Denied { why, .. }) => {
                take_out(
                    view,
                    first.model,
                    first.deployment,
                    why,
                    catalogue.deployment_count(first.model),
                );
                Taken::Denied
            }
        }
    }

    /// What its report is told with.
    pub const fn kept(&self) -> Kept {
        self.0
    }
}

/// Takes a deployment out, and the model when it has no other.
fn take_out(view: &mut View, model: ModelId, deployment: u8, why: Availability, count: usize) {
    let state = view.state_mut(model);
    if let Some(bit) = 1_u128.checked_shl(u32::from(deployment)) {
        state.deployments_out |= bit;
    }
    if state.deployments_out.count_ones() as usize >= count {
        state.availability = why;
    }
}

/// A name for who holds it, unlike every other of this process.
fn owner(now: Now) -> u128 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    u128::from(now.unix_us) << 64 | u128::from(number)
}
