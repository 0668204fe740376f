//! A configuration's file may be written in any way, well or badly: what is sound serves, what is not changes
//! nothing but the status.

mod revising;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::time::Instant;

use fastroute_core::config::{Code, Format};
use fastroute_server::Settings;
use fastroute_server::metrics::Metrics;
use fastroute_server::revisions::{Cause, ReloadFrom, Revisions};
use revising::{
    Desk, WITH_FILES, numbered, reload_file, reload_text, revision_now, route_now, ruled,
    wait_until, yaml,
};

/// Four defects, in lines 2, 3 and 5.
const BROKEN: &str =
    "version: 1\nmodels: []\nrutes: []\nroutes: [{name: general}]\ndefault: {rout: general}\n";

#[tokio::test]
async fn a_refused_file_changes_nothing_but_the_status() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let before = revision_now(&revisions);
    let snapshot = std::sync::Arc::as_ptr(&revisions.active().snapshot);
    let since = revisions.active().since;
    let retained = revisions.list();

    desk.write(BROKEN);
    let refusal = reload_file(&revisions).await.expect_err("four defects");
    assert_eq!(refusal.code(), "INVALID_CONFIG");
    assert_eq!(refusal.status(), tonic::Code::FailedPrecondition);
    assert_eq!(refusal.violations().len(), 4, "{refusal:?}");
    assert!(
        refusal
            .violations()
            .iter()
            .any(|violation| violation.field == "default.rout")
    );

    assert_eq!(revision_now(&revisions), before);
    assert_eq!(
        std::sync::Arc::as_ptr(&revisions.active().snapshot),
        snapshot
    );
    assert_eq!(revisions.active().since, since);
    assert_eq!(revisions.list(), retained);
    let status = revisions.status();
    let refused = status.last_refused.expect("what was refused");
    assert_eq!(
        (refused.code, refused.cause),
        ("INVALID_CONFIG", Cause::Reload)
    );
    let lines: Vec<u32> = refused.issues.iter().map(|issue| issue.line).collect();
    assert_eq!(lines, [2, 3, 5, 5], "{:?}", refused.issues);
    assert!(status.stale_since.is_some());
    assert_eq!((status.activations, status.refusals), (1, 1));

    // A second refusal is told, and what serves is stale since the first one.
    desk.write("version: 1\n");
    reload_file(&revisions).await.expect_err("nothing to serve");
    assert_eq!(revisions.status().stale_since, status.stale_since);
    assert_eq!(revisions.status().refusals, 2);

    desk.write(&numbered(2));
    reload_file(&revisions).await.expect("a sound file");
    let status = revisions.status();
    assert!(status.last_refused.is_none() && status.stale_since.is_none());
    assert_eq!((status.activations, status.refusals), (2, 2));
    assert_eq!(route_now(&revisions), "r2");
}

#[tokio::test]
async fn the_file_as_it_was_clears_the_status_without_a_swap() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let since = revisions.active().since;
    desk.write(BROKEN);
    reload_file(&revisions).await.expect_err("four defects");
    // Comments are no part of a revision.
    desk.write(&format!("# as it was\n{}", numbered(1)));
    let swapped = reload_file(&revisions).await.expect("a sound file");
    assert_eq!(swapped.revision, swapped.previous);
    let status = revisions.status();
    assert!(status.last_refused.is_none() && status.stale_since.is_none());
    assert_eq!((revisions.active().since, status.activations), (since, 1));
}

#[test]
fn the_metrics_and_the_status_tell_of_a_refusal() {
    let desk = Desk::new(&numbered(1));
    let metrics = Metrics::new();
    let revisions = Revisions::start(&desk.settings, metrics.clone()).expect("a sound file");
    let stop = tokio_util::sync::CancellationToken::new();
    revisions.watch(stop.clone());
    let _stopped = stop.drop_guard();
    let fresh = "fastroute_config_stale_seconds 0.0\n";
    assert!(metrics.encode().contains(fresh), "{}", metrics.encode());
    desk.write(BROKEN);
    wait_until("a refusal", || revisions.status().refusals == 1);
    let text = metrics.encode();
    let refusals = "fastroute_config_refusals_total{code=\"INVALID_CONFIG\"} 1\n";
    let serves = format!(
        "fastroute_config_info{{revision=\"{}\"}}",
        revision_now(&revisions)
    );
    assert!(text.contains(refusals) && text.contains(&serves), "{text}");
    assert!(!text.contains(fresh), "{text}");
    desk.write(&numbered(2));
    wait_until("the new file", || route_now(&revisions) == "r2");
    wait_until("the metrics", || metrics.encode().contains(fresh));
    assert!(
        metrics
            .encode()
            .contains("fastroute_config_activations_total 2\n")
    );
}

