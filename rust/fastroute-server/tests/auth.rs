//! Who may call: every method of the descriptors, without a caller, with the wrong one, with the right one.

mod edge;
mod support;

use std::fs;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use edge::{
    CHECK, CHECKOUT, LIMITED, OPERATOR, Peer, ROUTE, STATUS, bearer, callers, digest, frame,
    message, write,
};
use fastroute_server::guard::{Access, Method};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use support::{Served, run, serve};
use tempfile::TempDir;
use tonic::Code;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::Registry;

/// Every method of the contract, of health and of reflection, by its path.
fn methods() -> Vec<String> {
    let mut paths = Vec::new();
    for set in [
        fastroute_proto::FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
    ] {
        let set = FileDescriptorSet::decode(set).expect("descriptors");
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    paths.push(format!(
                        "/{}.{}/{}",
                        file.package(),
                        service.name(),
                        method.name()
                    ));
                }
            }
        }
    }
    assert!(paths.len() >= 13, "{paths:?}");
    paths
}

fn guarded(flags: &[&str]) -> (Served, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = callers(folder.path()).display().to_string();
    let flags: Vec<&str> = ["--callers", &path].iter().chain(flags).copied().collect();
    (serve(&flags), folder)
}

#[test]
fn the_guard_knows_every_method_of_the_descriptors() {
    for path in methods() {
        assert_eq!(Method::of(&path).label, path, "has no entry of its own");
        let is_health = path.starts_with("/grpc.health.");
        assert_eq!(
            Method::of(&path).access == Access::Open,
            is_health,
            "{path}"
        );
    }
    for path in [
        "/",
        "",
        "/fastroute.v1.AdminService/Unknown",
        "/v1/unknown",
        "/healthz/",
        "/Healthz",
    ] {
        assert_ne!(Method::of(path).access, Access::Open, "{path}");
    }
}

#[test]
fn no_method_but_health_answers_a_stranger() {
    let (served, _folder) = guarded(&[]);
    run(async {
        for address in [served.grpc(), served.admin()] {
            let mut peer = Peer::connect(address).await;
            for path in methods() {
                let wrong = bearer("a-token-of-nobody-at-all");
                for headers in [&[][..], &[("authorization", &*wrong)][..]] {
                    if path.ends_with("/Watch") {
                        let (response, _stream) =
                            peer.open(&path, headers).await.expect("a stream");
                        drop(response);
                        continue;
                    }
                    let answer = peer
                        .call(&path, headers, frame(false, b""))
                        .await
                        .expect("an answer");
                    if path.starts_with("/grpc.health.") {
                        assert_ne!(answer.codes().0, Code::Unauthenticated, "{path}");
                    } else {
                        answer.assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
                        assert!(
                            answer.body.is_empty() && answer.trailers.is_empty(),
                            "{path}"
                        );
                    }
                }
            }
            let unknown = peer
                .call("/fastroute.v1.Unknown/Call", &[], frame(false, b""))
                .await;
            unknown
                .expect("an answer")
                .assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
        }
        peer_of_http(&served).await;
    });
}

async fn peer_of_http(served: &Served) {
    let mut peer = Peer::connect(served.http()).await;
    for (path, expected) in [
        ("/v1/route", 401),
        ("/v1/route:batch", 401),
        ("/metrics", 401),
        ("/nowhere", 401),
    ] {
        let answer = peer
            .call(path, &[("content-type", "application/json")], Bytes::new())
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.http, expected, "{path}");
        assert_eq!(
            answer
                .headers
                .get("www-authenticate")
                .map(|value| value.as_bytes()),
            Some(&b"Bearer"[..])
        );
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["details"][0]["reason"], "UNAUTHENTICATED", "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        // The client below always posts; that it is told so and not asked for a token is the point.
        let answer = peer
            .call(path, &[("content-type", "application/json")], Bytes::new())
            .await;
        assert_eq!(answer.expect("an answer").http, 405, "{path}");
    }
}

