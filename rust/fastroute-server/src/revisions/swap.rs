//! Swaps a built configuration in, or notes why one was refused: one log event for either.
//!
//! Events name the revision, the cause, who asked and the code; never what a configuration says.
//! The pointer is swapped before anything is written down, because an accepted configuration shall serve
//! even when the disk is full; calls return when both are done.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use fastroute_core::config::Severity;
use fastroute_core::{Fleet, Live, Snapshot};
use tonic::Code;

use super::background::yield_to_requests;
use super::build::{Built, Comparison, Draft, Rejected};
use super::document::{Document, Seen};
use super::status::{Active, Cause, Refused, ReloadFrom, Swapped};
use super::store::{Activation, Store};
use super::{Record, Revisions, lock, try_lock};
use crate::refusal::Refusal;

/// Defects that a refusal carries; the status has all of them.
const MOST_VIOLATIONS: usize = 10;

/// Who asked for a revision, and how.
#[derive(Clone, Copy)]
struct Asked<'a> {
    cause: Cause,
    by: &'a str,
    /// Whether it holds until the file changes.
    is_pin: bool,
}

/// What shall serve, and what is known of its text and of the file.
struct Next {
    active: Arc<Active>,
    document_seen: Seen,
    file: Seen,
}

impl Revisions {
    /// Builds and swaps; the caller holds `building`.
    pub(super) fn reload_here(
        &self,
        from: ReloadFrom,
        force: bool,
        cause: Cause,
        by: &str,
    ) -> Result<Swapped, Refusal> {
        let base = self.active.load_full();
        let comparison = Comparison {
            active: Some(&base),
            max_removed: (!force).then_some(self.max_removed),
        };
        let is_file = matches!(from, ReloadFrom::File);
        let (seen, built) = match self.draft(&from) {
            Ok(draft) => {
                let (seen, built) = draft.build(&comparison);
                (Some(seen), built)
            }
            Err(rejected) => (None, Err(rejected)),
        };
        let file = is_file.then(|| self.file_seen(seen, built.is_ok()));
        let asked = Asked {
            cause,
            by,
            is_pin: !is_file,
        };
        match built {
            Ok(built) => self.commit(built, &base, asked, file),
            Err(rejected) => Err(self.refuse(rejected, cause, by, file)),
        }
    }

    /// Serves a retained revision.
    pub(super) fn activate_here(&self, revision: &str, by: &str) -> Result<Swapped, Refusal> {
        let asked = Asked {
            cause: Cause::Activate,
            by,
            is_pin: true,
        };
        if let Some(compiled) = self.compiled(revision) {
            return Ok(self.swap_compiled(&compiled, asked));
        }
        let building = try_lock(&self.building)?;
        yield_to_requests();
        let base = self.active.load_full();
        let document = lock(&self.store).document(revision);
        let document = document.ok_or_else(|| damaged(revision))?;
        let comparison = Comparison {
            active: Some(&base),
            max_removed: None,
        };
        let swapped = match Draft::kept(document).build(&comparison).1 {
            Ok(built) => self.commit(built, &base, asked, None),
            Err(rejected) => Err(self.refuse(rejected, asked.cause, by, None)),
        };
        drop(building);
        swapped
    }

    /// Builds a retained revision that does not serve, for one call.
    pub(super) fn build_older(&self, revision: &str) -> Result<Arc<Active>, Refusal> {
        let mut older = try_lock(&self.older)?;
        if let Some(same) = older.upgrade().filter(|older| *older.revision == *revision) {
            return Ok(same);
        }
        yield_to_requests();
        let document = lock(&self.store).document(revision);
        let document = document.ok_or_else(|| damaged(revision))?;
        let active = self.active.load_full();
        let comparison = Comparison {
            active: Some(&active),
            max_removed: None,
        };
        let built = Draft::kept(document).build(&comparison).1;
        let built = built.map_err(|rejected| refusal(&rejected))?;
        // An engine of another version gives the same configuration another revision.
        if built.snapshot.revision().to_string() != revision {
            return Err(damaged(revision));
        }
        let kept = self
            .list()
            .into_iter()
            .find(|kept| kept.revision == revision);
        let (since, cause, by) = match &kept {
            Some(kept) => (kept.activated_at, kept.cause, &*kept.by),
            None => (SystemTime::now(), Cause::Activate, ""),
        };
        self.metrics.prepare(built.snapshot.catalogue());
        // It decides on a live state of its own: what serves must not lose its health to a call that looks back.
        let fleet = Live::new().bind(&built.snapshot, self.clock.now());
        let (built, _) = active_of(built, fleet, since, cause, by);
        *older = Arc::downgrade(&built);
        Ok(built)
    }

