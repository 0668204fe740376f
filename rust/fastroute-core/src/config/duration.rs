//! Durations as people write them: `800ms`, `30s`, `1d`, and `0.5ms` for time per token.
//!
//! One unit a value, because `1h30m` next to `90m` is two spellings of one thing. Stored in
//! microseconds, the unit of canonical bytes; what does not fit is refused, never rounded to zero.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;

/// A duration of 0 to 365 days, in whole microseconds.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Duration {
    micros: u64,
}

const LONGEST_MICROS: u64 = 365 * 24 * 3_600 * 1_000_000;

impl Duration {
    /// Makes one of whole milliseconds, at most 365 days.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self::from_micros(millis.saturating_mul(1_000))
    }

    /// Makes one of whole microseconds, at most 365 days.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self {
            micros: if micros > LONGEST_MICROS {
                LONGEST_MICROS
            } else {
                micros
            },
        }
    }

    /// Reads `800ms`, `30s`, `2m`, `1h` or `1d`; decimals are allowed.
    ///
    /// # Errors
    ///
    /// A sentence that names what is accepted, when the text is anything else or beyond 365 days.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unit_at = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let micros_per_unit = match unit {
            "us" => 1.0,
            "ms" => 1_000.0,
            "s" => 1_000_000.0,
            "m" => 60_000_000.0,
            "h" => 3_600_000_000.0,
            "d" => 86_400_000_000.0,
            _ => {
                return Err(format!(
                    "`{text}` is not a duration such as `800ms`, `30s`, `5m`, `1h` or `1d`"
                ));
            }
        };
        let is_decimal = number.starts_with(|c: char| c.is_ascii_digit())
            && number.ends_with(|c: char| c.is_ascii_digit());
        let number: f64 = number.parse().ok().filter(|_| is_decimal).ok_or_else(|| {
            format!("`{text}` is not a duration such as `800ms`, `30s`, `5m`, `1h` or `1d`")
        })?;
        let micros = number * micros_per_unit;
        if micros > LONGEST_MICROS as f64 {
            return Err(format!("duration `{text}` is over the limit of `365d`"));
        }
        Ok(Self {
            micros: micros.round() as u64,
        })
    }

    /// Microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.micros
    }

    /// Milliseconds, with decimals.
    #[must_use]
    pub fn as_millis_f64(self) -> f64 {
        self.micros as f64 / 1_000.0
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.as_millis_f64())
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]+)?(us|ms|s|m|h|d)$",
            "description": "A duration such as `800ms`, `30s`, `5m`, `1h` or `1d`, at most 365 days."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_reads_and_prints_the_same_duration() {
        for (text, micros) in [
            ("800ms", 800_000),
            ("30s", 30_000_000),
            ("1d", 86_400_000_000),
            ("0.5ms", 500),
            ("2m", 120_000_000),
        ] {
            let read = Duration::parse(text).unwrap();
            assert_eq!(read.as_micros(), micros, "{text}");
            assert_eq!(Duration::parse(&read.to_string()).unwrap(), read);
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_value() {
        for text in [
            "", "800", "ms", "-1s", "1h30m", "1e3s", "400d", "NaNs", "1.2.3s", ".5s", "5.s", " 5s",
            "5 s", "٥s",
        ] {
            let message = Duration::parse(text).unwrap_err();
            assert!(message.contains(&format!("`{text}`")), "{message}");
        }
    }
}
