//! Names of decisions: UUIDs of version 7, without a lock or a system call each.
//!
//! A name is the millisecond, 32 random bits of this server and 42 bits that count up from a random start.
//! Names of one server differ because the count does; those of two differ but for a chance of 2⁻⁷⁴ in
//! the same millisecond.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

const COUNT_BITS: u32 = 42;

/// Makes names.
pub(super) struct Ids {
    server: u32,
    count: AtomicU64,
}

impl Ids {
    pub fn start() -> Self {
        let [a, b, c, d, count @ ..]: [u8; 12] = random();
        Self {
            server: u32::from_be_bytes([a, b, c, d]),
            count: AtomicU64::new(u64::from_be_bytes(count)),
        }
    }

    pub fn next(&self, unix_ms: u64) -> Uuid {
        let count = self.count.fetch_add(1, Ordering::Relaxed) & ((1 << COUNT_BITS) - 1);
        let random = u128::from(self.server) << COUNT_BITS | u128::from(count);
        let (high, low) = (random >> 62 & 0xfff, random & ((1 << 62) - 1));
        let version_and_high = 7 << 12 | high;
        Uuid::from_u128(
            u128::from(unix_ms & 0xffff_ffff_ffff) << 80
                | version_and_high << 64
                | 0b10 << 62
                | low,
        )
    }
}

/// Draws random bytes from the system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let system = rustls::crypto::ring::default_provider().secure_random;
    if system.fill(&mut bytes).is_err() {
        panic!("the system has no random numbers");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_of_version_7_and_tell_the_time() {
        let id = Ids::start().next(1_700_000_000_123);
        assert_eq!(
            (id.get_version_num(), id.get_variant()),
            (7, uuid::Variant::RFC4122)
        );
        let (seconds, nanos) = id.get_timestamp().expect("a time").to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_700_000_000, 123));
    }

    #[test]
    fn names_differ_within_a_millisecond_and_between_servers() {
        let servers = [Ids::start(), Ids::start()];
        let names = servers
            .iter()
            .flat_map(|ids| (0..10_000).map(|_| ids.next(1)));
        assert_eq!(names.collect::<HashSet<_>>().len(), 20_000);
    }

    #[test]
    fn the_count_goes_around_without_touching_other_bits() {
        let ids = Ids {
            server: u32::MAX,
            count: AtomicU64::new((1 << COUNT_BITS) - 1),
        };
        let (last, first) = (ids.next(0), ids.next(0));
        assert_eq!(last.get_version_num(), 7);
        assert_eq!(last.as_u128() - first.as_u128(), (1 << COUNT_BITS) - 1);
    }
}
