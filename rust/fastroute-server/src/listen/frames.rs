//! Counts frames of HTTP/2 that make work and bring no call forward, and says when they are a flood.
//!
//! h2 bounds what such frames may hold in memory, not the time that they take: a peer that sends nothing
//! but PRIORITY or PING frames keeps a thread busy for as long as it likes. So each connection has a
//! budget. A frame that is idle talk costs one; a call and a piece of a message earn some, because peers tune their windows
//! and measure round trips as they call; so do the bytes that are sent to a peer, because one with small windows has to open them
//! again and again to read a large answer; and a little comes back with time. Peers that call stay far
//! from the end of it; one that floods is there within milliseconds.
//!
//! Only the nine bytes at the head of each frame are looked at: some nanoseconds a frame.

use std::time::Instant;

/// Frames of idle talk that a connection may send at once.
const BURST: u32 = 2_000;
/// Frames of idle talk that come back in a second.
const PER_SECOND: f64 = 100.0;
/// What a call or a piece of a message earns.
const EARNED: u32 = 4;
/// Bytes that are sent for one frame of idle talk in return: peers with the smallest usual windows open them every 4 KiB or
/// more, twice. An answer to a PING or SETTINGS has 17 bytes at most, so those earn next to nothing.
const SENT: usize = 1024;
/// Bytes below which a piece of a message earns nothing, unless it is the last.
const SMALL: usize = 8;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;

/// The frames that a peer sends on one connection.
#[derive(Debug)]
pub(crate) struct Frames {
    at: At,
    budget: u32,
    refilled: Instant,
    sent: usize,
}

#[derive(Debug)]
enum At {
    Preface {
        read: usize,
    },
    Head {
        bytes: [u8; 9],
        read: usize,
    },
    Payload {
        left: usize,
    },
    /// The peer does not speak HTTP/2.
    Other,
}

impl Frames {
    /// Begins with the preface.
    pub fn new(now: Instant) -> Self {
        Self {
            at: At::Preface { read: 0 },
            budget: BURST,
            refilled: now,
            sent: 0,
        }
    }

    /// Notes so many bytes that were sent to the peer.
    pub fn sent(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent >= SENT {
            let earned = u32::try_from(self.sent / SENT).unwrap_or(BURST);
            self.budget = self.budget.saturating_add(earned).min(BURST);
            self.sent %= SENT;
        }
    }

    /// Looks at the bytes that were read next; returns whether the peer may go on.
    #[must_use]
    pub fn take(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match &mut self.at {
                At::Preface { read } => {
                    let count = bytes.len().min(PREFACE.len() - *read);
                    let (now, rest) = bytes.split_at(count);
                    if PREFACE.get(*read..*read + count) != Some(now) {
                        self.at = At::Other;
                        return true;
                    }
                    *read += count;
                    if *read == PREFACE.len() {
                        self.at = head();
                    }
                    bytes = rest;
                }
                At::Head { bytes: head, read } => {
                    let count = bytes.len().min(head.len() - *read);
                    let (now, rest) = bytes.split_at(count);
                    for (to, from) in head.iter_mut().skip(*read).zip(now) {
                        *to = *from;
                    }
                    *read += count;
                    bytes = rest;
                    if *read == head.len() {
                        let [high, middle, low, kind, flags, ..] = *head;
                        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
                        self.at = At::Payload { left: length };
                        if !self.count(kind, flags, length) {
                            return false;
                        }
                    }
                }
                At::Payload { left } => {
                    let count = bytes.len().min(*left);
                    *left -= count;
                    let is_over = *left == 0;
                    bytes = &bytes[count..];
                    if is_over {
                        self.at = head();
                    }
                }
                At::Other => return true,
            }
        }
        true
    }

    fn count(&mut self, kind: u8, flags: u8, length: usize) -> bool {
        let is_work = match kind {
            HEADERS => true,
            DATA => length >= SMALL || flags & END_STREAM != 0,
            _ => false,
        };
        if is_work {
            self.budget = (self.budget + EARNED).min(BURST);
            return true;
        }
        if self.budget == 0 {
            let now = Instant::now();
            let seconds = now.saturating_duration_since(self.refilled).as_secs_f64();
            self.refilled = now;
            self.budget = (seconds * PER_SECOND).min(f64::from(BURST)) as u32;
        }
        self.budget = match self.budget.checked_sub(1) {
            Some(budget) => budget,
            None => return false,
        };
        true
    }
}

fn head() -> At {
    At::Head {
        bytes: [0; 9],
        read: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, length: usize) -> Vec<u8> {
        let mut bytes = (length as u32).to_be_bytes()[1..].to_vec();
        bytes.extend_from_slice(&[kind, flags, 0, 0, 0, 1]);
        bytes.resize(9 + length, 0);
        bytes
    }

    fn opened() -> Frames {
        let mut frames = Frames::new(Instant::now());
        assert!(frames.take(PREFACE));
        frames
    }

    #[test]
    fn idle_talk_ends_with_the_budget_however_the_bytes_are_cut() {
        for size in [1, 7, 17, 4096] {
            let mut frames = opened();
            let pings: Vec<u8> = (0..BURST).flat_map(|_| frame(6, 0, 8)).collect();
            assert!(pings.chunks(size).all(|chunk| frames.take(chunk)), "{size}");
            let more: Vec<u8> = (0..BURST).flat_map(|_| frame(6, 0, 8)).collect();
            assert!(!more.chunks(size).all(|chunk| frames.take(chunk)), "{size}");
        }
    }

    #[test]
    fn peers_that_call_may_tune_their_windows_for_ever() {
        let mut frames = opened();
        for _ in 0..20_000 {
            for (kind, flags, length) in [
                (1, 4, 60),
                (0, 1, 40),
                (8, 0, 4),
                (8, 0, 4),
                (6, 0, 8),
                (3, 0, 4),
            ] {
                assert!(frames.take(&frame(kind, flags, length)));
            }
        }
    }

    #[test]
    fn peers_that_read_large_answers_through_small_windows_may_open_them_for_ever() {
        let mut frames = opened();
        for _ in 0..20_000 {
            frames.sent(4 << 10);
            assert!(frames.take(&frame(8, 0, 4)));
            assert!(frames.take(&frame(8, 0, 4)));
        }
    }

    #[test]
    fn answers_to_pings_earn_no_further_pings() {
        let mut frames = opened();
        let mut pings = (0..2 * BURST).map(|_| {
            frames.sent(17);
            frames.take(&frame(6, 0, 8))
        });
        assert!(!pings.all(|may_go_on| may_go_on));
    }

    #[test]
    fn a_message_in_crumbs_is_idle_talk() {
        let mut frames = opened();
        assert!(!(0..3 * BURST).all(|_| frames.take(&frame(0, 0, 1))));
    }

    #[test]
    fn another_protocol_is_not_counted() {
        let mut frames = Frames::new(Instant::now());
        assert!((0..3 * BURST).all(|_| frames.take(b"GET / HTTP/1.1\r\n\r\n")));
    }
}
