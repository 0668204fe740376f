//! Questions to the meta-LLM that the server asks itself: what goes out, what counts as an answer, and what failures do.

use super::*;
use crate::provider::{Provider, Reply};
use calling::run;
use fastroute_server::metrics::Metrics;
use fastroute_server::report::Reports;
use fastroute_server::revisions::Revisions;
use fastroute_server::{Declines, Models, Settings};
use openmetrics::parse;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A configuration that asks about everything.
fn config(kind: &str, base_url: &str, more: &str) -> String {
    format!(
        r#"
version: 1
providers: {{near: {{kind: {kind}, base_url: "{base_url}"{more}}}, here: {{kind: callable}}}}
models:
  - {{name: own, provider: here, context_window: 4000, price: {{input: 0, output: 0}}, latency: {{first_token: 100ms, per_token: 10ms}}, quality: {{default: 0.6}}}}
  - {{name: small, provider: near, model: small-2, context_window: 4000, max_output_tokens: 1000, capabilities: [json_schema], price: {{input: 1, output: 2}}, latency: {{first_token: 100ms, per_token: 10ms}}, quality: {{default: 0.6}}}}
routes: [{{name: general}}, {{name: billing, description: Invoices}}]
classify: {{order: [meta_llm], meta_llm: {{model: small, timeout: 30s}}}}
default: {{route: general}}
"#
    )
}

fn asking(config: &str, models: Models) -> Arc<Engine> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("fastroute.yaml");
    std::fs::write(&path, config).expect("a writable folder");
    let path = path.display().to_string();
    let settings = Settings::parse_from(["fastroute", "--config", &path]).expect("good settings");
    let metrics = Metrics::new();
    let revisions = Revisions::start(&settings, Arc::clone(&metrics)).expect("a good file");
    let reports = Reports::new(None, Arc::clone(&metrics));
    let engine = Engine::new(
        revisions,
        Arc::new(Declines),
        reports,
        metrics,
        4 << 20,
        false,
    );
    Arc::new(engine.asking(models))
}

/// What an OpenAI-compatible provider answers with.
fn says(said: &str) -> Reply {
    let body = json!({
        "choices": [{ "message": { "role": "assistant", "content": said } }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 10 },
    });
    Reply::With(200, "content-type: application/json\r\n", body.to_string())
}

async fn ask(engine: &Engine, said: &str) -> (String, String) {
    let decision = asked(engine, text(said), &context_of("checkout")).await;
    let reason = decision.reason.expect("a reason").code;
    (decision.route.expect("a route"), reason)
}

fn calls(engine: &Engine, outcome: &str) -> Option<f64> {
    let text = parse(&engine.metrics.encode()).expect("OpenMetrics");
    text.value("fastroute_meta_llm_calls_total", &[("outcome", outcome)])
}

