//! WordPiece equals the `tokenizers` crate, whatever the text and the options.

use std::collections::BTreeMap;

use fastroute_text::wordpiece::{MAX_WORD_CHARS, Options, WordPiece};
use proptest::prelude::*;
use tokenizers::Tokenizer;
use tokenizers::models::wordpiece::WordPiece as Reference;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;

use crate::inputs;

/// Pieces of many scripts, some of them longer than a table slot, and every ASCII character.
fn vocabulary() -> Vec<String> {
    let mut words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "##", "#"]
        .map(str::to_owned)
        .into();
    let stems = [
        "the",
        "play",
        "ing",
        "playing",
        "straße",
        "strasse",
        "cafe",
        "café",
        "naive",
        "internationalization",
        "international",
        "ization",
        "un",
        "believ",
        "able",
        "的",
        "漢",
        "字",
        "あ",
        "が",
        "カ",
        "가",
        "각",
        "ส",
        "नम",
        "при",
        "вет",
        "привет",
        "é",
        "e",
        "ss",
        "ß",
        "ſ",
        "i̇",
        "ı",
        "σ",
        "ς",
        "😀",
        "…",
        "“",
        "½",
        "²",
        "①",
        "ﬁ",
        "fi",
        "ᄀ",
        "ᅡ",
        "ᆨ",
        "abcdefgh",
        "abcdefghi",
        "Ab",
        "Z",
        "\u{301}",
        "e\u{301}",
        "\u{302e}",
        "\u{1d165}",
        "\u{e000}",
        "\u{200d}",
        "𝐀",
    ];
    for stem in stems {
        words.push(stem.to_owned());
        words.push(format!("##{stem}"));
    }
    for byte in 0x21..0x7f_u8 {
        // Some letters have no piece of their own, so that unknown words occur.
        if !matches!(byte, b'q' | b'x' | b'Q' | b'$') {
            words.push(char::from(byte).to_string());
            words.push(format!("##{}", char::from(byte)));
        }
    }
    words.sort();
    words.dedup();
    words
}

fn ours(options: &Options) -> WordPiece {
    let words = vocabulary();
    WordPiece::from_vocab(words.iter().map(String::as_str).zip(0..), options).expect("builds")
}

fn theirs(options: &Options) -> Tokenizer {
    let model = Reference::builder()
        .vocab(
            vocabulary()
                .into_iter()
                .zip(0..)
                .collect::<tokenizers::models::bpe::Vocab>(),
        )
        .unk_token(options.unk.clone())
        .continuing_subword_prefix(options.continuing_prefix.clone())
        .max_input_chars_per_word(options.max_input_chars_per_word)
        .build()
        .expect("builds");
    let mut tokenizer = Tokenizer::new(model);
    let normalizer = BertNormalizer::new(
        options.clean_text,
        options.chinese_chars,
        options.strip_accents,
        options.lowercase,
    );
    tokenizer
        .with_normalizer(Some(normalizer))
        .expect("accepts");
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer
}

fn ids(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    tokenizer
        .encode_fast(text, false)
        .expect("encodes")
        .get_ids()
        .to_vec()
}

fn encode(pieces: &WordPiece, text: &str) -> Vec<u32> {
    let mut out = vec![7];
    pieces.encode(text, &mut out);
    out.split_off(1)
}

fn variants() -> Vec<Options> {
    let mut variants = Vec::new();
    for bits in 0..8 {
        for strip_accents in [None, Some(false), Some(true)] {
            variants.push(Options {
                clean_text: bits & 1 == 0,
                chinese_chars: bits & 2 == 0,
                lowercase: bits & 4 == 0,
                strip_accents,
                max_input_chars_per_word: if bits == 0 { 100 } else { 9 },
                ..Options::default()
            });
        }
    }
    variants
}

