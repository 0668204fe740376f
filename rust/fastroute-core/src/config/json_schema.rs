//! JSON Schemas that answers must keep to, compiled so that no answer can make them slow.
//!
//! Patterns run on automata in linear time, so those with look-around and back references are
//! refused; a reference to another document is too, because nothing here reads one.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::path::shorten;

/// Largest pattern of a schema, compiled, in bytes.
const MOST_PATTERN_BYTES: usize = 1024 * 1024;

/// Compiles a schema of draft 2020-12, or of the draft that its `$schema` names.
///
/// # Errors
///
/// What is wrong with it, in one line.
pub(crate) fn compile(schema: &Value) -> Result<Validator, String> {
    let patterns = PatternOptions::regex().size_limit(MOST_PATTERN_BYTES);
    jsonschema::options()
        .with_pattern_options(patterns)
        .build(schema)
        .map_err(|error| {
            let reason = error.to_string().replace('\n', " ");
            shorten(reason.trim_end_matches('.'))
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compile;

    #[test]
    fn what_is_no_schema_or_needs_more_than_linear_time_is_refused() {
        for schema in [
            json!({"type": "nothing"}),
            json!({"minimum": "1"}),
            json!({"required": "name"}),
            json!({"$ref": "https://example.com/schema.json"}),
            json!({"$ref": "#/$defs/missing"}),
            json!({"pattern": "(a)\\1"}),
            json!({"pattern": "(?=a)b"}),
            json!({"pattern": "("}),
            json!({"pattern": "^(x\\w{1,100}[0-9]y){1,300}$"}),
        ] {
            let reason = compile(&schema).err();
            assert!(reason.is_some_and(|reason| !reason.is_empty()), "{schema}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let list = json!({
            "$defs": {"list": {"properties": {"next": {"$ref": "#/$defs/list"}}, "required": ["value"]}},
            "$ref": "#/$defs/list"
        });
        let list = compile(&list).unwrap();
        assert!(list.is_valid(&json!({"value": 1, "next": {"value": 2}})));
        assert!(!list.is_valid(&json!({"value": 1, "next": {}})));
        if let Ok(endless) = compile(&json!({"$ref": "#"})) {
            let _ = endless.is_valid(&json!(1));
        }
        if let Ok(endless) =
            compile(&json!({"anyOf": [{"$ref": "#"}], "allOf": [{"not": {"$ref": "#"}}]}))
        {
            let _ = endless.is_valid(&json!(1));
        }
    }
}