#[test]
fn a_file_written_in_place_is_served() {
    let desk = Desk::new(&numbered(1));
    let (revisions, _stop) = desk.watched();
    for number in 2..5 {
        let begun = Instant::now();
        desk.write(&numbered(number));
        let route = format!("r{number}");
        wait_until("the new file", || route_now(&revisions) == route);
        println!("from a write in place to the swap: {:?}", begun.elapsed());
    }
    assert_eq!(revisions.active().cause, Cause::FileChange);
    assert!(!revisions.status().is_pinned);
}

#[test]
fn a_file_renamed_into_place_as_editors_do_is_served() {
    let desk = Desk::new(&numbered(1));
    let (revisions, _stop) = desk.watched();
    for number in 2..5 {
        // Vim and others move the old file away first.
        fs::rename(desk.config(), desk.path("fastroute.yaml~")).expect("a backup");
        fs::write(desk.path(".fastroute.yaml.swp"), numbered(number)).expect("a new file");
        let begun = Instant::now();
        fs::rename(desk.path(".fastroute.yaml.swp"), desk.config()).expect("a rename");
        let route = format!("r{number}");
        wait_until("the new file", || route_now(&revisions) == route);
        println!("from a rename to the swap: {:?}", begun.elapsed());
    }
    assert_eq!(revisions.status().refusals, 0);
}

#[test]
fn a_file_cut_short_is_refused_until_the_rest_is_there() {
    let desk = Desk::new(&numbered(1));
    let (revisions, _stop) = desk.watched();
    let next = numbered(2);
    let (half, rest) = next.split_at(next.find("routes:").expect("routes") + 3);
    fs::write(desk.config(), half).expect("a writable folder");
    wait_until("a refusal", || revisions.status().last_refused.is_some());
    assert_eq!(route_now(&revisions), "r1");
    let mut file = OpenOptions::new()
        .append(true)
        .open(desk.config())
        .expect("a file");
    file.write_all(rest.as_bytes()).expect("room");
    drop(file);
    wait_until("the whole file", || route_now(&revisions) == "r2");
    assert!(revisions.status().last_refused.is_none());
}

#[test]
fn a_file_cut_at_any_byte_never_takes_what_serves_away() {
    // Without the watcher: every prefix is tried, and each that is sound must still be whole.
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let text = numbered(2);
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        desk.write(&text[..end]);
        if runtime.block_on(reload_file(&revisions)).is_err() {
            assert_eq!(route_now(&revisions), "r1", "cut at {end}");
        } else {
            assert!(
                text[end..].trim_matches(['\n', '}']).is_empty(),
                "cut at {end}"
            );
        }
    }
}

#[test]
fn a_swap_of_kubernetes_data_link_is_served() {
    let desk = Desk::new("");
    let mount = desk.path("mount");
    let version = |name: &str, number: u32| {
        let folder = mount.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("fastroute.yaml"), numbered(number)).expect("a file");
    };
    version("..2026_01", 1);
    symlink("..2026_01", mount.join("..data")).expect("a link");
    symlink("..data/fastroute.yaml", mount.join("fastroute.yaml")).expect("a link");
    let desk = Desk {
        settings: Settings {
            config: Some(mount.join("fastroute.yaml")),
            ..Settings::default()
        },
        ..desk
    };
    let (revisions, _stop) = desk.watched();
    assert_eq!(route_now(&revisions), "r1");
    for number in 2..5 {
        version(&format!("..2026_0{number}"), number);
        symlink(format!("..2026_0{number}"), mount.join("..data_tmp")).expect("a link");
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).expect("a swap");
        fs::remove_dir_all(mount.join(format!("..2026_0{}", number - 1))).expect("the old one");
        let route = format!("r{number}");
        wait_until("the new volume", || route_now(&revisions) == route);
    }
    assert_eq!(revisions.status().refusals, 0);
}

#[test]
fn a_link_to_a_file_elsewhere_is_followed() {
    let desk = Desk::new("");
    let elsewhere = desk.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    fs::write(elsewhere.join("real.yaml"), numbered(1)).expect("a file");
    fs::remove_file(desk.config()).expect("the file");
    symlink(elsewhere.join("real.yaml"), desk.config()).expect("a link");
    let (revisions, _stop) = desk.watched();
    fs::write(elsewhere.join("real.yaml"), numbered(2)).expect("a file");
    wait_until("the new file", || route_now(&revisions) == "r2");
}

