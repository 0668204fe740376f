//! The token of a decision: what may be reported on, sealed for one caller.
//!
//! Version, time of expiry, name of the decision, revision, the number of the last change of health before it, whether its first
//! attempt was claimed, a hash of the name of each planned model with its deployment, and 16 bytes of a
//! keyed BLAKE3 over all of it and the caller. Everything but the seal can be read by anybody; that
//! is no secret to its holder, who has the decision. Names are hashed rather than numbered so that
//! a replica needs no catalogue of the revision that decided; the hash keeps no secret either.

use fastroute_core::Decision;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::context::Caller;
use crate::live::Claimed;

const VERSION: u8 = 2;
const REVISION_BYTES: usize = 8;
const HEAD: usize = 1 + 8 + 16 + REVISION_BYTES + 8 + 1;
/// Hash of a name, and place of a deployment.
const PLANNED: usize = 4 + 1;
const SEAL: usize = 16;

/// A token that was verified.
pub(super) struct Token<'a> {
    pub id: Uuid,
    /// Seconds of Unix time.
    pub expires: u64,
    /// The first bytes of the revision that decided.
    pub revision: &'a [u8],
    /// Number of the last change of health when it was decided, on the replica that did.
    pub epoch: u64,
    /// Whether its first attempt was claimed there.
    pub is_claimed: bool,
    plan: &'a [u8],
}

impl Token<'_> {
    /// Where the plan has a model of that name: its place, and its deployment's.
    pub fn planned(&self, model: &str) -> Option<(usize, u8)> {
        let wanted = name_hash(model);
        let mut planned = self.plan.chunks_exact(PLANNED).enumerate();
        planned.find_map(|(place, entry)| match entry {
            [name @ .., deployment] if *name == wanted => Some((place, *deployment)),
            _ => None,
        })
    }
}

/// Writes the token of a decision.
pub(super) fn write(
    key: &[u8; 32],
    id: Uuid,
    expires: u64,
    decision: &Decision,
    claimed: &Claimed,
    caller: &Caller,
) -> Vec<u8> {
    let plan = decision.plan();
    let body = HEAD + PLANNED * plan.len();
    let mut token = Vec::with_capacity(body + caller_bytes(caller).max(SEAL));
    token.push(VERSION);
    token.extend(expires.to_be_bytes());
    token.extend(id.as_bytes());
    token.extend(&decision.revision().as_bytes()[..REVISION_BYTES]);
    token.extend(claimed.epoch.to_be_bytes());
    token.push(u8::from(claimed.kept.is_some()));
    let names = decision.model().into_iter().chain(decision.fallbacks());
    for (model, planned) in names.zip(plan) {
        token.extend(name_hash(model));
        token.push(planned.deployment);
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
    let (revision, rest) = rest.split_at_checked(REVISION_BYTES)?;
    let (epoch, rest) = rest.split_first_chunk::<8>()?;
    let (is_claimed, plan) = rest.split_first()?;
    (*version == VERSION).then_some(Token {
        id: Uuid::from_bytes(*id),
        expires: u64::from_be_bytes(*expires),
        revision,
        epoch: u64::from_be_bytes(*epoch),
        is_claimed: *is_claimed == 1,
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
