//! Secrets in a configuration: kept as they were written, shown to nobody.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;

/// A secret as the file writes it: `${NAME}`, which a host reads from its environment, or the secret itself.
///
/// Neither `Debug` nor serialising shows it, so two configurations that differ in a secret alone have one revision.
#[derive(Clone, Deserialize, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Returns the environment variable that holds it; none when it was written out.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        let name = self.0.strip_prefix("${")?.strip_suffix('}')?;
        let mut letters = name.bytes();
        let is_name = letters
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == b'_')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == b'_');
        is_name.then_some(name)
    }

    /// Returns the text as it was written, for the host that sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable() {
            Some(name) => write!(f, "Secret(${{{name}}})"),
            None => f.write_str("Secret"),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.variable() {
            Some(_) => serializer.serialize_str(&self.0),
            None => serializer.serialize_str("[secret]"),
        }
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": 10_000 })
    }
}
