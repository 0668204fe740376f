//! Splits text into WordPiece token ids, equal to the `tokenizers` crate and many times faster.
//!
//! A vector is an average over token rows, so this is the inner half of every encoding. The
//! general machinery keeps alignments and allocates per word; here one pass over the bytes
//! lowers, classifies and gathers each word into a buffer on the stack, and most words are
//! found whole with one probe. Words that are not are cut greedily, longest piece first.
//!
//! Plain ASCII is cut sixty-four bytes at a time, other ASCII byte by byte. A stretch with other
//! characters goes through the same steps as BERT's normaliser, with the Unicode tables that
//! `tokenizers` itself uses, since equality matters more than newer tables.
//!
//! Special tokens are neither added nor recognised: `[SEP]` in a text is three words. Costs
//! O(bytes x longest piece) at worst and allocates only to grow the output.

mod classes;
mod options;
mod plain;
mod table;

use unicode_categories::UnicodeCategories;
use unicode_normalization_alignments::UnicodeNormalization;

pub use self::options::{Options, WordPieceError};

use self::classes::{Class, class, is_chinese, is_removed};
use self::options::Kind;
use self::plain::{BLOCK, Kinds, short_word};
use self::table::{INLINE, Table};

/// The largest [`Options::max_input_chars_per_word`].
pub const MAX_WORD_CHARS: usize = 256;

/// Room for the longest word: four bytes a character.
const WORD_BYTES: usize = 4 * MAX_WORD_CHARS;

/// A WordPiece tokeniser with BERT's normalisation.
///
/// # Examples
///
/// ```
/// use fastroute_text::wordpiece::{Options, WordPiece};
///
/// let vocabulary = ["[UNK]", "play", "##ing", "cafe", "!"];
/// let pieces = WordPiece::from_vocab(vocabulary.into_iter().zip(0..), &Options::default())?;
/// let mut ids = Vec::new();
/// pieces.encode("Playing Café!?", &mut ids);
/// assert_eq!(ids, [1, 2, 3, 4, 0]);
/// # Ok::<(), fastroute_text::wordpiece::WordPieceError>(())
/// ```
#[derive(Clone)]
pub struct WordPiece {
    initial: Table,
    continuing: Table,
    classes: [Class; 256],
    lowered: [u8; 256],
    unk: u32,
    max_chars: usize,
    clean_text: bool,
    chinese_chars: bool,
    lowercase: bool,
    strip_accents: bool,
}

impl std::fmt::Debug for WordPiece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WordPiece")
            .field("tokens", &self.initial.len())
            .field("unk", &self.unk)
            .field("max_chars", &self.max_chars)
            .finish_non_exhaustive()
    }
}

impl WordPiece {
    /// Builds the tables for a vocabulary; a token given twice has its last id.
    ///
    /// # Errors
    ///
    /// `WORDPIECE_NO_UNKNOWN` without the unknown token, `WORDPIECE_WORD_TOO_LONG` when words
    /// may be longer than [`MAX_WORD_CHARS`], `WORDPIECE_TOO_LARGE` above 4 GiB of tokens.
    pub fn from_vocab<'a>(
        vocabulary: impl Iterator<Item = (&'a str, u32)>,
        options: &Options,
    ) -> Result<Self, WordPieceError> {
        if options.max_input_chars_per_word > MAX_WORD_CHARS {
            let chars = options.max_input_chars_per_word;
            return Err(Kind::WordTooLong { chars }.into());
        }
        let tokens: Vec<(&str, u32)> = vocabulary.collect();
        let unk = tokens
            .iter()
            .rev()
            .find(|(token, _)| *token == options.unk)
            .map(|&(_, id)| id)
            .ok_or_else(|| Kind::NoUnknown {
                unk: options.unk.clone(),
            })?;
        let continuing = tokens.iter().filter_map(|&(token, id)| {
            token
                .strip_prefix(options.continuing_prefix.as_str())
                .map(|rest| (rest, id))
        });
        Ok(Self {
            continuing: Table::build(continuing).ok_or(Kind::TooLarge)?,
            initial: Table::build(tokens.iter().copied()).ok_or(Kind::TooLarge)?,
            classes: std::array::from_fn(|byte| class(byte, options.clean_text)),
            lowered: std::array::from_fn(|byte| {
                let byte = u8::try_from(byte).unwrap_or(0);
                if options.lowercase {
                    byte.to_ascii_lowercase()
                } else {
                    byte
                }
            }),
            unk,
            max_chars: options.max_input_chars_per_word,
            clean_text: options.clean_text,
            chinese_chars: options.chinese_chars,
            lowercase: options.lowercase,
            strip_accents: options.strip_accents.unwrap_or(options.lowercase),
        })
    }

