//! What a WordPiece tokeniser is told, and why it may refuse.
//!
//! The names are those of `tokenizer.json`. Everything is checked while the tables are built, so
//! that encoding cannot fail.

use super::MAX_WORD_CHARS;

/// How text is normalised and cut; the defaults are those of uncased BERT.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// Whether control characters are dropped and all white space is a space.
    pub clean_text: bool,
    /// Whether each Chinese character is a word.
    pub chinese_chars: bool,
    /// Whether text is lowered.
    pub lowercase: bool,
    /// Whether accents are removed; as `lowercase` when absent.
    pub strip_accents: Option<bool>,
    /// The token for words that cannot be cut.
    pub unk: String,
    /// What marks a piece that continues a word.
    pub continuing_prefix: String,
    /// Longer words are unknown; at most [`MAX_WORD_CHARS`].
    pub max_input_chars_per_word: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clean_text: true,
            chinese_chars: true,
            lowercase: true,
            strip_accents: None,
            unk: "[UNK]".to_owned(),
            continuing_prefix: "##".to_owned(),
            max_input_chars_per_word: 100,
        }
    }
}

/// Says why a vocabulary cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct WordPieceError(#[from] Kind);

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Kind {
    #[error("vocabulary has no token `{unk}` for unknown words")]
    NoUnknown { unk: String },
    #[error("words of {chars} characters are over the limit of {MAX_WORD_CHARS}")]
    WordTooLong { chars: usize },
    #[error("vocabulary is too large")]
    TooLarge,
}

impl WordPieceError {
    /// Returns the stable name of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::NoUnknown { .. } => "WORDPIECE_NO_UNKNOWN",
            Kind::TooLarge => "WORDPIECE_TOO_LARGE",
            Kind::WordTooLong { .. } => "WORDPIECE_WORD_TOO_LONG",
        }
    }
}
