//! What happens to one call: let in or refused, run, ended in time, counted.
//!
//! The order is that of what a stranger may learn: whether this speaks the protocol at all, who calls, what they may do,
//! how often, and how much is free. Only then is the deadline read and the service asked; a refusal
//! waits no longer for the message than one that is under way takes, see [`Rest`]. A panic of the service
//! becomes `INTERNAL` and ends nothing else.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method as Verb, Request, Response};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::body::Body;
use tower::util::Oneshot;
use tower::{Service, ServiceExt as _};

use super::answer;
use super::body::{AnswerBody, Limit, RequestBody, Rest};
use super::connection::Connection;
use crate::context::{CallContext, Caller, TraceContext};
use crate::guard::{Access, Memory, Method};
use crate::log;
use crate::metrics::Door;
use crate::refusal::Refusal;
use crate::trace::{TRACERESPONSE, state};

/// How long a refusal waits for the rest of a message that is under way.
const UNDER_WAY: Duration = Duration::from_millis(2);

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The calls of one connection.
pub(crate) struct Calls<S> {
    connection: Arc<Connection>,
    service: S,
    nobody: Arc<Caller>,
    memory: RefCell<Memory>,
}

impl<S> Calls<S> {
    pub fn new(connection: Arc<Connection>, service: S) -> Self {
        Self {
            connection,
            service,
            nobody: Arc::default(),
            memory: RefCell::default(),
        }
    }

    /// Lets a call in, or says why not.
    fn enter(
        &self,
        request: &mut Request<Incoming>,
        running: &mut Running,
    ) -> Result<CallContext, Refusal> {
        let (door, edge) = (self.connection.door, &self.connection.edge);
        check_protocol(request, door, edge.accepts_gzip)?;
        // Taken out, so that no service can log it.
        let header = request.headers_mut().remove(AUTHORIZATION);
        let caller = self.identify(header.as_ref(), running.method.access)?;
        running.method.access.check(caller.roles)?;
        edge.admission.enter(running.method.weight)?;
        running.has_place = true;
        // Paid for last, so that a call which finds no place costs its caller nothing; one that cannot pay keeps no place.
        caller.charge(1).inspect_err(|_| running.leave())?;
        let deadline = deadline(request.headers(), running.started)?;
        if deadline.is_some_and(|deadline| deadline <= running.started) {
            return Err(Refusal::deadline_exceeded());
        }
        let trace = TraceContext::of(request.headers());
        Ok(CallContext {
            caller,
            deadline,
            trace,
            trace_state: trace.and_then(|_| state(request.headers())),
        })
    }

    /// Finds whose a call is; nobody's when its method is open.
    fn identify(
        &self,
        header: Option<&HeaderValue>,
        access: Access,
    ) -> Result<Arc<Caller>, Refusal> {
        if access == Access::Open {
            return Ok(Arc::clone(&self.nobody));
        }
        let certificate = self.connection.certificate();
        let authentication = &self.connection.edge.secrets.authentication;
        let memory = &mut self.memory.borrow_mut();
        let caller = authentication.identify(header, certificate, memory)?;
        self.connection.known();
        Ok(caller)
    }
}

impl<S> hyper::service::Service<Request<Incoming>> for Calls<S>
where
    S: Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible> + Clone,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Call<Oneshot<S, Request<RequestBody>>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let mut running = Running::begin(&self.connection, request.uri().path());
        match self.enter(&mut request, &mut running) {
            Ok(context) => {
                if tracing::enabled!(tracing::Level::DEBUG) {
                    running.context = Some(context.clone());
                }
                let limit = Limit::new(context.deadline);
                let trace = context.trace;
                let edge = &self.connection.edge;
                let allowed = (!running.method.weight.is_lasting()).then_some(edge.times.read);
                let (mut parts, incoming) = request.into_parts();
                parts.extensions.insert(context);
                let request = Request::from_parts(parts, RequestBody::new(incoming, allowed));
                Call {
                    state: State::Running {
                        answer: self.service.clone().oneshot(request),
                    },
                    limit,
                    running: Some(running),
                    trace,
                }
            }
            Err(refusal) => {
                let trace = TraceContext::of(request.headers());
                let body = RequestBody::new(request.into_body(), Some(UNDER_WAY));
                Call {
                    state: State::Refused {
                        refusal: Some(refusal),
                        rest: Rest::of(body),
                    },
                    limit: Limit::default(),
                    running: Some(running),
                    trace,
                }
            }
        }
    }
}

