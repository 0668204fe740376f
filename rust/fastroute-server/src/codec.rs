//! Bytes of gRPC to messages and back, with errors of our own.
//!
//! What is no message of the contract becomes `MALFORMED_MESSAGE`, with the field where the decoder
//! stopped and nothing of its content. Items of a stream are lenient: a malformed one is an item too,
//! so that it can be answered and the stream goes on.
//!
//! An empty message takes two bytes and a decoded one hundreds, so before a large message is decoded
//! its items are counted; see `codec/bounds.rs`. That takes a pass over keys and lengths.

mod bounds;

use std::marker::PhantomData;

use bytes::Buf;
use prost::Message;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};

use crate::refusal::Refusal;
pub use bounds::{Bounded, MAX_BATCH, MAX_REPORTS};

/// Bytes that a call reserves to read and to write; most messages fit.
const BUFFER_BYTES: usize = 2 << 10;

/// Bytes of a stream's answers that leave together.
const YIELD_BYTES: usize = 32 << 10;

/// Decodes a message.
///
/// # Errors
///
/// `MALFORMED_MESSAGE`, or the code of a list that is too long.
pub fn decode<M: Message + Bounded + Default>(bytes: &[u8]) -> Result<M, Refusal> {
    bounds::check::<M>(bytes)?;
    M::decode(bytes).map_err(|error| malformed(&error))
}

/// Says what was wrong without the numbers that were read.
fn malformed(error: &prost::DecodeError) -> Refusal {
    let text = error.to_string();
    let text = text
        .strip_prefix("failed to decode Protobuf message: ")
        .unwrap_or(&text);
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':' || c == ' ');
    Refusal::malformed(format!("the bytes are no message of fastroute.v1: {text}"))
}

/// Says by one of our codes what the transport refused with a bare status.
#[must_use]
pub fn typed(status: &Status) -> Refusal {
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => too_large(),
        Code::Unimplemented => Refusal::new(
            "UNSUPPORTED_ENCODING",
            Code::Unimplemented,
            "messages must not be compressed, unless the server says that it accepts gzip",
        ),
        Code::DeadlineExceeded => Refusal::deadline_exceeded(),
        Code::Cancelled => Refusal::new("CANCELLED", Code::Cancelled, "the caller went away"),
        Code::Internal | Code::Unknown => Refusal::malformed(
            "the body is no message of gRPC: it is missing, cut off, or wrongly framed",
        ),
        _ => Refusal::internal(),
    }
}

/// Makes the refusal of a message over the limit.
#[must_use]
pub fn too_large() -> Refusal {
    Refusal::new(
        "MESSAGE_TOO_LARGE",
        Code::ResourceExhausted,
        "the message is over the server's limit of its size",
    )
}

/// Reads messages of `D` and writes those of `E`.
pub struct Strict<E, D>(PhantomData<(E, D)>);

/// As [`Strict`], but what is malformed is an item of the stream.
pub struct Lenient<E, D>(PhantomData<(E, D)>);

macro_rules! codec {
    ($name:ident, $decoded:ty, |$bytes:ident| $decode:expr) => {
        impl<E, D> $name<E, D> {
            /// Makes one.
            #[must_use]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<E, D> Default for $name<E, D> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<E, D> Codec for $name<E, D>
        where
            E: Message + 'static,
            D: Message + Bounded + Default + 'static,
        {
            type Encode = E;
            type Decode = $decoded;
            type Encoder = Writer<E>;
            type Decoder = Self;

            fn encoder(&mut self) -> Writer<E> {
                Writer(PhantomData)
            }

            fn decoder(&mut self) -> Self {
                Self::new()
            }
        }

        impl<E, D: Message + Bounded + Default> Decoder for $name<E, D> {
            type Item = $decoded;
            type Error = Status;

            fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<$decoded>, Status> {
                let length = source.remaining();
                // The whole message lies in one piece; were it not so, it would be gathered.
                let $bytes = if source.chunk().len() == length {
                    std::borrow::Cow::Borrowed(source.chunk())
                } else {
                    std::borrow::Cow::Owned(source.copy_to_bytes(length).to_vec())
                };
                let decoded = $decode;
                drop($bytes);
                source.advance(source.remaining());
                decoded.map(Some)
            }

            fn buffer_settings(&self) -> BufferSettings {
                BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
            }
        }
    };
}

codec!(Strict, D, |bytes| decode::<D>(&bytes).map_err(Status::from));
codec!(Lenient, Result<D, Refusal>, |bytes| Ok(decode::<D>(&bytes)));

/// Writes messages.
pub struct Writer<E>(PhantomData<E>);

impl<E: Message> Encoder for Writer<E> {
    type Item = E;
    type Error = Status;

    fn encode(&mut self, message: E, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        // A buffer that grows is never too small.
        message
            .encode(buffer)
            .map_err(|_| Refusal::internal().into_status())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
    }
}