    /// What is known of the file after it was tried: its content, and that of all files that may matter.
    fn file_seen(&self, seen: Option<Seen>, is_accepted: bool) -> Seen {
        let known = lock(&self.record).file_seen.clone();
        match seen {
            Some(seen) if is_accepted => seen,
            Some(seen) => seen.with_files_of(&known.again(self.config.as_deref())),
            None => known.again(self.config.as_deref()),
        }
    }

    fn commit(
        &self,
        built: Built,
        base: &Arc<Active>,
        asked: Asked<'_>,
        file: Option<Seen>,
    ) -> Result<Swapped, Refusal> {
        let document_seen = Seen::of(&built.document);
        self.metrics.prepare(built.snapshot.catalogue());
        let file = file.unwrap_or_else(|| self.file_now());
        let mut store = lock(&self.store);
        if !Arc::ptr_eq(base, &self.active.load()) {
            return Err(superseded(&self.active.load().revision));
        }
        let fleet = self.bind(&built.snapshot, base);
        let (active, document) = active_of(built, fleet, SystemTime::now(), asked.cause, asked.by);
        let next = Next {
            active,
            document_seen,
            file,
        };
        Ok(self.place(&mut store, next, asked, Some(&document)))
    }

    fn swap_compiled(&self, compiled: &Active, asked: Asked<'_>) -> Swapped {
        let file = self.file_now();
        let mut store = lock(&self.store);
        let active = Arc::new(Active {
            snapshot: Arc::clone(&compiled.snapshot),
            fleet: self.bind(&compiled.snapshot, &self.active.load()),
            revision: compiled.revision.clone(),
            since: SystemTime::now(),
            cause: asked.cause,
            by: asked.by.into(),
            source_bytes: compiled.source_bytes,
            build_time: compiled.build_time,
            sizes: compiled.sizes,
            names: Arc::clone(&compiled.names),
        });
        let next = Next {
            document_seen: store.seen(&active.revision).unwrap_or_default(),
            active,
            file,
        };
        self.place(&mut store, next, asked, None)
    }

    /// Binds the live state to a snapshot that is about to serve; the caller holds `store`, so that no other one is bound meanwhile.
    fn bind(&self, snapshot: &Snapshot, base: &Active) -> Fleet {
        if snapshot.revision() == base.snapshot.revision() {
            return base.fleet.clone();
        }
        self.live.bind(snapshot, self.clock.now())
    }

    /// Swaps, then writes down; with the document when the store may not have it.
    fn place(
        &self,
        store: &mut Store,
        next: Next,
        asked: Asked<'_>,
        document: Option<&Document>,
    ) -> Swapped {
        let Next {
            active: next,
            document_seen,
            file,
        } = next;
        let base = self.active.load_full();
        let activation = Activation {
            at: next.since,
            cause: asked.cause,
            by: asked.by.into(),
            pin: asked.is_pin.then(|| file.clone()),
        };
        let is_new = next.revision != base.revision;
        let replaced = {
            let mut record = lock(&self.record);
            let replaced = is_new.then(|| self.swap(&mut record, Arc::clone(&next)));
            record.active_seen = document_seen;
            record.file_seen = file;
            record.is_pinned = asked.is_pin;
            record.last_refused = None;
            self.note_stale(&mut record);
            replaced
        };
        // Freeing a snapshot takes a while, in which nobody shall wait for the status.
        drop(replaced);
        self.tell(&next.revision, &base, asked, is_new);
        match document {
            Some(document) => store.put(&next.revision, document, &activation),
            None => store.touch(&next.revision, &activation),
        }
        lock(&self.record).retained = store.list();
        Swapped {
            revision: next.revision.to_string(),
            previous: base.revision.to_string(),
            warnings: next.snapshot.warnings().to_vec(),
        }
    }

