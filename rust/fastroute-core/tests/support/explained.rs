//! Requests whose explanations are taken at their word: reads a change from its phrase and makes it.
//!
//! Included by the test of explanations, which has `generate`, `requests`, `stretch` and `table` beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastroute_core::config::{self, Format, Resources, Source};
use fastroute_core::{
    Answer, Change, Decision, Explanation, ModelId, ModelState, Now, Request, Role, SessionInput,
    Snapshot, Step, View, Workspace, decide, explain,
};
use serde_json::{Value, json};

use crate::requests::{Asked, Content, Fact, Piece, Scripted};
use crate::{generate, requests, stretch, table};

/// Tokens that the core counts for each message.
const MESSAGE_FRAMING: u32 = 4;
/// Tokens of tools in every request, from which added messages are paid.
const SPARE_TOKENS: u32 = 4_000;

/// A configuration, a request and what was decided.
pub struct World {
    pub name: String,
    pub configuration: Value,
    pub folder: PathBuf,
    pub snapshot: Arc<Snapshot>,
    pub asked: Asked,
    /// What the host knows of models.
    pub live: Vec<(ModelId, ModelState)>,
    /// The state of the session that the request is a turn of.
    pub session: Option<Vec<u8>>,
    /// Empty user messages that stand before the request's own.
    pub padding: u32,
}

struct Beside(PathBuf);

impl Resources for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}

pub fn build(configuration: &Value, folder: &Path, previous: Option<&Snapshot>) -> Arc<Snapshot> {
    let text = configuration.to_string();
    let source = Source {
        name: "explained.json",
        text: &text,
        format: Format::Json,
    };
    let loaded = config::load(&source, &Beside(folder.to_owned()))
        .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    Arc::new(Snapshot::build(&loaded, previous).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// What a change is compared by.
pub type Key = (String, Option<String>, Option<String>, Option<String>);

pub fn key(decision: &Decision) -> Key {
    (
        decision.outcome().as_str().to_owned(),
        decision.route().map(str::to_owned),
        decision.model().map(str::to_owned),
        decision.prompt().map(str::to_owned),
    )
}

pub fn promised(change: &Change) -> Key {
    (
        change.outcome.to_owned(),
        change.route.clone(),
        change.model.clone(),
        change.prompt.clone(),
    )
}

impl World {
    /// Lends the request with `padding` empty user messages before it and as many tokens as ever.
    fn lend<T>(&self, asked: &Asked, padding: u32, run: impl FnOnce(&Request<'_>) -> T) -> T {
        let mut asked = asked.clone();
        let mut messages: Vec<(Role, Vec<Piece>)> =
            (0..padding).map(|_| (Role::User, Vec::new())).collect();
        match asked.content {
            Content::Text(text) => messages.push((Role::User, vec![Piece::Text(text)])),
            Content::Messages(own) => messages.extend(own),
        }
        asked.content = Content::Messages(messages);
        asked.tools_tokens += SPARE_TOKENS - MESSAGE_FRAMING * padding;
        let session = self.session.as_deref();
        asked.lend(|request| {
            run(&Request {
                session: session.map(|state| SessionInput { state, unix_us: 1 }),
                ..*request
            })
        })
    }

    fn answer(&self) -> Answer<'_> {
        match &self.asked.answer {
            Scripted::Label(label) => Answer::Label(label),
            Scripted::Declined => Answer::Declined,
            Scripted::Late(_) => Answer::Late,
        }
    }

    fn view(&self) -> View {
        let mut view = View::healthy();
        for place in &self.asked.unavailable {
            let name = self.configuration["models"][*place]["name"]
                .as_str()
                .expect("a name");
            view.mark_unavailable(
                self.snapshot
                    .catalogue()
                    .model_named(name)
                    .expect("a model"),
            );
        }
        for (model, state) in &self.live {
            *view.state_mut(*model) = *state;
        }
        view
    }

    pub fn decided(&self, snapshot: &Arc<Snapshot>, asked: &Asked, padding: u32) -> Decision {
        let step = self.lend(asked, padding, |request| {
            decide(
                snapshot,
                request,
                &self.view(),
                Now::default(),
                asked.seed,
                &mut Workspace::new(),
            )
        });
        match step.unwrap_or_else(|error| panic!("{}: {error}", self.name)) {
            Step::Decided(decision) => decision,
            Step::Ask(pending) => pending.resume(self.answer(), &self.view(), Now::default()),
        }
    }

    pub fn original(&self) -> Decision {
        self.decided(&self.snapshot, &self.asked, self.padding)
    }

    pub fn explained(&self) -> Explanation {
        let explanation = self.lend(&self.asked, self.padding, |request| {
            explain(
                &self.snapshot,
                request,
                &self.view(),
                self.asked.seed,
                Some(self.answer()),
                &mut Workspace::new(),
            )
        });
        explanation.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Makes a change for real, with `to` for the value that it names; none where that takes
    /// another text, or fewer messages than there are.
    pub fn made(&self, what: &What, to: f64) -> Option<Decision> {
        let mut configuration = self.configuration.clone();
        match what {
            What::Truth | What::Text => return None,
            What::Metadata(key) => {
                let mut asked = self.asked.clone();
                let fact = asked.metadata.iter_mut().rfind(|(name, _)| name == key);
                fact.expect("the metadata that is named").1 = Fact::Number(to);
                return Some(self.decided(&self.snapshot, &asked, self.padding));
            }
            // A first user message is also the one that the prompt's template wraps.
            What::Turns(from) if *from == 0.0 => return None,
            What::Turns(from) => {
                let padding = i64::from(self.padding) + to as i64 - *from as i64;
                let padding = u32::try_from(padding).ok()?;
                return Some(self.decided(&self.snapshot, &self.asked, padding));
            }
            What::Margin => configuration["classify"]["similarity"]["margin"] = json!(to),
            What::Threshold(route) => {
                let routes = configuration["routes"].as_array_mut().expect("routes");
                let route = routes.iter_mut().find(|of| of["name"] == **route);
                route.expect("the route that is named")["threshold"] = json!(to);
            }
            What::Difficulty => {
                let mut rules = configuration["rules"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                for rule in &mut rules {
                    settle_difficulty(&mut rule["when"], to as f32);
                }
                rules.push(
                    json!({ "name": "turned", "when": always(), "then": { "difficulty": to } }),
                );
                configuration["rules"] = rules.into();
            }
        }
        let snapshot = build(&configuration, &self.folder, Some(&self.snapshot));
        Some(self.decided(&snapshot, &self.asked, self.padding))
    }

    /// Whether a rule names a metadata value exactly.
    pub fn names_metadata_value(&self, number: f64) -> bool {
        names_number(&self.configuration["rules"], number)
    }
}

/// Whether an `equals` or `in` anywhere below holds the number.
fn names_number(value: &Value, number: f64) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| names_number(value, number)),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| match (key.as_str(), value) {
                ("equals", value) => value.as_f64() == Some(number),
                ("in", Value::Array(values)) => {
                    values.iter().any(|value| value.as_f64() == Some(number))
                }
                (_, value) => names_number(value, number),
            }),
        _ => false,
    }
}

