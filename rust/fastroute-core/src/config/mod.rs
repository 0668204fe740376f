//! Configuration: one file, read, checked and explained.
//!
//! [`load`] goes in stages: text to tree with places, schema, structs, cross references. Each stage reports all that
//! it finds, with file, line, column, path and a stable [`Code`]; a later stage runs only on what the earlier one
//! accepts, because its findings would be echoes. A load that fails has changed nothing.
//!
//! A typical file takes a millisecond or two, most of it spent on compiling regular expressions and
//! templates to see that they are sound. Nothing here opens a file, reads the environment or follows a link:
//! hosts hand in the text, and [`Resources`] for the files that it names.
//!
//! # Examples
//!
//! ```
//! use fastroute_core::config::{Format, NoFiles, Source, load};
//!
//! let text = "version: 1\nmodels: []\nroutes: []\ndefault: {rout: general}\n";
//! let source = Source { name: "fastroute.yaml", text, format: Format::Yaml };
//! let errors = load(&source, &NoFiles).unwrap_err();
//! let lines: Vec<String> = errors.issues().iter().map(ToString::to_string).collect();
//! assert_eq!(lines.len(), 4);
//! assert_eq!(lines[3], "fastroute.yaml:4:11: default.rout: key `rout` is unknown here; did you mean `route`? [UNKNOWN_KEY]");
//! ```

mod check;
mod code;
mod duration;
mod files;
mod issue;
mod json_schema;
mod model;
mod parts;
mod path;
mod position;
mod read;
mod schema;
mod secret;
mod shape;
mod tree;

pub(crate) use check::is_lasting;
pub use code::Code;
pub use duration::Duration;
pub use files::{Files, MAX_RESOURCE_BYTES, NoFiles, Resources};
pub use issue::{ConfigErrors, Issue, Severity};
pub(crate) use json_schema::compile as compile_json_schema;
pub use model::*;
pub use parts::Parts;
pub(crate) use parts::{KeywordLists, fingerprint as keywords_fingerprint};
pub use schema::schema;
pub use secret::Secret;

use std::sync::Arc;

use fastroute_embed::encoder::StaticEncoder;
use fastroute_text::tokens::{TokenCounter, Vocabulary};
use sha2::{Digest, Sha256};

use issue::Report;
use path::Path;

/// Largest configuration, in bytes, a byte order mark included.
pub const MAX_SOURCE_BYTES: usize = read::MOST_BYTES + 3;

/// How a configuration is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// JSON, strictly.
    Json,
    /// TOML 1.0.
    Toml,
    /// YAML 1.2, one document, without tags and merge keys.
    Yaml,
}

impl Format {
    /// The format that the end of a path names: `.json`, `.toml`, else YAML.
    #[must_use]
    pub fn from_path(path: &str) -> Self {
        let has_end = |end: &str| {
            path.len() >= end.len()
                && path.as_bytes()[path.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
        };
        if has_end(".json") {
            Self::Json
        } else if has_end(".toml") {
            Self::Toml
        } else {
            Self::Yaml
        }
    }
}

/// The text of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What issues call it, usually the path.
    pub name: &'a str,
    /// All of it.
    pub text: &'a str,
    /// How it is written.
    pub format: Format,
}

impl<'a> Source<'a> {
    /// Makes one of bytes as they stand in a file.
    ///
    /// # Errors
    ///
    /// `NOT_UTF8`, at the first byte that is not, and `FILE_TOO_LARGE`.
    pub fn from_bytes(
        name: &'a str,
        bytes: &'a [u8],
        format: Format,
    ) -> Result<Self, ConfigErrors> {
        if bytes.len() > MAX_SOURCE_BYTES {
            let mut report = Report::new(name, "");
            let message = format!(
                "file has {} bytes, over the limit of {}",
                bytes.len(),
                read::MOST_BYTES
            );
            report.error(Code::FileTooLarge, 0, &Path::Root, message);
            return Err(report.refusal());
        }
        std::str::from_utf8(bytes)
            .map(|text| Self { name, text, format })
            .map_err(|error| {
                let good = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
                let good = read::without_bom(good);
                let mut report = Report::new(name, good);
                report.error(
                    Code::NotUtf8,
                    good.len(),
                    &Path::Root,
                    "bytes that are not UTF-8 start here; save the file as UTF-8",
                );
                report.refusal()
            })
    }
}

/// A configuration that passed every check, with the files that it names.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration; every name in it resolves.
    pub config: Config,
    /// What is probably not meant so, by position.
    pub warnings: Vec<Issue>,
    /// The files that it names.
    pub files: Files,
    pub(crate) parts: Parts,
}

impl Loaded {
    /// The encoder that the configuration names; loads the shipped one when that is `default`.
    #[must_use]
    pub fn encoder(&self) -> Arc<StaticEncoder> {
        self.files
            .encoder()
            .cloned()
            .unwrap_or_else(StaticEncoder::embedded)
    }

    /// All examples of a route, by its index: those in the configuration, then those of its file, trimmed.
    ///
    /// Empty when there is no such route.
    #[must_use]
    pub fn examples_of(&self, route: usize) -> &[String] {
        self.files.examples.get(route).map_or(&[], Vec::as_slice)
    }

    /// SHA-256 over the configuration and every file that it names.
    ///
    /// Comments, order of keys and the format have no part in it: what is read equal is equal.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(&self.config).unwrap_or_default());
        for (path, file) in self.files.hashes() {
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update(file);
        }
        hash.finalize().into()
    }

    /// The keywords of a file that a condition names, one a line; empty when it was not named.
    #[must_use]
    pub fn keywords_of(&self, path: &str) -> Vec<String> {
        self.files.lines(path).to_vec()
    }

    /// The counter of a tokenizer, by built-in name or by path; the estimate when the configuration does not name it.
    #[must_use]
    pub fn tokenizer(&self, name: &str) -> TokenCounter {
        let estimate = || TokenCounter::named("estimate").ok();
        self.files
            .tokenizer(name)
            .or_else(estimate)
            .unwrap_or_else(|| Vocabulary::O200k.into())
    }
}

/// Reads and checks a configuration.
///
/// # Errors
///
/// All errors of the first stage that finds one, and the warnings known by then.
pub fn load(source: &Source<'_>, resources: &dyn Resources) -> Result<Loaded, ConfigErrors> {
    load_after(source, resources, &Parts::default())
}

/// Reads and checks a configuration, taking over parts that were compiled from equal inputs.
///
/// Reports and gives what [`load`] does, in less time where little has changed. `known` comes from
/// [`Snapshot::parts`](crate::Snapshot::parts).
///
/// # Errors
///
/// As [`load`].
pub fn load_after(
    source: &Source<'_>,
    resources: &dyn Resources,
    known: &Parts,
) -> Result<Loaded, ConfigErrors> {
    let mut report = Report::new(source.name, read::without_bom(source.text));
    let Some(tree) = read::read(source, &mut report) else {
        return Err(report.refusal());
    };
    if report.is_broken() {
        return Err(report.refusal());
    }
    shape::check(&tree, &mut report);
    if report.is_broken() {
        return Err(report.refusal());
    }
    let config: Config = match serde_json::from_value(shape::json(&tree)) {
        Ok(config) => config,
        Err(error) => {
            // The schema is derived from the structs, so this is a gap between the two; refusing is the safe side.
            report.error(Code::WrongType, tree.at, &Path::Root, error.to_string());
            return Err(report.refusal());
        }
    };
    let (files, parts) = check::check(&config, &tree, resources, known, &mut report);
    report.finish().map(|warnings| Loaded {
        config,
        warnings,
        files,
        parts,
    })
}