    /// Swaps the pointer; returns what nobody needs to keep any more.
    fn swap(&self, record: &mut Record, next: Arc<Active>) -> Option<Arc<Active>> {
        record.activations += 1;
        let previous = self.active.swap(next);
        record.previous.replace(previous)
    }

    fn note_stale(&self, record: &mut Record) {
        let is_stale = self.config.is_some() && !record.file_seen.agrees_with(&record.active_seen);
        record.stale_since = match record.stale_since {
            _ if !is_stale => None,
            None => Some(SystemTime::now()),
            since => since,
        };
        self.metrics.stale_since(record.stale_since);
    }

    fn file_now(&self) -> Seen {
        let known = lock(&self.record).file_seen.clone();
        known.again(self.config.as_deref())
    }

    /// Notes a refusal. What serves stays.
    pub(super) fn refuse(
        &self,
        rejected: Rejected,
        cause: Cause,
        by: &str,
        file: Option<Seen>,
    ) -> Refusal {
        let refusal = refusal(&rejected);
        let is_error = |issue: &&fastroute_core::config::Issue| issue.severity == Severity::Error;
        let first = rejected.issues.iter().find(is_error);
        tracing::warn!(
            event = "config_refused",
            %cause,
            by,
            code = rejected.code,
            defects = rejected.issues.iter().filter(is_error).count() + rejected.omitted,
            first_code = first.map_or("", |issue| issue.code.as_str()),
            first_line = first.map_or(0, |issue| issue.line),
        );
        self.metrics.config_refused(rejected.code);
        let mut record = lock(&self.record);
        record.refusals += 1;
        record.last_refused = Some(Refused::of(rejected, cause));
        if let Some(file) = file {
            record.file_seen = file;
        }
        self.note_stale(&mut record);
        refusal
    }

    fn tell(&self, revision: &str, previous: &Active, asked: Asked<'_>, is_new: bool) {
        let previous = &*previous.revision;
        let Asked { cause, by, is_pin } = asked;
        if is_new {
            tracing::info!(event = "config_activated", revision, previous, %cause, by, is_pin);
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let since = since.map_or(0.0, |since| since.as_secs_f64());
            self.metrics.config_activated(revision, since);
        } else {
            tracing::info!(event = "config_unchanged", revision, %cause, by, is_pin);
        }
    }
}

impl Refused {
    pub(super) fn of(rejected: Rejected, cause: Cause) -> Self {
        Self {
            at: SystemTime::now(),
            cause,
            code: rejected.code,
            message: rejected.message,
            issues: rejected.issues,
            omitted: rejected.omitted,
        }
    }
}

/// Makes what serves of what was built, and gives the document back.
pub(super) fn active_of(
    built: Built,
    fleet: Fleet,
    since: SystemTime,
    cause: Cause,
    by: &str,
) -> (Arc<Active>, Document) {
    let active = Active {
        revision: built.snapshot.revision().to_string().into(),
        snapshot: built.snapshot,
        fleet,
        since,
        cause,
        by: by.into(),
        source_bytes: built.document.source.len() as u64,
        build_time: built.build_time,
        sizes: built.sizes,
        names: built.names,
    };
    (Arc::new(active), built.document)
}

fn refusal(rejected: &Rejected) -> Refusal {
    let errors = rejected.issues.iter();
    let errors = errors.filter(|issue| issue.severity == Severity::Error);
    let refusal = Refusal::new(
        rejected.code,
        Code::FailedPrecondition,
        rejected.message.clone(),
    );
    errors
        .take(MOST_VIOLATIONS)
        .fold(refusal, |refusal, issue| {
            let field = if issue.path.is_empty() {
                "content"
            } else {
                &*issue.path
            };
            let place = format!(
                "{}:{}: {} [{}]",
                issue.line, issue.column, issue.message, issue.code
            );
            refusal.with_violation(field, place)
        })
}

fn superseded(revision: &str) -> Refusal {
    let message = format!(
        "revision `{revision}` was activated meanwhile; try again if this one shall replace it"
    );
    Refusal::new("SUPERSEDED", Code::Aborted, message)
}

fn damaged(revision: &str) -> Refusal {
    let message = format!("retained revision `{revision}` cannot be built any more");
    Refusal::new("UNKNOWN_REVISION", Code::NotFound, message)
}
