//! Holds the pure crates to the rules of the house: no I/O, no clock, no randomness, arrows one way.
//!
//! Reads the sources as text and `cargo tree` as it prints, because what must not be there cannot
//! be called from a test. `std::time::Duration` is a value and allowed; `Instant` is a clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PURE: [&str; 3] = ["fastroute-text", "fastroute-embed", "fastroute-core"];

/// What keeps live state for hosts, outside of deciding, and may lock it.
const LIVE: [&str; 5] = ["ask/answers.rs", "budget/", "health/", "live", "sync.rs"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(of: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![workspace().join("rust").join(of).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a source folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "{of} has sources");
    files
}

#[test]
fn the_pure_crates_touch_no_clock_no_chance_no_file_no_network_and_no_environment() {
    let forbidden = [
        "std::env::",
        "env::var",
        "std::fs",
        "fs::read",
        "std::net",
        "std::thread",
        "Instant::now",
        "SystemTime",
        "std::process",
        "rand::",
        "getrandom",
        "thread_rng",
        "Mutex",
        "RwLock",
        "println!",
        "eprintln!",
    ];
    for name in PURE {
        for (path, text) in sources(name) {
            let shown = path.to_string_lossy();
            let is_live = LIVE
                .iter()
                .any(|part| shown.contains(&format!("fastroute-core/src/{part}")));
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                for word in forbidden {
                    assert!(
                        !line.contains(word) || word == "Mutex" && is_live,
                        "`{word}` in {}: {line}",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn the_pure_crates_depend_on_no_runtime_no_binding_and_no_wire_format() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for name in PURE {
        let output = Command::new(&cargo)
            .args([
                "tree",
                "--offline",
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--format",
                "{p}",
                "-p",
                name,
            ])
            .current_dir(workspace())
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let tree = String::from_utf8(output.stdout).expect("UTF-8");
        for line in tree.lines() {
            let package = line.split(' ').next().unwrap_or_default();
            let is_forbidden = [
                "pyo3", "tokio", "tonic", "prost", "reqwest", "hyper", "axum",
            ]
            .contains(&package);
            assert!(!is_forbidden, "{name} depends on {line}");
        }
        let order = PURE
            .iter()
            .position(|crate_| *crate_ == name)
            .expect("a pure crate");
        for later in &PURE[order + 1..] {
            assert!(
                !tree.lines().any(|line| line.starts_with(later)),
                "{name} depends on {later}"
            );
        }
    }
}

#[test]
fn every_source_file_says_what_it_decides_and_none_is_over_600_lines() {
    for name in [
        "fastroute-text",
        "fastroute-embed",
        "fastroute-core",
        "fastroute-python",
    ] {
        for (path, text) in sources(name) {
            assert!(
                text.starts_with("//!"),
                "{} does not open with what it decides",
                path.display()
            );
            let lines = text.lines().count();
            assert!(
                lines <= 600,
                "{} has {lines} lines, over the limit of 600",
                path.display()
            );
        }
    }
}
