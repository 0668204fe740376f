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
        Format::Yaml => json_in_yaml(text).or_else(|| yaml::read(text, report)),
    };
    duplicates(tree.as_ref(), report);
    tree
}

/// Reads YAML that is JSON, as programs write it, five times as fast as the YAML reader would.
///
/// Both give the same tree of such a text, places included. What is not JSON in every respect is
/// left to the YAML reader, which also says what is wrong.
fn json_in_yaml(text: &str) -> Option<Node> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut report = Report::new("", "");
    let tree = json::read(text, &mut report)?;
    report.is_clean().then_some(tree)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Number, Value as Json};

    use super::*;

    fn tree_of(text: &str) -> Option<String> {
        let mut report = Report::new("", text);
        let tree = yaml::read(text, &mut report)?;
        report.is_clean().then(|| format!("{tree:?}"))
    }

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_filter_map("finite", |number| Number::from_f64(number)
                .map(Json::Number)),
            "[ -~à-ÿа-я一-七\\n\\t]{0,12}".prop_map(Json::from),
            Just(Json::from("- no: {list} # \" ' yes & *a <<")),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
                prop::collection::vec(("[ -~ä]{0,8}", inner), 0..5)
                    .prop_map(|fields| Json::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_the_same_tree_through_both_readers(value in json(), is_pretty: bool) {
            let value = serde_json::json!({ "value": value });
            let text = if is_pretty { format!("{value:#}\n") } else { value.to_string() };
            let read = json_in_yaml(&text).map(|tree| format!("{tree:?}"));
            prop_assert!(read.is_some());
            prop_assert_eq!(read, tree_of(&text));
        }
    }

    #[test]
    fn what_only_resembles_json_is_left_to_the_yaml_reader() {
        for text in [
            "{a: 1}",
            "{\"a\": 1} # why",
            "{\"a\": 1, \"a\": 2}",
            "{\"a\": yes}",
            "{\"a\": 1}\n---\n{}",
            "a: {}",
        ] {
            assert!(json_in_yaml(text).is_none(), "{text}");
        }
    }
}
