//! The rows of a static encoder, as model2vec stores them.
//!
//! Tensor `embeddings` holds the rows: I8, F16 or F32. Newer files may add
//! `mapping` (token to row, for a clustered vocabulary) and `weights` (a factor
//! per token). int8 rows stay where they are in the file's bytes, 7.8 MB for the
//! embedded encoder; the others are decoded to f32 once.
//!
//! Everything that could go wrong while encoding is refused here: a wrong dtype
//! or shape, a row that is not finite, a mapping that points outside.

use std::borrow::Cow;

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use sha2::{Digest, Sha256};

use crate::encoder::error::{EncoderError, Kind};

/// Largest accepted dimension; int8 dot products stay far from overflow below it.
pub(crate) const MAX_DIMENSIONS: usize = 8_192;

pub(crate) enum Rows {
    /// int8 rows inside `bytes`, starting at `start`.
    Int8 {
        bytes: Cow<'static, [u8]>,
        start: usize,
    },
    /// Decoded rows, and the SHA-256 of the file, which is not kept.
    Float { values: Vec<f32>, digest: [u8; 32] },
}

pub(crate) struct Table {
    pub(crate) rows: Rows,
    pub(crate) dimensions: usize,
    /// Row of each token; the identity when absent.
    pub(crate) mapping: Option<Vec<u32>>,
    /// Factor of each token; one when absent.
    pub(crate) weights: Option<Vec<f32>>,
}

impl Table {
    /// Reads the tensors and checks them against a vocabulary of `tokens`.
    pub(crate) fn read(bytes: Cow<'static, [u8]>, tokens: usize) -> Result<Self, EncoderError> {
        let file =
            SafeTensors::deserialize(&bytes).map_err(|error| Kind::File(error.to_string()))?;
        let embeddings = file
            .tensor("embeddings")
            .map_err(|_| Kind::Missing("embeddings"))?;
        let &[count, dimensions] = embeddings.shape() else {
            return Err(shape("embeddings", &embeddings, "two-dimensional".into()));
        };
        if count == 0 || dimensions == 0 || dimensions > MAX_DIMENSIONS {
            let expected = format!("at least 1 row of 1 to {MAX_DIMENSIONS} numbers");
            return Err(shape("embeddings", &embeddings, expected));
        }
        let mapping = optional(&file, "mapping", |view| read_mapping(view, tokens, count))?;
        let weights = optional(&file, "weights", |view| read_weights(view, tokens))?;
        if mapping.is_none() && count != tokens {
            let expected = format!("`{tokens}` rows, one per token of tokenizer.json");
            return Err(shape("embeddings", &embeddings, expected));
        }
        let decoded = match embeddings.dtype() {
            Dtype::I8 => None,
            Dtype::F16 | Dtype::F32 => Some(floats("embeddings", &embeddings, dimensions)?),
            other => return Err(dtype("embeddings", other, "I8, F16, F32")),
        };
        // The view borrows from `bytes`; its place is kept as an offset, so that
        // the bytes can be moved into the table without a copy.
        let start = embeddings.data().as_ptr().addr() - bytes.as_ptr().addr();
        let rows = match decoded {
            None => Rows::Int8 { bytes, start },
            Some(values) => Rows::Float {
                values,
                digest: Sha256::digest(&bytes).into(),
            },
        };
        Ok(Self {
            rows,
            dimensions,
            mapping,
            weights,
        })
    }

    /// Returns whether every sum of rows is a whole number that an f32 holds or rounds: no
    /// weights, int8 rows.
    pub(crate) fn sums_are_whole(&self) -> bool {
        self.weights.is_none() && matches!(self.rows, Rows::Int8 { .. })
    }

    /// Returns the SHA-256 of the file that this was read from.
    pub(crate) fn digest(&self) -> [u8; 32] {
        match &self.rows {
            Rows::Int8 { bytes, .. } => Sha256::digest(bytes).into(),
            Rows::Float { digest, .. } => *digest,
        }
    }
}

