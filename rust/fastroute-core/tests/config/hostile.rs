//! Hostile text: never a panic, positions inside the text, and time in proportion to it.

use std::fs;
use std::time::{Duration, Instant};

use fastroute_core::config::{Format, NoFiles, Source, load};
use proptest::prelude::*;

use crate::generate::{self, Draws};
use crate::support::{corpus, load_text};

const FORMATS: [Format; 3] = [Format::Json, Format::Toml, Format::Yaml];

/// Loads bytes, and checks that every issue stands inside of them.
fn survives(bytes: &[u8]) {
    for format in FORMATS {
        let result =
            Source::from_bytes("hostile", bytes, format).and_then(|source| load(&source, &NoFiles));
        let Err(errors) = result else { continue };
        assert!(!errors.issues().is_empty());
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<usize> = text
            .replace("\r\n", "\n")
            .split(['\n', '\r'])
            .map(|line| line.chars().count())
            .collect();
        for issue in errors.issues() {
            let line = lines.get(issue.line as usize - 1);
            assert!(
                line.is_some_and(|length| issue.column as usize <= length + 1),
                "{issue} is outside of {text:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_configuration_or_errors_inside_of_them(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
    }

    #[test]
    fn any_structured_text_gives_a_configuration_or_errors_inside_of_it(text in "([ \\t\\n\\r:,\\[\\]{}\"'&*!|>#%@`=_.0-9a-f~?-]|version|routes|<<|---|\\.\\.\\.|é|🦀|\u{feff}){0,120}") {
        survives(text.as_bytes());
    }

    #[test]
    fn a_mutated_file_gives_a_configuration_or_errors_inside_of_it(seed in any::<u64>()) {
        survives(&mutated(seed));
    }

    #[test]
    fn json_is_read_as_serde_json_reads_it(value in json_value(), seed in any::<u64>()) {
        let mut text = if seed.is_multiple_of(2) { value.to_string() } else { serde_json::to_string_pretty(&value).unwrap() };
        let mut draws = Draws::new(seed);
        if draws.once_in(3) && !text.is_empty() {
            let at = draws.below(text.len());
            if text.is_char_boundary(at) {
                text.insert(at, draws.pick(&['"', '{', ']', ',', '0', '\\', ' ', '-', 'e', '.', '\u{7f}', '\t', '\n']));
            }
        }
        let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        let is_refused = load_text(&text, Format::Json).is_err_and(|errors| errors.issues().iter().any(|issue| issue.message.starts_with("malformed JSON")));
        // A number beyond 64-bit floats is JSON, which serde_json refuses and we refuse later, as not finite.
        prop_assert!(is_json != is_refused || text.contains(['e', 'E']), "{text}");
    }
}

/// A valid file, of the corpus or generated, with a few bytes changed, doubled, cut or moved.
fn mutated(seed: u64) -> Vec<u8> {
    let mut draws = Draws::new(seed);
    let mut bytes = if draws.once_in(2) {
        generate::json(seed).into_bytes()
    } else {
        fs::read(corpus().join("../../rust/fastroute-core/src/default.yaml")).unwrap()
    };
    for _ in 0..=draws.below(4) {
        let at = draws.below(bytes.len());
        let end = (at + draws.below(60)).min(bytes.len());
        match draws.below(5) {
            0 => bytes[at] = draws.bits() as u8,
            1 => drop(bytes.drain(at..end)),
            2 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            3 => bytes.truncate(end.max(1)),
            _ => {
                let part = draws.pick(&[
                    "\"", "{", "[", ": ", "- ", "\n", "\t", "&a ", "*a", "!!int ", "<<: ", "é",
                    "#", "|", "%", "---\n", ".nan", "~", "\u{feff}", "\0",
                ]);
                bytes.splice(at..at, part.bytes());
            }
        }
        if bytes.is_empty() {
            bytes.push(b' ');
        }
    }
    bytes
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|number| serde_json::Number::from_f64(number)
            .map_or(serde_json::Value::Null, serde_json::Value::Number)),
        "\\PC{0,8}|[\"\\\\\\n\u{1}\u{2028}🦀é]{0,4}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec(("[a-z\"é]{0,4}", inner), 0..5)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

#[test]
fn every_generated_configuration_loads_and_means_the_same_in_json_and_yaml() {
    for seed in 0..2_000 {
        let config = generate::with_cascades(seed);
        let text = serde_json::to_string_pretty(&config).unwrap();
        for format in [Format::Json, Format::Yaml] {
            let loaded = load_text(&text, format)
                .unwrap_or_else(|errors| panic!("seed {seed}: {errors}\n{text}"));
            assert_eq!(loaded.config, config, "seed {seed}");
        }
    }
}

#[test]
fn time_grows_with_the_text_and_not_faster() {
    let shapes: [fn(usize) -> String; 10] = [
        |size| "[".repeat(size),
        |size| "a: ".repeat(size / 3),
        |size| "- ".repeat(size / 2),
        |size| "\"".repeat(size),
        |size| {
            (0..size / 12)
                .map(|number| format!("k{number}: {number}\n"))
                .collect()
        },
        |size| format!("version: [{}]", "x,".repeat(size / 2)),
        |size| "k: v\n".repeat(size / 5),
        |size| {
            format!(
                "a: &a {}\nb: [{}]",
                "x".repeat(size / 2),
                "*a,".repeat(size / 6)
            )
        },
        |size| format!("{{\"a\": \"{}\"}}", "\\u0041".repeat(size / 6)),
        |size| format!("# {}\n", "c".repeat(size)),
    ];
    // Linear reading takes below a second; even a quadratic scan by SIMD would take minutes. A ratio of two
    // sizes would be finer and is not steady on a shared machine, where large texts leave the caches.
    for (number, shape) in shapes.into_iter().enumerate() {
        let text = shape(4_000_000);
        for format in FORMATS {
            let start = Instant::now();
            let _ = load_text(&text, format);
            let taken = start.elapsed();
            assert!(
                taken < Duration::from_secs(20),
                "shape {number} as {format:?} took {taken:?}"
            );
        }
    }
}
