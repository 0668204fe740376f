//! The bodies of a call: the request's with its time to arrive, the answer's with the call's place.
//!
//! Most requests and answers are whole when they are first looked at. So a timer is made only when
//! one has to be waited for, which keeps timers off the path of a decision.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::body::Body;
use tonic::{Code, Status};

use super::answer;
use super::call::Running;
use crate::metrics::Door;
use crate::refusal::Refusal;

/// The body of a request, which has to arrive in time.
#[derive(Debug)]
pub struct RequestBody {
    incoming: Incoming,
    allowed: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl RequestBody {
    /// Wraps a body that must end within `allowed` of the moment that it is first waited for.
    pub(crate) fn new(incoming: Incoming, allowed: Option<Duration>) -> Self {
        Self {
            incoming,
            allowed,
            timer: None,
        }
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.incoming).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| {
                frame.map_err(|_| Status::cancelled("the request ended before its message did"))
            })),
            Poll::Pending => {
                let Some(allowed) = this.allowed else {
                    return Poll::Pending;
                };
                let timer = this
                    .timer
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(allowed)));
                match timer.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(too_slow(allowed).into_status()))),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// The message of a call that is refused: read and thrown away before the refusal is sent.
///
/// Sent earlier, the refusal closes the stream while the message is under way; what arrives then is an error of the
/// protocol that the limits of a connection count, and a client that is refused for a minute would lose its connection.
/// What does not arrive in the time of the body, or is longer than [`Rest::MOST`], is not waited for.
pub(crate) struct Rest {
    body: RequestBody,
    bytes: usize,
}

impl Rest {
    /// Bytes that are read at most: a stream's first window.
    const MOST: usize = super::protocol::STREAM_WINDOW as usize;

    pub fn of(body: RequestBody) -> Self {
        Self { body, bytes: 0 }
    }

    /// Reads on; ready when there is nothing more to wait for.
    pub fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        use http_body::Body as _;

        while self.bytes < Self::MOST && !self.body.is_end_stream() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.bytes += frame.data_ref().map_or(0, Bytes::len);
                }
                Poll::Ready(Some(Err(_)) | None) => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }
}

fn too_slow(allowed: Duration) -> Refusal {
    let message = format!("the message did not arrive within {allowed:?}");
    Refusal::new("REQUEST_TOO_SLOW", Code::DeadlineExceeded, message)
}

/// When a call has to end: its deadline, or the end of its connection or of the server.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    pub deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    abort: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl Limit {
    pub fn new(deadline: Option<Instant>) -> Self {
        Self {
            deadline,
            ..Self::default()
        }
    }

    /// Looks whether a call that has to wait may wait on; makes its timers when it does so first.
    pub fn poll(&mut self, abort: &CancellationToken, context: &mut Context<'_>) -> Poll<Refusal> {
        if let Some(deadline) = self.deadline {
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline.into())));
            if timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(Refusal::deadline_exceeded());
            }
        }
        let abort = self
            .abort
            .get_or_insert_with(|| Box::pin(abort.clone().cancelled_owned()));
        abort.as_mut().poll(context).map(|()| shutting_down())
    }
}

/// Makes the refusal of calls that the server cannot finish.
pub(crate) fn shutting_down() -> Refusal {
    Refusal::new(
        "SHUTTING_DOWN",
        Code::Unavailable,
        "the server is shutting down, or this connection has served its time: call again",
    )
}

/// The body of an answer, which ends the call when it ends.
pub struct AnswerBody {
    inner: Body,
    limit: Limit,
    running: Running,
    is_over: bool,
}

impl AnswerBody {
    pub(crate) fn new(inner: Body, limit: Limit, running: Running) -> Self {
        Self {
            inner,
            limit,
            running,
            is_over: false,
        }
    }

    fn cut(&mut self, refusal: Refusal) -> Option<Result<Frame<Bytes>, Status>> {
        self.is_over = true;
        self.running.code = refusal.code();
        let status = refusal.into_status();
        if self.running.door() == Door::Http {
            return Some(Err(status));
        }
        let mut trailers = HeaderMap::new();
        match status.add_header(&mut trailers) {
            Ok(()) => Some(Ok(Frame::trailers(trailers))),
            Err(status) => Some(Err(status)),
        }
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.running.code = if is_ok(trailers) {
                        "OK"
                    } else {
                        Status::from_header_map(trailers)
                            .map_or("UNKNOWN", |status| answer::code_of(&status))
                    };
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(end) => Poll::Ready(end),
            Poll::Pending => match this.limit.poll(this.running.abort(), context) {
                Poll::Ready(refusal) => Poll::Ready(this.cut(refusal)),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn is_ok(trailers: &HeaderMap) -> bool {
    trailers.get(Status::GRPC_STATUS).map(HeaderValue::as_bytes) == Some(b"0")
}
