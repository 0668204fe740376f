//! One configuration takes the place of another by one pointer: whole, tested before, at any moment, and told once.

mod revising;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fastroute_core::{Decision, Now, Request, Snapshot, Step, View, Workspace, decide};
use fastroute_server::revisions::{Cause, ReloadFrom, Revisions};
use revising::{Desk, numbered, reload_file, reload_text, revision_now, route_now, yaml};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// An event of the log: its fields by name.
type Fields = BTreeMap<&'static str, String>;
type Hook = Arc<dyn Fn(&Fields) + Send + Sync>;

static HOOK: Mutex<Option<Hook>> = Mutex::new(None);
static TURN: Mutex<()> = Mutex::new(());

struct Watching;

struct Reading(Fields);

impl Visit for Reading {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Watching {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let hook = lock(&HOOK).clone();
        if let Some(hook) = hook {
            let mut reading = Reading(Fields::new());
            event.record(&mut reading);
            if reading.0.contains_key("event") {
                hook(&reading.0);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A test's turn: events of all tests come to one hook, so one test runs at a time.
struct Turn(#[allow(dead_code, reason = "held")] MutexGuard<'static, ()>);

fn turn() -> Turn {
    static SET: std::sync::Once = std::sync::Once::new();
    SET.call_once(|| {
        let subscriber = tracing_subscriber::registry().with(Watching);
        tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    });
    Turn(lock(&TURN))
}

impl Turn {
    /// Calls a hook at each event from now on.
    fn hook(&self, hook: impl Fn(&Fields) + Send + Sync + 'static) {
        *lock(&HOOK) = Some(Arc::new(hook));
    }

    fn unhook(&self) {
        *lock(&HOOK) = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.unhook();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}

#[test]
fn a_configuration_is_built_then_tested_then_swapped_in() {
    let turn = turn();
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let before = revision_now(&revisions);
    let steps: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    turn.hook({
        let (steps, revisions) = (Arc::clone(&steps), Arc::downgrade(&revisions));
        move |fields| {
            let revisions = revisions.upgrade().expect("it serves");
            lock(&steps).push((fields["event"].clone(), revision_now(&revisions)));
        }
    });
    let after = block_on(reload_text(&revisions, &numbered(2)))
        .expect("a sound text")
        .revision;
    let expected = [
        ("config_built", &before),
        ("config_tested", &before),
        ("config_activated", &after),
    ]
    .map(|(event, revision)| (event.to_owned(), revision.clone()));
    assert_eq!(*lock(&steps), expected);
}

#[test]
fn a_build_that_panics_at_any_step_leaves_what_serves() {
    let turn = turn();
    for event in ["config_built", "config_tested"] {
        let desk = Desk::new(&numbered(1)).with_state();
        let revisions = desk.start();
        let before = revision_now(&revisions);
        turn.hook(move |fields| assert!(fields["event"] != event, "a defect"));
        let refusal = block_on(reload_text(&revisions, &numbered(2))).expect_err("it panicked");
        turn.unhook();
        assert_eq!(refusal.code(), "BUILD_FAILED");
        assert_eq!(revision_now(&revisions), before);
        assert_eq!(
            revisions.status().last_refused.expect("a refusal").code,
            "BUILD_FAILED"
        );
        block_on(reload_text(&revisions, &numbered(2))).expect("the next one is none the worse");
        assert_eq!(route_now(&revisions), "r2");
    }
}

#[test]
fn a_process_that_dies_at_any_step_serves_the_old_revision_afterwards() {
    let _turn = turn();
    for event in ["config_built", "config_tested", "config_activated", "never"] {
        let desk = Desk::new(&numbered(1)).with_state();
        let program = std::env::current_exe().expect("this program");
        let status = Command::new(program)
            .args([
                "--exact",
                "dies_where_it_is_told",
                "--include-ignored",
                "--quiet",
            ])
            .env("FASTROUTE_TEST_DIES_AT", event)
            .env("FASTROUTE_TEST_DESK", desk.folder.path())
            .output()
            .expect("a child")
            .status;
        assert_eq!(status.success(), event == "never", "{event}: {status}");
        desk.write("not a configuration");
        let expected = if event == "never" { "r2" } else { "r1" };
        assert_eq!(route_now(&desk.start()), expected, "{event}");
    }
}

#[test]
#[ignore = "runs as a child of another test"]
fn dies_where_it_is_told() {
    let turn = turn();
    let (Some(event), Some(folder)) = (
        std::env::var_os("FASTROUTE_TEST_DIES_AT"),
        std::env::var_os("FASTROUTE_TEST_DESK"),
    ) else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let settings = fastroute_server::Settings {
        config: Some(folder.join("fastroute.yaml")),
        state_dir: Some(folder.join("state")),
        ..fastroute_server::Settings::default()
    };
    let metrics = fastroute_server::metrics::Metrics::new();
    let revisions = Revisions::start(&settings, metrics).expect("a sound file");
    turn.hook(move |fields| {
        if *fields["event"] == *event {
            std::process::abort();
        }
    });
    block_on(reload_text(&revisions, &numbered(2))).expect("a sound text");
}

#[test]
fn one_configuration_is_built_at_a_time() {
    let turn = turn();
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let first = revision_now(&revisions);
    for number in 2..4 {
        block_on(reload_text(&revisions, &numbered(number))).expect("a sound text");
    }
    let signal: Arc<Mutex<Option<JoinHandle<()>>>> = Arc::default();
    let met = Arc::new(AtomicBool::new(false));
    turn.hook({
        let (met, signal) = (Arc::clone(&met), Arc::clone(&signal));
        let (revisions, first) = (Arc::downgrade(&revisions), first.clone());
        move |fields| {
            if fields["event"] != "config_built" || met.swap(true, Ordering::Relaxed) {
                return;
            }
            let revisions = revisions.upgrade().expect("it serves");
            let refused = [
                block_on(reload_text(&revisions, &numbered(5))).map(drop),
                block_on(revisions.validate(yaml(&numbered(5)))).map(drop),
                block_on(revisions.activate(&first, "")).map(drop),
            ];
            for refusal in refused.map(|result| result.expect_err("another one is built")) {
                assert_eq!(refusal.code(), "BUSY");
                assert_eq!(refusal.status(), tonic::Code::ResourceExhausted);
                assert!(refusal.retry_after().is_some());
            }
            // A call that names an older one is not held up; a signal waits for its turn.
            block_on(revisions.named(&first)).expect("a retained revision");
            *lock(&signal) = Some(std::thread::spawn(move || {
                let from = ReloadFrom::File;
                block_on(revisions.reload(from, false, Cause::Signal, "")).expect("a sound file");
            }));
        }
    });
    block_on(reload_text(&revisions, &numbered(4))).expect("a sound text");
    let waiting = lock(&signal).take().expect("it met the build");
    waiting.join().expect("a sound file");
    turn.unhook();
    assert_eq!(route_now(&revisions), "r1");
    assert_eq!(revisions.active().cause, Cause::Signal);
    assert_eq!(
        revisions.status().refusals,
        0,
        "to be busy is no fault of a configuration"
    );
}

#[test]
fn going_back_wins_over_a_build_that_began_before() {
    let turn = turn();
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let first = revision_now(&revisions);
    block_on(reload_text(&revisions, &numbered(2))).expect("a sound text");
    turn.hook({
        let (revisions, first) = (Arc::downgrade(&revisions), first.clone());
        move |fields| {
            if fields["event"] == "config_tested" {
                let revisions = revisions.upgrade().expect("it serves");
                block_on(revisions.activate(&first, "operator")).expect("it waits for no build");
            }
        }
    });
    let refusal = block_on(reload_text(&revisions, &numbered(3))).expect_err("too late");
    assert_eq!(
        (refusal.code(), refusal.status()),
        ("SUPERSEDED", tonic::Code::Aborted)
    );
    assert_eq!(revision_now(&revisions), first);
    assert_eq!(&*revisions.active().by, "operator");
}

#[test]
fn an_activation_and_a_refusal_are_one_event_each_that_tells_no_contents() {
    let turn = turn();
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let first = revision_now(&revisions);
    let events: Arc<Mutex<Vec<Fields>>> = Arc::default();
    turn.hook({
        let events = Arc::clone(&events);
        move |fields| {
            if !matches!(&*fields["event"], "config_built" | "config_tested") {
                lock(&events).push(fields.clone());
            }
        }
    });
    let second = block_on(reload_text(&revisions, &numbered(2)))
        .expect("a sound text")
        .revision;
    block_on(revisions.activate(&first, "someone")).expect("a revision");
    let secret = "version: 1\nhunter2: hunter2\nmodels: [hunter2]\n";
    block_on(reload_text(&revisions, secret)).expect_err("no configuration");
    block_on(reload_file(&revisions)).expect("a sound file");
    let events = lock(&events);
    let told = |event: &Fields, names: [&str; 4]| {
        names.map(|name| event.get(name).cloned().unwrap_or_default())
    };
    assert_eq!(
        told(&events[0], ["event", "revision", "cause", "by"]),
        ["config_activated", &second, "reload", "operator"]
    );
    assert_eq!(
        told(&events[1], ["event", "revision", "cause", "by"]),
        ["config_activated", &first, "activate", "someone"]
    );
    assert_eq!(events[1]["previous"], second);
    assert_eq!(
        told(&events[2], ["event", "code", "cause", "by"]),
        ["config_refused", "INVALID_CONFIG", "reload", "operator"]
    );
    assert_eq!(
        told(&events[3], ["event", "revision", "cause", "by"]),
        ["config_unchanged", &first, "reload", "operator"]
    );
    assert_eq!(events.len(), 4, "{events:?}");
    assert!(!format!("{events:?}").contains("hunter2"));
}

/// The number under which a decision was made, if all of it agrees.
fn number_of(decision: &Decision) -> u32 {
    let number = |name: Option<&str>, letter| -> u32 {
        let name = name.expect("a name");
        name.strip_prefix(letter)
            .expect(letter)
            .parse()
            .expect("a number")
    };
    let route = number(decision.route(), "r");
    assert_eq!(
        number(decision.prompt(), "p"),
        route,
        "route and prompt are of one revision"
    );
    route
}

/// Decides until it is told to stop; returns the number that each revision answered with.
fn read(revisions: &Revisions, stop: &AtomicBool) -> (BTreeMap<String, u32>, u64) {
    let (mut seen, mut count, mut workspace) = (BTreeMap::new(), 0, Workspace::new());
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..20 {
            let active = revisions.active();
            let (request, view) = (Request::text("hello there"), View::healthy());
            let step = decide(
                &active.snapshot,
                &request,
                &view,
                Now::default(),
                0,
                &mut workspace,
            );
            let Ok(Step::Decided(decision)) = step else {
                panic!("it decides")
            };
            let revision = decision.revision().to_string();
            assert_eq!(revision, &*active.revision, "a decision names what made it");
            let number = number_of(&decision);
            assert_eq!(
                *seen.entry(revision).or_insert(number),
                number,
                "one revision, one answer"
            );
            count += 1;
        }
        // The builds step back behind these, and shall have a turn.
        std::thread::sleep(Duration::from_micros(500));
    }
    (seen, count)
}

fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: u64 = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("pages");
    pages * 4096
}

#[test]
fn no_reader_sees_anything_but_a_whole_revision_in_a_thousand_swaps() {
    let _turn = turn();
    let desk = Desk::new(&numbered(0));
    let revisions = desk.start();
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (revisions, stop) = (Arc::clone(&revisions), Arc::clone(&stop));
            std::thread::spawn(move || read(&revisions, &stop))
        })
        .collect();
    let begun = Instant::now();
    let mut numbers = BTreeMap::from([(revision_now(&revisions), 0)]);
    let mut snapshots: Vec<Weak<Snapshot>> = Vec::new();
    let (mut swaps, mut resident_early) = (0, 0);
    for number in 1..=1_000 {
        let swapped = block_on(reload_text(&revisions, &numbered(number))).expect("a sound text");
        snapshots.push(Arc::downgrade(&revisions.active().snapshot));
        numbers.insert(swapped.revision.clone(), number);
        // Back, forth, and back: the next one replaces the older of the two.
        for revision in [&swapped.previous, &swapped.revision, &swapped.previous] {
            block_on(revisions.activate(revision, "")).expect("a compiled revision");
        }
        swaps += 4;
        if number == 200 {
            resident_early = resident_bytes();
        }
    }
    assert_eq!(swaps, 4_000);
    assert_eq!(revisions.status().activations, 1 + swaps);
    println!("4,000 swaps, 1,000 of them built: {:?}", begun.elapsed());
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        let (seen, count) = reader.join().expect("no reader failed");
        assert!(count > 1_000, "{count} decisions");
        for (revision, number) in seen {
            assert_eq!(numbers.get(&revision), Some(&number), "{revision}");
        }
    }
    let live = snapshots
        .iter()
        .filter(|snapshot| snapshot.strong_count() > 0)
        .count();
    assert!(live <= 2, "{live} compiled snapshots live");
    let grown = resident_bytes().saturating_sub(resident_early);
    println!("resident memory grew by {grown} bytes over the last 3,200 swaps");
    assert!(grown < 24 << 20, "{grown} bytes");
    assert_eq!(revisions.list().len(), 11);
}

#[test]
fn a_reader_keeps_the_revision_that_it_began_with() {
    let _turn = turn();
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let held = Arc::clone(&revisions.active());
    for number in 2..6 {
        block_on(reload_text(&revisions, &numbered(number))).expect("a sound text");
    }
    assert_eq!(revising::route_of(&held.snapshot), "r1");
    let weak = Arc::downgrade(&held.snapshot);
    drop(held);
    assert!(weak.upgrade().is_none(), "freed with its last reader");
}
