//! The configuration that serves, those that did, and how one takes the place of another.
//!
//! A request reads one pointer and keeps what it points to until it is decided, so it sees one revision
//! whole. Everything else happens beside it, on threads of low priority: a configuration is loaded, compared,
//! compiled and tested (see `build`), then swapped in by that one pointer, then written down (see `store`).
//! What is refused changes the status and nothing else.
//!
//! One configuration is built at a time. Two compiled ones live: the one that serves and the one before it, to
//! which going back costs no build; others are kept as bytes.
//!
//! A revision that a call asked for is pinned: it holds, also over a restart when there is a state
//! directory, until the file's content is not what it was then, or a reload from the file is asked for.
//!
//! A configuration is never fetched over a network and carries no signature: whoever may write the file or
//! call the admin service decides what serves.

mod background;
mod build;
mod document;
mod files;
mod removed;
mod start;
mod status;
mod store;
mod swap;
mod watch;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use arc_swap::{ArcSwap, Guard};
use fastroute_core::Live;
use tokio_util::sync::CancellationToken;
use tonic::Code;

use crate::host::Clock;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::start_error::StartError;

use build::{Comparison, Draft};
use document::Seen;
use store::Store;

pub use files::{Beside, read_file};
pub use status::{Active, Cause, Refused, ReloadFrom, Retained, Sizes, Status, Swapped, Verdict};

/// Fewest digits by which a revision is named.
const FEWEST_DIGITS: usize = 8;

/// When a call that met another build may try again.
const BUSY_FOR: Duration = Duration::from_secs(1);

/// The configuration that serves, and those that did.
pub struct Revisions {
    active: ArcSwap<Active>,
    config: Option<PathBuf>,
    max_removed: f64,
    live: Live,
    clock: Clock,
    metrics: Arc<Metrics>,
    /// Held while a configuration is built that may come to serve. Taken before the others.
    building: Mutex<()>,
    /// Held while an older one is built for one call; the last of them, if a call still has it.
    older: Mutex<Weak<Active>>,
    /// Taken before `record` by whoever swaps, so that the disk follows in the order of the swaps.
    store: Mutex<Store>,
    /// Never held over a build or a write.
    record: Mutex<Record>,
}

/// What changes with each attempt.
struct Record {
    previous: Option<Arc<Active>>,
    /// The document that serves, as hashes.
    active_seen: Seen,
    /// The file as it was tried last.
    file_seen: Seen,
    is_pinned: bool,
    last_refused: Option<Refused>,
    stale_since: Option<SystemTime>,
    activations: u64,
    refusals: u64,
    retained: Vec<Retained>,
}

impl Revisions {
    /// Loads, builds and tests what serves first: what was pinned, else the file, else the last good one.
    ///
    /// Blocks for as long as a build takes.
    ///
    /// # Errors
    ///
    /// A file that is refused, when no revision that served before can, or `require_config` is set;
    /// `INVALID_STATE_DIR`.
    pub fn start(settings: &Settings, metrics: Arc<Metrics>) -> Result<Arc<Self>, StartError> {
        start::start(settings, metrics).map(Arc::new)
    }

    /// Returns the live state of all models, which outlives every configuration.
    #[must_use]
    pub const fn live(&self) -> &Live {
        &self.live
    }

    /// Returns the clock that live state runs on.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns what served before, if it is still compiled and is of that revision.
    pub(crate) fn before(&self, revision: &[u8]) -> Option<Arc<Active>> {
        let previous = lock(&self.record).previous.clone()?;
        let bytes = previous.snapshot.revision().as_bytes();
        bytes.starts_with(revision).then_some(previous)
    }

    /// Returns what serves; costs one load of a pointer.
    pub fn active(&self) -> Guard<Arc<Active>> {
        self.active.load()
    }

    /// Gives the state directory away, so that the next server can have it; what is activated later is kept in memory.
    pub(crate) fn close(&self) {
        lock(&self.store).close();
    }

    /// Returns a retained revision by all of its digits, or by the first eight or more.
    ///
    /// One that is neither active nor the one before is built for this call and those that ask meanwhile.
    ///
    /// # Errors
    ///
    /// `UNKNOWN_REVISION`; `BUSY` while another one is built for a call.
    pub async fn named(self: &Arc<Self>, revision: &str) -> Result<Arc<Active>, Refusal> {
        let active = self.active.load_full();
        if *active.revision == *revision {
            return Ok(active);
        }
        let revision = self.resolve(revision)?;
        if let Some(compiled) = self.compiled(&revision) {
            return Ok(compiled);
        }
        // Whoever meets another build is told so before a thread is made for it.
        drop(try_lock(&self.older)?);
        let this = Arc::clone(self);
        background::run(move || this.build_older(&revision)).await?
    }

    /// Serves the configuration of the file as it stands now, or of a text.
    ///
    /// Returns when it serves. `force` accepts one that lacks most of what serves; `by` is who asked.
    ///
    /// # Errors
    ///
    /// A refused configuration, under the codes of [`Refused`]; `BUSY` when a call meets another build;
    /// `SUPERSEDED` when another revision was activated meanwhile.
    pub async fn reload(
        self: &Arc<Self>,
        from: ReloadFrom,
        force: bool,
        cause: Cause,
        by: &str,
    ) -> Result<Swapped, Refusal> {
        let (this, by) = (Arc::clone(self), by.to_owned());
        background::run(move || {
            let building = match cause {
                // Nobody could try again on behalf of a signal.
                Cause::Signal => lock(&this.building),
                _ => this.try_building()?,
            };
            background::yield_to_requests();
            let swapped = this.reload_here(from, force, cause, &by);
            drop(building);
            swapped
        })
        .await?
    }