#[test]
fn fixed_cases_equal_the_reference() {
    let long = "a".repeat(100);
    let longer = "a".repeat(101);
    let longest = "é".repeat(3000);
    let cases = [
        "",
        " ",
        "Playing the café!",
        "STRASSE Straße",
        "unbelievable internationalization",
        "qx",
        "playingq",
        "a\u{0}b\u{1}c\u{7f}d",
        "a\u{b}b\u{c}c\u{85}d\u{a0}e",
        "e\u{301}",
        "e\u{1}\u{301}",
        "\u{302e}\u{1}\u{1d165}",
        "的漢字x的",
        "İıſK",
        "\u{fffd}x\u{ad}y\u{200b}",
        "각\u{1100}\u{1161}",
        "don't-stop_now.",
        "[UNK] [CLS]#",
        "😀…“½”",
        "ΣΑΣ",
        long.as_str(),
        longer.as_str(),
        longest.as_str(),
    ];
    for options in variants() {
        let (ours, theirs) = (ours(&options), theirs(&options));
        for text in cases {
            assert_eq!(
                encode(&ours, text),
                ids(&theirs, text),
                "{text:?} {options:?}"
            );
        }
        for (name, text) in inputs::CORPUS {
            assert_eq!(
                encode(&ours, text),
                ids(&theirs, text),
                "{name} {options:?}"
            );
        }
    }
}

#[test]
fn every_character_equals_the_reference() {
    for options in [
        Options::default(),
        Options {
            strip_accents: Some(false),
            ..Options::default()
        },
        Options {
            lowercase: false,
            clean_text: false,
            ..Options::default()
        },
    ] {
        let (ours, theirs) = (ours(&options), theirs(&options));
        let mut text = String::new();
        for c in '\0'..=char::MAX {
            text.extend(['a', c, 'e', ' ']);
            if text.len() > 2000 || c == char::MAX {
                assert_eq!(
                    encode(&ours, &text),
                    ids(&theirs, &text),
                    "up to {:x}",
                    c as u32
                );
                text.clear();
            }
        }
    }
}

#[test]
fn the_last_of_equal_tokens_wins() {
    let pieces = WordPiece::from_vocab(
        [("[UNK]", 0), ("a", 1), ("a", 2)].into_iter(),
        &Options::default(),
    );
    assert_eq!(encode(&pieces.expect("builds"), "a"), [2]);
}

#[test]
fn refusals_carry_codes() {
    let vocabulary = || [("a", 1)].into_iter();
    let error = WordPiece::from_vocab(vocabulary(), &Options::default()).expect_err("is refused");
    assert_eq!(error.code(), "WORDPIECE_NO_UNKNOWN");
    let options = Options {
        max_input_chars_per_word: MAX_WORD_CHARS + 1,
        ..Options::default()
    };
    let error = WordPiece::from_vocab(vocabulary(), &options).expect_err("is refused");
    assert_eq!(error.code(), "WORDPIECE_WORD_TOO_LONG");
}

#[test]
fn wordpiece_is_linear() {
    let pieces = ours(&Options::default());
    let mut out = Vec::new();
    for unit in inputs::UNITS {
        inputs::assert_linear("WordPiece", unit, 20_000, |text| {
            out.clear();
            pieces.encode(text, &mut out);
        });
    }
}

#[test]
fn no_character_has_more_tokens_than_bytes() {
    // The upper bound for WordPiece in `tokens::bounds` rests on this.
    let mut vocabulary: BTreeMap<String, u32> = BTreeMap::new();
    vocabulary.insert("[UNK]".to_owned(), 0);
    let pieces = WordPiece::from_vocab(
        vocabulary.iter().map(|(k, &v)| (k.as_str(), v)),
        &Options::default(),
    )
    .expect("builds");
    let _ = pieces;
    use unicode_normalization_alignments::UnicodeNormalization;
    for c in '\0'..=char::MAX {
        let kept = std::iter::once(c)
            .nfd()
            .filter(|(d, _)| !unicode_categories::UnicodeCategories::is_mark_nonspacing(*d))
            .flat_map(|(d, _)| d.to_lowercase())
            .count();
        let lowered = c.to_lowercase().count();
        assert!(kept.max(lowered) <= c.len_utf8(), "{:x}", c as u32);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_equals_the_reference(texts in proptest::collection::vec(inputs::text(), 8), number in 0_usize..24) {
        let options = &variants()[number];
        let (ours, theirs) = (ours(options), theirs(options));
        for text in texts {
            prop_assert_eq!(encode(&ours, &text), ids(&theirs, &text), "{:?}", text);
        }
    }

    #[test]
    fn ascii_equals_the_reference(texts in proptest::collection::vec(inputs::ascii(), 8), number in 0_usize..24) {
        let options = &variants()[number];
        let (ours, theirs) = (ours(options), theirs(options));
        for text in texts {
            prop_assert_eq!(encode(&ours, &text), ids(&theirs, &text), "{:?}", text);
        }
    }
}
