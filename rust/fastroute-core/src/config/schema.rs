//! The JSON Schema of a configuration, for editors and for the checks at load.
//!
//! It is derived from the structs of [`model`](super::model), then tightened where serde is laxer than
//! a person would want: a key without a value is an error, never an absent key, and a whole number
//! has the range of its type.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::model::Config;

/// Returns the JSON Schema (draft 2020-12) of a configuration.
///
/// # Examples
///
/// ```
/// let schema = fastroute_core::config::schema();
/// assert!(schema["properties"]["routes"].is_object());
/// ```
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Config>().to_value();
    tighten(&mut schema);
    schema
}

fn tighten(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tighten),
        Value::Object(object) => {
            forbid_null(object);
            bound_integer(object);
            object.values_mut().for_each(tighten);
        }
        _ => {}
    }
}

/// Takes `null` out of `type` lists and `anyOf`, and unwraps what is left alone.
fn forbid_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    let Some(Value::Array(alternatives)) = object.get_mut("anyOf") else {
        return;
    };
    alternatives.retain(|alternative| alternative.get("type") != Some(&json!("null")));
    if let [Value::Object(only)] = alternatives.as_slice() {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

fn bound_integer(object: &mut Map<String, Value>) {
    if object.get("format") == Some(&json!("uint32")) {
        object.entry("maximum").or_insert(json!(u32::MAX));
    }
    // `format` is for code generators; as an annotation it would only puzzle a reader.
    if object
        .get("type")
        .is_some_and(|name| name == "integer" || name == "number")
    {
        object.remove("format");
    }
}
