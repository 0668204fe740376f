//! The table of `tests/conformance` and the questions of `examples`, through gRPC and through HTTP.
//!
//! A server runs for each configuration file, and cases that change it reload it over the admin service.
//! Every case is asked twice, once at each door; a question to the meta-LLM is sent back, and answered with what
//! the case scripts. The canonical bytes are rebuilt from the fields of the message that came, in the basic
//! view, and must be those that the core wrote down.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use fastroute_proto::v1;
use fastroute_proto::v1::router_service_client::RouterServiceClient;
use fastroute_server::{Hosts, Server};
use serde_json::{Map, Value, json};
use tonic::transport::Channel;
use v1::metadata_entry::Value as Typed;
use v1::part::Content;
use v1::route_response::Result as Answer;
use v1::too_long::Way;

/// Largest message of the table, with room.
const MESSAGE_BYTES: usize = 16 << 20;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_case_decides_alike_through_grpc_and_http() {
    let text =
        fs::read_to_string(root().join("tests/conformance/canonical.json")).expect("the table");
    let table: Value = serde_json::from_str(&text).expect("JSON");
    let mut groups: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let cases = table["cases"].as_array().expect("cases");
    for case in cases {
        let configuration = case["configuration"].as_str().expect("a file");
        groups.entry(configuration).or_default().push(case);
    }
    let mut failures = Vec::new();
    let mut asked = 0;
    for (configuration, cases) in groups {
        let whole = &table["configurations"][configuration];
        asked += run_group(configuration, whole, &cases, &mut failures);
    }
    assert!(
        cases.len() > 400 && asked > 10,
        "{} cases, {asked} asked",
        cases.len()
    );
    let shown = failures
        .iter()
        .take(10)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n\n");
    assert!(
        failures.is_empty(),
        "{} failures, such as\n{shown}",
        failures.len()
    );
}

/// Runs the cases of one configuration file; returns how many asked the meta-LLM.
fn run_group(
    configuration: &str,
    whole: &Value,
    cases: &[&Value],
    failures: &mut Vec<String>,
) -> usize {
    let path = root().join(configuration).display().to_string();
    let size = MESSAGE_BYTES.to_string();
    let flags = [
        "--config",
        &path,
        "--no-watch",
        "--max-message-bytes",
        &size,
    ];
    let server = Server::start(&support::settings(&flags), Hosts::default()).expect("a server");
    let http = server.addresses().http.clone().expect("HTTP is on");
    support::run(async {
        let grpc = support::channel(&server.addresses().grpc[0]).await;
        let mut router = RouterServiceClient::new(grpc).max_encoding_message_size(MESSAGE_BYTES);
        let admin = server
            .addresses()
            .admin
            .clone()
            .expect("the admin door is on");
        let admin = support::channel(&admin).await;
        let mut admin = v1::admin_service_client::AdminServiceClient::new(admin);
        let mut serving = &Value::Null;
        let mut asked = 0;
        for case in cases {
            if case["with"] != *serving {
                serving = &case["with"];
                let mut content = String::new();
                if !serving.is_null() {
                    let mut changed = whole.clone();
                    merge(&mut changed, serving);
                    content = changed.to_string();
                }
                let reload = v1::ReloadConfigRequest {
                    content,
                    format: v1::ConfigFormat::Json.into(),
                    force: true,
                };
                admin
                    .reload_config(reload)
                    .await
                    .expect("a good configuration");
            }
            let mut over_grpc = Door::Grpc(&mut router);
            let (first, was_asked) = decide(&mut over_grpc, case).await;
            let (second, _) = decide(&mut Door::Http(&http), case).await;
            asked += usize::from(was_asked);
            for (door, decision) in [("gRPC", first), ("HTTP", second)] {
                let canonical = canonical(&decision);
                if *canonical != case["canonical"] {
                    failures.push(format!(
                        "{} over {door}:\n{canonical}\n{}",
                        case["name"], case["canonical"]
                    ));
                }
            }
            if case["expect"]
                .get("asked")
                .is_some_and(|wanted| *wanted != was_asked)
            {
                failures.push(format!("{}: asked is {was_asked}", case["name"]));
            }
        }
        asked
    })
}

