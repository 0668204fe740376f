//! One text as a vector, and the buffers that making it needs.
//!
//! A vector is kept twice: as f32 of length one, and as int8 with one scale,
//! from which all scores are computed. Dot products of the int8 form are exact
//! integers, so no score depends on the instruction set.

use crate::{sums::product_sum, wide::widest};

/// Holds the vector of one text; reused from text to text.
///
/// `quantised[i] * scale` approximates `vector[i]`, and the quantised vector
/// times `scale` has length one too, so that two of them give a cosine.
/// A text without a single known token has zero vectors and scale zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// Unit length, or all zero.
    pub vector: Vec<f32>,
    /// The vector with its largest magnitude scaled to 127, rounded half to even.
    pub quantised: Vec<i8>,
    /// One over the length of `quantised`, or zero.
    pub scale: f32,
    /// Tokens read, unknown ones counted; a word that WordPiece cuts into crumbs (three pieces
    /// or more, shorter than two characters on average) counts as one unknown token.
    pub tokens: u32,
    /// Tokens of those that the vocabulary knows.
    pub known: u32,
}

impl Encoded {
    /// Returns the encoding of a vector that comes from somewhere else.
    ///
    /// The vector is scaled to unit length. Zero, overflowing and non-finite
    /// vectors become all zero. Counts are zero: no text was read.
    #[must_use]
    pub fn from_vector(values: &[f32]) -> Self {
        let mut encoded = Self::default();
        encoded.set_values(values);
        encoded
    }

    /// Returns the share of tokens that the vocabulary knows, zero for no tokens.
    #[must_use]
    pub fn known_share(&self) -> f32 {
        if self.tokens == 0 {
            0.0
        } else {
            self.known as f32 / self.tokens as f32
        }
    }

    /// Returns true if nothing is known about the text.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.scale == 0.0
    }

    /// Sets both vectors from `values`, of any length and scale.
    ///
    /// Elementwise f32 and sums in a fixed order: equal on every machine.
    pub(crate) fn set_values(&mut self, values: &[f32]) {
        set(self, values);
    }

    /// Sets the int8 form as [`set_values`](Self::set_values) does, and leaves the vector empty.
    ///
    /// For whole numbers below 2^31: only zero among them has no length, so none is taken.
    pub(crate) fn set_whole(&mut self, values: &[f32]) {
        set_int8(self, values);
    }
}

widest! {
    fn set(encoded: &mut Encoded, values: &[f32]) = set_body
}

widest! {
    fn set_int8(encoded: &mut Encoded, values: &[f32]) = set_int8_body
}

#[inline(always)]
fn set_int8_body(encoded: &mut Encoded, values: &[f32]) {
    let largest = largest(values);
    encoded.vector.clear();
    encoded.quantised.clear();
    if largest == 0.0 {
        encoded.quantised.resize(values.len(), 0);
        encoded.scale = 0.0;
        return;
    }
    let factor = 127.0 / largest;
    let rounded = values.iter().map(|value| round_to_i8(value * factor));
    encoded.quantised.extend(rounded);
    encoded.scale = inverse_length(&encoded.quantised);
}

#[inline(always)]
fn set_body(encoded: &mut Encoded, values: &[f32]) {
    let length = product_sum(values, values).sqrt();
    let inverse = (1.0 / length) as f32;
    let factor = 127.0 / largest(values);
    encoded.vector.clear();
    encoded.quantised.clear();
    if !(length > 0.0 && inverse > 0.0 && inverse.is_finite() && factor.is_finite()) {
        encoded.vector.resize(values.len(), 0.0);
        encoded.quantised.resize(values.len(), 0);
        encoded.scale = 0.0;
        return;
    }
    let unit = values.iter().map(|value| value * inverse);
    encoded.vector.extend(unit);
    let rounded = values.iter().map(|value| round_to_i8(value * factor));
    encoded.quantised.extend(rounded);
    encoded.scale = inverse_length(&encoded.quantised);
}

/// Returns the largest magnitude; the order does not matter to a maximum.
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks.iter().map(|chunk| chunk.as_slice()).chain([rest]) {
        for (most, value) in lanes.iter_mut().zip(chunk) {
            let magnitude = value.abs();
            *most = if magnitude > *most { magnitude } else { *most };
        }
    }
    lanes.into_iter().fold(0.0, f32::max)
}

/// Rounds half to even; `value` must lie in -127 ..= 127.
///
/// Adding 1.5 * 2^23 leaves the rounded integer in the low bits. `f32::round_ties_even`
/// is a library call without SSE4.1, and this loop runs once per dimension.
#[inline(always)]
pub(crate) fn round_to_i8(value: f32) -> i8 {
    (value + 12_582_912.0).to_bits() as i8
}

/// Returns one over the length of an int8 vector, zero for the zero vector.
#[inline(always)]
fn inverse_length(quantised: &[i8]) -> f32 {
    let square: i64 = quantised
        .chunks(1 << 16)
        .map(|chunk| {
            let sum: i32 = chunk.iter().map(|&x| i32::from(x) * i32::from(x)).sum();
            i64::from(sum)
        })
        .sum();
    if square == 0 {
        0.0
    } else {
        (1.0 / (square as f64).sqrt()) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_is_half_to_even(value in -127.0_f32..=127.0) {
            prop_assert_eq!(round_to_i8(value), value.round_ties_even() as i8);
        }

        #[test]
        fn vectors_have_unit_length(values in prop::collection::vec(-1e3_f32..1e3, 1..300)) {
            let encoded = Encoded::from_vector(&values);
            prop_assume!(!encoded.is_zero());
            prop_assert!((product_sum(&encoded.vector, &encoded.vector).sqrt() - 1.0).abs() < 1e-6);
            let worst = encoded.vector.iter().zip(&encoded.quantised)
                .map(|(x, &q)| (x - f32::from(q) * encoded.scale).abs())
                .fold(0.0, f32::max);
            prop_assert!(worst < 0.01, "off by {worst}");
        }
    }

    proptest! {
        #[test]
        fn the_int8_form_alone_is_that_of_both(
            values in prop::collection::vec(
                prop_oneof![Just(0.0_f32), (i32::MIN..=i32::MAX).prop_map(|sum| sum as f32), (-90_000_i32..90_000).prop_map(|sum| sum as f32)],
                0..300,
            ),
            zero in any::<bool>(),
        ) {
            let values = if zero { vec![0.0; values.len()] } else { values };
            let (mut both, mut alone) = (Encoded::default(), Encoded::from_vector(&[1.0, 2.0]));
            both.set_values(&values);
            alone.set_whole(&values);
            prop_assert_eq!(both.quantised, alone.quantised);
            prop_assert_eq!(both.scale.to_bits(), alone.scale.to_bits());
            prop_assert!(alone.vector.is_empty());
        }
    }

    #[test]
    fn halves_round_to_even() {
        for (value, rounded) in [
            (0.5, 0),
            (1.5, 2),
            (2.5, 2),
            (-0.5, 0),
            (-1.5, -2),
            (127.0, 127),
        ] {
            assert_eq!(round_to_i8(value), rounded, "{value}");
        }
    }

    #[test]
    fn vectors_without_a_direction_become_zero() {
        for values in [
            &[0.0_f32, 0.0][..],
            &[f32::NAN, 1.0],
            &[f32::INFINITY, 1.0],
            &[],
        ] {
            let encoded = Encoded::from_vector(values);
            assert!(encoded.is_zero());
            assert_eq!(encoded.vector, vec![0.0; values.len()]);
            assert_eq!(encoded.quantised, vec![0; values.len()]);
        }
    }
}
