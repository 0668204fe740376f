//! Reads the table of cases: `tests/conformance/*.yaml` and `examples/*/questions.yaml`.
//!
//! The form is explained in `tests/conformance/README.md`. Unknown keys are errors here too, so a
//! misspelt expectation cannot pass by not being compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fastroute_core::config::Capability;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One case, with its configuration in full.
#[derive(Debug, Serialize)]
pub struct Case {
    pub name: String,
    /// The file of the case, from the root of the repository.
    pub file: String,
    /// The file of the configuration, from the root of the repository.
    pub configuration: String,
    /// The case's changes to the configuration.
    #[serde(rename = "with", skip_serializing_if = "Option::is_none")]
    pub patch: Option<Value>,
    /// The configuration after the changes, as JSON; none when there are none.
    #[serde(skip)]
    pub changed: Option<String>,
    /// The same after the reload that the last turn of a session meets.
    #[serde(skip)]
    pub reloaded: Option<String>,
    pub request: Asked,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Scripted>,
    pub expect: Map<String, Value>,
}

impl Case {
    /// Whether its host gives live state or a session, which not every door can do.
    pub fn is_given(&self) -> bool {
        self.session.is_some() || !self.request.view.is_empty()
    }
}

/// The session that a case is a turn of.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// The turns before; each takes the state that the one before left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Asked>,
    /// Instead of turns: a state, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Changes of the configuration between the last turn and the case; those of the case are in
    /// force in the turns too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reload: Option<Value>,
}

/// A file of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    configuration: String,
    cases: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    configuration: Option<String>,
    with: Option<Value>,
    request: Asked,
    session: Option<Session>,
    answer: Option<Scripted>,
    expect: Map<String, Value>,
}

/// What a case asks.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_quality: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What the host knows of models.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub view: BTreeMap<String, Seen>,
    /// Seconds since the turn before; one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<u64>,
}

/// What a host knows of a model.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seen {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Standing>,
    /// When it may be tried again, after the request came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_token_ms: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_rate: Option<f32>,
    /// Places of deployments that cannot serve.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deployments_out: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Cooling,
    Open,
    OverBudget,
    RateLimited,
    Unavailable,
}

/// One message of a case.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    pub role: Speaker,
    pub content: Content,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    Assistant,
    System,
    Tool,
    User,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Content {
    Text(String),
    Parts(Vec<Piece>),
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Piece {
    Audio,
    Document { text: String },
    Image,
    Text { text: String },
}

/// What the meta-LLM is made to say.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scripted {
    Declined,
    Label(String),
    Late(String),
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the root of the repository")
}

/// Reads the whole table, files in order of name.
pub fn read() -> Vec<Case> {
    let root = root();
    let mut files: Vec<PathBuf> = list(&root.join("tests/conformance"));
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    let examples = list(&root.join("examples"));
    files.extend(
        examples
            .iter()
            .map(|folder| folder.join("questions.yaml"))
            .filter(|path| path.is_file()),
    );
    files
        .iter()
        .flat_map(|path| read_file(&root, path))
        .collect()
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    paths.sort();
    paths
}

fn read_file(root: &Path, path: &Path) -> Vec<Case> {
    let folder = path.parent().expect("a file in a folder");
    let file: File = yaml(path);
    let cases = file.cases.into_iter().map(|row| {
        let named = row.configuration.as_ref().unwrap_or(&file.configuration);
        let configuration = folder
            .join(named)
            .canonicalize()
            .unwrap_or_else(|error| panic!("{named}: {error}"));
        let changed = row.with.clone().map(|patch| {
            let mut whole: Value = yaml(&configuration);
            merge(&mut whole, patch);
            whole.to_string()
        });
        let reload = row
            .session
            .as_ref()
            .and_then(|session| session.reload.clone());
        let reloaded = reload.map(|patch| {
            let mut whole: Value = match &changed {
                Some(changed) => serde_json::from_str(changed).expect("it was written as JSON"),
                None => yaml(&configuration),
            };
            merge(&mut whole, patch);
            whole.to_string()
        });
        Case {
            name: row.name,
            file: below(root, path),
            configuration: below(root, &configuration),
            patch: row.with,
            changed,
            reloaded,
            request: row.request,
            session: row.session,
            answer: row.answer,
            expect: row.expect,
        }
    });
    cases.collect()
}

/// Reads a configuration of the table as JSON.
pub fn configuration(path: &str) -> Value {
    yaml(&root().join(path))
}

fn yaml<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .expect("a path in the repository")
        .to_string_lossy()
        .replace('\\', "/")
}

/// Applies a JSON merge patch, RFC 7396.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
