//! A parsed file before its meaning is known: values with the place where they stand.
//!
//! One shape for YAML, JSON and TOML, so that everything after reading is written once. Numbers keep
//! what the file said: an integer stays one, and a non-finite number is kept to be refused with its place.

use super::path::Path;

/// A value and the byte offset at which it starts.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value. Keys are unique within a map: readers report and drop a repeated one.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: usize,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn new(at: usize, value: Value) -> Self {
        Self { at, value }
    }

    /// The entry of a key, when this is a map that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Offset of the value at a path, or of the nearest thing above it that exists.
    pub(crate) fn locate(&self, path: &Path<'_>) -> usize {
        self.find(path).0.at
    }

    /// Offset of the key that a path ends with, or of the nearest thing above it that exists.
    pub(crate) fn locate_key(&self, path: &Path<'_>) -> usize {
        let Path::Key(parent, key) = path else {
            return self.locate(path);
        };
        let (node, _) = self.find(parent);
        node.entry(key).map_or(node.at, |entry| entry.key_at)
    }

    /// Whether there is a value at a path.
    pub(crate) fn has(&self, path: &Path<'_>) -> bool {
        self.find(path).1
    }

    /// The deepest existing node on the path, and whether it is the path's own.
    fn find(&self, path: &Path<'_>) -> (&Node, bool) {
        let (parent, child) = match path {
            Path::Root => return (self, true),
            Path::Key(parent, key) => {
                let (node, whole) = self.find(parent);
                (
                    node,
                    whole
                        .then(|| node.entry(key).map(|entry| &entry.node))
                        .flatten(),
                )
            }
            Path::Index(parent, index) => {
                let (node, whole) = self.find(parent);
                let child = match &node.value {
                    Value::List(items) if whole => items.get(*index),
                    _ => None,
                };
                (node, child)
            }
        };
        child.map_or((parent, false), |child| (child, true))
    }
}

impl Value {
    /// What a person calls it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}
