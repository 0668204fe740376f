//! Text to tree: YAML, JSON and TOML become one shape with places.
//!
//! A file is bounded before and while it is read (16 MiB, 64 levels, a million values), so that no file can take
//! memory out of proportion to itself. A repeated key is reported and dropped, and reading goes on;
//! malformed text ends the reading, because what follows it would be guesswork.

mod json;
mod scalar;
mod toml;
mod yaml;

use std::collections::HashMap;

use super::code::Code;
use super::issue::Report;
use super::path::{Path, shorten};
use super::tree::{Entry, Node, Value};
use super::{Format, Source};

/// Largest file, in bytes.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Deepest nesting of lists and mappings.
pub(crate) const MOST_DEPTH: usize = 64;
/// Most values in one file, copies by YAML aliases included.
pub(crate) const MOST_VALUES: usize = 1_000_000;

/// Reads a source; what is wrong goes into the report, and a tree comes back unless reading broke off.
pub(crate) fn read(source: &Source<'_>, report: &mut Report<'_>) -> Option<Node> {
    let text = without_bom(source.text);
    if text.len() > MOST_BYTES {
        let message = format!(
            "file has {} bytes, over the limit of {MOST_BYTES}",
            text.len()
        );
        report.error(Code::FileTooLarge, 0, &Path::Root, message);
        return None;
    }
    let tree = match source.format {
        Format::Json => json::read(text, report),
        Format::Toml => toml::read(text, report),
        Format::Yaml => yaml::read(text, report),
    };
    duplicates(tree.as_ref(), report);
    tree
}

/// Reports repeated keys with their whole path, which is known once the tree stands.
fn duplicates(tree: Option<&Node>, report: &mut Report<'_>) {
    let mut repeated = report.take_duplicates();
    if repeated.is_empty() {
        return;
    }
    if let Some(tree) = tree {
        walk(tree, &Path::Root, &mut repeated, report);
    }
    let mut rest: Vec<_> = repeated.into_values().flatten().collect();
    rest.sort_by_key(|duplicate| duplicate.at);
    for duplicate in rest {
        duplicate.report(&Path::Root, report);
    }
}

fn walk(
    node: &Node,
    path: &Path<'_>,
    repeated: &mut HashMap<usize, Vec<Duplicate>>,
    report: &mut Report<'_>,
) {
    match &node.value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &path.index(index), repeated, report);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                for duplicate in repeated.remove(&entry.key_at).unwrap_or_default() {
                    duplicate.report(path, report);
                }
                walk(&entry.node, &path.key(&entry.key), repeated, report);
            }
        }
        _ => {}
    }
}

/// A key that an earlier entry of its mapping has.
pub(crate) struct Duplicate {
    pub(crate) first_at: usize,
    pub(crate) key: String,
    pub(crate) at: usize,
}

impl Duplicate {
    fn report(&self, parent: &Path<'_>, report: &mut Report<'_>) {
        let line = report.line(self.first_at);
        let message = format!(
            "key `{}` is given twice, first in line {line}",
            shorten(&self.key)
        );
        report.error(Code::DuplicateKey, self.at, &parent.key(&self.key), message);
    }
}

/// The text behind a byte order mark; positions count from there, as editors do.
pub(crate) fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Counts values and levels while a reader builds.
#[derive(Default)]
struct Budget {
    values: usize,
}

impl Budget {
    /// Takes one value at a depth; `false`, with an issue, once a limit is passed.
    fn take(&mut self, at: usize, depth: usize, report: &mut Report<'_>) -> bool {
        self.values += 1;
        if depth > MOST_DEPTH {
            let message = format!("values are nested over the limit of {MOST_DEPTH} levels");
            report.error(Code::TooDeep, at, &Path::Root, message);
            return false;
        }
        if self.values > MOST_VALUES {
            let message = format!("file holds more values than the limit of {MOST_VALUES}");
            report.error(Code::TooManyValues, at, &Path::Root, message);
            return false;
        }
        true
    }
}

/// Collects the entries of one mapping, and reports a repeated key at its second place.
///
/// Small mappings are scanned; large ones get an index, so that a hostile one stays linear.
#[derive(Default)]
struct Entries {
    entries: Vec<Entry>,
    index: HashMap<String, usize>,
}

const SCANNED: usize = 16;

impl Entries {
    fn push(&mut self, entry: Entry, report: &mut Report<'_>) {
        if let Some(first_at) = self.first(&entry.key) {
            report.duplicate_key(first_at, entry.key, entry.key_at);
            return;
        }
        if self.entries.len() >= SCANNED {
            if self.index.is_empty() {
                self.index = self
                    .entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.key_at))
                    .collect();
            }
            self.index.insert(entry.key.clone(), entry.key_at);
        }
        self.entries.push(entry);
    }

    fn first(&self, key: &str) -> Option<usize> {
        if self.index.is_empty() {
            self.entries
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| entry.key_at)
        } else {
            self.index.get(key).copied()
        }
    }
}
