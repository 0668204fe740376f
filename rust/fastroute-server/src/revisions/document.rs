//! A configuration as bytes: its text with every file that it names, enough to build it anywhere.
//!
//! [`Seen`] is its short form, the hashes alone: what a watcher compares with the files, and what a
//! pin remembers of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use fastroute_core::config::{Format, MAX_RESOURCE_BYTES, MAX_SOURCE_BYTES, Resources};
use serde::{Deserialize, Serialize};

use super::files::{Beside, Contents, digest, digest_of_file};

/// A configuration's text and the files that it names.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// What issues call it.
    pub name: String,
    pub format: Format,
    pub source: Arc<[u8]>,
    /// Filled by a load.
    pub files: Contents,
}

impl Resources for Document {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.files.get(path) {
            Some(Some(bytes)) => Ok(bytes.to_vec()),
            _ => Err("it was not kept".to_owned()),
        }
    }
}

/// The content of a configuration's file and of those that it names, as hashes; none for what cannot be read.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Seen {
    source: Option<String>,
    files: BTreeMap<String, Option<String>>,
}

impl Seen {
    /// Hashes a document.
    pub fn of(document: &Document) -> Self {
        let files = document.files.iter();
        Self {
            source: Some(digest(&document.source)),
            files: files
                .map(|(path, bytes)| (path.clone(), bytes.as_deref().map(digest)))
                .collect(),
        }
    }

    /// Takes the hashes of a document that is kept.
    pub fn from_digests(source: String, files: impl Iterator<Item = (String, String)>) -> Self {
        Self {
            source: Some(source),
            files: files.map(|(path, digest)| (path, Some(digest))).collect(),
        }
    }

    /// Hashes a file as it stands now, and the same files beside it as before.
    pub fn again(&self, config: Option<&Path>) -> Self {
        let Some(config) = config else {
            return self.clone();
        };
        let beside = Beside::of(config);
        let now = |path: &String| {
            let place = beside.place(path).ok()?;
            digest_of_file(&place, MAX_RESOURCE_BYTES)
        };
        Self {
            source: digest_of_file(config, MAX_SOURCE_BYTES),
            files: self
                .files
                .keys()
                .map(|path| (path.clone(), now(path)))
                .collect(),
        }
    }

    /// Adds the files that another one names and this one does not.
    ///
    /// A text that is refused early names none yet; a change of those that served must still be noticed.
    pub fn with_files_of(mut self, other: &Self) -> Self {
        for (path, digest) in &other.files {
            let entry = self.files.entry(path.clone());
            entry.or_insert_with(|| digest.clone());
        }
        self
    }

    /// Whether all that another one names is here, and equal.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let is_same = |(path, digest): (&String, _)| self.files.get(path) == Some(digest);
        self.source == other.source && other.files.iter().all(is_same)
    }

    /// The paths of the files beside it, as the configuration spells them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}
