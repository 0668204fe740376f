//! Tells where words begin and end, for keywords that must match whole words.
//!
//! Words are Unicode's (UAX-29). Scripts that write no spaces (Han, Hiragana, Katakana, Thai,
//! Lao, Khmer, Myanmar) have no words that a rule without a dictionary could find, so there
//! every character may begin and end one, and a whole-word match becomes a substring match.
//!
//! Among ASCII neighbours a boundary depends on at most four bytes and is looked up on demand:
//! nothing is computed ahead. Only a question beside other characters segments the text, once
//! and in linear time, into two bit sets that are reused.

use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

/// Reusable storage for the word boundaries of one text.
#[derive(Clone, Debug, Default)]
pub struct Words {
    starts: Vec<u64>,
    ends: Vec<u64>,
    /// Bytes of runs of letters and digits; filled and read by keywords alone.
    pub(crate) marks: Vec<u64>,
}

/// The word boundaries of one text.
#[derive(Debug)]
pub struct Boundaries<'a> {
    storage: &'a mut Words,
    text: &'a str,
    segmented: bool,
}

impl Words {
    /// Creates empty storage.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts answering questions about `text`; costs nothing by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use fastroute_text::words::Words;
    ///
    /// let mut words = Words::new();
    /// let mut boundaries = words.over("it can't fail");
    /// assert!(boundaries.starts_at(3));
    /// assert!(!boundaries.ends_at(6)); // `can` is no word of "can't"
    /// assert!(boundaries.ends_at(8));
    /// ```
    pub fn over<'a>(&'a mut self, text: &'a str) -> Boundaries<'a> {
        Boundaries {
            storage: self,
            text,
            segmented: false,
        }
    }

    fn segment(&mut self, text: &str) {
        let blocks = text.len() / 64 + 1;
        for bits in [&mut self.starts, &mut self.ends] {
            bits.clear();
            bits.resize(blocks, 0);
        }
        for (at, piece) in text.split_word_bound_indices() {
            set(&mut self.starts, at);
            set(&mut self.ends, at);
            for (within, c) in piece.char_indices() {
                if is_written_without_spaces(c) {
                    set(&mut self.starts, at + within);
                    set(&mut self.ends, at + within + c.len_utf8());
                }
            }
        }
        set(&mut self.starts, text.len());
        set(&mut self.ends, text.len());
    }
}

impl Boundaries<'_> {
    /// Returns whether a word may start at byte `at`.
    ///
    /// Both ends of the text count as boundaries; an offset past the end or inside a
    /// character does not.
    pub fn starts_at(&mut self, at: usize) -> bool {
        match ascii_boundary(self.text.as_bytes(), at) {
            Some(answer) => answer,
            None => {
                self.segment();
                is_set(&self.storage.starts, at)
            }
        }
    }

    /// Returns whether a word may end at byte `at`, with the same edges as
    /// [`starts_at`](Self::starts_at).
    pub fn ends_at(&mut self, at: usize) -> bool {
        match ascii_boundary(self.text.as_bytes(), at) {
            Some(answer) => answer,
            None => {
                self.segment();
                is_set(&self.storage.ends, at)
            }
        }
    }

    fn segment(&mut self) {
        if !self.segmented {
            self.storage.segment(self.text);
            self.segmented = true;
        }
    }
}

/// Returns whether `c` belongs to a script that writes no spaces between words.
#[must_use]
pub fn is_written_without_spaces(c: char) -> bool {
    (c as u32) >= 0xe00
        && matches!(
            c.script(),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        )
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(block) = bits.get_mut(at / 64) {
        *block |= 1 << (at % 64);
    }
}

fn is_set(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64)
        .is_some_and(|block| block >> (at % 64) & 1 == 1)
}

/// The Word_Break classes that ASCII has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    CarriageReturn,
    Digit,
    Letter,
    LineFeed,
    /// `.` and `'`, which join letters and digits alike.
    MidBoth,
    MidLetter,
    MidNumber,
    Other,
    Space,
    Underscore,
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
        b'0'..=b'9' => Class::Digit,
        b'_' => Class::Underscore,
        b' ' => Class::Space,
        b'\r' => Class::CarriageReturn,
        b'\n' => Class::LineFeed,
        b'.' | b'\'' => Class::MidBoth,
        b':' => Class::MidLetter,
        b',' | b';' => Class::MidNumber,
        _ => Class::Other,
    }
}

/// Answers where the two bytes on each side of `at` are ASCII; UAX-29 looks no further there.
fn ascii_boundary(text: &[u8], at: usize) -> Option<bool> {
    if text.is_empty() || at > text.len() {
        return Some(at == 0);
    }
    if at == 0 || at == text.len() {
        return Some(true);
    }
    let near = &text[at.saturating_sub(2)..(at + 2).min(text.len())];
    if !near.is_ascii() {
        return None;
    }
    let before = class(text[at - 1]);
    let after = class(text[at]);
    let next = text.get(at + 1).copied().map(class);
    let previous = at.checked_sub(2).map(|i| class(text[i]));
    Some(!joined(previous, before, after, next))
}

fn joined(previous: Option<Class>, before: Class, after: Class, next: Option<Class>) -> bool {
    use Class::{
        CarriageReturn, Digit, Letter, LineFeed, MidBoth, MidLetter, MidNumber, Space, Underscore,
    };
    match (before, after) {
        (Letter | Digit | Underscore, Letter | Digit | Underscore)
        | (CarriageReturn, LineFeed)
        | (Space, Space) => true,
        (Letter, MidLetter | MidBoth) => next == Some(Letter),
        (MidLetter | MidBoth, Letter) => previous == Some(Letter),
        (Digit, MidNumber | MidBoth) => next == Some(Digit),
        (MidNumber | MidBoth, Digit) => previous == Some(Digit),
        _ => false,
    }
}
