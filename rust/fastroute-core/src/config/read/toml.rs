//! TOML to tree, from a document that keeps places.

use toml_edit::{Document, Item, TableLike, Value as Toml};

use super::{Budget, Entries};
use crate::config::code::Code;
use crate::config::issue::Report;
use crate::config::path::Path;
use crate::config::tree::{Entry, Node, Value};

/// Reads TOML text.
pub(super) fn read(text: &str, report: &mut Report<'_>) -> Option<Node> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let at = error.span().map_or(text.len(), |span| span.start);
            let message = error.message();
            let code = match message {
                _ if message.starts_with("duplicate key") => Code::DuplicateKey,
                _ if message.contains("recursion limit") => Code::TooDeep,
                _ => Code::Syntax,
            };
            report.error(code, at, &Path::Root, format!("malformed TOML: {message}"));
            return None;
        }
    };
    if document.as_table().is_empty() {
        report.error(
            Code::EmptyFile,
            0,
            &Path::Root,
            "file holds no configuration; `fastroute init` writes one to start from",
        );
        return None;
    }
    let mut reader = Reader {
        budget: Budget::default(),
        report,
    };
    reader.table(document.as_table(), 0, 1)
}

struct Reader<'r, 'p> {
    budget: Budget,
    report: &'r mut Report<'p>,
}

impl Reader<'_, '_> {
    fn table(&mut self, table: &dyn TableLike, at: usize, depth: usize) -> Option<Node> {
        if !self.budget.take(at, depth, self.report) {
            return None;
        }
        let mut entries = Entries::default();
        for (name, item) in table.iter() {
            let key_at = table
                .key(name)
                .and_then(toml_edit::Key::span)
                .map_or(at, |span| span.start);
            if let Some(node) = self.item(item, key_at, depth)? {
                entries.push(
                    Entry {
                        key: name.to_owned(),
                        key_at,
                        node,
                    },
                    self.report,
                );
            }
        }
        Some(Node::new(at, Value::Map(entries.entries)))
    }

    /// Reads an item that has no place of its own better than `near`; `Some(None)` leaves it out.
    fn item(&mut self, item: &Item, near: usize, depth: usize) -> Option<Option<Node>> {
        let at = item.span().map_or(near, |span| span.start);
        match item {
            Item::None => Some(None),
            Item::Table(table) => self.table(table, at, depth + 1).map(Some),
            Item::ArrayOfTables(tables) => {
                if !self.budget.take(at, depth + 1, self.report) {
                    return None;
                }
                let mut items = Vec::new();
                for table in tables {
                    let at = table.span().map_or(at, |span| span.start);
                    items.push(self.table(table, at, depth + 2)?);
                }
                Some(Some(Node::new(at, Value::List(items))))
            }
            Item::Value(value) => self.value(value, near, depth),
        }
    }

    fn value(&mut self, value: &Toml, near: usize, depth: usize) -> Option<Option<Node>> {
        let at = value.span().map_or(near, |span| span.start);
        let simple = match value {
            Toml::InlineTable(table) => return self.table(table, at, depth + 1).map(Some),
            Toml::Array(array) => {
                if !self.budget.take(at, depth + 1, self.report) {
                    return None;
                }
                let mut items = Vec::new();
                for item in array {
                    items.extend(self.value(item, at, depth + 1)?);
                }
                return Some(Some(Node::new(at, Value::List(items))));
            }
            Toml::String(text) => Value::Text(text.value().clone()),
            Toml::Integer(integer) => Value::Integer(*integer.value()),
            Toml::Float(number) => Value::Number(*number.value()),
            Toml::Boolean(truth) => Value::Bool(*truth.value()),
            Toml::Datetime(_) => {
                self.report.error(
                    Code::UnsupportedValue,
                    at,
                    &Path::Root,
                    "a date or time stands here; no key takes one",
                );
                return Some(None);
            }
        };
        self.budget
            .take(at, depth, self.report)
            .then(|| Some(Node::new(at, simple)))
    }
}
