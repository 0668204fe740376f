//! What is counted is exact, bounded, and text that Prometheus reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::{
    DEFAULT_CONFIG, Decision, Now, Request, Snapshot, Step, View, Workspace, decide,
};
use fastroute_server::metrics::{CONTENT_TYPE, Door, Metrics};

mod support {
    pub mod openmetrics;
}

use support::openmetrics::{Exposition, parse};

fn snapshot(text: &str) -> Arc<Snapshot> {
    let source = Source {
        name: "test.yaml",
        text,
        format: Format::Yaml,
    };
    let loaded = config::load(&source, &NoFiles).expect("a configuration that holds");
    Arc::new(Snapshot::build(&loaded, None).expect("a snapshot"))
}

fn decided(snapshot: &Arc<Snapshot>, text: &str) -> Decision {
    let request = Request::text(text);
    let mut workspace = Workspace::new();
    let step = decide(
        snapshot,
        &request,
        &View::healthy(),
        Now::default(),
        0,
        &mut workspace,
    );
    match step.expect("a request that holds") {
        Step::Decided(decision) => decision,
        Step::Ask(_) => panic!("no meta-LLM is configured"),
    }
}

/// A configuration with one route and one model of these names.
fn named(route: &str, model: &str) -> Arc<Snapshot> {
    snapshot(&format!(
        "version: 1
providers: {{p: {{kind: openai}}}}
models:
  - name: {model}
    provider: p
    context_window: 8000
    price: {{input: 1, output: 1}}
    latency: {{first_token: 1ms, per_token: 1ms}}
    quality: {{default: 0.5}}
routes: [{{name: {route}, choose: [{model}]}}]
default: {{route: {route}}}
"
    ))
}

fn read(metrics: &Metrics) -> Exposition {
    parse(&metrics.encode()).unwrap_or_else(|error| panic!("{error}\n{}", metrics.encode()))
}

#[test]
fn every_count_comes_out_under_its_name() {
    let metrics = Metrics::new();
    let snapshot = snapshot(DEFAULT_CONFIG);
    let decision = decided(
        &snapshot,
        "Translate this sentence into French: good morning",
    );
    metrics.decided(&decision);
    metrics.finished(Door::Grpc, "/x/Route", "OK", Duration::from_micros(20));
    metrics.finished(
        Door::Grpc,
        "/x/Route",
        "OVERLOADED",
        Duration::from_micros(5),
    );
    metrics.finished(Door::Http, "/v1/route", "OK", Duration::from_secs(11));
    metrics.config_activated("1a2b3c4d5e6f7a8b", 1_700_000_000.5);
    metrics.config_refused("INVALID_CONFIG");
    metrics.stale_since(Some(SystemTime::now() - Duration::from_secs(60)));
    metrics.report("accepted");
    metrics.attempt("small", "success");
    metrics.connection_refused("too_many");
    metrics.handshake_failed();
    metrics.connections.rise();
    metrics.in_flight.rise();
    metrics.in_flight.rise();
    metrics.in_flight.fall();
    metrics.draining();

    let text = read(&metrics);
    let route = decision.route().expect("a route");
    let model = decision.model().expect("a model");
    let reason = decision.reason().code();
    for (name, labels, value) in [
        (
            "fastroute_calls_total",
            &[("door", "grpc"), ("method", "/x/Route"), ("code", "OK")][..],
            1.0,
        ),
        (
            "fastroute_calls_total",
            &[
                ("door", "grpc"),
                ("method", "/x/Route"),
                ("code", "OVERLOADED"),
            ],
            1.0,
        ),
        (
            "fastroute_call_seconds_count",
            &[("door", "grpc"), ("method", "/x/Route")],
            2.0,
        ),
        (
            "fastroute_call_seconds_sum",
            &[("door", "grpc"), ("method", "/x/Route")],
            2.5e-5,
        ),
        (
            "fastroute_call_seconds_bucket",
            &[("door", "grpc"), ("method", "/x/Route"), ("le", "0.00001")],
            1.0,
        ),
        (
            "fastroute_call_seconds_bucket",
            &[("door", "http"), ("method", "/v1/route"), ("le", "10.0")],
            0.0,
        ),
        (
            "fastroute_call_seconds_bucket",
            &[("door", "http"), ("method", "/v1/route"), ("le", "+Inf")],
            1.0,
        ),
        (
            "fastroute_decisions_total",
            &[("outcome", "routed"), ("reason", reason)],
            1.0,
        ),
        (
            "fastroute_decisions_total",
            &[("outcome", "rejected"), ("reason", "REJECTED")],
            0.0,
        ),
        ("fastroute_route_decisions_total", &[("route", route)], 1.0),
        ("fastroute_model_decisions_total", &[("model", model)], 1.0),
        (
            "fastroute_config_info",
            &[("revision", "1a2b3c4d5e6f7a8b")],
            1.0,
        ),
        (
            "fastroute_config_activated_timestamp_seconds",
            &[],
            1_700_000_000.5,
        ),
        ("fastroute_config_activations_total", &[], 1.0),
        (
            "fastroute_config_refusals_total",
            &[("code", "INVALID_CONFIG")],
            1.0,
        ),
        ("fastroute_reports_total", &[("status", "accepted")], 1.0),
        (
            "fastroute_attempts_total",
            &[("model", "small"), ("outcome", "success")],
            1.0,
        ),
        ("fastroute_connections", &[], 1.0),
        ("fastroute_in_flight", &[], 1.0),
        ("fastroute_draining", &[], 1.0),
        (
            "fastroute_connections_refused_total",
            &[("reason", "too_many")],
            1.0,
        ),
        ("fastroute_handshakes_failed_total", &[], 1.0),
        (
            "fastroute_build_info",
            &[("version", env!("CARGO_PKG_VERSION"))],
            1.0,
        ),
    ] {
        let found = text.value(name, labels);
        let found = found.unwrap_or_else(|| panic!("no {name} {labels:?}\n{}", metrics.encode()));
        assert!(
            (found - value).abs() < 1e-9,
            "{name} {labels:?} is {found}, not {value}"
        );
    }
    let stale = text
        .value("fastroute_config_stale_seconds", &[])
        .expect("a time");
    assert!((60.0..120.0).contains(&stale), "{stale}");
    metrics.stale_since(None);
    assert_eq!(
        read(&metrics).value("fastroute_config_stale_seconds", &[]),
        Some(0.0)
    );
    if cfg!(target_os = "linux") {
        for name in [
            "process_resident_memory_bytes",
            "process_cpu_seconds_total",
            "process_open_fds",
            "process_start_time_seconds",
        ] {
            assert!(
                text.value(name, &[]).is_some_and(|value| value > 0.0),
                "{name}"
            );
        }
    }
    assert!(CONTENT_TYPE.starts_with("application/openmetrics-text; version=1.0.0"));
}

