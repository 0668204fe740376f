//! The shapes of the contract's messages in JSON, from its descriptors, and those of schemas, to compare.

use std::collections::BTreeMap;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use serde_json::Value;

const PACKAGE: &str = ".fastroute.v1.";

/// What a message or an enum looks like in JSON.
#[derive(Debug, Eq, PartialEq)]
pub enum Shape {
    /// Values of an enum, in order.
    Enum(Vec<String>),
    /// Fields of a message, in order, with what each holds.
    Fields(Vec<(String, String)>),
}

/// The shapes of messages and of everything that they hold, by name.
pub fn messages_of(roots: &[&str]) -> BTreeMap<String, Shape> {
    let set = FileDescriptorSet::decode(fastroute_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let files = || {
        set.file
            .iter()
            .filter(|file| file.package() == "fastroute.v1")
    };
    let message = |name: &str| {
        files()
            .flat_map(|file| &file.message_type)
            .find(|it| it.name() == name)
    };
    let enumeration = |name: &str| {
        files()
            .flat_map(|file| &file.enum_type)
            .find(|it| it.name() == name)
    };
    let mut shapes = BTreeMap::new();
    let mut left = roots
        .iter()
        .map(|name| (*name).to_owned())
        .collect::<Vec<_>>();
    while let Some(name) = left.pop() {
        if shapes.contains_key(&name) {
            continue;
        }
        if let Some(message) = message(&name) {
            let held = message
                .field
                .iter()
                .filter_map(|field| field.type_name.as_deref());
            left.extend(
                held.filter_map(|held| held.strip_prefix(PACKAGE))
                    .map(str::to_owned),
            );
            shapes.insert(name, fields_of(message));
        } else {
            let found = enumeration(&name).unwrap_or_else(|| panic!("no {name} in the contract"));
            shapes.insert(name, values_of(found));
        }
    }
    shapes
}

fn fields_of(message: &DescriptorProto) -> Shape {
    let fields = message.field.iter().map(|field| {
        let mut held = held_by(field);
        if field.label() == Label::Repeated {
            held = format!("[{held}]");
        }
        (field.json_name().to_owned(), held)
    });
    Shape::Fields(fields.collect())
}

fn held_by(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Bool => "boolean".to_owned(),
        Type::Bytes => "base64".to_owned(),
        Type::Double | Type::Float => "number".to_owned(),
        Type::Int32 | Type::Uint32 => "integer".to_owned(),
        Type::String => "string".to_owned(),
        Type::Uint64 => "Uint64".to_owned(),
        Type::Enum | Type::Message => {
            let name = field.type_name();
            name.rsplit('.').next().unwrap_or(name).to_owned()
        }
        other => panic!("{other:?} has no form here yet"),
    }
}

fn values_of(enumeration: &EnumDescriptorProto) -> Shape {
    Shape::Enum(
        enumeration
            .value
            .iter()
            .map(|value| value.name().to_owned())
            .collect(),
    )
}

/// The shape that a schema describes.
pub fn shape_of(schema: &Value) -> Shape {
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().filter_map(Value::as_str).map(str::to_owned);
        return Shape::Enum(values.collect());
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    Shape::Fields(
        properties
            .map(|(name, schema)| (name.clone(), held_in(schema)))
            .collect(),
    )
}

fn held_in(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or(reference).to_owned();
    }
    match schema["type"].as_str() {
        Some("array") => format!("[{}]", held_in(&schema["items"])),
        Some("string") if schema["contentEncoding"] == "base64" => "base64".to_owned(),
        Some(kind) => kind.to_owned(),
        None => "anything".to_owned(),
    }
}
