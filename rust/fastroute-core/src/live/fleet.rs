//! Live state bound to one revision: what decisions read, what calls claim, what outcomes change.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Shared;
use super::board::{Board, Layout, Place};
use super::permit::{Denied, Kept, Permit, Probes};
use super::registry::{self, Rules};
use crate::attempt::{AttemptOutcome, Usage};
use crate::budget::{BudgetBinding, Spent, Wanted};
use crate::catalogue::{Catalogue, ModelId};
use crate::config::HealthScope;
use crate::decision::Decision;
use crate::health::{
    Cause, CellTold, Effect, Ended, Forced, Grounds, LimitScope, Overruled, Pace, Recorded, Sample,
    Subject,
};
use crate::host::{Availability, Caller, Now, View};
use crate::sync::{Ordering, lock};

/// [`Live`](crate::Live) bound to one revision. Copies share it.
#[derive(Clone, Debug)]
pub struct Fleet {
    bound: Arc<Bound>,
}

#[derive(Debug)]
pub(super) struct Bound {
    pub shared: Arc<Shared>,
    pub catalogue: Arc<Catalogue>,
    pub budgets: Arc<BudgetBinding>,
    pub layout: Arc<Layout>,
    pub rules: Rules,
    pub binding: u64,
    pub everybody: Arc<Board>,
    /// Boards of scopes; replaced as a whole, so that readers take no lock.
    pub scopes: ArcSwap<HashMap<Box<str>, Arc<Board>>>,
}

/// One outcome on its way into health.
struct Outcome<'a> {
    ended: &'a Ended,
    model: ModelId,
    epoch: u64,
    target: Grounds,
    provider: Grounds,
    draw: u64,
    now: Now,
}

impl Fleet {
    pub(super) fn new(bound: Bound) -> Self {
        Self {
            bound: Arc::new(bound),
        }
    }

