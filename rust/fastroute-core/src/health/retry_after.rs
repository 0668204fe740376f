//! Reads how long a provider asks to wait: seconds, a date, or the forms that providers made up.
//!
//! What cannot be read is nothing, and the configured time counts; what is too short or too long is
//! clamped where it is applied. No header can fail or overflow. A date is converted once, at
//! receipt, so a wall clock that is set later moves nothing.

use crate::host::Now;

/// How long a provider asks to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RetryAfter {
    /// Microseconds from now.
    After(u64),
    /// Until a unix time in microseconds.
    UnixAt(u64),
    /// The later of both, where a provider says both.
    Later {
        /// Microseconds from now.
        after: u64,
        /// A unix time in microseconds.
        unix_at: u64,
    },
}

const SECOND_US: u64 = 1_000_000;

/// Longest value that is looked at, in bytes; nothing that providers send comes near it.
const LONGEST: usize = 128;

impl RetryAfter {
    /// Reads a `Retry-After` header: seconds, with decimals or not, or a date in one of HTTP's three forms.
    ///
    /// The weekday of a date is not checked. A date of two digits lies from 1970 to 2069.
    ///
    /// # Examples
    ///
    /// ```
    /// use fastroute_core::RetryAfter;
    ///
    /// assert_eq!(RetryAfter::read(b"2"), Some(RetryAfter::After(2_000_000)));
    /// assert_eq!(
    ///     RetryAfter::read(b"Sun, 06 Nov 1994 08:49:37 GMT"),
    ///     Some(RetryAfter::UnixAt(784_111_777_000_000))
    /// );
    /// assert_eq!(RetryAfter::read(b"soon"), None);
    /// ```
    #[must_use]
    pub fn read(header: &[u8]) -> Option<Self> {
        let text = text(header)?;
        match decimal(text, SECOND_US) {
            Some(micros) => Some(Self::After(micros)),
            None => http_date(text).map(|seconds| Self::UnixAt(seconds.saturating_mul(SECOND_US))),
        }
    }

    /// Reads a number of milliseconds, as `retry-after-ms` has it.
    #[must_use]
    pub fn read_millis(header: &[u8]) -> Option<Self> {
        decimal(text(header)?, 1_000).map(Self::After)
    }

    /// Reads the end of a limit: seconds, a duration such as `6m0s` or `120ms`, or an RFC 3339 date.
    #[must_use]
    pub fn read_reset(header: &[u8]) -> Option<Self> {
        let text = text(header)?;
        decimal(text, SECOND_US)
            .or_else(|| go_duration(text))
            .map(Self::After)
            .or_else(|| {
                rfc3339(text).map(|seconds| Self::UnixAt(seconds.saturating_mul(SECOND_US)))
            })
    }

    /// Microseconds from now; none when a date has passed.
    #[must_use]
    pub const fn micros(self, now: Now) -> u64 {
        match self {
            Self::After(micros) => micros,
            Self::UnixAt(at) => at.saturating_sub(now.unix_us),
            Self::Later { after, unix_at } => {
                let until = unix_at.saturating_sub(now.unix_us);
                if until > after { until } else { after }
            }
        }
    }
}

fn text(header: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(header)
        .ok()
        .filter(|text| text.is_ascii())?;
    Some(text.trim()).filter(|text| !text.is_empty() && text.len() <= LONGEST)
}

/// A number without sign or exponent, times `unit`; saturates.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    let (mut part, mut place) = (0, unit);
    for digit in fraction.bytes() {
        place /= 10;
        part += u64::from(digit - b'0') * place;
    }
    Some(whole.saturating_mul(unit).saturating_add(part))
}

/// `1h2m3.5s`, `120ms`: numbers each with a unit.
fn go_duration(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut micros = 0_u64;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(unit_at);
        let next = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(next);
        let unit = match unit {
            "us" => 1,
            "ms" => 1_000,
            "s" => SECOND_US,
            "m" => 60 * SECOND_US,
            "h" => 3_600 * SECOND_US,
            "d" => 86_400 * SECOND_US,
            _ => return None,
        };
        micros = micros.saturating_add(decimal(number, unit)?);
        rest = after;
    }
    Some(micros)
}

/// Seconds since 1970 of a date in one of the three forms of RFC 9110, section 5.6.7.
fn http_date(text: &str) -> Option<u64> {
    match text.split_once(',') {
        Some((_, date)) => {
            let mut words = date.split([' ', '-']).filter(|word| !word.is_empty());
            let day = number(words.next()?)?;
            let month = month(words.next()?)?;
            let year = year(words.next()?)?;
            let time = time_of_day(words.next()?)?;
            let is_utc = matches!(words.next(), Some("GMT" | "UTC")) && words.next().is_none();
            is_utc.then(|| seconds(year, month, day, time)).flatten()
        }
        None => {
            let mut words = text.split_ascii_whitespace().skip(1);
            let month = month(words.next()?)?;
            let day = number(words.next()?)?;
            let time = time_of_day(words.next()?)?;
            let year = year(words.next()?)?;
            words
                .next()
                .is_none()
                .then(|| seconds(year, month, day, time))
                .flatten()
        }
    }
}

/// Seconds since 1970 of `2026-01-27T15:04:05Z`, with a fraction or an offset or neither.
fn rfc3339(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let (year, month, day) = (
        number(parts.next()?)?,
        number(parts.next()?)?,
        number(parts.next()?)?,
    );
    let zone_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_at);
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let local = seconds(year, month, day, time_of_day(clock)?)?;
    if zone.eq_ignore_ascii_case("z") {
        return Some(local);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let offset = number(hours)? * 3_600 + number(minutes)? * 60;
    if offset >= 86_400 {
        return None;
    }
    match zone.as_bytes().first() {
        Some(b'+') => local.checked_sub(offset),
        _ => Some(local + offset),
    }
}

fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn year(text: &str) -> Option<u64> {
    let year = number(text)?;
    Some(match text.len() {
        2 if year < 70 => 2_000 + year,
        2 => 1_900 + year,
        _ => year,
    })
}

fn month(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let place = MONTHS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text))?;
    Some(place as u64 + 1)
}

/// Seconds since midnight of `hh:mm:ss`; a leap second is the last of its minute.
fn time_of_day(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (
        number(parts.next()?)?,
        number(parts.next()?)?,
        number(parts.next()?)?,
    );
    let is_time = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    is_time.then(|| hour * 3_600 + minute * 60 + second.min(59))
}

/// Seconds since 1970; days by Howard Hinnant's `days_from_civil`. None before 1970.
fn seconds(year: u64, month: u64, day: u64, time: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year == 0 {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = (era * 146_097 + of_era).checked_sub(719_468)?;
    Some(days * 86_400 + time)
}
