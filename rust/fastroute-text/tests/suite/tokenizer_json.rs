//! Any `tokenizer.json` is read in linear time, and blocks change little.

use fastroute_text::{
    tokenizer_json::{BLOCK, TokenizerJson},
    wordpiece::MAX_WORD_CHARS,
};
use serde_json::{Value, json};

use crate::inputs;

fn file(normalizer: Value, pre_tokenizer: Value, model: Value) -> Vec<u8> {
    let file = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "decoder": null,
        "post_processor": null, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "model": model,
    });
    serde_json::to_vec(&file).expect("serialises")
}

fn word_piece(longest: usize) -> Value {
    json!({"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": longest,
        "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "two": 3, "words": 4, ".": 5}})
}

fn merges() -> Value {
    let alphabet = tokenizers::pre_tokenizers::byte_level::ByteLevel::alphabet();
    let mut symbols: Vec<String> = alphabet.into_iter().map(String::from).collect();
    symbols.sort();
    let merges = [["a", "a"], ["aa", "aa"], ["t", "w"], ["Ġ", "tw"]];
    symbols.extend(merges.iter().map(|pair| pair.concat()));
    let vocabulary: serde_json::Map<String, Value> =
        symbols.into_iter().zip((0..).map(Value::from)).collect();
    json!({"type": "BPE", "dropout": 0.5, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocabulary, "merges": merges})
}

/// Each kind of model, with the steps that are known to take long.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let bert = json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true});
    let level = |use_regex: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": use_regex});
    let split = |pattern: &str| {
        json!({"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false}, level(false),
        ]})
    };
    let unigram = json!({"type": "Unigram", "unk_id": 0, "byte_fallback": false,
        "vocab": [["<unk>", 0.0], ["▁", -2.0], ["a", -1.0], ["aa", -1.5], ["▁two", -2.0], ["words", -3.0]]});
    let metaspace =
        json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
    vec![
        (
            "BERT with words of any length",
            file(
                bert,
                json!({"type": "BertPreTokenizer"}),
                word_piece(1_000_000_000),
            ),
        ),
        (
            "WordPiece that nothing cuts",
            file(Value::Null, Value::Null, word_piece(usize::MAX)),
        ),
        ("byte level", file(Value::Null, level(true), merges())),
        (
            "merges that nothing cuts",
            file(Value::Null, level(false), merges()),
        ),
        (
            "look-ahead of today's models",
            file(
                Value::Null,
                split(
                    r"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
                ),
                merges(),
            ),
        ),
        (
            "look-ahead to the end of the text",
            file(Value::Null, split(r"a(?=.*z)|\w(?!.*[a ]y)"), merges()),
        ),
        ("Unigram", file(Value::Null, metaspace, unigram.clone())),
        (
            "Unigram that nothing cuts",
            file(Value::Null, Value::Null, unigram),
        ),
    ]
}

#[test]
fn any_tokenizer_json_is_linear() {
    for (name, file) in files() {
        let tokenizer = TokenizerJson::read(&file).expect("loads");
        for unit in ["a", " ", "的", "two words. ", "\u{301}"] {
            // Within a block, where only a look-ahead to its end may do worse; then from two
            // blocks to sixteen.
            if !name.contains("end of the text") {
                inputs::assert_linear(name, unit, BLOCK / 8, |text| {
                    let _ = tokenizer.count(text);
                });
            }
            inputs::assert_linear(name, unit, 2 * BLOCK, |text| {
                let _ = tokenizer.count(text);
            });
        }
    }
}

#[test]
fn text_that_is_cut_at_spaces_counts_in_blocks_as_whole() {
    for (name, file) in files() {
        if name.contains("nothing cuts") || name.contains("end of the text") {
            continue;
        }
        let tokenizer = TokenizerJson::read(&file).expect("loads");
        let line = "two words, a aaaa and 1,234 more ones. ";
        let whole = tokenizers::Tokenizer::from_bytes(without_dropout(&file)).expect("loads");
        let text = line.repeat(1_000);
        let encoding = whole.encode_fast(text.as_str(), false).expect("encodes");
        let mut ids = Vec::new();
        tokenizer.ids(&text, &mut ids);
        assert_eq!(ids, encoding.get_ids(), "{name}");
        assert_eq!(tokenizer.count(&text), ids.len(), "{name}");
    }
}

fn without_dropout(file: &[u8]) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(file).expect("is JSON");
    if let Some(model) = file["model"].as_object_mut() {
        model.remove("dropout");
    }
    serde_json::to_vec(&file).expect("serialises")
}

#[test]
fn a_word_beyond_the_limit_is_unknown_whatever_the_file_allows() {
    let cut = json!({"type": "Whitespace"});
    for (allowed, length, tokens) in [
        (usize::MAX, MAX_WORD_CHARS, MAX_WORD_CHARS),
        (usize::MAX, MAX_WORD_CHARS + 1, 1),
        (100, 100, 100),
        (100, 101, 1),
    ] {
        let file = file(Value::Null, cut.clone(), word_piece(allowed));
        let tokenizer = TokenizerJson::read(&file).expect("loads");
        assert_eq!(
            tokenizer.count(&"a".repeat(length)),
            tokens,
            "{allowed} {length}"
        );
    }
}
