//! The reference workload, read from the files that `benches/reference/make.py` writes.
//!
//! The script is run when they are not there; it refuses to write anything but the bytes whose
//! hashes are committed, so a figure always names one input.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use fastroute_core::{
    Decision, Now, Request, Snapshot, Step, View, Workspace,
    config::{self, Format, NoFiles, Source},
};
use fastroute_embed::{
    EncodeScratch, Encoded, Example, Head, HeadOptions, StaticEncoder, background,
};
use serde_json::Value;

/// Returns the folder of the workload, and writes the workload if it is missing.
///
/// # Panics
///
/// Panics if it is missing and the script does not run.
#[must_use]
pub fn directory() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let directory = root.join("target/reference");
    if !directory.join("prompts.txt").exists() {
        let script = root.join("benches/reference/make.py");
        let made = Command::new("python3").arg(&script).status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "`python3 {}` did not write the workload",
            script.display()
        );
    }
    directory
}

/// Returns the text of the configuration.
///
/// # Panics
///
/// Panics if the file cannot be read.
#[must_use]
pub fn configuration() -> String {
    read("fastroute.yaml")
}

/// Returns the 512 prompts.
///
/// # Panics
///
/// Panics if the file cannot be read.
#[must_use]
pub fn prompts() -> Vec<String> {
    read("prompts.txt").lines().map(str::to_owned).collect()
}

fn read(name: &str) -> String {
    let path = directory().join(name);
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()))
}

/// Returns the keywords of all rules of a configuration that is written as JSON.
///
/// # Errors
///
/// Fails if the text is not JSON.
pub fn keywords_of(configuration: &str) -> Result<Vec<String>, serde_json::Error> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    match (name.as_str(), field) {
                        ("keywords", Value::Object(keywords)) => {
                            let listed = keywords.get("any").and_then(Value::as_array);
                            found.extend(
                                listed
                                    .into_iter()
                                    .flatten()
                                    .filter_map(Value::as_str)
                                    .map(str::to_owned),
                            );
                        }
                        _ => collect(field, found),
                    }
                }
            }
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(configuration)?;
    let mut found = Vec::new();
    collect(&document["rules"], &mut found);
    Ok(found)
}

/// Returns the head of a configuration that is written as JSON, trained as at load.
///
/// # Errors
///
/// Fails if the text is not JSON or no route has examples.
pub fn head_of(configuration: &str) -> Result<Head, Box<dyn Error>> {
    let document: Value = serde_json::from_str(configuration)?;
    let encoder = StaticEncoder::embedded();
    let mut scratch = EncodeScratch::default();
    let mut vector = |text: &str| {
        let mut encoded = Encoded::default();
        encoder.encode(text, &mut scratch, &mut encoded);
        encoded.vector
    };
    let routes = document["routes"]
        .as_array()
        .ok_or("the configuration has no `routes`")?;
    // As at load: routes without examples are not classes.
    let listed: Vec<&Vec<Value>> = routes
        .iter()
        .filter_map(|route| route["examples"].as_array())
        .collect();
    let mut examples = Vec::new();
    for (class, texts) in listed.iter().enumerate() {
        for text in texts.iter().filter_map(Value::as_str) {
            examples.push((u16::try_from(class)?, vector(text)));
        }
    }
    let strangers: Vec<Vec<f32>> = background()
        .lines()
        .filter(|line| !line.is_empty())
        .map(&mut vector)
        .collect();
    let examples: Vec<Example<'_>> = examples
        .iter()
        .map(|(route, vector)| Example {
            route: *route,
            vector,
        })
        .collect();
    let strangers: Vec<&[f32]> = strangers.iter().map(Vec::as_slice).collect();
    Ok(Head::fit(
        &examples,
        listed.len(),
        &strangers,
        &HeadOptions::default(),
    )?)
}

/// Returns the snapshot of the reference configuration.
///
/// # Errors
///
/// Fails if the configuration does not load.
pub fn snapshot() -> Result<Snapshot, Box<dyn Error>> {
    snapshot_of(&configuration())
}

/// Returns the snapshot of a configuration that is written as JSON.
///
/// # Errors
///
/// Fails if the configuration does not load.
pub fn snapshot_of(configuration: &str) -> Result<Snapshot, Box<dyn Error>> {
    let source = Source {
        name: "reference.json",
        text: configuration,
        format: Format::Json,
    };
    Ok(Snapshot::build(&config::load(&source, &NoFiles)?, None)?)
}

/// Decides as one thread of a host would: one snapshot, one workspace, everything alive.
pub struct Decider {
    snapshot: Arc<Snapshot>,
    view: View,
    workspace: Workspace,
}

impl Decider {
    /// Starts with empty buffers.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        Self {
            snapshot,
            view: View::healthy(),
            workspace: Workspace::new(),
        }
    }

    /// Decides one request.
    ///
    /// # Panics
    ///
    /// Panics on a request outside the core's limits, and if the configuration has a meta-LLM.
    pub fn decide(&mut self, request: &Request<'_>) -> Decision {
        let step = fastroute_core::decide(
            &self.snapshot,
            request,
            &self.view,
            Now::default(),
            0,
            &mut self.workspace,
        );
        match step {
            Ok(Step::Decided(decision)) => decision,
            Ok(Step::Ask(_)) => panic!("the workload has no meta-LLM to ask"),
            Err(error) => panic!("the workload has a request outside the limits: {error}"),
        }
    }
}
