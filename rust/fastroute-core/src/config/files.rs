//! The files that a configuration names, read once at load.
//!
//! The core opens no file: hosts implement [`Resources`], and decide which paths they serve. A path stands as the
//! file spells it; what it is relative to is the host's affair, usually the configuration's folder.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use fastroute_embed::encoder::StaticEncoder;
use fastroute_text::tokens::TokenCounter;

/// Largest file that a configuration names (a tokenizer or an encoder), in bytes; a host need not
/// read further than one byte behind it.
pub const MAX_RESOURCE_BYTES: usize = 512 * 1024 * 1024;

/// Gives the bytes of files that a configuration names.
pub trait Resources {
    /// Reads the whole file.
    ///
    /// # Errors
    ///
    /// A sentence for people that says why it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// Resources of a configuration that names no files: every read is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Resources for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("files cannot be read here".to_owned())
    }
}

/// What was read, by the path that the configuration spells.
#[derive(Clone, Default)]
pub struct Files {
    pub(super) encoder: Option<Arc<StaticEncoder>>,
    pub(super) examples: Vec<Vec<String>>,
    pub(super) hashes: BTreeMap<String, [u8; 32]>,
    pub(super) lines: BTreeMap<String, Arc<[String]>>,
    pub(super) tokenizers: BTreeMap<String, TokenCounter>,
}

impl Files {
    /// The encoder that the configuration names; none when it is `default`.
    #[must_use]
    pub fn encoder(&self) -> Option<&Arc<StaticEncoder>> {
        self.encoder.as_ref()
    }

    /// Every file that was read, with its SHA-256, sorted by path.
    pub fn hashes(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.hashes.iter().map(|(path, hash)| (path.as_str(), hash))
    }

    /// The lines of a file of examples or keywords, trimmed and without blank ones; empty when it was not named.
    #[must_use]
    pub fn lines(&self, path: &str) -> &[String] {
        self.lines.get(path).map_or(&[], |lines| lines)
    }

    /// The counter of a tokenizer, by built-in name or by path; none when the configuration does not name it.
    #[must_use]
    pub fn tokenizer(&self, name: &str) -> Option<TokenCounter> {
        TokenCounter::named(name)
            .ok()
            .or_else(|| self.tokenizers.get(name).cloned())
    }

    pub(super) fn note(&mut self, path: &str, bytes: &[u8]) {
        self.hashes
            .insert(path.to_owned(), Sha256::digest(bytes).into());
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.hashes.keys()).finish()
    }
}
