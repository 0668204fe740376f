//! Splitting is exact to the token, loses nothing, and does what its definition says.
//!
//! The definition is written out here without any of the means that make splitting linear: every
//! place is tried, what is before it is read anew, and ends of sentences are regular expressions.

use std::ops::Range;
use std::sync::LazyLock;

use fastroute_text::tokens::{TokenCounter, Vocabulary};
use proptest::prelude::*;
use regex::Regex;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{inputs, tokens};

/// Where the tokens of a text end: each place with the tokens before it.
type Places = Box<dyn Fn(&str) -> Vec<(usize, u32)> + Sync + Send>;

struct Case {
    counter: TokenCounter,
    places: Places,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases: Vec<Case> = Vocabulary::ALL.into_iter().map(of_vocabulary).collect();
    for file in [
        tokens::byte_level(serde_json::Value::Null),
        tokens::byte_level(serde_json::json!({"type": "NFC"})),
        tokens::cut_before_bytes(),
        tokens::bert(),
    ] {
        cases.push(of_file(&file));
    }
    cases.push(Case {
        counter: TokenCounter::named("estimate").expect("is known"),
        places: Box::new(|text| {
            let ends = ends(text).map(|at| (at, TokenCounter::estimate_of(&text[..at])));
            ends.collect()
        }),
    });
    cases
});

/// The ends of the characters.
fn ends(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().map(|(at, c)| at + c.len_utf8())
}

fn of_vocabulary(vocabulary: Vocabulary) -> Case {
    let encoding = tiktoken::get_encoding(match vocabulary {
        Vocabulary::Cl100k => "cl100k_base",
        Vocabulary::O200k => "o200k_base",
        Vocabulary::Qwen2 => "qwen2",
    });
    let encoding = encoding.expect("is built in");
    let read = move |text: &str| match vocabulary {
        Vocabulary::Qwen2 => text.nfc().collect(),
        Vocabulary::Cl100k | Vocabulary::O200k => text.to_owned(),
    };
    Case {
        counter: vocabulary.into(),
        places: Box::new(move |text| {
            let all = encoding.encode(&read(text));
            let is_whole = read(text) == text;
            let mut places = Vec::new();
            for at in ends(text) {
                // Where composing changes anything, only before what nothing before it can change.
                let next = text[at..].chars().next();
                let is_free = is_whole
                    || next.is_none_or(|c| {
                        is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
                            && unicode_normalization::char::canonical_combining_class(c) == 0
                    });
                let before = read(&text[..at]);
                let tokens = (0..=all.len())
                    .find(|count| encoding.decode(&all[..*count]) == before.as_bytes());
                if let Some(tokens) = tokens.filter(|_| is_free) {
                    places.push((at, u32::try_from(tokens).expect("fits")));
                }
            }
            places
        }),
    }
}

fn of_file(file: &[u8]) -> Case {
    let mut json: serde_json::Value = serde_json::from_slice(file).expect("is JSON");
    json["truncation"] = serde_json::Value::Null;
    if let Some(model) = json["model"].as_object_mut() {
        model.remove("dropout");
    }
    let tokenizer: tokenizers::Tokenizer = serde_json::from_value(json).expect("loads");
    Case {
        counter: TokenCounter::from_tokenizer_json(file).expect("loads"),
        places: Box::new(move |text| {
            let encoding = tokenizer.encode(text, false).expect("encodes");
            let offsets = encoding.get_offsets();
            let is_end = |at: usize| {
                let is_cut = offsets
                    .iter()
                    .all(|(begin, end)| *end <= at || *begin >= at);
                is_cut && (at == text.len() || offsets.iter().any(|(_, end)| *end == at))
            };
            let before = |at: usize| offsets.iter().filter(|(_, end)| *end <= at).count();
            ends(text)
                .filter(|at| is_end(*at))
                .map(|at| (at, u32::try_from(before(at)).expect("fits")))
                .collect()
        }),
    }
}

