//! Answers the requests of a stream as they come in.
//!
//! The stream is polled by whoever sends its answers, so a caller that does not read slows down what is
//! decided for it and nobody else. Requests that need no wait are decided in place; the others, at
//! most [`MAX_IN_FLIGHT`] of them, on tasks that end with the stream. Each is decided under the revision
//! that serves when it is read.
//!
//! A request that cannot be decided, or read, is answered with its error. What ends the stream: bytes
//! that are not framed as messages or are over the limit of size, the deadline, and a server that stops.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use fastroute_proto::v1;
use tokio::task::{JoinSet, coop};
use tokio::time::Sleep;
use tokio_stream::Stream;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;
use v1::route_stream_response::Result as Outcome;

use super::route::route;
use super::shield::Shielded;
use crate::codec::typed;
use crate::context::CallContext;
use crate::convert;
use crate::engine::Engine;
use crate::refusal::Refusal;

/// Requests of one stream that wait for something, or for their turn to leave.
pub const MAX_IN_FLIGHT: usize = 64;

/// Bytes of an id.
const MAX_ID_BYTES: usize = 128;

/// An item of the stream, or why it could not be read.
pub type Item = Result<v1::RouteStreamRequest, Refusal>;

type Answer = v1::RouteStreamResponse;

/// The answers to a stream of requests.
pub struct Answers<S> {
    inbound: S,
    engine: Arc<Engine>,
    context: Arc<CallContext>,
    /// Whether answers keep the order of the requests; known from the first that can be read.
    in_order: Option<bool>,
    flight: JoinSet<(u64, Answer)>,
    /// In order: the answers from the one that leaves next, none while it is worked on.
    queue: VecDeque<Option<Answer>>,
    /// Number of the first in the queue, and of the next request.
    first: u64,
    next: u64,
    inbound_ended: bool,
    failure: Option<Status>,
    deadline: Option<Pin<Box<Sleep>>>,
    draining: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: bool,
}

impl<S> Answers<S>
where
    S: Stream<Item = Result<Item, Status>> + Unpin,
{
    /// Answers what comes in.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn new(inbound: S, engine: Arc<Engine>, context: CallContext) -> Self {
        let deadline = context
            .deadline
            .map(|at| Box::pin(tokio::time::sleep_until(at.into())));
        let draining = Box::pin(engine.stop.clone().cancelled_owned());
        Self {
            inbound,
            engine,
            context: Arc::new(context),
            in_order: None,
            flight: JoinSet::new(),
            queue: VecDeque::new(),
            first: 0,
            next: 0,
            inbound_ended: false,
            failure: None,
            deadline,
            draining,
            ended: false,
        }
    }

    /// The next answer that may leave.
    fn poll_done(&mut self, context: &mut Context<'_>) -> Option<Answer> {
        loop {
            if let Some(Some(_)) = self.queue.front() {
                self.first += 1;
                return self.queue.pop_front().flatten();
            }
            match self.flight.poll_join_next(context) {
                Poll::Ready(Some(Ok((number, answer)))) if self.in_order == Some(true) => {
                    let place = usize::try_from(number - self.first).unwrap_or(usize::MAX);
                    if let Some(slot) = self.queue.get_mut(place) {
                        *slot = Some(answer);
                    }
                }
                Poll::Ready(Some(Ok((_, answer)))) => return Some(answer),
                // Tasks catch panics and are not aborted before the stream is dropped.
                Poll::Ready(Some(Err(_))) => {}
                Poll::Ready(None) | Poll::Pending => return None,
            }
        }
    }

    fn has_room(&self) -> bool {
        self.flight.len().max(self.queue.len()) < MAX_IN_FLIGHT
    }

    /// Begins a request; its answer if there is one at once.
    fn begin(&mut self, item: Item, context: &mut Context<'_>) -> Option<Answer> {
        if let (None, Ok(first)) = (self.in_order, &item) {
            self.in_order = Some(first.in_order);
        }
        let is_in_order = self.in_order == Some(true);
        let number = self.next;
        self.next += 1;
        let mut work = Box::pin(answer(
            Arc::clone(&self.engine),
            Arc::clone(&self.context),
            item,
        ));
        match work.as_mut().poll(context) {
            Poll::Ready(answer) if !is_in_order || self.queue.is_empty() => {
                self.first = self.next;
                Some(answer)
            }
            Poll::Ready(answer) => {
                self.queue.push_back(Some(answer));
                None
            }
            Poll::Pending => {
                if is_in_order {
                    if self.queue.is_empty() {
                        self.first = number;
                    }
                    self.queue.push_back(None);
                }
                self.flight.spawn(async move { (number, work.await) });
                None
            }
        }
    }

    fn end(&mut self, status: Status) -> Poll<Option<Result<Answer, Status>>> {
        self.ended = true;
        self.flight.abort_all();
        Poll::Ready(Some(Err(status)))
    }
}

