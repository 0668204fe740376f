//! The class `_Servicer`: answers calls of the router service for a gRPC server that the host runs.
//!
//! Bytes in, bytes out: the host's server moves them, and what they say is read, decided and written by
//! the code of our own server. A refusal comes back as the status with its details, not as an
//! exception, as the host's server has to send it.

use std::cell::RefCell;

use fastroute_core::Question as CoreQuestion;
use fastroute_proto::v1;
use fastroute_server::Refusal;
use prost::Message;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::question::{Question, read_label};
use crate::router::Router;
use crate::workspace;

/// Longest message, in bytes, that is answered without letting the interpreter go.
const ATTACHED_UP_TO: usize = 64 << 10;

/// What a host's server sends: the answer, or number, text and details of a status.
type Sent<'py> = (
    Option<Bound<'py, PyBytes>>,
    i32,
    String,
    Bound<'py, PyBytes>,
);

/// Answers calls of the router service.
#[pyclass(frozen, name = "_Servicer", module = "fastroute._fastroute")]
pub struct Servicer {
    inner: fastroute_server::service::Servicer,
    on_ask: Option<Py<PyAny>>,
}

#[pymethods]
impl Servicer {
    #[new]
    #[pyo3(signature = (router, *, on_ask=None, report_key=None))]
    fn new(router: Py<Router>, on_ask: Option<Py<PyAny>>, report_key: Option<[u8; 32]>) -> Self {
        let snapshot = std::sync::Arc::clone(&router.get().snapshot);
        Self {
            inner: fastroute_server::service::Servicer::new(snapshot, report_key),
            on_ask,
        }
    }

    /// Answers one call; for `RouteStream`, one message of the stream.
    fn answer<'py>(&self, py: Python<'py>, method: &str, request: &[u8]) -> PyResult<Sent<'py>> {
        let is_short = method == "Route" && request.len() <= ATTACHED_UP_TO;
        let answer = || workspace::guarded(|| self.answer_bytes(method, request));
        let answered = if is_short {
            answer()
        } else {
            py.detach(answer)
        }?;
        let none = PyBytes::new(py, &[]);
        Ok(match answered {
            Ok(reply) => (Some(PyBytes::new(py, &reply)), 0, String::new(), none),
            Err(refusal) => {
                let status = refusal.into_status();
                let details = PyBytes::new(py, status.details());
                (
                    None,
                    status.code().into(),
                    status.message().to_owned(),
                    details,
                )
            }
        })
    }
}

impl Servicer {
    fn answer_bytes(&self, method: &str, request: &[u8]) -> Result<Vec<u8>, Refusal> {
        // What `on_ask` raised; the decision that comes of declining then is thrown away.
        let raised = RefCell::new(false);
        let ask = |question: &CoreQuestion| {
            let on_ask = self.on_ask.as_ref()?;
            Python::attach(|py| match put(py, on_ask, question) {
                Ok(label) => label,
                Err(error) => {
                    error.write_unraisable(py, Some(on_ask.bind(py)));
                    raised.replace(true);
                    None
                }
            })
        };
        let answered = if method == "RouteStream" {
            self.answer_streamed(request, &ask)
        } else {
            self.inner.answer(method, request, &ask)
        };
        if raised.into_inner() {
            return Err(Refusal::internal());
        }
        answered
    }

    /// Answers one message of a stream: a refusal is its error, and does not end the stream.
    fn answer_streamed(
        &self,
        request: &[u8],
        ask: &dyn Fn(&CoreQuestion) -> Option<String>,
    ) -> Result<Vec<u8>, Refusal> {
        use v1::route_stream_response::Result as Answered;
        let (id, answered) = match v1::RouteStreamRequest::decode(request) {
            Ok(message) => {
                let request = message.request.unwrap_or_default().encode_to_vec();
                (message.id, self.inner.answer("Route", &request, ask))
            }
            Err(_) => {
                let refusal = Refusal::malformed("the message is no RouteStreamRequest");
                (String::new(), Err(refusal))
            }
        };
        let result = match answered {
            Ok(reply) => v1::RouteResponse::decode(&*reply)
                .map(Answered::Response)
                .ok(),
            Err(refusal) => Some(Answered::Error(fastroute_server::convert::error(&refusal))),
        };
        Ok(v1::RouteStreamResponse { id, result }.encode_to_vec())
    }
}

/// Puts a question to the host.
fn put(py: Python<'_>, on_ask: &Py<PyAny>, question: &CoreQuestion) -> PyResult<Option<String>> {
    let answer = on_ask.bind(py).call1((Question::new(py, question)?,))?;
    Ok(read_label(&answer)?.map(|label| label.to_owned()))
}
