//! The admin service over the network: status, defects as answers and as errors, and the way back.

mod support;

use fastroute_proto::v1;
use support::{Served, decision, run, serve_config, text};
use tonic::{Code, Status};
use tonic_types::StatusExt;

const CONFIG: &str = r#"
version: 1
providers: {near: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}}
models:
  - {name: small, provider: near, context_window: 4000, max_output_tokens: 1000, price: {input: 0.1, output: 0.2}, latency: {first_token: 100ms, per_token: 10ms}, quality: {default: 0.6}}
routes: [{name: general}]
default: {route: general}
"#;

fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map_or(String::new(), |info| info.reason)
}

fn reload(content: &str) -> v1::ReloadConfigRequest {
    v1::ReloadConfigRequest {
        content: content.to_owned(),
        ..v1::ReloadConfigRequest::default()
    }
}

async fn status(served: &Served) -> v1::GetStatusResponse {
    let mut admin = served.administrator().await;
    let status = admin.get_status(v1::GetStatusRequest {}).await;
    status.expect("a status").into_inner()
}

#[test]
fn the_status_tells_what_serves_and_how_large_it_is() {
    let served = serve_config(CONFIG, &[]);
    run(async {
        let status = status(&served).await;
        assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
        assert_eq!(status.revision, served.server.revision());
        assert_eq!(status.cause(), v1::ActivationCause::Start);
        let sizes = status.sizes.expect("sizes");
        assert_eq!(
            (sizes.routes, sizes.models, sizes.rules, sizes.prompts),
            (1, 1, 0, 0)
        );
        assert_eq!(sizes.source_bytes, CONFIG.len() as u64);
        assert!(
            status
                .active_since
                .is_some_and(|since| since.seconds > 1_600_000_000)
        );
        assert!(status.uptime.is_some() && status.connections >= 1 && status.resident_bytes > 0);
        assert!(
            status.last_refused.is_none() && status.stale_since.is_none() && !status.is_draining
        );
    });
}

#[test]
fn defects_are_the_answer_of_a_validation() {
    let served = serve_config(CONFIG, &[]);
    run(async {
        let mut admin = served.administrator().await;
        let broken = v1::ValidateConfigRequest {
            content: CONFIG.replace("route: general", "route: nothing"),
            ..v1::ValidateConfigRequest::default()
        };
        let verdict = admin
            .validate_config(broken)
            .await
            .expect("a verdict")
            .into_inner();
        assert_eq!(
            (verdict.is_valid, &*verdict.code, &*verdict.revision),
            (false, "INVALID_CONFIG", "")
        );
        let issue = &verdict.issues[0];
        assert_eq!(
            (issue.severity(), issue.path.as_str()),
            (v1::Severity::Error, "default.route")
        );
        assert!(issue.line > 0 && issue.column > 0 && !issue.code.is_empty());
        let verdict = admin
            .validate_config(v1::ValidateConfigRequest::default())
            .await;
        let verdict = verdict.expect("a verdict").into_inner();
        assert_eq!(
            (verdict.is_valid, verdict.revision),
            (true, served.server.revision())
        );
        let unknown = v1::ValidateConfigRequest {
            format: 9,
            ..v1::ValidateConfigRequest::default()
        };
        let refused = admin
            .validate_config(unknown)
            .await
            .expect_err("no such format");
        assert_eq!(reason(&refused), "UNKNOWN_FORMAT");
        assert_eq!(
            status(&served).await.refusals,
            0,
            "nothing was to be served"
        );
    });
}

#[test]
fn a_refused_configuration_names_its_first_ten_defects_and_the_status_has_all() {
    let served = serve_config(CONFIG, &[]);
    run(async {
        let before = served.server.revision();
        let models: String = (0..15)
            .map(|n| format!("  - {{name: m{n}, provider: nobody}}\n"))
            .collect();
        let content = CONFIG.replace("models:\n", &format!("models:\n{models}"));
        let mut admin = served.administrator().await;
        let refused = admin
            .reload_config(reload(&content))
            .await
            .expect_err("it has defects");
        assert_eq!(
            (refused.code(), &*reason(&refused)),
            (Code::FailedPrecondition, "INVALID_CONFIG")
        );
        let named = refused
            .get_details_bad_request()
            .expect("a BadRequest")
            .field_violations;
        assert_eq!(named.len(), 10);
        let status = status(&served).await;
        let kept = status.last_refused.expect("what was refused");
        assert!(kept.issues.len() >= 15, "{}", kept.issues.len());
        assert_eq!(
            (kept.cause(), &*kept.code),
            (v1::ActivationCause::Reload, "INVALID_CONFIG")
        );
        assert_eq!((status.revision, status.refusals), (before, 1));
    });
}

#[test]
fn a_revision_is_activated_again_and_named_by_a_request() {
    let served = serve_config(CONFIG, &[]);
    run(async {
        let (mut admin, mut router) = (served.administrator().await, served.router().await);
        let first = served.server.revision();
        let swapped = admin
            .reload_config(reload(&CONFIG.replace("0.6", "0.7")))
            .await;
        let swapped = swapped.expect("a swap").into_inner();
        assert_eq!(swapped.previous_revision, first);
        assert_ne!(swapped.revision, first);
        let asked = v1::RouteRequest {
            revision: first.clone(),
            ..text("hello")
        };
        let old = decision(router.route(asked).await.expect("an answer").into_inner());
        let new = decision(
            router
                .route(text("hello"))
                .await
                .expect("an answer")
                .into_inner(),
        );
        assert_eq!(
            (old.revision, new.revision),
            (first.clone(), swapped.revision.clone())
        );
        let back = v1::ActivateRevisionRequest {
            revision: first[..8].to_owned(),
        };
        let back = admin
            .activate_revision(back)
            .await
            .expect("a swap")
            .into_inner();
        assert_eq!(
            (back.revision, back.previous_revision),
            (first.clone(), swapped.revision.clone())
        );
        let list = admin
            .list_revisions(v1::ListRevisionsRequest {})
            .await
            .expect("a list")
            .into_inner();
        let listed: Vec<_> = list
            .revisions
            .iter()
            .map(|of| (&*of.revision, of.is_active, of.cause()))
            .collect();
        let wanted = [
            (&*first, true, v1::ActivationCause::Activate),
            (&*swapped.revision, false, v1::ActivationCause::Reload),
        ];
        assert_eq!(listed, wanted);
        let unknown = v1::ActivateRevisionRequest {
            revision: "00000000".to_owned(),
        };
        let refused = admin
            .activate_revision(unknown)
            .await
            .expect_err("there is none");
        assert_eq!(
            (refused.code(), &*reason(&refused)),
            (Code::NotFound, "UNKNOWN_REVISION")
        );
    });
}
