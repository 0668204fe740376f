//! Estimates a token count from the kinds of characters alone.
//!
//! Vocabularies agree on what costs: a word of Latin letters is about one token and a little more
//! when it is long, three digits are one, a Chinese character is most of one. So the text is cut
//! into runs of kinds, each run and each character has a weight, and the weights are fitted to
//! each built-in vocabulary by least squares over queries, prompts and source code of many
//! languages, then moved towards running prose, which those have too little of.
//!
//! One pass, no allocation, integers only. ASCII text is counted sixteen bytes at a time, which
//! takes an eighth of what going from character to character takes. Rare scripts and generated
//! text (one letter a thousand times) may be off by more than prose is; where that matters, count.

mod weights;

use self::weights::{CL100K, O200K, QWEN2, Weights};
use super::Vocabulary;

/// Weights are in this part of a token.
const UNIT: u64 = 64;

/// Letters of a word beyond this many make it long.
const LONG: u64 = 6;

/// Letters of a word beyond this many make it very long.
const VERY_LONG: u64 = 11;

/// The kinds that make runs.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Run {
    Digits,
    Letters,
    Lines,
    Marks,
    None,
    Spaces,
}

/// Estimates for one vocabulary; for an unknown one, as for the newest.
pub(super) fn of(vocabulary: Option<Vocabulary>, text: &str) -> u32 {
    let weights = match vocabulary {
        Some(Vocabulary::Cl100k) => &CL100K,
        Some(Vocabulary::Qwen2) => &QWEN2,
        Some(Vocabulary::O200k) | None => &O200K,
    };
    let total = if text.is_ascii() {
        ascii(weights, text.as_bytes())
    } else {
        general(weights, text, |_, _| ())
    };
    u32::try_from(total.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// Gives the end of each character to `visit`, with the tokens that the text up to there is
/// estimated to have, as for an unknown vocabulary.
pub(super) fn each(text: &str, mut visit: impl FnMut(usize, usize)) {
    general(&O200K, text, |end, total| {
        visit(
            end,
            usize::try_from(total.div_ceil(UNIT)).unwrap_or(usize::MAX),
        );
    });
}

/// Bytes that are counted together; their counts fit a byte.
const BLOCK: usize = 64;

/// Bytes before them that their weights may depend on: one less than a very long word has.
const BEFORE: usize = 16;

/// Stands for the bytes around the text; is of no kind.
const OUTSIDE: u8 = 0xff;

/// What [`general`] gives for ASCII, by counting each case in a block.
///
/// The build targets the oldest x86-64; the same code compiled for AVX2 counts twice as many bytes
/// at a time. Counts are integers, so both forms agree.
fn ascii(weights: &Weights, text: &[u8]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn wide(weights: &Weights, text: &[u8]) -> u64 {
            ascii_body(weights, text)
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the only requirement of `wide` is AVX2, tested above.
            #[allow(unsafe_code)]
            return unsafe { wide(weights, text) };
        }
    }
    ascii_body(weights, text)
}

#[inline(always)]
fn ascii_body(weights: &Weights, text: &[u8]) -> u64 {
    let mut window = [OUTSIDE; BEFORE + BLOCK];
    let (mut total, mut digit_run) = (0, 0_u64);
    for block in text.chunks(BLOCK) {
        window.copy_within(BLOCK.., 0);
        window[BEFORE..BEFORE + block.len()].copy_from_slice(block);
        window[BEFORE + block.len()..].fill(OUTSIDE);
        let counts = Counts::of(&window);
        total += u64::from(counts.words) * weights.word
            + u64::from(counts.camels) * weights.camel
            + u64::from(counts.long - counts.very_long) * weights.long
            + u64::from(counts.very_long) * weights.very_long
            + u64::from(counts.spaces) * weights.spaces
            + u64::from(counts.lines) * weights.newline
            + u64::from(counts.marks) * weights.mark
            + u64::from(counts.same_marks) * weights.same_mark
            + u64::from(counts.other_marks) * weights.other_mark
            + u64::from(counts.digits) * weights.digit;
        if counts.digits == 0 {
            digit_run = 0;
            continue;
        }
        for byte in block {
            digit_run = if byte.is_ascii_digit() {
                digit_run + 1
            } else {
                0
            };
            total += u64::from(digit_run % 3 == 1) * weights.digit_group;
        }
    }
    total
}

/// How often each case occurs in a block.
#[derive(Default)]
struct Counts {
    words: u8,
    camels: u8,
    /// Letters beyond [`LONG`], those beyond [`VERY_LONG`] included.
    long: u8,
    very_long: u8,
    spaces: u8,
    lines: u8,
    marks: u8,
    same_marks: u8,
    other_marks: u8,
    digits: u8,
}

impl Counts {
    /// Counts in the block at the end of `window`; loops of one operation, which become vectors.
    #[inline(always)]
    fn of(window: &[u8; BEFORE + BLOCK]) -> Self {
        let letters = window.map(|byte| u8::from((byte | 0x20).wrapping_sub(b'a') < 26));
        // Whether 2, 4, 7 and 12 letters in a row end here.
        let two = with_earlier::<1>(&letters);
        let four = with_earlier::<2>(&two);
        let seven = with_earlier::<3>(&four);
        let twelve = with_earlier::<5>(&seven);
        let marks = window.map(|byte| {
            let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
            let is_other = is_letter | byte.is_ascii_digit() | (byte == b' ') | is_line(byte);
            u8::from(byte.is_ascii() & !is_other)
        });
        let mut counts = Self::default();
        for at in BEFORE..BEFORE + BLOCK {
            let (byte, before) = (window[at], window[at - 1]);
            counts.words += letters[at] & !letters[at - 1];
            counts.long += seven[at];
            counts.very_long += twelve[at];
            counts.camels += u8::from(byte.is_ascii_uppercase() & before.is_ascii_lowercase());
            counts.digits += u8::from(byte.is_ascii_digit());
            counts.lines += u8::from(is_line(byte) & !is_line(before));
            let are_spaces = (byte == b' ') & (before == b' ');
            counts.spaces += u8::from(are_spaces & (window[at - 2] != b' '));
            counts.marks += marks[at] & !marks[at - 1];
            let again = marks[at] & marks[at - 1];
            counts.same_marks += again & u8::from(byte == before);
            counts.other_marks += again & u8::from(byte != before);
        }
        counts
    }
}

/// Whether a flag is set both here and `N` places earlier.
#[inline(always)]
fn with_earlier<const N: usize>(flags: &[u8; BEFORE + BLOCK]) -> [u8; BEFORE + BLOCK] {
    let mut both = [0; BEFORE + BLOCK];
    for (both, (flag, earlier)) in both[N..].iter_mut().zip(flags[N..].iter().zip(flags)) {
        *both = flag & earlier;
    }
    both
}

#[inline(always)]
fn is_line(byte: u8) -> bool {
    (byte == b'\n') | (byte == b'\r') | (byte == b'\t')
}

/// Weighs character by character, and gives the end of each and the weight up to there to `visit`.
fn general(weights: &Weights, text: &str, mut visit: impl FnMut(usize, u64)) -> u64 {
    let mut run = Run::None;
    let mut length = 0_u64;
    let mut before = '\0';
    let mut total = 0_u64;
    for (at, c) in text.char_indices() {
        let kind = run_of(c);
        length = if kind == run { length + 1 } else { 1 };
        run = kind;
        total += match kind {
            Run::Letters => letter(weights, c, before, length),
            Run::Digits => {
                weights.digit
                    + if length % 3 == 1 {
                        weights.digit_group
                    } else {
                        0
                    }
            }
            Run::Spaces => {
                if length == 2 {
                    weights.spaces
                } else {
                    0
                }
            }
            Run::Lines => {
                if length == 1 {
                    weights.newline
                } else {
                    0
                }
            }
            Run::Marks if length == 1 => weights.mark,
            Run::Marks if c == before => weights.same_mark,
            Run::Marks => weights.other_mark,
            Run::None => alone(weights, c),
        };
        visit(at + c.len_utf8(), total);
        before = c;
    }
    total
}

#[inline]
fn run_of(c: char) -> Run {
    match c {
        'a'..='z' | 'A'..='Z' => Run::Letters,
        ' ' => Run::Spaces,
        '0'..='9' => Run::Digits,
        '\n' | '\r' | '\t' => Run::Lines,
        '\0'..='\u{7f}' => Run::Marks,
        '\u{80}'..='\u{7ff}' | '\u{1e00}'..='\u{1eff}' => Run::Letters,
        _ => Run::None,
    }
}

#[inline]
fn letter(weights: &Weights, c: char, before: char, length: u64) -> u64 {
    if c.is_ascii() {
        let start = if length == 1 { weights.word } else { 0 };
        let camel = if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            weights.camel
        } else {
            0
        };
        return start + camel + lengthening(weights, length);
    }
    match c {
        '\u{250}'..='\u{52f}' => weights.greek + if length == 1 { weights.greek_word } else { 0 },
        _ => {
            let own = if matches!(c, '\u{530}'..='\u{7ff}') {
                weights.semitic
            } else {
                weights.latin
            };
            let start = if length == 1 { weights.other_word } else { 0 };
            own + start + lengthening(weights, length)
        }
    }
}

