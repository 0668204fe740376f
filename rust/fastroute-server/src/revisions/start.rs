//! Finds what serves first: what a call pinned, else the file, else the last good one.
//!
//! A file that is refused keeps a server down only when there is nothing else that served before, or
//! when it was started with `--require-config`. The embedded default serves only where no file was named.

use std::path::Path;
use std::sync::{Arc, Mutex, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use fastroute_core::Live;

use super::build::{Built, Comparison, Draft, Rejected};
use super::document::Seen;
use super::status::{Cause, Refused};
use super::store::{Activation, Store};
use super::swap::active_of;
use super::{Record, Revisions};
use crate::host::Clock;
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::start_error::StartError;

/// What was found.
struct First {
    built: Built,
    file: Seen,
    is_pinned: bool,
    refused: Option<Rejected>,
}

pub(super) fn start(settings: &Settings, metrics: Arc<Metrics>) -> Result<Revisions, StartError> {
    let folder = settings.state_dir.as_deref();
    let mut store = Store::open(folder, settings.keep_revisions as usize)
        .map_err(|why| StartError::new("INVALID_STATE_DIR", why))?;
    let First {
        built,
        file,
        is_pinned,
        refused,
    } = find(settings, &store)?;
    let at = SystemTime::now();
    let active_seen = Seen::of(&built.document);
    let build_time = built.build_time;
    metrics.prepare(built.snapshot.catalogue());
    let (live, clock) = (Live::new(), Clock::start());
    let fleet = live.bind(&built.snapshot, clock.now());
    metrics.watch(live.clone(), clock.clone());
    let (active, document) = active_of(built, fleet, at, Cause::Start, "");
    let is_stale = settings.config.is_some() && !file.agrees_with(&active_seen);
    let activation = Activation {
        at,
        cause: Cause::Start,
        by: "".into(),
        pin: is_pinned.then(|| file.clone()),
    };
    store.put(&active.revision, &document, &activation);
    tracing::info!(
        event = "config_activated",
        revision = &*active.revision,
        cause = %Cause::Start,
        is_pin = is_pinned,
        is_last_good = refused.is_some(),
        build_ms = build_time.as_millis() as u64,
    );
    let since = at
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64());
    metrics.config_activated(&active.revision, since);
    if let Some(refused) = &refused {
        metrics.config_refused(refused.code);
    }
    let stale_since = is_stale.then_some(at);
    metrics.stale_since(stale_since);
    Ok(Revisions {
        active: ArcSwap::new(active),
        config: settings.config.clone(),
        max_removed: settings.max_removed,
        live,
        clock,
        metrics,
        building: Mutex::default(),
        older: Mutex::new(Weak::new()),
        record: Mutex::new(Record {
            previous: None,
            active_seen,
            file_seen: file,
            is_pinned,
            refusals: u64::from(refused.is_some()),
            last_refused: refused.map(|refused| Refused::of(refused, Cause::Start)),
            stale_since,
            activations: 1,
            retained: store.list(),
        }),
        store: Mutex::new(store),
    })
}

fn find(settings: &Settings, store: &Store) -> Result<First, StartError> {
    let config = settings.config.as_deref();
    if let Some(pinned) = pinned(config, store) {
        return Ok(pinned);
    }
    let nothing = Comparison {
        active: None,
        max_removed: None,
    };
    let draft = match config {
        Some(path) => Draft::open(path),
        None => Ok(Draft::embedded()),
    };
    let (seen, rejected) = match draft.map(|draft| draft.build(&nothing)) {
        Ok((file, Ok(built))) => {
            return Ok(First {
                built,
                file,
                is_pinned: false,
                refused: None,
            });
        }
        Ok((seen, Err(rejected))) => (seen, rejected),
        Err(rejected) => (Seen::default(), rejected),
    };
    tracing::warn!(event = "config_refused", cause = %Cause::Start, code = rejected.code);
    if settings.require_config {
        return Err(rejected.into());
    }
    match store
        .last_good()
        .iter()
        .find_map(|revision| kept(store, revision))
    {
        Some(built) => Ok(First {
            file: seen.with_files_of(&Seen::of(&built.document).again(config)),
            built,
            is_pinned: false,
            refused: Some(rejected),
        }),
        None => Err(rejected.into()),
    }
}

/// The revision that a call asked for, if the file is what it was then.
fn pinned(config: Option<&Path>, store: &Store) -> Option<First> {
    let (revision, file) = store.pinned()?;
    if file.again(config) != file {
        return None;
    }
    Some(First {
        built: kept(store, &revision)?,
        file,
        is_pinned: true,
        refused: None,
    })
}

fn kept(store: &Store, revision: &str) -> Option<Built> {
    let nothing = Comparison {
        active: None,
        max_removed: None,
    };
    let document = store.document(revision)?;
    match Draft::kept(document).build(&nothing).1 {
        Ok(built) => Some(built),
        Err(rejected) => {
            tracing::warn!(event = "state_entry_skipped", revision, why = rejected.code);
            None
        }
    }
}

impl From<Rejected> for StartError {
    fn from(rejected: Rejected) -> Self {
        Self::new(rejected.code, rejected.message).with_issues(rejected.issues)
    }
}
