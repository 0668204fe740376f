//! Compiles the JSON Schema of the structs into shapes.
//!
//! Reads the part of JSON Schema that schemars writes for our structs and nothing else; what it does not know is a
//! mistake in the structs, found by the test that compiles the schema.

use serde_json::{Map, Value};

use super::{Bounds, Field, Shape, Shapes};

/// Compiles a schema.
///
/// # Panics
///
/// Panics on a construct that the structs never produce. The schema is part of the program, not input.
pub(super) fn compile(schema: &Value) -> Shapes {
    let empty = Map::new();
    let definitions = schema
        .get("$defs")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let compiler = Compiler {
        names: definitions.keys().map(String::as_str).collect(),
    };
    Shapes {
        root: compiler.shape(schema),
        definitions: definitions
            .values()
            .map(|definition| compiler.shape(definition))
            .collect(),
    }
}

struct Compiler<'s> {
    names: Vec<&'s str>,
}

impl Compiler<'_> {
    fn shape(&self, schema: &Value) -> Shape {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
            return match self.names.iter().position(|known| *known == name) {
                Some(number) => Shape::Reference(number),
                None => unknown(schema),
            };
        }
        if let Some(alternatives) = schema["anyOf"]
            .as_array()
            .or_else(|| schema["oneOf"].as_array())
        {
            return self.alternatives(alternatives);
        }
        match schema["type"].as_str() {
            Some("array") => Shape::List {
                items: Box::new(self.shape(&schema["items"])),
                least: count(schema, "minItems", 0),
                most: count(schema, "maxItems", usize::MAX),
            },
            Some("boolean") => Shape::Bool,
            Some("integer") => Shape::Integer(bounds(schema)),
            Some("number") => Shape::Number(bounds(schema)),
            Some("object") => self.object(schema),
            Some("string") => text(schema),
            _ => unknown(schema),
        }
    }

    fn object(&self, schema: &Value) -> Shape {
        if schema["additionalProperties"] == true {
            return Shape::Map(Box::new(Shape::Any));
        }
        if schema["additionalProperties"].is_object() {
            return Shape::Map(Box::new(self.shape(&schema["additionalProperties"])));
        }
        let Some(properties) = schema["properties"].as_object() else {
            return unknown(schema);
        };
        let required = schema["required"].as_array();
        let is_required =
            |key: &str| required.is_some_and(|keys| keys.iter().any(|required| required == key));
        let field = |(key, property): (&String, &Value)| Field {
            key: key.clone(),
            is_required: is_required(key),
            shape: self.shape(property),
        };
        Shape::Struct(properties.iter().map(field).collect())
    }

    fn alternatives(&self, alternatives: &[Value]) -> Shape {
        let shapes: Vec<Shape> = alternatives
            .iter()
            .map(|alternative| self.shape(alternative))
            .collect();
        // A value is picked by what it looks like, so texts become one alternative and mappings with one key another.
        let is_tag = |shape: &Shape| matches!(shape, Shape::Struct(fields) if matches!(fields.as_slice(), [Field { is_required: true, .. }]));
        let (choices, others): (Vec<Shape>, Vec<Shape>) = shapes
            .into_iter()
            .partition(|shape| matches!(shape, Shape::Choice(_)));
        let (tags, mut shapes): (Vec<Shape>, Vec<Shape>) = others.into_iter().partition(is_tag);
        let choices: Vec<String> = choices
            .into_iter()
            .flat_map(|shape| match shape {
                Shape::Choice(values) => values,
                _ => Vec::new(),
            })
            .collect();
        let tags: Vec<Field> = tags
            .into_iter()
            .flat_map(|shape| match shape {
                Shape::Struct(fields) => fields,
                _ => Vec::new(),
            })
            .collect();
        if !tags.is_empty() {
            shapes.insert(0, Shape::Tagged(tags));
        }
        if !choices.is_empty() {
            shapes.insert(0, Shape::Choice(choices));
        }
        if shapes.len() == 1 {
            return shapes.remove(0);
        }
        Shape::Union(shapes)
    }
}

fn text(schema: &Value) -> Shape {
    if let Some(value) = schema["const"].as_str() {
        return Shape::Choice(vec![value.to_owned()]);
    }
    if let Some(values) = schema["enum"].as_array() {
        return Shape::Choice(
            values
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        );
    }
    if schema["pattern"].is_string() {
        return Shape::Duration;
    }
    Shape::Text {
        least: count(schema, "minLength", 0),
        most: count(schema, "maxLength", usize::MAX),
    }
}

fn bounds(schema: &Value) -> Bounds {
    Bounds {
        min: schema["minimum"].as_f64().unwrap_or(f64::NEG_INFINITY),
        max: schema["maximum"].as_f64().unwrap_or(f64::INFINITY),
    }
}

fn count(schema: &Value, key: &str, otherwise: usize) -> usize {
    schema[key]
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(otherwise)
}

fn unknown(schema: &Value) -> Shape {
    unreachable!("the structs of a configuration gave a schema that is not compiled: {schema}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_part_of_the_schema_is_known() {
        let shapes = super::compile(&crate::config::schema());
        assert!(shapes.definitions.len() > 30);
    }
}
