//! Notices that a configuration changed on disk, however it was written, and has it tried.
//!
//! The system tells of changes in the folders of the file, of those that it names, and of what links lead to,
//! which covers a write in place, an editor's renaming and Kubernetes' swap of `..data`. It does not tell of
//! network file systems, so twice a second the files' places and times are compared as well. Either only causes a
//! look: a configuration is tried when its content is another one than was tried last.
//!
//! A writer may not be done yet. A file that was closed or renamed is looked at after a short quiet, one that was
//! written to after a longer one. What is read too early is refused, or is at least never torn: it is read again when
//! it is complete. Costs one `stat` a file each half second.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::Builder;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio_util::sync::CancellationToken;

use super::background::yield_to_requests;
use super::files::Beside;
use super::status::{Cause, ReloadFrom};
use super::{Revisions, lock};

/// Time between two comparisons of the files' places and times.
const TICK: Duration = Duration::from_millis(500);
/// Quiet after a file was closed or renamed.
const SHORT_QUIET: Duration = Duration::from_millis(50);
/// Quiet after a file was written to, or went away.
const LONG_QUIET: Duration = Duration::from_millis(250);
/// Longest wait for quiet.
const MOST_WAIT: Duration = Duration::from_secs(2);

pub(super) fn spawn(revisions: &Arc<Revisions>, stop: CancellationToken) {
    let Some(config) = revisions.config.clone() else {
        return;
    };
    let weak = Arc::downgrade(revisions);
    let spawned = Builder::new()
        .name("fastroute-watch".to_owned())
        .spawn(move || {
            yield_to_requests();
            Watch::new(config).run(&weak, &stop);
        });
    if let Err(error) = spawned {
        tracing::error!(event = "config_not_watched", %error);
    }
}

struct Watch {
    config: PathBuf,
    notes: Receiver<Duration>,
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
    stamps: BTreeMap<PathBuf, Stamp>,
}

/// Where a file is and when it changed; none when it is not there.
type Stamp = Option<(u64, u64, u64, (i64, i64), (i64, i64))>;

impl Watch {
    fn new(config: PathBuf) -> Self {
        let (sender, notes) = channel();
        let watcher = notify::recommended_watcher(move |event| note(&sender, event));
        if let Err(error) = &watcher {
            tracing::warn!(event = "config_watched_by_polling", %error);
        }
        Self {
            config,
            notes,
            watcher: watcher.ok(),
            folders: BTreeSet::new(),
            stamps: BTreeMap::new(),
        }
    }

    fn run(mut self, revisions: &Weak<Revisions>, stop: &CancellationToken) {
        // What changed between the start and now was not noticed by anybody.
        let mut is_due = true;
        let mut is_unsettled = false;
        loop {
            let Some(revisions) = revisions.upgrade().filter(|_| !stop.is_cancelled()) else {
                return;
            };
            let places = self.places(&revisions);
            self.follow(&places);
            let stamps = places
                .into_iter()
                .map(|place| (place.clone(), stamp(&place)));
            let stamps: BTreeMap<PathBuf, Stamp> = stamps.collect();
            // Without a note nobody says that the writer is done, but files that stand still for a while do.
            let stands = stamps == self.stamps;
            is_due |= is_unsettled && stands;
            is_unsettled = !stands && !is_due;
            self.stamps = stamps;
            let is_tried = is_due && revisions.try_changed_file();
            drop(revisions);
            // What is named now may have changed before it was followed.
            is_due = self.wait() || is_tried;
        }
    }

    /// Waits for a note and for quiet after it; whether there was one.
    fn wait(&mut self) -> bool {
        let mut quiet = match self.notes.recv_timeout(TICK) {
            Ok(quiet) => quiet,
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(TICK);
                return false;
            }
        };
        let end = Instant::now() + MOST_WAIT;
        while Instant::now() < end {
            match self.notes.recv_timeout(quiet) {
                Ok(next) => quiet = next,
                Err(_) => break,
            }
        }
        true
    }

    /// The files that matter.
    fn places(&self, revisions: &Revisions) -> Vec<PathBuf> {
        let beside = Beside::of(&self.config);
        let seen = lock(&revisions.record).file_seen.clone();
        let named = seen.names().filter_map(|name| beside.place(name).ok());
        [self.config.clone()].into_iter().chain(named).collect()
    }

    /// Watches the folders of files, and those of what they link to.
    fn follow(&mut self, places: &[PathBuf]) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        let mut folders = BTreeSet::new();
        for place in places {
            folders.extend(folder_of(place));
            folders.extend(place.canonicalize().ok().as_deref().and_then(folder_of));
        }
        for gone in self.folders.difference(&folders) {
            // A folder that is gone is not watched any more by itself.
            let _ = watcher.unwatch(gone);
        }
        for new in folders.difference(&self.folders) {
            if let Err(error) = watcher.watch(new, RecursiveMode::NonRecursive) {
                tracing::debug!(event = "folder_not_watched", %error);
            }
        }
        self.folders = folders;
    }
}

impl Revisions {
    /// Tries the file if its content is not what was tried last; whether it was.
    fn try_changed_file(&self) -> bool {
        let is_known = || {
            let known = lock(&self.record).file_seen.clone();
            known.again(self.config.as_deref()) == known
        };
        // Looking alone shall not make a call find the place taken.
        if is_known() {
            return false;
        }
        let _building = lock(&self.building);
        if is_known() {
            return false;
        }
        // The outcome is in the status, the metrics and the log.
        let _ = self.reload_here(ReloadFrom::File, false, Cause::FileChange, "");
        true
    }
}

fn note(sender: &Sender<Duration>, event: notify::Result<notify::Event>) {
    let quiet = match event.map(|event| event.kind) {
        Ok(EventKind::Access(AccessKind::Close(AccessMode::Write))) => SHORT_QUIET,
        Ok(EventKind::Modify(ModifyKind::Name(_))) => SHORT_QUIET,
        // Reading causes these, ours included.
        Ok(EventKind::Access(_)) => return,
        Ok(_) | Err(_) => LONG_QUIET,
    };
    // Nobody listens when the watch has ended.
    let _ = sender.send(quiet);
}

fn folder_of(place: &Path) -> Option<PathBuf> {
    let folder = place.parent()?;
    let here = folder.as_os_str().is_empty();
    Some(if here {
        PathBuf::from(".")
    } else {
        folder.to_owned()
    })
}

fn stamp(place: &Path) -> Stamp {
    let meta = std::fs::metadata(place).ok()?;
    let modified = (meta.mtime(), meta.mtime_nsec());
    let changed = (meta.ctime(), meta.ctime_nsec());
    Some((meta.dev(), meta.ino(), meta.len(), modified, changed))
}
