//! Callers: files that change, strangers among them, what a call carries and what it pays.

mod edge;
mod support;

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge::{ASKS, CHECKOUT, Gate, LIMITED, Peer, ROUTE, answer, bearer, digest, eventually};
use edge::{callers, frame, message, write};
use fastroute_core::Question;
use fastroute_proto::v1;
use fastroute_server::{Answerer, Answering, CallContext};
use h2::client::ResponseFuture;
use prost::Message as _;
use support::{Served, run, serve, serve_asking, serve_config};
use tempfile::TempDir;
use tonic::Code;

const WATCH: &str = "/grpc.health.v1.Health/Watch";
const NEXT: &str = "the-next-token-of-the-checkout";

fn guarded(flags: &[&str]) -> (Served, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = callers(folder.path()).display().to_string();
    let flags: Vec<&str> = ["--callers", &path].iter().chain(flags).copied().collect();
    (serve(&flags), folder)
}

async fn code(served: &Served, token: &str) -> Code {
    let mut peer = Peer::connect(served.grpc()).await;
    let header = bearer(token);
    peer.route(&[("authorization", &header)]).await.codes().0
}

fn refusals(served: &Served) -> String {
    let told = served.server.engine().metrics.encode();
    let mut lines = told.lines();
    lines
        .find(|line| line.starts_with("fastroute_secrets_refusals_total{which=\"callers\"}"))
        .unwrap_or_default()
        .to_owned()
}

fn entry(token: &str) -> String {
    let digest = digest(token);
    format!("callers: [{{application: checkout, token_sha256: {digest}, roles: [decide]}}]\n")
}

#[test]
fn a_callers_file_that_was_read_half_written_is_read_again_when_it_is_whole() {
    let (served, folder) = guarded(&[]);
    let edge = served.server.edge();
    let whole = entry(NEXT);
    run(async {
        // However the writer and the reader meet, the last thing that the file says holds.
        for cut in [0, 1, whole.len() / 2, whole.len() - 3] {
            write(folder.path(), "callers.yaml", &whole[..cut]);
            edge.refresh();
            assert_eq!(code(&served, CHECKOUT).await, Code::Ok, "{cut}");
            // Refused once and not at every look.
            let told = refusals(&served);
            assert!(!told.is_empty());
            edge.refresh();
            assert_eq!(refusals(&served), told);
        }
        write(folder.path(), "callers.yaml", &whole);
        edge.refresh();
        assert_eq!(code(&served, NEXT).await, Code::Ok);
        assert_eq!(code(&served, CHECKOUT).await, Code::Unauthenticated);
    });
}

#[test]
fn a_revoked_token_is_refused_however_often_the_file_is_rewritten_meanwhile() {
    let (served, folder) = guarded(&[]);
    let path = folder.path().join("callers.yaml");
    let (with, without) = (entry(CHECKOUT), entry(NEXT));
    run(async {
        for _ in 0..20 {
            // A writer that truncates, writes one half and then the other, beside a reader that looks all the time.
            std::thread::scope(|scope| {
                let writer = scope.spawn(|| {
                    for text in [&with, &without] {
                        let half = text.len() / 2;
                        fs::write(&path, &text[..half]).expect("a writable folder");
                        fs::write(&path, text).expect("a writable folder");
                    }
                });
                while !writer.is_finished() {
                    served.server.edge().refresh();
                }
            });
            served.server.edge().refresh();
            assert_eq!(code(&served, CHECKOUT).await, Code::Unauthenticated);
            assert_eq!(code(&served, NEXT).await, Code::Ok);
        }
    });
}

