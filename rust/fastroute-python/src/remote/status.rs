//! A status of gRPC as one of our exceptions: the one that the in-process router would raise.
//!
//! What a server of ours refuses carries an `ErrorInfo` of domain `fastroute`; its reason is the code. What
//! has none came from elsewhere, such as a proxy or the client's own transport, and is a `ServiceError`
//! whose code is the name of the status.

use std::time::Duration;

use fastroute_proto::v1;
use fastroute_server::refusal::DOMAIN;
use pyo3::prelude::*;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::micros;
use crate::error;

/// In the order of their numbers.
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Makes the exception of a failed call: number and text of its status, and its details in bytes.
#[pyfunction]
#[pyo3(name = "_error_of_status", signature = (status, message, details=None))]
pub fn error_of_status(
    py: Python<'_>,
    status: i32,
    message: String,
    details: Option<&[u8]>,
) -> Py<PyAny> {
    let code = Code::from(status);
    let details = details.unwrap_or_default().to_vec();
    let status = Status::with_details(code, message, details.into());
    let told = status.get_error_details();
    let info = told.error_info().filter(|info| info.domain == DOMAIN);
    let wait = told.retry_info().and_then(|retry| retry.retry_delay);
    let error = match info {
        Some(info) => of_code(code, &info.reason, status.message().to_owned(), wait),
        None => error::service(status.message().to_owned(), name(code), wait, name(code)),
    };
    error.into_value(py).into_any()
}

/// Makes the exception of one request of many; `place` says which it was.
pub fn from_error(refused: v1::Error, place: &str) -> PyErr {
    let wait = refused
        .retry_after
        .map(|wait| Duration::from_micros(micros(Some(&wait))));
    let message = format!("{place}{}", refused.message);
    of_code(Code::from(refused.status), &refused.code, message, wait)
}

fn of_code(status: Code, code: &str, message: String, wait: Option<Duration>) -> PyErr {
    match (status, code) {
        (_, "RENDER_FAILED") => error::render(code, message),
        (Code::InvalidArgument | Code::NotFound, _) | (_, "MESSAGE_TOO_LARGE") => {
            error::request(code, message)
        }
        (Code::Internal, _) => error::defect(code, message),
        _ => error::service(message, code, wait, name(status)),
    }
}

fn name(code: Code) -> &'static str {
    usize::try_from(i32::from(code))
        .ok()
        .and_then(|number| NAMES.get(number))
        .copied()
        .unwrap_or("UNKNOWN")
}
