//! Our vectors against those of PyPI's model2vec, for every kind of file.
//!
//! The expected vectors and the small models were written by
//! `fixtures/make_fixtures.py`.

#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf};

use fastroute_embed::{EncodeScratch, Encoded, StaticEncoder};

fn fixture(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json<T: serde::de::DeserializeOwned>(path: &str) -> T {
    serde_json::from_slice(&fixture(path)).unwrap()
}

fn model(name: &str) -> StaticEncoder {
    let file = |file: &str| fixture(&format!("models/{name}/{file}"));
    StaticEncoder::from_bytes(
        file("model.safetensors"),
        file("tokenizer.json"),
        file("config.json"),
    )
    .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter()
            .zip(y)
            .map(|(&x, &y)| f64::from(x) * f64::from(y))
            .sum()
    };
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

/// Compares all texts; half-precision models are averaged in half precision there.
fn compare(name: &str, encoder: &StaticEncoder, expected: &[Vec<f32>], least: f64) {
    let texts: Vec<String> = json("texts.json");
    assert_eq!(texts.len(), expected.len());
    let mut scratch = EncodeScratch::new();
    let mut encoded = Encoded::default();
    for (text, expected) in texts.iter().zip(expected) {
        encoder.encode(text, &mut scratch, &mut encoded);
        let shown: String = text.chars().take(30).collect();
        if expected.iter().all(|&x| x == 0.0) {
            assert!(encoded.is_zero(), "{name}: {shown:?} should be zero");
            continue;
        }
        let found = cosine(&encoded.vector, expected);
        assert!(found >= least, "{name}: {shown:?} has cosine {found}");
        let dequantised: Vec<f32> = encoded
            .quantised
            .iter()
            .map(|&q| f32::from(q) * encoded.scale)
            .collect();
        let found = cosine(&dequantised, expected);
        assert!(found >= 0.9995, "{name}: {shown:?} int8 has {found}");
    }
}

#[test]
fn every_kind_of_file_gives_the_vectors_of_model2vec() {
    for name in [
        "clustered",
        "clustered-int8",
        "float32",
        "int8",
        "int8-endless",
        "int8-short",
        "int8-special",
        "mapped-int8",
        "unigram",
        "word-level",
    ] {
        let expected: Vec<Vec<f32>> = json(&format!("models/{name}/expected.json"));
        compare(name, &model(name), &expected, 0.999_999);
    }
    let expected: Vec<Vec<f32>> = json("models/float16/expected.json");
    compare("float16", &model("float16"), &expected, 0.9999);
}

#[test]
fn the_shipped_encoder_gives_the_vectors_of_model2vec() {
    let expected: Vec<Vec<f32>> = json("shipped.json");
    compare("shipped", &StaticEncoder::embedded(), &expected, 0.9999);
}

#[test]
fn unknown_words_are_counted_but_not_added() {
    let encoder = model("int8");
    let mut scratch = EncodeScratch::new();
    let mut encoded = Encoded::default();
    encoder.encode("refund zzz please", &mut scratch, &mut encoded);
    assert_eq!((encoded.tokens, encoded.known), (3, 2));
    let with_unknown = encoded.vector.clone();
    encoder.encode("refund please", &mut scratch, &mut encoded);
    assert_eq!(encoded.vector, with_unknown);
    encoder.encode("zzz", &mut scratch, &mut encoded);
    assert_eq!((encoded.tokens, encoded.known), (1, 0));
    assert!(encoded.is_zero());
    assert_eq!(encoded.known_share(), 0.0);
}

/// The bits that this test pins were made on x86-64 with AVX-512; any machine
/// must give the same.
#[test]
fn vectors_are_the_same_bits_on_every_machine() {
    use sha2::{Digest, Sha256};
    let texts: Vec<String> = json("texts.json");
    let mut scratch = EncodeScratch::new();
    let mut encoded = Encoded::default();
    let mut hasher = Sha256::new();
    for name in ["int8", "float32", "clustered"] {
        let encoder = model(name);
        for text in &texts {
            encoder.encode(text, &mut scratch, &mut encoded);
            for value in &encoded.vector {
                hasher.update(value.to_bits().to_le_bytes());
            }
            for &value in &encoded.quantised {
                hasher.update([value as u8]);
            }
            hasher.update(encoded.scale.to_bits().to_le_bytes());
        }
    }
    let digest: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        digest,
        "eef55a78a42e3f50db6ba1cc30a4e829f0dbe1b0f8083a7d7a44a162fbd9a9d0"
    );
}

#[test]
fn fingerprints_differ_between_models_and_not_between_loads() {
    assert_eq!(model("int8").fingerprint(), model("int8").fingerprint());
    assert_ne!(
        model("int8").fingerprint(),
        model("int8-short").fingerprint()
    );
    assert_ne!(model("int8").fingerprint(), model("float32").fingerprint());
}

#[test]
fn the_shipped_fingerprint_is_that_of_the_files() {
    let file = |name: &str| fixture(&format!("../../assets/encoder/{name}"));
    let loaded = StaticEncoder::from_bytes(
        file("model.safetensors"),
        file("tokenizer.json"),
        file("config.json"),
    )
    .unwrap();
    assert_eq!(
        StaticEncoder::embedded().fingerprint(),
        loaded.fingerprint()
    );
}
