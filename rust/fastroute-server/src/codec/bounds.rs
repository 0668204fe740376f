//! Counts the items of a message before it is decoded.
//!
//! A list of empty requests takes two bytes an item on the wire and some three hundred in memory, so
//! the limit of a message's size does not bound what decoding it takes. Lists that have a limit of their
//! own are counted first, and refused with the code that counting them later would give.
//!
//! Small messages are not counted: what they can grow to is bounded well enough by their size.

use fastroute_core::{MAX_MESSAGES, MAX_METADATA};
use fastroute_proto::v1;

use crate::convert::MAX_UNAVAILABLE;
use crate::refusal::Refusal;

/// Most requests of one batch.
pub const MAX_BATCH: usize = 1_024;

/// Most reports of one call.
pub const MAX_REPORTS: usize = 1_024;

/// Messages of fewer bytes are not counted.
const SMALL: usize = 4 << 10;

/// Bounded fields of one message.
const MAX_FIELDS: usize = 3;

/// What a message is bounded by.
pub trait Bounded {
    /// Its lists with limits, and the messages that have such lists.
    const SHAPE: Shape;
}

/// The bounded fields of a message.
pub struct Shape(&'static [Field]);

struct Field {
    number: u64,
    name: &'static str,
    /// Most items, and the code of more.
    limit: Option<(usize, &'static str)>,
    of: Shape,
}

const NOTHING: Shape = Shape(&[]);

const fn list(
    number: u64,
    name: &'static str,
    most: usize,
    code: &'static str,
    of: Shape,
) -> Field {
    Field {
        number,
        name,
        limit: Some((most, code)),
        of,
    }
}

const fn one(number: u64, name: &'static str, of: Shape) -> Field {
    Field {
        number,
        name,
        limit: None,
        of,
    }
}

const MESSAGE: Shape = Shape(&[list(2, "parts", MAX_MESSAGES, "TOO_MANY_MESSAGES", NOTHING)]);

const ROUTE: Shape = Shape(&[
    list(2, "messages", MAX_MESSAGES, "TOO_MANY_MESSAGES", MESSAGE),
    list(4, "metadata", MAX_METADATA, "TOO_MUCH_METADATA", NOTHING),
    list(
        8,
        "unavailable_models",
        MAX_UNAVAILABLE,
        "UNKNOWN_MODEL",
        NOTHING,
    ),
]);

macro_rules! bounded {
    ($($message:ident: $shape:expr;)*) => {
        $(impl Bounded for v1::$message { const SHAPE: Shape = $shape; })*
    };
}

bounded! {
    RouteRequest: ROUTE;
    RouteBatchRequest: Shape(&[list(1, "requests", MAX_BATCH, "TOO_MANY_REQUESTS", ROUTE)]);
    RouteStreamRequest: Shape(&[one(2, "request", ROUTE)]);
    ExplainRequest: Shape(&[one(1, "request", ROUTE)]);
    ReportOutcomesRequest: Shape(&[list(1, "reports", MAX_REPORTS, "TOO_MANY_REPORTS", NOTHING)]);
    GetStatusRequest: NOTHING;
    ValidateConfigRequest: NOTHING;
    ReloadConfigRequest: NOTHING;
    ListRevisionsRequest: NOTHING;
    ActivateRevisionRequest: NOTHING;
    ListHealthRequest: NOTHING;
    ForceHealthRequest: NOTHING;
}

/// A list that is too long.
struct Over {
    path: String,
    most: usize,
    code: &'static str,
}

/// Counts the items of a message; what it cannot read is left to the decoder.
pub(super) fn check<M: Bounded>(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() < SMALL {
        return Ok(());
    }
    count(bytes, &M::SHAPE).map_err(|Over { path, most, code }| {
        Refusal::invalid(code, path, format!("more than {most} items are given"))
    })
}

fn count(mut bytes: &[u8], shape: &Shape) -> Result<(), Over> {
    if shape.0.is_empty() {
        return Ok(());
    }
    let mut counts = [0_usize; MAX_FIELDS];
    while let Some((number, inside)) = next(&mut bytes) {
        let mut fields = shape.0.iter().zip(&mut counts);
        let Some((field, count)) = fields.find(|(field, _)| field.number == number) else {
            continue;
        };
        *count += 1;
        if let Some((most, code)) = field.limit
            && *count > most
        {
            let path = field.name.to_owned();
            return Err(Over { path, most, code });
        }
        self::count(inside, &field.of).map_err(|over| Over {
            path: match field.limit {
                Some(_) => format!("{}[{}].{}", field.name, *count - 1, over.path),
                None => format!("{}.{}", field.name, over.path),
            },
            ..over
        })?;
    }
    Ok(())
}

/// The number of the next field and its bytes, empty unless it has a length; none at the end, or
/// where the bytes are malformed.
fn next<'a>(bytes: &mut &'a [u8]) -> Option<(u64, &'a [u8])> {
    let key = varint(bytes)?;
    let inside = match key & 7 {
        0 => {
            varint(bytes)?;
            &[][..]
        }
        1 => skip(bytes, 8)?,
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            skip(bytes, length)?
        }
        5 => skip(bytes, 4)?,
        // Groups are unknown here: their inner fields are walked as if they were outer ones, which counts too many at worst.
        3 | 4 => &[][..],
        _ => return None,
    };
    Some((key >> 3, inside))
}

