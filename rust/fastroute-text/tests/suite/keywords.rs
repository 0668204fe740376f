//! The automaton finds what looking for each keyword everywhere finds.

use fastroute_text::fold::Folded;
use fastroute_text::keywords::{
    KeywordHit, KeywordId, KeywordSet, KeywordSetBuilder, MAX_KEYWORD_BYTES, MatchKind,
};
use fastroute_text::words::{Words, is_written_without_spaces};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use crate::inputs;

fn set(keywords: &[(&str, MatchKind)]) -> KeywordSet {
    let mut builder = KeywordSetBuilder::new();
    for (keyword, kind) in keywords {
        builder.add(keyword, *kind).expect("keyword is refused");
    }
    builder.build().expect("set is refused")
}

fn hits(set: &KeywordSet, text: &str) -> Vec<KeywordHit> {
    let (mut folded, mut words) = (Folded::new(), Words::new());
    folded.set(text);
    let mut hits = Vec::new();
    set.find(&folded, &mut words, |hit| hits.push(hit));
    hits
}

fn fold(text: &str) -> Folded {
    let mut folded = Folded::new();
    folded.set(text);
    folded
}

/// Looks for each keyword at each offset.
fn slowly(keywords: &[(String, MatchKind)], text: &str) -> Vec<KeywordHit> {
    let folded = fold(text);
    let haystack = folded.text();
    let mut bounds: Vec<usize> = haystack
        .split_word_bound_indices()
        .map(|(at, _)| at)
        .collect();
    bounds.push(haystack.len());
    let mut seen: Vec<(String, MatchKind)> = Vec::new();
    let mut hits = Vec::new();
    for (keyword, kind) in keywords {
        let needle = fold(keyword).text().to_owned();
        if needle.is_empty() || seen.contains(&(needle.clone(), *kind)) {
            continue;
        }
        seen.push((needle.clone(), *kind));
        let id = KeywordId(u32::try_from(seen.len() - 1).expect("fits"));
        let first_is_dense = needle.chars().next().is_some_and(is_written_without_spaces);
        let last_is_dense = needle
            .chars()
            .next_back()
            .is_some_and(is_written_without_spaces);
        for start in 0..haystack.len() {
            let end = start + needle.len();
            if haystack.as_bytes().get(start..end) != Some(needle.as_bytes()) {
                continue;
            }
            let is_word = (first_is_dense || bounds.contains(&start))
                && (last_is_dense || bounds.contains(&end));
            if *kind == MatchKind::Substring || is_word {
                let raw = folded.raw_range(start..end);
                hits.push(KeywordHit {
                    id,
                    start: raw.start,
                    end: raw.end,
                });
            }
        }
    }
    hits.sort();
    hits
}