#[test]
fn counts_are_exact_under_threads_that_count_while_others_read_and_swap() {
    const THREADS: u64 = 8;
    const EACH: u64 = 20_000;
    let metrics = Metrics::new();
    let snapshots = [("a", "m"), ("b", "m"), ("a", "n")].map(|(route, model)| named(route, model));
    let decisions = snapshots
        .each_ref()
        .map(|snapshot| decided(snapshot, "hello"));
    let methods = ["/a", "/b", "/c"];
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for at in 0..EACH as usize {
                    metrics.decided(&decisions[at % 3]);
                    let method = methods[at % methods.len()];
                    metrics.finished(Door::Grpc, method, "OK", Duration::from_micros(30));
                    metrics.in_flight.rise();
                    metrics.in_flight.fall();
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..50 {
                read(&metrics);
            }
        });
    });
    let text = read(&metrics);
    let all = THREADS * EACH;
    assert_eq!(text.sum("fastroute_calls_total"), all as f64);
    assert_eq!(text.sum("fastroute_call_seconds_count"), all as f64);
    assert_eq!(text.sum("fastroute_decisions_total"), all as f64);
    assert_eq!(text.sum("fastroute_route_decisions_total"), all as f64);
    assert_eq!(text.sum("fastroute_model_decisions_total"), all as f64);
    assert!((text.sum("fastroute_call_seconds_sum") - all as f64 * 30e-6).abs() < 1e-6);
    let of_b = THREADS * (0..EACH).filter(|at| at % 3 == 1).count() as u64;
    assert_eq!(
        text.value("fastroute_route_decisions_total", &[("route", "b")]),
        Some(of_b as f64)
    );
    assert_eq!(text.value("fastroute_in_flight", &[]), Some(0.0));
}

