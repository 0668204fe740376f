//! A number of tokens that is not counted yet: two bounds and an estimate, and their sums.

use fastroute_text::tokens::TokenCounter;

/// A number of tokens: between two bounds, with the figure that estimates use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct TokenRange {
    pub lower: u64,
    pub upper: u64,
    /// An estimate within the bounds; the count itself when they are one.
    pub expected: u64,
}

impl TokenRange {
    pub fn exactly(count: u64) -> Self {
        Self {
            lower: count,
            upper: count,
            expected: count,
        }
    }

    pub fn of(counter: &TokenCounter, text: &str) -> Self {
        let bounds = counter.bounds(text);
        let (lower, upper) = (u64::from(bounds.lower), u64::from(bounds.upper));
        let expected = u64::from(counter.estimate(text)).clamp(lower, upper);
        Self {
            lower,
            upper,
            expected,
        }
    }

    /// Of what cannot be told any more; over every limit.
    pub const UNKNOWN: Self = Self {
        lower: 0,
        upper: u32::MAX as u64,
        expected: u32::MAX as u64,
    };

    /// Counted, or enclosed.
    pub fn at(precision: Precision, counter: &TokenCounter, text: &str) -> Self {
        match precision {
            Precision::Exact => Self::exactly(u64::from(counter.count(text))),
            Precision::Rough => Self::of(counter, text),
        }
    }

    /// At least what one of two says, whichever is sent.
    pub fn either(self, other: Self) -> Self {
        Self {
            lower: self.lower.min(other.lower),
            upper: self.upper.max(other.upper),
            expected: self.expected.max(other.expected),
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            lower: self.lower + other.lower,
            upper: self.upper + other.upper,
            expected: self.expected + other.expected,
        }
    }

    pub fn times(self, factor: u64) -> Self {
        Self {
            lower: self.lower * factor,
            upper: self.upper * factor,
            expected: self.expected * factor,
        }
    }
}

/// How closely tokens are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Precision {
    Exact,
    Rough,
}