pin_project! {
    /// The answer of a call, to be.
    pub(crate) struct Call<F> {
        #[pin]
        state: State<F>,
        limit: Limit,
        running: Option<Running>,
        trace: Option<TraceContext>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        Refused { refusal: Option<Refusal>, rest: Rest },
        Running { #[pin] answer: F },
    }
}

impl<F> Future for Call<F>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(running) = this.running else {
            return Poll::Pending;
        };
        let outcome = match this.state.project() {
            StateProjection::Refused { refusal, rest } => {
                if rest.poll_gone(context).is_pending() {
                    return Poll::Pending;
                }
                Err(refusal.take().unwrap_or_else(Refusal::internal))
            }
            StateProjection::Running { answer } => {
                match catch_unwind(AssertUnwindSafe(|| answer.poll(context))) {
                    Ok(Poll::Ready(Ok(response))) => Ok(response),
                    Ok(Poll::Pending) => match this.limit.poll(running.abort(), context) {
                        Poll::Ready(refusal) => Err(refusal),
                        Poll::Pending => return Poll::Pending,
                    },
                    Err(_) => Err(Refusal::internal()),
                }
            }
        };
        let Some(mut running) = this.running.take() else {
            return Poll::Pending;
        };
        let mut response = match outcome {
            Ok(response) => {
                running.code = answer::code_of_response(&response, running.door());
                response
            }
            Err(refusal) => {
                running.code = refusal.code();
                answer::refuse(refusal, running.door())
            }
        };
        if let Some(trace) = this.trace {
            response
                .headers_mut()
                .insert(TRACERESPONSE, trace.response());
        }
        running.answered();
        let limit = std::mem::take(this.limit);
        Poll::Ready(Ok(
            response.map(|body| AnswerBody::new(body, limit, running))
        ))
    }
}

/// A call that runs: what has to be given back and counted when it ends, however it ends.
pub(crate) struct Running {
    connection: Arc<Connection>,
    method: Method,
    started: Instant,
    has_place: bool,
    unread: Option<usize>,
    /// Kept for the log only.
    context: Option<CallContext>,
    /// `OK`, or the code of the refusal; `CANCELLED` until it is known.
    pub code: &'static str,
}

impl Running {
    fn begin(connection: &Arc<Connection>, path: &str) -> Self {
        connection.begin();
        connection.edge.metrics.in_flight.rise();
        Self {
            connection: Arc::clone(connection),
            method: Method::of(path),
            started: Instant::now(),
            has_place: false,
            unread: None,
            context: None,
            code: "CANCELLED",
        }
    }

    pub fn door(&self) -> Door {
        self.connection.door
    }

    /// Cancelled when calls of the connection may not go on.
    pub fn abort(&self) -> &CancellationToken {
        self.connection.over()
    }

    /// Gives the place back, if there is one.
    fn leave(&mut self) {
        if std::mem::take(&mut self.has_place) {
            self.connection.edge.admission.leave(self.method.weight);
        }
    }

