//! Limits: what just fits is taken, one more and twice as much are refused with the limit in the message.

use std::fmt::Write;

use fastroute_core::config::{Format, Resources, Source, load};

use crate::support::{codes, load_text};

const HEAD: &str = "version: 1\nproviders: {local: {kind: callable}}\ndefault: {route: general}\n";
const MODEL: &str = "provider: local, context_window: 10000, price: {input: 1, output: 1}, latency: {first_token: 1s, per_token: 1ms}, quality: {default: 1}";

/// A sound configuration in which each part can be replaced.
fn config(models: &str, routes: &str, rules: &str) -> String {
    let model = format!("models:\n  - {{name: small, {MODEL}}}\n");
    let models = if models.is_empty() { &model } else { models };
    let routes = if routes.is_empty() {
        "routes:\n  - name: general\n"
    } else {
        routes
    };
    format!("{HEAD}{models}{routes}{rules}")
}

/// Asserts that `most` fits and that one more and twice as many are refused with `code`.
fn refuses_beyond(most: usize, code: &str, build: impl Fn(usize) -> String) {
    let fitting = codes(&build(most), Format::Yaml);
    assert!(fitting.is_empty(), "{most}: {fitting:?}");
    for count in [most + 1, most * 2] {
        let text = build(count);
        let errors = load_text(&text, Format::Yaml).expect_err("over the limit");
        assert_eq!(errors.issues()[0].code.as_str(), code, "{count}: {errors}");
        let limit = most.to_string();
        assert!(errors.issues()[0].message.contains(&limit), "{errors}");
    }
}

#[test]
fn a_thousand_models() {
    refuses_beyond(1_000, "TOO_MANY", |count| {
        let models = (0..count).fold("models:\n".to_owned(), |mut text, number| {
            let _ = writeln!(text, "  - {{name: m{number}, {MODEL}}}");
            text
        });
        config(&models, "", "")
    });
}

#[test]
fn a_thousand_routes() {
    refuses_beyond(1_000, "TOO_MANY", |count| {
        let routes = (1..count).fold("routes:\n  - name: general\n".to_owned(), |text, number| {
            text + &format!("  - name: r{number}\n")
        });
        config("", &routes, "")
    });
}

#[test]
fn ten_thousand_rules() {
    refuses_beyond(10_000, "TOO_MANY", |count| {
        let rules = (0..count).fold("rules:\n".to_owned(), |text, number| text + &format!("  - {{name: r{number}, when: {{turns: {{min: {number}}}}}, then: {{difficulty: 1}}}}\n"));
        config("", "", &rules)
    });
}

#[test]
fn ten_thousand_examples_of_a_route() {
    refuses_beyond(10_000, "TOO_MANY", |count| {
        config(
            "",
            &format!(
                "routes:\n  - name: general\n    examples: [{}]\n",
                listed("question", count)
            ),
            "",
        )
    });
}

#[test]
fn a_hundred_thousand_examples_of_all_routes() {
    refuses_beyond(100_000, "TOO_MANY", |count| {
        let mut routes = "routes:\n  - name: general\n".to_owned();
        for (number, start) in (0..count).step_by(10_000).enumerate() {
            let items = listed(
                &format!("question of {number} and"),
                (count - start).min(10_000),
            );
            let _ = writeln!(routes, "  - name: r{number}\n    examples: [{items}]");
        }
        config("", &routes, "")
    });
}

#[test]
fn a_hundred_thousand_keywords_of_all_rules() {
    refuses_beyond(100_000, "TOO_MANY", |count| {
        let mut rules = "rules:\n".to_owned();
        for (number, start) in (0..count).step_by(50_000).enumerate() {
            let items = listed(&format!("word{number}x"), (count - start).min(50_000));
            let _ = writeln!(
                rules,
                "  - {{name: r{number}, when: {{keywords: {{any: [{items}]}}}}, then: {{difficulty: 1}}}}"
            );
        }
        config("", "", &rules)
    });
}

#[test]
fn four_thousand_and_96_patterns() {
    refuses_beyond(4_096, "TOO_MANY", |count| {
        let patterns: Vec<String> = (0..count)
            .map(|number| format!("{{regex: {{pattern: x{number}}}}}"))
            .collect();
        config(
            "",
            "",
            &format!(
                "rules:\n  - name: r\n    when: {{any: [{}]}}\n    then: {{difficulty: 1}}\n",
                patterns.join(", ")
            ),
        )
    });
}