#[test]
fn whole_words_match_whole_and_substrings_match_anywhere() {
    let set = set(&[
        ("cat", MatchKind::Word),
        ("cat", MatchKind::Substring),
        ("c++", MatchKind::Word),
    ]);
    assert_eq!(set.len(), 3);
    let ids = |text| {
        hits(&set, text)
            .into_iter()
            .map(|hit| hit.id.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("concatenate"), [1]);
    assert_eq!(ids("A CAT."), [1, 0]);
    assert_eq!(ids("cat's"), [1]);
    assert_eq!(ids("is C++ old?"), [2]);
    assert_eq!(ids("ＣＡＴ"), [1, 0]);
    assert_eq!(ids(""), [] as [u32; 0]);
}

#[test]
fn words_match_inside_text_of_scripts_without_spaces() {
    let set = set(&[
        ("退款", MatchKind::Word),
        ("カード", MatchKind::Word),
        ("ราคา", MatchKind::Word),
        ("iphone", MatchKind::Word),
    ]);
    assert_eq!(hits(&set, "请取消订单并退款").len(), 1);
    assert_eq!(hits(&set, "クレジットカードで").len(), 1);
    assert_eq!(hits(&set, "ขอราคาหน่อย").len(), 1);
    assert_eq!(hits(&set, "我的iPhone很好").len(), 1);
    assert_eq!(hits(&set, "myiPhone").len(), 0);
}

#[test]
fn overlapping_hits_are_all_reported_once() {
    let set = set(&[
        ("aba", MatchKind::Substring),
        ("a", MatchKind::Substring),
        ("ba", MatchKind::Substring),
    ]);
    let found: Vec<_> = hits(&set, "ababa")
        .into_iter()
        .map(|hit| (hit.id.0, hit.start))
        .collect();
    assert_eq!(
        found,
        [(1, 0), (0, 0), (2, 1), (1, 2), (0, 2), (2, 3), (1, 4)]
    );
}

#[test]
fn equal_keywords_have_one_id() {
    let mut builder = KeywordSetBuilder::new();
    let first = builder.add("Straße", MatchKind::Word);
    assert_eq!(builder.add("STRASSE", MatchKind::Word), first);
    assert_ne!(builder.add("strasse", MatchKind::Substring), first);
    assert_eq!(builder.build().map(|set| set.len()), Ok(2));
}

#[test]
fn refusals_carry_codes_and_leave_the_set_as_it_was() {
    let mut builder = KeywordSetBuilder::new();
    let long = "x".repeat(MAX_KEYWORD_BYTES + 1);
    for (keyword, code, message) in [
        ("", "KEYWORD_EMPTY", "keyword is empty"),
        (
            long.as_str(),
            "KEYWORD_TOO_LONG",
            "keyword has 257 bytes after folding, over the limit of 256",
        ),
    ] {
        let error = builder
            .add(keyword, MatchKind::Word)
            .expect_err("is refused");
        assert_eq!((error.code(), error.to_string().as_str()), (code, message));
    }
    let set = builder.build().expect("empty sets are fine");
    assert!(set.is_empty());
    assert_eq!(hits(&set, "anything"), []);
}

#[test]
fn nested_keywords_are_found_in_linear_time() {
    let keywords: Vec<String> = (1..=MAX_KEYWORD_BYTES).map(|n| "a".repeat(n)).collect();
    let all: Vec<_> = keywords
        .iter()
        .map(|k| (k.as_str(), MatchKind::Substring))
        .collect();
    let set = set(&all);
    let (mut folded, mut words) = (Folded::new(), Words::new());
    inputs::assert_linear("finding", "a", 4_000, |text| {
        folded.set(text);
        let mut count = 0_usize;
        set.find(&folded, &mut words, |_| count += 1);
        assert!(count <= 2 * MAX_KEYWORD_BYTES * text.len());
    });
    let mixed = [
        ("的", MatchKind::Word),
        ("a", MatchKind::Word),
        ("é", MatchKind::Word),
    ];
    let set = self::set(&mixed);
    for unit in inputs::UNITS {
        inputs::assert_linear("finding words", unit, 15_000, |text| {
            folded.set(text);
            set.find(&folded, &mut words, |_| ());
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_automaton_equals_the_slow_search(
        keywords in proptest::collection::vec(("[abAéß的カก '.\u{301}]{0,4}", any::<bool>()), 0..12),
        text in "[abAéßﬁi的カก '._\u{301}1]{0,40}",
    ) {
        let keywords: Vec<(String, MatchKind)> = keywords
            .into_iter()
            .map(|(keyword, word)| (keyword, if word { MatchKind::Word } else { MatchKind::Substring }))
            .collect();
        let mut builder = KeywordSetBuilder::new();
        for (keyword, kind) in &keywords {
            prop_assert_eq!(builder.add(keyword, *kind).is_err(), keyword.is_empty());
        }
        let set = builder.build().unwrap();
        let mut found = hits(&set, &text);
        found.sort();
        prop_assert_eq!(found, slowly(&keywords, &text));
    }

    #[test]
    fn whole_words_in_ascii_text_equal_the_slow_search(
        keywords in proptest::collection::vec("[ab1_]{1,3}( [ab]{1,2})?[.' ]?", 1..10),
        text in "[abAB1_ .':,]{0,150}",
    ) {
        let keywords: Vec<(String, MatchKind)> =
            keywords.into_iter().map(|keyword| (keyword, MatchKind::Word)).collect();
        let pairs: Vec<_> = keywords.iter().map(|(keyword, kind)| (keyword.as_str(), *kind)).collect();
        let mut found = hits(&set(&pairs), &text);
        found.sort();
        prop_assert_eq!(found, slowly(&keywords, &text));
    }
}
