//! Reads the body of a request as a message of the contract, in its JSON form.
//!
//! A body is refused by its head where that is enough: a wrong content type, an encoding, a length over the
//! limit. What is wrong inside is told by the path of the field, line and column, and never by quoting: a body that is
//! no such message may hold anything, also as the name of a field.
//!
//! Names are read as `maxCostUsd` and as `max_cost_usd`. An absent value may be `null`, as the JSON form of
//! protobuf allows; a field that the contract lacks is refused, and so is one that is given twice.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use ::http::{HeaderMap, Request};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use tonic::{Code, Status};

use crate::refusal::Refusal;

/// Bytes from which reading or writing a body is no work for a thread that serves others: about 100 us.
pub(super) const LARGE_BYTES: usize = 64 << 10;

/// Looks at the bytes of a body before they are read.
pub(super) type Check = fn(&[u8]) -> Result<(), Refusal>;

/// Reads a message of at most `limit` bytes, unless `check` refuses them.
pub(super) async fn read<T>(
    request: Request<Body>,
    limit: usize,
    check: Check,
) -> Result<T, Refusal>
where
    T: DeserializeOwned + Send + 'static,
{
    check_head(request.headers(), limit)?;
    let body = Limited::new(request.into_body(), limit);
    let collected = body
        .collect()
        .await
        .map_err(|error| broken(&*error, limit))?;
    let bytes = collected.to_bytes();
    let size = bytes.len();
    let parse = move || check(&bytes).and_then(|()| parse(&bytes));
    if size < LARGE_BYTES {
        return parse();
    }
    let parsed = tokio::task::spawn_blocking(parse).await;
    parsed.unwrap_or_else(|_| Err(Refusal::internal()))
}

fn check_head(headers: &HeaderMap, limit: usize) -> Result<(), Refusal> {
    if !headers
        .get_all(CONTENT_TYPE)
        .iter()
        .eq(headers.get(CONTENT_TYPE))
        || !is_json(headers)
    {
        return Err(Refusal::new(
            "UNSUPPORTED_MEDIA_TYPE",
            Code::InvalidArgument,
            "the content type must be `application/json`, in UTF-8",
        ));
    }
    let encodings = headers.get_all(CONTENT_ENCODING).iter();
    if !encodings.into_iter().all(|encoding| encoding == "identity") {
        return Err(Refusal::new(
            "UNSUPPORTED_ENCODING",
            Code::Unimplemented,
            "a compressed body is not read; send it as it is",
        ));
    }
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > limit as u64 => Err(too_large(limit)),
        _ => Ok(()),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => charset
                .trim()
                .trim_matches('"')
                .eq_ignore_ascii_case("utf-8"),
            _ => true,
        })
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(
        "MESSAGE_TOO_LARGE",
        Code::ResourceExhausted,
        format!("the body is over the limit of {limit} bytes"),
    )
}

/// Says why a body did not come in whole: it is too large, too slow, or broke off.
fn broken(error: &(dyn std::error::Error + Send + Sync + 'static), limit: usize) -> Refusal {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return too_large(limit);
        }
        // The edge ends a body that takes too long.
        let status = error.downcast_ref::<Status>();
        if let Some(status) = status.filter(|status| status.code() == Code::DeadlineExceeded) {
            return Refusal::new("REQUEST_TOO_SLOW", status.code(), status.message());
        }
        cause = error.source();
    }
    Refusal::malformed("the body broke off before its end")
}

/// Reads a message out of all of its bytes.
pub(super) fn parse<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    // Generated readers are not ours: one that overflows on a number must not take the connection along.
    let read = catch_unwind(AssertUnwindSafe(|| parse_strictly(bytes)));
    match read {
        Ok(Err(defect)) => match without_nulls(bytes, &defect) {
            Some(message) => Ok(message),
            None => Err(defect.into_refusal()),
        },
        Ok(Ok(message)) => Ok(message),
        Err(panic) => Err(panicked(&panic)),
    }
}