enum Door<'a> {
    Grpc(&'a mut RouterServiceClient<Channel>),
    Http(&'a str),
}

impl Door<'_> {
    async fn ask(&mut self, request: v1::RouteRequest) -> Answer {
        let response = match self {
            Self::Grpc(router) => router.route(request).await.expect("an answer").into_inner(),
            Self::Http(address) => {
                let body = serde_json::to_string(&request).expect("JSON");
                let answer = post(address, "/v1/route", &body);
                serde_json::from_str(&answer).expect("a message in JSON")
            }
        };
        response.result.expect("a result")
    }
}

/// Decides a case at a door; also whether the meta-LLM was asked.
async fn decide(door: &mut Door<'_>, case: &Value) -> (v1::Decision, bool) {
    let mut request = request(&case["request"]);
    request.return_question = true;
    let question = match door.ask(request.clone()).await {
        Answer::Decision(decision) => return (decision, false),
        Answer::Question(question) => question,
    };
    let timeout = question.timeout.expect("a timeout");
    let (label, waited) = match &case["answer"] {
        Value::Object(answer) => match (answer.get("label"), answer.get("late")) {
            (Some(label), _) => (label.as_str(), timeout),
            (_, Some(label)) => {
                let nanos = timeout.nanos + 1_000;
                (label.as_str(), pbjson_types::Duration { nanos, ..timeout })
            }
            _ => panic!("{case}"),
        },
        _ => (None, pbjson_types::Duration::default()),
    };
    request.answer = Some(v1::Answer {
        label: label.map(str::to_owned),
        waited: Some(waited),
    });
    request.revision = question.revision;
    match door.ask(request).await {
        Answer::Decision(decision) => (decision, true),
        Answer::Question(_) => panic!("asked again: {case}"),
    }
}

