//! Writes the counts as OpenMetrics text.
//!
//! The names follow Prometheus' conventions: base units, `_total` for counters, the unit at the end. The
//! client library writes the text and escapes labels; values are read one by one, not at one moment.

use std::fmt;
use std::sync::Weak;
use std::sync::atomic::Ordering::Relaxed;
use std::time::SystemTime;

use fastroute_core::{Outcome, Reason};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, MetricEncoder, NoLabelSet, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use super::{Metrics, lock, process};

const OUTCOMES: [Outcome; 4] = [
    Outcome::NothingFits,
    Outcome::OverBudget,
    Outcome::Rejected,
    Outcome::Routed,
];
pub(super) const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, f64>> = None;

/// Makes a registry that reads one server's counts.
pub(super) fn registry(metrics: Weak<Metrics>) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Reader(metrics)));
    registry
}

/// Writes everything; the text ends with `# EOF`.
pub(super) fn text(registry: &Registry) -> String {
    let mut out = String::with_capacity(16 << 10);
    let written = text::encode(&mut out, registry);
    debug_assert!(written.is_ok(), "writing to a string does not fail");
    out
}

#[derive(Debug)]
struct Reader(Weak<Metrics>);

impl Collector for Reader {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Some(metrics) = self.0.upgrade() else {
            return Ok(());
        };
        calls(&metrics, &mut encoder)?;
        decisions(&metrics, &mut encoder)?;
        reports(&metrics, &mut encoder)?;
        configuration(&metrics, &mut encoder)?;
        super::live::write(&metrics, &mut encoder)?;
        connections(&metrics, &mut encoder)?;
        this_process(&mut encoder)
    }
}

fn calls(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let help = "Calls that were answered, by door, method, and the code of the answer";
    let mut family =
        encoder.encode_descriptor("fastroute_calls", help, None, MetricType::Counter)?;
    let mut written = Ok(());
    metrics.calls.each(|[door, method, code], call| {
        let labels = [("door", *door), ("method", *method), ("code", *code)];
        written = written.and_then(|()| counter(&mut family, &labels, call.count.load(Relaxed)));
    });
    written?;
    let help = "Time from the head of a call to the end of its answer";
    let mut family = encoder.encode_descriptor(
        "fastroute_call",
        help,
        Some(&Unit::Seconds),
        MetricType::Histogram,
    )?;
    let mut written = Ok(());
    metrics.seconds.each(|[door, method], histogram| {
        let (sum, count, buckets) = histogram.read();
        written = written.and_then(|()| {
            family
                .encode_family(&[("door", *door), ("method", *method)])?
                .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
        });
    });
    written
}

fn decisions(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let help = "Decisions, by outcome and reason";
    let mut family =
        encoder.encode_descriptor("fastroute_decisions", help, None, MetricType::Counter)?;
    for (outcome, row) in OUTCOMES.iter().zip(&metrics.decisions) {
        for (reason, count) in Reason::CODES.iter().zip(row) {
            let count = count.load(Relaxed);
            if count > 0 || usual_outcome(reason) == *outcome {
                let labels = [("outcome", outcome.as_str()), ("reason", *reason)];
                counter(&mut family, &labels, count)?;
            }
        }
    }
    let help = "Decisions, by route";
    let mut family =
        encoder.encode_descriptor("fastroute_route_decisions", help, None, MetricType::Counter)?;
    let mut written = Ok(());
    metrics.names.routes(|route, count| {
        written = written.and_then(|()| counter(&mut family, &[("route", route)], count));
    });
    written?;
    let help = "Decisions, by primary model";
    let mut family =
        encoder.encode_descriptor("fastroute_model_decisions", help, None, MetricType::Counter)?;
    let mut written = Ok(());
    metrics.names.models(|model, count| {
        written = written.and_then(|()| counter(&mut family, &[("model", model)], count));
    });
    written
}

/// The outcome that a reason comes with, so that its series is there from the start.
fn usual_outcome(reason: &str) -> Outcome {
    match reason {
        "NOTHING_FITS" => Outcome::NothingFits,
        "OVER_BUDGET" => Outcome::OverBudget,
        "REJECTED" => Outcome::Rejected,
        _ => Outcome::Routed,
    }
}

fn reports(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let help = "Reports on attempts, by what became of the report";
    let mut family =
        encoder.encode_descriptor("fastroute_reports", help, None, MetricType::Counter)?;
    let mut written = Ok(());
    metrics.reports.each(|[status], count| {
        let count = count.load(Relaxed);
        written = written.and_then(|()| counter(&mut family, &[("status", *status)], count));
    });
    written?;
    let help = "Attempts that accepted reports tell of, by model and outcome";
    let mut family =
        encoder.encode_descriptor("fastroute_attempts", help, None, MetricType::Counter)?;
    let attempts = lock(&metrics.attempts).clone();
    attempts.iter().try_for_each(|((model, outcome), count)| {
        counter(
            &mut family,
            &[("model", &**model), ("outcome", outcome)],
            *count,
        )
    })
}