#[test]
fn a_token_file_that_is_missing_at_first_is_waited_for() {
    let (served, folder) = guarded(&[]);
    let edge = served.server.edge();
    let text = "callers:\n\
        - {application: checkout, token_file: later.token, roles: [decide]}\n\
        - {application: batch, token_file: last.token, roles: [decide]}\n";
    write(folder.path(), "callers.yaml", text);
    edge.refresh();
    run(async {
        assert_eq!(code(&served, CHECKOUT).await, Code::Ok);
        write(folder.path(), "later.token", "short");
        edge.refresh();
        write(folder.path(), "later.token", NEXT);
        edge.refresh();
        assert_eq!(code(&served, NEXT).await, Code::Unauthenticated);
        write(folder.path(), "last.token", "the-token-of-the-batch-job");
        // By itself, without anybody who asks for it.
        eventually("the callers", || {
            let told = served.server.engine().metrics.encode();
            told.contains("fastroute_secrets_refusals_total{which=\"callers\"} 3")
        })
        .await;
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while code(&served, NEXT).await != Code::Ok {
            assert!(std::time::Instant::now() < until, "it was not read again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(code(&served, CHECKOUT).await, Code::Unauthenticated);
    });
}

async fn watch(peer: &mut Peer) -> ResponseFuture {
    let (response, mut stream) = peer.open(WATCH, &[]).await.expect("a stream");
    stream
        .send_data(frame(false, b""), true)
        .expect("an open stream");
    response
}

#[test]
fn strangers_with_open_watches_do_not_lock_callers_out() {
    let (served, _folder) = guarded(&["--max-connections", "8"]);
    run(async {
        let header = bearer(CHECKOUT);
        let headers = [("authorization", &*header)];
        let mut callers = Vec::new();
        for _ in 0..3 {
            let mut peer = Peer::connect(served.grpc()).await;
            peer.route(&headers).await.assert_ok();
            callers.push(peer);
        }
        let mut held = Vec::new();
        for _ in 0..20 {
            // Who left, or was closed, holds its place until its end is seen; a busy machine takes a moment for that.
            let edge = served.server.edge();
            eventually("those that left", || edge.connections() <= 5).await;
            // As many strangers as there are places, half of them silent.
            let mut stranger = Peer::connect(served.grpc()).await;
            let response = watch(&mut stranger).await;
            let silent = std::net::TcpStream::connect(served.grpc()).expect("a listener");
            held.push((stranger, response, silent));
            let mut peer = Peer::connect(served.grpc()).await;
            peer.route(&headers).await.assert_ok();
        }
        // Two places are a quarter of eight.
        eventually("few strangers", || served.server.edge().connections() <= 5).await;
        for peer in &mut callers {
            peer.route(&headers).await.assert_ok();
        }
        let told = served.server.engine().metrics.encode();
        assert!(told.contains("reason=\"stranger\""), "it is counted");
        assert!(!told.contains("reason=\"too_many\""), "{told}");
    });
}

#[test]
fn where_nobody_has_to_be_known_nobody_is_a_stranger() {
    let served = serve(&["--max-connections", "8"]);
    run(async {
        let mut held = Vec::new();
        for _ in 0..7 {
            let mut peer = Peer::connect(served.grpc()).await;
            let mut body = watch(&mut peer).await.await.expect("an answer").into_body();
            body.data().await.expect("a state").expect("a state");
            held.push((peer, body));
        }
        for (peer, _) in &mut held {
            peer.route(&[]).await.assert_ok();
        }
    });
}

#[test]
fn a_stream_outlives_the_age_of_its_connection_by_the_time_of_a_drain_only() {
    let served = serve(&["--max-connection-age", "200ms", "--drain", "300ms"]);
    run(async {
        for path in [WATCH, "/fastroute.v1.RouterService/RouteStream"] {
            let start = std::time::Instant::now();
            let mut peer = Peer::connect(served.grpc()).await;
            let (response, mut stream) = peer.open(path, &[]).await.expect("a stream");
            if path == WATCH {
                stream
                    .send_data(frame(false, b""), true)
                    .expect("an open stream");
            }
            let ended = answer(response).await.expect("an answer");
            ended.assert_refused(Code::Unavailable, "SHUTTING_DOWN");
            let took = start.elapsed();
            assert!(took >= Duration::from_millis(450), "{took:?}");
            assert!(took < Duration::from_secs(5), "{took:?}");
        }
        eventually("no connections", || served.server.edge().connections() == 0).await;
    });
}

/// A host that notes what it is told of the trace.
#[derive(Default)]
struct Notes(Mutex<Vec<Option<String>>>);

impl Answerer for Notes {
    fn answer<'a>(&'a self, _: &'a Question, context: &'a CallContext) -> Answering<'a> {
        let state = context.trace_state.as_deref().map(str::to_owned);
        self.0.lock().expect("no panic").push(state);
        Box::pin(std::future::ready(Some("billing".to_owned())))
    }
}