#[test]
fn a_caller_without_the_role_is_told_which_it_lacks() {
    let (served, _folder) = guarded(&[]);
    run(async {
        let mut grpc = Peer::connect(served.grpc()).await;
        let mut admin = Peer::connect(served.admin()).await;
        let checkout = bearer(CHECKOUT);
        let checkout = [("authorization", &*checkout)];
        let operator = bearer(OPERATOR);
        let operator = [("authorization", &*operator)];
        let auditor = bearer("token-of-an-auditor-who-decides-nothing");
        let auditor = [("authorization", &*auditor)];
        for path in methods()
            .iter()
            .filter(|path| path.starts_with("/fastroute.v1.AdminService/"))
        {
            let answer = admin
                .call(path, &checkout, frame(false, b""))
                .await
                .expect("an answer");
            answer.assert_refused(Code::PermissionDenied, "ROLE_MISSING");
            assert!(answer.status().message().contains("`admin`"));
        }
        for path in methods()
            .iter()
            .filter(|path| path.starts_with("/fastroute.v1.RouterService/"))
        {
            let answer = grpc
                .call(path, &auditor, frame(false, b""))
                .await
                .expect("an answer");
            answer.assert_refused(Code::PermissionDenied, "ROLE_MISSING");
            assert!(answer.status().message().contains("`decide`"));
        }
        grpc.route(&checkout).await.assert_ok();
        grpc.route(&operator).await.assert_ok();
        admin
            .call(STATUS, &operator, frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
        admin
            .call(STATUS, &auditor, frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
        grpc.call(CHECK, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
    });
}

#[test]
fn a_token_is_right_as_a_whole_or_not_at_all() {
    let (served, _folder) = guarded(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        // A right one first, so that what the connection remembers is there to be misused.
        peer.route(&[("authorization", &bearer(CHECKOUT))])
            .await
            .assert_ok();
        for wrong in [
            String::new(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            CHECKOUT.to_owned(),
            format!("Basic {CHECKOUT}"),
            bearer(&CHECKOUT[1..]),
            bearer(&CHECKOUT[..CHECKOUT.len() - 1]),
            bearer(&format!("{CHECKOUT}x")),
            bearer(&CHECKOUT.to_uppercase()),
            bearer(&digest(CHECKOUT)),
            bearer(&"x".repeat(8000)),
        ] {
            let answer = peer.route(&[("authorization", &wrong)]).await;
            answer.assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
            assert!(
                !answer.status().message().contains(&CHECKOUT[1..]),
                "quotes a token"
            );
        }
        peer.route(&[("authorization", &format!("bearer {CHECKOUT}"))])
            .await
            .assert_ok();
    });
}

#[test]
fn one_connection_serves_many_callers_and_mixes_none() {
    let (served, _folder) = guarded(&[]);
    run(async {
        let mut peer = Peer::connect(served.admin()).await;
        for _ in 0..3 {
            for (token, expected) in [(CHECKOUT, Code::PermissionDenied), (OPERATOR, Code::Ok)] {
                let headers = [("authorization", &*bearer(token))];
                let answer = peer
                    .call(STATUS, &headers, frame(false, b""))
                    .await
                    .expect("an answer");
                assert_eq!(answer.codes().0, expected, "{token}");
            }
            let answer = peer
                .call(STATUS, &[], frame(false, b""))
                .await
                .expect("an answer");
            answer.assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
        }
    });
}

#[test]
fn metadata_that_names_a_caller_changes_nothing() {
    let (served, _folder) = guarded(&[]);
    run(async {
        let mut peer = Peer::connect(served.admin()).await;
        let token = bearer(CHECKOUT);
        for name in [
            "x-application",
            "application",
            "x-fastroute-caller",
            "x-forwarded-client-cert",
            "roles",
        ] {
            let headers = [("authorization", &*token), (name, "operator")];
            let answer = peer
                .call(STATUS, &headers, frame(false, b""))
                .await
                .expect("an answer");
            answer.assert_refused(Code::PermissionDenied, "ROLE_MISSING");
            let answer = peer
                .call(STATUS, &[(name, "operator")], frame(false, b""))
                .await;
            answer
                .expect("an answer")
                .assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
        }
    });
}

#[test]
fn callers_are_read_again_when_their_file_changes_and_a_refused_file_changes_nothing() {
    let (served, folder) = guarded(&[]);
    let edge = served.server.edge();
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let old = bearer(CHECKOUT);
        let old = [("authorization", &*old)];
        let new = bearer("the-next-token-of-the-checkout");
        let new = [("authorization", &*new)];
        peer.route(&old).await.assert_ok();
        write(
            folder.path(),
            "callers.yaml",
            "callers: [{application: checkout, secret: x}]",
        );
        edge.refresh();
        peer.route(&old).await.assert_ok();
        let text = format!(
            "callers: [{{application: checkout, token_sha256: {}, roles: [decide]}}]",
            digest("the-next-token-of-the-checkout")
        );
        write(folder.path(), "callers.yaml", &text);
        edge.refresh();
        // Also on the connection that remembers the old one.
        peer.route(&old)
            .await
            .assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
        peer.route(&new).await.assert_ok();
        fs::remove_file(folder.path().join("callers.yaml")).expect("a file");
        edge.refresh();
        peer.route(&new).await.assert_ok();
    });
}

#[test]
fn the_edge_sees_a_changed_token_file_by_itself() {
    let (served, folder) = guarded(&[]);
    run(async {
        let mut peer = Peer::connect(served.admin()).await;
        write(
            folder.path(),
            "operator.token",
            "the-next-token-of-the-operator\n",
        );
        let new = bearer("the-next-token-of-the-operator");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let answer = peer
                .call(STATUS, &[("authorization", &new)], frame(false, b""))
                .await;
            if answer.expect("an answer").codes().0 == Code::Ok {
                break;
            }
            assert!(
                std::time::Instant::now() < until,
                "the token file was not read again"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let old = peer
            .call(
                STATUS,
                &[("authorization", &bearer(OPERATOR))],
                frame(false, b""),
            )
            .await;
        old.expect("an answer")
            .assert_refused(Code::Unauthenticated, "UNAUTHENTICATED");
    });
}

#[test]
fn a_callers_file_with_any_defect_is_refused_and_no_secret_is_quoted() {
    let folder = TempDir::new().expect("a temporary folder");
    let sha = digest(CHECKOUT);
    write(folder.path(), "short.token", "short\n");
    for (what, text) in [
        ("no yaml", "callers: [".to_owned()),
        ("no list", "callers: 5".to_owned()),
        ("another key", "callers: []\nadmins: []".to_owned()),
        (
            "an unknown key",
            format!(
                "callers: [{{application: a, token_sha256: {sha}, roles: [decide], admin: true}}]"
            ),
        ),
        (
            "the token itself",
            "callers: [{application: a, token: canary-7f3a9c, roles: [decide]}]".to_owned(),
        ),
        (
            "a token for a digest",
            "callers: [{application: a, token_sha256: canary-7f3a9c, roles: [decide]}]".to_owned(),
        ),
        (
            "a token for a role",
            format!("callers: [{{application: a, token_sha256: {sha}, roles: [canary-7f3a9c]}}]"),
        ),
        (
            "a token for a rate",
            format!(
                "callers: [{{application: a, token_sha256: {sha}, roles: [decide], rate: canary-7f3a9c}}]"
            ),
        ),
        (
            "no credential",
            "callers: [{application: a, roles: [decide]}]".to_owned(),
        ),
        (
            "two credentials",
            format!(
                "callers: [{{application: a, token_sha256: {sha}, token_file: x, roles: [decide]}}]"
            ),
        ),
        (
            "no application",
            format!("callers: [{{token_sha256: {sha}, roles: [decide]}}]"),
        ),
        (
            "an empty application",
            format!("callers: [{{application: '', token_sha256: {sha}, roles: [decide]}}]"),
        ),
        (
            "a control character",
            format!("callers: [{{application: \"a\\nb\", token_sha256: {sha}, roles: [decide]}}]"),
        ),
        (
            "no roles",
            format!("callers: [{{application: a, token_sha256: {sha}, roles: []}}]"),
        ),
        (
            "a rate of nothing",
            format!("callers: [{{application: a, token_sha256: {sha}, roles: [decide], rate: 0}}]"),
        ),
        (
            "one token twice",
            format!(
                "callers: [{{application: a, token_sha256: {sha}, roles: [decide]}}, {{application: b, token_sha256: {sha}, roles: [decide]}}]"
            ),
        ),
        (
            "a token file that is not there",
            "callers: [{application: a, token_file: nowhere, roles: [decide]}]".to_owned(),
        ),
        (
            "a short token",
            "callers: [{application: a, token_file: short.token, roles: [decide]}]".to_owned(),
        ),
        (
            "a certificate that nobody asks for",
            "callers: [{application: a, certificate: {dns: a.example}, roles: [decide]}]"
                .to_owned(),
        ),
    ] {
        let path = write(folder.path(), "callers.yaml", &text)
            .display()
            .to_string();
        let settings = support::settings(&["--callers", &path]);
        let refused =
            fastroute_server::Server::start(&settings, fastroute_server::Hosts::default());
        let refused = refused.expect_err(what);
        assert_eq!(refused.code(), "INVALID_CALLERS", "{what}");
        let message = refused.to_string();
        assert!(
            !message.contains("canary") && !message.contains('\n'),
            "{what}: {message}"
        );
    }
}

#[test]
fn a_rate_refuses_its_caller_and_no_other() {
    let (served, _folder) = guarded(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let limited = bearer(LIMITED);
        let limited = [("authorization", &*limited)];
        let checkout = bearer(CHECKOUT);
        let checkout = [("authorization", &*checkout)];
        let (mut served_calls, mut refused) = (0, 0);
        for _ in 0..20 {
            let answer = peer.route(&limited).await;
            match answer.codes().0 {
                Code::Ok => served_calls += 1,
                _ => {
                    answer.assert_refused(Code::ResourceExhausted, "RATE_LIMITED");
                    let wait = answer.retry_after().expect("a time to wait");
                    assert!(wait.as_millis() > 0 && wait.as_millis() <= 500, "{wait:?}");
                    refused += 1;
                }
            }
            peer.route(&checkout).await.assert_ok();
        }
        assert!(
            served_calls >= 2 && refused >= 1,
            "{served_calls} served, {refused} refused"
        );
        // The rate is the caller's, not the connection's.
        let mut other = Peer::connect(served.grpc()).await;
        other
            .route(&limited)
            .await
            .assert_refused(Code::ResourceExhausted, "RATE_LIMITED");
        let mut http = Peer::connect(served.http()).await;
        let headers = [limited[0], ("content-type", "application/json")];
        let answer = http
            .call(
                "/v1/route",
                &headers,
                Bytes::from_static(b"{\"text\":\"hello\"}"),
            )
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.http, 429);
        assert!(answer.headers.contains_key("retry-after"));
    });
}

