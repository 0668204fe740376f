//! From a text to a vector, from a vector to a route: fastroute's similarity.
//!
//! Three parts, each usable alone:
//!
//! - [`StaticEncoder`] turns a text into a vector of unit length by adding up table
//!   rows, in about two microseconds for 300 bytes. It reads model2vec files; one
//!   encoder ships inside the crate ([`StaticEncoder::embedded`]).
//! - [`Head`] turns a vector into a probability per route, with one more class for
//!   text of no route's kind. It is trained from a few examples at load.
//! - [`ExampleIndex`] finds the examples nearest to a text, as evidence or as the
//!   plainer way to score routes.
//!
//! All are pure and deterministic: equal input gives equal bits on every machine,
//! whatever its instruction set. Nothing here opens a file, reads a clock or starts
//! a thread. Everything that can be wrong is refused while building; deciding cannot
//! fail, and allocates nothing once its buffers have grown.
//!
//! # Examples
//!
//! Two routes of a few examples, and a question:
//!
//! ```
//! use fastroute_embed::{
//!     EncodeScratch, Encoded, Example, ExampleIndex, Head, HeadOptions, StaticEncoder, background,
//! };
//!
//! let encoder = StaticEncoder::embedded();
//! let mut scratch = EncodeScratch::new();
//! let mut encode = |text: &str| {
//!     let mut encoded = Encoded::default();
//!     encoder.encode(text, &mut scratch, &mut encoded);
//!     encoded
//! };
//!
//! // Route 0 is billing, route 1 is technical.
//! let texts = [
//!     (0, "Why was I charged twice?"),
//!     (0, "I want my money back"),
//!     (0, "please send the invoice again"),
//!     (1, "the app crashes on start"),
//!     (1, "I cannot log in"),
//!     (1, "error 500 when I upload a file"),
//! ];
//! let encoded: Vec<(u16, Encoded)> = texts.map(|(route, text)| (route, encode(text))).into();
//! let examples: Vec<Example<'_>> = encoded
//!     .iter()
//!     .map(|(route, encoded)| Example { route: *route, vector: &encoded.vector })
//!     .collect();
//! let lines: Vec<Encoded> = background().lines().map(&mut encode).collect();
//! let lines: Vec<&[f32]> = lines.iter().map(|line| line.vector.as_slice()).collect();
//! let head = Head::fit(&examples, 2, &lines, &HeadOptions::default())?;
//!
//! let question = encode("I was charged twice for one invoice");
//! let mut probabilities = Vec::new();
//! head.probabilities(&question, &mut probabilities);
//! assert!(probabilities[0] > probabilities[1]);
//! assert!(probabilities[0] > head.thresholds()[0]);
//!
//! // Why so? The nearest examples say.
//! let index = ExampleIndex::build(
//!     encoder.dimensions(),
//!     2,
//!     encoded.iter().map(|(route, encoded)| (*route, encoded)),
//! )?;
//! let mut nearest = Vec::new();
//! index.nearest(&question, 2, &mut nearest);
//! assert_eq!(texts[nearest[0].example as usize].1, "Why was I charged twice?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//!
//! It decides nothing: thresholds, margins and abstaining on unknown words belong to
//! fastroute-core, which reads [`Head::thresholds`] and [`Encoded::known`]. It runs no
//! transformer; a remote encoder's vector enters through [`Encoded::from_vector`].

mod dot;
pub mod encoder;
pub mod head;
pub mod index;
mod sums;
mod wide;

pub use crate::{
    encoder::{EncodeScratch, Encoded, EncoderError, StaticEncoder, background},
    head::{Example, Head, HeadError, HeadOptions},
    index::{ExampleIndex, IndexError, Neighbour},
};
