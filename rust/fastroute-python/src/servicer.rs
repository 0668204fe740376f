//! The class `_Servicer`: answers calls of the router service for a gRPC server that the host runs.
//!
//! Bytes in, bytes out: the host's server moves them, and what they say is read, decided and written by
//! the code of our own server. A refusal comes back as the status with its details, not as an
//! exception, as the host's server has to send it. What `on_ask` raises goes to `sys.unraisablehook`, and
//! the request that asked is answered with `INTERNAL`: alone, where it is one of a batch or of a stream.

use fastroute_core::Question as CoreQuestion;
use fastroute_server::Refusal;
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
        let ask = |question: &CoreQuestion| {
            let Some(on_ask) = &self.on_ask else {
                return Ok(None);
            };
            Python::attach(|py| {
                put(py, on_ask, question).map_err(|error| {
                    error.write_unraisable(py, Some(on_ask.bind(py)));
                    Refusal::internal()
                })
            })
        };
        if method == "RouteStream" {
            return Ok(self.inner.answer_streamed(request, &ask));
        }
        self.inner.answer(method, request, &ask)
    }
}

/// Puts a question to the host.
fn put(py: Python<'_>, on_ask: &Py<PyAny>, question: &CoreQuestion) -> PyResult<Option<String>> {
    let answer = on_ask.bind(py).call1((Question::new(py, question)?,))?;
    Ok(read_label(&answer)?.map(|label| label.to_owned()))
}
