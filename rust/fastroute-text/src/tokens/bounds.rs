//! Encloses a token count without tokenising.
//!
//! Above: a byte-level vocabulary has a token for every byte and only ever merges, so the count
//! is at most the bytes. Below: the patterns that cut text before merging never let one piece
//! cover two ASCII words or more than three ASCII digits, so the pieces that must exist can be
//! counted from the bytes; and no token is longer than the vocabulary's longest.

use tokenizers::{ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, Tokenizer};
use unicode_normalization::{IsNormalized, is_nfc_quick};

use super::Vocabulary;

/// A closed interval that contains a token count.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Bounds {
    /// The count is at least this.
    pub lower: u32,
    /// The count is at most this; [`u32::MAX`] when nothing is known.
    pub upper: u32,
}

impl Bounds {
    pub(super) fn exactly(count: u32) -> Self {
        Self {
            lower: count,
            upper: count,
        }
    }

    fn new(lower: usize, upper: usize) -> Self {
        Self {
            lower: u32::try_from(lower).unwrap_or(u32::MAX),
            upper: u32::try_from(upper).unwrap_or(u32::MAX),
        }
    }
}

/// The most bytes that canonical composition makes of one.
const NFC_GROWTH: usize = 3;

/// At least the longest token of the built-in vocabularies, in bytes.
const LONGEST_TOKEN: usize = 128;

pub(super) fn of_vocabulary(vocabulary: Vocabulary, text: &str) -> Bounds {
    let bytes = text.len();
    let composed = vocabulary != Vocabulary::Qwen2
        || text.is_ascii()
        || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if !composed {
        // Composition may also shorten, by no more than it can lengthen.
        return Bounds::new(usize::from(bytes > 0), bytes.saturating_mul(NFC_GROWTH));
    }
    let digits_per_piece = match vocabulary {
        Vocabulary::Cl100k | Vocabulary::O200k => 3,
        Vocabulary::Qwen2 => 1,
    };
    let pieces = pieces_at_least(text.as_bytes(), digits_per_piece);
    Bounds::new(pieces.max(bytes.div_ceil(LONGEST_TOKEN)), bytes)
}

/// Counts pieces that must differ: one for each run that holds an ASCII letter, and one for
/// each `digits_per_piece` ASCII digits of a run.
///
/// Bytes beyond ASCII may belong to any class, so they extend a run of letters and end a run of
/// digits whose neighbours may be joined. An apostrophe extends a run of letters too, because
/// `don't` may be one piece.
fn pieces_at_least(bytes: &[u8], digits_per_piece: usize) -> usize {
    let mut pieces = 0;
    let mut run_has_letter = false;
    let mut digits = 0;
    let mut joined = false;
    for &byte in bytes {
        if byte.is_ascii_digit() {
            digits += 1;
        } else if digits > 0 {
            // Digits of other scripts on either side may share the first and last piece.
            pieces += whole_pieces(digits, digits_per_piece, joined || !byte.is_ascii());
            digits = 0;
        }
        joined = if byte.is_ascii_digit() {
            joined
        } else {
            !byte.is_ascii()
        };
        if byte.is_ascii_alphabetic() {
            pieces += usize::from(!run_has_letter);
            run_has_letter = true;
        } else if byte.is_ascii() && byte != b'\'' {
            run_has_letter = false;
        }
    }
    pieces + whole_pieces(digits, digits_per_piece, joined)
}

fn whole_pieces(digits: usize, digits_per_piece: usize, joined: bool) -> usize {
    if joined {
        // Pieces may be shared on both sides; those within are not.
        (digits / digits_per_piece).saturating_sub(1)
    } else {
        digits.div_ceil(digits_per_piece)
    }
}

/// What is known about a `tokenizer.json`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// BERT's normaliser and cutting before WordPiece: every token has a character of its own.
    Bert,
    /// Merges over bytes of text that is not changed, or only composed.
    Bytes {
        composes: bool,
    },
    Unknown,
}

impl Shape {
    pub(super) fn of(tokenizer: &Tokenizer) -> Self {
        let composes = match tokenizer.get_normalizer() {
            None => false,
            Some(NormalizerWrapper::NFC(_)) => true,
            Some(NormalizerWrapper::BertNormalizer(_)) => {
                let cuts = matches!(
                    tokenizer.get_pre_tokenizer(),
                    Some(PreTokenizerWrapper::BertPreTokenizer(_))
                );
                let pieces = matches!(tokenizer.get_model(), ModelWrapper::WordPiece(_));
                return if cuts && pieces {
                    Self::Bert
                } else {
                    Self::Unknown
                };
            }
            Some(_) => return Self::Unknown,
        };
        match tokenizer.get_model() {
            ModelWrapper::BPE(_) if is_byte_level(tokenizer.get_pre_tokenizer()) => {
                Self::Bytes { composes }
            }
            _ => Self::Unknown,
        }
    }

    pub(super) fn bounds(self, text: &str) -> Bounds {
        match self {
            Self::Bert => Bounds::new(0, text.len()),
            Self::Bytes { composes } => {
                let composed = !composes || is_nfc_quick(text.chars()) == IsNormalized::Yes;
                let growth = if composed { 1 } else { NFC_GROWTH };
                // One more for the space that a byte-level tokeniser may put in front.
                Bounds::new(0, text.len().saturating_mul(growth).saturating_add(1))
            }
            Self::Unknown => Bounds::new(0, usize::MAX),
        }
    }
}

/// Whether text is cut and turned into byte symbols, and nothing is added beside one space.
fn is_byte_level(pre_tokenizer: Option<&PreTokenizerWrapper>) -> bool {
    match pre_tokenizer {
        Some(PreTokenizerWrapper::ByteLevel(_)) => true,
        Some(PreTokenizerWrapper::Sequence(sequence)) => {
            let parts = sequence.as_ref();
            let byte_levels = parts
                .iter()
                .filter(|part| matches!(part, PreTokenizerWrapper::ByteLevel(_)))
                .count();
            byte_levels == 1
                && parts.iter().all(|part| {
                    matches!(
                        part,
                        PreTokenizerWrapper::ByteLevel(_)
                            | PreTokenizerWrapper::Split(_)
                            | PreTokenizerWrapper::Digits(_)
                            | PreTokenizerWrapper::Punctuation(_)
                    )
                })
        }
        _ => false,
    }
}
