//! The static encoder: a text's vector is the sum of its tokens' rows.
//!
//! No network runs at request time; a table look-up and an addition per token
//! replace it, at a hundredth of a small transformer's cost and about four points
//! of its accuracy. The file format is model2vec's, so its models load too.
//!
//! Sums of int8 rows are exact integers and everything after them is elementwise
//! or in a fixed order, so a vector is the same bits on every machine. Order of
//! words is not seen at all, negation hardly.

mod embedded;
mod encoded;
mod error;
mod pool;
mod table;
mod tokens;
mod vocabulary;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use crate::encoder::{embedded::background, encoded::Encoded, error::EncoderError};

pub(crate) use crate::encoder::{encoded::round_to_i8, table::MAX_DIMENSIONS};

use crate::encoder::{error::Kind, table::Table, tokens::Tokens, vocabulary::TokenizerFile};

/// Tokens read of one text where the model sets no limit of its own.
///
/// int8 sums of this many rows stay inside an i32.
pub const MAX_TOKENS: usize = 1 << 20;

/// model2vec's limit for files that do not name one.
const DEFAULT_MAX_LENGTH: usize = 512;

/// Turns texts into vectors; see the [module](self).
pub struct StaticEncoder {
    table: Table,
    tokens: Tokens,
    /// Tokens and characters read of a text.
    limit: Option<(usize, usize)>,
    fingerprint: OnceLock<[u8; 32]>,
    tokenizer_json: Cow<'static, [u8]>,
    config_json: Cow<'static, [u8]>,
}

/// Holds the buffers of [`StaticEncoder::encode`]; one per thread, reused.
#[derive(Clone, Debug, Default)]
pub struct EncodeScratch {
    ids: Vec<u32>,
    rows: Vec<u32>,
    sums: Vec<f32>,
}

impl EncodeScratch {
    /// Returns empty buffers; they grow with the first texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[derive(Deserialize)]
struct Config {
    /// Validated only: vectors always have unit length here.
    #[serde(default, rename = "normalize")]
    _normalize: Option<bool>,
    #[serde(default = "default_max_length")]
    max_length: Option<usize>,
}

fn default_max_length() -> Option<usize> {
    Some(DEFAULT_MAX_LENGTH)
}

impl StaticEncoder {
    /// Reads the three files of a model2vec model.
    ///
    /// Bytes that are `'static` are used in place; int8 rows are never copied.
    /// `max_length` of the configuration limits the tokens read of a text: 512
    /// when absent, [`MAX_TOKENS`] when null. `normalize` has no effect, as vectors
    /// always have unit length.
    ///
    /// # Errors
    ///
    /// Refuses files that do not parse, a table that is not I8, F16 or F32 or that
    /// has not one row per token, numbers that are not finite, and a mapping that
    /// points outside the table.
    pub fn from_bytes(
        safetensors: impl Into<Cow<'static, [u8]>>,
        tokenizer_json: impl Into<Cow<'static, [u8]>>,
        config_json: impl Into<Cow<'static, [u8]>>,
    ) -> Result<Self, EncoderError> {
        let tokenizer_json = tokenizer_json.into();
        let config_json = config_json.into();
        // Through a map, as a struct would also be read from a list.
        let config: Config = serde_json::from_slice::<Map<String, Value>>(&config_json)
            .and_then(|map| serde_json::from_value(Value::Object(map)))
            .map_err(|error| Kind::Config(error.to_string()))?;
        let file = TokenizerFile::parse(&tokenizer_json)?;
        let measure = file.measure()?;
        let table = Table::read(safetensors.into(), measure.tokens)?;
        let tokens = Tokens::read(&tokenizer_json, &file)?;
        let limit = config
            .max_length
            .map(|most| (most, most.saturating_mul(measure.median_length)));
        Ok(Self {
            table,
            tokens,
            limit,
            fingerprint: OnceLock::new(),
            tokenizer_json,
            config_json,
        })
    }

    /// Returns the encoder that ships with this crate, loaded once per process.
    #[must_use]
    pub fn embedded() -> Arc<Self> {
        embedded::encoder()
    }

    /// Returns the length of every vector.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.table.dimensions
    }

    /// Returns the SHA-256 over the three files, computed at the first call.
    ///
    /// Takes about a millisecond per megabyte, which is why loading leaves it out;
    /// the embedded encoder's was computed when this crate was built.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        *self.fingerprint.get_or_init(|| {
            let mut hasher = Sha256::new();
            hasher.update(self.table.digest());
            hasher.update(Sha256::digest(&self.tokenizer_json));
            hasher.update(Sha256::digest(&self.config_json));
            hasher.finalize().into()
        })
    }

    /// Puts the vector of `text` into `encoded`.
    ///
    /// Cannot fail: a text without known tokens gives zero vectors, see
    /// [`Encoded::known`]. Linear in the text, or constant where the model limits
    /// the tokens. Allocates only while buffers grow.
    pub fn encode(&self, text: &str, scratch: &mut EncodeScratch, encoded: &mut Encoded) {
        self.read(text, scratch, encoded);
        encoded.set_values(&scratch.sums);
    }

    /// Does what [`encode`](Self::encode) does, but leaves [`Encoded::vector`] empty where that
    /// saves work: scores are computed from the int8 form alone.
    pub fn encode_quantised(&self, text: &str, scratch: &mut EncodeScratch, encoded: &mut Encoded) {
        self.read(text, scratch, encoded);
        if self.table.sums_are_whole() {
            encoded.set_whole(&scratch.sums);
        } else {
            encoded.set_values(&scratch.sums);
        }
    }

    /// Adds up the rows of a text and counts its tokens.
    fn read(&self, text: &str, scratch: &mut EncodeScratch, encoded: &mut Encoded) {
        let EncodeScratch { ids, rows, sums } = scratch;
        let text = match self.limit {
            Some((_, characters)) => first_characters(text, characters),
            None => text,
        };
        self.tokens.ids(text, ids);
        ids.truncate(
            self.limit
                .map_or(MAX_TOKENS, |(tokens, _)| tokens.min(MAX_TOKENS)),
        );
        let read = ids.len();
        if let Some(unknown) = self.tokens.unknown() {
            ids.retain(|&id| id != unknown);
        }
        let (words, pieces) = self.tokens.crumbs(ids);
        pool::add_rows(&self.table, ids, rows, sums);
        encoded.tokens = (read - pieces + words) as u32;
        encoded.known = (ids.len() - pieces) as u32;
    }
}

impl fmt::Debug for StaticEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticEncoder")
            .field("dimensions", &self.table.dimensions)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Returns the first `count` characters of `text`.
fn first_characters(text: &str, count: usize) -> &str {
    if text.len() <= count {
        return text;
    }
    match text.char_indices().nth(count) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
