//! Reads W3C Trace Context and answers with the place that the server took in the trace.
//!
//! A malformed `traceparent` starts no trace and is no error, as the specification asks. The id of
//! the server's own span comes from a counter that is mixed with a random start: unique within a
//! process and far apart between processes, without a system call for each call.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::context::TraceContext;

/// Name of the header that a caller sends.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Name of the header that answers it.
pub const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Name of the header in which other systems pass on what they know of the trace.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes of the longest `tracestate` that is passed on: what the specification asks to be borne.
const MAX_STATE: usize = 512;

/// Bytes of a `traceparent` of version 00.
const LENGTH: usize = 55;

impl TraceContext {
    /// Reads the `traceparent` of a call; none when it is absent, given twice or malformed.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let value = values.next()?;
        match values.next() {
            None => Self::parse(value.as_bytes()),
            Some(_) => None,
        }
    }

    /// Reads `version-trace-span-flags` in lower case hexadecimal.
    ///
    /// Versions above 00 may append fields after a dash, which are ignored; version ff is invalid,
    /// and so are ids that are all zero.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, rest) = text.split_at_checked(LENGTH)?;
        let [version] = hex::<1>(head.get(..2)?)?;
        let is_framed = head.get(2) == Some(&b'-')
            && head.get(35) == Some(&b'-')
            && head.get(52) == Some(&b'-');
        let is_whole = rest.is_empty() || (version > 0 && rest.first() == Some(&b'-'));
        if version == 0xff || !is_framed || !is_whole {
            return None;
        }
        let trace_id = hex::<16>(head.get(3..35)?)?;
        let span_id = hex::<8>(head.get(36..52)?)?;
        let [flags] = hex::<1>(head.get(53..55)?)?;
        let is_set = trace_id != [0; 16] && span_id != [0; 8];
        is_set.then_some(Self {
            trace_id,
            span_id,
            flags,
        })
    }

    /// Writes the value of `traceresponse`: the same trace, and a new span of the server's.
    #[must_use]
    pub fn response(&self) -> HeaderValue {
        let mut text = [b'-'; LENGTH];
        write_hex(&mut text[..2], &[0]);
        write_hex(&mut text[3..35], &self.trace_id);
        write_hex(&mut text[36..52], &next_span());
        write_hex(&mut text[53..55], &[self.flags & 1]);
        HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// Reads `tracestate`, to be passed on with a trace that is valid, and only then; several headers are one list.
///
/// None when it is absent, empty, longer than 512 bytes or not of printable ASCII: it is taken whole or not at all. What
/// its members say is for those that wrote them.
#[must_use]
pub fn state(headers: &HeaderMap) -> Option<Box<str>> {
    let mut values = headers.get_all(TRACESTATE).iter();
    let mut list = values.next()?.to_str().ok()?.to_owned();
    for value in values {
        list.push(',');
        list.push_str(value.to_str().ok()?);
        if list.len() > MAX_STATE {
            return None;
        }
    }
    (!list.is_empty() && list.len() <= MAX_STATE).then(|| list.into())
}

/// Returns an id that this process has not given before; never all zero.
fn next_span() -> [u8; 8] {
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0_u8));
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // The finaliser of SplitMix64 is a bijection, so distinct counts give distinct ids.
    let mut id = START.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed));
    id = (id ^ (id >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    id = (id ^ (id >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    id ^= id >> 31;
    if id == 0 {
        1_u64.to_be_bytes()
    } else {
        id.to_be_bytes()
    }
}

fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = (digit(*pair.first()?)? << 4) | digit(*pair.get(1)?)?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

fn write_hex(text: &mut [u8], bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_valid_parent_is_read_and_answered_in_the_same_trace() {
        let trace = TraceContext::parse(VALID.as_bytes()).expect("a trace");
        assert_eq!(trace.span_id, [0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
        assert_eq!(trace.flags, 1);
        let answer = TraceContext::parse(trace.response().as_bytes()).expect("a trace");
        assert_eq!((answer.trace_id, answer.flags), (trace.trace_id, 1));
        assert_ne!(answer.span_id, trace.span_id);
        assert_ne!(
            trace.response(),
            trace.response(),
            "each call is a span of its own"
        );
    }

    #[test]
    fn what_is_malformed_starts_no_trace() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\u{e9}-00f067aa0ba902b7-1",
        ] {
            assert_eq!(TraceContext::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_later_version_may_append_and_a_second_header_makes_it_none() {
        let later = format!("cc{}-extra", &VALID[2..]);
        assert!(TraceContext::parse(later.as_bytes()).is_some());
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, HeaderValue::from_static(VALID));
        assert!(TraceContext::of(&headers).is_some());
        headers.append(TRACEPARENT, HeaderValue::from_static(VALID));
        assert_eq!(TraceContext::of(&headers), None);
    }

    #[test]
    fn a_state_is_one_list_and_is_taken_whole_or_not_at_all() {
        let mut headers = HeaderMap::new();
        assert_eq!(state(&headers), None);
        headers.append(
            TRACESTATE,
            HeaderValue::from_static("rojo=00f067aa0ba902b7"),
        );
        headers.append(TRACESTATE, HeaderValue::from_static("congo=t61rcWkgMzE"));
        let list = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
        assert_eq!(state(&headers).as_deref(), Some(list));
        for text in ["".to_owned(), "a".repeat(513), "a=\u{e9}".to_owned()] {
            let value = HeaderValue::from_bytes(text.as_bytes()).expect("a header");
            assert_eq!(
                state(&HeaderMap::from_iter([(TRACESTATE, value)])),
                None,
                "{text}"
            );
        }
        let longest = HeaderValue::from_bytes(&[b'a'; 512]).expect("a header");
        assert!(state(&HeaderMap::from_iter([(TRACESTATE, longest)])).is_some());
    }
}
