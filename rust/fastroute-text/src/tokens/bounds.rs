//! Encloses a token count without tokenising.
//!
//! Above: a byte-level vocabulary has a token for every byte and only ever merges, so the count
//! is at most the bytes. Below: the patterns that cut text before merging never let one piece
//! cover two ASCII words or more than three digits, so pieces that must exist can be counted
//! from pairs of bytes; and no token is longer than the vocabulary's longest.
//!
//! Bytes beyond ASCII may belong to any class of the patterns, so nothing is counted at them or
//! right after them.

use tokenizers::pre_tokenizers::byte_level::ByteLevel;
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

/// Pairs of bytes that are counted in one go; their counts fit a byte.
const CHUNK: usize = 128;

pub(super) fn of_vocabulary(vocabulary: Vocabulary, text: &str) -> Bounds {
    let bytes = text.len();
    if !vocabulary.reads_as_is(text) {
        // Composition may also shorten, by no more than it can lengthen.
        return Bounds::new(usize::from(bytes > 0), bytes.saturating_mul(NFC_GROWTH));
    }
    let marks = Marks::of(text.as_bytes());
    let digits = match vocabulary {
        Vocabulary::Cl100k | Vocabulary::O200k => marks.digits.div_ceil(3).max(marks.digit_runs),
        Vocabulary::Qwen2 => marks.digits,
    };
    let pieces = marks.words + digits;
    Bounds::new(pieces.max(bytes.div_ceil(LONGEST_TOKEN)), bytes)
}

/// What the lower bound counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Marks {
    /// ASCII letters after an ASCII character that is neither a letter nor an apostrophe.
    ///
    /// No piece holds two of them: within a piece, only letters and characters beyond ASCII come
    /// between two letters, or the apostrophe of `don't`.
    words: usize,
    /// ASCII digits. No piece holds more than three, or with letters.
    digits: usize,
    /// ASCII digits after an ASCII character that is none. Each starts a piece.
    digit_runs: usize,
}

impl Marks {
    /// Counts with the widest registers that the machine has; integers, so all agree.
    fn of(bytes: &[u8]) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2")]
            fn wide(bytes: &[u8]) -> Marks {
                Marks::count(bytes)
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the only requirement of `wide` is AVX2, tested above.
                #[allow(unsafe_code)]
                return unsafe { wide(bytes) };
            }
        }
        Self::count(bytes)
    }

    /// Counts in chunks whose counts fit a byte, which lets the compiler count many at a time.
    #[inline(always)]
    fn count(bytes: &[u8]) -> Self {
        let mut marks = Self::default();
        let Some((&first, rest)) = bytes.split_first() else {
            return marks;
        };
        marks.words = usize::from(first.is_ascii_alphabetic());
        marks.digits = usize::from(first.is_ascii_digit());
        marks.digit_runs = marks.digits;
        for (before, after) in bytes.chunks(CHUNK).zip(rest.chunks(CHUNK)) {
            let (mut words, mut digits, mut digit_runs) = (0_u8, 0_u8, 0_u8);
            for (&before, &after) in before.iter().zip(after) {
                let continues =
                    before.is_ascii_alphabetic() | (before == b'\'') | !before.is_ascii();
                words += u8::from(after.is_ascii_alphabetic() & !continues);
                let counted = before.is_ascii_digit() | !before.is_ascii();
                digits += u8::from(after.is_ascii_digit());
                digit_runs += u8::from(after.is_ascii_digit() & !counted);
            }
            marks.words += usize::from(words);
            marks.digits += usize::from(digits);
            marks.digit_runs += usize::from(digit_runs);
        }
        marks
    }
}

/// What is known about a `tokenizer.json`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// BERT's normaliser and cutting before WordPiece: every token has a character of its own.
    Bert,
    /// Merges over bytes of text that is not changed, or composed, or given spaces in front.
    Bytes {
        composes: bool,
        spaces: bool,
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
        match (
            tokenizer.get_model(),
            byte_level(tokenizer.get_pre_tokenizer()),
        ) {
            (ModelWrapper::BPE(model), Some(level)) if !model.byte_fallback => Self::Bytes {
                composes,
                spaces: level.add_prefix_space,
            },
            _ => Self::Unknown,
        }
    }

    pub(super) fn bounds(self, text: &str) -> Bounds {
        match self {
            Self::Bert => Bounds::new(0, text.len()),
            Self::Bytes { composes, spaces } => {
                let composed = !composes || is_nfc_quick(text.chars()) == IsNormalized::Yes;
                // Each cut, of which none is empty, may get a space.
                let growth = if composed { 1 } else { NFC_GROWTH } * if spaces { 2 } else { 1 };
                Bounds::new(0, text.len().saturating_mul(growth))
            }
            Self::Unknown => Bounds::new(0, usize::MAX),
        }
    }
}

/// Finds the step that turns text into byte symbols, where others only cut.
fn byte_level(pre_tokenizer: Option<&PreTokenizerWrapper>) -> Option<&ByteLevel> {
    match pre_tokenizer? {
        PreTokenizerWrapper::ByteLevel(level) => Some(level),
        PreTokenizerWrapper::Sequence(sequence) => {
            let (last, cuts) = sequence.as_ref().split_last()?;
            let only_cut = cuts.iter().all(|part| {
                matches!(
                    part,
                    PreTokenizerWrapper::Digits(_)
                        | PreTokenizerWrapper::Punctuation(_)
                        | PreTokenizerWrapper::Split(_)
                )
            });
            match last {
                PreTokenizerWrapper::ByteLevel(level) if only_cut => Some(level),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn every_instruction_set_counts_the_same_marks() {
        let lines = include_str!("../../../fastroute-embed/assets/encoder/background.txt");
        for text in lines.lines().chain([lines]) {
            let bytes = text.as_bytes();
            assert_eq!(Marks::of(bytes), Marks::count(bytes), "{text}");
        }
    }
}