/// Posts JSON and returns the body of the answer.
fn post(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a server that listens");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream
        .write_all(head.as_bytes())
        .expect("a server that reads");
    stream
        .write_all(body.as_bytes())
        .expect("a server that reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a whole answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    body.to_owned()
}

/// Writes a case's request as a message.
fn request(asked: &Value) -> v1::RouteRequest {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let times = |of: &Value| of["repeat"].as_u64().unwrap_or(1) as usize;
    let number = |name: &str| asked[name].as_u64();
    let list = |name: &str| asked[name].as_array().cloned().unwrap_or_default();
    let limits = v1::Limits {
        min_quality: asked["min_quality"].as_f64().map(|quality| quality as f32),
        max_cost_usd: asked["max_cost"].as_f64(),
        max_latency: number("max_latency_ms").map(|ms| pbjson_types::Duration {
            seconds: (ms / 1_000) as i64,
            nanos: (ms % 1_000 * 1_000_000) as i32,
        }),
        expected_output_tokens: number("expected_output_tokens").map(|tokens| tokens as u32),
    };
    let messages = list("messages").into_iter().map(|said| v1::Message {
        role: match said["role"].as_str() {
            Some("user") => v1::Role::User,
            Some("assistant") => v1::Role::Assistant,
            Some("system") => v1::Role::System,
            Some("tool") => v1::Role::Tool,
            _ => panic!("{said}"),
        }
        .into(),
        parts: match &said["content"] {
            Value::String(text) => vec![part(Content::Text(text.repeat(times(&said))))],
            Value::Array(parts) => parts.iter().map(|piece| part(content(piece))).collect(),
            _ => panic!("{said}"),
        },
    });
    let metadata = asked["metadata"].as_object().cloned().unwrap_or_default();
    v1::RouteRequest {
        text: text(&asked["text"]).map(|text| text.repeat(times(asked))),
        messages: messages.collect(),
        task: text(&asked["task"]),
        metadata: metadata
            .into_iter()
            .map(|(key, value)| fact(key, &value))
            .collect(),
        capabilities: list("capabilities").iter().map(capability).collect(),
        tools_tokens: number("tools_tokens").unwrap_or(0) as u32,
        limits: Some(limits),
        unavailable_models: list("unavailable").iter().filter_map(text).collect(),
        seed: number("seed").unwrap_or(0),
        ..v1::RouteRequest::default()
    }
}

fn part(content: Content) -> v1::Part {
    v1::Part {
        content: Some(content),
    }
}

fn content(piece: &Value) -> Content {
    let text = || piece["text"].as_str().expect("a text").to_owned();
    match piece["type"].as_str() {
        Some("audio") => Content::Audio(v1::Media {}),
        Some("document") => Content::Document(text()),
        Some("image") => Content::Image(v1::Media {}),
        Some("text") => Content::Text(text()),
        _ => panic!("{piece}"),
    }
}

fn fact(key: String, value: &Value) -> v1::MetadataEntry {
    let value = match value {
        Value::Bool(value) => Typed::BoolValue(*value),
        Value::Number(value) => Typed::NumberValue(value.as_f64().expect("a number")),
        Value::String(value) => Typed::TextValue(value.clone()),
        _ => panic!("{value}"),
    };
    v1::MetadataEntry {
        key,
        value: Some(value),
    }
}

fn capability(name: &Value) -> i32 {
    let name = name.as_str().expect("a name").to_uppercase();
    v1::Capability::from_str_name(&format!("CAPABILITY_{name}"))
        .expect("a capability")
        .into()
}

/// Applies a JSON merge patch, RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (key, value) in patch {
        let target = target.as_object_mut().expect("an object");
        if value.is_null() {
            target.shift_remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Rebuilds the canonical bytes from a message.
fn canonical(decision: &v1::Decision) -> String {
    let ppm = |share: f64| (share * 1e6).round() as i64;
    let micros =
        |span: &pbjson_types::Duration| span.seconds * 1_000_000 + i64::from(span.nanos) / 1_000;
    let estimates = decision.estimates.as_ref().map(|estimates| {
        json!({
            "cost_nano_usd": estimates.cost_nano_usd,
            "input_tokens": estimates.input_tokens,
            "latency_us": estimates.latency.as_ref().map(micros),
            "output_tokens": estimates.output_tokens,
            "quality_ppm": ppm(estimates.quality),
        })
    });
    let deployment = decision
        .deployments
        .first()
        .map(|at| json!({ "model": at.model, "provider": at.provider }));
    let missing = decision
        .missing
        .iter()
        .map(|lack| json!({ "code": lack.code, "model": lack.model }));
    let retrieval = decision.retrieval.as_ref().map(
        |of| json!({ "collection": of.collection, "max_tokens": of.max_tokens, "top_k": of.top_k }),
    );
    let outcome = match decision.outcome() {
        v1::Outcome::Routed => "routed",
        v1::Outcome::Rejected => "rejected",
        v1::Outcome::NothingFits => "nothing_fits",
        v1::Outcome::OverBudget => "over_budget",
        v1::Outcome::Unspecified => "none",
    };
    let mut canonical = json!({
        "agent": decision.agent,
        "deployment": deployment,
        "difficulty_ppm": ppm(f64::from(decision.difficulty)),
        "estimates": estimates,
        "fallbacks": decision.fallbacks,
        "message": decision.message,
        "missing": missing.collect::<Vec<_>>(),
        "model": decision.model,
        "notes": decision.notes.iter().map(|note| &note.code).collect::<Vec<_>>(),
        "outcome": outcome,
        "prompt": decision.prompt,
        "reason": decision.reason.as_ref().map(|reason| &reason.code),
        "reasoning": decision.reasoning,
        "retrieval": retrieval,
        "revision": decision.revision,
        "route": decision.route,
        "route_confidence_ppm": decision.route_confidence.map(|share| ppm(f64::from(share))),
        "rule": decision.rule,
    });
    if decision.cascade.is_some() {
        let following = decision
            .fallbacks
            .iter()
            .take(decision.escalations as usize);
        canonical["cascade"] = decision.model.iter().chain(following).cloned().collect();
    }
    if let Some(way) = decision.too_long.as_ref().and_then(|of| of.way.as_ref()) {
        canonical["too_long"] = match way {
            Way::Larger(_) => json!({ "action": "larger" }),
            Way::Split(split) => json!({
                "action": "split",
                "max_parts": split.max_parts,
                "model": split.model,
                "overlap_tokens": split.overlap_tokens,
                "part_tokens": split.part_tokens,
            }),
            Way::Summarise(summarise) => json!({
                "action": "summarise",
                "max_tokens": summarise.max_tokens,
                "model": summarise.model,
            }),
        };
    }
    canonical.to_string()
}
