//! The client's half of the contract: requests to bytes, answers from bytes.
//!
//! `fastroute.Client` and `fastroute.AsyncClient` move bytes; what the bytes say is read and written
//! here, with the same [`Given`](crate::request::Given) that the in-process router reads. So the two doors take the same
//! arguments and refuse the same ones, and protobuf's Python runtime is not needed.
//!
//! | file | what crosses the border |
//! |---|---|
//! | [`call`] | a request, out; and again, with the answer to a question |
//! | [`encode`] | the core's request as the contract's message |
//! | [`decision`] | the values of a decision, in |
//! | [`rows`] | many texts out, rows in |
//! | [`outcome`] | reports on attempts, out; what became of them, in |
//! | [`status`] | a status of gRPC as our exceptions |
//!
//! A server may be newer than this client: codes that it does not know pass through as text, and an
//! answer without a result is an error, never a guess.

pub mod call;
pub mod decision;
mod encode;
pub mod outcome;
pub mod rows;
pub mod status;

use prost::Message;
use pyo3::prelude::*;

use crate::error;

/// Decodes an answer; what cannot be read is the server's defect, or not a server of ours.
fn decode<M: Message + Default>(reply: &[u8]) -> PyResult<M> {
    M::decode(reply).map_err(|_| unreadable("it is no message of fastroute.v1"))
}

/// An answer that says nothing that this client can use.
fn unreadable(why: &str) -> PyErr {
    error::service(
        format!("the answer of the server cannot be read: {why}"),
        "UNREADABLE_ANSWER",
        None,
        "INTERNAL",
    )
}

/// A duration of the contract in whole microseconds; a negative one counts as none.
fn micros(duration: Option<&pbjson_types::Duration>) -> u64 {
    duration.map_or(0, |duration| {
        let seconds = u64::try_from(duration.seconds).unwrap_or(0);
        seconds * 1_000_000 + u64::try_from(duration.nanos).unwrap_or(0) / 1_000
    })
}

/// Whole microseconds as a duration of the contract.
fn duration(micros: u64) -> pbjson_types::Duration {
    pbjson_types::Duration {
        seconds: i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX),
        nanos: (micros % 1_000_000) as i32 * 1_000,
    }
}