fn configuration(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let (revision, activated, stale_since) = {
        let configuration = lock(&metrics.configuration);
        (
            configuration.revision.clone(),
            configuration.activated,
            configuration.stale_since,
        )
    };
    let help = "The revision that serves";
    let mut info = encoder.encode_descriptor("fastroute_config", help, None, MetricType::Info)?;
    if !revision.is_empty() {
        info.encode_info(&[("revision", &*revision)])?;
    }
    let help = "Unix time at which the revision that serves was swapped in";
    let mut family = encoder.encode_descriptor(
        "fastroute_config_activated_timestamp",
        help,
        Some(&Unit::Seconds),
        MetricType::Gauge,
    )?;
    if let Some(activated) = activated {
        family.encode_gauge(&activated)?;
    }
    let help = "Time for which what serves has not been what the file says; 0 when it is";
    let stale = stale_since.map_or(0.0, |since| {
        SystemTime::now()
            .duration_since(since)
            .map_or(0.0, |time| time.as_secs_f64())
    });
    gauge(
        encoder,
        "fastroute_config_stale",
        help,
        Some(&Unit::Seconds),
        stale,
    )?;
    let help = "Configurations that were swapped in";
    let activations = metrics.activations.load(Relaxed);
    encoder
        .encode_descriptor(
            "fastroute_config_activations",
            help,
            None,
            MetricType::Counter,
        )?
        .encode_counter(&activations, NO_EXEMPLAR)?;
    let help = "Configurations that were refused, by code";
    let mut family =
        encoder.encode_descriptor("fastroute_config_refusals", help, None, MetricType::Counter)?;
    let mut written = Ok(());
    metrics.refusals.each(|[code], count| {
        let count = count.load(Relaxed);
        written = written.and_then(|()| counter(&mut family, &[("code", *code)], count));
    });
    written
}

fn connections(metrics: &Metrics, encoder: &mut DescriptorEncoder) -> fmt::Result {
    let help = "Connections that are open";
    gauge(
        encoder,
        "fastroute_connections",
        help,
        None,
        metrics.connections.now(),
    )?;
    let help = "Requests that are being answered";
    gauge(
        encoder,
        "fastroute_in_flight",
        help,
        None,
        metrics.in_flight.now(),
    )?;
    let help = "Whether the server finishes what it has and takes no more: 1 or 0";
    gauge(
        encoder,
        "fastroute_draining",
        help,
        None,
        u64::from(metrics.is_draining()),
    )?;
    let help =
        "Connections that were refused, or closed for what the peer did or did not do, by reason";
    let mut family = encoder.encode_descriptor(
        "fastroute_connections_refused",
        help,
        None,
        MetricType::Counter,
    )?;
    let mut written = Ok(());
    metrics.connections_refused.each(|[reason], count| {
        let count = count.load(Relaxed);
        written = written.and_then(|()| counter(&mut family, &[("reason", *reason)], count));
    });
    written?;
    let help = "Changed files of callers, or of certificates and keys, that were refused, by which";
    let mut family = encoder.encode_descriptor(
        "fastroute_secrets_refusals",
        help,
        None,
        MetricType::Counter,
    )?;
    let mut written = Ok(());
    metrics.secrets_refused.each(|[which], count| {
        let count = count.load(Relaxed);
        written = written.and_then(|()| counter(&mut family, &[("which", *which)], count));
    });
    written?;
    let help = "TLS handshakes that failed or took too long";
    let failed = metrics.handshakes_failed.load(Relaxed);
    encoder
        .encode_descriptor(
            "fastroute_handshakes_failed",
            help,
            None,
            MetricType::Counter,
        )?
        .encode_counter(&failed, NO_EXEMPLAR)
}

fn this_process(encoder: &mut DescriptorEncoder) -> fmt::Result {
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    let help = "The version of fastroute";
    encoder
        .encode_descriptor("fastroute_build", help, None, MetricType::Info)?
        .encode_info(&version)?;
    let help = "Time that processors spent for the process";
    encoder
        .encode_descriptor(
            "process_cpu",
            help,
            Some(&Unit::Seconds),
            MetricType::Counter,
        )?
        .encode_counter(&process::cpu_seconds(), NO_EXEMPLAR)?;
    if let Some(bytes) = process::resident_bytes() {
        let help = "Resident memory of the process";
        gauge(
            encoder,
            "process_resident_memory",
            help,
            Some(&Unit::Bytes),
            bytes,
        )?;
    }
    if let Some(files) = process::open_files() {
        gauge(
            encoder,
            "process_open_fds",
            "Open files of the process",
            None,
            files,
        )?;
    }
    if let Some(started) = process::started() {
        let help = "Unix time at which the process started";
        gauge(
            encoder,
            "process_start_time",
            help,
            Some(&Unit::Seconds),
            started,
        )?;
    }
    Ok(())
}

pub(super) fn counter(
    family: &mut MetricEncoder,
    labels: &impl EncodeLabelSet,
    count: u64,
) -> fmt::Result {
    family
        .encode_family(labels)?
        .encode_counter(&count, NO_EXEMPLAR)
}

fn gauge(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: impl EncodeGaugeValue,
) -> fmt::Result {
    encoder
        .encode_descriptor(name, help, unit, MetricType::Gauge)?
        .encode_gauge(&value)
}