#[test]
fn a_label_becomes_the_route_and_the_question_is_asked_as_the_provider_wants_it() {
    run(async {
        let folder = TempDir::new().expect("a folder");
        let key = folder.path().join("key");
        std::fs::write(&key, "first-key\n").expect("a writable folder");
        let provider = Provider::start(|_| says(r#"{"label": "billing"}"#)).await;
        let more = format!(", api_key_file: {}", key.display());
        let engine = asking(
            &config("openai", &provider.address, &more),
            Models::default(),
        );
        let (route, reason) = ask(&engine, "Why was I charged twice?").await;
        assert_eq!((&*route, &*reason), ("billing", "META_LLM"));
        std::fs::write(&key, "second-key").expect("a writable folder");
        ask(&engine, "And why again?").await;
        let heard = provider.heard();
        assert!(
            heard[0].head.starts_with("post /v1/chat/completions "),
            "{}",
            heard[0].head
        );
        assert!(heard[0].head.contains("authorization: bearer first-key"));
        assert!(
            heard[1].head.contains("authorization: bearer second-key"),
            "read at each call"
        );
        let body = &heard[0].body;
        assert_eq!(body["model"], "small-2");
        assert_eq!(body["temperature"], 0);
        let form = &body["response_format"]["json_schema"];
        let labels = &form["schema"]["properties"]["label"]["enum"];
        assert_eq!(*labels, json!(["general", "billing", "none_of_these"]));
        let user = body["messages"][1]["content"].as_str().expect("a text");
        assert!(user.contains("Why was I charged twice?") && user.starts_with('{'));
        assert_eq!(calls(&engine, "success"), Some(2.0));
        let figures = parse(&engine.metrics.encode()).expect("OpenMetrics");
        // Twice 100 tokens at 1,000 nano-dollars and 10 at 2,000.
        let cost = figures.value("fastroute_meta_llm_cost_usd_total", &[]);
        assert!(
            cost.is_some_and(|cost| (cost - 240e-6).abs() < 1e-12),
            "{cost:?}"
        );
    });
}

#[test]
fn the_messages_of_anthropic_are_spoken_too() {
    run(async {
        let body = json!({
            "content": [{ "type": "tool_use", "name": "choose_label", "input": { "label": "billing" } }],
            "usage": { "input_tokens": 90, "output_tokens": 9 },
        });
        let provider = Provider::start(move |_| Reply::With(200, "", body.to_string())).await;
        let more = ", api_key: literal-key-for-a-test";
        let bare = provider.address.trim_end_matches("/v1");
        let engine = asking(&config("anthropic", bare, more), Models::default());
        assert_eq!(ask(&engine, "Who pays?").await.0, "billing");
        assert!(
            provider.heard()[0].head.starts_with("post /v1/messages "),
            "with and without `/v1`, as the dispatcher takes it"
        );
        let engine = asking(
            &config("anthropic", &provider.address, more),
            Models::default(),
        );
        let (route, _) = ask(&engine, "Why was I charged twice?").await;
        assert_eq!(route, "billing");
        let heard = &provider.heard()[1];
        assert!(heard.head.starts_with("post /v1/messages "));
        assert!(heard.head.contains("x-api-key: literal-key-for-a-test"));
        assert!(heard.head.contains("anthropic-version: 2023-06-01"));
        assert_eq!(heard.body["tool_choice"]["name"], "choose_label");
        assert!(heard.body["system"].is_string() && heard.body["max_tokens"].is_u64());
    });
}

#[test]
fn an_answer_that_was_found_is_not_asked_for_again_and_another_text_is() {
    run(async {
        let provider = Provider::start(|_| says("billing")).await;
        let engine = asking(&config("openai", &provider.address, ""), Models::default());
        for _ in 0..3 {
            assert_eq!(ask(&engine, "the same").await.0, "billing");
        }
        ask(&engine, "another").await;
        assert_eq!(provider.heard().len(), 2);
        assert_eq!(calls(&engine, "found"), Some(2.0));
    });
}

#[test]
fn free_text_is_asked_again_once_and_then_the_default_takes_the_request() {
    run(async {
        let provider = Provider::start(|_| says("I think it is billing.")).await;
        let engine = asking(&config("openai", &provider.address, ""), Models::default());
        let (route, reason) = ask(&engine, "Why?").await;
        assert_eq!((&*route, &*reason), ("general", "DEFAULT_META_LLM_UNKNOWN"));
        assert_eq!(provider.heard().len(), 2, "once, and once again");
        ask(&engine, "Why?").await;
        assert_eq!(provider.heard().len(), 4, "what is unknown is not kept");
    });
}

#[test]
fn votes_are_counted_and_a_majority_decides() {
    run(async {
        let said = ["billing", "general", "billing"];
        let provider = Provider::start(move |number| says(said[number % 3])).await;
        let config = config("openai", &provider.address, "")
            .replace("timeout: 30s", "timeout: 30s, votes: 3");
        let engine = asking(&config, Models::default());
        assert_eq!(ask(&engine, "Why?").await.0, "billing");
        assert_eq!(provider.heard().len(), 3);
    });
}

#[test]
fn every_way_to_fail_leaves_the_default_and_is_counted_by_its_name() {
    let error = |code: &str| json!({ "error": { "code": code } }).to_string();
    let long = format!("{{\"choices\": \"{}\"}}", "x".repeat(2 << 20));
    let cases: [(Reply, &str); 7] = [
        (Reply::With(503, "", String::new()), "server_error"),
        (Reply::With(200, "", error("server_error")), "server_error"),
        (
            Reply::With(200, "", "{\"choices\": [".to_owned()),
            "server_error",
        ),
        (Reply::With(200, "", long), "server_error"),
        (
            Reply::With(401, "", error("invalid_api_key")),
            "unauthorized",
        ),
        (
            Reply::With(429, "", error("insufficient_quota")),
            "quota_exhausted",
        ),
        (Reply::Cut, "stream_broken"),
    ];
    for (reply, outcome) in cases {
        run(async {
            let provider = Provider::start(move |_| reply.clone()).await;
            let engine = asking(&config("openai", &provider.address, ""), Models::default());
            let (route, reason) = ask(&engine, "Why?").await;
            let declined = ("general", "DEFAULT_META_LLM_DECLINED");
            assert_eq!((&*route, &*reason), declined, "{outcome}");
            if matches!(outcome, "unauthorized" | "quota_exhausted") {
                // What cools the model's key is seen by the decision that follows.
                let next = ask(&engine, "And why?").await.1;
                assert_eq!(next, "DEFAULT_META_LLM_NOT_ELIGIBLE", "{outcome}");
            }
            assert!(
                calls(&engine, outcome).is_some_and(|count| count >= 1.0),
                "{outcome}"
            );
        });
    }
    run(async {
        let engine = asking(
            &config("openai", "http://127.0.0.1:1/v1", ""),
            Models::default(),
        );
        assert_eq!(ask(&engine, "Why?").await.1, "DEFAULT_META_LLM_DECLINED");
        assert_eq!(calls(&engine, "connect_failed"), Some(2.0));
    });
}

#[test]
fn a_key_that_is_not_there_sends_nothing() {
    run(async {
        let provider = Provider::start(|_| says("billing")).await;
        for more in [
            ", api_key: \"${FASTROUTE_TEST_NO_SUCH_KEY}\"",
            ", api_key_file: /no/such/key",
        ] {
            let engine = asking(
                &config("openai", &provider.address, more),
                Models::default(),
            );
            assert_eq!(ask(&engine, "Why?").await.1, "DEFAULT_META_LLM_DECLINED");
            assert_eq!(calls(&engine, "local_error"), Some(1.0));
        }
        assert!(provider.heard().is_empty());
    });
}

#[test]
fn a_provider_that_hangs_is_late_its_breaker_opens_and_it_is_not_asked_while_open() {
    run(async {
        let provider = Provider::start(|_| Reply::Hang).await;
        let config = config("openai", &provider.address, "")
            .replace("timeout: 30s", "timeout: 50ms")
            + "resilience: {breaker: {consecutive_failures: 2}, when_all_open: last_resort}\n";
        let engine = asking(&config, Models::default());
        assert_eq!(ask(&engine, "Why?").await.1, "DEFAULT_META_LLM_LATE");
        // The second opens the breaker, and the decision after it sees it open.
        assert_eq!(ask(&engine, "Why?").await.1, "DEFAULT_META_LLM_LATE");
        assert_eq!(calls(&engine, "timeout"), Some(2.0));
        assert_eq!(state(&engine, "near:small-2").await, v1::HealthState::Open);
        let reason = ask(&engine, "Why?").await.1;
        assert_eq!(reason, "DEFAULT_META_LLM_NOT_ELIGIBLE", "at once");
        assert_eq!(provider.heard().len(), 2);
    });
}

#[test]
fn a_call_that_is_given_up_leaves_nothing_behind() {
    run(async {
        let provider = Provider::start(|_| Reply::Hang).await;
        let engine = asking(&config("openai", &provider.address, ""), Models::default());
        let context = calling::context_with(Some(Duration::from_millis(50)));
        let refused = service::route(&engine, text("Why?"), &context).await;
        assert_eq!(refused.expect_err("too late").code(), "DEADLINE_EXCEEDED");
        assert_eq!(calls(&engine, "cancelled"), Some(1.0));
        let figures = engine.revisions.live().figures(engine.clock.now());
        assert!(
            figures
                .cells
                .iter()
                .all(|cell| cell.in_flight == 0 && cell.failures == 0)
        );
    });
}

#[test]
fn a_certificate_is_checked_against_the_roots_that_are_trusted() {
    run(async {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let provider = rustls::crypto::ring::default_provider();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let server = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a certificate that fits");
        let tls = tokio_rustls::TlsAcceptor::from(Arc::new(server));
        let provider = Provider::over(Some(tls), |_| says("billing")).await;
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).expect("a root");
        let config = config("openai", &provider.address, "");
        let trusting = asking(&config, Models::trusting(roots));
        assert_eq!(ask(&trusting, "Why?").await.0, "billing");
        let strict = asking(&config, Models::trusting(RootCertStore::empty()));
        assert_eq!(ask(&strict, "Why?").await.1, "DEFAULT_META_LLM_DECLINED");
        assert_eq!(calls(&strict, "connect_failed"), Some(2.0));
    });
}

#[test]
fn who_wants_the_question_gets_it_with_its_schema_and_a_callable_is_never_asked() {
    run(async {
        let provider = Provider::start(|_| says("billing")).await;
        let engine = asking(&config("openai", &provider.address, ""), Models::default());
        let wanted = v1::RouteRequest {
            return_question: true,
            ..text("Why?")
        };
        let answer = service::route(&engine, wanted, &context_of("checkout")).await;
        let question = calling::question(answer.expect("an answer"));
        let schema: Value = serde_json::from_str(&question.schema_json).expect("JSON");
        assert_eq!(schema["required"], json!(["label"]));
        assert!(provider.heard().is_empty());
        let callable = config("callable", "x", "").replace(", base_url: \"x\"", "");
        let engine = asking(&callable, Models::default());
        assert_eq!(ask(&engine, "Why?").await.1, "DEFAULT_META_LLM_DECLINED");
    });
}