#[inline]
fn lengthening(weights: &Weights, length: u64) -> u64 {
    if length <= LONG {
        0
    } else if length <= VERY_LONG {
        weights.long
    } else {
        weights.very_long
    }
}

fn alone(weights: &Weights, c: char) -> u64 {
    match c {
        '\u{800}'..='\u{10ff}' => weights.indic,
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => weights.hangul,
        '\u{2000}'..='\u{2e7f}' | '\u{3000}'..='\u{303f}' | '\u{fe00}'..='\u{ffff}' => {
            weights.symbol
        }
        '\u{3040}'..='\u{30ff}' => weights.kana,
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => weights.han,
        '\u{10000}'.. => weights.emoji,
        _ => weights.rest,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_instruction_set_estimates_the_same() {
        let lines = include_str!("../../../fastroute-embed/assets/encoder/background.txt");
        for text in lines.lines().chain([lines]).filter(|text| text.is_ascii()) {
            for weights in [&O200K, &CL100K, &QWEN2] {
                let bytes = text.as_bytes();
                assert_eq!(ascii(weights, bytes), ascii_body(weights, bytes), "{text}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn counting_in_blocks_equals_going_by_characters(
            any in "[\\x00-\\x7f]{0,200}",
            runs in proptest::collection::vec(("[a-zA-Z0-9 .,!\\n\\t]", 1_usize..80), 0..12),
            words in "([a-zA-Z]{1,14}[ 0-9.,]{1,3}){0,30}",
        ) {
            let runs: String = runs.iter().map(|(unit, times)| unit.repeat(*times)).collect();
            for text in [any, runs, words] {
                for weights in [&O200K, &CL100K, &QWEN2] {
                    let expected = general(weights, &text, |_, _| ());
                    prop_assert_eq!(ascii(weights, text.as_bytes()), expected);
                    prop_assert_eq!(ascii_body(weights, text.as_bytes()), expected);
                }
            }
        }
    }
}