fn always() -> Value {
    json!({ "turns": { "min": 0 } })
}

/// Replaces every test of the difficulty by what it says of a value.
fn settle_difficulty(condition: &mut Value, difficulty: f32) {
    match condition {
        Value::Array(of) => of
            .iter_mut()
            .for_each(|inner| settle_difficulty(inner, difficulty)),
        Value::Object(map) => {
            if let Some(range) = map.get("difficulty").filter(|range| range.is_object()) {
                let bound = |name: &str| range[name].as_f64().map(|bound| bound as f32);
                let holds = bound("min").is_none_or(|min| difficulty >= min)
                    && bound("max").is_none_or(|max| difficulty <= max);
                *condition = if holds {
                    always()
                } else {
                    json!({ "not": always() })
                };
                return;
            }
            map.values_mut()
                .for_each(|inner| settle_difficulty(inner, difficulty));
        }
        _ => {}
    }
}

/// What a phrase changes.
#[derive(Debug, PartialEq)]
pub enum What {
    Difficulty,
    Margin,
    Metadata(String),
    Text,
    Threshold(String),
    Truth,
    Turns(f64),
}

impl What {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Difficulty => "difficulty",
            Self::Margin => "margin",
            Self::Metadata(_) => "metadata",
            Self::Text => "text",
            Self::Threshold(_) => "threshold",
            Self::Truth => "truth",
            Self::Turns(_) => "turns",
        }
    }
}

/// Reads a phrase: what it changes, from which number and to which.
pub fn read(phrase: &str) -> (What, f64, f64) {
    if phrase.starts_with('`') {
        return (What::Truth, 0.0, 1.0);
    }
    let numbers = phrase.split(" (`").next().expect("a start");
    let (what, numbers) = numbers.rsplit_once(" from ").expect("a number before");
    let (from, to) = numbers.split_once(" to ").expect("a number after");
    for number in [from, to] {
        let decimals = number.split('.').nth(1).map_or(0, str::len);
        assert!(decimals <= 4, "{phrase}");
    }
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let (from, to) = (number(from), number(to));
    let quoted = || what.split('`').nth(1).expect("a name").to_owned();
    let what = match what.split(' ').next() {
        Some("threshold") => What::Threshold(quoted()),
        Some("metadata") => What::Metadata(quoted()),
        Some("margin") => What::Margin,
        Some("difficulty") => What::Difficulty,
        Some("turns") => What::Turns(from),
        Some("characters" | "tokens") => What::Text,
        _ => panic!("no such change: {phrase}"),
    };
    (what, from, to)
}

