//! Counts what the server does, for Prometheus: calls, decisions, configurations, connections.
//!
//! Counting takes no lock on the steady path. Labels that are known when the program is built (method,
//! code, status) are found by address in a table that is replaced when a new pair of them appears;
//! names of a configuration (route, model) are found by the small integers of a decision in a table
//! for each revision. Both together cost a call some 70 ns of a processor, with one thread and with two;
//! `what_counting_costs` in `tests/metrics.rs` prints the figure.
//!
//! Labels are names of the program and of configurations that served, never anything that a caller
//! sends, so a caller cannot make series. Names that the last eight revisions lack are forgotten.

mod exposition;
mod histogram;
mod live;
mod names;
pub mod process;
mod series;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use fastroute_core::{Catalogue, Decision, Live, Reason};
use prometheus_client::registry::Registry;

use crate::host::Clock;
use histogram::Histogram;
use names::Names;
use series::Series;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Pairs of model and outcome that attempts are counted under; more count as the model `other`.
const MAX_ATTEMPT_SERIES: usize = 4096;

/// Where a call came in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Door {
    /// The admin listener.
    Admin,
    /// The gRPC listeners.
    Grpc,
    /// The HTTP listener.
    Http,
}

impl Door {
    /// Returns the name in labels and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Grpc => "grpc",
            Self::Http => "http",
        }
    }
}

/// A number of things that are there now.
#[derive(Debug, Default)]
pub struct Level(AtomicI64);

impl Level {
    /// One more is there.
    pub fn rise(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// One fewer is there.
    pub fn fall(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// Returns how many are there.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.0.load(Relaxed)).unwrap_or(0)
    }
}

/// What one server counts; shared by all of its parts.
#[derive(Debug)]
pub struct Metrics {
    /// Connections that are open.
    pub connections: Level,
    /// Requests that are being answered.
    pub in_flight: Level,
    activations: AtomicU64,
    attempts: Mutex<BTreeMap<(Box<str>, &'static str), u64>>,
    calls: Series<3, Call>,
    configuration: Mutex<Configuration>,
    connections_refused: Series<1, AtomicU64>,
    secrets_refused: Series<1, AtomicU64>,
    decisions: [[AtomicU64; Reason::CODES.len()]; 4],
    handshakes_failed: AtomicU64,
    is_draining: AtomicBool,
    live: OnceLock<(Live, Clock)>,
    meta_llm_calls: Series<1, AtomicU64>,
    meta_llm_nano: AtomicU64,
    names: Names,
    refusals: Series<1, AtomicU64>,
    registry: Registry,
    reports: Series<1, AtomicU64>,
    seconds: Series<2, Arc<Histogram>>,
    transitions: Series<2, AtomicU64>,
}

#[derive(Debug)]
struct Call {
    count: AtomicU64,
    seconds: Arc<Histogram>,
}

#[derive(Debug, Default)]
struct Configuration {
    activated: Option<f64>,
    revision: Box<str>,
    stale_since: Option<SystemTime>,
}

impl Metrics {
    /// Counts from nothing.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new_cyclic(|metrics| Self {
            connections: Level::default(),
            in_flight: Level::default(),
            activations: AtomicU64::default(),
            attempts: Mutex::default(),
            calls: Series::default(),
            configuration: Mutex::default(),
            connections_refused: Series::default(),
            secrets_refused: Series::default(),
            decisions: Default::default(),
            handshakes_failed: AtomicU64::default(),
            is_draining: AtomicBool::default(),
            live: OnceLock::new(),
            meta_llm_calls: Series::default(),
            meta_llm_nano: AtomicU64::default(),
            names: Names::default(),
            refusals: Series::default(),
            registry: exposition::registry(metrics.clone()),
            reports: Series::default(),
            seconds: Series::default(),
            transitions: Series::default(),
        })
    }

    /// Counts a call that was answered: `code` is `OK` or that of its refusal.
    pub fn finished(&self, door: Door, method: &'static str, code: &'static str, took: Duration) {
        let make = || Call {
            count: AtomicU64::default(),
            seconds: self
                .seconds
                .with([door.as_str(), method], Default::default, Arc::clone),
        };
        self.calls
            .with([door.as_str(), method, code], make, |call| {
                call.count.fetch_add(1, Relaxed);
                call.seconds.observe(took);
            });
    }

    /// Counts a decision, by outcome and reason, by route, and by the primary model.
    pub fn decided(&self, decision: &Decision) {
        let outcome = decision.outcome() as usize;
        let reason = usize::from(decision.reason().index());
        if let Some(count) = self.decisions.get(outcome).and_then(|row| row.get(reason)) {
            count.fetch_add(1, Relaxed);
        }
        self.names.count(decision);
    }

    /// Makes the series of a configuration's routes and models, at zero, before anything is counted under them.
    pub fn prepare(&self, catalogue: &Catalogue) {
        self.names.learn(catalogue);
    }

    /// Tells that a configuration serves since `unix`, in seconds of Unix time.
    pub fn config_activated(&self, revision: &str, unix: f64) {
        self.activations.fetch_add(1, Relaxed);
        let mut configuration = lock(&self.configuration);
        configuration.activated = Some(unix);
        configuration.revision = revision.into();
    }

    /// Counts a configuration that was refused, by the code of its refusal.
    pub fn config_refused(&self, code: &'static str) {
        self.refusals.count([code]);
    }

    /// Tells since when what serves is not what the file says; none when it is.
    pub fn stale_since(&self, since: Option<SystemTime>) {
        lock(&self.configuration).stale_since = since;
    }

    /// Counts a connection that was closed for its peer's sake or the server's limits, by the reason.
    pub fn connection_refused(&self, reason: &'static str) {
        self.connections_refused.count([reason]);
    }

    /// Counts a file that was read again and refused: of `callers`, or of `tls`.
    pub fn secrets_refused(&self, which: &'static str) {
        self.secrets_refused.count([which]);
    }

    /// Counts a TLS handshake that failed or took too long.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Relaxed);
    }

    /// Counts a report, by what became of it.
    pub fn report(&self, status: &'static str) {
        self.reports.count([status]);
    }

    /// Counts an attempt that a report tells of. `model` must be a name of a configuration, not of a caller.
    pub fn attempt(&self, model: &str, outcome: &'static str) {
        let mut attempts = lock(&self.attempts);
        let mut key = (model.into(), outcome);
        if attempts.len() >= MAX_ATTEMPT_SERIES && !attempts.contains_key(&key) {
            key.0 = "other".into();
        }
        *attempts.entry(key).or_default() += 1;
    }

    /// Counts a call to the meta-LLM's model, by what became of it, and its cost in nano-dollars.
    pub fn asked(&self, outcome: &'static str, cost_nano: u64) {
        self.meta_llm_calls.count([outcome]);
        self.meta_llm_nano.fetch_add(cost_nano, Relaxed);
    }

    /// Counts a change of a breaker's state, by the new state and the cause.
    pub fn transition(&self, to: &'static str, cause: &'static str) {
        self.transitions.count([to, cause]);
    }

    /// Reads this live state, on this clock, whenever figures are written; the first one counts.
    pub fn watch(&self, live: Live, clock: Clock) {
        let _ = self.live.set((live, clock));
    }

    /// Tells that the server finishes what it has and takes no more.
    pub fn draining(&self) {
        self.is_draining.store(true, Relaxed);
    }

    /// Whether the server finishes what it has and takes no more.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Relaxed)
    }

    /// Writes everything as OpenMetrics text.
    #[must_use]
    pub fn encode(&self) -> String {
        exposition::text(&self.registry)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
