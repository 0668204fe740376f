//! The run: one state machine over a plan, from its first call to an answer or one error.
//!
//! A host asks [`Run::next`] what to do, does it, and tells what came of it. The machine keeps the
//! order, the deadline, the cost cap, the permitted set and the fleet's retry budget; it reads no
//! clock and calls nothing, so that a test drives it through a day in a millisecond.
//!
//! After a failure: another deployment of the model, the next model of the plan, then those that
//! failed for a passing reason, after a pause. First attempts are free; every attempt after a
//! failure, and every call beside a slow one, takes from the retry budget that all runs share.
//! With a cascade an answer is judged before it counts, and the next escalation is called until one
//! is accepted; when none is, the best answer stands, marked as not accepted.
//!
//! What it refuses: a target twice without cause, a model that may not see the request, another
//! model after a stream has begun (unless the caller wants it), a step that could cost more than is
//! left, and anything after the deadline. Every call holds a permit of the [`Fleet`]; dropping a run
//! gives all of them back.
//!
//! Cost: a run allocates its plan and its log, a few hundred bytes; one step is a claim.

mod accept;
mod call;
mod choose;
mod claim;
mod costs;
mod log;
mod outcome;
mod state;
mod steps;

use std::fmt;
use std::sync::Arc;

use crate::attempt::AttemptOutcome;
use crate::catalogue::{Catalogue, ModelId, RouteId};
use crate::config::{Cascade, ConfidenceSource, OnContentRefused, WhenAllOpen};
use crate::decision::{Decision, Outcome, Planned};
use crate::health::Ended;
use crate::host::{Now, View};
use crate::judge::Judged;
use crate::live::Fleet;

pub use call::{
    Call, Ending, Next, OwnedCaller, Purpose, RunError, RunErrorCode, RunOptions, Wants, Why,
};
pub use costs::Costs;
pub use log::{LogLine, Skipped};

use accept::Answered;
use state::{Cause, Flight, Phase};
use steps::Step;

/// One run of a decision's plan.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use fastroute_core::config::{self, Format, NoFiles, Source};
/// use fastroute_core::{
///     AttemptOutcome, DEFAULT_CONFIG, Ended, Judged, Live, Next, Now, OwnedCaller, Request, Run,
///     RunOptions, Snapshot, Step, View, Workspace, decide,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let source = Source { name: "default.yaml", text: DEFAULT_CONFIG, format: Format::Yaml };
/// let snapshot = Arc::new(Snapshot::build(&config::load(&source, &NoFiles)?, None)?);
/// let now = Now::default();
/// let fleet = Live::new().bind(&snapshot, now);
/// let request = Request::text("Translate this sentence into French: good morning");
/// let step = decide(&snapshot, &request, &View::healthy(), now, 0, &mut Workspace::new())?;
/// let Step::Decided(decision) = step else { panic!("the embedded default asks no meta-LLM") };
///
/// let caller = OwnedCaller::default();
/// let mut run = Run::start(&fleet, &decision, caller, RunOptions::default(), now);
/// let Next::Call(call) = run.next(now) else { panic!("a first call is free") };
/// assert_eq!(Some(call.model), decision.model_id());
/// // … the host calls the model, and tells what came of it:
/// let later = Now { monotonic_us: 900_000, ..now };
/// let ended = Ended::new(AttemptOutcome::Success, 900_000);
/// run.ended(call.attempt, ended, Judged::default(), later);
/// let Next::Done(ending) = run.next(later) else { panic!("an answer ends a run") };
/// assert_eq!(ending.answer, Some(0));
/// # Ok(())
/// # }
/// ```
pub struct Run {
    fleet: Fleet,
    catalogue: Arc<Catalogue>,
    caller: OwnedCaller,
    options: RunOptions,
    route: Option<RouteId>,
    /// The models of the plan, permitted ones only.
    plan: Vec<Planned>,
    verifier: Option<ModelId>,
    /// Whether answers are judged: a route's cascade does not hold for every decision of the route.
    is_cascade: bool,
    deadline_us: u64,
    steps: Vec<Step>,
    phase: Phase,
    /// No call is chosen before this.
    pause_until_us: u64,
    /// Claims in a row that were told to wait.
    queued: u32,
    /// Steps of earlier places of the plan are out: their answers were not accepted.
    floor: usize,
    /// Place in the plan of the model that was called last.
    at: usize,
    /// Models whose window is no larger than this are out.
    outgrown_window: u32,
    flights: Vec<Flight>,
    lines: Vec<LogLine>,
    /// Answers that were judged.
    answers: Vec<Answered>,
    /// Answers of the running step that wait for its other samples.
    samples: Vec<Answered>,
    attempts: u8,
    /// The first attempt, those after failures and those beside slow ones.
    tries: u32,
    hedges: u32,
    is_hedging_over: bool,
    has_ignored_health: bool,
    /// A call of the step said that the run is over; it is when the others have ended.
    stop: Option<RunErrorCode>,
    last_failure: Option<AttemptOutcome>,
    draws: u64,
    view: View,
    seen: Now,
}

