//! Keeps revisions for going back: in memory, or in a folder that outlives the process.
//!
//! Every revision is kept with all files that it named, so building it again reads nothing outside.
//! A folder holds contents by their hash, each once however many revisions share it, and one small
//! entry for each revision. Whatever is written is complete and on the disk before an entry names it, and
//! each file appears by renaming, so a process that dies at any point leaves the old state or the new one.
//!
//! What was torn or edited fails its checksum and is skipped with a line in the log. When the folder
//! cannot be written the revision is kept in memory, and serves all the same.

mod entry;
mod folder;

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::document::{Document, Seen};
use super::files::digest;
use super::status::{Cause, Retained};
use entry::{Blob, Current, Manifest, format_word};
use folder::Folder;

/// What is kept.
pub(super) struct Store {
    folder: Option<Folder>,
    /// Revisions to keep beside the one that serves.
    keep: usize,
    /// Newest activation first.
    kept: Vec<Kept>,
    current: Option<Current>,
}

struct Kept {
    manifest: Manifest,
    /// All of it, when it is not in the folder.
    held: Option<Document>,
}

/// How a revision came to serve.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    pub at: SystemTime,
    pub cause: Cause,
    pub by: Box<str>,
    /// What the configuration's file was when a call asked for another one.
    pub pin: Option<Seen>,
}

impl Store {
    /// Opens a folder, which is made when it is not there, or keeps everything in memory.
    ///
    /// # Errors
    ///
    /// A sentence that says why the folder cannot be used, such as another server that uses it.
    pub fn open(folder: Option<&Path>, keep: usize) -> Result<Self, String> {
        let folder = folder.map(Folder::open).transpose()?;
        let (manifests, current) = folder.as_ref().map(Folder::read).unwrap_or_default();
        let mut kept: Vec<Kept> = manifests
            .into_iter()
            .map(|manifest| Kept {
                manifest,
                held: None,
            })
            .collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.manifest.activated_at_us));
        Ok(Self {
            folder,
            keep,
            kept,
            current,
        })
    }

    /// Gives the folder away to whoever opens it next.
    pub fn close(&mut self) {
        self.folder = None;
    }

    /// Returns what a call asked for before the process ended, with what the file was then.
    pub fn pinned(&self) -> Option<(String, Seen)> {
        let current = self.current.as_ref()?;
        Some((current.revision.clone(), current.pin.clone()?))
    }

    /// Returns the revisions that served, the last one first.
    pub fn last_good(&self) -> Vec<String> {
        let current = self.current.iter().map(|current| &current.revision);
        let mut revisions: Vec<String> = current.cloned().collect();
        for kept in &self.kept {
            if !revisions.contains(&kept.manifest.revision) {
                revisions.push(kept.manifest.revision.clone());
            }
        }
        revisions
    }

    /// Returns a revision as it was loaded, with every file; none when it is not kept, or damaged.
    pub fn document(&self, revision: &str) -> Option<Document> {
        let kept = self.find(revision)?;
        match (&kept.held, &self.folder) {
            (Some(document), _) => Some(document.clone()),
            (None, Some(folder)) => folder.document(&kept.manifest),
            (None, None) => None,
        }
    }

    /// Returns the contents of a revision as hashes; none when it is not kept.
    pub fn seen(&self, revision: &str) -> Option<Seen> {
        let Manifest { source, files, .. } = &self.find(revision)?.manifest;
        let files = files
            .iter()
            .map(|(path, blob)| (path.clone(), blob.digest.clone()));
        Some(Seen::from_digests(source.digest.clone(), files))
    }

    /// Keeps what serves from now on, and forgets the oldest that are too many.
    pub fn put(&mut self, revision: &str, document: &Document, activation: &Activation) {
        let files = document.files.iter();
        let manifest = Manifest::new(
            revision,
            document,
            files
                .filter_map(|(path, bytes)| Some((path.clone(), Blob::of(bytes.as_deref()?))))
                .collect(),
            activation,
        );
        let written = match &self.folder {
            Some(folder) => folder.write_revision(&manifest, document),
            None => Ok(()),
        };
        let is_held = self.folder.is_none() || !told(written);
        let held = is_held.then(|| self.shared(document));
        self.kept.retain(|kept| kept.manifest.revision != revision);
        self.kept.insert(0, Kept { manifest, held });
        self.set_current(revision, activation);
        self.prune();
    }

    /// Notes that a kept revision serves again.
    pub fn touch(&mut self, revision: &str, activation: &Activation) {
        let at = |kept: &Kept| kept.manifest.revision == revision;
        if let Some(place) = self.kept.iter().position(at) {
            let mut kept = self.kept.remove(place);
            kept.manifest.activate(activation);
            if let (Some(folder), None) = (&self.folder, &kept.held) {
                told(folder.write_manifest(&kept.manifest));
            }
            self.kept.insert(0, kept);
        }
        self.set_current(revision, activation);
    }

    /// Lists what is kept, newest activation first.
    pub fn list(&self) -> Vec<Retained> {
        let current = self.current.as_ref().map(|current| &current.revision);
        let kept = self.kept.iter().map(|kept| &kept.manifest);
        kept.map(|manifest| manifest.retained(current == Some(&manifest.revision)))
            .collect()
    }

    fn set_current(&mut self, revision: &str, activation: &Activation) {
        let current = Current {
            revision: revision.to_owned(),
            pin: activation.pin.clone(),
        };
        if let Some(folder) = &self.folder {
            told(folder.write_current(&current));
        }
        self.current = Some(current);
    }

    fn prune(&mut self) {
        if self.kept.len() <= self.keep + 1 {
            return;
        }
        let gone = self.kept.split_off(self.keep + 1);
        if let Some(folder) = &self.folder {
            let kept = || self.kept.iter().map(|kept| &kept.manifest);
            let gone = gone.iter().map(|kept| &kept.manifest);
            told(folder.forget(gone, kept));
        }
    }

    fn find(&self, revision: &str) -> Option<&Kept> {
        self.kept
            .iter()
            .find(|kept| kept.manifest.revision == revision)
    }

    /// The document, with contents that another revision holds already instead of copies of them.
    fn shared(&self, document: &Document) -> Document {
        let mut shared = document.clone();
        for bytes in shared.files.values_mut().flatten() {
            let held = self.kept.iter().filter_map(|kept| kept.held.as_ref());
            let mut known = held.flat_map(|held| held.files.values().flatten());
            if let Some(same) = known.find(|known| **known == *bytes) {
                *bytes = Arc::clone(same);
            }
        }
        shared
    }
}

impl Blob {
    fn of(bytes: &[u8]) -> Self {
        Self {
            digest: digest(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

impl Manifest {
    fn new(
        revision: &str,
        document: &Document,
        files: Vec<(String, Blob)>,
        activation: &Activation,
    ) -> Self {
        let mut manifest = Self {
            version: entry::VERSION,
            revision: revision.to_owned(),
            name: document.name.clone(),
            format: format_word(document.format).to_owned(),
            source: Blob::of(&document.source),
            files,
            activated_at_us: 0,
            cause: String::new(),
            by: String::new(),
        };
        manifest.activate(activation);
        manifest
    }
}

/// Logs what could not be written; whether it was.
fn told(written: std::io::Result<()>) -> bool {
    if let Err(error) = &written {
        tracing::error!(event = "state_not_written", %error);
    }
    written.is_ok()
}

#[cfg(test)]
mod tests;
