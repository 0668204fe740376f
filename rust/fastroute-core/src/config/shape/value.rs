//! Turns a checked tree into the value that serde reads into structs.

use serde_json::{Map, Number, Value as Json};

use super::{Shape, Shapes};
use crate::config::tree::{Node, Value};

/// Converts a node; where a whole number is expected, `3.0` becomes `3`.
pub(super) fn to_json(shapes: &Shapes, shape: &Shape, node: &Node) -> Json {
    let shape = shapes.resolve(shape);
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Integer(integer) => Json::Number((*integer).into()),
        Value::Number(number) if matches!(shape, Shape::Integer(_)) => {
            Json::Number((*number as i64).into())
        }
        Value::Number(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(
            items
                .iter()
                .map(|item| to_json(shapes, item_shape(shapes, shape), item))
                .collect(),
        ),
        Value::Map(entries) => {
            let convert = |entry: &crate::config::tree::Entry| {
                let value = to_json(shapes, field_shape(shapes, shape, &entry.key), &entry.node);
                (entry.key.clone(), value)
            };
            Json::Object(entries.iter().map(convert).collect::<Map<_, _>>())
        }
    }
}

fn item_shape<'s>(shapes: &'s Shapes, shape: &'s Shape) -> &'s Shape {
    match shape {
        Shape::List { items, .. } => items,
        Shape::Union(alternatives) => {
            let list = alternatives
                .iter()
                .map(|alternative| shapes.resolve(alternative));
            list.into_iter()
                .find(|shape| matches!(shape, Shape::List { .. }))
                .map_or(shape, |list| item_shape(shapes, list))
        }
        _ => shape,
    }
}

fn field_shape<'s>(shapes: &'s Shapes, shape: &'s Shape, key: &str) -> &'s Shape {
    match shape {
        Shape::Struct(fields) | Shape::Tagged(fields) => fields
            .iter()
            .find(|field| field.key == key)
            .map_or(shape, |field| &field.shape),
        Shape::Map(values) => values,
        Shape::Union(alternatives) => {
            let mut structs = alternatives
                .iter()
                .map(|alternative| shapes.resolve(alternative));
            structs
                .find(|shape| matches!(shape, Shape::Struct(_) | Shape::Tagged(_) | Shape::Map(_)))
                .map_or(shape, |inner| field_shape(shapes, inner, key))
        }
        _ => shape,
    }
}
