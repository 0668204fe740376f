//! Estimates a token count from the kinds of characters alone.

use super::Vocabulary;

/// Estimates in sixteenths of a token per run of one kind.
pub(super) fn of(vocabulary: Option<Vocabulary>, text: &str) -> u32 {
    let _ = vocabulary;
    let mut sixteenths = 0_u64;
    let mut letters = 0_u64;
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            letters += 1;
            sixteenths += if letters == 1 {
                16
            } else if letters > 7 {
                4
            } else {
                0
            };
            continue;
        }
        letters = 0;
        sixteenths += match c {
            ' ' => 0,
            '\n' | '\t' => 8,
            '0'..='9' => 8,
            c if c.is_ascii() => 12,
            c if (c as u32) < 0x800 => 8,
            c if (c as u32) < 0x10000 => 13,
            _ => 32,
        };
    }
    u32::try_from(sixteenths.div_ceil(16)).unwrap_or(u32::MAX)
}
