//! Durations and timestamps: protobuf's seconds and nanoseconds, our whole microseconds.
//!
//! A length of time that is negative, or whose nanoseconds are out of range or of another sign, is
//! none. What is finer than a microsecond is cut off.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pbjson_types::{Duration as Span, Timestamp};

/// Reads whole microseconds; none when it is no length of time. Saturates after 584,000 years.
#[must_use]
pub fn micros(span: &Span) -> Option<u64> {
    let seconds = u64::try_from(span.seconds).ok()?;
    let nanos = u64::try_from(span.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    Some(
        seconds
            .saturating_mul(1_000_000)
            .saturating_add(nanos / 1_000),
    )
}

/// Writes a length of time.
#[must_use]
pub fn duration(length: Duration) -> Span {
    Span {
        seconds: i64::try_from(length.as_secs()).unwrap_or(i64::MAX),
        nanos: length.subsec_nanos() as i32,
    }
}

/// Writes an instant; one before 1970 as 1970.
#[must_use]
pub fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp {
        seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        nanos: since.subsec_nanos() as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_survive_the_way_there_and_back() {
        for us in [0, 1, 999_999, 1_000_000, 86_400_000_001] {
            assert_eq!(micros(&duration(Duration::from_micros(us))), Some(us));
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_none() {
        for (seconds, nanos) in [
            (-1, 0),
            (0, -1),
            (1, -1),
            (-1, 1),
            (0, 1_000_000_000),
            (0, i32::MAX),
        ] {
            assert_eq!(
                micros(&Span { seconds, nanos }),
                None,
                "{seconds} s, {nanos} ns"
            );
        }
        let longest = Span {
            seconds: i64::MAX,
            nanos: 999_999_999,
        };
        assert_eq!(micros(&longest), Some(u64::MAX));
    }
}
