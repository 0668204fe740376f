//! Reads from tokenizer.json what choosing a tokenizer needs, borrowing the text.
//!
//! The file of the embedded encoder has 30,522 words in 465 kB. Its strings are
//! borrowed, not copied, and nothing but the vocabulary is kept: this is most of
//! what loading an encoder costs.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::encoder::error::{EncoderError, Kind};

/// The parts of tokenizer.json that are looked at.
#[derive(Deserialize)]
pub(crate) struct TokenizerFile<'a> {
    #[serde(borrow, default)]
    pub(crate) added_tokens: Vec<AddedToken<'a>>,
    #[serde(borrow, default)]
    pub(crate) normalizer: Option<Normalizer<'a>>,
    #[serde(borrow, default)]
    pub(crate) pre_tokenizer: Option<Part<'a>>,
    #[serde(borrow)]
    pub(crate) model: Model<'a>,
}

#[derive(Deserialize)]
pub(crate) struct AddedToken<'a> {
    pub(crate) id: u32,
    #[serde(borrow)]
    pub(crate) content: Cow<'a, str>,
    #[serde(default)]
    pub(crate) normalized: bool,
}

#[derive(Deserialize)]
pub(crate) struct Normalizer<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'a, str>,
    #[serde(default = "yes")]
    pub(crate) clean_text: bool,
    #[serde(default = "yes")]
    pub(crate) handle_chinese_chars: bool,
    #[serde(default)]
    pub(crate) strip_accents: Option<bool>,
    #[serde(default = "yes")]
    pub(crate) lowercase: bool,
}

#[derive(Deserialize)]
pub(crate) struct Part<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct Model<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) unk_token: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) unk_id: Option<u32>,
    #[serde(borrow, default)]
    pub(crate) continuing_subword_prefix: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) max_input_chars_per_word: Option<usize>,
    #[serde(borrow)]
    pub(crate) vocab: Vocabulary<'a>,
}

/// Words with their token ids; ids of a list (Unigram) are its positions.
pub(crate) struct Vocabulary<'a>(pub(crate) Vec<(Cow<'a, str>, u32)>);

impl<'a> TokenizerFile<'a> {
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, EncoderError> {
        let text = std::str::from_utf8(json).map_err(|error| Kind::Tokenizer(error.to_string()))?;
        serde_json::from_str(text).map_err(|error| Kind::Tokenizer(error.to_string()).into())
    }

    /// Returns the number of tokens and the median of their lengths in characters.
    ///
    /// Refuses ids that do not number the tokens without a gap: each must have a
    /// row. An added token may repeat a word of the vocabulary under the same id.
    pub(crate) fn measure(&self) -> Result<Measure, EncoderError> {
        let mut tokens: Vec<Option<&str>> = Vec::with_capacity(self.model.vocab.0.len());
        for (word, id) in &self.model.vocab.0 {
            place(&mut tokens, *id, word)?;
        }
        for added in &self.added_tokens {
            let same = tokens.get(added.id as usize) == Some(&Some(&*added.content));
            if !same {
                place(&mut tokens, added.id, &added.content)?;
            }
        }
        let mut lengths = Vec::with_capacity(tokens.len());
        for (id, token) in tokens.iter().enumerate() {
            let token =
                token.ok_or_else(|| Kind::Tokenizer(format!("no token has the id `{id}`")))?;
            lengths.push(characters(token));
        }
        if lengths.is_empty() {
            return Err(Kind::Tokenizer("the vocabulary is empty".into()).into());
        }
        lengths.sort_unstable();
        // An even count takes the mean of the two in the middle, rounded down, as
        // model2vec does.
        let median = (lengths[(lengths.len() - 1) / 2] + lengths[lengths.len() / 2]) / 2;
        Ok(Measure {
            tokens: lengths.len(),
            median_length: median,
        })
    }
}

pub(crate) struct Measure {
    pub(crate) tokens: usize,
    pub(crate) median_length: usize,
}

/// Largest vocabulary that is accepted; the largest known has a quarter of it.
const MAX_TOKENS: u32 = 1 << 22;

fn place<'t>(
    tokens: &mut Vec<Option<&'t str>>,
    id: u32,
    token: &'t str,
) -> Result<(), EncoderError> {
    if id >= MAX_TOKENS {
        let message = format!("token id `{id}` is over the limit of {MAX_TOKENS}");
        return Err(Kind::Tokenizer(message).into());
    }
    let place = id as usize;
    if tokens.len() <= place {
        tokens.resize(place + 1, None);
    }
    match tokens[place].replace(token) {
        Some(_) => Err(Kind::Tokenizer(format!("two tokens have the id `{id}`")).into()),
        None => Ok(()),
    }
}

fn characters(token: &str) -> usize {
    if token.is_ascii() {
        token.len()
    } else {
        token.chars().count()
    }
}

fn yes() -> bool {
    true
}

impl<'de: 'a, 'a> Deserialize<'de> for Vocabulary<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Vocabulary<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from token to id, or a list of tokens with scores")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut words = Vec::with_capacity(1 << 15);
                while let Some((Word(word), id)) = map.next_entry::<Word<'de>, u32>()? {
                    words.push((word, id));
                }
                Ok(Vocabulary(words))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut words = Vec::new();
                while let Some((Word(word), IgnoredAny)) =
                    list.next_element::<(Word<'de>, IgnoredAny)>()?
                {
                    let id = u32::try_from(words.len()).unwrap_or(u32::MAX);
                    words.push((word, id));
                }
                Ok(Vocabulary(words))
            }
        }
        deserializer.deserialize_any(Words)
    }
}

/// A string that borrows unless it holds an escape; `Cow` alone would copy.
struct Word<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Word<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a token")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Word(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Word(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
