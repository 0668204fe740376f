//! Turns a text into token ids, the way of the encoder's tokenizer.json.
//!
//! `tokenizers` reads every kind of file, at about 60 us for 300 bytes. A file
//! that is BERT's (BertNormalizer, BertPreTokenizer, WordPiece) goes through
//! [`fastroute_text::wordpiece`], which gives the same ids in a few microseconds
//! and loads in a tenth of the time.
//!
//! `tokenizers` looks for added tokens in the raw text before anything else. A
//! text that contains one goes to it, so that the ids stay equal; the embedded
//! encoder has none and never loads it. Special tokens are not put around a text.

use fastroute_text::wordpiece::{Options, WordPiece};
use tokenizers::Tokenizer;

use crate::encoder::{
    error::{EncoderError, Kind},
    vocabulary::TokenizerFile,
};

pub(crate) struct Tokens {
    words: Option<WordPiece>,
    /// Texts of these go to the library.
    added: Vec<String>,
    library: Option<Box<Tokenizer>>,
    unknown: Option<u32>,
}

impl Tokens {
    pub(crate) fn read(json: &[u8], file: &TokenizerFile<'_>) -> Result<Self, EncoderError> {
        let words = own(file);
        let added: Vec<String> = file
            .added_tokens
            .iter()
            .map(|added| added.content.to_string())
            .collect();
        let library = if words.is_none() || !added.is_empty() {
            Some(library(json)?)
        } else {
            None
        };
        Ok(Self {
            words,
            added,
            library,
            unknown: unknown(file),
        })
    }

    /// Puts the ids of `text` into `ids`, unknown ones included.
    ///
    /// A text that the library cannot read has no tokens, so it abstains.
    pub(crate) fn ids(&self, text: &str, ids: &mut Vec<u32>) {
        ids.clear();
        if let Some(words) = &self.words
            && !self.added.iter().any(|added| text.contains(added.as_str()))
        {
            words.encode(text, ids);
        } else if let Some(library) = &self.library
            && let Ok(encoding) = library.encode_fast(text, false)
        {
            ids.extend_from_slice(encoding.get_ids());
        }
    }

    /// Returns the id of the token that stands for unknown words.
    pub(crate) fn unknown(&self) -> Option<u32> {
        self.unknown
    }
}

/// Returns our own tokenizer if the file asks for nothing that it does not do.
fn own(file: &TokenizerFile<'_>) -> Option<WordPiece> {
    let normalizer = file.normalizer.as_ref()?;
    let bert = normalizer.kind == "BertNormalizer"
        && file.pre_tokenizer.as_ref()?.kind == "BertPreTokenizer"
        && file.model.kind.as_deref() == Some("WordPiece");
    // A normalised added token would be found in text that does not contain it.
    if !bert || file.added_tokens.iter().any(|added| added.normalized) {
        return None;
    }
    let options = Options {
        clean_text: normalizer.clean_text,
        chinese_chars: normalizer.handle_chinese_chars,
        lowercase: normalizer.lowercase,
        strip_accents: normalizer.strip_accents,
        unk: file.model.unk_token.as_deref()?.to_owned(),
        continuing_prefix: file.model.continuing_subword_prefix.as_deref()?.to_owned(),
        max_input_chars_per_word: file.model.max_input_chars_per_word?,
    };
    let vocabulary = file.model.vocab.0.iter();
    WordPiece::from_vocab(vocabulary.map(|(word, id)| (&**word, *id)), &options).ok()
}

fn library(json: &[u8]) -> Result<Box<Tokenizer>, EncoderError> {
    let malformed = |error: tokenizers::Error| Kind::Tokenizer(error.to_string());
    let mut tokenizer = Tokenizer::from_bytes(json).map_err(malformed)?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(malformed)?;
    Ok(Box::new(tokenizer))
}

fn unknown(file: &TokenizerFile<'_>) -> Option<u32> {
    let Some(word) = file.model.unk_token.as_deref() else {
        return file.model.unk_id;
    };
    let added = file.added_tokens.iter().find(|added| added.content == word);
    let listed = file.model.vocab.0.iter().find(|(token, _)| token == word);
    added.map(|token| token.id).or(listed.map(|&(_, id)| id))
}