#[test]
fn the_host_gets_the_state_of_a_valid_trace_to_pass_it_on() {
    let notes = Arc::new(Notes::default());
    let served = serve_asking(ASKS, &[], Some(notes.clone()));
    let parent = (
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    );
    let state = ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    let long = "a".repeat(513);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        for headers in [
            &[parent, state][..],
            &[state],
            &[("traceparent", "nonsense"), state],
            &[parent, ("tracestate", &long)],
            &[parent],
        ] {
            peer.route(headers).await.assert_ok();
        }
    });
    let noted = notes.0.lock().expect("no panic").clone();
    assert_eq!(noted, [Some(state.1.to_owned()), None, None, None, None]);
}

#[test]
fn a_call_that_finds_no_place_costs_its_caller_nothing() {
    let gate = Arc::new(Gate::default());
    let folder = TempDir::new().expect("a temporary folder");
    let path = callers(folder.path()).display().to_string();
    let flags = ["--callers", &path, "--max-in-flight", "1"];
    let served = serve_asking(ASKS, &flags, Some(gate.clone()));
    let (full, limited) = (bearer(CHECKOUT), bearer(LIMITED));
    let limited = [("authorization", &*limited)];
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let (response, mut stream) = peer
            .open(ROUTE, &[("authorization", &full)])
            .await
            .expect("a stream");
        stream.send_data(message("hello"), true).expect("a window");
        eventually("a call", || gate.waiting() == 1).await;
        for _ in 0..10 {
            // A rate of two a second.
            let refused = peer.route(&limited).await;
            refused.assert_refused(Code::ResourceExhausted, "OVERLOADED");
        }
        gate.open();
        answer(response).await.expect("an answer").assert_ok();
        peer.route(&limited).await.assert_ok();
        peer.route(&limited).await.assert_ok();
        let refused = peer.route(&limited).await;
        refused.assert_refused(Code::ResourceExhausted, "RATE_LIMITED");
        // And one that cannot pay keeps no place.
        peer.route(&[("authorization", &full)]).await.assert_ok();
    });
}

/// Two models of one route, the cheap one first.
const TWO_MODELS: &str = r#"
version: 1
providers: {near: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}}
models:
  - {name: small, provider: near, context_window: 4000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
  - {name: large, provider: near, context_window: 4000, price: {input: 1, output: 2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.9}}
routes: [{name: general, objective: cheapest}]
default: {route: general}
"#;

#[test]
fn a_caller_whose_reports_the_file_does_not_trust_moves_its_own_decisions_alone() {
    let folder = TempDir::new().expect("a temporary folder");
    let (checkout, other) = (digest(CHECKOUT), digest(NEXT));
    let file = format!(
        "callers:\n\
         - {{application: checkout, token_sha256: {checkout}, roles: [decide], trusted_reports: false}}\n\
         - {{application: other, token_sha256: {other}, roles: [decide]}}\n"
    );
    let path = write(folder.path(), "callers.yaml", &file);
    let path = path.display().to_string();
    let served = serve_config(TWO_MODELS, &["--callers", &path]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let mut decide = async |token: &str, report: bool| {
            let header = bearer(token);
            let headers = [("authorization", &*header)];
            let body = peer.route(&headers).await.body;
            let decided = v1::RouteResponse::decode(&body[5..]).expect("a message");
            let decided = support::decision(decided);
            if report {
                let reports = vec![v1::OutcomeReport {
                    report_token: decided.report_token.clone(),
                    model: decided.model.clone().unwrap_or_default(),
                    outcome: v1::AttemptOutcome::ServerError.into(),
                    ..v1::OutcomeReport::default()
                }];
                let reports = v1::ReportOutcomesRequest { reports }.encode_to_vec();
                let path = "/fastroute.v1.RouterService/ReportOutcomes";
                let told = peer.call(path, &headers, frame(false, &reports)).await;
                told.expect("an answer").assert_ok();
            }
            decided.model.unwrap_or_default()
        };
        for _ in 0..5 {
            assert_eq!(decide(CHECKOUT, true).await, "small");
        }
        assert_eq!(decide(CHECKOUT, false).await, "large");
        assert_eq!(decide(NEXT, false).await, "small");
    });
}
