//! What each character is to BERT's normaliser: dropped, a gap, a word of its own or part of one.
//!
//! The classes are those of the `tokenizers` crate, whose Unicode tables these are.

use unicode_categories::UnicodeCategories;

/// What a byte does to the word being gathered.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Class {
    Dropped,
    NotAscii,
    Punctuation,
    Space,
    Word,
}

/// Classifies a byte of ASCII; others are looked at as characters.
pub(super) fn class(byte: usize, clean_text: bool) -> Class {
    let Some(c) = u8::try_from(byte)
        .ok()
        .map(char::from)
        .filter(char::is_ascii)
    else {
        return Class::NotAscii;
    };
    if clean_text && is_removed(c) {
        Class::Dropped
    } else if c.is_whitespace() {
        Class::Space
    } else if c.is_ascii_punctuation() {
        Class::Punctuation
    } else {
        Class::Word
    }
}

/// BERT's control characters: all of Unicode's "other", but for the common white space.
#[inline]
pub(super) fn is_removed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\0' | '\u{fffd}' => true,
        _ => c.is_other(),
    }
}

/// The blocks that BERT treats as Chinese.
#[inline]
pub(super) fn is_chinese(c: char) -> bool {
    matches!(u32::from(c),
        0x4e00..=0x9fff
        | 0x3400..=0x4dbf
        | 0x2_0000..=0x2_a6df
        | 0x2_a700..=0x2_b73f
        | 0x2_b740..=0x2_b81f
        | 0x2_b920..=0x2_ceaf
        | 0xf900..=0xfaff
        | 0x2_f800..=0x2_fa1f
    )
}
