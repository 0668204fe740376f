//! Counts the requests of a batch before they are read.
//!
//! An empty request takes three bytes as JSON and some three hundred in memory, so the limit of a
//! body's size does not bound what reading it takes. Counting skips over values and keeps none. What is no
//! batch at all passes here: reading it says what is wrong.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::codec::MAX_BATCH;
use crate::refusal::Refusal;

/// Bodies of fewer bytes are not counted: what they can grow to is bounded well enough by their size.
const SMALL: usize = 4 << 10;

/// Refuses a batch of too many requests.
///
/// # Errors
///
/// `TOO_MANY_REQUESTS`, as for a batch that was read.
pub(super) fn check_batch(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() < SMALL {
        return Ok(());
    }
    let mut is_over = false;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    // Whatever else is wrong is found, and told by its place, when the body is read.
    let _ = json.deserialize_map(Batch(&mut is_over));
    if is_over {
        return Err(Refusal::invalid(
            "TOO_MANY_REQUESTS",
            "requests",
            format!("batch has more requests than the limit of {MAX_BATCH}"),
        ));
    }
    Ok(())
}

struct Batch<'a>(&'a mut bool);

impl<'de> Visitor<'de> for Batch<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a batch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(is_list) = map.next_key_seed(IsList)? {
            if is_list {
                map.next_value_seed(Requests(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Whether a key is that of the list.
struct IsList;

impl<'de> DeserializeSeed<'de> for IsList {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<bool, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for IsList {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == "requests")
    }
}

struct Requests<'a>(&'a mut bool);

impl<'de> DeserializeSeed<'de> for Requests<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Requests<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut count = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
            if count > MAX_BATCH {
                *self.0 = true;
                return Err(A::Error::custom("too many"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(count: usize) -> String {
        let request = r#"{"text": "hi"}"#;
        format!(
            "{{\"other\": [1], \"requests\": [{}]}}",
            vec![request; count].join(",")
        )
    }

    #[test]
    fn a_batch_at_the_limit_passes_and_one_more_does_not() {
        assert!(check_batch(batch(MAX_BATCH).as_bytes()).is_ok());
        let refused = check_batch(batch(MAX_BATCH + 1).as_bytes()).expect_err("one too many");
        assert_eq!(refused.code(), "TOO_MANY_REQUESTS");
        assert_eq!(refused.violations()[0].field, "requests");
    }

    #[test]
    fn what_is_no_batch_is_left_to_who_reads_it() {
        for body in [
            "[".repeat(SMALL),
            "{\"requests\": 5 ".repeat(SMALL),
            " ".repeat(SMALL),
        ] {
            assert!(check_batch(body.as_bytes()).is_ok());
        }
    }
}
