//! Expressions are capped, typed and never panic.

use fastroute_text::patterns::{MAX_PATTERN_BYTES, PatternId, PatternSetBuilder};
use proptest::prelude::*;

use crate::inputs;

#[test]
fn refusals_carry_codes() {
    let long = "x".repeat(MAX_PATTERN_BYTES + 1);
    let cases = [
        ("(", "PATTERN_SYNTAX"),
        ("a(?=b)", "PATTERN_SYNTAX"),
        (r"(a)\1", "PATTERN_SYNTAX"),
        ("[z-a]", "PATTERN_SYNTAX"),
        (r"\w{1000}{1000}", "PATTERN_TOO_LARGE"),
        (long.as_str(), "PATTERN_TOO_LONG"),
    ];
    for (source, code) in cases {
        let mut builder = PatternSetBuilder::new();
        let error = builder.add(source).expect_err("is refused");
        assert_eq!(error.code(), code, "{source}");
        assert!(!error.to_string().contains('\n'));
        assert!(builder.build().is_empty());
    }
}

#[test]
fn deeply_nested_groups_are_refused() {
    let source = format!("{}a{}", "(".repeat(200), ")".repeat(200));
    let error = PatternSetBuilder::new()
        .add(&source)
        .expect_err("is refused");
    assert_eq!(error.code(), "PATTERN_SYNTAX");
}

#[test]
fn case_matters_unless_the_expression_says_otherwise() {
    let mut builder = PatternSetBuilder::new();
    let strict = builder.add("ärger").expect("compiles");
    let loose = builder.add("(?i)ärger").expect("compiles");
    assert_eq!(builder.add("ärger"), Ok(strict));
    let set = builder.build();
    assert_eq!(set.len(), 2);
    assert!(!set.is_match(strict, "ÄRGER"));
    assert_eq!(set.find(loose, "so ein ÄRGER"), Some(7..13));
    assert!(!set.is_match(PatternId(7), "ärger"));
    assert_eq!(set.find(PatternId(7), "ärger"), None);
}

#[test]
fn matching_is_linear_for_expressions_that_backtrack_elsewhere() {
    let mut builder = PatternSetBuilder::new();
    let nested = builder.add("(a+)+$").expect("compiles");
    let optional = builder.add("(a?){64}b").expect("compiles");
    let set = builder.build();
    for id in [nested, optional] {
        inputs::assert_linear("matching", "a", 20_000, |text| {
            assert!(!set.is_match(id, &format!("{text}!")) || id != optional);
        });
    }
}

proptest! {
    #[test]
    fn no_source_panics(source in any::<String>(), text in inputs::text()) {
        let mut builder = PatternSetBuilder::new();
        if let Ok(id) = builder.add(&source) {
            let set = builder.build();
            prop_assert_eq!(set.is_match(id, &text), set.find(id, &text).is_some());
        }
    }
}

#[test]
fn a_builder_that_knows_expressions_gives_what_one_without_gives() {
    let mut first = PatternSetBuilder::new();
    for source in ["[0-9]{3}", "(?i)ärger", "unused"] {
        first.add(source).expect("compiles");
    }
    let known = first.build();
    let mut builders = [PatternSetBuilder::new(), PatternSetBuilder::knowing(&known)];
    for builder in &mut builders {
        for source in ["(?i)ärger", "new", "[0-9]{3}", "(?i)ärger"] {
            builder.add(source).expect("compiles");
        }
        assert_eq!(
            builder.add("(").expect_err("is refused").code(),
            "PATTERN_SYNTAX"
        );
    }
    let [fresh, knowing] = builders.map(|builder| builder.build());
    assert_eq!((fresh.len(), knowing.len()), (3, 3));
    for id in (0..3).map(PatternId) {
        assert_eq!(fresh.source(id), knowing.source(id));
        for text in ["ÄRGER", "a new 123", "unused"] {
            assert_eq!(fresh.find(id, text), knowing.find(id, text));
        }
    }
}
