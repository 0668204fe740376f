//! What a value at a place may be: the JSON Schema, compiled into a form that explains itself.
//!
//! A general validator reports a mismatch in an alternative as a wall of attempts; people need one sentence at
//! the right place. So the schema, which stays the only source, is compiled once into [`Shape`]s, and an
//! alternative is picked by what the value looks like. Compiling takes well below a millisecond; a property
//! test holds the result equal to the `jsonschema` crate.

mod compile;
mod suggest;
mod value;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use suggest::hint;
use value::to_json;

use std::sync::OnceLock;

use super::issue::Report;
use super::path::Path;
use super::tree::Node;

/// Reports every violation of the schema in a tree.
pub(crate) fn check(tree: &Node, report: &mut Report<'_>) {
    let shapes = compiled();
    walk::walk(shapes, &shapes.root, tree, &Path::Root, report);
}

/// Turns a tree that [`check`] accepts into what serde reads.
pub(crate) fn json(tree: &Node) -> serde_json::Value {
    let shapes = compiled();
    to_json(shapes, &shapes.root, tree)
}

fn compiled() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| compile::compile(&super::schema()))
}

/// The schema, with its definitions by number.
pub(crate) struct Shapes {
    root: Shape,
    definitions: Vec<Shape>,
}

impl Shapes {
    /// Follows references.
    fn resolve<'s>(&'s self, mut shape: &'s Shape) -> &'s Shape {
        while let Shape::Reference(number) = shape {
            shape = &self.definitions[*number];
        }
        shape
    }
}

/// What a value may be.
#[derive(Debug)]
enum Shape {
    /// Whatever JSON can say, `null` included.
    Any,
    Bool,
    /// One of a few texts.
    Choice(Vec<String>),
    Duration,
    Integer(Bounds),
    List {
        items: Box<Shape>,
        least: usize,
        most: usize,
    },
    /// A mapping whose keys are names.
    Map(Box<Shape>),
    Number(Bounds),
    /// A definition, by number.
    Reference(usize),
    Struct(Vec<Field>),
    /// A mapping with exactly one of these keys.
    Tagged(Vec<Field>),
    Text {
        least: usize,
        most: usize,
    },
    /// One of several, told apart by what the value looks like.
    Union(Vec<Shape>),
}

/// A range, both ends included.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    min: f64,
    max: f64,
}

/// A key of a mapping.
#[derive(Debug)]
struct Field {
    key: String,
    is_required: bool,
    shape: Shape,
}