#[test]
fn a_changed_file_beside_the_configuration_is_served() {
    let desk = Desk::new(WITH_FILES);
    desk.write_beside("words.txt", "outage\n");
    desk.write_beside(
        "examples.txt",
        "the site is down\nnothing loads\nall servers are gone\n",
    );
    let (revisions, _stop) = desk.watched();
    let rule = |text| ruled(&revisions.active().snapshot, text);
    assert_eq!(rule("an outage").as_deref(), Some("outage"));
    assert_eq!(rule("a blackout"), None);
    let examples = revisions.active().sizes.examples;

    desk.write_beside("words.txt", "outage\nblackout\n");
    wait_until("new keywords", || rule("a blackout").is_some());
    fs::write(
        desk.path("new"),
        "the site is down\nnothing loads\nall is gone\nit is dead\n",
    )
    .expect("a file");
    fs::rename(desk.path("new"), desk.path("examples.txt")).expect("a rename");
    wait_until("new examples", || {
        revisions.active().sizes.examples == examples + 1
    });

    // Gone, it refuses the configuration; back, it is served.
    fs::remove_file(desk.path("words.txt")).expect("the file");
    wait_until("a refusal", || revisions.status().last_refused.is_some());
    let refused = revisions.status().last_refused.expect("a refusal");
    assert_eq!(refused.issues[0].code, Code::UnreadableFile);
    desk.write_beside("words.txt", "outage\nblackout\n");
    wait_until("the file again", || {
        revisions.status().last_refused.is_none()
    });
}

#[test]
fn a_file_that_goes_away_leaves_what_serves() {
    let desk = Desk::new(&numbered(1));
    let (revisions, _stop) = desk.watched();
    fs::remove_file(desk.config()).expect("the file");
    wait_until("a refusal", || revisions.status().last_refused.is_some());
    let status = revisions.status();
    assert_eq!(
        status.last_refused.expect("a refusal").code,
        "UNREADABLE_CONFIG"
    );
    assert!(status.stale_since.is_some());
    assert_eq!(route_now(&revisions), "r1");
    desk.write(&numbered(2));
    wait_until("the file again", || route_now(&revisions) == "r2");
    assert!(revisions.status().stale_since.is_none());
}

#[test]
fn what_changed_between_the_start_and_the_watch_is_served() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    desk.write(&numbered(2));
    let stop = tokio_util::sync::CancellationToken::new();
    revisions.watch(stop.clone());
    wait_until("the new file", || route_now(&revisions) == "r2");
    stop.cancel();
}

#[tokio::test]
async fn a_configuration_that_lacks_most_of_what_serves_needs_force() {
    let many = |rules: u32| {
        let rules: String = (0..rules)
            .map(|rule| format!("  - {{name: rule{rule}, when: {{keywords: {{any: [word{rule}]}}}}, then: {{route: r1}}}}\n"))
            .collect();
        let (head, tail) = numbered(1)
            .split_once("rules:\n")
            .map(|(head, tail)| (head.to_owned(), tail.to_owned()))
            .expect("rules");
        format!("{head}rules:\n{rules}{tail}")
    };
    let desk = Desk::new(&many(9));
    let revisions = desk.start();
    // 10 rules: 5 may go, 6 may not.
    let refusal = reload_text(&revisions, &many(3))
        .await
        .expect_err("six of ten go");
    assert_eq!(refusal.code(), "TOO_MUCH_REMOVED");
    assert!(
        refusal.message().contains("`6` of the `10` rules"),
        "{refusal}"
    );
    assert_eq!(
        revisions.status().last_refused.expect("a refusal").code,
        "TOO_MUCH_REMOVED"
    );
    let verdict = revisions.validate(yaml(&many(3))).await.expect("a verdict");
    assert_eq!(verdict.code, Some("TOO_MUCH_REMOVED"));
    reload_text(&revisions, &many(4))
        .await
        .expect("five of ten go");
    let forced = revisions
        .reload(yaml(&many(0)), true, Cause::Reload, "operator")
        .await;
    forced.expect("force");
    assert_eq!(revisions.active().sizes.rules, 1);
}

#[tokio::test]
async fn a_verdict_changes_nothing() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let before = revision_now(&revisions);
    let verdict = revisions
        .validate(yaml(&numbered(2)))
        .await
        .expect("a verdict");
    let promised = verdict.revision.expect("a sound text");
    assert!(verdict.code.is_none() && verdict.issues.is_empty());
    let verdict = revisions.validate(yaml(BROKEN)).await.expect("a verdict");
    assert_eq!(
        (verdict.code, verdict.revision),
        (Some("INVALID_CONFIG"), None)
    );
    assert_eq!(verdict.issues.len(), 4);
    desk.write(BROKEN);
    let verdict = revisions
        .validate(ReloadFrom::File)
        .await
        .expect("a verdict");
    assert_eq!(verdict.code, Some("INVALID_CONFIG"));
    let status = revisions.status();
    assert_eq!(revision_now(&revisions), before);
    assert!(status.last_refused.is_none() && status.refusals == 0);
    assert_eq!(revisions.list().len(), 1);
    // What was promised is what is served.
    let swapped = reload_text(&revisions, &numbered(2))
        .await
        .expect("a sound text");
    assert_eq!((swapped.revision, swapped.previous), (promised, before));
}

