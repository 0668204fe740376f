//! The schema file and the reference page are what the structs say today.
//!
//! With `FASTROUTE_UPDATE=1` in the environment the test writes them instead of comparing.

use std::fs;
use std::path::Path;

use fastroute_core::config::{Code, schema};
use serde_json::Value;

#[test]
fn the_schema_file_is_fresh() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    compare("fastroute.schema.json", &text);
}

#[test]
fn the_reference_is_fresh() {
    compare("configuration.md", &reference());
}

#[test]
fn the_schema_is_one() {
    jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<String> = jsonschema::meta::validator_for(&schema())
        .map(|validator| {
            validator
                .iter_errors(&schema())
                .map(|error| error.to_string())
                .collect()
        })
        .unwrap_or_default();
    assert_eq!(errors, [""; 0]);
}

fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    if std::env::var_os("FASTROUTE_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let on_disk = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        on_disk == text,
        "docs/{name} is stale; run `FASTROUTE_UPDATE=1 cargo test -p fastroute-core --test config reference`"
    );
}

const OPENING: &str = "\
# Configuration reference

One file in YAML, TOML or JSON. This page is generated from the structs that read it; editors take `fastroute.schema.json`
beside it, with a first line `# yaml-language-server: $schema=fastroute.schema.json`. `fastroute check FILE` reports everything that
is wrong at once, with line, column, path and a code from the list at the end.

- A key without a value is an error; leave it out instead. Unknown and repeated keys are errors.
- `32_768` is a whole number. Durations are written `800ms`, `30s`, `5m`, `1h` or `1d`, one unit a value.
- YAML: one document, no tags but `!!str`, no merge keys; aliases stand for copies.
- Limits: 16 MiB, 64 levels and 1,000,000 values a file; 100,000 keywords and 100,000 examples in all, 10,000 examples a route.
- Paths of files are relative to the folder of the configuration.
";

/// The reference page.
fn reference() -> String {
    let schema = schema();
    let mut page = OPENING.to_owned();
    page.push_str("\n## The file\n");
    describe(&schema, &schema, &mut page);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        page.push_str(&format!("\n## {name}\n"));
        describe(definition, &schema, &mut page);
    }
    page.push_str("\n## Codes\n\n| code | meaning |\n|---|---|\n");
    for code in Code::ALL {
        page.push_str(&format!("| `{code}` | {} |\n", cell(code.meaning())));
    }
    page
}

fn describe(definition: &Value, schema: &Value, page: &mut String) {
    page.push_str(&format!(
        "\n{}\n",
        definition["description"].as_str().unwrap()
    ));
    if let Some(properties) = definition["properties"].as_object() {
        page.push_str("\n| key | value | default | meaning |\n|---|---|---|---|\n");
        for (key, property) in properties {
            let is_required = definition["required"]
                .as_array()
                .is_some_and(|keys| keys.iter().any(|required| required == key));
            let default = match property.get("default") {
                _ if is_required => "needed".to_owned(),
                Some(value) if value.is_object() => String::new(),
                Some(value) => format!("`{}`", number(value)),
                None => String::new(),
            };
            page.push_str(&format!(
                "| `{key}` | {} | {default} | {} |\n",
                cell(&kind(property)),
                cell(property["description"].as_str().unwrap_or_default())
            ));
        }
    }
    let alternatives = definition["oneOf"]
        .as_array()
        .or_else(|| definition["anyOf"].as_array());
    let Some(alternatives) = alternatives else {
        return;
    };
    page.push_str("\n| one of | meaning |\n|---|---|\n");
    for alternative in alternatives {
        let what = match alternative["properties"]
            .as_object()
            .and_then(|properties| properties.iter().next())
        {
            Some((key, property)) => format!("`{key}`: {}", kind(property)),
            None => kind(alternative),
        };
        page.push_str(&format!(
            "| {} | {} |\n",
            cell(&what),
            cell(alternative["description"].as_str().unwrap_or_default())
        ));
    }
    let _ = schema;
}

/// What a value is, in words.
fn kind(property: &Value) -> String {
    if let Some(reference) = property["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(value) = property["const"].as_str() {
        return format!("`{value}`");
    }
    let range = match (property.get("minimum"), property.get("maximum")) {
        (Some(min), Some(max)) if min == max => format!(", `{}`", number(min)),
        (Some(min), Some(max)) => format!(", {} to {}", number(min), number(max)),
        (Some(min), None) => format!(", at least {}", number(min)),
        _ => String::new(),
    };
    match property["type"].as_str() {
        Some("array") => format!("list of {}", kind(&property["items"])),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => format!("whole number{range}"),
        Some("number") => format!("number{range}"),
        Some("object") if property["additionalProperties"] == true => "mapping".to_owned(),
        Some("object") => format!(
            "mapping of names to {}",
            kind(&property["additionalProperties"])
        ),
        Some("string") => "text".to_owned(),
        _ => panic!("a value that the reference cannot describe: {property}"),
    }
}

/// A number as a person writes it; 32-bit fractions without their tail.
fn number(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => (number as f32).to_string(),
        _ => value.to_string(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace("\n\n", " ")
        .replace('\n', " ")
}