fn panicked(_: &Box<dyn Any + Send>) -> Refusal {
    Refusal::malformed("a value of the body is beyond what its field takes")
}

fn parse_strictly<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Defect> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let message = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().clone();
        Defect::new(&path, error.inner())
    })?;
    deserializer
        .end()
        .map_err(|error| Defect::new_at_top(&error))?;
    Ok(message)
}

/// Reads a message whose absent values are written as `null`, which the generated readers refuse in some places.
///
/// Only a body that was refused for its content, and holds a `null`, is read a second time.
fn without_nulls<T: DeserializeOwned>(bytes: &[u8], defect: &Defect) -> Option<T> {
    if defect.kind != Kind::Value {
        return None;
    }
    let mut value = serde_json::from_slice::<Value>(bytes).ok()?;
    if !drop_nulls(&mut value) {
        return None;
    }
    catch_unwind(AssertUnwindSafe(|| serde_json::from_value(value).ok())).ok()?
}

/// Takes the fields that are `null` out of every object; returns whether there was one.
fn drop_nulls(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |found, item| drop_nulls(item) | found),
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|_, value| !value.is_null());
            let found = fields.len() < before;
            fields
                .values_mut()
                .fold(found, |found, value| drop_nulls(value) | found)
        }
        _ => false,
    }
}

/// What is wrong with a body, without a byte of it.
struct Defect {
    kind: Kind,
    path: String,
    line: usize,
    column: usize,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Ends,
    Syntax,
    Twice,
    Unknown,
    Value,
}

impl Defect {
    fn new(path: &Path, error: &serde_json::Error) -> Self {
        let kind = Kind::of(error);
        Self {
            kind,
            path: name_of(path, kind),
            line: error.line(),
            column: error.column(),
        }
    }

    fn new_at_top(error: &serde_json::Error) -> Self {
        Self {
            kind: Kind::of(error),
            path: String::new(),
            line: error.line(),
            column: error.column(),
        }
    }

    fn into_refusal(self) -> Refusal {
        let what = match self.kind {
            Kind::Ends => "the body ends in the middle of its JSON",
            Kind::Syntax => "the body is no JSON",
            Kind::Twice => "a field is given twice, or two of which one may be given",
            Kind::Unknown => "a field is not one of the message",
            Kind::Value => "a value is not of the kind that its field takes",
        };
        let at = format!("line {}, column {}", self.line, self.column);
        if self.path.is_empty() {
            return Refusal::malformed(format!("{what}: {at}"));
        }
        let message = format!("{what}: `{}`, {at}", self.path);
        Refusal::malformed(message.clone()).with_violation(self.path, message)
    }
}

impl Kind {
    /// Tells kinds apart by how serde's messages begin, which is the only place where it says so.
    fn of(error: &serde_json::Error) -> Self {
        match error.classify() {
            serde_json::error::Category::Eof => Self::Ends,
            serde_json::error::Category::Io | serde_json::error::Category::Syntax => Self::Syntax,
            serde_json::error::Category::Data => {
                let message = error.to_string();
                if message.starts_with("duplicate field") {
                    Self::Twice
                } else if message.starts_with("unknown field") {
                    Self::Unknown
                } else {
                    Self::Value
                }
            }
        }
    }
}

/// Writes a path by the names of the contract, `limits.max_cost_usd`.
///
/// Every name of it was read as a field of the contract, but for the last one of an unknown field, which is left out.
fn name_of(path: &Path, kind: Kind) -> String {
    let segments = path.iter().collect::<Vec<_>>();
    let known = segments.len() - usize::from(kind == Kind::Unknown && !segments.is_empty());
    let mut name = String::new();
    for segment in segments.into_iter().take(known) {
        match segment {
            Segment::Seq { index } => name.push_str(&format!("[{index}]")),
            Segment::Map { key } => {
                if !name.is_empty() {
                    name.push('.');
                }
                for character in key.chars() {
                    if character.is_ascii_uppercase() {
                        name.push('_');
                    }
                    name.push(character.to_ascii_lowercase());
                }
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    name
}