impl Run {
    /// Starts the run of a decision.
    ///
    /// `fleet` must be bound to the decision's revision, because models are numbered by it; a run
    /// of another revision ends at once with `LOCAL_ERROR`. A decision without a plan ends at once
    /// with `NO_MODEL_AVAILABLE` or `OVER_BUDGET`.
    #[must_use]
    pub fn start(
        fleet: &Fleet,
        decision: &Decision,
        caller: OwnedCaller,
        options: RunOptions,
        now: Now,
    ) -> Self {
        let catalogue = Arc::clone(decision.catalogue());
        let whole_us = catalogue.resilience.deadline.as_micros();
        let whole_us = options.deadline_us.map_or(whole_us, |us| us.min(whole_us));
        let left_us = whole_us.saturating_sub(options.asked_us);
        let permitted = |planned: &&Planned| decision.permits(planned.model);
        let plan: Vec<Planned> = decision.plan().iter().filter(permitted).copied().collect();
        let mut run = Self {
            fleet: fleet.clone(),
            steps: steps::of_plan(&catalogue, &plan),
            route: decision.route_id(),
            verifier: None,
            is_cascade: decision.cascade().is_some(),
            deadline_us: now.monotonic_us.saturating_add(left_us),
            phase: Phase::Choosing(Cause::First),
            pause_until_us: 0,
            queued: 0,
            floor: 0,
            at: 0,
            outgrown_window: 0,
            flights: Vec::new(),
            lines: Vec::new(),
            answers: Vec::new(),
            samples: Vec::new(),
            attempts: 0,
            tries: 0,
            hedges: 0,
            is_hedging_over: false,
            has_ignored_health: false,
            stop: None,
            last_failure: None,
            draws: options.seed,
            view: View::healthy(),
            seen: now,
            catalogue,
            caller,
            options,
            plan,
        };
        for planned in decision.plan() {
            if !decision.permits(planned.model) {
                run.log_skip(
                    planned.model,
                    planned.deployment,
                    Why::Fallback,
                    Skipped::NotPermitted,
                );
            }
        }
        run.verifier = run
            .verifier_name()
            .and_then(|name| run.catalogue.model_named(name))
            .filter(|model| decision.permits(*model));
        if fleet.catalogue().revision != run.catalogue.revision {
            run.finish(RunErrorCode::LocalError);
        } else if run.plan.is_empty() {
            run.finish(if decision.outcome() == Outcome::OverBudget {
                RunErrorCode::OverBudget
            } else {
                RunErrorCode::NoModelAvailable
            });
        }
        run
    }

    /// Says what to do. Asking again changes nothing until time passes or something is told.
    pub fn next(&mut self, now: Now) -> Next {
        self.seen = now;
        loop {
            if now.monotonic_us >= self.deadline_us && !self.is_done() {
                self.finish(RunErrorCode::DeadlineExceeded);
            }
            let call = match &self.phase {
                Phase::Done(ending) => return Next::Done(ending.clone()),
                Phase::Choosing(_) if now.monotonic_us < self.pause_until_us => {
                    return self.wait(self.pause_until_us);
                }
                Phase::Choosing(cause) => self.choose(*cause, now),
                Phase::Sampling { step, left } => self.sample(*step, *left, now),
                Phase::Verifying { of } => self.verify(*of, now),
                Phase::Calling => match self.hedge_due_us() {
                    Some(due_us) if now.monotonic_us >= due_us => self.hedge(now),
                    due_us => return self.wait(due_us.unwrap_or(u64::MAX)),
                },
            };
            if let Some(call) = call {
                return Next::Call(call);
            }
        }
    }

