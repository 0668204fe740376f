//! Writes a refusal as its door does: trailers only for gRPC, JSON for HTTP.

use std::collections::BTreeSet;
use std::sync::RwLock;

use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::http::body_of;
use crate::metrics::Door;
use crate::refusal::Refusal;

/// Says which encodings a gRPC client may use next time.
const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Writes a refusal for a door.
pub(crate) fn refuse(refusal: Refusal, door: Door) -> Response<Body> {
    match door {
        Door::Http => body_of(&refusal).map(Body::new),
        // A client that does not speak gRPC cannot read a status in trailers.
        Door::Admin | Door::Grpc if refusal.code() == "UNSUPPORTED_MEDIA_TYPE" => {
            body_of(&refusal).map(Body::new)
        }
        Door::Admin | Door::Grpc => {
            let is_encoding = refusal.code() == "UNSUPPORTED_ENCODING";
            let mut response: Response<Body> = refusal.into_status().into_http();
            if is_encoding {
                let identity = HeaderValue::from_static("identity");
                response
                    .headers_mut()
                    .insert(GRPC_ACCEPT_ENCODING, identity);
            }
            response
        }
    }
}

/// The code that an answer of the HTTP door was refused with, left in its extensions for the counters.
#[derive(Clone, Copy, Debug)]
pub struct AnsweredWith(pub &'static str);

/// Returns what an answer counts as; `CANCELLED` where only its trailers will tell.
pub(crate) fn code_of_response(response: &Response<Body>, door: Door) -> &'static str {
    if let Some(AnsweredWith(code)) = response.extensions().get() {
        return code;
    }
    if door == Door::Http {
        return match response.status() {
            status if status.is_success() => "OK",
            StatusCode::NOT_FOUND => "UNKNOWN_METHOD",
            StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
            status if status.is_client_error() => "INVALID_ARGUMENT",
            _ => "INTERNAL",
        };
    }
    response
        .extensions()
        .get::<Status>()
        .map_or("CANCELLED", code_of)
}

/// Returns the code of a status: that of its `ErrorInfo`, or the name of its gRPC code.
pub(crate) fn code_of(status: &Status) -> &'static str {
    if status.code() == Code::Ok {
        return "OK";
    }
    let reason = status.get_details_error_info().map(|info| info.reason);
    reason
        .and_then(|reason| intern(&reason))
        .unwrap_or(match status.code() {
            Code::Cancelled => "CANCELLED",
            Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::NotFound => "NOT_FOUND",
            Code::Unimplemented => "UNKNOWN_METHOD",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL",
            _ => "UNKNOWN",
        })
}

/// Keeps one copy of each code for the labels of metrics.
///
/// Codes are ours, so there are some fifty; the bound is for a service that is not.
fn intern(code: &str) -> Option<&'static str> {
    const MOST: usize = 256;
    static CODES: RwLock<BTreeSet<&'static str>> = RwLock::new(BTreeSet::new());
    if let Some(known) = CODES.read().ok()?.get(code) {
        return Some(known);
    }
    let mut codes = CODES.write().ok()?;
    if let Some(known) = codes.get(code) {
        return Some(known);
    }
    if codes.len() >= MOST || code.len() > 64 {
        return None;
    }
    let kept: &'static str = Box::leak(code.into());
    codes.insert(kept);
    Some(kept)
}