fn optional<T>(
    file: &SafeTensors<'_>,
    name: &'static str,
    read: impl FnOnce(&TensorView<'_>) -> Result<T, EncoderError>,
) -> Result<Option<T>, EncoderError> {
    match file.tensor(name) {
        Ok(view) => read(&view).map(Some),
        Err(_) => Ok(None),
    }
}

fn read_mapping(
    view: &TensorView<'_>,
    tokens: usize,
    rows: usize,
) -> Result<Vec<u32>, EncoderError> {
    if view.shape() != [tokens] {
        let expected = format!("[{tokens}], one entry per token of tokenizer.json");
        return Err(shape("mapping", view, expected));
    }
    let data = view.data();
    let entries: Vec<i64> = match view.dtype() {
        Dtype::I32 => four(data)
            .map(|four| i64::from(i32::from_le_bytes(four)))
            .collect(),
        Dtype::U32 => four(data)
            .map(|four| i64::from(u32::from_le_bytes(four)))
            .collect(),
        Dtype::I64 => eight(data).map(i64::from_le_bytes).collect(),
        other => return Err(dtype("mapping", other, "I32, U32, I64")),
    };
    entries
        .into_iter()
        .enumerate()
        .map(|(token, row)| match u32::try_from(row) {
            Ok(inside) if (inside as usize) < rows => Ok(inside),
            _ => Err(Kind::Mapping { token, row, rows }.into()),
        })
        .collect()
}

fn read_weights(view: &TensorView<'_>, tokens: usize) -> Result<Vec<f32>, EncoderError> {
    if view.shape() != [tokens] {
        let expected = format!("[{tokens}], one entry per token of tokenizer.json");
        return Err(shape("weights", view, expected));
    }
    floats("weights", view, 1)
}

/// Decodes to f32 and refuses rows of `width` numbers that are not all finite.
fn floats(
    tensor: &'static str,
    view: &TensorView<'_>,
    width: usize,
) -> Result<Vec<f32>, EncoderError> {
    let data = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F16 => data
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&two| half_to_f32(u16::from_le_bytes(two)))
            .collect(),
        Dtype::F32 => four(data).map(f32::from_le_bytes).collect(),
        Dtype::F64 => eight(data).map(|x| f64::from_le_bytes(x) as f32).collect(),
        other => return Err(dtype(tensor, other, "F16, F32, F64")),
    };
    match values.iter().position(|value| !value.is_finite()) {
        Some(place) => Err(Kind::NotFinite {
            tensor,
            row: place / width,
        }
        .into()),
        None => Ok(values),
    }
}

fn four(data: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    data.as_chunks::<4>().0.iter().copied()
}

fn eight(data: &[u8]) -> impl Iterator<Item = [u8; 8]> {
    data.as_chunks::<8>().0.iter().copied()
}

/// Converts IEEE half precision exactly; every half is an f32.
fn half_to_f32(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0_f32 } else { -1.0 };
    let fraction = f32::from(bits & 0x03ff);
    match (bits >> 10) & 0x1f {
        0 => sign * fraction * f32::from_bits(103 << 23),
        0x1f if bits & 0x03ff == 0 => sign * f32::INFINITY,
        0x1f => f32::NAN,
        exponent => {
            let scale = f32::from_bits((u32::from(exponent) + 112) << 23);
            sign * (1.0 + fraction / 1024.0) * scale
        }
    }
}

fn dtype(tensor: &'static str, dtype: Dtype, allowed: &'static str) -> EncoderError {
    Kind::Dtype {
        tensor,
        dtype: format!("{dtype:?}"),
        allowed,
    }
    .into()
}

fn shape(tensor: &'static str, view: &TensorView<'_>, expected: String) -> EncoderError {
    Kind::Shape {
        tensor,
        shape: format!("{:?}", view.shape()),
        expected,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::half_to_f32;

    #[test]
    fn halves_decode_exactly() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0001, 2.0_f32.powi(-24)),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half_to_f32(bits), value, "{bits:#06x}");
        }
        assert!(half_to_f32(0x7c00).is_infinite());
        assert!(half_to_f32(0x7e00).is_nan());
    }
}
