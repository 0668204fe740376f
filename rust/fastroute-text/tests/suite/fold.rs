//! Folding equals the obvious pipeline, and offsets lead back.

use caseless::Caseless;
use fastroute_text::fold::Folded;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::inputs;

fn slowly(raw: &str) -> String {
    raw.nfkd().default_case_fold().nfkc().collect()
}

fn folded(raw: &str) -> Folded {
    let mut folded = Folded::new();
    folded.set("left over: ÄÖÜ");
    folded.set(raw);
    folded
}

#[test]
fn case_width_and_composition_do_not_matter() {
    let cases = [
        ("", ""),
        ("HeLLo", "hello"),
        ("Straße STRASSE", "strasse strasse"),
        ("Cafe\u{301}", "café"),
        ("ＡＢＣ１２", "abc12"),
        ("ﬁne", "fine"),
        ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
        ("\u{1100}\u{1161}\u{11a8}", "각"),
        ("ｶﾞ", "ガ"),
        ("I\u{307}", "i\u{307}"),
    ];
    for (raw, expected) in cases {
        assert_eq!(folded(raw).text(), expected, "{raw}");
    }
}

#[test]
fn a_folded_character_leads_to_the_characters_it_came_from() {
    let raw = "xﬁ e\u{301}ß";
    let folded = folded(raw);
    assert_eq!(folded.text(), "xfi éss");
    let cases = [
        (0..1, 0..1),
        (1..2, 1..4),
        (2..3, 1..4),
        (1..3, 1..4),
        (3..4, 4..5),
        (4..6, 5..8),
        (6..7, 8..10),
        (7..8, 8..10),
        (0..8, 0..10),
        (8..8, 10..10),
        (1..1, 1..1),
    ];
    for (range, expected) in cases {
        assert_eq!(folded.raw_range(range.clone()), expected, "{range:?}");
    }
}

#[test]
fn every_character_folds_as_the_obvious_pipeline_does() {
    let mut buffer = Folded::new();
    for c in '\0'..=char::MAX {
        let raw = format!("a{c}\u{301}{c}b");
        buffer.set(&raw);
        assert_eq!(buffer.text(), slowly(&raw), "{:x}", c as u32);
    }
}

#[test]
fn folding_is_linear() {
    let mut buffer = Folded::new();
    for unit in inputs::UNITS {
        inputs::assert_linear("folding", unit, 20_000, |text| buffer.set(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn folding_equals_the_obvious_pipeline(raw in inputs::text()) {
        let folded = folded(&raw);
        prop_assert_eq!(folded.text(), slowly(&raw));
    }

    #[test]
    fn ascii_folds_as_everything_else_and_keeps_offsets(raw in inputs::ascii(), a in 0_usize..90, b in 0_usize..90) {
        let folded = folded(&raw);
        prop_assert_eq!(folded.text(), slowly(&raw));
        let (a, b) = (a.min(b).min(raw.len()), a.max(b).min(raw.len()));
        prop_assert_eq!(folded.raw_range(a..b), a..b);
    }

    #[test]
    fn offsets_are_monotone_and_on_character_boundaries(raw in inputs::text()) {
        let folded = folded(&raw);
        let len = folded.text().len();
        let mut last = 0..0;
        for at in 0..len {
            let range = folded.raw_range(at..at + 1);
            prop_assert!(raw.is_char_boundary(range.start) && raw.is_char_boundary(range.end));
            prop_assert!(range.start >= last.start && range.end >= last.end);
            prop_assert!(range.start < range.end);
            last = range;
        }
        prop_assert_eq!(folded.raw_range(0..len), 0..raw.len());
        prop_assert_eq!(folded.raw_range(len..len + 9), raw.len()..raw.len());
    }

    #[test]
    fn the_raw_range_folds_to_something_that_contains_the_match(raw in inputs::text(), a in 0_usize..60, b in 0_usize..60) {
        let folded = folded(&raw);
        let text = folded.text();
        let (a, b) = (a.min(b).min(text.len()), a.max(b).min(text.len()));
        if text.is_char_boundary(a) && text.is_char_boundary(b) {
            let again = slowly(&raw[folded.raw_range(a..b)]);
            prop_assert!(again.contains(&text[a..b]));
        }
    }
}
