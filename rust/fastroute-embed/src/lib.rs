//! The embed part of fastroute.

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