impl<S> Stream for Answers<S>
where
    S: Stream<Item = Result<Item, Status>> + Unpin,
{
    type Item = Result<Answer, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return this.end(Refusal::deadline_exceeded().into_status());
        }
        if !this.inbound_ended && this.draining.as_mut().poll(context).is_ready() {
            this.inbound_ended = true;
            let refusal = Refusal::new(
                "SHUTTING_DOWN",
                tonic::Code::Unavailable,
                "the server stops; what was read of the stream is answered",
            );
            this.failure = Some(refusal.into_status());
        }
        loop {
            let turn = ready!(coop::poll_proceed(context));
            if let Some(answer) = this.poll_done(context) {
                turn.made_progress();
                return Poll::Ready(Some(Ok(answer)));
            }
            if this.inbound_ended {
                if !this.flight.is_empty() || !this.queue.is_empty() {
                    return Poll::Pending;
                }
                turn.made_progress();
                if let Some(failure) = this.failure.take() {
                    return this.end(failure);
                }
                this.ended = true;
                return Poll::Ready(None);
            }
            if !this.has_room() {
                return Poll::Pending;
            }
            match ready!(Pin::new(&mut this.inbound).poll_next(context)) {
                Some(Ok(item)) => {
                    turn.made_progress();
                    if let Some(answer) = this.begin(item, context) {
                        return Poll::Ready(Some(Ok(answer)));
                    }
                }
                Some(Err(status)) => {
                    this.inbound_ended = true;
                    // The edge says by a code of its own what it ended; the transport does not.
                    this.failure = Some(match status.details() {
                        [] => typed(&status).into_status(),
                        _ => status,
                    });
                }
                None => this.inbound_ended = true,
            }
        }
    }
}

/// Answers one item.
async fn answer(engine: Arc<Engine>, context: Arc<CallContext>, item: Item) -> Answer {
    let (id, request) = opened(item);
    let result = match request.and_then(|request| context.caller.charge(1).map(|()| request)) {
        Ok(request) => {
            // A request that panics is answered like any other, so that those behind it are too.
            let routed = std::pin::pin!(route(&engine, request, &context));
            Shielded(routed).await.and_then(|answer| answer)
        }
        Err(refusal) => Err(refusal),
    };
    closed(id, result)
}

/// The id of an item, empty where it has none that can be sent back, and what is to be decided.
pub(super) fn opened(item: Item) -> (String, Result<v1::RouteRequest, Refusal>) {
    match item {
        Err(refusal) => (String::new(), Err(refusal)),
        Ok(message) if message.id.len() > MAX_ID_BYTES => {
            let count = message.id.len();
            let text = format!("has `{count}` bytes, over the limit of {MAX_ID_BYTES}");
            let refusal = Refusal::invalid("INVALID_ID", "id", text);
            (String::new(), Err(refusal))
        }
        Ok(message) => {
            let request = message
                .request
                .ok_or_else(|| Refusal::invalid("MISSING_TEXT", "request", "a request is needed"));
            (message.id, request)
        }
    }
}

/// What is sent back for an item.
pub(super) fn closed(id: String, result: Result<v1::RouteResponse, Refusal>) -> Answer {
    Answer {
        id,
        result: Some(match result {
            Ok(response) => Outcome::Response(response),
            Err(refusal) => Outcome::Error(convert::error(&refusal)),
        }),
    }
}