/// Random configurations with a few requests each; the last ones with live state, plans of every kind
/// and turns of sessions.
pub fn random_worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for seed in 0..80 {
        let is_lively = seed >= 60;
        let config = if is_lively {
            stretch::lively(seed)
        } else {
            generate::config(seed)
        };
        let configuration = serde_json::to_value(&config).expect("a configuration");
        let folder = table::root();
        let snapshot = build(&configuration, &folder, None);
        let mut requests = requests::Requests::new(&config, seed ^ 0x5eed);
        for place in 0..12 {
            let mut asked = requests.draw();
            if asked.is_refused() {
                continue;
            }
            // Drawn windows are small; limits and absent models would leave few decisions to turn.
            if place % 2 == 0 {
                (asked.min_quality, asked.max_cost, asked.max_latency) = (None, None, None);
                asked.unavailable.clear();
            }
            if place % 3 == 0 {
                let number = Fact::Number(f64::from(place) * 9.25);
                let keys = ["tier", "age", "beta"].map(str::to_owned);
                asked.metadata = keys.map(|key| (key, number.clone())).to_vec();
            }
            let mut world = World {
                name: format!("seed {seed}, request {place}"),
                configuration: configuration.clone(),
                folder: folder.clone(),
                snapshot: Arc::clone(&snapshot),
                padding: place % 4,
                live: Vec::new(),
                session: None,
                asked,
            };
            if is_lively {
                world.live = requests.live();
                if place % 2 == 0 {
                    world.session = Some(Vec::new());
                    world.session = world.original().session(Now::default());
                }
            }
            worlds.push(world);
        }
    }
    worlds
}

/// The cases of the conformance table and of the examples.
pub fn table_worlds() -> Vec<World> {
    let mut snapshots: BTreeMap<String, Arc<Snapshot>> = BTreeMap::new();
    let mut worlds = Vec::new();
    for case in table::read() {
        let configuration: Value = match &case.changed {
            Some(text) => serde_json::from_str(text).expect("JSON"),
            None => table::configuration(&case.configuration),
        };
        let mut folder = table::root().join(&case.configuration);
        folder.pop();
        let snapshot = snapshots
            .entry(configuration.to_string())
            .or_insert_with(|| build(&configuration, &folder, None));
        worlds.push(World {
            snapshot: Arc::clone(snapshot),
            asked: asked(&case, &configuration),
            name: case.name,
            configuration,
            folder,
            padding: 0,
            live: Vec::new(),
            session: None,
        });
    }
    worlds
}

/// A case's request in the form of the random ones.
fn asked(case: &table::Case, configuration: &Value) -> Asked {
    let from = &case.request;
    let piece = |piece: &table::Piece| match piece {
        table::Piece::Audio => Piece::Audio,
        table::Piece::Document { text } => Piece::Document(text.clone()),
        table::Piece::Image => Piece::Image,
        table::Piece::Text { text } => Piece::Text(text.clone()),
    };
    let role = |speaker: table::Speaker| match speaker {
        table::Speaker::Assistant => Role::Assistant,
        table::Speaker::System => Role::System,
        table::Speaker::Tool => Role::Tool,
        table::Speaker::User => Role::User,
    };
    let content = match &from.text {
        Some(text) => Content::Text(text.repeat(from.repeat.unwrap_or(1))),
        None => Content::Messages(
            from.messages
                .iter()
                .map(|said| {
                    let pieces = match &said.content {
                        table::Content::Text(text) => {
                            vec![Piece::Text(text.repeat(said.repeat.unwrap_or(1)))]
                        }
                        table::Content::Parts(pieces) => pieces.iter().map(piece).collect(),
                    };
                    (role(said.role), pieces)
                })
                .collect(),
        ),
    };
    let fact = |value: &Value| match value {
        Value::Bool(value) => Fact::Bool(*value),
        Value::Number(value) => Fact::Number(value.as_f64().expect("a number")),
        other => Fact::Text(other.as_str().expect("a text").to_owned()),
    };
    let models = configuration["models"].as_array().expect("models");
    let place = |name: &String| models.iter().position(|model| model["name"] == **name);
    Asked {
        content,
        task: from.task.clone(),
        metadata: from
            .metadata
            .iter()
            .map(|(key, value)| (key.clone(), fact(value)))
            .collect(),
        capabilities: from.capabilities.clone(),
        tools_tokens: from.tools_tokens.unwrap_or(0),
        min_quality: from.min_quality,
        max_cost: from.max_cost,
        max_latency: from.max_latency_ms.map(config::Duration::from_millis),
        expected_output_tokens: from.expected_output_tokens,
        unavailable: from.unavailable.iter().filter_map(place).collect(),
        answer: match &case.answer {
            Some(table::Scripted::Label(label)) => Scripted::Label(label.clone()),
            _ => Scripted::Declined,
        },
        seed: from.seed.unwrap_or(0),
    }
}