    /// Tells that the first byte of an answer came. Returns the attempts to cancel.
    ///
    /// Of calls side by side the first that begins wins, if its pieces are passed on. An attempt
    /// that has lost or that nobody knows is told to be cancelled itself.
    #[must_use = "attempts that lost go on until the host cancels them"]
    pub fn began(&mut self, attempt: u8, now: Now) -> Vec<u8> {
        self.seen = now;
        let Some(place) = self.place_of(attempt) else {
            return vec![attempt];
        };
        let flight = &mut self.flights[place];
        flight.has_begun = true;
        if flight.is_passed_on {
            self.give_up_others(Some(attempt))
        } else {
            Vec::new()
        }
    }

    /// Tells how a call ended. Returns the attempts to cancel: those whose answer came too late.
    ///
    /// `Cancelled` means that the caller gave up, and ends the run; of an attempt that the host was
    /// told to cancel nothing has to be told.
    /// What is told of an attempt that has ended or was given up is ignored.
    pub fn ended(&mut self, attempt: u8, ended: Ended, judged: Judged, now: Now) -> Vec<u8> {
        self.seen = now;
        self.take_outcome(attempt, ended, judged, now)
    }

    /// Gives the run up: everything under way is to be cancelled.
    pub fn cancel(&mut self, now: Now) {
        self.seen = now;
        if !self.is_done() {
            self.finish(RunErrorCode::Cancelled);
        }
    }

    /// Returns the lines so far: attempts and steps that were passed over, in order.
    #[must_use]
    pub fn log(&self) -> &[LogLine] {
        &self.lines
    }

    /// Returns what it has cost so far; calls under way count when they have ended.
    #[must_use]
    pub fn costs(&self) -> Costs {
        let answer = match &self.phase {
            Phase::Done(ending) => ending.answer,
            _ => None,
        };
        Costs::of(
            &self.lines,
            answer,
            self.options.spent_nano,
            &self.catalogue,
        )
    }

    /// Returns the monotonic time at which it ends, come what may.
    #[must_use]
    pub const fn deadline_us(&self) -> u64 {
        self.deadline_us
    }

    fn wait(&self, until_us: u64) -> Next {
        Next::Wait {
            until_us: until_us.min(self.deadline_us),
        }
    }

    const fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done(_))
    }

    fn cascade(&self) -> Option<&Cascade> {
        let route = self.catalogue.routes.get(self.route?.index())?;
        route.cascade.as_ref().filter(|_| self.is_cascade)
    }

    fn verifier_name(&self) -> Option<&str> {
        let confidence = self.cascade()?.accept.answer_confidence.as_ref()?;
        let name = confidence.model.as_deref();
        name.filter(|_| confidence.from == ConfidenceSource::Verifier)
    }

    fn when_all_open(&self) -> WhenAllOpen {
        let route = self
            .route
            .and_then(|route| self.catalogue.routes.get(route.index()));
        route.map_or(self.catalogue.resilience.when_all_open, |route| {
            route.when_all_open
        })
    }

    fn on_content_refused(&self) -> OnContentRefused {
        let route = self
            .route
            .and_then(|route| self.catalogue.routes.get(route.index()));
        route.map_or(OnContentRefused::default(), |route| {
            route.on_content_refused
        })
    }

    fn place_of(&self, attempt: u8) -> Option<usize> {
        self.flights
            .iter()
            .position(|flight| flight.attempt == attempt)
    }

    /// A number from the seed, by `SplitMix64` (Steele, Lea and Flood 2014).
    fn draw(&mut self) -> u64 {
        self.draws = self.draws.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.draws;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Drop for Run {
    /// Gives every permit back, whatever ended the host's task.
    fn drop(&mut self) {
        self.give_up_others(None);
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("phase", &self.phase)
            .field("attempts", &self.attempts)
            .field("under_way", &self.flights.len())
            .finish_non_exhaustive()
    }
}
