//! Runs a case through the Rust door: load, build, decide, answer.
//!
//! Time is a number here, so a late answer costs no waiting.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastroute_core::config::{self, Duration, Resources, Source};
use fastroute_core::{
    Answer, Decision, Input, Message, Now, Part, Request, Role, Snapshot, Step, Value, View,
    Workspace, decide,
};
use serde_json::Value as Json;

use crate::table::{Asked, Case, Content, Piece, Scripted, Speaker, root};

/// Snapshots by configuration, so that a head is trained once.
#[derive(Default)]
pub struct Door {
    snapshots: HashMap<(String, Option<String>), Arc<Snapshot>>,
    workspace: Workspace,
}

/// What came out of a case.
pub struct Outcome {
    pub decision: Decision,
    pub asked: bool,
}

/// Files beside a configuration.
struct Beside(PathBuf);

impl Resources for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}

impl Door {
    /// Decides a case twice, in the workspace of the cases before it and in a fresh one.
    ///
    /// Both must agree, so nothing of one request can reach the next.
    pub fn run(&mut self, case: &Case) -> Result<Outcome, String> {
        let snapshot = self.snapshot(case)?;
        let reused = decide_once(&snapshot, case, &mut self.workspace)?;
        let fresh = decide_once(&snapshot, case, &mut Workspace::default())?;
        if reused.decision.canonical() != fresh.decision.canonical() {
            return Err("a fresh workspace decides differently".to_owned());
        }
        Ok(reused)
    }

    fn snapshot(&mut self, case: &Case) -> Result<Arc<Snapshot>, String> {
        let key = (case.configuration.clone(), case.changed.clone());
        if let Some(snapshot) = self.snapshots.get(&key) {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(build(&case.configuration, case.changed.as_deref())?);
        // Some cases are about templates that do not end.
        if let Err(error) = snapshot.self_test()
            && error.prompt().is_none()
        {
            return Err(error.to_string());
        }
        self.snapshots.insert(key, Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

/// Loads and builds a configuration; `changed` replaces the text of the file.
pub fn build(configuration: &str, changed: Option<&str>) -> Result<Snapshot, String> {
    let path = root().join(configuration);
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    let resources = Beside(folder);
    let text = match changed {
        Some(text) => text.to_owned(),
        None => fs::read_to_string(&path).map_err(|error| error.to_string())?,
    };
    let format = if changed.is_some() {
        config::Format::Json
    } else {
        config::Format::Yaml
    };
    let source = Source {
        name: configuration,
        text: &text,
        format,
    };
    let loaded = config::load(&source, &resources).map_err(|errors| errors.to_string())?;
    Snapshot::build(&loaded, None).map_err(|errors| errors.to_string())
}

fn decide_once(
    snapshot: &Arc<Snapshot>,
    case: &Case,
    workspace: &mut Workspace,
) -> Result<Outcome, String> {
    let asked = &case.request;
    let mut view = View::healthy();
    for name in &asked.unavailable {
        let model = snapshot
            .catalogue()
            .model_named(name)
            .ok_or_else(|| format!("no model `{name}`"))?;
        view.mark_unavailable(model);
    }
    let seed = asked.seed.unwrap_or(0);
    let start = Now {
        monotonic_us: 1_000_000,
        unix_us: 0,
    };
    let step = with_request(asked, |request| {
        decide(snapshot, request, &view, start, seed, workspace)
    })?;
    match step.map_err(|error| error.to_string())? {
        Step::Decided(decision) => Ok(Outcome {
            decision,
            asked: false,
        }),
        Step::Ask(pending) => {
            let timeout_us = pending.question().timeout.as_micros();
            let (answer, waited_us) = match &case.answer {
                None | Some(Scripted::Declined) => (Answer::Declined, 0),
                Some(Scripted::Label(label)) => (Answer::Label(label), timeout_us),
                Some(Scripted::Late(label)) => (Answer::Label(label), timeout_us + 1),
            };
            let now = Now {
                monotonic_us: start.monotonic_us + waited_us,
                unix_us: 0,
            };
            Ok(Outcome {
                decision: pending.resume(answer, &view, now),
                asked: true,
            })
        }
    }
}

/// Lends a case's request in the form of the core.
fn with_request<T>(asked: &Asked, run: impl FnOnce(&Request<'_>) -> T) -> Result<T, String> {
    let whole = asked
        .text
        .as_ref()
        .map(|text| text.repeat(asked.repeat.unwrap_or(1)));
    let repeated: Vec<String> = asked
        .messages
        .iter()
        .map(|said| match &said.content {
            Content::Text(text) => text.repeat(said.repeat.unwrap_or(1)),
            Content::Parts(_) => String::new(),
        })
        .collect();
    let parts: Vec<Vec<Part<'_>>> = asked
        .messages
        .iter()
        .zip(&repeated)
        .map(|(said, text)| match &said.content {
            Content::Text(_) => vec![Part::Text(text)],
            Content::Parts(pieces) => pieces.iter().map(part).collect(),
        })
        .collect();
    let messages: Vec<Message<'_>> = asked
        .messages
        .iter()
        .zip(&parts)
        .map(|(said, parts)| Message {
            role: role(said.role),
            parts,
        })
        .collect();
    let metadata = asked
        .metadata
        .iter()
        .map(|(key, value)| {
            metadata_value(value)
                .map(|value| (key.as_str(), value))
                .ok_or_else(|| format!("metadata `{key}`"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut request = match &whole {
        Some(text) => Request::text(text),
        None => Request {
            input: Input::Messages(&messages),
            ..Request::text("")
        },
    };
    request.task = asked.task.as_deref();
    request.metadata = &metadata;
    request.requirements.capabilities = asked.capabilities.iter().copied().collect();
    request.requirements.tools_tokens = asked.tools_tokens.unwrap_or(0);
    request.limits.min_quality = asked.min_quality;
    request.limits.max_cost = asked.max_cost;
    request.limits.max_latency = asked.max_latency_ms.map(Duration::from_millis);
    request.limits.expected_output_tokens = asked.expected_output_tokens;
    Ok(run(&request))
}

fn part(piece: &Piece) -> Part<'_> {
    match piece {
        Piece::Audio => Part::Audio,
        Piece::Document { text } => Part::Document(text),
        Piece::Image => Part::Image,
        Piece::Text { text } => Part::Text(text),
    }
}

fn role(speaker: Speaker) -> Role {
    match speaker {
        Speaker::Assistant => Role::Assistant,
        Speaker::System => Role::System,
        Speaker::Tool => Role::Tool,
        Speaker::User => Role::User,
    }
}

fn metadata_value(value: &Json) -> Option<Value<'_>> {
    match value {
        Json::Bool(value) => Some(Value::Bool(*value)),
        Json::Number(value) => value.as_f64().map(Value::Number),
        Json::String(value) => Some(Value::Text(value)),
        Json::Array(_) | Json::Null | Json::Object(_) => None,
    }
}