    /// Appends the ids of `text` to `out`.
    pub fn encode(&self, text: &str, out: &mut Vec<u32>) {
        let bytes = text.as_bytes();
        let mut word = Word::new();
        if text.is_ascii() && self.encode_plain(bytes, &mut word, out) {
            return;
        }
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.classes[usize::from(byte)] {
                Class::Word => word.push_byte(self.lowered[usize::from(byte)]),
                Class::Space => self.finish(&mut word, out),
                Class::Punctuation => {
                    self.finish(&mut word, out);
                    word.push_byte(byte);
                    self.finish(&mut word, out);
                }
                Class::Dropped => {}
                Class::NotAscii => {
                    let end = self.stretch_end(bytes, at);
                    self.gather(&text[at..end], &mut word, out);
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        self.finish(&mut word, out);
    }

    /// Encodes ASCII text; appends nothing and returns false if it has control characters.
    fn encode_plain(&self, text: &[u8], word: &mut Word, out: &mut Vec<u32>) -> bool {
        let mark = out.len();
        let mut goes_on = 0;
        for (block, bytes) in text.chunks(BLOCK).enumerate() {
            let kinds = Kinds::of(bytes);
            if kinds.others != 0 {
                out.truncate(mark);
                return false;
            }
            let mut starts = kinds.words & !(kinds.words << 1 | goes_on) | kinds.marks;
            goes_on = kinds.words >> (BLOCK - 1);
            while starts != 0 {
                let bit = starts.trailing_zeros() as usize;
                starts &= starts - 1;
                let start = block * BLOCK + bit;
                let mut end = start + 1;
                let letters = (kinds.words >> bit).trailing_ones() as usize;
                if letters > 0 {
                    end = start + letters;
                    if bit + letters == BLOCK {
                        let more = text[end..].iter();
                        end += more.take_while(|byte| byte.is_ascii_alphanumeric()).count();
                    }
                }
                self.look_up(text, start, end - start, word, out);
            }
        }
        true
    }

    /// Emits the pieces of the plain word of `length` bytes at `start`.
    #[inline]
    fn look_up(
        &self,
        text: &[u8],
        start: usize,
        length: usize,
        word: &mut Word,
        out: &mut Vec<u32>,
    ) {
        if length <= INLINE && length <= self.max_chars {
            let key = short_word(text, start, length, self.lowercase);
            if let Some(id) = self.initial.find_short(key, length) {
                out.push(id);
                return;
            }
        }
        for &byte in &text[start..start + length] {
            word.push_byte(self.lowered[usize::from(byte)]);
        }
        self.finish(word, out);
    }

    /// Returns the unknown token's id.
    #[must_use]
    pub fn unk(&self) -> u32 {
        self.unk
    }

    /// Finds where the normaliser may be restarted: before an ASCII byte that it keeps.
    fn stretch_end(&self, bytes: &[u8], start: usize) -> usize {
        let kept = |&byte: &u8| {
            !matches!(
                self.classes[usize::from(byte)],
                Class::NotAscii | Class::Dropped
            )
        };
        let length = bytes[start..].iter().position(kept);
        length.map_or(bytes.len(), |length| start + length)
    }

    /// Normalises a stretch by the general rules and adds it to the word.
    fn gather(&self, stretch: &str, word: &mut Word, out: &mut Vec<u32>) {
        let cleaned = stretch
            .chars()
            .filter(|&c| !(self.clean_text && is_removed(c)))
            .map(|c| {
                if self.clean_text && c.is_whitespace() {
                    ' '
                } else {
                    c
                }
            })
            .flat_map(|c| {
                let around = (self.chinese_chars && is_chinese(c)).then_some(' ');
                around.into_iter().chain([c]).chain(around)
            });
        if self.strip_accents {
            cleaned
                .nfd()
                .map(|(c, _)| c)
                .filter(|c| !c.is_mark_nonspacing())
                .for_each(|c| self.add(c, word, out));
        } else {
            cleaned.for_each(|c| self.add(c, word, out));
        }
    }

    fn add(&self, c: char, word: &mut Word, out: &mut Vec<u32>) {
        if self.lowercase {
            for lowered in c.to_lowercase() {
                self.add_lowered(lowered, word, out);
            }
        } else {
            self.add_lowered(c, word, out);
        }
    }

    fn add_lowered(&self, c: char, word: &mut Word, out: &mut Vec<u32>) {
        if c.is_whitespace() {
            self.finish(word, out);
        } else if c.is_ascii_punctuation() || c.is_punctuation() {
            self.finish(word, out);
            word.push(c);
            self.finish(word, out);
        } else {
            word.push(c);
        }
    }

    /// Emits the pieces of the gathered word and empties it.
    #[inline]
    fn finish(&self, word: &mut Word, out: &mut Vec<u32>) {
        if word.chars == 0 {
            return;
        }
        if word.chars > self.max_chars {
            out.push(self.unk);
        } else if let Some(id) = self.initial.find(word.bytes()) {
            out.push(id);
        } else {
            self.cut(word.bytes(), out);
        }
        word.clear();
    }

    /// Cuts a word greedily; one unknown token when some rest has no piece.
    fn cut(&self, word: &[u8], out: &mut Vec<u32>) {
        let mark = out.len();
        let mut start = 0;
        while start < word.len() {
            let table = if start == 0 {
                &self.initial
            } else {
                &self.continuing
            };
            match table.longest_prefix(&word[start..]) {
                Some((id, length)) => {
                    out.push(id);
                    start += length;
                }
                None => {
                    out.truncate(mark);
                    out.push(self.unk);
                    return;
                }
            }
        }
    }
}

/// The word being gathered, normalised.
struct Word {
    buffer: [u8; WORD_BYTES],
    len: usize,
    /// May exceed what the buffer holds; such a word is unknown whatever it says.
    chars: usize,
}

impl Word {
    fn new() -> Self {
        Self {
            buffer: [0; WORD_BYTES],
            len: 0,
            chars: 0,
        }
    }

    #[inline]
    fn push_byte(&mut self, byte: u8) {
        if let Some(slot) = self.buffer.get_mut(self.len) {
            *slot = byte;
            self.len += 1;
        }
        self.chars += 1;
    }

    fn push(&mut self, c: char) {
        let len = c.len_utf8();
        if let Some(room) = self.buffer.get_mut(self.len..self.len + len) {
            c.encode_utf8(room);
            self.len += len;
        }
        self.chars += 1;
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    #[inline]
    fn clear(&mut self) {
        self.len = 0;
        self.chars = 0;
    }
}
