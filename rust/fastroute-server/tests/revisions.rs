//! Revisions that served can serve again, at once or after a restart, whatever happened to the disk meanwhile.

mod revising;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastroute_server::metrics::Metrics;
use fastroute_server::revisions::{Cause, Revisions};
use fastroute_server::{Settings, StartError};
use revising::{
    Desk, WITH_FILES, numbered, reload_file, reload_text, revision_now, route_now, route_of,
    routed, wait_until,
};

/// Serves numbers one after the other, as texts; returns their revisions.
async fn serve_numbers(revisions: &Arc<Revisions>, numbers: std::ops::Range<u32>) -> Vec<String> {
    let mut served = Vec::new();
    for number in numbers {
        let swapped = reload_text(revisions, &numbered(number)).await;
        served.push(swapped.expect("a sound text").revision);
    }
    served
}

#[tokio::test]
async fn revisions_are_listed_newest_activation_first() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let first = revision_now(&revisions);
    let mut expected = serve_numbers(&revisions, 2..5).await;
    expected.insert(0, first);
    expected.reverse();
    let listed = |revisions: &Revisions| -> Vec<String> {
        revisions
            .list()
            .into_iter()
            .map(|kept| kept.revision)
            .collect()
    };
    assert_eq!(listed(&revisions), expected);
    let kept = revisions.list();
    assert_eq!(kept.iter().filter(|kept| kept.is_active).count(), 1);
    assert!(kept[0].is_active);
    assert_eq!((kept[0].cause, &*kept[0].by), (Cause::Reload, "operator"));
    assert_eq!((kept[3].cause, &*kept[3].by), (Cause::Start, ""));
    assert_eq!(kept[0].source_bytes, numbered(4).len() as u64);
    assert!(
        kept.windows(2)
            .all(|pair| pair[0].activated_at >= pair[1].activated_at)
    );

    revisions
        .activate(&expected[2], "somebody")
        .await
        .expect("a retained revision");
    let reactivated = expected.remove(2);
    expected.insert(0, reactivated);
    assert_eq!(listed(&revisions), expected);
    let newest = revisions.list().remove(0);
    assert_eq!((newest.cause, &*newest.by), (Cause::Activate, "somebody"));
}

#[tokio::test]
async fn as_many_revisions_are_kept_as_asked_beside_the_one_that_serves() {
    for has_state in [false, true] {
        let mut desk = Desk::new(&numbered(1));
        if has_state {
            desk = desk.with_state();
        }
        desk.settings.keep_revisions = 2;
        let revisions = desk.start();
        let served = serve_numbers(&revisions, 2..7).await;
        let kept: Vec<String> = revisions
            .list()
            .into_iter()
            .map(|kept| kept.revision)
            .collect();
        assert_eq!(kept, [&*served[4], &served[3], &served[2]]);
        let refusal = revisions
            .activate(&served[0], "")
            .await
            .expect_err("forgotten");
        assert_eq!(refusal.code(), "UNKNOWN_REVISION");
        assert_eq!(refusal.status(), tonic::Code::NotFound);
        if has_state {
            let count = |folder: &str| {
                fs::read_dir(desk.path("state").join(folder))
                    .expect("a folder")
                    .count()
            };
            assert_eq!((count("revisions"), count("files")), (3, 3));
        }
    }
}

/// Serves a retained revision; returns the time until it served, and until that was written down.
fn timed(revisions: &Arc<Revisions>, revision: &str) -> (Duration, Duration) {
    let begun = Instant::now();
    let call = {
        let (revisions, revision) = (Arc::clone(revisions), revision.to_owned());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let swapped = runtime
                .expect("a runtime")
                .block_on(revisions.activate(&revision, "operator"));
            swapped.expect("a retained revision")
        })
    };
    wait_until("the revision", || *revisions.active().revision == *revision);
    let served = begun.elapsed();
    assert_eq!(call.join().expect("no panic").revision, revision);
    (served, begun.elapsed())
}

#[test]
fn going_back_to_the_one_before_takes_at_most_100_ms() {
    for has_state in [false, true] {
        // The embedded default trains a head, which no going back may wait for.
        let mut desk = Desk::new(fastroute_core::DEFAULT_CONFIG);
        if has_state {
            desk = desk.with_state();
        }
        let revisions = desk.start();
        println!(
            "state on disk {has_state}: built in {:?}",
            revisions.active().build_time
        );
        let first = revision_now(&revisions);
        let edited = fastroute_core::DEFAULT_CONFIG
            .replace("context_window: 32768", "context_window: 32767");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let second = runtime
            .block_on(reload_text(&revisions, &edited))
            .expect("a sound text")
            .revision;
        println!("edited: built in {:?}", revisions.active().build_time);
        let mut times: Vec<_> = [&first, &second, &first, &second, &first]
            .map(|revision| timed(&revisions, revision))
            .into();
        times.sort();
        println!("until it served, and until it was written down: {times:?}");
        assert!(times[2].0 <= Duration::from_millis(100), "{times:?}");
        assert_eq!(&*revisions.active().by, "operator");
    }
}

