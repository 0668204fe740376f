//! Writes what the live state knows: breakers, latencies, budgets, and calls to the meta-LLM.
//!
//! All of it is computed when it is read, so a breaker whose time in open is over is seen as it is now, although no call has come. At most
//! [`MOST_LINES`] breakers and as many budgets are written, in the order of their names: with health or budgets of each of many callers there may be more.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use fastroute_core::{BudgetFigures, CellFigures, HealthState, LiveFigures};
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::Metrics;
use super::exposition::{NO_EXEMPLAR, counter};
use crate::convert::budget_scope;
use crate::live::tell;

/// Breakers, and budgets, that are written at most.
const MOST_LINES: usize = 1_000;

/// Changes of state that every deployment may see.
const USUAL: [(&str, &str); 3] = [
    ("closed", "probes_succeeded"),
    ("open", "consecutive_failures"),
    ("open", "failure_rate"),
];

pub(super) fn write(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let figures = match metrics.live.get() {
        Some((live, clock)) => {
            let now = clock.now();
            let mut figures = live.figures(now);
            // What time alone changed is found by looking, and told like everything else.
            tell(live, metrics, now);
            figures
                .cells
                .sort_by_cached_key(|cell| cell.key.to_string());
            figures.cells.truncate(MOST_LINES);
            figures.budgets.truncate(MOST_LINES);
            figures
        }
        None => LiveFigures::default(),
    };
    breakers(metrics, &figures, encoder)?;
    budgets(&figures.budgets, encoder)?;
    ignored(&figures, encoder)?;
    meta_llm(metrics, encoder)
}

/// What a state is as a number: the higher, the less comes through.
const fn level(state: HealthState) -> u64 {
    match state {
        HealthState::Closed | HealthState::Disabled | HealthState::ForcedClosed => 0,
        HealthState::HalfOpen => 1,
        HealthState::Cooling => 2,
        HealthState::ForcedOpen | HealthState::Open => 3,
    }
}

fn breakers(
    metrics: &Metrics,
    figures: &LiveFigures,
    encoder: &mut DescriptorEncoder,
) -> fmt::Result {
    let help = "What a breaker does with calls: 0 lets them through, 1 lets a few through to probe, 2 waits for a limit to pass, 3 keeps them away";
    cells(
        encoder,
        "fastroute_breaker_state",
        help,
        None,
        figures,
        |cell| Some(level(cell.state)),
    )?;
    let help = "Share of calls that failed lately, 0 to 1";
    let unit = Some(&Unit::Ratios);
    cells(
        encoder,
        "fastroute_target_failure",
        help,
        unit,
        figures,
        |cell| Some(f64::from(cell.failure_rate)),
    )?;
    let help = "Time to the first token lately";
    let unit = Some(&Unit::Seconds);
    cells(
        encoder,
        "fastroute_target_first_token",
        help,
        unit,
        figures,
        |cell| cell.first_token_us.map(|us| f64::from(us) / 1e6),
    )?;
    let help = "Changes of a breaker's state, by the new state and the cause";
    let mut family = encoder.encode_descriptor(
        "fastroute_breaker_transitions",
        help,
        None,
        MetricType::Counter,
    )?;
    // The usual ones are there from the start, so that a rate over them begins at 0.
    for (to, cause) in USUAL {
        let count = |_: &AtomicU64| ();
        metrics
            .transitions
            .with([to, cause], AtomicU64::default, count);
    }
    let mut written = Ok(());
    metrics.transitions.each(|[to, cause], count| {
        let labels = [("to", *to), ("cause", *cause)];
        written = written.and_then(|()| counter(&mut family, &labels, count.load(Relaxed)));
    });
    written
}

fn cells<V: EncodeGaugeValue>(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    figures: &LiveFigures,
    value: impl Fn(&CellFigures) -> Option<V>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    for cell in &figures.cells {
        if let Some(value) = value(cell) {
            let target = cell.key.subject.to_string();
            let labels = [
                ("kind", cell.key.subject.kind()),
                ("target", &*target),
                ("scope", cell.key.scope.as_deref().unwrap_or("")),
            ];
            family.encode_family(&labels)?.encode_gauge(&value)?;
        }
    }
    Ok(())
}

