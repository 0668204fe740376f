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
//!
//! Either way words beyond 256 characters are unknown, and the library reads a long text in
//! blocks: see [`fastroute_text::tokenizer_json`], which keeps any file to linear time.

use fastroute_text::{
    tokenizer_json::TokenizerJson,
    wordpiece::{MAX_WORD_CHARS, Options, WordPiece},
};

use crate::encoder::{
    error::{EncoderError, Kind},
    vocabulary::TokenizerFile,
};

pub(crate) struct Tokens {
    words: Option<WordPiece>,
    /// Texts of these go to the library.
    added: Vec<String>,
    library: Option<Box<TokenizerJson>>,
    unknown: Option<u32>,
    crumbs: Crumbs,
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
            let library = TokenizerJson::read(json);
            Some(Box::new(
                library.map_err(|error| Kind::Tokenizer(error.to_string()))?,
            ))
        } else {
            None
        };
        Ok(Self {
            crumbs: Crumbs::read(file, words.is_some()),
            words,
            added,
            library,
            unknown: unknown(file),
        })
    }

    /// Puts the ids of `text` into `ids`, unknown ones included.
    ///
    /// A text that the library cannot read has no tokens, so it abstains; of a long one, a block.
    pub(crate) fn ids(&self, text: &str, ids: &mut Vec<u32>) {
        ids.clear();
        if let Some(words) = &self.words
            && !self.added.iter().any(|added| text.contains(added.as_str()))
        {
            words.encode(text, ids);
        } else if let Some(library) = &self.library {
            library.ids(text, ids);
        }
    }

    /// Returns how many words of `ids` are cut into crumbs, and into how many pieces.
    pub(crate) fn crumbs(&self, ids: &[u32]) -> (usize, usize) {
        self.crumbs.count(ids)
    }

    /// Returns the id of the token that stands for unknown words.
    pub(crate) fn unknown(&self) -> Option<u32> {
        self.unknown
    }
}

/// Finds words that WordPiece knows nothing of but their letters.
///
/// It cuts any word into known pieces, so no Latin text ever has an unknown token;
/// a word of three pieces or more, shorter than two characters on average, says
/// as little as one.
struct Crumbs {
    /// For each token its characters, [`CONTINUES`](Self::CONTINUES) set if it
    /// goes on with a word; empty for other tokenizers.
    lengths: Vec<u8>,
}

impl Crumbs {
    const CONTINUES: u8 = 0x80;
    const PIECES: usize = 3;
    const CHARACTERS: usize = 2;

    fn read(file: &TokenizerFile<'_>, is_word_piece: bool) -> Self {
        let prefix = match file.model.continuing_subword_prefix.as_deref() {
            Some(prefix) if is_word_piece => prefix,
            _ => {
                return Self {
                    lengths: Vec::new(),
                };
            }
        };
        let vocabulary = &file.model.vocab.0;
        let mut lengths = vec![0; vocabulary.len()];
        for (token, id) in vocabulary {
            let (text, flag) = match token.strip_prefix(prefix) {
                Some(text) => (text, Self::CONTINUES),
                None => (&**token, 0),
            };
            if let Some(length) = lengths.get_mut(*id as usize) {
                *length = flag | text.chars().count().min(0x7f) as u8;
            }
        }
        Self { lengths }
    }

    /// Counts words of crumbs, and their pieces.
    fn count(&self, ids: &[u32]) -> (usize, usize) {
        let length = |id: &u32| self.lengths.get(*id as usize).copied().unwrap_or(0);
        let (mut words, mut pieces) = (0, 0);
        let mut left = ids;
        while let Some((first, rest)) = left.split_first() {
            let more = rest
                .iter()
                .take_while(|id| length(id) & Self::CONTINUES != 0);
            let (count, letters) =
                more.fold((1, usize::from(length(first))), |(count, letters), id| {
                    (
                        count + 1,
                        letters + usize::from(length(id) & !Self::CONTINUES),
                    )
                });
            if count >= Self::PIECES && letters < count * Self::CHARACTERS {
                words += 1;
                pieces += count;
            }
            left = left.get(count..).unwrap_or_default();
        }
        (words, pieces)
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
        max_input_chars_per_word: file.model.max_input_chars_per_word?.min(MAX_WORD_CHARS),
    };
    let vocabulary = file.model.vocab.0.iter();
    WordPiece::from_vocab(vocabulary.map(|(word, id)| (&**word, *id)), &options).ok()
}

fn unknown(file: &TokenizerFile<'_>) -> Option<u32> {
    let Some(word) = file.model.unk_token.as_deref() else {
        return file.model.unk_id;
    };
    let added = file.added_tokens.iter().find(|added| added.content == word);
    let listed = file.model.vocab.0.iter().find(|(token, _)| token == word);
    added.map(|token| token.id).or(listed.map(|&(_, id)| id))
}