    /// Loads, builds and tests a configuration without serving it.
    ///
    /// # Errors
    ///
    /// `BUSY` while another one is built; defects are in the verdict.
    pub async fn validate(self: &Arc<Self>, from: ReloadFrom) -> Result<Verdict, Refusal> {
        let this = Arc::clone(self);
        background::run(move || {
            let _building = this.try_building()?;
            background::yield_to_requests();
            let active = this.active.load_full();
            let comparison = Comparison {
                active: Some(&active),
                max_removed: Some(this.max_removed),
            };
            let built = this
                .draft(&from)
                .and_then(|draft| draft.build(&comparison).1);
            Ok(match built {
                Ok(built) => Verdict {
                    revision: Some(built.snapshot.revision().to_string()),
                    issues: built.snapshot.warnings().to_vec(),
                    omitted: 0,
                    code: None,
                },
                Err(rejected) => Verdict {
                    revision: None,
                    issues: rejected.issues,
                    omitted: rejected.omitted,
                    code: Some(rejected.code),
                },
            })
        })
        .await?
    }

    /// Lists the retained revisions, newest activation first.
    #[must_use]
    pub fn list(&self) -> Vec<Retained> {
        lock(&self.record).retained.clone()
    }

    /// Serves a retained revision again, by all of its digits, or by the first eight or more.
    ///
    /// The one before is compiled, so going back to it costs a swap. Returns when that is written down, too: with a
    /// state directory it serves before the disk has it.
    ///
    /// # Errors
    ///
    /// `UNKNOWN_REVISION`; `BUSY` when it must be built and another one is; `SUPERSEDED`.
    pub async fn activate(self: &Arc<Self>, prefix: &str, by: &str) -> Result<Swapped, Refusal> {
        let revision = self.resolve(prefix)?;
        let (this, by) = (Arc::clone(self), by.to_owned());
        background::run(move || this.activate_here(&revision, &by)).await?
    }

    /// Returns the state of configuration.
    #[must_use]
    pub fn status(&self) -> Status {
        let record = lock(&self.record);
        Status {
            active: self.active.load_full(),
            last_refused: record.last_refused.clone(),
            stale_since: record.stale_since,
            is_pinned: record.is_pinned,
            activations: record.activations,
            refusals: record.refusals,
        }
    }

    /// Watches the file and those that it names, on a thread of its own, until it is stopped.
    ///
    /// Does nothing for the embedded default.
    pub fn watch(self: &Arc<Self>, stop: CancellationToken) {
        watch::spawn(self, stop);
    }

    fn try_building(&self) -> Result<MutexGuard<'_, ()>, Refusal> {
        try_lock(&self.building)
    }

    fn draft(&self, from: &ReloadFrom) -> Result<Draft, build::Rejected> {
        match (from, &self.config) {
            (ReloadFrom::File, Some(path)) => Draft::open(path),
            (ReloadFrom::File, None) => Ok(Draft::embedded()),
            (ReloadFrom::Text { content, format }, config) => {
                Ok(Draft::given(content, *format, config.as_deref()))
            }
        }
    }

    /// The retained revision that some digits name.
    fn resolve(&self, digits: &str) -> Result<String, Refusal> {
        let is_name = digits.len() >= FEWEST_DIGITS
            && digits.len() <= 64
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let unknown = |message| Refusal::new("UNKNOWN_REVISION", Code::NotFound, message);
        if !is_name {
            let message =
                format!("a revision is named by `{FEWEST_DIGITS}` hexadecimal digits or more");
            return Err(unknown(message));
        }
        let digits = digits.to_ascii_lowercase();
        let record = lock(&self.record);
        let mut found = record
            .retained
            .iter()
            .filter(|kept| kept.revision.starts_with(&digits));
        match (found.next(), found.next()) {
            (Some(kept), None) => Ok(kept.revision.clone()),
            (None, _) => Err(unknown(format!(
                "no retained revision begins with `{digits}`"
            ))),
            (Some(_), Some(_)) => Err(unknown(format!(
                "several retained revisions begin with `{digits}`"
            ))),
        }
    }

    /// The revision, if it is one of the two that are compiled.
    fn compiled(&self, revision: &str) -> Option<Arc<Active>> {
        let previous = lock(&self.record).previous.clone();
        let active = self.active.load_full();
        [Some(active), previous]
            .into_iter()
            .flatten()
            .find(|compiled| *compiled.revision == *revision)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn try_lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Refusal> {
    use std::sync::TryLockError::{Poisoned, WouldBlock};
    match mutex.try_lock() {
        Ok(guard) => Ok(guard),
        Err(Poisoned(poisoned)) => Ok(poisoned.into_inner()),
        Err(WouldBlock) => Err(Refusal::new(
            "BUSY",
            Code::ResourceExhausted,
            "another configuration is being built",
        )
        .with_retry_after(BUSY_FOR)),
    }
}

impl std::fmt::Debug for Revisions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revisions")
            .field("active", &self.active.load().revision)
            .finish_non_exhaustive()
    }
}
