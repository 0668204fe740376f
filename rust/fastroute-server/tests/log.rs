//! What is logged is one line of JSON, whatever stands in its fields, and says nothing of a request.

use std::fmt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastroute_server::log;
use fastroute_server::metrics::Door;
use fastroute_server::{CallContext, Caller, TraceContext};
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

/// Everything that ends a line, moves a cursor, reverses or hides a text somewhere.
const HOSTILE: &str = "a\r\n{\"level\":\"ERROR\"}\u{0}\u{1b}[2J\u{7}\u{8}\u{7f}\u{85}\u{9b}31m\u{2028}\u{2029}\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\"\\\t\u{b}\u{c}";

struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Shown<'_> {}

/// The lines that are logged while `run` runs.
fn logged(run: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let layer = log::lines(move |line| sink.lock().expect("no panic").push(line.to_owned()));
    tracing::subscriber::with_default(Registry::default().with(layer), run);
    lines.lock().expect("no panic").clone()
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn one_event_is_one_line_whatever_its_fields_hold() {
    let lines = logged(|| {
        tracing::info!(
            event = HOSTILE,
            display = %Shown(HOSTILE),
            debug = ?Shown(HOSTILE),
            error = &Shown(HOSTILE) as &(dyn std::error::Error + 'static),
            "{HOSTILE}"
        );
    });
    let [line] = &lines[..] else {
        panic!("{} lines", lines.len());
    };
    let body = line.strip_suffix('\n').expect("a line feed at the end");
    for character in body.chars() {
        assert!(!character.is_control(), "{character:?} in {body:?}");
        assert!(!"\u{2028}\u{2029}\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}".contains(character));
    }
    let event = parsed(body);
    for field in ["event", "display", "debug", "error", "message"] {
        assert_eq!(event[field], HOSTILE, "{field}");
    }
    assert_eq!(event["level"], "INFO");
}

#[test]
fn every_character_comes_back_as_it_was() {
    let all: String = ('\0'..='\u{ffff}')
        .chain('\u{e0000}'..='\u{e01ff}')
        .collect();
    let characters = all.chars().collect::<Vec<_>>();
    for some in characters.chunks(256) {
        let some: String = some.iter().collect();
        let lines = logged(|| tracing::info!(some));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].lines().count(), 1);
        assert_eq!(parsed(&lines[0])["some"], some);
    }
}

#[test]
fn a_long_string_is_cut_at_a_character() {
    for (text, kept) in [
        ("x".repeat(log::MAX_STRING_BYTES), log::MAX_STRING_BYTES),
        ("x".repeat(log::MAX_STRING_BYTES + 1), log::MAX_STRING_BYTES),
        ("€".repeat(1 << 20), log::MAX_STRING_BYTES / 3 * 3),
    ] {
        let lines = logged(|| tracing::warn!(text, debug = ?Shown(&text), "{text}"));
        let event = parsed(&lines[0]);
        for field in ["text", "debug", "message"] {
            let logged = event[field].as_str().expect("a string");
            assert_eq!(logged.trim_end_matches('…').len(), kept, "{field}");
            assert_eq!(logged.ends_with('…'), text.len() > log::MAX_STRING_BYTES);
        }
        assert!(lines[0].len() < 8 * log::MAX_STRING_BYTES);
    }
}

#[test]
fn numbers_and_truths_stay_what_they_are() {
    let lines = logged(|| {
        tracing::info!(
            count = 3_u64,
            below = -3_i64,
            share = 0.5,
            is_on = true,
            none = f64::NAN
        );
    });
    let event = parsed(&lines[0]);
    assert_eq!(event["count"], 3);
    assert_eq!(event["below"], -3);
    assert_eq!(event["share"], 0.5);
    assert_eq!(event["is_on"], true);
    assert_eq!(event["none"], "NaN");
    let time = event["time"].as_str().expect("a time");
    assert!(
        time.starts_with("20") && time.ends_with('Z') && time.contains('T'),
        "{time}"
    );
}

#[test]
fn a_call_is_logged_with_its_caller_and_trace_and_nothing_else() {
    let context = CallContext {
        caller: Arc::new(Caller {
            application: HOSTILE.into(),
            ..Caller::default()
        }),
        deadline: None,
        trace: Some(TraceContext {
            trace_id: [0xab; 16],
            span_id: [1; 8],
            flags: 1,
        }),
        trace_state: None,
    };
    let took = Duration::from_micros(42);
    let lines = logged(|| log::call(Door::Http, "/v1/route", "OK", Some(&context), took));
    let event = parsed(&lines[0]);
    assert_eq!(event["caller"], HOSTILE);
    assert_eq!(event["trace_id"], "ab".repeat(16));
    assert_eq!(event["took_us"], 42);
    let names = event
        .as_object()
        .expect("an object")
        .keys()
        .collect::<Vec<_>>();
    let expected = [
        "time", "level", "target", "event", "door", "method", "code", "caller", "took_us",
        "trace_id",
    ];
    assert_eq!(names, expected);
}

/// What `install` does concerns a whole process, so the test runs itself as another one.
fn in_a_process_of_its_own(name: &str) -> Option<String> {
    if std::env::var_os("FASTROUTE_LOG_TEST").is_some() {
        return None;
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env("FASTROUTE_LOG_TEST", "1")
        .stdin(Stdio::null())
        .output()
        .expect("a child");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    Some(String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn installed_twice_the_most_talkative_level_counts_and_libraries_only_warn() {
    let Some(stderr) = in_a_process_of_its_own(
        "installed_twice_the_most_talkative_level_counts_and_libraries_only_warn",
    ) else {
        assert!(log::install("error"));
        tracing::info!(target: "fastroute_server", event = "too early");
        assert!(log::install("debug"));
        assert!(log::install("warn"));
        tracing::debug!(target: "fastroute_server", event = "ours");
        tracing::info!(target: "h2", event = "a secret of a peer");
        tracing::warn!(target: "h2", event = "theirs");
        return;
    };
    let events = stderr
        .lines()
        .map(parsed)
        .map(|event| event["event"].clone())
        .collect::<Vec<_>>();
    assert_eq!(events, ["ours", "theirs"]);
}

#[test]
fn a_subscriber_of_the_host_stays() {
    let Some(stderr) = in_a_process_of_its_own("a_subscriber_of_the_host_stays") else {
        let host = Registry::default().with(log::lines(|_| eprintln!("host")));
        tracing::subscriber::set_global_default(host).expect("the first one");
        assert!(!log::install("debug"));
        tracing::error!(event = "for the host");
        return;
    };
    assert_eq!(stderr, "host\n");
}