#[tokio::test]
async fn a_text_names_files_in_the_folder_of_the_configuration_alone() {
    let desk = Desk::new(&numbered(1));
    desk.write_beside("words.txt", "outage\n");
    desk.write_beside("examples.txt", "the site is down\nnothing loads\n");
    let revisions = desk.start();
    reload_text(&revisions, WITH_FILES)
        .await
        .expect("files beside it");
    let outside = tempfile::NamedTempFile::new().expect("a file");
    fs::write(outside.path(), "secret\n").expect("a file");
    symlink(outside.path(), desk.path("link.txt")).expect("a link");
    let absolute = outside.path().display().to_string();
    for name in [
        "/etc/hostname",
        "../words.txt",
        "link.txt",
        &absolute,
        "/dev/zero",
    ] {
        let text = WITH_FILES.replace("words.txt", name);
        let refusal = reload_text(&revisions, &text).await.expect_err(name);
        assert_eq!(refusal.code(), "INVALID_CONFIG", "{name}");
        assert!(!format!("{refusal:?}").contains("secret"));
    }
    // In the file itself an operator may: it was theirs to write.
    desk.write(&WITH_FILES.replace("words.txt", "link.txt"));
    reload_file(&revisions)
        .await
        .expect("a link that the operator made");
}

#[tokio::test]
async fn a_pipe_and_a_device_are_refused_without_a_wait() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    for name in ["/dev/zero", "/dev/tty", "."] {
        desk.write(&WITH_FILES.replace("words.txt", name));
        let refusal = reload_file(&revisions).await.expect_err(name);
        assert_eq!(refusal.code(), "INVALID_CONFIG");
    }
    fs::remove_file(desk.config()).expect("the file");
    let made = std::process::Command::new("mkfifo")
        .arg(desk.config())
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    let refusal = reload_file(&revisions).await.expect_err("a pipe");
    assert_eq!(refusal.code(), "UNREADABLE_CONFIG");
    assert_eq!(route_now(&revisions), "r1");
}

#[tokio::test]
async fn bytes_that_are_no_text_and_files_that_are_too_large_are_refused() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    for bytes in [
        &b"version: 1\n\xff\xfe"[..],
        &[0; 4096],
        b"",
        b"\xef\xbb\xbf",
    ] {
        fs::write(desk.config(), bytes).expect("a file");
        reload_file(&revisions).await.expect_err("no configuration");
    }
    let large = fs::File::create(desk.config()).expect("a file");
    large
        .set_len(fastroute_core::config::MAX_SOURCE_BYTES as u64 + 1)
        .expect("a hole");
    let refusal = reload_file(&revisions).await.expect_err("too large");
    assert_eq!(refusal.code(), "INVALID_CONFIG");
    let refused = revisions.status().last_refused.expect("a refusal");
    assert_eq!(refused.issues[0].code, Code::FileTooLarge);
    assert_eq!(route_now(&revisions), "r1");
}

#[tokio::test]
async fn texts_are_read_in_the_format_that_is_named() {
    let desk = Desk::new(&numbered(1));
    let revisions = desk.start();
    let as_json = ReloadFrom::Text {
        content: numbered(2),
        format: Format::Json,
    };
    let refusal = revisions.reload(as_json, false, Cause::Reload, "").await;
    assert_eq!(
        refusal.expect_err("YAML is no JSON").code(),
        "INVALID_CONFIG"
    );
    assert!(format!("{:?}", yaml("secret")).find("secret").is_none());
}

#[tokio::test]
async fn a_reload_of_the_embedded_default_serves_it_again() {
    let revisions = Revisions::start(&Settings::default(), Metrics::new()).expect("the default");
    let first = revision_now(&revisions);
    let refusal = reload_text(&revisions, &numbered(1))
        .await
        .expect_err("it lacks most");
    assert_eq!(refusal.code(), "TOO_MUCH_REMOVED");
    let forced = revisions
        .reload(yaml(&numbered(1)), true, Cause::Reload, "operator")
        .await;
    forced.expect("force");
    assert!(
        revisions.status().stale_since.is_none(),
        "there is no file to differ from"
    );
    let back = revisions
        .reload(ReloadFrom::File, true, Cause::Signal, "")
        .await;
    assert_eq!(back.expect("the default").revision, first);
    assert!(!revisions.status().is_pinned);
}
