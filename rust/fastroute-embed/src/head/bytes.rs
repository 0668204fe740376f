//! A head as bytes, so that a host may keep it under the hash of its examples.
//!
//! Magic, version, sizes, numbers in little-endian, and a SHA-256 over all of it.
//! The digest finds accidents, not attacks: whoever writes the cache is trusted.

use sha2::{Digest, Sha256};

use crate::{
    encoder::MAX_DIMENSIONS,
    head::{
        Head, MAX_ROUTES,
        error::{HeadError, Kind},
        packed::Packed,
    },
};

const MAGIC: &[u8; 4] = b"FRHD";
const VERSION: u32 = 1;
const HEADER: usize = 16;
const DIGEST: usize = 32;

pub(crate) fn write(head: &Head) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + head.rows.len() + 12 * head.scales.len() + DIGEST);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&(head.dimensions as u32).to_le_bytes());
    out.extend_from_slice(&(head.thresholds.len() as u32).to_le_bytes());
    out.extend(head.rows.iter().map(|&value| value as u8));
    for values in [&head.scales, &head.biases, &head.thresholds] {
        for value in values {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
    let digest = Sha256::digest(&out);
    out.extend_from_slice(&digest);
    out
}

pub(crate) fn read(bytes: &[u8]) -> Result<Head, HeadError> {
    let malformed = |message| HeadError::from(Kind::Bytes(message));
    let (content, digest) = bytes
        .split_last_chunk::<DIGEST>()
        .ok_or_else(|| malformed("it is too short"))?;
    if content.get(..4) != Some(MAGIC.as_slice()) {
        return Err(malformed("it is not a head"));
    }
    let number = |place: usize| {
        content
            .get(place..)
            .and_then(|tail| tail.first_chunk::<4>())
            .map(|&four| u32::from_le_bytes(four))
    };
    if number(4) != Some(VERSION) {
        return Err(malformed("it has another version"));
    }
    if Sha256::digest(content).as_slice() != digest {
        return Err(malformed("its digest does not match"));
    }
    let (Some(dimensions), Some(routes)) = (number(8), number(12)) else {
        return Err(malformed("it is too short"));
    };
    let (dimensions, routes) = (dimensions as usize, routes as usize);
    if !(1..=MAX_DIMENSIONS).contains(&dimensions) || !(1..=MAX_ROUTES).contains(&routes) {
        return Err(malformed("its sizes are out of range"));
    }
    let classes = routes + 1;
    let body = content.get(HEADER..).unwrap_or_default();
    let Some((rows, floats)) = body.split_at_checked(classes * dimensions) else {
        return Err(malformed("it is too short"));
    };
    let (floats, rest) = floats.as_chunks::<4>();
    if floats.len() != 2 * classes + routes || !rest.is_empty() {
        return Err(malformed("its length does not fit its sizes"));
    }
    let values: Vec<f32> = floats
        .iter()
        .map(|&four| f32::from_le_bytes(four))
        .collect();
    if values.iter().any(|value| value.is_nan()) {
        return Err(malformed("it has a number that is not one"));
    }
    let rows: Vec<i8> = rows.iter().map(|&value| value as i8).collect();
    Ok(Head {
        dimensions,
        packed: Packed::of(&rows, dimensions),
        rows,
        scales: values[..classes].to_vec(),
        biases: values[classes..2 * classes].to_vec(),
        thresholds: values[2 * classes..].to_vec(),
    })
}
