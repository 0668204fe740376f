//! The description of the HTTP door, as OpenAPI 3.1.
//!
//! Written by hand, because the generated ones know neither the JSON form of protobuf nor our errors; a test holds
//! it against the descriptors of the contract and against real answers.

use std::sync::LazyLock;

use serde_json::Value;

/// The description in YAML.
pub const OPENAPI_YAML: &str = include_str!("openapi.yaml");

/// Returns the description in JSON.
pub fn openapi_json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| {
        // The text is part of the program, so a test sees a defect of it, no user does.
        let description = serde_saphyr::from_str::<Value>(OPENAPI_YAML).unwrap_or_default();
        description.to_string()
    });
    &JSON
}
