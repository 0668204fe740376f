//! The stages of a decision, each ready to work on a prompt, for both kinds of benchmark.

use fastroute_core::{Request, Snapshot};
use fastroute_embed::{EncodeScratch, Encoded, StaticEncoder};
use fastroute_text::{
    fold::Folded,
    keywords::{KeywordSet, KeywordSetBuilder, MatchKind},
    tokens::TokenCounter,
    wordpiece::{Options, WordPiece},
    words::Words,
};
use serde_json::Value;
use std::sync::Arc;

use crate::reference::{self, Decider};

/// The 10,000 keywords of the workload, with folding.
pub struct Keywords {
    set: KeywordSet,
    folded: Folded,
    words: Words,
}

impl Keywords {
    /// Builds the automaton.
    ///
    /// # Panics
    ///
    /// Panics if the workload's keywords are not 10,000 that the builder accepts.
    #[must_use]
    pub fn new() -> Self {
        let mut builder = KeywordSetBuilder::new();
        let keywords =
            reference::keywords_of(&reference::configuration()).expect("the workload is JSON");
        for keyword in &keywords {
            builder
                .add(keyword, MatchKind::Word)
                .expect("the workload's keywords are accepted");
        }
        let set = builder
            .build()
            .expect("the workload's keywords fit an automaton");
        assert_eq!(
            set.len(),
            10_000,
            "the workload has another number of keywords"
        );
        Self {
            set,
            folded: Folded::new(),
            words: Words::new(),
        }
    }

    /// Counts the hits in a text.
    pub fn count(&mut self, text: &str) -> usize {
        let mut hits = 0;
        self.folded.set(text);
        self.set.find(&self.folded, &mut self.words, |_| hits += 1);
        hits
    }
}

impl Default for Keywords {
    fn default() -> Self {
        Self::new()
    }
}

/// The vocabulary of the workload's models.
pub struct Tokens(TokenCounter);

impl Tokens {
    /// Decodes the vocabulary.
    ///
    /// # Panics
    ///
    /// Panics if it is not built in.
    #[must_use]
    pub fn new() -> Self {
        let counter = TokenCounter::named("o200k").expect("o200k is built in");
        counter.prepare();
        Self(counter)
    }

    /// Returns cheap bounds, which settle most decisions.
    #[must_use]
    pub fn bounds(&self, text: &str) -> u32 {
        self.0.bounds(text).upper
    }

    /// Counts exactly.
    #[must_use]
    pub fn count(&self, text: &str) -> u32 {
        self.0.count(text)
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self::new()
    }
}

/// The shipped encoder's tokenizer.
pub struct WordPieces {
    pieces: WordPiece,
    ids: Vec<u32>,
}

impl WordPieces {
    /// Reads the vocabulary from the shipped `tokenizer.json`.
    ///
    /// # Panics
    ///
    /// Panics if the file is not there or not of that kind.
    #[must_use]
    pub fn new() -> Self {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../rust/fastroute-embed/assets/encoder/tokenizer.json"
        );
        let text = std::fs::read_to_string(path).expect("the encoder is in the tree");
        let file: Value = serde_json::from_str(&text).expect("`tokenizer.json` is JSON");
        let vocabulary = file["model"]["vocab"]
            .as_object()
            .expect("the tokenizer is a WordPiece");
        let entries = vocabulary.iter().map(|(token, id)| {
            let id = id
                .as_u64()
                .and_then(|id| u32::try_from(id).ok())
                .expect("an id is a number");
            (token.as_str(), id)
        });
        let pieces = WordPiece::from_vocab(entries, &Options::default())
            .expect("the vocabulary has `[UNK]`");
        Self {
            pieces,
            ids: Vec::new(),
        }
    }

    /// Counts the pieces of a text.
    pub fn count(&mut self, text: &str) -> usize {
        self.ids.clear();
        self.pieces.encode(text, &mut self.ids);
        self.ids.len()
    }
}

impl Default for WordPieces {
    fn default() -> Self {
        Self::new()
    }
}

/// The trained head with the prompts already encoded, so that scoring is measured alone.
pub struct Head {
    head: fastroute_embed::Head,
    encoded: std::collections::HashMap<String, Encoded>,
    probabilities: Vec<f32>,
}

impl Head {
    /// Trains the head and encodes all prompts.
    ///
    /// # Panics
    ///
    /// Panics if the workload's examples do not train a head.
    #[must_use]
    pub fn new() -> Self {
        let head =
            reference::head_of(&reference::configuration()).expect("the examples train a head");
        let encoder = StaticEncoder::embedded();
        let mut scratch = EncodeScratch::default();
        let encoded = reference::prompts().into_iter().map(|text| {
            let mut encoded = Encoded::default();
            encoder.encode(&text, &mut scratch, &mut encoded);
            (text, encoded)
        });
        Self {
            head,
            encoded: encoded.collect(),
            probabilities: Vec::new(),
        }
    }

    /// Returns the largest probability; looking the vector up costs about 0.2 us of it.
    ///
    /// # Panics
    ///
    /// Panics on a text that is not one of the prompts.
    pub fn best(&mut self, text: &str) -> f32 {
        self.head
            .probabilities(&self.encoded[text], &mut self.probabilities);
        self.probabilities.iter().copied().fold(0.0, f32::max)
    }
}

impl Default for Head {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes out rules and similarity: the default route is left, and the choice of a model.
///
/// # Panics
///
/// Panics if the configuration is not JSON.
#[must_use]
pub fn only_choose(configuration: &str) -> String {
    let mut document = without_examples(configuration);
    document["rules"] = Value::Array(Vec::new());
    document.to_string()
}

/// Takes out similarity: keywords, lengths, rules and the choice of a model are left.
///
/// # Panics
///
/// Panics if the configuration is not JSON.
#[must_use]
pub fn only_rules(configuration: &str) -> String {
    without_examples(configuration).to_string()
}

fn without_examples(configuration: &str) -> Value {
    let mut document: Value = serde_json::from_str(configuration).expect("the workload is JSON");
    for route in document["routes"].as_array_mut().into_iter().flatten() {
        if let Some(fields) = route.as_object_mut() {
            fields.remove("examples");
        }
    }
    document["classify"]["order"] = serde_json::json!(["task", "rules"]);
    document
}

/// Builds a snapshot and asserts that it routes every prompt.
///
/// # Panics
///
/// Panics if it does not load or leaves a prompt without a model.
#[must_use]
pub fn asserted(configuration: &str) -> Snapshot {
    let snapshot = Arc::new(reference::snapshot_of(configuration).expect("the workload loads"));
    let mut decider = Decider::new(Arc::clone(&snapshot));
    for text in reference::prompts() {
        assert!(
            decider.decide(&Request::text(&text)).model().is_some(),
            "a prompt got no model"
        );
    }
    drop(decider);
    Arc::into_inner(snapshot).expect("nothing else holds the snapshot")
}
