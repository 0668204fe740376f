//! YAML to tree, from the events of a parser that keeps places.
//!
//! Aliases are expanded into copies, within limits on values and bytes, so that nine short lines cannot
//! become a billion. Tags (but `!!str`), merge keys and further documents are refused, each with its place:
//! a configuration that needs them is read differently by every tool.

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

use super::{Budget, Entries, MOST_BYTES, MOST_DEPTH, MOST_VALUES, scalar};
use crate::config::code::Code;
use crate::config::issue::Report;
use crate::config::path::{Path, shorten};
use crate::config::tree::{Entry, Node, Value};

/// Reads YAML text.
pub(super) fn read(text: &str, report: &mut Report<'_>) -> Option<Node> {
    let mut options = granit_parser::options! { emit_unresolved_aliases: true, flow_nesting_limit: MOST_DEPTH + 8, block_nesting_limit: MOST_DEPTH + 8 };
    options.set_emit_comments(false);
    let mut builder = Builder::default();
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => {
                if !builder.event(event, &span, report) {
                    return None;
                }
            }
            Err(error) => {
                syntax(&error, text, report);
                return None;
            }
        }
    }
    match builder.root {
        Some(Node {
            value: Value::Null,
            at,
        }) => empty(at.min(text.len()), report),
        None => empty(0, report),
        root => root,
    }
}

fn empty(at: usize, report: &mut Report<'_>) -> Option<Node> {
    report.error(
        Code::EmptyFile,
        at,
        &Path::Root,
        "file holds no configuration; `fastroute init` writes one to start from",
    );
    None
}

fn syntax(error: &granit_parser::ScanError, text: &str, report: &mut Report<'_>) {
    use granit_parser::ErrorKind;
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let (code, message) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => (
            Code::TooDeep,
            format!("values are nested over the limit of {MOST_DEPTH} levels"),
        ),
        kind => (Code::Syntax, format!("malformed YAML: {kind}")),
    };
    report.error(code, at, &Path::Root, message);
}

/// A list or mapping whose end has not come yet.
struct Open {
    at: usize,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map {
        entries: Entries,
        key: Option<(String, usize)>,
    },
}

#[derive(Default)]
struct Builder {
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    budget: Budget,
    copied_bytes: usize,
    documents: usize,
}

