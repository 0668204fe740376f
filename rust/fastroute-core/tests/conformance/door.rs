//! Runs a case through the Rust door: load, build, decide, answer.
//!
//! Time is a number here, so a late answer costs no waiting.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastroute_core::config::{self, Duration, Resources, Source};
use fastroute_core::{
    Answer, Availability, Decision, Input, Message, Now, Part, Request, Role, SessionInput,
    Snapshot, Step, Value, View, Workspace, decide,
};
use serde_json::Value as Json;

use crate::table::{Asked, Case, Content, Piece, Scripted, Speaker, Standing, root};

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
        let before = self.snapshot(case, case.changed.as_deref())?;
        let last = match &case.reloaded {
            Some(reloaded) => self.snapshot(case, Some(reloaded))?,
            None => Arc::clone(&before),
        };
        let reused = run_turns(&before, &last, case, &mut self.workspace)?;
        let fresh = run_turns(&before, &last, case, &mut Workspace::default())?;
        if reused.decision.canonical() != fresh.decision.canonical() {
            return Err("a fresh workspace decides differently".to_owned());
        }
        Ok(reused)
    }

    fn snapshot(&mut self, case: &Case, changed: Option<&str>) -> Result<Arc<Snapshot>, String> {
        let key = (case.configuration.clone(), changed.map(str::to_owned));
        if let Some(snapshot) = self.snapshots.get(&key) {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = Arc::new(build(&case.configuration, changed)?);
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

/// Decides the turns of a session one after the other, then the case.
fn run_turns(
    before: &Arc<Snapshot>,
    last: &Arc<Snapshot>,
    case: &Case,
    workspace: &mut Workspace,
) -> Result<Outcome, String> {
    let declined = Some(Scripted::Declined);
    let mut unix_us = START.unix_us;
    let mut state = case.session.as_ref().map(|session| {
        let text = session.state.as_deref().unwrap_or_default();
        text.as_bytes().to_vec()
    });
    for turn in case.session.iter().flat_map(|session| &session.turns) {
        unix_us += turn.after_seconds.unwrap_or(1) * 1_000_000;
        let said = decide_once(
            before,
            turn,
            &declined,
            state.as_deref(),
            unix_us,
            workspace,
        )?;
        let now = Now { unix_us, ..START };
        state = said.decision.session(now);
        let bytes = state
            .as_ref()
            .ok_or("a turn of a session leaves no state")?;
        if bytes.len() > 200 {
            return Err(format!("a state of {} bytes", bytes.len()));
        }
    }
    unix_us += case.request.after_seconds.unwrap_or(1) * 1_000_000;
    decide_once(
        last,
        &case.request,
        &case.answer,
        state.as_deref(),
        unix_us,
        workspace,
    )
}

/// When every case begins.
const START: Now = Now {
    monotonic_us: 1_000_000,
    unix_us: 1_700_000_000_000_000,
};

fn view_of(snapshot: &Snapshot, asked: &Asked) -> Result<View, String> {
    let mut view = View::healthy();
    let model = |name: &String| {
        let found = snapshot.catalogue().model_named(name);
        found.ok_or_else(|| format!("no model `{name}`"))
    };
    for name in &asked.unavailable {
        view.mark_unavailable(model(name)?);
    }
    for (name, seen) in &asked.view {
        let after_us = seen.retry_after_ms.unwrap_or(0) * 1_000;
        let retry_at_us = START.monotonic_us + after_us;
        let state = view.state_mut(model(name)?);
        if let Some(standing) = seen.state {
            state.availability = match standing {
                Standing::Cooling => Availability::Cooling { retry_at_us },
                Standing::Open => Availability::Open { retry_at_us },
                Standing::OverBudget => Availability::OverBudget {
                    resets_at_us: START.unix_us + after_us,
                },
                Standing::RateLimited => Availability::RateLimited { retry_at_us },
                Standing::Unavailable => Availability::Unavailable,
            };
        }
        state.first_token_us = seen.first_token_ms.map(|ms| ms * 1e3);
        state.per_token_us = seen.per_token_ms.map(|ms| ms * 1e3);
        state.failure_rate = seen.failure_rate.unwrap_or(0.0);
        let places = seen.deployments_out.iter();
        state.deployments_out = places.fold(0, |out, place| out | 1 << place);
    }
    Ok(view)
}

fn decide_once(
    snapshot: &Arc<Snapshot>,
    asked: &Asked,
    answer: &Option<Scripted>,
    state: Option<&[u8]>,
    unix_us: u64,
    workspace: &mut Workspace,
) -> Result<Outcome, String> {
    let view = view_of(snapshot, asked)?;
    let seed = asked.seed.unwrap_or(0);
    let step = with_request(asked, |request| {
        let request = Request {
            session: state.map(|state| SessionInput { state, unix_us }),
            ..*request
        };
        decide(snapshot, &request, &view, START, seed, workspace)
    })?;
    match step.map_err(|error| error.to_string())? {
        Step::Decided(decision) => Ok(Outcome {
            decision,
            asked: false,
        }),
        Step::Ask(pending) => {
            let timeout_us = pending.question().timeout.as_micros();
            let (answer, waited_us) = match answer {
                None | Some(Scripted::Declined) => (Answer::Declined, 0),
                Some(Scripted::Label(label)) => (Answer::Label(label), timeout_us),
                Some(Scripted::Late(label)) => (Answer::Label(label), timeout_us + 1),
            };
            let now = Now {
                monotonic_us: START.monotonic_us + waited_us,
                ..START
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
