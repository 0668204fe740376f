//! Counts equal the original tokenizers', bounds contain them, estimates come close.

use fastroute_text::tokens::{Bounds, TokenCounter, Vocabulary};
use proptest::prelude::*;

use crate::inputs;

fn corpus(name: &str) -> &'static str {
    inputs::CORPUS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, text)| *text)
        .expect("is in the corpus")
}

/// Rebuilds the text of a recipe of `make_counts.py`.
fn text_of(case: &serde_json::Value) -> String {
    let number = |value: &serde_json::Value| {
        usize::try_from(value.as_u64().expect("is a number")).expect("fits")
    };
    if let Some(text) = case["text"].as_str() {
        return text.to_owned();
    }
    if let Some(unit) = case["repeat"][0].as_str() {
        return unit.repeat(number(&case["repeat"][1]));
    }
    if let Some(name) = case["corpus"][0].as_str() {
        let (text, size) = (corpus(name), number(&case["corpus"][1]));
        let mut filled = text.repeat(size / text.len() + 1);
        let end = (0..=size).rev().find(|&at| filled.is_char_boundary(at));
        filled.truncate(end.unwrap_or(0));
        return filled;
    }
    let alphabet: Vec<char> = case["random"][0]
        .as_str()
        .expect("is an alphabet")
        .chars()
        .collect();
    let mut state = case["random"][2].as_u64().expect("is a seed");
    (0..number(&case["random"][1]))
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            alphabet[usize::try_from(state >> 33).expect("fits") % alphabet.len()]
        })
        .collect()
}