    /// The answer is there, so the peer has to read it; a stream may take its time.
    fn answered(&mut self) {
        if !self.method.weight.is_lasting() {
            self.unread = Some(self.connection.unread());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let now = Instant::now();
        self.leave();
        let edge = &self.connection.edge;
        if let Some(tick) = self.unread {
            self.connection.read(tick);
        }
        self.connection.end(now);
        edge.metrics.in_flight.fall();
        let took = now.saturating_duration_since(self.started);
        let (door, method, code) = (self.connection.door, self.method.label, self.code);
        edge.metrics.finished(door, method, code, took);
        log::call(door, method, code, self.context.as_ref(), took);
    }
}

/// Refuses what does not speak the protocol of its door.
fn check_protocol(
    request: &Request<Incoming>,
    door: Door,
    accepts_gzip: bool,
) -> Result<(), Refusal> {
    let headers = request.headers();
    if door == Door::Http {
        return match headers.get(CONTENT_ENCODING) {
            Some(encoding) if encoding != "identity" => {
                Err(unsupported_encoding("content-encoding"))
            }
            _ => Ok(()),
        };
    }
    if !headers.get(CONTENT_TYPE).is_some_and(is_grpc) {
        let message = "the content type of gRPC is `application/grpc`";
        return Err(Refusal::new(
            "UNSUPPORTED_MEDIA_TYPE",
            Code::InvalidArgument,
            message,
        ));
    }
    if request.method() != Verb::POST {
        let message = "the method of gRPC is `POST`";
        return Err(Refusal::new(
            "METHOD_NOT_ALLOWED",
            Code::Unimplemented,
            message,
        ));
    }
    match headers.get(GRPC_ENCODING) {
        Some(encoding) if encoding != "identity" && !(accepts_gzip && encoding == "gzip") => {
            Err(unsupported_encoding("grpc-encoding"))
        }
        _ => Ok(()),
    }
}

fn unsupported_encoding(header: &str) -> Refusal {
    let message = format!("`{header}` names an encoding that this server does not accept");
    Refusal::new("UNSUPPORTED_ENCODING", Code::Unimplemented, message)
}

/// Whether a content type is gRPC's with messages of protobuf; `application/grpc-web` is not.
fn is_grpc(value: &HeaderValue) -> bool {
    let Some(rest) = value.as_bytes().strip_prefix(b"application/grpc") else {
        return false;
    };
    let rest = rest.strip_prefix(b"+proto").unwrap_or(rest);
    rest.is_empty() || rest.starts_with(b";")
}

/// Reads `grpc-timeout`: up to eight digits and a unit.
fn deadline(headers: &HeaderMap, now: Instant) -> Result<Option<Instant>, Refusal> {
    let Some(value) = headers.get(GRPC_TIMEOUT) else {
        return Ok(None);
    };
    let timeout = parse_timeout(value.as_bytes()).ok_or_else(|| {
        let message = "a timeout is up to eight digits and one of `H`, `M`, `S`, `m`, `u`, `n`";
        Refusal::invalid("INVALID_TIMEOUT", "grpc-timeout", message)
    })?;
    // A timeout that no clock can hold is none.
    Ok(now.checked_add(timeout))
}

fn parse_timeout(text: &[u8]) -> Option<Duration> {
    let (unit, digits) = text.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = digits
        .iter()
        .fold(0, |count, digit| count * 10 + u64::from(digit - b'0'));
    Some(match unit {
        b'H' => Duration::from_secs(count * 3600),
        b'M' => Duration::from_secs(count * 60),
        b'S' => Duration::from_secs(count),
        b'm' => Duration::from_millis(count),
        b'u' => Duration::from_micros(count),
        b'n' => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        for (text, expected) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("99999999S", Some(Duration::from_secs(99_999_999))),
            ("250m", Some(Duration::from_millis(250))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("m", None),
            ("10", None),
            ("-1m", None),
            ("1.5S", None),
            ("123456789m", None),
        ] {
            assert_eq!(parse_timeout(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn only_grpc_with_messages_of_protobuf_is_taken_for_grpc() {
        for (text, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc+json", false),
            ("application/json", false),
            ("text/plain", false),
        ] {
            assert_eq!(is_grpc(&HeaderValue::from_static(text)), expected, "{text}");
        }
    }
}
