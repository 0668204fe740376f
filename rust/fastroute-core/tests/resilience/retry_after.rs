//! Reads times that providers ask for, whatever they send.

use fastroute_core::{Now, RetryAfter};
use proptest::prelude::*;

/// Seconds since 1970 and the date, from a calendar that is not ours (`date -u -d @…`).
const DATES: [(u64, &str); 6] = [
    (784_111_777, "06 Nov 1994 08:49:37"),
    (951_782_399, "28 Feb 2000 23:59:59"),
    (951_868_799, "29 Feb 2000 23:59:59"),
    (951_868_800, "01 Mar 2000 00:00:00"),
    (1_900_800_000, "27 Mar 2030 00:00:00"),
    (4_107_542_399, "28 Feb 2100 23:59:59"),
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[test]
fn the_three_forms_of_a_date_read_the_same() {
    for (seconds, date) in DATES {
        let [day, month, year, time] = date.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{date}");
        };
        let at = Some(RetryAfter::UnixAt(seconds * 1_000_000));
        let imf = format!("Mon, {date} GMT");
        assert_eq!(RetryAfter::read(imf.as_bytes()), at, "{imf}");
        let asctime = format!(
            "Mon {month} {:>2} {time} {year}",
            day.trim_start_matches('0')
        );
        assert_eq!(RetryAfter::read(asctime.as_bytes()), at, "{asctime}");
        if seconds < 3_000_000_000 {
            let old = format!("Monday, {day}-{month}-{} {time} GMT", &year[2..]);
            assert_eq!(RetryAfter::read(old.as_bytes()), at, "{old}");
        }
        let rfc3339 = format!(
            "{year}-{:02}-{day}T{time}.5Z",
            1 + MONTHS
                .iter()
                .position(|name| *name == month)
                .expect("a month")
        );
        assert_eq!(RetryAfter::read_reset(rfc3339.as_bytes()), at, "{rfc3339}");
    }
}

#[test]
fn an_offset_and_a_fraction_are_understood() {
    for (text, expected) in [
        (
            "2030-03-27T02:00:00+02:00",
            Some(RetryAfter::UnixAt(1_900_800_000_000_000)),
        ),
        (
            "2030-03-26T22:30:00-01:30",
            Some(RetryAfter::UnixAt(1_900_800_000_000_000)),
        ),
        ("1h2m3.5s", Some(RetryAfter::After(3_723_500_000))),
        ("0", Some(RetryAfter::After(0))),
        ("1970-01-01T00:00:00+01:00", None),
        ("2030-13-01T00:00:00Z", None),
        ("2030-03-27T02:00:00+99:00", None),
        ("5x", None),
        ("s", None),
    ] {
        assert_eq!(RetryAfter::read_reset(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn what_is_no_date_is_nothing() {
    for text in [
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT GMT",
        "Sun Nov 6 08:49:37 1994 1994",
        ",",
        "-1",
        "+1",
        "1.",
        ".5",
        "0x10",
        "1 2",
    ] {
        assert_eq!(RetryAfter::read(text.as_bytes()), None, "{text}");
    }
    assert_eq!(
        RetryAfter::read(&[b'9'; 4_096]),
        None,
        "no provider sends that"
    );
}

proptest! {
    #[test]
    fn no_header_can_panic_it(header in proptest::collection::vec(any::<u8>(), 0..200)) {
        let now = Now { monotonic_us: 1, unix_us: 1_900_800_000_000_000 };
        for read in [RetryAfter::read, RetryAfter::read_millis, RetryAfter::read_reset] {
            let _ = read(&header).map(|asked| asked.micros(now));
        }
    }

    /// Bytes that dates, numbers and durations are made of come further than random ones.
    #[test]
    fn nothing_that_looks_like_a_time_can_panic_it(header in "[0-9a-zA-Z:,. +-]{0,60}") {
        for read in [RetryAfter::read, RetryAfter::read_millis, RetryAfter::read_reset] {
            let _ = read(header.as_bytes());
        }
    }

    #[test]
    fn every_number_of_seconds_is_read_and_saturates(seconds: u64, zeros in 0..30_usize) {
        let header = format!(" {}{seconds} ", "0".repeat(zeros));
        let expected = RetryAfter::After(seconds.saturating_mul(1_000_000));
        prop_assert_eq!(RetryAfter::read(header.as_bytes()), Some(expected));
    }
}