/// How good a place to cut is, from 4, the end of a paragraph, to 0, within a word.
fn goodness(text: &str, at: usize) -> u8 {
    static PATTERNS: LazyLock<[Regex; 4]> = LazyLock::new(|| {
        [
            r"\n[ \t\r\n]*\n$",
            r#"[。！？]["')\]”’»」』]*[ \t]*$"#,
            r#"[.!?…]["')\]”’»」』]*[ \t]*$"#,
            r"[ \t]$",
        ]
        .map(|pattern| Regex::new(pattern).expect("compiles"))
    });
    let [paragraph, wide, sentence, space] = &*PATTERNS;
    let (before, after) = text.split_at(at);
    let goes_on = after.starts_with(['\n', '\r']);
    if before.ends_with('\n') && !goes_on {
        return if paragraph.is_match(before) { 4 } else { 3 };
    }
    let is_at_space = space.is_match(before) || after.starts_with(char::is_whitespace);
    if wide.is_match(before) || is_at_space && sentence.is_match(before) {
        return 2;
    }
    let is_word = is_at_space && !goes_on && before.contains(|c| !matches!(c, ' ' | '\t'));
    u8::from(is_word)
}

/// Splits by the definition; none when a part cannot hold one character.
fn slowly(case: &Case, text: &str, max: u32, overlap: u32) -> Option<Vec<Range<usize>>> {
    let places = (case.places)(text);
    let tokens = |at: usize| {
        let before = places.iter().rev().find(|(place, _)| *place <= at);
        before.map_or(0, |(_, tokens)| *tokens)
    };
    let fits = |start: usize, end: usize| case.counter.count(&text[start..end]) <= max;
    let end_from = |start: usize, done: usize| {
        let (mut reach, mut tries) = (max, 0);
        while reach > 0 {
            let far = |at: usize| tokens(at) - tokens(start);
            let near = places.iter().map(|(at, _)| *at);
            let near: Vec<usize> = near.filter(|at| *at > done && far(*at) <= reach).collect();
            let last = *near.last()?;
            let best = near
                .iter()
                .copied()
                .filter(|at| far(*at) > reach - reach / 10)
                .max_by_key(|at| goodness(text, *at));
            let end = if last == text.len() {
                last
            } else {
                best.unwrap_or(last)
            };
            if fits(start, end) {
                return Some(end);
            }
            tries += 1;
            let over = case.counter.count(&text[start..end]) - max;
            reach = if tries < 4 {
                reach.saturating_sub(over)
            } else {
                reach / 2
            };
        }
        None
    };
    let at_character = |start: usize| {
        let first = start + text[start..].chars().next()?.len_utf8();
        let lengths = std::iter::successors(Some(max as usize), |length| {
            (*length > 0).then_some(length / 2)
        });
        let ends = lengths.map(|length| text.floor_char_boundary(start + length).max(first));
        { ends }.find(|end| fits(start, *end))
    };
    let overlap = overlap.min(max / 2);
    let mut parts = Vec::new();
    let (mut start, mut done) = (0, 0);
    while done < text.len() {
        let mut end = end_from(start, done);
        if end.is_none() {
            start = done;
            end = end_from(start, done);
        }
        let end = end.or_else(|| at_character(done))?;
        parts.push(start..end);
        let least = tokens(end).saturating_sub(overlap);
        let back = places.iter().find(|(_, tokens)| *tokens >= least);
        let back = if least == 0 {
            0
        } else {
            back.map_or(end, |(at, _)| *at)
        };
        (start, done) = (back.clamp(start, end), end);
    }
    Some(parts)
}

/// What must hold of parts, whatever the definition says.
fn check(counter: &TokenCounter, text: &str, max: u32, parts: &[Range<usize>]) {
    let mut done = 0;
    for part in parts {
        assert!(
            counter.count(&text[part.clone()]) <= max,
            "{}",
            counter.name()
        );
        assert!(part.start <= done && part.end > done, "{parts:?}");
        done = part.end;
    }
    assert_eq!(done, text.len());
}