impl Builder {
    /// Takes one event; `false` ends the reading.
    fn event(&mut self, event: Event<'_>, span: &Span, report: &mut Report<'_>) -> bool {
        let at = span.start.byte_offset().unwrap_or(0);
        match event {
            Event::DocumentStart(..) => self.document(at, report),
            Event::Scalar(text, style, anchor, tag) => {
                self.budget.take(at, self.stack.len(), report)
                    && self.scalar(text, style, anchor, tag.as_deref(), span, report)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), span, report);
                self.open(
                    Open {
                        at,
                        anchor,
                        kind: OpenKind::List(Vec::new()),
                    },
                    report,
                )
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), span, report);
                let kind = OpenKind::Map {
                    entries: Entries::default(),
                    key: None,
                };
                self.open(Open { at, anchor, kind }, report)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(report),
            Event::Alias(id) => self.alias(id, at, report),
            Event::UnresolvedAlias(name) => {
                let message = format!("alias `*{}` has no anchor before it", shorten(&name));
                report.error(Code::UnknownAlias, at, &Path::Root, message);
                self.place(Node::new(at, Value::Null), None, report)
            }
            _ => true,
        }
    }

    fn document(&mut self, at: usize, report: &mut Report<'_>) -> bool {
        self.documents += 1;
        if self.documents > 1 {
            report.error(
                Code::MultipleDocuments,
                at,
                &Path::Root,
                "a second document starts here; a configuration is one document",
            );
            return false;
        }
        true
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &Span,
        report: &mut Report<'_>,
    ) -> bool {
        let at = span.start.byte_offset().unwrap_or(0);
        let source = text.clone().into_owned();
        let value = match tag {
            Some(tag) if tag.is_yaml_core_schema_tag("str") => Value::Text(source.clone()),
            Some(_) => {
                refuse_tag(tag, span, report);
                Value::Text(source.clone())
            }
            None if style == ScalarStyle::Plain => scalar::plain(&text),
            None => Value::Text(source.clone()),
        };
        let node = Node::new(at, value);
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let is_plain = style == ScalarStyle::Plain;
        self.place(node, Some((source, is_plain)), report)
    }

    fn open(&mut self, open: Open, report: &mut Report<'_>) -> bool {
        if let Some(Open {
            kind: OpenKind::Map { key: None, .. },
            ..
        }) = self.stack.last()
        {
            report.error(
                Code::KeyNotText,
                open.at,
                &Path::Root,
                "a key is a list or a mapping; a text is expected",
            );
            return false;
        }
        let fits = self.budget.take(open.at, self.stack.len() + 1, report);
        self.stack.push(open);
        fits
    }

    fn close(&mut self, report: &mut Report<'_>) -> bool {
        let Some(open) = self.stack.pop() else {
            return true;
        };
        let value = match open.kind {
            OpenKind::List(items) => Value::List(items),
            OpenKind::Map { entries, .. } => Value::Map(entries.entries),
        };
        let node = Node::new(open.at, value);
        if open.anchor > 0 {
            self.anchors.insert(open.anchor, node.clone());
        }
        self.place(node, None, report)
    }

    /// Places a copy of what the anchor names.
    fn alias(&mut self, id: usize, at: usize, report: &mut Report<'_>) -> bool {
        let Some(node) = self.anchors.get(&id) else {
            report.error(
                Code::RecursiveAlias,
                at,
                &Path::Root,
                "an alias stands inside of the value that it stands for",
            );
            return false;
        };
        let size = Size::of(node, self.stack.len());
        self.budget.values += size.values;
        self.copied_bytes += size.bytes;
        if self.budget.values > MOST_VALUES || self.copied_bytes > MOST_BYTES {
            let message = format!(
                "aliases stand for more than the limit of {MOST_VALUES} values or {MOST_BYTES} bytes"
            );
            report.error(Code::AliasTooLarge, at, &Path::Root, message);
            return false;
        }
        if size.depth > MOST_DEPTH {
            let message = format!("values are nested over the limit of {MOST_DEPTH} levels");
            report.error(Code::TooDeep, at, &Path::Root, message);
            return false;
        }
        let node = node.clone();
        let source = match &node.value {
            Value::Text(text) => Some((text.clone(), false)),
            _ => None,
        };
        self.place(node, source, report)
    }

    /// Puts a finished value where it belongs; `source` is the text of a scalar and whether it is plain, for keys.
    fn place(
        &mut self,
        node: Node,
        source: Option<(String, bool)>,
        report: &mut Report<'_>,
    ) -> bool {
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return true;
        };
        let is_null = matches!(node.value, Value::Null);
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, key } => match key.take() {
                Some((key, key_at)) => entries.push(Entry { key, key_at, node }, report),
                None => match source {
                    Some((text, true)) if text == "<<" => {
                        report.error(
                            Code::UnsupportedMergeKey,
                            node.at,
                            &Path::Root,
                            "merge keys `<<` are not supported; write the keys out",
                        );
                        *key = Some(("<<".to_owned(), node.at));
                    }
                    Some((text, is_plain)) if !(is_plain && is_null) => {
                        *key = Some((text, node.at))
                    }
                    _ => {
                        report.error(
                            Code::KeyNotText,
                            node.at,
                            &Path::Root,
                            "a key is not a text",
                        );
                        return false;
                    }
                },
            },
        }
        true
    }
}

fn refuse_tag(tag: Option<&Tag>, span: &Span, report: &mut Report<'_>) {
    if let Some(tag) = tag {
        let at = span
            .tag_start()
            .unwrap_or(span.start)
            .byte_offset()
            .unwrap_or(0);
        let message = format!(
            "tag `{}` is not supported; leave it out",
            shorten(&tag.original())
        );
        report.error(Code::UnsupportedTag, at, &Path::Root, message);
    }
}

/// What a copy of a node would take.
struct Size {
    values: usize,
    bytes: usize,
    depth: usize,
}

impl Size {
    /// Counts a node that is placed below `depth` levels.
    fn of(node: &Node, depth: usize) -> Self {
        let mut size = Self {
            values: 1,
            bytes: 0,
            depth,
        };
        match &node.value {
            Value::Text(text) => size.bytes = text.len(),
            Value::List(items) => items
                .iter()
                .for_each(|item| size.add(Self::of(item, depth + 1))),
            Value::Map(entries) => {
                for entry in entries {
                    size.bytes += entry.key.len();
                    size.add(Self::of(&entry.node, depth + 1));
                }
            }
            _ => {}
        }
        if matches!(node.value, Value::List(_) | Value::Map(_)) {
            size.depth = size.depth.max(depth + 1);
        }
        size
    }

    fn add(&mut self, other: Self) {
        self.values += other.values;
        self.bytes += other.bytes;
        self.depth = self.depth.max(other.depth);
    }
}
