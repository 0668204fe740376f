//! The token of a decision: what may be reported on, sealed for one caller.
//!
//! Version, time of expiry, name of the decision, revision, a hash of the name of each planned model, and 16 bytes of a
//! keyed BLAKE3 over all of it and the caller. Everything but the seal can be read by anybody; that
//! is no secret to its holder, who has the decision. Names are hashed rather than numbered so that
//! a replica needs no catalogue of the revision that decided; the hash keeps no secret either.

use fastroute_core::Decision;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::context::Caller;

const VERSION: u8 = 1;
const REVISION_BYTES: usize = 8;
const HEAD: usize = 1 + 8 + 16 + REVISION_BYTES;
const SEAL: usize = 16;

/// A token that was verified.
pub(super) struct Token<'a> {
    pub id: Uuid,
    /// Seconds of Unix time.
    pub expires: u64,
    plan: &'a [u8],
}

impl Token<'_> {
    /// Whether the plan has a model of that name.
    pub fn plans(&self, model: &str) -> bool {
        let wanted = name_hash(model);
        self.plan.chunks_exact(4).any(|planned| *planned == wanted)
    }
}

/// Writes the token of a decision.
pub(super) fn write(
    key: &[u8; 32],
    id: Uuid,
    expires: u64,
    decision: &Decision,
    caller: &Caller,
) -> Vec<u8> {
    let fallbacks = decision.fallbacks();
    let body = HEAD + 4 * (1 + fallbacks.len());
    let mut token = Vec::with_capacity(body + caller_bytes(caller).max(SEAL));
    token.push(VERSION);
    token.extend(expires.to_be_bytes());
    token.extend(id.as_bytes());
    token.extend(&decision.revision().as_bytes()[..REVISION_BYTES]);
    for model in decision.model().into_iter().chain(fallbacks) {
        token.extend(name_hash(model));
    }
    seal(key, &mut token, caller);
    token
}

/// Reads a token; none unless it was sealed under this key for this caller.
pub(super) fn read<'a>(key: &[u8; 32], token: &'a [u8], caller: &Caller) -> Option<Token<'a>> {
    let (body, sealed) = token.split_last_chunk::<SEAL>()?;
    let mut own = body.to_vec();
    seal(key, &mut own, caller);
    if !bool::from(own.get(body.len()..)?.ct_eq(sealed)) {
        return None;
    }
    let (version, rest) = body.split_first()?;
    let (expires, rest) = rest.split_first_chunk::<8>()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (_revision, plan) = rest.split_at_checked(REVISION_BYTES)?;
    (*version == VERSION).then_some(Token {
        id: Uuid::from_bytes(*id),
        expires: u64::from_be_bytes(*expires),
        plan,
    })
}

/// Puts the seal of a body and its caller behind the body. They are hashed in one piece: in parts
/// it takes twice as long.
fn seal(key: &[u8; 32], body: &mut Vec<u8>, caller: &Caller) {
    let length = body.len();
    for part in [&caller.organisation, &caller.team, &caller.application] {
        body.push(0xff);
        body.extend(part.as_bytes());
    }
    let hash = blake3::keyed_hash(key, body);
    body.truncate(length);
    body.extend(&hash.as_bytes()[..SEAL]);
}

/// Bytes that a caller adds to what is sealed.
fn caller_bytes(caller: &Caller) -> usize {
    3 + caller.organisation.len() + caller.team.len() + caller.application.len()
}

/// FNV-1a of 32 bits.
fn name_hash(name: &str) -> [u8; 4] {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.to_be_bytes()
}
