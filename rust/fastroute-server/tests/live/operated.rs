//! What operators see and hold: health over the admin service, figures, and lines of the log.

use super::*;
use calling::{RULED, engine, run};
use openmetrics::parse;
use std::sync::Mutex;
use tracing_subscriber::layer::SubscriberExt as _;

async fn force(
    engine: &Engine,
    target: &str,
    forced: v1::ForcedHealth,
) -> Result<(), &'static str> {
    let request = v1::ForceHealthRequest {
        target: target.to_owned(),
        forced: forced.into(),
    };
    let done = service::force_health(engine, request, &context_of("operator")).await;
    done.map(|_| ()).map_err(|refusal| refusal.code())
}

#[test]
fn an_operator_holds_a_breaker_by_the_name_of_a_model_or_its_own_and_lets_go() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let model = async || super::decide(&engine, &context).await.model;
        for name in ["small", "near:small"] {
            force(&engine, name, v1::ForcedHealth::Open)
                .await
                .expect(name);
            assert_eq!(model().await.as_deref(), Some("middle"));
            let listed = health(&engine).await;
            let line = listed
                .targets
                .iter()
                .find(|line| line.target == "near:small");
            let line = line.expect("a line");
            assert_eq!(line.forced(), v1::ForcedHealth::Open);
            assert!(line.retry_after.is_none(), "only an operator can say");
            force(&engine, name, v1::ForcedHealth::Reset)
                .await
                .expect(name);
            assert_eq!(model().await.as_deref(), Some("small"));
        }
        force(&engine, "small", v1::ForcedHealth::Closed)
            .await
            .expect("held closed");
        trip(&engine, &context).await;
        assert_eq!(
            model().await.as_deref(),
            Some("small"),
            "outcomes open nothing"
        );
        let unknown = force(&engine, "nobody", v1::ForcedHealth::Open).await;
        assert_eq!(unknown, Err("UNKNOWN_TARGET"));
        let unsaid = force(&engine, "small", v1::ForcedHealth::Unspecified).await;
        assert_eq!(unsaid, Err("UNKNOWN_STATE"));
    });
}

#[test]
fn the_figures_follow_a_breaker_also_back_by_time_alone() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    let figure = || {
        let text = parse(&engine.metrics.encode()).expect("OpenMetrics");
        let labels = [("kind", "target"), ("target", "near:small"), ("scope", "")];
        text.value("fastroute_breaker_state", &labels)
    };
    run(async {
        assert_eq!(figure(), Some(0.0));
        let decision = decide(&engine, &context).await;
        let limited = v1::OutcomeReport {
            outcome: Told::RateLimited.into(),
            ..about(&decision)
        };
        send(&engine, limited, &context).await;
        assert_eq!(figure(), Some(2.0), "a limit");
        engine.clock.advance(LATER);
        assert_eq!(figure(), Some(0.0), "nobody has called meanwhile");
        trip(&engine, &context).await;
        assert_eq!(figure(), Some(3.0), "open");
        let text = parse(&engine.metrics.encode()).expect("OpenMetrics");
        let labels = [("to", "open"), ("cause", "consecutive_failures")];
        assert_eq!(
            text.value("fastroute_breaker_transitions_total", &labels),
            Some(1.0)
        );
    });
}

#[test]
fn every_change_is_one_line_of_the_log_and_who_forces_one_is_named() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let layer = fastroute_server::log::lines(move |line| {
        sink.lock().expect("no panic").push(line.to_owned());
    });
    let engine = engine(RULED);
    let context = context_of("checkout");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            trip(&engine, &context).await;
            decide(&engine, &context).await;
            force(&engine, "small", v1::ForcedHealth::Disabled)
                .await
                .expect("held");
        });
    });
    let lines = lines.lock().expect("no panic");
    let of = |event: &str| {
        let event = format!("\"event\":\"{event}\"");
        lines
            .iter()
            .filter(|line| line.contains(&event))
            .cloned()
            .collect::<Vec<_>>()
    };
    let changed = of("health_changed");
    assert_eq!(changed.len(), 2, "{changed:?}");
    for part in [
        "\"breaker\":\"near:small\"",
        "\"from\":\"closed\"",
        "\"to\":\"open\"",
        "\"cause\":\"consecutive_failures\"",
        "\"retry_in_ms\":",
    ] {
        assert!(changed[0].contains(part), "{}", changed[0]);
    }
    let forced = of("health_forced");
    assert_eq!(forced.len(), 1);
    assert!(
        forced[0].contains("\"by\":\"operator\"") && forced[0].contains("\"forced\":\"disabled\"")
    );
}