#[test]
fn without_callers_anybody_who_connects_may_call() {
    let served = serve(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        peer.route(&[]).await.assert_ok();
        peer.route(&[("authorization", "Bearer whatever")])
            .await
            .assert_ok();
        let mut admin = Peer::connect(served.admin()).await;
        admin
            .call(STATUS, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
    });
}

#[test]
fn nothing_of_a_call_is_logged_or_told_in_an_error() {
    const PROMPT: &str = "canary-prompt-1f9e";
    const TOKEN: &str = "canary-token-77aa-of-nobody";
    let written = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&written);
    let layer = fastroute_server::log::lines(move |line: &str| {
        sink.lock().expect("no panic").push_str(line);
    });
    // Every level of ours, more than a server writes unless it is asked to.
    let ours = Targets::new().with_target("fastroute", LevelFilter::TRACE);
    let subscriber = Registry::default().with(layer.with_filter(ours));
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = callers(folder.path()).display().to_string();
    let served = serve(&["--callers", &path]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let (right, wrong) = (bearer(CHECKOUT), bearer(TOKEN));
        let mut answers = Vec::new();
        for token in [&*right, &*wrong] {
            let headers = [
                ("authorization", token),
                ("traceparent", PROMPT),
                ("grpc-timeout", PROMPT),
            ];
            answers.push(
                peer.call(ROUTE, &headers[..1], message(PROMPT))
                    .await
                    .expect("an answer"),
            );
            answers.push(
                peer.call(ROUTE, &headers, message(PROMPT))
                    .await
                    .expect("an answer"),
            );
            let broken = message(PROMPT).slice(..12);
            answers.push(
                peer.call(ROUTE, &headers[..1], broken)
                    .await
                    .expect("an answer"),
            );
            let nonsense = frame(false, PROMPT.as_bytes());
            answers.push(
                peer.call(ROUTE, &headers[..1], nonsense)
                    .await
                    .expect("an answer"),
            );
        }
        for answer in answers {
            if answer.codes().0 != Code::Ok {
                let told = format!("{answer:?} {:?}", answer.status());
                assert!(
                    !told.contains("canary") && !told.contains(CHECKOUT),
                    "{told}"
                );
            }
        }
    });
    served.server.stop(None).expect("a server that stops");
    let written = written.lock().expect("no panic").clone();
    assert!(written.contains("serving"), "nothing was logged at all");
    assert!(written.contains("checkout"), "no call was logged");
    for line in written.lines() {
        assert!(
            !line.contains("canary") && !line.contains(CHECKOUT),
            "{line}"
        );
    }
}
