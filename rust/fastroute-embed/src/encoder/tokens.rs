//! Turns a text into token ids, the way of the encoder's tokenizer.json.
//!
//! The ids are those of the library `tokenizers` without special tokens; what
//! lies behind the token limit is cut off first, then unknown tokens go, as
//! model2vec does.

use std::fmt;

use tokenizers::Tokenizer;

use crate::encoder::{
    error::{EncoderError, Kind},
    vocabulary::TokenizerFile,
};

pub(crate) struct Tokens {
    library: Box<Tokenizer>,
    unknown: Option<u32>,
}

impl Tokens {
    pub(crate) fn read(json: &[u8], file: &TokenizerFile<'_>) -> Result<Self, EncoderError> {
        Ok(Self {
            library: library(json)?,
            unknown: unknown(file),
        })
    }

    /// Puts the ids of `text` into `ids`, unknown ones included.
    pub(crate) fn ids(&self, text: &str, ids: &mut Vec<u32>) {
        ids.clear();
        by_library(&self.library, text, ids);
    }

    pub(crate) fn unknown(&self) -> Option<u32> {
        self.unknown
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

fn library(json: &[u8]) -> Result<Box<Tokenizer>, EncoderError> {
    let mut tokenizer =
        Tokenizer::from_bytes(json).map_err(|error| Kind::Tokenizer(error.to_string()))?;
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|error| Kind::Tokenizer(error.to_string()))?;
    Ok(Box::new(tokenizer))
}

/// A text that the library cannot read has no tokens, so it abstains.
fn by_library(tokenizer: &Tokenizer, text: &str, ids: &mut Vec<u32>) {
    if let Ok(encoding) = tokenizer.encode_fast(text, false) {
        ids.extend_from_slice(encoding.get_ids());
    }
}

fn unknown(file: &TokenizerFile<'_>) -> Option<u32> {
    let Some(word) = file.model.unk_token.as_deref() else {
        return file.model.unk_id;
    };
    let vocabulary = &file.model.vocab.0;
    let listed = vocabulary.iter().find(|(token, _)| token == word);
    let added = file.added_tokens.iter().find(|added| added.content == word);
    added.map(|token| token.id).or(listed.map(|&(_, id)| id))
}
