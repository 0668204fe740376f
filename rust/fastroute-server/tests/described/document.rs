//! An OpenAPI document, and what may be wrong with one.
//!
//! No crate has the meta-schema of OpenAPI 3.1, so its rules are checked here as far as a document like ours can
//! break them; schemas are held against the meta-schema of JSON Schema 2020-12, which OpenAPI 3.1 takes as it is.

use std::collections::BTreeSet;

use fastroute_server::http::openapi_json;
use jsonschema::Draft;
use serde_json::{Value, json};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An OpenAPI document.
pub struct Document(Value);

impl Document {
    /// The one that the door serves.
    pub fn served() -> Self {
        Self(serde_json::from_str(openapi_json()).expect("a document"))
    }

    /// What stands at a pointer.
    pub fn at(&self, pointer: &str) -> &Value {
        self.0
            .pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer}"))
    }

    /// Puts a value at a pointer.
    pub fn set(&mut self, pointer: &str, value: Value) {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let name = name.replace("~1", "/");
        let parent = self.0.pointer_mut(parent).and_then(Value::as_object_mut);
        parent.expect("a mapping").insert(name, value);
    }

    /// Takes a name out of the mapping at a pointer.
    pub fn remove(&mut self, pointer: &str, name: &str) {
        let mapping = self.0.pointer_mut(pointer).and_then(Value::as_object_mut);
        mapping
            .expect("a mapping")
            .remove(name)
            .expect("a name that is there");
    }

    /// Every operation: path, method, and what it says.
    pub fn operations(&self) -> Vec<(String, String, &Value)> {
        let mut operations = Vec::new();
        for (path, item) in self.at("/paths").as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("a path item") {
                operations.push((path.clone(), method.clone(), operation));
            }
        }
        operations
    }

    /// The schema of a request's body.
    pub fn request(&self, path: &str) -> &Value {
        &self.at("/paths")[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    }

    /// What the document says of a status, its reference followed.
    pub fn response(&self, path: &str, method: &str, status: u16) -> &Value {
        let responses = &self.at("/paths")[path][method]["responses"];
        let response = &responses[status.to_string()];
        assert!(
            !response.is_null(),
            "{method} {path} does not describe {status}"
        );
        self.followed(response)
    }

    /// Every status of an operation.
    pub fn statuses(&self, path: &str, method: &str) -> Vec<u16> {
        let responses = self.at("/paths")[path][method]["responses"].as_object();
        let statuses = responses.expect("responses").keys();
        statuses
            .map(|status| status.parse().expect("a number"))
            .collect()
    }

    fn followed<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.at(reference.strip_prefix('#').expect("a local reference")),
            None => value,
        }
    }

    /// What is wrong with a value by a schema of the document.
    pub fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let whole = json!({"allOf": [schema], "components": self.0["components"]});
        let validator = match jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&whole)
        {
            Ok(validator) => validator,
            Err(error) => return vec![format!("no schema: {error}")],
        };
        let errors = validator.iter_errors(value);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    /// Everything that is wrong with the document.
    pub fn defects(&self) -> Vec<String> {
        let mut defects = Vec::new();
        self.check_references(&self.0, "#", &mut defects);
        self.check_unused(&mut defects);
        self.check_top(&mut defects);
        self.check_operations(&mut defects);
        self.check_components(&mut defects);
        defects
    }

    fn check_references(&self, value: &Value, at: &str, defects: &mut Vec<String>) {
        match value {
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.check_references(item, at, defects)),
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let target = reference
                        .strip_prefix('#')
                        .and_then(|to| self.0.pointer(to));
                    if target.is_none() {
                        defects.push(format!("{at}: `{reference}` is nowhere"));
                    }
                }
                for (name, value) in fields {
                    self.check_references(value, &format!("{at}/{name}"), defects);
                }
            }
            _ => {}
        }
    }

    fn check_unused(&self, defects: &mut Vec<String>) {
        let text = self.0.to_string();
        for kind in ["schemas", "responses", "parameters", "headers"] {
            for name in self.0["components"][kind]
                .as_object()
                .into_iter()
                .flat_map(|all| all.keys())
            {
                if !text.contains(&format!("\"#/components/{kind}/{name}\"")) {
                    defects.push(format!("{kind}/{name} is not used"));
                }
            }
        }
    }

    fn check_top(&self, defects: &mut Vec<String>) {
        let known = [
            "openapi",
            "info",
            "servers",
            "paths",
            "components",
            "security",
            "tags",
        ];
        check_names(&self.0, "#", &known, &["openapi", "info", "paths"], defects);
        let known = ["title", "version", "summary", "description", "license"];
        check_names(
            &self.0["info"],
            "info",
            &known,
            &["title", "version"],
            defects,
        );
        check_names(
            &self.0["info"]["license"],
            "license",
            &["name", "identifier"],
            &["name"],
            defects,
        );
        for server in self.0["servers"].as_array().into_iter().flatten() {
            check_names(server, "server", &["url", "description"], &["url"], defects);
        }
        for tag in self.0["tags"].as_array().into_iter().flatten() {
            check_names(tag, "tag", &["name", "description"], &["name"], defects);
        }
        self.check_security(&self.0["security"], "#", defects);
    }

    fn check_security(&self, security: &Value, at: &str, defects: &mut Vec<String>) {
        for requirement in security.as_array().into_iter().flatten() {
            for (scheme, scopes) in requirement.as_object().into_iter().flatten() {
                if self.0["components"]["securitySchemes"][scheme].is_null() || !scopes.is_array() {
                    defects.push(format!("{at}: security scheme `{scheme}` is nowhere"));
                }
            }
        }
    }

    fn check_operations(&self, defects: &mut Vec<String>) {
        let mut ids = BTreeSet::new();
        let tags = self.0["tags"].as_array().into_iter().flatten();
        let tags = tags
            .filter_map(|tag| tag["name"].as_str())
            .collect::<BTreeSet<_>>();
        for (path, method, operation) in self.operations() {
            let at = format!("{method} {path}");
            if !path.starts_with('/') || !METHODS.contains(&&*method) {
                defects.push(format!("{at}: no path and method"));
            }
            let known = [
                "operationId",
                "tags",
                "summary",
                "description",
                "parameters",
                "requestBody",
                "responses",
                "security",
            ];
            check_names(
                operation,
                &at,
                &known,
                &["operationId", "responses"],
                defects,
            );
            if !ids.insert(operation["operationId"].to_string()) {
                defects.push(format!("{at}: its operationId is taken"));
            }
            for tag in operation["tags"].as_array().into_iter().flatten() {
                if !tag.as_str().is_some_and(|tag| tags.contains(tag)) {
                    defects.push(format!("{at}: tag {tag} is nowhere"));
                }
            }
            self.check_security(&operation["security"], &at, defects);
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                self.check_parameter(self.followed_or_null(parameter), &at, defects);
            }
            if let Some(body) = operation.get("requestBody") {
                check_names(
                    body,
                    &at,
                    &["required", "content", "description"],
                    &["content"],
                    defects,
                );
                self.check_content(&body["content"], &at, defects);
            }
            let responses = operation["responses"].as_object().into_iter().flatten();
            for (status, response) in responses {
                let at = format!("{at} {status}");
                if status.len() != 3 || !status.bytes().all(|digit| digit.is_ascii_digit()) {
                    defects.push(format!("{at}: no status"));
                }
                self.check_response(self.followed_or_null(response), &at, defects);
            }
        }
    }

    fn followed_or_null<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"]
            .as_str()
            .and_then(|reference| reference.strip_prefix('#'))
        {
            Some(pointer) => self.0.pointer(pointer).unwrap_or(&Value::Null),
            None => value,
        }
    }

    fn check_response(&self, response: &Value, at: &str, defects: &mut Vec<String>) {
        check_names(
            response,
            at,
            &["description", "headers", "content"],
            &["description"],
            defects,
        );
        if !response["description"].is_string() {
            defects.push(format!("{at}: a response needs a description"));
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = self.followed_or_null(header);
            check_names(
                header,
                name,
                &["description", "schema"],
                &["schema"],
                defects,
            );
            self.check_schema(&header["schema"], name, defects);
        }
        self.check_content(&response["content"], at, defects);
    }

    fn check_content(&self, content: &Value, at: &str, defects: &mut Vec<String>) {
        for (kind, media) in content.as_object().into_iter().flatten() {
            let at = format!("{at} {kind}");
            check_names(media, &at, &["schema", "examples"], &["schema"], defects);
            self.check_schema(&media["schema"], &at, defects);
            for (name, example) in media["examples"].as_object().into_iter().flatten() {
                check_names(example, &at, &["summary", "value"], &["value"], defects);
                let errors = self.errors(&media["schema"], &example["value"]);
                defects.extend(
                    errors
                        .into_iter()
                        .map(|error| format!("{at} example {name}: {error}")),
                );
            }
        }
    }

    fn check_parameter(&self, parameter: &Value, at: &str, defects: &mut Vec<String>) {
        let known = ["name", "in", "description", "required", "schema", "example"];
        check_names(parameter, at, &known, &["name", "in", "schema"], defects);
        let place = parameter["in"].as_str().unwrap_or_default();
        if !["path", "query", "header", "cookie"].contains(&place) {
            defects.push(format!("{at}: a parameter is nowhere in `{place}`"));
        }
        self.check_schema(&parameter["schema"], at, defects);
        let errors = parameter
            .get("example")
            .map(|example| self.errors(&parameter["schema"], example));
        defects.extend(errors.into_iter().flatten());
    }

    fn check_components(&self, defects: &mut Vec<String>) {
        let known = [
            "schemas",
            "responses",
            "parameters",
            "headers",
            "securitySchemes",
        ];
        check_names(&self.0["components"], "components", &known, &[], defects);
        for (name, schema) in self.0["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
        {
            self.check_schema(schema, name, defects);
            if schema["type"] == "object" && schema["additionalProperties"] != false {
                defects.push(format!("{name}: lets anything in"));
            }
        }
        for (name, scheme) in self.0["components"]["securitySchemes"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let kind = scheme["type"].as_str().unwrap_or_default();
            let is_whole = match kind {
                "http" => scheme["scheme"].is_string(),
                "mutualTLS" => true,
                _ => false,
            };
            if !is_whole {
                defects.push(format!("{name}: no security scheme"));
            }
        }
    }

    /// A schema is one of JSON Schema 2020-12, and compiles with what it refers to.
    fn check_schema(&self, schema: &Value, at: &str, defects: &mut Vec<String>) {
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            defects.push(format!("{at}: {error}"));
            return;
        }
        let whole = json!({"allOf": [schema], "components": self.0["components"]});
        if let Err(error) = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&whole)
        {
            defects.push(format!("{at}: {error}"));
        }
    }
}

/// Names that a mapping may and must have.
fn check_names(
    value: &Value,
    at: &str,
    known: &[&str],
    needed: &[&str],
    defects: &mut Vec<String>,
) {
    let Some(fields) = value.as_object() else {
        defects.push(format!("{at}: no mapping"));
        return;
    };
    let unknown = fields.keys().filter(|name| !known.contains(&&***name));
    defects.extend(unknown.map(|name| format!("{at}: `{name}` is unknown here")));
    let missing = needed.iter().filter(|name| !fields.contains_key(**name));
    defects.extend(missing.map(|name| format!("{at}: `{name}` is missing")));
}
