//! Counts follow their rules, and difficulty grows with each of them.

use fastroute_text::script::dominant;
use fastroute_text::structure::{Structure, difficulty};
use proptest::prelude::*;

use crate::inputs;

#[test]
fn counts_follow_their_rules() {
    let cases = [
        // text, words, sentences, questions, digits, math symbols, list items
        ("", 0, 0, 0, 0, 0, 0),
        ("   \n\t", 0, 0, 0, 0, 0, 0),
        ("...", 0, 0, 0, 0, 0, 0),
        ("Hi", 1, 1, 0, 0, 0, 0),
        ("Hello there. How are you? Fine!", 6, 3, 1, 0, 0, 0),
        ("Really?! No...", 2, 2, 1, 0, 0, 0),
        ("He said \"why?\" Then left.", 5, 2, 1, 0, 0, 0),
        ("Version 1.5 is out", 5, 1, 0, 2, 0, 0),
        ("don't", 1, 1, 0, 0, 0, 0),
        ("你好吗？我很好。", 3, 2, 1, 0, 0, 0),
        ("x^2 + y = 3", 4, 1, 0, 2, 3, 0),
        ("∀x ∈ ℝ: x² ≥ 0", 4, 1, 0, 2, 3, 0),
        (
            "- one\n* two\n1. three\n2) four\n-five\n1.5",
            9,
            2,
            0,
            4,
            1,
            4,
        ),
    ];
    for (text, words, sentences, questions, digits, math_symbols, list_items) in cases {
        let seen = Structure::of(text);
        assert_eq!(
            (
                seen.words,
                seen.sentences,
                seen.questions,
                seen.digits,
                seen.math_symbols,
                seen.list_items
            ),
            (
                words,
                sentences,
                questions,
                digits,
                math_symbols,
                list_items
            ),
            "{text:?}"
        );
    }
}

#[test]
fn code_is_seen_and_prose_is_not_taken_for_it() {
    let code = [
        "```\nx\n```",
        "~~~py\nprint(1)\n~~~",
        "int main() {\n  return f(0);\n}",
        "def f(x):\n    return g(x)[0]",
        "const a = b => c(b);",
        "<div class=\"a\">text</div>",
        "SELECT count(*) FROM t WHERE a_b = 1;",
        "Why does `foo()` return nothing?",
        "if (a && b) { c(); }",
    ];
    for text in code {
        assert!(Structure::of(text).has_code, "{text}");
    }
    let prose = [
        "",
        "Hello there; how are you?",
        "The meeting (on Tuesday) is at 10:30, see https://example.org/a/b.",
        "- milk\n- eggs\n- bread (two)",
        "I paid $30.50 -- that's 5% more than last year!",
        "Is 2 + 2 = 4 true?",
        "Dear Sir or Madam,\n\nplease find attached my invoice no. 4471.\n\nYours",
    ];
    for text in prose {
        assert!(!Structure::of(text).has_code, "{text}");
    }
    for (name, text) in inputs::CORPUS {
        let expected = matches!(name, "code" | "json");
        if name != "json" {
            assert_eq!(Structure::of(text).has_code, expected, "{name}");
        }
    }
}

#[test]
fn a_greeting_is_easier_than_a_page_of_work() {
    let greeting = difficulty(&Structure::of("Hi, how are you?"));
    let work = difficulty(&Structure::of(include_str!("../corpus/code.txt")));
    assert!(greeting < 0.15 && work > 0.6, "{greeting} {work}");
    assert_eq!(difficulty(&Structure::default()), 0.0);
}

#[test]
fn structure_and_script_are_linear() {
    for unit in inputs::UNITS {
        inputs::assert_linear("structure", unit, 20_000, |text| {
            let _ = (Structure::of(text), dominant(text));
        });
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_counts_stay_within_it(text in inputs::text()) {
        let seen = Structure::of(&text);
        prop_assert_eq!((seen.bytes, seen.chars), (text.len(), text.chars().count()));
        prop_assert!(seen.words <= seen.chars && seen.sentences <= seen.chars);
        prop_assert!(seen.questions <= seen.sentences);
        prop_assert!((0.0..=1.0).contains(&difficulty(&seen)));
        let _ = dominant(&text);
    }

    #[test]
    fn difficulty_grows_with_each_part(counts in proptest::array::uniform7(0_usize..500), part in 0_usize..8, more in 1_usize..500) {
        let build = |c: [usize; 7], has_code| Structure {
            words: c[0], sentences: c[1], questions: c[2], digits: c[3],
            math_symbols: c[4], list_items: c[5], code_lines: c[6], has_code,
            ..Structure::default()
        };
        let mut raised = counts;
        if let Some(count) = raised.get_mut(part) {
            *count += more;
        }
        let (before, after) = (difficulty(&build(counts, false)), difficulty(&build(raised, part == 7)));
        prop_assert!(after >= before && (0.0..=1.0).contains(&after));
    }
}