fn skip<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (inside, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(inside)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::codec::decode;

    fn batch(count: usize) -> Vec<u8> {
        [10, 0].repeat(count)
    }

    #[test]
    fn a_list_over_its_limit_is_refused_before_it_is_decoded() {
        let refused = check::<v1::RouteBatchRequest>(&batch(2_000_000)).expect_err("too many");
        assert_eq!(refused.code(), "TOO_MANY_REQUESTS");
        assert_eq!(refused.violations()[0].field, "requests");
    }

    #[test]
    fn the_path_leads_to_the_list_that_is_too_long() {
        let mut request = v1::RouteRequest::default();
        request.messages.push(v1::Message::default());
        request.messages.push(v1::Message {
            role: 1,
            parts: vec![v1::Part::default(); MAX_MESSAGES + 1],
        });
        let explain = v1::ExplainRequest {
            request: Some(request),
        };
        let refused = decode::<v1::ExplainRequest>(&explain.encode_to_vec()).expect_err("too many");
        assert_eq!(refused.code(), "TOO_MANY_MESSAGES");
        assert_eq!(refused.violations()[0].field, "request.messages[1].parts");
    }

    #[test]
    fn a_list_of_its_limit_is_taken() {
        let mut request = v1::RouteRequest {
            messages: vec![v1::Message::default(); MAX_MESSAGES],
            metadata: vec![v1::MetadataEntry::default(); MAX_METADATA],
            unavailable_models: vec![String::new(); MAX_UNAVAILABLE],
            ..v1::RouteRequest::default()
        };
        assert!(decode::<v1::RouteRequest>(&request.encode_to_vec()).is_ok());
        request.metadata.push(v1::MetadataEntry::default());
        let refused = decode::<v1::RouteRequest>(&request.encode_to_vec()).expect_err("too many");
        assert_eq!(refused.code(), "TOO_MUCH_METADATA");
    }

    #[test]
    fn what_is_cut_off_or_malformed_is_left_to_the_decoder() {
        let whole = batch(3_000);
        for end in [4_096, 4_097] {
            let _ = check::<v1::RouteBatchRequest>(&whole[..end]);
        }
        for byte in [0x07, 0x80, 0xff, 0x0f] {
            assert!(
                check::<v1::RouteBatchRequest>(&[byte; 5_000]).is_ok(),
                "{byte:#x}"
            );
        }
        let long = [vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], vec![0; 5_000]].concat();
        assert!(check::<v1::RouteBatchRequest>(&long).is_ok());
    }
}
