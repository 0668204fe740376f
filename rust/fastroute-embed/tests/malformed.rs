//! Malformed model files: each defect has its code, and none panics.

#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf};

use fastroute_embed::{EncodeScratch, Encoded, EncoderError, StaticEncoder};
use proptest::prelude::*;
use safetensors::{Dtype, tensor::TensorView};

const TOKENIZER: &str = r###"{"added_tokens":[],"normalizer":{"type":"BertNormalizer"},
    "pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","unk_token":"[UNK]",
    "continuing_subword_prefix":"##","max_input_chars_per_word":100,
    "vocab":{"[UNK]":0,"hello":1,"world":2}}}"###;

const CONFIG: &str = r#"{"normalize": true}"#;

fn tensors(list: &[(&str, Dtype, &[usize], &[u8])]) -> Vec<u8> {
    let views = list.iter().map(|(name, dtype, shape, data)| {
        (
            *name,
            TensorView::new(*dtype, shape.to_vec(), data).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn load(tensors: Vec<u8>, tokenizer: &str, config: &str) -> Result<StaticEncoder, EncoderError> {
    StaticEncoder::from_bytes(
        tensors,
        tokenizer.as_bytes().to_vec(),
        config.as_bytes().to_vec(),
    )
}

fn good() -> Vec<u8> {
    tensors(&[("embeddings", Dtype::I8, &[3, 2], &[0, 0, 1, 2, 3, 4])])
}

#[test]
fn the_model_without_a_defect_loads() {
    let encoder = load(good(), TOKENIZER, CONFIG).unwrap();
    let mut encoded = Encoded::default();
    encoder.encode("Hello, world", &mut EncodeScratch::new(), &mut encoded);
    assert_eq!((encoded.tokens, encoded.known), (3, 2));
    assert_eq!(encoded.quantised, [85, 127]);
}

#[test]
fn words_beyond_the_limit_are_unknown_whatever_the_file_allows() {
    let file = TOKENIZER.replace("\"hello\"", "\"a\"");
    let file = file.replace("\"world\"", "\"##a\"");
    let file = file.replace(":100,", ":1000000000,");
    let normalizer = r#"{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
        "strip_accents":null,"lowercase":true}"#;
    let file = file.replace(r#"{"type":"BertNormalizer"}"#, normalizer);
    let config = r#"{"max_length": null}"#;
    // Read by our own tokenizer, and by the library, which an added token asks for.
    let added = r#""added_tokens":[{"id":0,"content":"[UNK]","single_word":false,"lstrip":false,
        "rstrip":false,"normalized":true,"special":true}]"#;
    for file in [
        file.clone(),
        file.replace(
            r#""added_tokens":[]"#,
            &format!(r#""version":"1.0",{added}"#),
        ),
    ] {
        let encoder = load(good(), &file, config).unwrap();
        let mut encoded = Encoded::default();
        for (length, known) in [(1, 1), (257, 0), (4_000, 0)] {
            let word = "a".repeat(length);
            encoder.encode(&word, &mut EncodeScratch::new(), &mut encoded);
            assert_eq!((encoded.tokens, encoded.known), (1, known), "{length}");
        }
    }
}

#[test]
fn defects_of_tensors_have_codes() {
    let row = [0_u8, 0, 1, 2, 3, 4];
    let nan = floats(&[0.0, 0.0, 1.0, f32::NAN, 0.0, 0.0]);
    let entry = |value: i32| [0_i32, 1, value].map(i32::to_le_bytes).concat();
    let (negative, outside) = (entry(-1), entry(3));
    let infinite = floats(&[1.0, f32::INFINITY, 1.0]);
    let eight = [0_u8; 8];
    for (name, file, code, message) in [
        ("no file", vec![], "ENCODER_FILE_MALFORMED", "malformed"),
        (
            "no tensor",
            tensors(&[("rows", Dtype::I8, &[3, 2], &row)]),
            "ENCODER_TENSOR_MISSING",
            "`embeddings`",
        ),
        (
            "dtype",
            tensors(&[("embeddings", Dtype::U8, &[3, 2], &row)]),
            "ENCODER_DTYPE_UNSUPPORTED",
            "`U8`",
        ),
        (
            "too few rows",
            tensors(&[("embeddings", Dtype::I8, &[2, 3], &row)]),
            "ENCODER_SHAPE_MISMATCH",
            "`3` rows",
        ),
        (
            "flat",
            tensors(&[("embeddings", Dtype::I8, &[6], &row)]),
            "ENCODER_SHAPE_MISMATCH",
            "[6]",
        ),
        (
            "no columns",
            tensors(&[("embeddings", Dtype::I8, &[3, 0], &[])]),
            "ENCODER_SHAPE_MISMATCH",
            "[3, 0]",
        ),
        (
            "nan",
            tensors(&[("embeddings", Dtype::F32, &[3, 2], &nan)]),
            "ENCODER_NOT_FINITE",
            "row `1`",
        ),
        (
            "negative mapping",
            tensors(&[
                ("embeddings", Dtype::I8, &[3, 2], &row),
                ("mapping", Dtype::I32, &[3], &negative),
            ]),
            "ENCODER_MAPPING_OUT_OF_RANGE",
            "`-1`",
        ),
        (
            "mapping outside",
            tensors(&[
                ("embeddings", Dtype::I8, &[3, 2], &row),
                ("mapping", Dtype::I32, &[3], &outside),
            ]),
            "ENCODER_MAPPING_OUT_OF_RANGE",
            "`3`",
        ),
        (
            "short mapping",
            tensors(&[
                ("embeddings", Dtype::I8, &[3, 2], &row),
                ("mapping", Dtype::I32, &[2], &eight),
            ]),
            "ENCODER_SHAPE_MISMATCH",
            "`mapping`",
        ),
        (
            "mapping of floats",
            tensors(&[
                ("embeddings", Dtype::I8, &[3, 2], &row),
                ("mapping", Dtype::F32, &[3], &infinite),
            ]),
            "ENCODER_DTYPE_UNSUPPORTED",
            "`mapping`",
        ),
        (
            "infinite weight",
            tensors(&[
                ("embeddings", Dtype::I8, &[3, 2], &row),
                ("weights", Dtype::F32, &[3], &infinite),
            ]),
            "ENCODER_NOT_FINITE",
            "`weights`",
        ),
    ] {
        let error = load(file, TOKENIZER, CONFIG).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(message), "{name}: {error}");
        assert!(error.is_tensor(), "{name}");
    }
}

#[test]
fn defects_of_the_other_files_have_codes() {
    let with = |from: &str, to: &str| TOKENIZER.replace(from, to);
    for (name, tokenizer) in [
        ("not json", "{".to_owned()),
        ("no model", "{}".to_owned()),
        ("a gap", with("\"world\":2", "\"world\":3")),
        ("an id twice", with("\"world\":2", "\"world\":1")),
        ("a negative id", with("\"world\":2", "\"world\":-2")),
        ("a huge id", with("\"world\":2", "\"world\":4294967295")),
        ("no words", with("\"[UNK]\":0,\"hello\":1,\"world\":2", "")),
        ("an unknown model", with("\"WordPiece\"", "\"Sentences\"")),
    ] {
        let error = load(good(), &tokenizer, CONFIG).unwrap_err();
        assert_eq!(
            error.code(),
            "ENCODER_TOKENIZER_MALFORMED",
            "{name}: {error}"
        );
        assert!(!error.is_tensor(), "{name}");
    }
    for config in ["", "[]", "{\"max_length\": -1}", "{\"normalize\": 3}"] {
        let error = load(good(), TOKENIZER, config).unwrap_err();
        assert_eq!(
            error.code(),
            "ENCODER_CONFIG_MALFORMED",
            "{config}: {error}"
        );
    }
}

fn fixture(model: &str, file: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    fs::read(root.join("tests/fixtures/models").join(model).join(file)).unwrap()
}

proptest! {
    /// A file that still loads must also encode.
    #[test]
    fn changed_files_are_refused_or_work(
        model in prop::sample::select(&["int8", "int8-special", "clustered", "float16", "unigram", "word-level"][..]),
        file in 0_usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        text in "\\PC{0,40}",
    ) {
        let mut files = ["model.safetensors", "tokenizer.json", "config.json"]
            .map(|name| fixture(model, name));
        for (place, value) in changes {
            let place = place.index(files[file].len());
            files[file][place] = value;
        }
        if let Some(cut) = cut {
            let length = cut.index(files[file].len());
            files[file].truncate(length);
        }
        let [tensors, tokenizer, config] = files;
        if let Ok(encoder) = StaticEncoder::from_bytes(tensors, tokenizer, config) {
            let mut encoded = Encoded::default();
            let mut scratch = EncodeScratch::new();
            encoder.encode(&text, &mut scratch, &mut encoded);
            encoder.encode("refund please, hello world", &mut scratch, &mut encoded);
            prop_assert_eq!(encoded.vector.len(), encoder.dimensions());
            prop_assert!(encoded.vector.iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn any_text_has_a_vector_of_length_one_or_zero(text in "\\PC{0,200}") {
        let encoder = StaticEncoder::embedded();
        let mut encoded = Encoded::default();
        encoder.encode(&text, &mut EncodeScratch::new(), &mut encoded);
        let square: f64 = encoded.vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        prop_assert!(encoded.is_zero() || (square - 1.0).abs() < 1e-5);
        prop_assert!(encoded.known <= encoded.tokens);
    }
}
