//! What a state folder promises when a process dies while it writes, or somebody edits it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use fastroute_core::config::Format;
use tempfile::TempDir;

use super::super::document::{Document, Seen};
use super::super::status::Cause;
use super::{Activation, Store};

const OLD: &str = "0123456789abcdef";
const NEW: &str = "fedcba9876543210";

fn document(text: &str) -> Document {
    let files = [("words.txt", "outage\n"), (text, text)];
    Document {
        name: "fastroute.yaml".to_owned(),
        format: Format::Yaml,
        source: text.as_bytes().into(),
        files: files
            .into_iter()
            .map(|(path, text)| (path.to_owned(), Some(text.as_bytes().into())))
            .collect(),
    }
}

fn activation(second: u64) -> Activation {
    Activation {
        at: UNIX_EPOCH + Duration::from_secs(second),
        cause: Cause::Reload,
        by: "operator".into(),
        pin: None,
    }
}

fn open(folder: &Path, keep: usize) -> Store {
    Store::open(Some(folder), keep).expect("a folder that can be used")
}

/// Which of the two would serve after a restart; it must be whole.
fn served(store: &Store) -> &'static str {
    let revision = store
        .last_good()
        .into_iter()
        .next()
        .expect("one that can serve");
    let (revision, text) = if revision == OLD {
        (OLD, "old")
    } else {
        (NEW, "new")
    };
    let document = store.document(revision).expect("all of it");
    assert_eq!(Seen::of(&document), Seen::of(&self::document(text)));
    assert_eq!(store.seen(revision), Some(Seen::of(&document)));
    revision
}

#[test]
fn a_process_that_dies_at_any_step_leaves_the_old_state_or_the_new_one() {
    for keep in [0, 9] {
        let mut outcomes = Vec::new();
        for steps in 0.. {
            let folder = TempDir::new().expect("a temporary folder");
            let mut store = open(folder.path(), keep);
            store.put(OLD, &document("old"), &activation(1));
            let left = |store: &Store| {
                store
                    .folder
                    .as_ref()
                    .map(|folder| folder.steps_left.clone())
            };
            store
                .folder
                .as_ref()
                .expect("a folder")
                .steps_left
                .set(Some(steps));
            store.put(NEW, &document("new"), &activation(2));
            let has_died = left(&store).is_some_and(|left| left.get() == Some(0));
            drop(store);
            let store = open(folder.path(), keep);
            outcomes.push(served(&store));
            // What is half written is cleared away, so nothing grows with each death.
            let remains = fs::read_dir(folder.path().join("files"))
                .expect("a folder")
                .count();
            assert!(remains <= 5, "{remains} files after {steps} steps");
            if !has_died {
                break;
            }
        }
        assert!(outcomes.len() > 15, "{outcomes:?}");
        assert!(
            outcomes.is_sorted_by_key(|revision| *revision == NEW),
            "{outcomes:?}"
        );
        assert_eq!(
            (outcomes.first(), outcomes.last()),
            (Some(&OLD), Some(&NEW))
        );
    }
}

#[test]
fn a_process_that_dies_while_it_goes_back_leaves_the_old_state_or_the_new_one() {
    let mut outcomes = Vec::new();
    for steps in 0..64 {
        let folder = TempDir::new().expect("a temporary folder");
        let mut store = open(folder.path(), 9);
        store.put(OLD, &document("old"), &activation(1));
        store.put(NEW, &document("new"), &activation(2));
        store
            .folder
            .as_ref()
            .expect("a folder")
            .steps_left
            .set(Some(steps));
        store.touch(OLD, &activation(3));
        drop(store);
        outcomes.push(served(&open(folder.path(), 9)));
    }
    assert!(
        outcomes.is_sorted_by_key(|revision| *revision == OLD),
        "{outcomes:?}"
    );
    assert_eq!(
        (outcomes.first(), outcomes.last()),
        (Some(&NEW), Some(&OLD))
    );
}

#[test]
fn a_file_that_is_cut_or_edited_at_any_byte_takes_no_other_revision_with_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let mut store = open(folder.path(), 9);
    store.put(OLD, &document("old"), &activation(1));
    store.put(NEW, &document("new"), &activation(2));
    drop(store);
    let contents: BTreeMap<PathBuf, Vec<u8>> = ["", "files", "revisions"]
        .iter()
        .flat_map(|name| fs::read_dir(folder.path().join(name)).expect("a folder"))
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.is_file() && !path.ends_with("lock"))
        .map(|path| (path.clone(), fs::read(path).expect("a file")))
        .collect();
    assert_eq!(contents.len(), 1 + 2 + 3, "{:?}", contents.keys());
    let shared = b"outage\n";
    for (path, whole) in &contents {
        for at in 0..whole.len() {
            let mut edited = whole.clone();
            edited[at] ^= 1;
            for damaged in [&whole[..at], &edited] {
                fs::write(path, damaged).expect("a file");
                let store = open(folder.path(), 9);
                let kept = store.list().len();
                if whole == shared {
                    assert_eq!(kept, 0, "both need it");
                } else {
                    let is_current = path.ends_with("current.entry");
                    assert_eq!(kept, if is_current { 2 } else { 1 }, "{path:?} at {at}");
                    served(&store);
                }
            }
        }
        fs::write(path, whole).expect("a file");
    }
    assert_eq!(served(&open(folder.path(), 9)), NEW);
}

#[test]
fn an_entry_that_names_a_file_elsewhere_is_skipped() {
    use super::entry::{Manifest, seal, unseal};
    let folder = TempDir::new().expect("a temporary folder");
    let mut store = open(folder.path(), 9);
    store.put(OLD, &document("old"), &activation(1));
    drop(store);
    let place = folder.path().join("revisions").join(format!("{OLD}.entry"));
    let sealed = fs::read(&place).expect("an entry");
    for digest in ["../current.entry", "/etc/hostname", ""] {
        let mut manifest: Manifest = unseal(&sealed).expect("what was written");
        manifest.source.digest = digest.to_owned();
        fs::write(&place, seal(&manifest).expect("JSON")).expect("an entry");
        assert!(open(folder.path(), 9).list().is_empty(), "{digest}");
    }
    // Of another version, it is left for the program that wrote it.
    let mut manifest: Manifest = unseal(&sealed).expect("what was written");
    manifest.version += 1;
    fs::write(&place, seal(&manifest).expect("JSON")).expect("an entry");
    assert!(open(folder.path(), 9).list().is_empty());
    assert!(place.exists());
}

#[test]
fn contents_that_revisions_share_are_held_once() {
    for folder in [None, Some(TempDir::new().expect("a temporary folder"))] {
        let path = folder.as_ref().map(TempDir::path);
        let mut store = Store::open(path, 9).expect("a store");
        store.put(OLD, &document("old"), &activation(1));
        store.put(NEW, &document("new"), &activation(2));
        let words = |revision: &str| {
            let document = store.document(revision).expect("all of it");
            document.files["words.txt"].clone().expect("a file")
        };
        match path {
            None => assert!(std::sync::Arc::ptr_eq(&words(OLD), &words(NEW))),
            Some(path) => {
                let files = fs::read_dir(path.join("files")).expect("a folder");
                assert_eq!(files.count(), 3);
            }
        }
    }
}
