//! The state of a session as bytes: what later turns need of the earlier ones, and nothing of any text.
//!
//! Names go in as hashes, so that a state outlives a reload and says nothing of the configuration to
//! whoever carries it. A name that a later configuration lacks is forgotten; of a restriction that
//! means a model less, never one more. There are at most [`MOST_PERMITTED`] models of a restriction:
//! the session's own, then those first in the file, so that the bytes stay below 200.
//!
//! A checksum tells bytes of another origin, not an adversary's: whoever may send a request without
//! a session is restricted no less by one with a forged state.

use crate::catalogue::{Catalogue, ModelId, PromptId, RouteId};
use crate::models::ModelSet;
use crate::request::Capabilities;

const VERSION: u8 = 1;

/// Most models of a restriction that a state names.
const MOST_PERMITTED: usize = 36;

/// Bytes before the permitted models.
const HEAD: usize = 44;

const CHECKSUM: usize = 4;

/// What a session knows after some turns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub route: Option<RouteId>,
    pub model: Option<ModelId>,
    pub prompt: Option<PromptId>,
    /// Everything that turns needed.
    pub capabilities: Capabilities,
    pub turns: u32,
    pub last_us: u64,
    /// Tokens that the model's provider has read.
    pub cached_tokens: u32,
    /// The models that may see the session; all when none.
    pub permitted: Option<ModelSet>,
}

impl State {
    /// Reads bytes; none when this version did not write them.
    pub fn read(catalogue: &Catalogue, bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let (hashes, checksum) = rest.split_last_chunk::<CHECKSUM>()?;
        let written = &bytes[..bytes.len() - CHECKSUM];
        let count = usize::from(head[43]);
        let is_ours = head[0] == VERSION
            && head[1] <= 1
            && *checksum == fold(hash(written)).to_le_bytes()
            && hashes.len() == 4 * count
            && count <= MOST_PERMITTED;
        if !is_ours {
            return None;
        }
        let u32_at = |at: usize| {
            let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            u32::from_le_bytes(bytes.unwrap_or_default())
        };
        let u64_at = |at: usize| u64::from(u32_at(at)) | u64::from(u32_at(at + 4)) << 32;
        let (models, routes) = (&catalogue.models, &catalogue.routes);
        let model_is = |wanted: u64| models.iter().position(|of| of.name_hash == wanted);
        let permitted = || {
            let wanted = hashes.chunks_exact(4).filter_map(|bytes| {
                let wanted = u32::from_le_bytes(bytes.try_into().ok()?);
                let mut names = models.iter().map(|model| fold(model.name_hash));
                names.position(|name| name == wanted).map(ModelId::at)
            });
            wanted.collect::<ModelSet>()
        };
        let prompt = u64_at(31);
        let mut prompts = catalogue.prompts.iter().map(|name| name_hash(name));
        Some(Self {
            route: { routes.iter() }
                .position(|of| of.name_hash == u64_at(15))
                .map(RouteId::at),
            model: model_is(u64_at(23)).map(ModelId::at),
            prompt: prompts.position(|name| name == prompt).map(PromptId::at),
            capabilities: Capabilities::of_bits(head[2]),
            turns: u32_at(3),
            last_us: u64_at(7),
            cached_tokens: u32_at(39),
            permitted: (head[1] == 1).then(permitted),
        })
    }

    /// Writes it; at most 192 bytes.
    pub fn write(&self, catalogue: &Catalogue) -> Vec<u8> {
        let (models, routes) = (&catalogue.models, &catalogue.routes);
        let model_name = |model: ModelId| models.get(model.index()).map(|of| of.name_hash);
        let route = self.route.and_then(|route| routes.get(route.index()));
        let prompts = &catalogue.prompts;
        let prompt = self.prompt.and_then(|prompt| prompts.get(prompt.index()));
        let mut permitted: Vec<u32> = Vec::new();
        if let Some(set) = &self.permitted {
            let all = (0..models.len()).map(ModelId::at);
            let others = all.filter(|model| Some(*model) != self.model);
            let named = self.model.into_iter().chain(others);
            let named = named.filter(|model| set.contains(*model));
            permitted.extend(named.filter_map(model_name).map(fold).take(MOST_PERMITTED));
        }
        let mut bytes = Vec::with_capacity(HEAD + 4 * permitted.len() + CHECKSUM);
        bytes.push(VERSION);
        bytes.push(u8::from(self.permitted.is_some()));
        bytes.push(self.capabilities.bits());
        bytes.extend(self.turns.to_le_bytes());
        bytes.extend(self.last_us.to_le_bytes());
        bytes.extend(route.map_or(0, |route| route.name_hash).to_le_bytes());
        let model = self.model.and_then(model_name);
        bytes.extend(model.unwrap_or(0).to_le_bytes());
        bytes.extend(prompt.map_or(0, |name| name_hash(name)).to_le_bytes());
        bytes.extend(self.cached_tokens.to_le_bytes());
        bytes.push(permitted.len() as u8);
        bytes.extend(permitted.iter().flat_map(|name| name.to_le_bytes()));
        bytes.extend(fold(hash(&bytes)).to_le_bytes());
        bytes
    }
}

/// A name as sessions write it; never zero, which stands for none.
pub(crate) fn name_hash(name: &str) -> u64 {
    hash(name.as_bytes()).max(1)
}

/// FNV-1a (Fowler, Noll, Vo 1991): the same on every machine and in every version.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn fold(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}
