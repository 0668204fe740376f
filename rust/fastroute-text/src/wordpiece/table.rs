//! Finds tokens by their bytes.
//!
//! Nearly all words and pieces have at most eight bytes, so those lie in the slot itself and a
//! probe is one load and one comparison. Longer ones lie in an arena; a tag of the hash keeps
//! most mismatches from reading it. Half of the slots stay empty, so runs of probes are short.

/// The longest key that lies in its slot.
pub(super) const INLINE: usize = 8;

#[derive(Clone, Copy, Default)]
struct Slot {
    /// The key itself, or its place in the arena below and 32 bits of its hash above.
    key: u64,
    id: u32,
    /// Zero for an empty slot.
    len: u32,
}

/// An immutable map from byte strings to ids.
#[derive(Clone)]
pub(super) struct Table {
    slots: Box<[Slot]>,
    mask: usize,
    arena: Box<[u8]>,
    longest: usize,
    len: usize,
}

impl Table {
    /// Builds the map; the last of equal keys wins, and empty keys are left out.
    ///
    /// Returns nothing when the keys do not fit 32-bit offsets.
    pub(super) fn build<'a>(entries: impl Iterator<Item = (&'a str, u32)>) -> Option<Self> {
        let entries: Vec<(&str, u32)> = entries.filter(|(key, _)| !key.is_empty()).collect();
        let capacity = (entries.len() * 2).next_power_of_two();
        let mut slots = vec![Slot::default(); capacity];
        let mask = capacity - 1;
        let mut arena = Vec::new();
        let mut longest = 0;
        let mut len = 0;
        for (key, id) in entries {
            let bytes = key.as_bytes();
            let hash = hash(bytes);
            let mut at = place(hash, mask);
            while slots[at].len != 0 && !matches(slots[at], bytes, hash, &arena) {
                at = (at + 1) & mask;
            }
            if slots[at].len == 0 {
                len += 1;
                slots[at].len = u32::try_from(bytes.len()).ok()?;
                slots[at].key = if bytes.len() <= INLINE {
                    inline_key(bytes)
                } else {
                    let offset = u32::try_from(arena.len()).ok()?;
                    arena.extend_from_slice(bytes);
                    u64::from(offset) | hash & !u64::from(u32::MAX)
                };
            }
            slots[at].id = id;
            longest = longest.max(bytes.len());
        }
        Some(Self {
            slots: slots.into(),
            mask,
            arena: arena.into(),
            longest,
            len,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Finds the id of exactly these bytes.
    #[inline]
    pub(super) fn find(&self, bytes: &[u8]) -> Option<u32> {
        if bytes.is_empty() || bytes.len() > self.longest {
            return None;
        }
        let hash = hash(bytes);
        let mut at = place(hash, self.mask);
        loop {
            let slot = self.slots[at];
            if slot.len == 0 {
                return None;
            }
            if matches(slot, bytes, hash, &self.arena) {
                return Some(slot.id);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Finds the id of the `len` bytes that are packed in `key`, the first one lowest.
    ///
    /// There must be one to [`INLINE`] of them.
    #[inline]
    pub(super) fn find_short(&self, key: u64, len: usize) -> Option<u32> {
        let mut at = place(hash_short(key, len), self.mask);
        loop {
            let slot = self.slots[at];
            if slot.len as usize == len && slot.key == key {
                return Some(slot.id);
            }
            if slot.len == 0 {
                return None;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Finds the longest key that starts `text` and ends on a character boundary, with its length.
    pub(super) fn longest_prefix(&self, text: &[u8]) -> Option<(u32, usize)> {
        (1..=text.len().min(self.longest))
            .rev()
            .filter(|&end| text.get(end).is_none_or(|byte| byte & 0xc0 != 0x80))
            .find_map(|end| Some((self.find(&text[..end])?, end)))
    }
}

#[inline]
fn place(hash: u64, mask: usize) -> usize {
    // The mask keeps the low bits only, so narrowing loses nothing.
    (hash as usize) & mask
}

#[inline]
fn matches(slot: Slot, bytes: &[u8], hash: u64, arena: &[u8]) -> bool {
    if slot.len as usize != bytes.len() {
        return false;
    }
    if bytes.len() <= INLINE {
        return slot.key == inline_key(bytes);
    }
    if slot.key >> 32 != hash >> 32 {
        return false;
    }
    let offset = (slot.key & u64::from(u32::MAX)) as usize;
    arena.get(offset..offset + bytes.len()) == Some(bytes)
}

#[inline]
fn word_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
        .unwrap_or([0; N])
}

/// Packs one to eight bytes, by two reads that may overlap.
#[inline]
fn inline_key(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if len >= 4 {
        let low = u64::from(u32::from_le_bytes(word_at(bytes, 0)));
        let high = u64::from(u32::from_le_bytes(word_at(bytes, len - 4)));
        low | high << ((len - 4) * 8)
    } else {
        bytes
            .iter()
            .rev()
            .fold(0, |key, &byte| key << 8 | u64::from(byte))
    }
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const LENGTH_MULTIPLIER: u64 = 0xa24b_aed4_963e_e407;

#[inline]
fn hash_short(key: u64, len: usize) -> u64 {
    let state = ((len as u64).wrapping_mul(LENGTH_MULTIPLIER) ^ key).wrapping_mul(MULTIPLIER);
    state ^ state >> 32
}

#[inline]
fn hash(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if len <= INLINE {
        return hash_short(inline_key(bytes), len);
    }
    let mut state = (len as u64).wrapping_mul(LENGTH_MULTIPLIER);
    let mut at = 0;
    while at + 8 < len {
        state = (state ^ u64::from_le_bytes(word_at(bytes, at))).wrapping_mul(MULTIPLIER);
        state ^= state >> 32;
        at += 8;
    }
    state = (state ^ u64::from_le_bytes(word_at(bytes, len - 8))).wrapping_mul(MULTIPLIER);
    state ^ state >> 32
}
