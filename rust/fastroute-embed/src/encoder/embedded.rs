//! The encoder that ships inside the library, and its background text.
//!
//! Made by `fastroute distill`; its card lies beside the files. The rows are used
//! where the linker put them, so that several encoders share one 7.8 MB table.

use std::sync::{Arc, OnceLock};

use crate::encoder::StaticEncoder;

static TENSORS: &[u8] = include_bytes!("../../assets/encoder/model.safetensors");
static TOKENIZER: &[u8] = include_bytes!("../../assets/encoder/tokenizer.json");
static CONFIG: &[u8] = include_bytes!("../../assets/encoder/config.json");

static BACKGROUND: &str = include_str!("../../assets/encoder/background.txt");

/// Computed by `build.rs`; a test compares it.
static FINGERPRINT: [u8; 32] = include!(concat!(env!("OUT_DIR"), "/fingerprint.rs"));

static ENCODER: OnceLock<Arc<StaticEncoder>> = OnceLock::new();

pub(crate) fn encoder() -> Arc<StaticEncoder> {
    Arc::clone(ENCODER.get_or_init(|| {
        match StaticEncoder::from_bytes(TENSORS, TOKENIZER, CONFIG) {
            Ok(mut encoder) => {
                encoder.fingerprint = OnceLock::from(FINGERPRINT);
                Arc::new(encoder)
            }
            // The files are part of this build and a test loads them.
            Err(error) => unreachable!("the embedded encoder does not load: {error}"),
        }
    }))
}

/// Returns the background text that ships with the encoder, one example a line.
///
/// Heads learn it as one more class, so that a text of no route's kind has
/// somewhere to go.
#[must_use]
pub fn background() -> &'static str {
    BACKGROUND
}
