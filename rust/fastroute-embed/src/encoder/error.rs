//! What can be wrong with the files of an encoder.
//!
//! Everything is found at load, so that encoding a text cannot fail. Messages
//! name the tensor, key or row at fault and the limit beside it; they never
//! quote a text that was encoded.

use thiserror::Error;

/// Reports why the files of an encoder were refused.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(transparent)]
pub struct EncoderError(#[from] Kind);

impl EncoderError {
    /// Returns the stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::Config(_) => "ENCODER_CONFIG_MALFORMED",
            Kind::Dtype { .. } => "ENCODER_DTYPE_UNSUPPORTED",
            Kind::File(_) => "ENCODER_FILE_MALFORMED",
            Kind::Mapping { .. } => "ENCODER_MAPPING_OUT_OF_RANGE",
            Kind::Missing(_) => "ENCODER_TENSOR_MISSING",
            Kind::NotFinite { .. } => "ENCODER_NOT_FINITE",
            Kind::Shape { .. } => "ENCODER_SHAPE_MISMATCH",
            Kind::Tokenizer(_) => "ENCODER_TOKENIZER_MALFORMED",
        }
    }

    /// Returns true if the tensors, and not the tokenizer or configuration, are at fault.
    #[must_use]
    pub fn is_tensor(&self) -> bool {
        !matches!(self.0, Kind::Config(_) | Kind::Tokenizer(_))
    }
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum Kind {
    #[error("config.json of the encoder is malformed: {0}")]
    Config(String),
    #[error("tensor `{tensor}` has dtype `{dtype}`, it must be one of {allowed}")]
    Dtype {
        tensor: &'static str,
        dtype: String,
        allowed: &'static str,
    },
    #[error("model.safetensors of the encoder is malformed: {0}")]
    File(String),
    #[error("tensor `mapping` sends token `{token}` to row `{row}`, there are {rows} rows")]
    Mapping { token: usize, row: i64, rows: usize },
    #[error("model.safetensors of the encoder has no tensor `{0}`")]
    Missing(&'static str),
    #[error("tensor `{tensor}` has a number that is not finite in row `{row}`")]
    NotFinite { tensor: &'static str, row: usize },
    #[error("tensor `{tensor}` has shape `{shape}`, it must be {expected}")]
    Shape {
        tensor: &'static str,
        shape: String,
        expected: String,
    },
    #[error("tokenizer.json of the encoder is malformed: {0}")]
    Tokenizer(String),
}