fn compare(case: &Case, text: &str, max: u32, overlap: u32) -> Result<(), TestCaseError> {
    let name = case.counter.name();
    let expected = slowly(case, text, max, overlap);
    match case.counter.split(text, max, overlap) {
        Ok(parts) => {
            check(&case.counter, text, max, &parts);
            prop_assert_eq!(
                Some(parts),
                expected,
                "{} {:?} {} {}",
                name,
                text,
                max,
                overlap
            );
        }
        Err(error) => {
            prop_assert_eq!(error.code(), "PART_TOO_SMALL");
            prop_assert_eq!(None, expected, "{} {:?} {} {}", name, text, max, overlap);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn every_vocabulary_splits_as_defined(
        awkward in inputs::text(),
        words in "([a-zA-Z0-9]{1,9}[ .,!?\"\\n。]{1,3}){0,16}",
        composing in "[e\u{301}\u{323}각\u{1100}\u{1161}\u{11a8} a.]{0,24}",
        max in 0_u32..24,
        overlap in 0_u32..16,
    ) {
        for case in &*CASES {
            for text in [&awkward, &words, &composing] {
                compare(case, text, max, overlap)?;
            }
        }
    }
}

#[test]
fn texts_of_many_languages_split_as_defined() {
    for (_, text) in inputs::CORPUS {
        let text = &text[..text.floor_char_boundary(700)];
        for case in &*CASES {
            for (max, overlap) in [(30, 0), (50, 10), (64, 64)] {
                compare(case, text, max, overlap).expect("splits as defined");
            }
        }
    }
}

#[test]
fn parts_of_long_texts_fit_join_and_are_nearly_full() {
    for (name, text) in inputs::CORPUS {
        let text = text.repeat(20_000 / text.len() + 1);
        for case in &*CASES {
            let (counter, max) = (&case.counter, 400);
            let parts = counter.split(&text, max, 0).expect("splits");
            check(counter, &text, max, &parts);
            for part in &parts[..parts.len() - 1] {
                let count = counter.count(&text[part.clone()]);
                assert!(count >= 350, "{} {name}: {count}", counter.name());
            }
            let again = counter.split(&text, max, 100).expect("splits");
            check(counter, &text, max, &again);
            for pair in again.windows(2) {
                let shared = &text[pair[1].start..pair[0].end];
                assert!((90..=110).contains(&counter.count(shared)), "{name}");
            }
        }
    }
}

#[test]
fn parts_end_with_paragraphs_lines_sentences_and_words_where_they_can() {
    let counter = TokenCounter::from(Vocabulary::O200k);
    let sentence = "The quick brown fox jumps over the lazy dog. ";
    let ends = |text: &str, max: u32| -> Vec<String> {
        let parts = counter.split(text, max, 0).expect("splits");
        let ends = parts.iter().map(|part| &text[part.clone()]);
        ends.map(|part| {
            part.chars()
                .skip(part.chars().count().saturating_sub(5))
                .collect()
        })
        .collect()
    };
    let paragraph = format!("{}\n\n", sentence.repeat(2).trim_end());
    let all = |ends: &[String], end: &str| {
        ends[..ends.len() - 1]
            .iter()
            .all(|last| last.ends_with(end))
    };
    assert!(all(&ends(&paragraph.repeat(40), 210), "\n\n"));
    assert!(all(
        &ends(&paragraph.repeat(40).replace("\n\n", "\n"), 210),
        "dog.\n"
    ));
    assert!(all(&ends(&sentence.repeat(80), 105), "dog."));
    let words = ends(&"word ".repeat(400), 100);
    assert!(all(&words, "word"), "{words:?}");
}

#[test]
fn a_text_that_fits_is_one_part_and_an_empty_one_is_none() {
    for case in &*CASES {
        let text = "A sentence. Another one.";
        let count = case.counter.count(text);
        let whole = std::slice::from_ref(&(0..text.len())).to_vec();
        assert_eq!(case.counter.split(text, count, 3).as_ref(), Ok(&whole));
        assert_eq!(case.counter.split(text, u32::MAX, u32::MAX), Ok(whole));
        assert_eq!(case.counter.split("", 0, 0), Ok(vec![]));
        let error = case.counter.split(text, 0, 0).expect_err("is refused");
        assert_eq!(error.code(), "PART_TOO_SMALL");
        assert!(!error.to_string().contains("sentence"));
    }
}

#[test]
fn splitting_is_linear() {
    for case in &*CASES {
        for unit in inputs::UNITS {
            inputs::assert_linear("splitting", unit, 4_000, |text| {
                let _ = case.counter.split(text, 100, 50);
            });
        }
    }
}