#[tokio::test]
async fn an_older_revision_is_built_again_from_what_was_kept() {
    for has_state in [false, true] {
        let mut desk = Desk::new(WITH_FILES);
        if has_state {
            desk = desk.with_state();
        }
        desk.write_beside("words.txt", "outage\n");
        desk.write_beside("examples.txt", "the site is down\nnothing loads\n");
        let revisions = desk.start();
        let first = revision_now(&revisions);
        // What it was built from is no more.
        fs::remove_file(desk.path("words.txt")).expect("the file");
        fs::remove_file(desk.path("examples.txt")).expect("the file");
        serve_numbers(&revisions, 1..4).await;
        let begun = Instant::now();
        revisions
            .activate(&first, "")
            .await
            .expect("a retained revision");
        println!(
            "an older one, state on disk {has_state}: {:?}",
            begun.elapsed()
        );
        assert_eq!(
            routed(&revisions.active().snapshot, "an outage"),
            "incident"
        );
        assert_eq!(revision_now(&revisions), first);
    }
}

#[tokio::test]
async fn a_revision_is_named_by_all_of_its_digits_or_at_least_eight() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let first = revision_now(&revisions);
    let second = serve_numbers(&revisions, 2..3).await.remove(0);
    for digits in [
        &first[..8],
        &first[..12],
        &first,
        &first.to_ascii_uppercase(),
    ] {
        let swapped = revisions
            .activate(digits, "")
            .await
            .expect("a retained revision");
        assert_eq!(swapped.revision, first);
        revisions
            .activate(&second, "")
            .await
            .expect("a retained revision");
    }
    let long = "f".repeat(10_000);
    for digits in [
        "",
        &first[..7],
        "ffffffffffffffff",
        "../../etc/passwd",
        "not hexadecimal",
        &long,
    ] {
        let refusal = revisions.activate(digits, "").await.expect_err(digits);
        assert_eq!(refusal.code(), "UNKNOWN_REVISION");
        assert!(refusal.message().len() < 200);
        let refusal = revisions.named(digits).await.expect_err(digits);
        assert_eq!(refusal.code(), "UNKNOWN_REVISION");
    }
    assert_eq!(revision_now(&revisions), second);
}

#[tokio::test]
async fn a_call_may_name_any_retained_revision_without_changing_what_serves() {
    let desk = Desk::new(&numbered(1)).with_state();
    let revisions = desk.start();
    let first = revision_now(&revisions);
    serve_numbers(&revisions, 2..6).await;
    let status = revisions.status();
    for (digits, route) in [
        (&*first, "r1"),
        (&first[..8], "r1"),
        (&status.active.revision, "r5"),
    ] {
        let named = revisions.named(digits).await.expect("a retained revision");
        assert_eq!(route_of(&named.snapshot), route);
    }
    // Those that ask while one has it share it; afterwards it is gone.
    let named = revisions.named(&first).await.expect("a retained revision");
    let again = revisions.named(&first).await.expect("a retained revision");
    assert!(Arc::ptr_eq(&named, &again));
    assert_eq!(named.cause, Cause::Start);
    let weak = Arc::downgrade(&named.snapshot);
    drop((named, again));
    assert!(weak.upgrade().is_none());
    assert_eq!(route_now(&revisions), "r5");
    assert_eq!(revisions.status().activations, status.activations);
    assert!(revisions.list()[0].is_active && revisions.list().len() == 5);
}

#[test]
fn a_pin_holds_until_the_content_of_the_file_changes() {
    let desk = Desk::new(&numbered(1));
    let (revisions, _stop) = desk.watched();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let first = revision_now(&revisions);
    desk.write(&numbered(2));
    wait_until("the new file", || route_now(&revisions) == "r2");
    runtime
        .block_on(revisions.activate(&first, "operator"))
        .expect("a revision");
    let status = revisions.status();
    assert!(
        status.is_pinned && status.stale_since.is_some(),
        "the file says something else"
    );
    // Touched, and rewritten as it is, it is still the file of then; another file beside it is none of ours.
    let activations = status.activations;
    desk.write(&numbered(2));
    desk.write_beside("marker.yaml", &numbered(3));
    fs::rename(desk.path("marker.yaml"), desk.path("other.yaml")).expect("a rename");
    let seen = Instant::now();
    wait_until("a while", || seen.elapsed() > Duration::from_millis(700));
    assert_eq!(revisions.status().activations, activations);
    assert_eq!(revision_now(&revisions), first);
    desk.write(&numbered(3));
    wait_until("another file", || route_now(&revisions) == "r3");
    let status = revisions.status();
    assert!(!status.is_pinned && status.stale_since.is_none());
}