#[test]
fn names_of_configurations_that_are_long_gone_are_forgotten() {
    let metrics = Metrics::new();
    for number in 0..40 {
        let snapshot = named(&format!("route-{number}"), "stays");
        metrics.prepare(snapshot.catalogue());
        metrics.decided(&decided(&snapshot, "hello"));
    }
    let text = read(&metrics);
    let routes = text.series("fastroute_route_decisions_total");
    assert!(routes.len() <= 9, "{} series", routes.len());
    assert_eq!(
        text.value("fastroute_route_decisions_total", &[("route", "route-39")]),
        Some(1.0)
    );
    assert_eq!(
        text.value("fastroute_model_decisions_total", &[("model", "stays")]),
        Some(40.0),
        "a name that stays keeps its count over every swap"
    );
}

#[test]
fn names_that_break_lines_or_quotes_come_back_as_they_are() {
    let metrics = Metrics::new();
    let hostile = "a\"b\\c\nfastroute_calls_total{x=\"y\"} 9";
    metrics.attempt(hostile, "success");
    metrics.config_activated(hostile, 0.0);
    let text = read(&metrics);
    let labels = [("model", hostile), ("outcome", "success")];
    assert_eq!(text.value("fastroute_attempts_total", &labels), Some(1.0));
    assert_eq!(
        text.value("fastroute_config_info", &[("revision", hostile)]),
        Some(1.0)
    );
    assert_eq!(text.value("fastroute_calls_total", &[("x", "y")]), None);
}

#[test]
fn attempts_under_too_many_names_share_one_series() {
    let metrics = Metrics::new();
    for number in 0..10_000 {
        metrics.attempt(&format!("model-{number}"), "success");
    }
    let text = read(&metrics);
    assert_eq!(text.sum("fastroute_attempts_total"), 10_000.0);
    assert!(text.series("fastroute_attempts_total").len() <= 4_097);
}

#[test]
fn a_new_configuration_has_its_series_at_zero() {
    let metrics = Metrics::new();
    metrics.prepare(named("fresh", "model").catalogue());
    let text = read(&metrics);
    for (name, label, value) in [
        ("fastroute_route_decisions_total", "route", "fresh"),
        ("fastroute_model_decisions_total", "model", "model"),
    ] {
        assert_eq!(text.value(name, &[(label, value)]), Some(0.0));
    }
}

#[test]
fn every_name_has_one_type_and_one_place() {
    let metrics = Metrics::new();
    metrics.finished(Door::Admin, "/x", "OK", Duration::ZERO);
    let text = read(&metrics);
    let names = text.families.keys().collect::<BTreeSet<_>>();
    assert!(names.len() > 15);
    let kinds: BTreeMap<&str, &str> = text
        .families
        .iter()
        .map(|(name, family)| (&**name, &*family.kind))
        .collect();
    assert_eq!(kinds["fastroute_calls"], "counter");
    assert_eq!(kinds["fastroute_call_seconds"], "histogram");
    assert_eq!(kinds["fastroute_config"], "info");
    assert_eq!(kinds["fastroute_in_flight"], "gauge");
}

/// Time that a processor spent for this thread, which a busy machine does not lengthen.
fn processor_ns() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Prints what counting costs; run with `--ignored --nocapture`, in release for a figure to quote.
#[test]
#[ignore = "measures, and asserts nothing about time"]
fn what_counting_costs() {
    let metrics = Metrics::new();
    let snapshot = snapshot(DEFAULT_CONFIG);
    let decision = decided(
        &snapshot,
        "Translate this sentence into French: good morning",
    );
    for method in ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"] {
        for code in [
            "OK",
            "OVERLOADED",
            "RATE_LIMITED",
            "MISSING_TEXT",
            "CANCELLED",
        ] {
            metrics.finished(Door::Http, method, code, Duration::ZERO);
        }
    }
    for threads in [1_u32, 2] {
        let rounds = 2_000_000_u32;
        let time = |call: &(dyn Fn() + Sync)| {
            thread::scope(|scope| {
                let run = || {
                    let start = processor_ns();
                    (0..rounds).for_each(|_| call());
                    (processor_ns() - start) / f64::from(rounds)
                };
                let all = (0..threads).map(|_| scope.spawn(run)).collect::<Vec<_>>();
                let costs = all
                    .into_iter()
                    .map(|thread| thread.join().expect("no panic"));
                costs.sum::<f64>() / f64::from(threads)
            })
        };
        let took = Duration::from_micros(20);
        let finished = time(&|| metrics.finished(Door::Grpc, "/x", "OK", took));
        let decided = time(&|| metrics.decided(&decision));
        println!("{threads} threads: finished {finished:.1} ns, decided {decided:.1} ns a call");
    }
    let start = Instant::now();
    let bytes = metrics.encode().len();
    println!("encode: {bytes} bytes in {:?}", start.elapsed());
}
