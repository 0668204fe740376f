//! A secret in every field that a caller fills comes out nowhere: not in an answer, a log, or a count.

mod support;

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use fastroute_proto::v1;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Served, run, serve_config};
use tonic::Request;
use v1::metadata_entry::Value as Typed;
use v1::part::Content;

/// Stands in every field; no word that anything of ours is called.
const CANARY: &str = "zq7canary9xv";

const CONFIG: &str = r#"
version: 1
providers: {near: {kind: openai}}
models:
  - {name: small, provider: near, context_window: 4000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
routes: [{name: general}]
rules:
  - {name: forbidden, when: {keywords: {any: [poison]}}, then: {reject: "We do not help with that."}}
default: {route: general}
"#;

/// The log is that of a process, so the test runs itself as another one.
#[test]
fn a_secret_in_every_field_comes_out_nowhere() {
    if std::env::var_os("FASTROUTE_CANARY_TEST").is_some() {
        sweep();
        return;
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "a_secret_in_every_field_comes_out_nowhere",
            "--nocapture",
        ])
        .env("FASTROUTE_CANARY_TEST", "1")
        .stdin(Stdio::null())
        .output()
        .expect("a child");
    let (out, log) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{log}");
    assert!(!out.contains(CANARY), "{out}");
    let events = log.lines().map(|line| {
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(!line.contains(CANARY), "{line}");
        event["event"].as_str().unwrap_or_default().to_owned()
    });
    let calls = events.filter(|event| event == "call").count();
    assert!(calls >= 15, "{calls} calls were logged:\n{log}");
}

fn sweep() {
    assert!(fastroute_server::log::install("debug"));
    let token = format!("{CANARY}-of-a-caller");
    let callers = tempfile::NamedTempFile::new().expect("a file");
    let mut hash = String::new();
    for byte in Sha256::digest(&token) {
        write!(hash, "{byte:02x}").expect("a string");
    }
    let text = format!("callers: [{{application: shop, token_sha256: {hash}, roles: [decide]}}]\n");
    std::fs::write(callers.path(), text).expect("a writable file");
    let path = callers.path().display().to_string();
    let served = serve_config(CONFIG, &["--callers", &path]);
    over_http(&served, &token);
    run(over_grpc(&served, &token));
    served
        .server
        .stop(Some(Duration::from_secs(2)))
        .expect("a stop");
}

fn over_http(served: &Served, token: &str) {
    let c = CANARY;
    let authorization = format!("authorization: Bearer {token}\r\n");
    let wrong = format!("authorization: Bearer {c}-of-nobody\r\n");
    let all = json!({
        "text": c, "task": c, "revision": "", "metadata": [{"key": c, "textValue": c}],
        "answer": {"label": c}, "render": null,
    });
    for (headers, path, body, expected) in [
        (&*authorization, "/v1/route", all.to_string(), 200),
        (
            &authorization,
            "/v1/route",
            json!({"text": format!("poison {c}")}).to_string(),
            200,
        ),
        (
            &authorization,
            "/v1/route",
            json!({"messages": [{"role": "ROLE_USER", "parts": [{"document": c}]}]}).to_string(),
            200,
        ),
        (
            &authorization,
            "/v1/route",
            json!({"text": c, "unavailableModels": [c]}).to_string(),
            400,
        ),
        (
            &authorization,
            "/v1/route",
            json!({"text": c, "revision": c}).to_string(),
            404,
        ),
        (
            &authorization,
            "/v1/route",
            json!({"text": c, c: c}).to_string(),
            400,
        ),
        (
            &authorization,
            "/v1/route",
            json!({"text": c, "view": c}).to_string(),
            400,
        ),
        (
            &authorization,
            "/v1/route",
            json!({"text": c, "seed": c}).to_string(),
            400,
        ),
        (&authorization, "/v1/route", format!("{{\"text\": {c}"), 400),
        (
            &authorization,
            "/v1/route:batch",
            json!({"requests": [{"text": c}, {"unavailableModels": [c], "text": c}]}).to_string(),
            200,
        ),
        (
            &authorization,
            "/zq7canary9xv?zq7canary9xv=zq7canary9xv",
            c.to_owned(),
            404,
        ),
        (&wrong, "/v1/route", all.to_string(), 401),
        ("", "/v1/route", all.to_string(), 401),
    ] {
        let headers =
            format!("{headers}x-{c}: {c}\r\ntracestate: {c}={c}\r\ngrpc-timeout: 10S\r\n");
        let answer = exchange(served, "POST", path, &headers, &body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected} ")),
            "{path} {body}: {answer}"
        );
        assert!(!answer.contains(c), "{path} {body}: {answer}");
    }
    let broken = exchange(
        served,
        "POST",
        "/v1/route",
        &format!("{authorization}grpc-timeout: {c}\r\n"),
        "{}",
    );
    assert!(
        broken.starts_with("HTTP/1.1 400 ") && !broken.contains(c),
        "{broken}"
    );
    let metrics = exchange(served, "GET", "/metrics", &authorization, "");
    assert!(metrics.contains("fastroute_calls_total"), "{metrics}");
    assert!(!metrics.contains(c), "{metrics}");
}

/// One request on a connection of its own; returns the answer as it comes.
fn exchange(served: &Served, method: &str, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(served.http()).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .expect("a request that is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8(answer).expect("UTF-8")
}

async fn over_grpc(served: &Served, token: &str) {
    let c = || CANARY.to_owned();
    let mut client = served.router().await;
    let whole = v1::RouteRequest {
        text: Some(c()),
        task: Some(c()),
        metadata: vec![v1::MetadataEntry {
            key: c(),
            value: Some(Typed::TextValue(c())),
        }],
        answer: Some(v1::Answer {
            label: Some(c()),
            waited: None,
        }),
        view: v1::DecisionView::Full as i32,
        ..v1::RouteRequest::default()
    };
    let part = |content| v1::Message {
        role: v1::Role::User as i32,
        parts: vec![v1::Part { content }],
    };
    let cases = [
        whole.clone(),
        v1::RouteRequest {
            unavailable_models: vec![c()],
            ..whole.clone()
        },
        v1::RouteRequest {
            revision: c(),
            ..whole.clone()
        },
        v1::RouteRequest {
            messages: vec![part(Some(Content::Text(c()))), part(None)],
            ..v1::RouteRequest::default()
        },
    ];
    for (at, message) in cases.into_iter().enumerate() {
        for bearer in [
            format!("Bearer {token}"),
            format!("Bearer {CANARY}-of-nobody"),
        ] {
            let mut request = Request::new(message.clone());
            request
                .metadata_mut()
                .insert("authorization", bearer.parse().expect("a value"));
            request
                .metadata_mut()
                .insert("x-note", CANARY.parse().expect("a value"));
            let said = match client.route(request).await {
                Ok(response) => format!("{:?}", response.into_inner()),
                Err(status) => {
                    let details = String::from_utf8_lossy(status.details());
                    format!("{} {details} {:?}", status.message(), status.metadata())
                }
            };
            assert!(!said.contains(CANARY), "case {at}: {said}");
        }
    }
    let explained = v1::ExplainRequest {
        request: Some(whole),
    };
    let mut request = Request::new(explained);
    let bearer = format!("Bearer {token}").parse().expect("a value");
    request.metadata_mut().insert("authorization", bearer);
    let explained = client.explain(request).await.expect("an explanation");
    let said = format!("{:?}", explained.into_inner());
    assert!(!said.contains(CANARY), "{said}");
}