#[test]
fn a_keyword_of_256_bytes() {
    refuses_beyond(256, "TEXT_TOO_LONG", |count| {
        config(
            "",
            "",
            &format!(
                "rules:\n  - name: r\n    when: {{keywords: {{any: [{}]}}}}\n    then: {{difficulty: 1}}\n",
                "k".repeat(count)
            ),
        )
    });
}

#[test]
fn an_example_of_32_kib() {
    refuses_beyond(32_768, "TEXT_TOO_LONG", |count| {
        config(
            "",
            &format!(
                "routes:\n  - name: general\n    examples:\n      - {}\n",
                "e".repeat(count)
            ),
            "",
        )
    });
}

#[test]
fn a_template_of_100_kb() {
    refuses_beyond(100_000, "TEXT_TOO_LONG", |count| {
        let prompts = format!(
            "prompts:\n  - name: p\n    template: {}\n",
            "t".repeat(count)
        );
        config(
            "",
            &format!("{prompts}routes:\n  - name: general\n    prompts: [{{use: p}}]\n"),
            "",
        )
    });
}

#[test]
fn sixty_four_levels() {
    // A condition stands below the root, `rules`, a rule and `when`; `turns` holds one more.
    refuses_levels(|depth| {
        let (open, close) = ("{not: ".repeat(depth - 5), "}".repeat(depth - 5));
        config(
            "",
            "",
            &format!(
                "rules:\n  - name: r\n    when: {open}{{turns: {{min: 1}}}}{close}\n    then: {{difficulty: 1}}\n"
            ),
        )
    });
}

fn refuses_levels(build: impl Fn(usize) -> String) {
    assert_eq!(codes(&build(64), Format::Yaml), [""; 0]);
    for depth in [65, 128] {
        assert_eq!(codes(&build(depth), Format::Yaml), ["TOO_DEEP"], "{depth}");
    }
}

#[test]
fn sixteen_mebibytes() {
    let most = 16 * 1024 * 1024;
    let padded = |size: usize| {
        let text = config("", "", "");
        let padding = "#".repeat(size - text.len() - 1);
        format!("{text}{padding}\n")
    };
    assert_eq!(codes(&padded(most), Format::Yaml), [""; 0]);
    for size in [most + 1, most * 2] {
        for format in [Format::Json, Format::Toml, Format::Yaml] {
            let text = padded(size);
            assert_eq!(codes(&text, format), ["FILE_TOO_LARGE"], "{size}");
            assert!(Source::from_bytes("big", text.as_bytes(), format).is_ok() || size > most + 3);
        }
    }
}

#[test]
fn a_million_values() {
    // The root, `routes` and its items count; the list itself is refused later, for what it holds.
    let build = |count: usize| format!("{{\"routes\": [{}1]}}", "1,".repeat(count - 3));
    assert_ne!(codes(&build(1_000_000), Format::Json)[0], "TOO_MANY_VALUES");
    for count in [1_000_001, 2_000_000] {
        for format in [Format::Json, Format::Yaml] {
            assert_eq!(codes(&build(count), format), ["TOO_MANY_VALUES"], "{count}");
        }
    }
}

#[test]
fn a_thousand_issues_are_kept_and_the_rest_is_counted() {
    let routes = "  - 1\n".repeat(1_000);
    let errors = load_text(
        &config("", &format!("routes:\n{routes}x: 1\ny: 2\n"), ""),
        Format::Yaml,
    )
    .expect_err("all routes are wrong");
    assert_eq!((errors.issues().len(), errors.omitted()), (1_000, 2));
    assert!(errors.to_string().ends_with("… and 2 more"));
}

#[test]
fn a_file_of_lines_of_64_mebibytes() {
    struct Zeros(usize);
    impl Resources for Zeros {
        fn read(&self, _: &str) -> Result<Vec<u8>, String> {
            let mut bytes = vec![b' '; self.0 - 1];
            bytes.push(b'x');
            Ok(bytes)
        }
    }
    let text = config(
        "",
        "routes:\n  - name: general\n    examples_file: lines.txt\n",
        "",
    );
    let source = Source {
        name: "test",
        text: &text,
        format: Format::Yaml,
    };
    let most = 64 * 1024 * 1024;
    assert!(load(&source, &Zeros(most)).is_ok());
    for size in [most + 1, most * 2] {
        let errors = load(&source, &Zeros(size)).expect_err("the file is too large");
        assert_eq!(errors.issues()[0].code.as_str(), "FILE_TOO_LARGE");
    }
}

fn listed(word: &str, count: usize) -> String {
    (0..count)
        .map(|number| format!("{word} {number}"))
        .collect::<Vec<_>>()
        .join(", ")
}
