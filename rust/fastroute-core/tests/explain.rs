//! What an explanation promises: the change that it names, once made, gives the decision that it names.
//!
//! Changes are read from their phrases, as a person would, and made for real: thresholds, the
//! margin and the difficulty in the configuration, metadata and messages in the request, text by
//! writing more or less of it. Then the request is decided again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastroute_core::config::{self, Format, Resources, Source};
use fastroute_core::{
    Answer, Change, Decision, Explanation, Now, Request, Role, Snapshot, Step, View, Workspace,
    decide, explain,
};
use serde_json::{Value, json};

#[path = "support/generate.rs"]
mod generate;
#[allow(
    dead_code,
    reason = "the tests against random requests read what this one does not"
)]
#[path = "random/requests.rs"]
mod requests;
#[allow(
    dead_code,
    reason = "the conformance test reads what this one does not"
)]
#[path = "conformance/table.rs"]
mod table;

use requests::{Asked, Content, Fact, Piece, Scripted};

/// Tokens that the core counts for each message.
const MESSAGE_FRAMING: u32 = 4;
/// Tokens of tools in every request, from which added messages are paid.
const SPARE_TOKENS: u32 = 4_000;

/// A configuration, a request and what was decided.
struct World {
    name: String,
    configuration: Value,
    folder: PathBuf,
    snapshot: Arc<Snapshot>,
    asked: Asked,
    /// Empty user messages that stand before the request's own.
    padding: u32,
}

struct Beside(PathBuf);

impl Resources for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}

