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
/// Dropping it gives everything back, as [`Fleet::release`](crate::Fleet::release) does; what a call
/// that was [sent](Self::sent) has cost stays. It belongs to the cells that it was claimed from,
/// whatever is reloaded meanwhile.
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
    /// Whether the call has left, and how much output is expected of it.
    pub(super) sent: Option<Option<u64>>,
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
            self.bound.budgets.keep(reservation);
        }
        Kept {
            owner: self.owner,
            attempt: self.attempt,
            epoch: self.epoch,
        }
    }

    /// Says that the call leaves now: given up from here on, it has cost its input and its rate.
    ///
    /// `expected_output` are the tokens of an answer whose length the provider does not tell; without
    /// it, such an answer costs all that was reserved.
    pub const fn sent(&mut self, expected_output: Option<u64>) {
        self.sent = Some(expected_output);
    }

    pub(super) fn target(&self) -> &Cell {
        self.board.target(self.place)
    }

    /// Replaces a reservation by what the call cost.
    pub(super) fn settle(&self, reservation: Reservation, ended: &Ended, now: Now) {
        let expected = self.sent.flatten();
        self.bound
            .settle(self.model, reservation, expected, ended, now);
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
        match (self.reservation.take(), self.sent) {
            (Some(reservation), None) => self.bound.budgets.free(reservation, now),
            (Some(reservation), Some(_)) => {
                let given_up = Ended::new(AttemptOutcome::Cancelled, 0);
                self.settle(reservation, &given_up, now);
            }
            (None, _) => {}
        }
        if std::mem::take(&mut self.is_counted) {
            self.target().leave();
        }
    }
}

impl Bound {
    /// Replaces a reservation by what the call cost.
    ///
    /// Where the provider did not say, as a run counts it: see [`Usage::assumed`].
    pub(super) fn settle(
        &self,
        model: ModelId,
        reservation: Reservation,
        expected_output: Option<u64>,
        ended: &Ended,
        now: Now,
    ) {
        let assumed = |output| Usage::assumed(ended.outcome, reservation.input_tokens(), output);
        let usage = match (ended.usage, ended.outcome, expected_output) {
            (Some(usage), ..) => usage,
            (None, AttemptOutcome::Success, None) => {
                let (nano, tokens) = reservation.most();
                self.budgets.settle(reservation, nano, tokens, now);
                return;
            }
            (None, _, expected) => assumed(expected.unwrap_or(0)),
        };
        let cost_nano = self.catalogue.usage_cost_nano(model, usage);
        let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
        self.budgets.settle(reservation, cost_nano, tokens, now);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // The time of the claim: nothing that is given back depends on it.
        self.give_back(self.claimed);
    }
}
