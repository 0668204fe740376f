//! Logs as JSON lines on the standard error: one event, one line, whatever is in its fields.
//!
//! Every character that could end a line, move a cursor or reverse a text is escaped, and each string is cut
//! at 1 KiB, so that a name from a file or a peer can neither forge a line nor fill a disk. Our own modules
//! log at the level that is asked for; libraries log warnings and errors alone, because their lower levels tell
//! what peers send.
//!
//! A line is written with one call while a lock is held, on the thread that logs: whoever reads the standard error must keep
//! reading. Nothing is logged for a call unless the level is `debug`.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;

use crate::context::CallContext;
use crate::metrics::Door;

/// Bytes of one string that are logged.
pub const MAX_STRING_BYTES: usize = 1024;

/// What our crates' targets begin with.
const OURS: &str = "fastroute";

/// The filter of the subscriber that [`install`] put in place.
static INSTALLED: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Logs from now on at `level`, one of those of the setting `log`; returns whether our lines are written.
///
/// Safe to call again: of several servers in one process the most talkative level counts. A subscriber that
/// the host of the process installed stays, and gets our events instead.
pub fn install(level: &str) -> bool {
    let level = level.parse().unwrap_or(LevelFilter::INFO);
    let (filter, handle) = reload::Layer::new(filter(level));
    let lines = Lines(|line: &str| {
        // A standard error that is closed must not end the process.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    });
    let subscriber = Registry::default().with(lines.with_filter(filter));
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        return INSTALLED.set(handle).is_ok();
    }
    let Some(installed) = INSTALLED.get() else {
        return false;
    };
    installed
        .modify(|targets| {
            let before = targets.default_level_of_ours();
            *targets = self::filter(level.max(before));
        })
        .is_ok()
}

/// Logs from now on where a panic happened, instead of what it said: that may hold a prompt.
///
/// Takes over the hook of the whole process, so only a program does it.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        panicked(at.as_deref().unwrap_or("unknown"));
    }));
}

/// Logs where a panic happened, for hosts that have a hook of their own.
pub fn panicked(at: &str) {
    tracing::error!(event = "panic", at);
}

/// Makes a layer that hands each event to `write` as one line with its line feed.
pub fn lines<S: Subscriber>(write: impl Fn(&str) + Send + Sync + 'static) -> impl Layer<S> {
    Lines(write)
}

/// Logs a call that was answered, at `debug`; never what was in it.
pub fn call(
    door: Door,
    method: &'static str,
    code: &'static str,
    context: Option<&CallContext>,
    took: Duration,
) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let caller = context.map_or("", |context| &*context.caller.application);
    let trace = context.and_then(|context| context.trace);
    let trace_id = trace.map(|trace| format!("{:032x}", u128::from_be_bytes(trace.trace_id)));
    tracing::debug!(
        event = "call",
        door = door.as_str(),
        method,
        code,
        caller,
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        trace_id,
    );
}

fn filter(level: LevelFilter) -> Targets {
    let theirs = level.min(LevelFilter::WARN);
    Targets::new().with_default(theirs).with_target(OURS, level)
}

/// Reads back the level that [`filter`] was made with.
trait Ours {
    fn default_level_of_ours(&self) -> LevelFilter;
}

impl Ours for Targets {
    fn default_level_of_ours(&self) -> LevelFilter {
        self.iter()
            .find_map(|(target, level)| (target == OURS).then_some(level))
            .unwrap_or(LevelFilter::OFF)
    }
}

/// Writes events as JSON lines.
struct Lines<F>(F);

impl<S: Subscriber, F: Fn(&str) + Send + Sync + 'static> Layer<S> for Lines<F> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = String::with_capacity(256);
        line.push_str("{\"time\":\"");
        let _ = SystemTime.format_time(&mut Writer::new(&mut line));
        line.push('"');
        let mut fields = Fields(&mut line);
        let metadata = event.metadata();
        fields.string("level", metadata.level());
        fields.string("target", &metadata.target());
        event.record(&mut fields);
        line.push_str("}\n");
        (self.0)(&line);
    }
}

/// Appends fields to a JSON object that has one already.
struct Fields<'a>(&'a mut String);

impl Fields<'_> {
    fn key(&mut self, name: &str) {
        self.0.push_str(",\"");
        let _ = Escaped::new(self.0).write_str(name);
        self.0.push_str("\":");
    }

    fn string(&mut self, name: &str, value: &dyn fmt::Display) {
        self.key(name);
        self.0.push('"');
        // Ends early at the cap.
        let _ = write!(Escaped::new(self.0), "{value}");
        self.0.push('"');
    }

    fn bare(&mut self, name: &str, value: &dyn fmt::Display) {
        self.key(name);
        let _ = write!(self.0, "{value}");
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field.name(), &value);
        } else {
            self.string(field.name(), &value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.string(field.name(), &value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.string(field.name(), &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.string(field.name(), &format_args!("{value:?}"));
    }
}

/// Writes the inside of a JSON string, up to a cap.
struct Escaped<'a> {
    out: &'a mut String,
    left: usize,
}

impl<'a> Escaped<'a> {
    fn new(out: &'a mut String) -> Self {
        Self {
            out,
            left: MAX_STRING_BYTES,
        }
    }
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let Some(left) = self.left.checked_sub(character.len_utf8()) else {
                self.left = 0;
                self.out.push('…');
                return Err(fmt::Error);
            };
            self.left = left;
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                character if is_unsafe(character) => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}")?;
                    }
                }
                character => self.out.push(character),
            }
        }
        Ok(())
    }
}

/// Whether a terminal or a reader of lines may act on a character instead of showing it.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