fn build(configuration: &Value, folder: &Path, previous: Option<&Snapshot>) -> Arc<Snapshot> {
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
type Key = (String, Option<String>, Option<String>, Option<String>);

fn key(decision: &Decision) -> Key {
    (
        decision.outcome().as_str().to_owned(),
        decision.route().map(str::to_owned),
        decision.model().map(str::to_owned),
        decision.prompt().map(str::to_owned),
    )
}

fn promised(change: &Change) -> Key {
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
        asked.lend(run)
    }

    fn answer(&self) -> Answer<'_> {
        match &self.asked.answer {
            Scripted::Label(label) => Answer::Label(label),
            Scripted::Declined | Scripted::Late(_) => Answer::Declined,
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
        view
    }

    fn decided(&self, snapshot: &Arc<Snapshot>, asked: &Asked, padding: u32) -> Decision {
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

    fn original(&self) -> Decision {
        self.decided(&self.snapshot, &self.asked, self.padding)
    }

    fn explained(&self) -> Explanation {
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
    fn made(&self, what: &What, to: f64) -> Option<Decision> {
        let mut configuration = self.configuration.clone();
        match what {
            What::Truth | What::Text => return None,
            What::Metadata(key) => {
                let mut asked = self.asked.clone();
                let fact = asked.metadata.iter_mut().rfind(|(name, _)| name == key);
                fact.expect("the metadata that is named").1 = Fact::Number(to);
                return Some(self.decided(&self.snapshot, &asked, self.padding));
            }
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
enum What {
    Difficulty,
    Margin,
    Metadata(String),
    Text,
    Threshold(String),
    Truth,
    Turns(f64),
}

impl What {
    const fn kind(&self) -> &'static str {
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
fn read(phrase: &str) -> (What, f64, f64) {
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

/// Random configurations with a few requests each.
fn random_worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for seed in 0..60 {
        let config = generate::config(seed);
        let configuration: Value =
            serde_json::from_str(&generate::json(seed)).expect("a configuration");
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
            worlds.push(World {
                name: format!("seed {seed}, request {place}"),
                configuration: configuration.clone(),
                folder: folder.clone(),
                snapshot: Arc::clone(&snapshot),
                padding: place % 4,
                asked,
            });
        }
    }
    worlds
}

/// The cases of the conformance table and of the examples.
fn table_worlds() -> Vec<World> {
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

/// Makes every change that can be made; how many of each kind there were.
fn make_all(worlds: &[World]) -> BTreeMap<&'static str, usize> {
    let mut made = BTreeMap::new();
    for world in worlds {
        let original = key(&world.original());
        for change in world.explained().changes {
            let (what, from, to) = read(&change.change);
            assert_ne!(
                promised(&change),
                original,
                "{}: {}",
                world.name,
                change.change
            );
            let Some(decision) = world.made(&what, to) else {
                continue;
            };
            assert_eq!(
                key(&decision),
                promised(&change),
                "{}: {}",
                world.name,
                change.change
            );
            *made.entry(what.kind()).or_default() += 1;
            // Half of the change is no change. Bands of difficulty under a hundredth may be missed.
            // Whole numbers step by one.
            let half = match what {
                What::Metadata(_) | What::Turns(_) if from.fract() == 0.0 && to.fract() == 0.0 => {
                    from + ((to - from) / 2.0).trunc()
                }
                _ => f64::midpoint(from, to),
            };
            if what != What::Difficulty && (to - from).abs() > 0.001 {
                let decision = world.made(&what, half).expect("a change as before");
                assert_eq!(
                    key(&decision),
                    original,
                    "{}: half of {}",
                    world.name,
                    change.change
                );
            }
        }
    }
    made
}

#[test]
fn every_change_of_a_random_configuration_gives_the_decision_that_it_names() {
    let made = make_all(&random_worlds());
    for kind in ["difficulty", "margin", "metadata", "threshold", "turns"] {
        let count = made.get(kind).copied().unwrap_or(0);
        assert!(count >= 5, "{kind}: {count} of {made:?}");
    }
}

#[test]
fn every_change_of_the_conformance_cases_gives_the_decision_that_it_names() {
    let made = make_all(&table_worlds());
    assert!(made.values().sum::<usize>() >= 50, "{made:?}");
}

#[test]
fn changes_come_smallest_first_and_none_is_named_twice() {
    for world in random_worlds().iter().chain(&table_worlds()) {
        let explanation = world.explained();
        let sizes: Vec<f64> = explanation.changes.iter().map(|of| of.size).collect();
        assert!(sizes.is_sorted(), "{}: {sizes:?}", world.name);
        let possible = 0.0..=1.0;
        assert!(
            sizes.iter().all(|size| possible.contains(size)),
            "{}",
            world.name
        );
        let mut phrases: Vec<&str> = explanation.changes.iter().map(|of| &*of.change).collect();
        phrases.sort_unstable();
        phrases.dedup();
        assert_eq!(phrases.len(), sizes.len(), "{}", world.name);
    }
}

#[test]
fn nearly_names_the_runner_up() {
    let (mut models, mut routes) = (0, 0);
    for world in random_worlds().iter().chain(&table_worlds()) {
        let decision = world.original();
        let explanation = world.explained();
        let names = |kind: &str, name: &str| {
            let start = format!("{kind} `{name}` ");
            explanation
                .nearly
                .iter()
                .any(|line| line.starts_with(&start))
        };
        let scored = |name: &str| {
            explanation
                .models
                .iter()
                .any(|line| line.model == name && line.score.is_some())
        };
        let fallback = decision.fallbacks().next().map(str::to_owned);
        if let Some(second) = fallback.filter(|name| scored(name)) {
            assert!(
                names("model", &second),
                "{}: {:?}",
                world.name,
                explanation.nearly
            );
            models += 1;
        }
        let likely = explanation.similarity.iter().flat_map(|of| &of.routes);
        let others = likely.filter(|line| Some(&*line.route) != decision.route());
        let others: Vec<_> = others.collect();
        if !others.is_empty() {
            let most = others
                .iter()
                .map(|line| line.probability)
                .fold(0.0, f32::max);
            let named = others
                .iter()
                .filter(|line| line.probability == most)
                .any(|line| names("route", &line.route));
            assert!(named, "{}: {:?}", world.name, explanation.nearly);
            routes += 1;
        }
    }
    assert!(models >= 100 && routes >= 100, "{models} {routes}");
}

/// One model and routes that only rules lead to.
fn ruled(rules: Value) -> Value {
    let routes =
        ["low", "middle", "high", "rest"].map(|name| json!({ "name": name, "choose": ["m"] }));
    json!({
        "version": 1,
        "providers": { "p": { "kind": "callable" } },
        "models": [{ "name": "m", "provider": "p", "context_window": 100_000, "tokenizer": "estimate",
                     "price": { "input": 1.0, "output": 1.0 },
                     "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } }],
        "routes": routes,
        "rules": rules,
        "default": { "route": "rest" },
    })
}

fn plain(text: String) -> Asked {
    Asked {
        content: Content::Text(text),
        task: None,
        metadata: Vec::new(),
        capabilities: Vec::new(),
        tools_tokens: 0,
        min_quality: None,
        max_cost: None,
        max_latency: None,
        expected_output_tokens: None,
        unavailable: Vec::new(),
        answer: Scripted::Declined,
        seed: 0,
    }
}

#[test]
fn a_text_of_the_length_that_is_named_gives_the_decision_that_is_named() {
    // One character, or one token of the vocabulary, each time that it is repeated.
    for (kind, unit) in [("characters", "a"), ("tokens", " a")] {
        let test = |min: u32, max: u32| {
            let mut test = json!({ "min": min, "max": max });
            if kind == "tokens" {
                test["tokenizer"] = json!("cl100k");
            }
            json!({ kind: test })
        };
        let configuration = ruled(json!([
            { "name": "low", "when": test(0, 9), "then": { "route": "low" } },
            { "name": "middle", "when": test(10, 39), "then": { "route": "middle" } },
            { "name": "high", "when": { "all": [test(30, 60), test(50, 60)] }, "then": { "route": "high" } },
        ]));
        let folder = table::root();
        let snapshot = build(&configuration, &folder, None);
        let mut made = 0;
        for length in 0..80 {
            let mut world = World {
                name: format!("{length} {kind}"),
                configuration: configuration.clone(),
                folder: folder.clone(),
                snapshot: Arc::clone(&snapshot),
                asked: plain(unit.repeat(length)),
                padding: 0,
            };
            let original = key(&world.original());
            let explanation = world.explained();
            assert!(!explanation.changes.is_empty(), "{}", world.name);
            for change in &explanation.changes {
                let (what, from, to) = read(&change.change);
                assert_eq!(
                    (what, from),
                    (What::Text, length as f64),
                    "{}",
                    change.change
                );
                world.asked = plain(unit.repeat(to as usize));
                assert_eq!(
                    key(&world.original()),
                    promised(change),
                    "{length}: {}",
                    change.change
                );
                let before = if to > from { to - 1.0 } else { to + 1.0 };
                world.asked = plain(unit.repeat(before as usize));
                assert_eq!(
                    key(&world.original()),
                    original,
                    "{length}: {}",
                    change.change
                );
                made += 1;
            }
        }
        assert!(made >= 100, "{made}");
    }
}

fn ruled_world(rules: Value, asked: Asked) -> World {
    let configuration = ruled(rules);
    let folder = table::root();
    World {
        name: "ruled".to_owned(),
        snapshot: build(&configuration, &folder, None),
        configuration,
        folder,
        asked,
        padding: 0,
    }
}

fn phrases(world: &World) -> Vec<String> {
    let changes = world.explained().changes;
    changes.into_iter().map(|change| change.change).collect()
}

#[test]
fn a_number_within_two_bounds_leaves_by_the_nearer_one() {
    let rules = json!([{ "name": "within", "when": { "metadata": { "key": "age", "min": 18, "max": 65 } },
                         "then": { "route": "low" } }]);
    for (age, expected) in [
        (20.0, "metadata `age` from 20 to 17"),
        (60.0, "metadata `age` from 60 to 66"),
        (60.5, "metadata `age` from 60.5 to 65.0001"),
        (10.0, "metadata `age` from 10 to 18"),
        (90.25, "metadata `age` from 90.25 to 65"),
    ] {
        let mut asked = plain("hello".to_owned());
        asked.metadata = vec![("age".to_owned(), Fact::Number(age))];
        let found = phrases(&ruled_world(rules.clone(), asked));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{found:?}");
    }
}

#[test]
fn rules_see_a_difficulty_that_is_turned_unless_a_rule_sets_it() {
    let hard = json!({ "name": "hard", "when": { "difficulty": { "min": 0.6 } }, "then": { "route": "high" } });
    let set =
        json!({ "name": "set", "when": { "turns": { "min": 1 } }, "then": { "difficulty": 0.2 } });
    for rules in [json!([hard]), json!([set, hard])] {
        let world = ruled_world(rules, plain("hello".to_owned()));
        let changes = world.explained().changes;
        let numeric = changes
            .iter()
            .find(|of| of.change.starts_with("difficulty from "))
            .expect("a change");
        assert!(numeric.change.ends_with(" to 0.6"), "{}", numeric.change);
        assert_eq!(numeric.route.as_deref(), Some("high"));
        assert!(
            changes.iter().all(|of| !of.change.starts_with('`')),
            "{changes:?}"
        );
    }
}

#[test]
fn a_signal_that_is_unknown_is_turned_as_true_or_false() {
    let rules = json!([{ "name": "adult", "when": { "metadata": { "key": "age", "min": 18 } }, "then": { "route": "low" } }]);
    let found = phrases(&ruled_world(rules, plain("hello".to_owned())));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("`metadata ") && found[0].ends_with("` true"),
        "{found:?}"
    );
}