#[tokio::test]
async fn a_reload_from_the_file_ends_a_pin() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    reload_text(&revisions, &numbered(2))
        .await
        .expect("a sound text");
    assert!(revisions.status().is_pinned);
    reload_file(&revisions).await.expect("a sound file");
    assert!(!revisions.status().is_pinned && revisions.status().stale_since.is_none());
    assert_eq!(route_now(&revisions), "r1");
    // The text of the file, given as a text, is what the file says.
    reload_text(&revisions, &numbered(1))
        .await
        .expect("a sound text");
    assert!(revisions.status().is_pinned && revisions.status().stale_since.is_none());
}

#[tokio::test]
async fn a_pin_outlives_a_restart_while_the_file_is_what_it_was() {
    let desk = Desk::new(&numbered(1)).with_state();
    let revisions = desk.start();
    let first = revision_now(&revisions);
    desk.write(&numbered(2));
    reload_file(&revisions).await.expect("a sound file");
    revisions
        .activate(&first, "operator")
        .await
        .expect("a revision");
    drop(revisions);

    let revisions = desk.start();
    assert_eq!(revision_now(&revisions), first);
    assert_eq!(revisions.active().cause, Cause::Start);
    let status = revisions.status();
    assert!(status.is_pinned && status.stale_since.is_some());
    drop((revisions, status));
    // Twice: starting does not end it either.
    let revisions = desk.start();
    assert_eq!(route_now(&revisions), "r1");
    drop(revisions);

    desk.write(&numbered(3));
    let revisions = desk.start();
    assert_eq!(route_now(&revisions), "r3");
    assert!(!revisions.status().is_pinned);
    drop(revisions);
    // What was accepted from a text outlives it as well.
    let revisions = desk.start();
    reload_text(&revisions, &numbered(4))
        .await
        .expect("a sound text");
    drop(revisions);
    assert_eq!(route_now(&desk.start()), "r4");
}

#[test]
fn a_restart_with_a_bad_file_serves_the_last_good_one() {
    let mut desk = Desk::new(&numbered(1)).with_state();
    drop(desk.start());
    desk.write(&numbered(2));
    drop(desk.start());
    for bad in ["version: 1\nmodels: 7\n", "", "{"] {
        desk.write(bad);
        let revisions = desk.start();
        assert_eq!(route_now(&revisions), "r2");
        let status = revisions.status();
        let refused = status.last_refused.expect("the file");
        assert_eq!(
            (refused.code, refused.cause),
            ("INVALID_CONFIG", Cause::Start)
        );
        assert!(!refused.issues.is_empty() && status.stale_since.is_some());
    }
    fs::remove_file(desk.config()).expect("the file");
    let revisions = desk.start();
    assert_eq!(route_now(&revisions), "r2");
    let refused = revisions.status().last_refused.expect("the file");
    assert_eq!(refused.code, "UNREADABLE_CONFIG");
    drop(revisions);

    desk.settings.require_config = true;
    let error = desk.try_start().expect_err("the file is required");
    assert_eq!(error.code(), "UNREADABLE_CONFIG");
    desk.settings.require_config = false;
    // Repaired, it is served, also while a server that began without it runs.
    let (revisions, _stop) = desk.watched();
    desk.write(&numbered(3));
    wait_until("the file", || route_now(&revisions) == "r3");
    assert!(revisions.status().last_refused.is_none());
}

#[test]
fn a_bad_file_and_no_good_one_refuse_to_start() {
    let broken = Desk::new("version: 1\nmodels: []\nrutes: []\n");
    let error = broken.try_start().expect_err("nothing to serve");
    assert_eq!(error.code(), "INVALID_CONFIG");
    assert!(error.issues().len() >= 2, "{error}");
    let error = broken
        .with_state()
        .try_start()
        .expect_err("nothing to serve");
    assert_eq!(error.code(), "INVALID_CONFIG");
    let absent = Desk::new("");
    fs::remove_file(absent.config()).expect("the file");
    let error: StartError = absent.try_start().expect_err("nothing to serve");
    assert_eq!(error.code(), "UNREADABLE_CONFIG");
}

