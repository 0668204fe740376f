//! The corpus of `tests/config`: one defect a file, and files with several; each says what is expected.
//!
//! Expectations stand in the file's first lines as `# expect: CODE line:column path`, or beside a JSON
//! file in `NAME.expect`. Positions were written down with the defect, not taken from the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fastroute_core::config::{Code, Format, Issue, Severity, Source, load};

use crate::support::{Folder, corpus};

/// Codes that only files too large for the corpus give; `limits` tests them.
const GENERATED: [Code; 2] = [Code::FileTooLarge, Code::TooManyValues];

/// Codes that need text which no check lets through today.
const RESERVED: [Code; 1] = [Code::InvalidKeyword];

#[test]
fn every_bad_file_gives_its_codes_at_their_places() {
    check("bad", Severity::Error);
}

#[test]
fn every_doubtful_file_loads_and_warns_at_its_places() {
    check("warned", Severity::Warning);
}

#[test]
fn every_code_has_a_file() {
    let mut seen: BTreeSet<&str> = GENERATED
        .iter()
        .chain(&RESERVED)
        .map(|code| code.as_str())
        .collect();
    let expected: Vec<String> = ["bad", "warned"]
        .into_iter()
        .flat_map(files)
        .flat_map(|path| expected(&path))
        .collect();
    seen.extend(expected.iter().filter_map(|line| line.split(' ').next()));
    let all: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(seen, all);
}

#[test]
fn there_are_at_least_120_files_of_one_defect_and_ten_of_several() {
    let counts: Vec<usize> = files("bad")
        .iter()
        .map(|path| expected(path).len())
        .collect();
    assert!(
        counts.iter().filter(|count| **count == 1).count() >= 120,
        "{counts:?}"
    );
    assert!(
        counts.iter().filter(|count| **count > 1).count() >= 10,
        "{counts:?}"
    );
}

fn check(folder: &str, severity: Severity) {
    let mut wrong = Vec::new();
    for path in files(folder) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let mut expected = expected(&path);
        let (mut found, refused) = issues(&path, name, severity);
        expected.sort();
        found.sort();
        if expected != found {
            wrong.push(format!(
                "{name}:\n  expected {expected:?}\n  found    {found:?}"
            ));
        }
        if refused != (severity == Severity::Error) {
            wrong.push(format!("{name}: refused is {refused}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} files\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What loading a file reports, and whether it is refused.
fn issues(path: &Path, name: &str, severity: Severity) -> (Vec<String>, bool) {
    let bytes = fs::read(path).unwrap();
    let resources = Folder(path.parent().unwrap().to_owned());
    let loaded = Source::from_bytes(name, &bytes, Format::from_path(name))
        .and_then(|source| load(&source, &resources));
    let (issues, refused) = match &loaded {
        Ok(loaded) => (&loaded.warnings[..], false),
        Err(errors) => (errors.issues(), true),
    };
    for issue in issues {
        assert!(
            !issue.message.is_empty()
                && !issue.message.ends_with('.')
                && !issue.message.contains('\n'),
            "{issue}"
        );
        assert_eq!(issue.file, name);
    }
    let line = |issue: &Issue| {
        format!(
            "{} {}:{} {}",
            issue.code, issue.line, issue.column, issue.path
        )
        .trim_end()
        .to_owned()
    };
    (
        issues
            .iter()
            .filter(|issue| issue.severity == severity)
            .map(line)
            .collect(),
        refused,
    )
}

fn expected(path: &Path) -> Vec<String> {
    let text = if path.extension().is_some_and(|end| end == "json") {
        fs::read_to_string(path.with_extension("expect")).unwrap()
    } else {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}'));
        lines
            .map_while(|line| line.strip_prefix("# expect: "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    text.lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|end| ["json", "toml", "yaml"].iter().any(|known| end == *known))
    });
    files.sort();
    files
}
