//! The form that an answer must have, compiled once when a configuration is loaded.
//!
//! JSON means the whole answer, white space aside: what is accepted here can be parsed by whoever
//! asked. An answer in a fence cannot, so it is not in form.
//!
//! A schema is compiled so that no answer can make it slow (see `config/json_schema.rs`), and JSON
//! nests at most 128 deep.

use std::fmt;

use jsonschema::Validator;
use serde_json::Value;

use crate::config::{AnswerFormat, compile_json_schema};

/// A form that answers must have.
pub(crate) enum Form {
    Json,
    JsonSchema(Box<Validator>),
    /// Only the host can tell.
    Python,
}

impl Form {
    /// Compiles a form; none for a schema that is none, which loading refuses.
    pub fn of(format: &AnswerFormat) -> Option<Self> {
        Some(match format {
            AnswerFormat::Json => Self::Json,
            AnswerFormat::JsonSchema(schema) => {
                Self::JsonSchema(Box::new(compile_json_schema(schema).ok()?))
            }
            AnswerFormat::Python => Self::Python,
        })
    }

    /// Whether an answer has the form; none when it cannot be told here.
    pub fn fits(&self, answer: &str) -> Option<bool> {
        let parsed = || serde_json::from_str::<Value>(answer.trim()).ok();
        match self {
            Self::Json => Some(parsed().is_some()),
            Self::JsonSchema(schema) => Some(parsed().is_some_and(|value| schema.is_valid(&value))),
            Self::Python => None,
        }
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "Json",
            Self::JsonSchema(_) => "JsonSchema",
            Self::Python => "Python",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Form;
    use crate::config::AnswerFormat;

    #[test]
    fn json_is_the_whole_answer() {
        let form = Form::of(&AnswerFormat::Json).expect("compiles");
        for (answer, fits) in [
            ("{}", true),
            (" [1, 2]\n", true),
            ("null", true),
            ("```json\n{}\n```", false),
            ("{} and so on", false),
            ("{'a': 1}", false),
            ("", false),
        ] {
            assert_eq!(form.fits(answer), Some(fits), "{answer}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(form.fits(&deep), Some(false));
    }

    #[test]
    fn a_schema_is_kept_to() {
        let schema = json!({
            "type": "object", "required": ["sum"], "additionalProperties": false,
            "properties": { "sum": { "type": "integer" }, "note": { "type": "string", "pattern": "^[a-z]+$" } },
        });
        let form = Form::of(&AnswerFormat::JsonSchema(schema)).expect("compiles");
        for (answer, fits) in [
            (r#"{"sum": 4}"#, true),
            (r#"{"sum": 4, "note": "abc"}"#, true),
            (r#"{"sum": 4, "note": "ABC"}"#, false),
            (r#"{"sum": "4"}"#, false),
            (r#"{"sum": 4, "more": 1}"#, false),
            ("4", false),
        ] {
            assert_eq!(form.fits(answer), Some(fits), "{answer}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let tree = json!({"type": "object", "properties": {"child": {"$ref": "#"}}});
        let form = Form::of(&AnswerFormat::JsonSchema(tree)).expect("compiles");
        assert_eq!(form.fits(r#"{"child": {"child": {}}}"#), Some(true));
        assert_eq!(form.fits(r#"{"child": {"child": 3}}"#), Some(false));
    }

    #[test]
    fn python_is_left_to_the_host() {
        let form = Form::of(&AnswerFormat::Python).expect("compiles");
        assert_eq!(form.fits("x = 1"), None);
    }
}