#[tokio::test]
async fn a_state_entry_that_was_torn_or_edited_is_skipped() {
    let desk = Desk::new(WITH_FILES).with_state();
    desk.write_beside("words.txt", "outage\n");
    desk.write_beside("examples.txt", "the site is down\nnothing loads\n");
    let revisions = desk.start();
    let first = revision_now(&revisions);
    let second = serve_numbers(&revisions, 2..4).await.remove(0);
    drop(revisions);
    // The file is bad from here on, so that what is kept decides.
    desk.write("{");
    let entry = |revision: &str| {
        desk.path("state")
            .join("revisions")
            .join(format!("{revision}.entry"))
    };
    let third = {
        let revisions = desk.start();
        assert_eq!(route_now(&revisions), "r3");
        revision_now(&revisions)
    };
    // Edited: a digit of the newest one's entry.
    let sound = fs::read_to_string(entry(&third)).expect("an entry");
    fs::write(
        entry(&third),
        sound
            .replace("fastroute.yaml", "fastroute.yamL")
            .replace("<content>", "<kontent>"),
    )
    .expect("an entry");
    {
        let revisions = desk.start();
        assert_eq!(revision_now(&revisions), second);
        assert!(revisions.list().iter().all(|kept| kept.revision != third));
    }
    // Torn: half of the next one.
    let torn = fs::read(entry(&second)).expect("an entry");
    fs::write(entry(&second), &torn[..torn.len() / 2]).expect("an entry");
    let revisions = desk.start();
    assert_eq!(revision_now(&revisions), first);
    assert_eq!(
        routed(&revisions.active().snapshot, "an outage"),
        "incident"
    );
    drop(revisions);
    // A file that it needs, with another keyword.
    let files = fs::read_dir(desk.path("state").join("files")).expect("a folder");
    let words: Vec<PathBuf> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| fs::read(path).is_ok_and(|bytes| bytes == b"outage\n"))
        .collect();
    fs::write(&words[0], "outrage\n").expect("a file");
    let error = desk.try_start().expect_err("nothing sound is left");
    assert_eq!(error.code(), "INVALID_CONFIG");
}

#[tokio::test]
async fn a_revision_that_is_damaged_while_it_is_kept_is_not_served() {
    let desk = Desk::new(&numbered(1)).with_state();
    let revisions = desk.start();
    let first = revision_now(&revisions);
    serve_numbers(&revisions, 2..5).await;
    for file in fs::read_dir(desk.path("state").join("files")).expect("a folder") {
        fs::write(file.expect("a file").path(), "edited").expect("a file");
    }
    let refusal = revisions.activate(&first, "").await.expect_err("edited");
    assert_eq!(refusal.code(), "UNKNOWN_REVISION");
    let refusal = revisions.named(&first).await.expect_err("edited");
    assert_eq!(refusal.code(), "UNKNOWN_REVISION");
    assert_eq!(route_now(&revisions), "r4");
}

#[test]
fn a_state_directory_is_one_servers_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new(&numbered(1)).with_state();
    let revisions = desk.start();
    let error = desk.try_start().expect_err("it is in use");
    assert_eq!(error.code(), "INVALID_STATE_DIR");
    drop(revisions);
    drop(desk.start());
    let state = desk.path("state");
    let mode = |path: PathBuf| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(state.clone()), 0o700);
    assert_eq!(mode(state.join("current.entry")), 0o600);
    let file = fs::read_dir(state.join("files"))
        .expect("a folder")
        .next()
        .expect("a file");
    assert_eq!(mode(file.expect("a file").path()), 0o600);

    let not_a_folder = Desk::new(&numbered(1));
    let settings = Settings {
        state_dir: Some(not_a_folder.config().to_owned()),
        ..not_a_folder.settings.clone()
    };
    let error = Revisions::start(&settings, Metrics::new()).expect_err("a file");
    assert_eq!(error.code(), "INVALID_STATE_DIR");
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_written_keeps_nothing_from_serving() {
    let desk = Desk::new(&numbered(1)).with_state();
    let revisions = desk.start();
    let first = revision_now(&revisions);
    fs::remove_dir_all(desk.path("state")).expect("the folder");
    serve_numbers(&revisions, 2..5).await;
    assert_eq!(route_now(&revisions), "r4");
    // Those since then are kept in memory; the first one is gone with the folder.
    assert_eq!(revisions.list().len(), 4);
    let second = revisions.list()[2].revision.clone();
    revisions
        .activate(&second, "")
        .await
        .expect("one in memory");
    assert_eq!(route_now(&revisions), "r2");
    revisions
        .activate(&first, "")
        .await
        .expect_err("it was in the folder");
}
