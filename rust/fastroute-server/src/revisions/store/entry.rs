//! The small files of a state folder: what a revision consists of, and which one serves.
//!
//! Each is a line with the BLAKE3 hash of the rest, then JSON. Whatever does not match its hash,
//! or is of a version that this program does not know, is not read.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastroute_core::config::Format;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::document::Seen;
use super::super::files::digest;
use super::super::status::{Cause, Retained};
use super::Activation;

/// The version of what is written.
pub(super) const VERSION: u32 = 1;

/// A content, by its hash.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Blob {
    pub digest: String,
    pub bytes: u64,
}

/// What a revision consists of, and how it came to serve.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Manifest {
    pub version: u32,
    pub revision: String,
    pub name: String,
    pub format: String,
    pub source: Blob,
    pub files: Vec<(String, Blob)>,
    pub activated_at_us: u64,
    pub cause: String,
    pub by: String,
}

/// Which revision serves.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Current {
    pub revision: String,
    pub pin: Option<Seen>,
}

impl Manifest {
    pub fn activate(&mut self, activation: &Activation) {
        let since = activation.at.duration_since(UNIX_EPOCH);
        self.activated_at_us = since.map_or(0, |since| since.as_micros() as u64);
        self.cause = activation.cause.as_str().to_owned();
        self.by = activation.by.clone().into();
    }

    pub fn retained(&self, is_active: bool) -> Retained {
        Retained {
            revision: self.revision.clone(),
            is_active,
            activated_at: time_of(self.activated_at_us),
            cause: Cause::from_word(&self.cause).unwrap_or(Cause::Start),
            by: self.by.clone(),
            source_bytes: self.source.bytes,
        }
    }

    /// The contents that it consists of.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let files = self.files.iter().map(|(_, blob)| blob);
        files.chain([&self.source])
    }
}

fn time_of(unix_us: u64) -> SystemTime {
    let since = Duration::from_micros(unix_us);
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

pub(super) fn format_word(format: Format) -> &'static str {
    match format {
        Format::Json => "json",
        Format::Toml => "toml",
        Format::Yaml => "yaml",
    }
}

pub(super) fn format_of(word: &str) -> Option<Format> {
    [Format::Json, Format::Toml, Format::Yaml]
        .into_iter()
        .find(|format| format_word(*format) == word)
}

/// Writes an entry with its hash.
pub(super) fn seal<T: Serialize>(entry: &T) -> std::io::Result<Vec<u8>> {
    let body = serde_json::to_vec_pretty(entry)?;
    let mut sealed = digest(&body).into_bytes();
    sealed.push(b'\n');
    sealed.extend(body);
    Ok(sealed)
}

/// Reads an entry; none when it is not what was written.
pub(super) fn unseal<T: DeserializeOwned>(sealed: &[u8]) -> Option<T> {
    let line = sealed.iter().position(|byte| *byte == b'\n')?;
    let (hash, body) = (&sealed[..line], &sealed[line + 1..]);
    if digest(body).as_bytes() != hash {
        return None;
    }
    serde_json::from_slice(body).ok()
}