#[test]
fn counts_equal_the_original_tokenizers() {
    let oracle: serde_json::Value =
        serde_json::from_str(include_str!("../oracle/counts.json")).expect("is JSON");
    let counters: Vec<TokenCounter> = oracle["vocabularies"]
        .as_array()
        .expect("is a list")
        .iter()
        .map(|name| TokenCounter::named(name.as_str().expect("is a name")).expect("is known"))
        .collect();
    let mut wrong = Vec::new();
    for case in oracle["cases"].as_array().expect("is a list") {
        let text = text_of(case);
        assert_eq!(case["bytes"].as_u64(), Some(text.len() as u64), "{case}");
        for (counter, expected) in counters
            .iter()
            .zip(case["counts"].as_array().expect("is a list"))
        {
            let count = counter.count(&text);
            let Bounds { lower, upper } = counter.bounds(&text);
            assert!((lower..=upper).contains(&count), "{counter:?} {case}");
            if Some(u64::from(count)) != expected.as_u64() {
                wrong.push(format!("{} {count} {case}", counter.name()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Texts of the corpus whole and in windows of about 300 and 1,000 bytes.
fn windows() -> Vec<(&'static str, &'static str)> {
    let mut windows = Vec::new();
    for (name, text) in inputs::CORPUS {
        windows.push((name, text));
        for size in [300, 1000] {
            let mut from = 0;
            for (at, _) in text.char_indices() {
                if at - from >= size {
                    windows.push((name, &text[from..at]));
                    from = at;
                }
            }
        }
    }
    windows
}

#[test]
fn estimates_stay_within_their_stated_error() {
    let mut worst = Vec::new();
    for vocabulary in Vocabulary::ALL {
        let counter = TokenCounter::from(vocabulary);
        for (name, text) in windows() {
            let (count, estimate) = (
                f64::from(counter.count(text)),
                f64::from(counter.estimate(text)),
            );
            worst.push((
                ((estimate - count).abs() - 4.0) / count,
                format!("{} {name}: {count} {estimate}", counter.name()),
            ));
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert!(worst[0].0 <= 0.25, "{:?}", worst[0]);
    assert_eq!(TokenCounter::estimate_of(""), 0);
}

#[test]
fn names_are_found_and_others_are_refused_with_a_code() {
    for name in ["cl100k", "o200k", "qwen2", "estimate"] {
        let counter = TokenCounter::named(name).expect("is known");
        assert_eq!(
            (counter.name(), counter.is_exact()),
            (name, name != "estimate")
        );
    }
    for name in ["", "O200k", "gpt-4", "o200k_base"] {
        let error = TokenCounter::named(name).expect_err("is unknown");
        assert_eq!(error.code(), "TOKENIZER_UNKNOWN");
        assert!(error.to_string().contains(&format!("`{name}`")));
    }
}

#[test]
fn special_tokens_in_a_text_are_ordinary_text() {
    for vocabulary in Vocabulary::ALL {
        assert!(TokenCounter::from(vocabulary).count("<|endoftext|>") > 1);
    }
}

/// A tokenizer.json with byte-level merges, as GPT-2 and most models since have.
pub fn byte_level(normalizer: serde_json::Value) -> Vec<u8> {
    let alphabet = tokenizers::pre_tokenizers::byte_level::ByteLevel::alphabet();
    let mut symbols: Vec<String> = alphabet.into_iter().map(String::from).collect();
    symbols.sort();
    let merges = [
        ["t", "h"],
        ["th", "e"],
        ["Ġ", "the"],
        ["a", "a"],
        ["aa", "aa"],
    ];
    symbols.extend(merges.iter().map(|pair| pair.concat()));
    let vocabulary: serde_json::Map<String, serde_json::Value> = symbols
        .into_iter()
        .zip((0..).map(serde_json::Value::from))
        .collect();
    let file = serde_json::json!({
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 5, "strategy": "LongestFirst", "stride": 0},
        "padding": null,
        "added_tokens": [],
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "post_processor": null,
        "decoder": null,
        "model": {"type": "BPE", "dropout": 0.5, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocabulary, "merges": merges},
    });
    serde_json::to_vec(&file).expect("serialises")
}

/// One that puts a space before each mark and digit, and has a token of one byte of its own.
pub fn cut_before_bytes() -> Vec<u8> {
    let file = byte_level(serde_json::Value::Null);
    let mut file: serde_json::Value = serde_json::from_slice(&file).expect("is JSON");
    let level = file["pre_tokenizer"].take();
    file["pre_tokenizer"] = serde_json::json!({"type": "Sequence", "pretokenizers": [
        {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": true}, level,
    ]});
    file["added_tokens"] = serde_json::json!([{"id": 5000, "content": "a", "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true}]);
    serde_json::to_vec(&file).expect("serialises")
}

/// A tokenizer.json as BERT has.
pub fn bert() -> Vec<u8> {
    let file = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "ᄀ": 3, "##ᅡ": 4, "##ᆨ": 5, "i": 6, "##i": 7, "i\u{307}": 8}},
    });
    serde_json::to_vec(&file).expect("serialises")
}

#[test]
fn a_tokenizer_json_counts_all_tokens_always_the_same() {
    let counter =
        TokenCounter::from_tokenizer_json(&byte_level(serde_json::Value::Null)).expect("loads");
    assert!(counter.is_exact());
    assert_eq!(counter.name(), "tokenizer.json");
    // Neither its truncation to five tokens nor its dropout has an effect.
    assert_eq!(counter.count("the the the"), 3);
    assert_eq!(counter.count(&"aaaa".repeat(100)), 101);
    assert_eq!(counter.count(""), 0);
}

#[test]
fn spaces_that_a_tokenizer_adds_are_within_the_bounds() {
    let counter = TokenCounter::from_tokenizer_json(&cut_before_bytes()).expect("loads");
    assert!(counter.count("1.1xax") > 6);
    contained(&counter, "1.1xax").expect("is contained");
}

#[test]
fn bytes_that_are_no_tokenizer_json_are_refused_with_a_code() {
    for bytes in [
        &b""[..],
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{\"model\": 3}",
    ] {
        let error = TokenCounter::from_tokenizer_json(bytes).expect_err("is refused");
        assert_eq!(error.code(), "TOKENIZER_INVALID");
    }
}

#[test]
fn an_unknown_kind_of_tokenizer_has_no_bounds() {
    let normalizer =
        serde_json::json!({"type": "Replace", "pattern": {"String": "a"}, "content": "bbbb"});
    let counter = TokenCounter::from_tokenizer_json(&byte_level(normalizer)).expect("loads");
    assert_eq!(
        counter.bounds("a"),
        Bounds {
            lower: 0,
            upper: u32::MAX
        }
    );
    assert!(counter.count("a") > 1);
}

#[test]
fn counting_is_linear() {
    for vocabulary in Vocabulary::ALL {
        let counter = TokenCounter::from(vocabulary);
        counter.prepare();
        for unit in inputs::UNITS {
            inputs::assert_linear("counting", unit, 15_000, |text| {
                let _ = counter.count(text);
            });
            inputs::assert_linear("bounds and estimate", unit, 20_000, |text| {
                let _ = (counter.bounds(text), counter.estimate(text));
            });
        }
    }
}

fn contained(counter: &TokenCounter, text: &str) -> Result<(), TestCaseError> {
    let (count, bounds) = (counter.count(text), counter.bounds(text));
    prop_assert!(
        (bounds.lower..=bounds.upper).contains(&count),
        "{:?} of {} counts {} outside {:?}",
        text,
        counter.name(),
        count,
        bounds
    );
    Ok(())
}

#[test]
fn bounds_contain_the_count_of_every_short_mixture() {
    // All sequences of up to five of the characters that the lower bound tells apart.
    let kinds = [
        'a', 'B', '1', '\'', 's', ' ', '\n', '.', '/', 'é', '١', '\u{301}', '的',
    ];
    let counters = Vocabulary::ALL.map(TokenCounter::from);
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts
            .iter()
            .flat_map(|text| kinds.iter().map(move |&c| format!("{text}{c}")))
            .collect();
        for text in &texts {
            for counter in &counters {
                contained(counter, text).expect("is contained");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn bounds_contain_the_count(text in inputs::text()) {
        for vocabulary in Vocabulary::ALL {
            contained(&vocabulary.into(), &text)?;
        }
    }

    #[test]
    fn bounds_contain_the_count_of_words_digits_and_marks(text in "[a-cB1-3'stлé的١ .,\n/\u{301}\u{323}ǖ]{0,60}") {
        for vocabulary in Vocabulary::ALL {
            contained(&vocabulary.into(), &text)?;
        }
    }

    #[test]
    fn bounds_contain_the_count_of_a_tokenizer_json(texts in proptest::collection::vec(inputs::text(), 1..50)) {
        thread_local! {
            static COUNTERS: Vec<TokenCounter> = [
                bert(),
                byte_level(serde_json::Value::Null),
                byte_level(serde_json::json!({"type": "NFC"})),
                cut_before_bytes(),
            ]
            .map(|file| TokenCounter::from_tokenizer_json(&file).expect("loads"))
            .into();
        }
        COUNTERS.with(|counters| {
            for counter in counters {
                for text in &texts {
                    contained(counter, text)?;
                }
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

#[test]
fn no_token_is_longer_than_the_lower_bound_assumes() {
    for name in ["cl100k_base", "o200k_base", "qwen2"] {
        let encoding = tiktoken::get_encoding(name).expect("is compiled in");
        let size = u32::try_from(encoding.vocab_size()).expect("fits");
        let longest = (0..size + 64).map(|id| encoding.decode(&[id]).len()).max();
        assert!(longest <= Some(128), "{name} {longest:?}");
    }
}

#[test]
fn only_the_three_vocabularies_named_in_the_notice_are_embedded() {
    let mut names = tiktoken::list_encodings().to_vec();
    names.sort_unstable();
    // The harmony and Llama entries share files with these or need features that are off.
    assert_eq!(
        names,
        ["cl100k_base", "o200k_base", "o200k_harmony", "qwen2"]
    );
}

#[test]
fn four_megabytes_are_counted() {
    let counter = TokenCounter::from(Vocabulary::O200k);
    for unit in ["a", " ", "的", "word "] {
        let text = unit.repeat((4 << 20) / unit.len());
        contained(&counter, &text).expect("is contained");
    }
}
