//! The weights of the estimate, one set for each built-in vocabulary.
//!
//! Fitted, not derived: a change needs the fit and its test of the stated error again.

/// What runs and characters weigh, in sixty-fourths of a token.
pub(super) struct Weights {
    /// Each word that starts with an ASCII letter, and each capital inside one.
    pub(super) word: u64,
    pub(super) camel: u64,
    /// Each letter beyond the lengths where a word is long and very long, but for Greek and Cyrillic.
    pub(super) long: u64,
    pub(super) very_long: u64,
    /// Each word that starts with a Greek or Cyrillic letter, or with another letter beyond ASCII.
    pub(super) greek_word: u64,
    pub(super) other_word: u64,
    /// Each letter beyond ASCII, on top of its word.
    pub(super) latin: u64,
    pub(super) greek: u64,
    pub(super) semitic: u64,
    /// Each digit, and each third one of a run from the first.
    pub(super) digit: u64,
    pub(super) digit_group: u64,
    /// The first of a run of punctuation, a repeated one, and one unlike the one before.
    pub(super) mark: u64,
    pub(super) same_mark: u64,
    pub(super) other_mark: u64,
    /// Each run of line ends and tabs, each run of two and more spaces.
    pub(super) newline: u64,
    pub(super) spaces: u64,
    /// Each character of scripts that are not cut into words.
    pub(super) indic: u64,
    pub(super) han: u64,
    pub(super) kana: u64,
    pub(super) hangul: u64,
    pub(super) symbol: u64,
    pub(super) emoji: u64,
    pub(super) rest: u64,
}

pub(super) const O200K: Weights = Weights {
    word: 66,
    camel: 40,
    long: 4,
    very_long: 10,
    greek_word: 62,
    other_word: 60,
    latin: 66,
    greek: 8,
    semitic: 11,
    digit: 0,
    digit_group: 100,
    mark: 39,
    same_mark: 5,
    other_mark: 21,
    newline: 39,
    spaces: 51,
    indic: 26,
    han: 46,
    kana: 49,
    hangul: 46,
    symbol: 37,
    emoji: 200,
    rest: 160,
};

pub(super) const CL100K: Weights = Weights {
    word: 67,
    camel: 26,
    long: 6,
    very_long: 18,
    greek_word: 76,
    other_word: 40,
    latin: 134,
    greek: 20,
    semitic: 53,
    digit: 0,
    digit_group: 100,
    mark: 38,
    same_mark: 8,
    other_mark: 18,
    newline: 42,
    spaces: 42,
    indic: 79,
    han: 76,
    kana: 66,
    hangul: 80,
    symbol: 44,
    emoji: 180,
    rest: 190,
};

pub(super) const QWEN2: Weights = Weights {
    word: 67,
    camel: 23,
    long: 6,
    very_long: 18,
    greek_word: 70,
    other_word: 64,
    latin: 94,
    greek: 10,
    semitic: 20,
    digit: 60,
    digit_group: 40,
    mark: 39,
    same_mark: 8,
    other_mark: 19,
    newline: 38,
    spaces: 42,
    indic: 63,
    han: 36,
    kana: 44,
    hangul: 53,
    symbol: 50,
    emoji: 148,
    rest: 105,
};