/// Name, help and value of a figure of budgets.
type Line = (
    &'static str,
    &'static str,
    fn(&BudgetFigures) -> Option<u64>,
);

fn budgets(budgets: &[BudgetFigures], encoder: &mut DescriptorEncoder) -> fmt::Result {
    let usd = |nano: u64| nano as f64 / 1e9;
    let dollars: [Line; 3] = [
        (
            "fastroute_budget_limit_usd",
            "US dollars that a budget allows in a window",
            |of| of.limit_nano,
        ),
        (
            "fastroute_budget_spent_usd",
            "US dollars that were spent in the window",
            |of| Some(of.spent_nano),
        ),
        (
            "fastroute_budget_reserved_usd",
            "US dollars that calls under way may still spend",
            |of| Some(of.reserved_nano),
        ),
    ];
    for (name, help, value) in dollars {
        lines(encoder, name, help, budgets, |of| value(of).map(usd))?;
    }
    let tokens: [Line; 2] = [
        (
            "fastroute_budget_limit_tokens",
            "Tokens that a budget allows in a window",
            |of| of.limit_tokens,
        ),
        (
            "fastroute_budget_spent_tokens",
            "Tokens that were spent in the window",
            |of| Some(of.spent_tokens),
        ),
    ];
    for (name, help, value) in tokens {
        lines(encoder, name, help, budgets, value)?;
    }
    Ok(())
}

fn lines<V: EncodeGaugeValue>(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    budgets: &[BudgetFigures],
    value: impl Fn(&BudgetFigures) -> Option<V>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for budget in budgets {
        if let Some(value) = value(budget) {
            let window = (budget.window_us / 1_000_000).to_string();
            let labels = [
                ("scope", budget_scope(budget.scope)),
                ("value", budget.value.as_deref().unwrap_or("")),
                ("window_seconds", &*window),
            ];
            family.encode_family(&labels)?.encode_gauge(&value)?;
        }
    }
    Ok(())
}

fn ignored(figures: &LiveFigures, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let counts = figures.counters;
    let help = "Outcomes that moved nothing: stale ones began before the state that they would have changed";
    let mut family = encoder.encode_descriptor(
        "fastroute_outcomes_ignored",
        help,
        None,
        MetricType::Counter,
    )?;
    for (why, count) in [
        ("duplicate", counts.duplicate_outcomes),
        ("stale", counts.stale_outcomes),
        ("unknown", counts.unknown_outcomes),
    ] {
        counter(&mut family, &[("why", why)], count)?;
    }
    let help = "Probes that nobody reported in time";
    encoder
        .encode_descriptor("fastroute_probes_lost", help, None, MetricType::Counter)?
        .encode_counter(&counts.lost_leases, NO_EXEMPLAR)?;
    let help = "Changes of health that were forgotten before they were told";
    encoder
        .encode_descriptor(
            "fastroute_breaker_transitions_lost",
            help,
            None,
            MetricType::Counter,
        )?
        .encode_counter(&counts.transitions_dropped, NO_EXEMPLAR)
}

fn meta_llm(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let help = "Calls to the meta-LLM's model, by what became of them; `found` was answered before and called nothing";
    let mut family =
        encoder.encode_descriptor("fastroute_meta_llm_calls", help, None, MetricType::Counter)?;
    for outcome in ["success", "timeout"] {
        let count = |_: &AtomicU64| ();
        metrics
            .meta_llm_calls
            .with([outcome], AtomicU64::default, count);
    }
    let mut written = Ok(());
    metrics.meta_llm_calls.each(|[outcome], count| {
        let count = count.load(Relaxed);
        written = written.and_then(|()| counter(&mut family, &[("outcome", *outcome)], count));
    });
    written?;
    let help = "US dollars that calls to the meta-LLM's model cost";
    let cost = metrics.meta_llm_nano.load(Relaxed) as f64 / 1e9;
    encoder
        .encode_descriptor(
            "fastroute_meta_llm_cost_usd",
            help,
            None,
            MetricType::Counter,
        )?
        .encode_counter(&cost, NO_EXEMPLAR)
}
