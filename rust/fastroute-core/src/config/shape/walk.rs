//! Walks a tree along its shape and reports every mismatch where it stands.

use super::suggest::hint;
use super::{Bounds, Field, Shape, Shapes};
use crate::config::code::Code;
use crate::config::duration::Duration;
use crate::config::issue::Report;
use crate::config::path::{Path, shorten};
use crate::config::tree::{Entry, Node, Value};

/// Reports what is wrong with a node and everything below it.
pub(super) fn walk(
    shapes: &Shapes,
    shape: &Shape,
    node: &Node,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    Walker { shapes, report }.node(shape, node, path);
}

struct Walker<'s, 'r, 'p> {
    shapes: &'s Shapes,
    report: &'r mut Report<'p>,
}

impl Walker<'_, '_, '_> {
    fn node(&mut self, shape: &Shape, node: &Node, path: &Path<'_>) {
        let shape = self.shapes.resolve(shape);
        match (shape, &node.value) {
            (Shape::Any, Value::List(list)) => {
                for (index, item) in list.iter().enumerate() {
                    self.node(shape, item, &path.index(index));
                }
            }
            (Shape::Any, Value::Map(entries)) => {
                for entry in entries {
                    self.node(shape, &entry.node, &path.key(&entry.key));
                }
            }
            (Shape::Any, Value::Number(number)) if number.is_finite() => {}
            (Shape::Any, Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Text(_)) => {}
            (_, Value::Null) => self.error(
                Code::EmptyValue,
                node,
                path,
                format!("nothing is given; {} is expected", self.expected(shape)),
            ),
            (_, Value::Number(number)) if !number.is_finite() && self.takes_number(shape) => {
                self.error(
                    Code::NotFinite,
                    node,
                    path,
                    format!("`{number}` is not a finite number"),
                );
            }
            (Shape::Bool, Value::Bool(_)) => {}
            (Shape::Choice(values), Value::Text(text)) => self.choice(values, text, node, path),
            (Shape::Duration, Value::Text(text)) => {
                if let Err(message) = Duration::parse(text) {
                    self.error(Code::InvalidDuration, node, path, message);
                }
            }
            (Shape::Integer(bounds), Value::Integer(_) | Value::Number(_)) => {
                self.integer(*bounds, node, path)
            }
            (Shape::Number(bounds), Value::Integer(_) | Value::Number(_)) => {
                self.bounds(*bounds, node, path)
            }
            (Shape::Text { least, most }, Value::Text(text)) => {
                self.text(*least, *most, text, node, path)
            }
            (Shape::List { items, least, most }, Value::List(list)) => {
                self.length(*least, *most, list.len(), node, path);
                for (index, item) in list.iter().enumerate() {
                    self.node(items, item, &path.index(index));
                }
            }
            (Shape::Map(values), Value::Map(entries)) => {
                for entry in entries {
                    self.entry(values, entry, path);
                }
            }
            (Shape::Struct(fields), Value::Map(entries)) => {
                self.fields(fields, entries, node, path)
            }
            (Shape::Tagged(fields), Value::Map(entries)) => {
                self.tagged(fields, entries, node, path)
            }
            (Shape::Union(alternatives), _) => self.union(alternatives, node, path),
            _ => self.wrong_type(shape, node, path),
        }
    }

    /// Checks the value of a key; a missing value is reported at the key, which has a place of its own.
    fn entry(&mut self, shape: &Shape, entry: &Entry, path: &Path<'_>) {
        let path = path.key(&entry.key);
        if let (Value::Null, false) = (&entry.node.value, matches!(shape, Shape::Any)) {
            let expected = self.expected(self.shapes.resolve(shape));
            let message = format!(
                "key `{}` has no value; give it {expected}, or leave the key out",
                shorten(&entry.key)
            );
            self.report
                .error(Code::EmptyValue, entry.key_at, &path, message);
            return;
        }
        self.node(shape, &entry.node, &path);
    }

    fn fields(&mut self, fields: &[Field], entries: &[Entry], node: &Node, path: &Path<'_>) {
        for entry in entries {
            match fields.iter().find(|field| field.key == entry.key) {
                Some(field) => self.entry(&field.shape, entry, path),
                None => self.unknown_key(fields, entry, path),
            }
        }
        for field in fields.iter().filter(|field| field.is_required) {
            if !entries.iter().any(|entry| entry.key == field.key) {
                self.error(
                    Code::MissingKey,
                    node,
                    path,
                    format!("key `{}` is missing", field.key),
                );
            }
        }
    }

    fn tagged(&mut self, fields: &[Field], entries: &[Entry], node: &Node, path: &Path<'_>) {
        if entries.len() != 1 {
            let keys = list(fields.iter().map(|field| field.key.as_str()));
            let message = format!(
                "exactly one key of {keys} is expected; {} are given",
                entries.len()
            );
            self.error(Code::OneKeyExpected, node, path, message);
        }
        for entry in entries {
            match fields.iter().find(|field| field.key == entry.key) {
                Some(field) => self.entry(&field.shape, entry, path),
                None => self.unknown_key(fields, entry, path),
            }
        }
    }

    fn unknown_key(&mut self, fields: &[Field], entry: &Entry, path: &Path<'_>) {
        let known = || fields.iter().map(|field| field.key.as_str());
        let guess = if self.report.may_suggest() {
            hint(&entry.key, known())
        } else {
            String::new()
        };
        let known = if guess.is_empty() {
            format!("; known are {}", list(known()))
        } else {
            guess
        };
        let message = format!("key `{}` is unknown here{known}", shorten(&entry.key));
        self.report.error(
            Code::UnknownKey,
            entry.key_at,
            &path.key(&entry.key),
            message,
        );
    }

    fn choice(&mut self, values: &[String], text: &str, node: &Node, path: &Path<'_>) {
        if !values.iter().any(|value| value == text) {
            let known = || values.iter().map(String::as_str);
            let message = format!(
                "`{}` is not one of {}{}",
                shorten(text),
                list(known()),
                hint(text, known())
            );
            self.error(Code::UnknownValue, node, path, message);
        }
    }

    fn integer(&mut self, bounds: Bounds, node: &Node, path: &Path<'_>) {
        match node.value {
            Value::Number(number) if number.fract() != 0.0 => {
                self.error(
                    Code::WrongType,
                    node,
                    path,
                    format!("`{number}` is a number with a fraction; a whole number is expected"),
                );
            }
            _ => self.bounds(bounds, node, path),
        }
    }

    fn bounds(&mut self, bounds: Bounds, node: &Node, path: &Path<'_>) {
        let Some(number) = number(&node.value) else {
            return;
        };
        let is_version = matches!(path, Path::Key(Path::Root, "version"));
        if is_version && !(bounds.min..=bounds.max).contains(&number) {
            let message = format!(
                "version `{number}` is not supported; this release reads version `{}`",
                bounds.max
            );
            self.error(Code::UnsupportedVersion, node, path, message);
        } else if number < bounds.min {
            self.error(
                Code::OutOfRange,
                node,
                path,
                format!("`{number}` is below the limit of {}", bounds.min),
            );
        } else if number > bounds.max {
            self.error(
                Code::OutOfRange,
                node,
                path,
                format!("`{number}` is over the limit of {}", bounds.max),
            );
        }
    }

    fn text(&mut self, least: usize, most: usize, text: &str, node: &Node, path: &Path<'_>) {
        if text.len() < least || (least > 0 && text.is_empty()) {
            self.error(
                Code::EmptyText,
                node,
                path,
                "text is empty; at least 1 character is expected".to_owned(),
            );
        } else if text.len() > most && text.chars().count() > most {
            let message = format!(
                "text has {} characters, over the limit of {most}",
                text.chars().count()
            );
            self.error(Code::TextTooLong, node, path, message);
        }
    }

    fn length(&mut self, least: usize, most: usize, length: usize, node: &Node, path: &Path<'_>) {
        if length < least {
            self.error(
                Code::EmptyList,
                node,
                path,
                format!("list has {length} items, below the limit of {least}"),
            );
        } else if length > most {
            self.error(
                Code::TooMany,
                node,
                path,
                format!("list has {length} items, over the limit of {most}"),
            );
        }
    }

    /// Checks against the alternative that the value looks like.
    ///
    /// Where it looks like none, and where a text is not one of a few, all alternatives are named.
    fn union(&mut self, alternatives: &[Shape], node: &Node, path: &Path<'_>) {
        let shapes = || {
            alternatives
                .iter()
                .map(|alternative| self.shapes.resolve(alternative))
        };
        let fitting = shapes().find(|shape| looks_like(shape, &node.value));
        let (code, hint) = match (fitting, &node.value) {
            (None, _) => (Code::WrongType, String::new()),
            (Some(Shape::Choice(values)), Value::Text(text)) if !values.contains(text) => (
                Code::UnknownValue,
                hint(text, values.iter().map(String::as_str)),
            ),
            (Some(shape), _) => return self.node(shape, node, path),
        };
        let expected = shapes()
            .map(|shape| self.expected(shape))
            .collect::<Vec<_>>()
            .join(", or ");
        let message = format!(
            "{} is given; {expected} is expected{hint}",
            describe(&node.value)
        );
        self.error(code, node, path, message);
    }

    fn wrong_type(&mut self, shape: &Shape, node: &Node, path: &Path<'_>) {
        let quote = match (shape, &node.value) {
            (Shape::Text { .. }, Value::Bool(_) | Value::Integer(_) | Value::Number(_)) => {
                "; put it in quotes if it is meant as a text"
            }
            (Shape::Text { .. }, Value::Map(_)) => {
                "; put it in quotes if it is a text with a colon"
            }
            _ => "",
        };
        let message = format!(
            "{} is given; {} is expected{quote}",
            describe(&node.value),
            self.expected(shape)
        );
        self.error(Code::WrongType, node, path, message);
    }

    fn takes_number(&self, shape: &Shape) -> bool {
        match self.shapes.resolve(shape) {
            Shape::Any | Shape::Integer(_) | Shape::Number(_) => true,
            Shape::Union(alternatives) => alternatives
                .iter()
                .any(|alternative| self.takes_number(alternative)),
            _ => false,
        }
    }

    fn expected(&self, shape: &Shape) -> String {
        match shape {
            Shape::Any => "a value".to_owned(),
            Shape::Bool => "`true` or `false`".to_owned(),
            Shape::Choice(values) if values.len() == 1 => list(values.iter().map(String::as_str)),
            Shape::Choice(values) => format!("one of {}", list(values.iter().map(String::as_str))),
            Shape::Duration => "a duration such as `800ms`".to_owned(),
            Shape::Integer(_) => "a whole number".to_owned(),
            Shape::List { .. } => "a list".to_owned(),
            Shape::Map(_) | Shape::Struct(_) => "a mapping".to_owned(),
            Shape::Number(_) => "a number".to_owned(),
            Shape::Reference(_) => self.expected(self.shapes.resolve(shape)),
            Shape::Tagged(_) => "a mapping with one key".to_owned(),
            Shape::Text { .. } => "a text".to_owned(),
            Shape::Union(alternatives) => {
                let all = alternatives
                    .iter()
                    .map(|alternative| self.expected(self.shapes.resolve(alternative)));
                all.collect::<Vec<_>>().join(", or ")
            }
        }
    }

    fn error(&mut self, code: Code, node: &Node, path: &Path<'_>, message: String) {
        self.report.error(code, node.at, path, message);
    }
}

/// Whether a value is of the kind that a shape takes, its details aside.
pub(super) fn looks_like(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Any => true,
        Shape::Bool => matches!(value, Value::Bool(_)),
        Shape::Choice(_) | Shape::Duration | Shape::Text { .. } => matches!(value, Value::Text(_)),
        Shape::Integer(_) | Shape::Number(_) => {
            matches!(value, Value::Integer(_) | Value::Number(_))
        }
        Shape::List { .. } => matches!(value, Value::List(_)),
        Shape::Map(_) | Shape::Struct(_) | Shape::Tagged(_) => matches!(value, Value::Map(_)),
        Shape::Reference(_) | Shape::Union(_) => false,
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// A value in words, with the value itself when it is short.
fn describe(value: &Value) -> String {
    match value {
        Value::Bool(truth) => format!("`{truth}`"),
        Value::Integer(integer) => format!("the number `{integer}`"),
        Value::Number(number) => format!("the number `{number}`"),
        Value::Text(text) => format!("the text `{}`", shorten(text)),
        other => other.kind().to_owned(),
    }
}

fn list<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    keys.map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
