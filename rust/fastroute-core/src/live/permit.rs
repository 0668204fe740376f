//! The right to make one call, and what becomes of it.

use std::sync::Arc;

use super::board::{Board, Place};
use super::fleet::Bound;
use crate::attempt::{AttemptOutcome, Usage};
use crate::budget::Reservation;
use crate::catalogue::ModelId;
use crate::config::OnExceed;
use crate::health::{Cell, Ended, Lease};
use crate::host::{Availability, Now};

/// The right to make one call: its places in probes, and its reservation.
///
/// Dropping it gives everything back, as [`Fleet::release`](crate::Fleet::release) does. It belongs
/// to the cells that it was claimed from, whatever is reloaded meanwhile.
#[derive(Debug)]
#[must_use = "dropping a permit gives it back"]
pub struct Permit {
    pub(super) bound: Arc<Bound>,
    pub(super) board: Arc<Board>,
    pub(super) place: Place,
    pub(super) probes: Probes,
    pub(super) reservation: Option<Reservation>,
    pub(super) claimed: Now,
    pub(super) epoch: u64,
    pub(super) draw: u64,
    pub(super) model: ModelId,
    pub(super) deployment: u8,
    pub(super) owner: u128,
    pub(super) attempt: u8,
    pub(super) input_tokens: u64,
    /// Whether its cells still count it as under way.
    pub(super) is_counted: bool,
}

/// Leases of one call: of its target, its credential and its provider.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Probes {
    pub target: Option<Lease>,
    pub provider: Option<Lease>,
}

/// Why a call may not be made now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Denied {
    /// What says no, and until when.
    pub why: Availability,
    /// What the configuration says about that, if a budget or a rate says no.
    pub on_exceed: Option<OnExceed>,
}

/// What is left of a permit that was [kept](Permit::keep): enough to find its probe again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kept {
    /// The owner that claimed it.
    pub owner: u128,
    /// The attempt that it was claimed for.
    pub attempt: u8,
    /// The epoch of the claim.
    pub epoch: u64,
}

impl Permit {
    /// Returns the epoch of the claim.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the model that it is for.
    #[must_use]
    pub const fn model(&self) -> ModelId {
        self.model
    }

    /// Returns the deployment that it is for, by place.
    #[must_use]
    pub const fn deployment(&self) -> u8 {
        self.deployment
    }

    /// Returns whether the call probes something that was open.
    #[must_use]
    pub const fn is_probe(&self) -> bool {
        self.probes.target.is_some() || self.probes.provider.is_some()
    }

    /// Leaves its probes and its reservation to their leases, for a host that hears of the outcome
    /// elsewhere and tells it with [`Fleet::report_kept`](crate::Fleet::report_kept).
    #[must_use]
    pub fn keep(mut self) -> Kept {
        self.probes = Probes::default();
        if let Some(reservation) = self.reservation.take() {
            // Its ledger frees it when the lease ends.
            drop(reservation);
        }
        Kept {
            owner: self.owner,
            attempt: self.attempt,
            epoch: self.epoch,
        }
    }

    pub(super) fn target(&self) -> &Cell {
        self.board.target(self.place)
    }

    /// Replaces a reservation by what the call cost.
    ///
    /// Where the provider did not say: an answer costs all that was reserved, one that broke off its
    /// input, anything else nothing.
    pub(super) fn settle(&self, reservation: Reservation, ended: &Ended, now: Now) {
        let bound = &self.bound;
        let nano = |usage| bound.catalogue.usage_cost_nano(self.model, usage);
        let (cost_nano, tokens) = match (ended.usage, ended.outcome) {
            (Some(usage), _) => (
                nano(usage),
                usage.input_tokens.saturating_add(usage.output_tokens),
            ),
            (None, AttemptOutcome::Success) => reservation.most(),
            (None, AttemptOutcome::StreamBroken) => {
                let usage = Usage {
                    input_tokens: self.input_tokens,
                    ..Usage::default()
                };
                (nano(usage), usage.input_tokens)
            }
            (None, _) => (0, 0),
        };
        bound.budgets.settle(reservation, cost_nano, tokens, now);
    }

    pub(super) fn give_back(&mut self, now: Now) {
        let probes = std::mem::take(&mut self.probes);
        if let Some(lease) = &probes.target {
            self.target().release(lease, now.monotonic_us);
        }
        if let Some(lease) = &probes.provider {
            self.board
                .provider(self.place)
                .release(lease, now.monotonic_us);
        }
        if let Some(reservation) = self.reservation.take() {
            self.bound.budgets.free(reservation, now);
        }
        if std::mem::take(&mut self.is_counted) {
            self.target().leave();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // The time of the claim: nothing that is given back depends on it.
        self.give_back(self.claimed);
    }
}
