//! A refusal as an HTTP answer: the JSON form of `google.rpc.Status`, with its details.
//!
//! `status` stands beside `code` for people who do not know the numbers. The body says what the gRPC door says
//! and nothing more; the headers repeat what HTTP has a header for.

use std::time::Duration;

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderValue, Response, StatusCode};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};
use tonic::Code;

use crate::listen::answer::AnsweredWith;
use crate::refusal::{DOMAIN, Refusal};

/// Writes a refusal as an HTTP answer.
#[must_use]
pub fn body_of(refusal: &Refusal) -> Response<Full<Bytes>> {
    let body = Bytes::from(json_of(refusal).to_string());
    let mut response = Response::new(Full::new(body));
    *response.status_mut() =
        StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .extensions_mut()
        .insert(AnsweredWith(refusal.code()));
    let is_unauthenticated = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(wait) = refusal.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    if is_unauthenticated {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Writes a refusal as the JSON form of `google.rpc.Status`.
#[must_use]
pub fn json_of(refusal: &Refusal) -> Value {
    let mut details = vec![json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": refusal.code(),
        "domain": DOMAIN,
    })];
    if !refusal.violations().is_empty() {
        let violations = refusal.violations().iter().map(
            |violation| json!({"field": violation.field, "description": violation.description}),
        );
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": violations.collect::<Vec<_>>(),
        }));
    }
    if let Some(wait) = refusal.retry_after() {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": pbjson_types::Duration::from(wait),
        }));
    }
    json!({
        "code": refusal.status() as i32,
        "status": name_of(refusal.status()),
        "message": refusal.message(),
        "details": details,
    })
}

/// `Retry-After` counts whole seconds, so a client that obeys it never comes too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_a_status_with_its_details() {
        let refusal = Refusal::invalid("INVALID_LIMIT", "limits.min_quality", "`2` is above 1")
            .with_retry_after(Duration::from_millis(250));
        let expected = json!({
            "code": 3,
            "status": "INVALID_ARGUMENT",
            "message": "`2` is above 1",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "INVALID_LIMIT",
                    "domain": "fastroute",
                },
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {"field": "limits.min_quality", "description": "`2` is above 1"},
                    ],
                },
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.250s"},
            ],
        });
        assert_eq!(json_of(&refusal), expected);
        let response = body_of(&refusal);
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
    }

    #[test]
    fn who_must_say_who_they_are_is_told_how() {
        let refusal = Refusal::new("UNAUTHENTICATED", Code::Unauthenticated, "no token");
        let response = body_of(&refusal);
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        assert!(!response.headers().contains_key(RETRY_AFTER));
    }
}