    /// Returns the names and figures of the revision.
    #[must_use]
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.bound.catalogue
    }

    /// Returns the number of the last transition; a decision keeps it for [`Self::report_unclaimed`].
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.bound.shared.common.epoch()
    }

    /// Writes what a decision for a caller has to know of every model.
    ///
    /// Takes no lock while budgets have room, and allocates nothing once the view has its size. Keep
    /// the view from decision to decision and do not clear it: only what changed is written again.
    pub fn view(&self, caller: &Caller<'_>, now: Now, view: &mut View) {
        let bound = &*self.bound;
        let is_calm = bound.shared.common.troubled.load(Ordering::Acquire) == 0;
        match bound.scope_of(caller) {
            None => bound.everybody.view(is_calm, now.monotonic_us, view),
            Some(name) => match bound.scopes.load().get(name) {
                Some(board) => board.view(is_calm, now.monotonic_us, view),
                // Nothing has happened in this scope but what an operator says of every scope.
                None if bound.shared.common.forced.load(Ordering::Acquire) != 0 => {
                    let board = bound.board(caller, now);
                    board.view(is_calm, now.monotonic_us, view);
                }
                None => view.clear(),
            },
        }
        if !bound.budgets.counts_nothing() {
            bound.budgets.view(caller, now, view);
        }
    }

    /// Whether a call of a deployment would be a probe now. A host that hands a plan out and calls
    /// nothing itself claims it first, and [keeps](Permit::keep) the permit.
    #[must_use]
    pub fn is_probing(
        &self,
        caller: &Caller<'_>,
        model: ModelId,
        deployment: u8,
        now: Now,
    ) -> bool {
        let bound = &*self.bound;
        if bound.shared.common.troubled.load(Ordering::Acquire) == 0 {
            return false;
        }
        let board = bound.board(caller, now);
        let place = bound.layout.place(model, deployment);
        place.is_some_and(|place| {
            [board.target(place), board.provider(place)]
                .iter()
                .any(|cell| cell.word().is_probing(now.monotonic_us))
        })
    }

    /// Takes what a call needs: a place in a probe, its rate, its budgets; all or nothing.
    ///
    /// `draw` is a random number; the time in open is jittered by it. `lease_us` of the call is how
    /// long its reservation lives, and the configuration says how long a probe does.
    ///
    /// # Errors
    ///
    /// What says no, and until when.
    pub fn claim(&self, wanted: &Wanted<'_>, now: Now, draw: u64) -> Result<Permit, Denied> {
        let overruled = if wanted.ignore_health {
            Overruled::Health
        } else {
            Overruled::Nothing
        };
        self.claim_over(wanted, overruled, now, draw)
    }

    /// Claims as [`Self::claim`] does, whatever the request says of health.
    pub(crate) fn claim_over(
        &self,
        wanted: &Wanted<'_>,
        overruled: Overruled,
        now: Now,
        draw: u64,
    ) -> Result<Permit, Denied> {
        let bound = &self.bound;
        let refused = |why| Denied {
            why,
            on_exceed: None,
        };
        let Some(place) = bound.layout.place(wanted.model, wanted.deployment) else {
            return Err(refused(Availability::Unavailable));
        };
        let board = bound.board(&wanted.caller, now);
        // Read before the cells are, so that an opening in between makes the outcome stale.
        let epoch = bound.shared.common.epoch();
        board.target(place).enter();
        let mut permit = Permit {
            bound: Arc::clone(bound),
            place,
            probes: Probes::default(),
            reservation: None,
            claimed: now,
            epoch,
            draw,
            model: wanted.model,
            deployment: wanted.deployment,
            owner: wanted.owner,
            attempt: wanted.attempt,
            sent: None,
            is_counted: true,
            board,
        };
        let claim = |cell: &crate::health::Cell| {
            let (owner, attempt) = (wanted.owner, wanted.attempt);
            cell.claim(owner, attempt, overruled, now.monotonic_us, draw)
                .map_err(refused)
        };
        // What was taken already is given back where the permit is dropped.
        claim(permit.board.credential(place))?;
        permit.probes.provider = claim(permit.board.provider(place))?;
        permit.probes.target = claim(permit.board.target(place))?;
        let reservation = bound.budgets.reserve(wanted, now);
        permit.reservation = Some(reservation.map_err(|no_room| Denied {
            why: no_room.why,
            on_exceed: Some(no_room.on_exceed),
        })?);
        Ok(permit)
    }

    /// Tells how a claimed call ended: its outcome counts, its probe and its reservation end.
    pub fn report(&self, mut permit: Permit, ended: &Ended, now: Now) {
        let probes = std::mem::take(&mut permit.probes);
        let grounds = |lease: Option<crate::health::Lease>| {
            lease.map_or(Grounds::NoLease, |lease| Grounds::Lease(lease.number))
        };
        let reservation = permit.reservation.take();
        permit.bound.record(
            &permit.board,
            permit.place,
            &Outcome {
                ended,
                model: permit.model,
                epoch: permit.epoch,
                target: grounds(probes.target),
                provider: grounds(probes.provider),
                draw: permit.draw,
                now,
            },
        );
        if let Some(reservation) = reservation {
            permit.settle(reservation, ended, now);
        }
        permit.give_back(now);
    }

    /// Tells how a call ended that was not claimed: of a host that decides and reports only.
    ///
    /// `epoch` is what [`Self::epoch`] was at the decision. While a breaker probes, the outcome
    /// counts as that of the oldest probe.
    pub fn report_unclaimed(
        &self,
        caller: &Caller<'_>,
        model: ModelId,
        deployment: u8,
        epoch: u64,
        ended: &Ended,
        now: Now,
    ) {
        self.spend(None, caller, model, deployment, true, ended, now);
        let grounds = Grounds::Report;
        self.report_on(caller, model, deployment, epoch, grounds, ended, now);
    }

    /// The same, of a call that a decision planned: budgets of its route count it too, and one whose
    /// provider told no usage counts as the plan expected.
    #[allow(clippy::too_many_arguments)]
    pub fn report_decided(
        &self,
        decision: &Decision,
        caller: &Caller<'_>,
        model: ModelId,
        deployment: u8,
        epoch: u64,
        ended: &Ended,
        now: Now,
    ) {
        self.spend(Some(decision), caller, model, deployment, true, ended, now);
        let grounds = Grounds::Report;
        self.report_on(caller, model, deployment, epoch, grounds, ended, now);
    }

    /// Tells how a call ended whose permit was [kept](Permit::keep).
    ///
    /// While a breaker probes, it counts only if its lease has not run out.
    pub fn report_kept(
        &self,
        kept: Kept,
        caller: &Caller<'_>,
        model: ModelId,
        deployment: u8,
        ended: &Ended,
        now: Now,
    ) {
        let grounds = Grounds::Owner(kept.owner, kept.attempt);
        let budgets = &self.bound.budgets;
        // An opinion may come before the outcome, and ends nothing.
        let is_opinion = ended.feedback.is_some() && ended.outcome == AttemptOutcome::LocalError;
        if !is_opinion {
            match budgets.take_kept(kept.owner, kept.attempt) {
                Some(held) => self.bound.settle(model, held, None, ended, now),
                None => self.spend(None, caller, model, deployment, false, ended, now),
            }
        }
        self.report_on(caller, model, deployment, kept.epoch, grounds, ended, now);
    }

    /// Gives a permit back whose call came to nothing: it neither opens nor closes a breaker.
    pub fn release(&self, mut permit: Permit, now: Now) {
        permit.give_back(now);
    }

    /// The time that a provider asks to wait, within what the configuration allows.
    pub(crate) fn asked_us(&self, ended: &Ended, now: Now) -> Option<u64> {
        self.bound.asked_us(ended, now)
    }

    /// Counts a first attempt, which earns the fleet its share of a retry.
    pub fn first_attempt(&self, now: Now) {
        self.bound.shared.retries.first_attempt(now);
    }

    /// Whether the fleet may make one more attempt after a failure; takes it if so.
    #[must_use]
    pub fn may_retry(&self, now: Now) -> bool {
        let retry = &self.bound.catalogue.resilience.retry;
        self.bound.shared.retries.take(retry, now)
    }

    /// Forces the breakers of all deployments of a model, by its name; `None` resets them.
    ///
    /// Returns whether there is such a model.
    pub fn force(&self, model: &str, forced: Option<Forced>, now: Now) -> bool {
        let Some(model) = self.bound.catalogue.model_named(model) else {
            return false;
        };
        let targets: Vec<&Subject> = self
            .bound
            .layout
            .targets_of(model)
            .map(|target| &self.bound.layout.subjects[target])
            .collect();
        let is_meant = |key: &crate::health::HealthKey| targets.contains(&&key.subject);
        lock(&self.bound.shared.registry).force(is_meant, forced, now.monotonic_us)
    }

    /// Counts what a call cost that holds no reservation.
    #[allow(clippy::too_many_arguments)]
    fn spend(
        &self,
        decision: Option<&Decision>,
        caller: &Caller<'_>,
        model: ModelId,
        deployment: u8,
        is_new: bool,
        ended: &Ended,
        now: Now,
    ) {
        let bound = &self.bound;
        if bound.budgets.counts_nothing() {
            return;
        }
        let assumed = || {
            let mut plan = decision?.plan().iter();
            let estimates = &plan.find(|planned| planned.model == model)?.estimates;
            let output = u64::from(estimates.output_tokens);
            Some(Usage::assumed(
                ended.outcome,
                estimates.input_tokens,
                output,
            ))
        };
        let Some(usage) = ended.usage.or_else(assumed) else {
            return;
        };
        if bound.layout.place(model, deployment).is_some() {
            let spent = Spent {
                caller: *caller,
                route: decision.and_then(Decision::route_id),
                model,
                deployment,
                cost_nano: bound.catalogue.usage_cost_nano(model, usage),
                tokens: usage.input_tokens.saturating_add(usage.output_tokens),
            };
            bound.budgets.spend(&spent, is_new, now);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn report_on(
        &self,
        caller: &Caller<'_>,
        model: ModelId,
        deployment: u8,
        epoch: u64,
        grounds: Grounds,
        ended: &Ended,
        now: Now,
    ) {
        let bound = &self.bound;
        let Some(place) = bound.layout.place(model, deployment) else {
            crate::health::count(&bound.shared.common.unknown, 1);
            return;
        };
        let outcome = Outcome {
            ended,
            model,
            epoch,
            target: grounds,
            provider: grounds,
            // The upper bits of a product with the golden ratio are spread evenly (Fibonacci hashing).
            draw: (now.monotonic_us ^ ended.latency_us).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            now,
        };
        if bound.scope_of(caller).is_none() {
            bound.record(&bound.everybody, place, &outcome);
        } else {
            bound.record(&bound.board(caller, now), place, &outcome);
        }
    }
}

impl Bound {
    /// The value of the scope by which health is kept apart; none for everybody's.
    fn scope_of<'c>(&self, caller: &Caller<'c>) -> Option<&'c str> {
        match self.catalogue.resilience.scope {
            HealthScope::Shared => None,
            HealthScope::Application => caller.application,
            HealthScope::Organisation => caller.organisation,
            HealthScope::Team => caller.team,
        }
    }

    /// The board of a caller, made if there is none.
    fn board(&self, caller: &Caller<'_>, now: Now) -> Arc<Board> {
        let Some(name) = self.scope_of(caller) else {
            return Arc::clone(&self.everybody);
        };
        let known = self.scopes.load().get(name).map(Arc::clone);
        let board = known.unwrap_or_else(|| self.make_board(name, now));
        board.used_us.store(now.monotonic_us, Ordering::Relaxed);
        board
    }

    #[cold]
    fn make_board(&self, name: &str, now: Now) -> Arc<Board> {
        let now_us = now.monotonic_us;
        let common = &self.shared.common;
        let mut registry = lock(&self.shared.registry);
        if registry.binding != self.binding {
            // Not kept: a revision that has been replaced must not fill the memory of the one that serves.
            drop(registry);
            return registry::detached(
                Some(name.into()),
                &self.layout,
                &self.rules,
                common,
                now_us,
            );
        }
        let gone = registry.make_room(1, self.layout.subjects.len());
        let board = registry.board(Some(name.into()), &self.layout, &self.rules, now_us);
        let mut scopes = HashMap::clone(&self.scopes.load());
        scopes.retain(|name, _| !gone.contains(name));
        scopes.insert(name.into(), Arc::clone(&board));
        self.scopes.store(Arc::new(scopes));
        board
    }

    /// Takes an outcome into the cells that it says something about.
    #[inline]
    fn record(&self, board: &Board, place: Place, outcome: &Outcome<'_>) {
        let ended = outcome.ended;
        if let Some(feedback) = &ended.feedback {
            let model = &self.catalogue.models[outcome.model.index()].name;
            lock(&self.shared.feedback).add(model, feedback);
        }
        let effect = Effect::of(ended.outcome);
        let mut sample = match effect {
            Effect::Fails => Sample::Failure,
            Effect::Succeeds => Sample::Success {
                is_slow: ended.latency_us >= self.rules.slow_us(),
            },
            Effect::Cools if ended.limit_scope == LimitScope::Model => Sample::RateLimited,
            _ => Sample::Nothing,
        };
        let cool = self.cool(effect, outcome);
        let cools = |scope| effect == Effect::Cools && ended.limit_scope == scope;
        if cools(LimitScope::Provider) {
            self.tell(
                board.provider(place),
                sample,
                outcome.provider,
                outcome,
                cool,
            );
        } else if self.rules.has_provider() {
            let provider = if sample == Sample::RateLimited {
                Sample::Nothing
            } else {
                sample
            };
            let opens = self.tell(
                board.provider(place),
                provider,
                outcome.provider,
                outcome,
                None,
            );
            if opens && sample == Sample::Failure {
                // The provider answers for it: one opening, not one for each of its models.
                sample = Sample::Nothing;
            }
        }
        if effect == Effect::CoolsCredential || cools(LimitScope::Credential) {
            self.tell(
                board.credential(place),
                Sample::Nothing,
                Grounds::NoLease,
                outcome,
                cool,
            );
        }
        let is_own = matches!(effect, Effect::CoolsTarget | Effect::Fails);
        let own = cool.filter(|_| is_own || cools(LimitScope::Model));
        let told = CellTold {
            sample,
            grounds: outcome.target,
            epoch: outcome.epoch,
            cool: own,
            lately: match effect {
                Effect::Succeeds => Some((false, self.pace(outcome))),
                Effect::Fails => Some((true, None)),
                _ => None,
            },
            output: ended.output.map(|(_, bytes)| bytes),
        };
        board
            .target(place)
            .record(&told, outcome.now.monotonic_us, outcome.draw);
    }

    /// Tells the cell of a credential or a provider. Returns whether it keeps calls away now, or the
    /// outcome came too late for it.
    fn tell(
        &self,
        cell: &crate::health::Cell,
        sample: Sample,
        grounds: Grounds,
        outcome: &Outcome<'_>,
        cool: Option<(u64, Cause)>,
    ) -> bool {
        let told = CellTold {
            sample,
            grounds,
            epoch: outcome.epoch,
            cool,
            lately: None,
            output: None,
        };
        let recorded = cell.record(&told, outcome.now.monotonic_us, outcome.draw);
        recorded == Recorded::Stale || cell.word().out(outcome.now.monotonic_us).is_some()
    }

    /// The time that a provider asks to wait, within what the configuration allows.
    fn asked_us(&self, ended: &Ended, now: Now) -> Option<u64> {
        let cooling = &self.catalogue.resilience.cooling;
        let (least, most) = (cooling.min.as_micros(), cooling.max.as_micros());
        let asked = ended.retry_after.map(|asked| asked.micros(now));
        asked.map(|micros| micros.clamp(least, most.max(least)))
    }

    /// Until when an outcome keeps calls away, and why.
    fn cool(&self, effect: Effect, outcome: &Outcome<'_>) -> Option<(u64, Cause)> {
        let cooling = &self.catalogue.resilience.cooling;
        let asked = self.asked_us(outcome.ended, outcome.now);
        let (micros, cause) = match (effect, outcome.ended.outcome) {
            (Effect::Cools, _) => {
                let default = cooling.rate_limited.as_micros();
                (asked.unwrap_or(default), Cause::RateLimited)
            }
            (Effect::CoolsCredential, AttemptOutcome::QuotaExhausted) => {
                let long = cooling.quota_exhausted.as_micros();
                (asked.unwrap_or(0).max(long), Cause::QuotaExhausted)
            }
            (Effect::CoolsCredential, _) => {
                let long = cooling.unauthorized.as_micros();
                (asked.unwrap_or(0).max(long), Cause::Unauthorized)
            }
            (Effect::CoolsTarget, _) => {
                let long = cooling.model_not_found.as_micros();
                (long, Cause::ModelNotFound)
            }
            // An overloaded server that says how long.
            (Effect::Fails, AttemptOutcome::ServerError) => (asked?, Cause::RateLimited),
            (Effect::Fails | Effect::Nothing | Effect::Succeeds, _) => return None,
        };
        Some((outcome.now.monotonic_us.saturating_add(micros), cause))
    }

    fn pace(&self, outcome: &Outcome<'_>) -> Option<Pace> {
        let entry = self.catalogue.models.get(outcome.model.index())?;
        let expected = Pace {
            first_token_us: entry.first_token_us as f32,
            per_token_us: entry.per_token_us as f32,
        };
        let ended = outcome.ended;
        Pace::of(
            ended.usage,
            ended.first_token_us,
            ended.latency_us,
            expected,
        )
    }
}
