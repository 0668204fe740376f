//! Budgets: whose they are comes from authentication, and what has no room is an outcome.

use super::*;
use calling::{RULED, engine, run};

/// Each team may spend what one answer of the smallest model may cost at most, and a little more.
fn limited() -> String {
    format!("{RULED}budgets:\n  - {{scope: caller.team, limit_usd: 0.0005, window: 1d}}\n")
}

#[test]
fn a_team_over_its_budget_is_told_so_and_others_are_not_touched() {
    let engine = engine(&limited());
    let (ours, theirs) = (of_team("ours"), of_team("theirs"));
    run(async {
        let mut last = decide(&engine, &theirs).await;
        for _ in 0..10 {
            last = decide(&engine, &theirs).await;
        }
        assert_eq!(
            last.outcome(),
            v1::Outcome::OverBudget,
            "decisions reserve what they may cost"
        );
        assert!(last.report_token.is_empty() && last.model.is_none());
        let lack = &last.missing[0];
        assert_eq!(lack.code, "OVER_BUDGET");
        assert!(
            lack.retry_after
                .as_ref()
                .is_some_and(|wait| wait.seconds <= 86_400)
        );
        let our = decide(&engine, &ours).await;
        assert_eq!(our.outcome(), v1::Outcome::Routed);
        assert_eq!(our.model.as_deref(), Some("small"));
    });
}

#[test]
fn a_reservation_that_nobody_reports_ends_and_a_reported_cost_stays() {
    let engine = engine(&limited());
    let context = of_team("ours");
    run(async {
        let decision = decide(&engine, &context).await;
        let line = |listed: v1::ListHealthResponse| {
            let mut budgets = listed.budgets.into_iter();
            budgets.find(|line| line.value == "ours").expect("a line")
        };
        let reserved = line(health(&engine).await);
        assert!(reserved.reserved_nano_usd > 0 && reserved.spent_nano_usd == 0);
        assert_eq!(
            (&*reserved.scope, reserved.limit_nano_usd),
            ("caller.team", Some(500_000))
        );
        let used = v1::OutcomeReport {
            outcome: Told::Success.into(),
            input_tokens: Some(1_000),
            output_tokens: Some(100),
            ..about(&decision)
        };
        send(&engine, used, &context).await;
        engine.clock.advance(LATER);
        let settled = line(health(&engine).await);
        // 1,000 tokens at 100 nano-dollars and 100 at 200.
        assert_eq!(
            (settled.spent_nano_usd, settled.reserved_nano_usd),
            (120_000, 0)
        );
    });
}

#[test]
fn a_rate_that_queues_keeps_its_model_and_one_that_downgrades_does_not() {
    let models = |on_exceed: &str| {
        let rate = format!("rate: {{requests_per_minute: 2, on_exceed: {on_exceed}}}");
        let config = RULED.replacen(
            "quality: {default: 0.6}}",
            &format!("quality: {{default: 0.6}}, {rate}}}"),
            1,
        );
        let engine = engine(&config);
        run(async {
            let mut found = Vec::new();
            for _ in 0..5 {
                found.push(
                    decide(&engine, &of_team("ours"))
                        .await
                        .model
                        .expect("a model"),
                );
            }
            found
        })
    };
    assert_eq!(models("queue"), ["small"; 5]);
    assert_eq!(
        models("downgrade").last().map(|name| &**name),
        Some("middle")
    );
}
