//! The reference prompts as messages of the service, and messages of equal size for an echo.
//!
//! They are encoded once: what is measured is the server, not the driver's encoder. An echo gets the same
//! number of bytes as one field, and answers with a fixed number of bytes, the mean of what ours answers.

use bytes::Bytes;
use fastroute_benches::reference;
use fastroute_proto::v1;
use prost::Message as _;

use crate::connect::frame;

/// What the echo servers take and give: bytes.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Payload {
    /// The bytes.
    #[prost(bytes = "bytes", tag = "1")]
    pub bytes: Bytes,
}

/// Returns the 512 prompts as framed requests, in the order of the file.
#[must_use]
pub fn route_requests() -> Vec<Bytes> {
    encoded().iter().map(|request| frame(request)).collect()
}

/// Returns framed requests for an echo, each of the size of the request in its place.
#[must_use]
pub fn echo_requests() -> Vec<Bytes> {
    encoded()
        .iter()
        .map(|request| frame(&sized(request.len(), request).encode_to_vec()))
        .collect()
}

/// Returns a payload that takes `size` bytes when encoded, filled from `bytes` and then with zeros.
///
/// Sizes below 2 and the one size in 128 that no length gives come out a byte short.
#[must_use]
pub fn sized(size: usize, bytes: &[u8]) -> Payload {
    let length = (0..size)
        .rev()
        .find(|length| 1 + prost::length_delimiter_len(*length) + length <= size)
        .unwrap_or(0);
    let mut filled = vec![0; length];
    let copied = length.min(bytes.len());
    filled[..copied].copy_from_slice(&bytes[..copied]);
    Payload {
        bytes: filled.into(),
    }
}

/// Returns the request for one text, as the bench sends it: a text and one fact.
#[must_use]
pub fn request(text: &str) -> v1::RouteRequest {
    v1::RouteRequest {
        text: Some(text.to_owned()),
        metadata: vec![v1::MetadataEntry {
            key: "tier".to_owned(),
            value: Some(v1::metadata_entry::Value::TextValue("pro".to_owned())),
        }],
        ..Default::default()
    }
}

fn encoded() -> Vec<Vec<u8>> {
    reference::prompts()
        .iter()
        .map(|text| request(text).encode_to_vec())
        .collect()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::sized;

    #[test]
    fn a_payload_takes_the_size_that_was_asked() {
        for size in [2, 20, 129, 300, 400, 20_000] {
            assert_eq!(sized(size, b"filled").encoded_len(), size, "size {size}");
        }
    }
}
