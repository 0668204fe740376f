//! Decides many requests in one call, each as [`route`](super::route) would.
//!
//! Requests are decided one after the other on the thread of the call, which lets others run in between; long ones
//! go to a thread that may block. Questions are put together, a few dozen at a time, once everything else
//! is decided. What concerns one request is its own error; a deadline that passes ends the whole.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use fastroute_core::Now;
use fastroute_proto::v1;
use v1::route_result::Result as Outcome;

use super::decide::{Stage, in_time, returns_question};
use super::route::{active_of, begin_apart, begin_on, claims, finish, is_short};
use crate::codec::MAX_BATCH;
use crate::context::CallContext;
use crate::convert;
use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::revisions::Active;

/// Requests that are decided before others get a turn: some 100 microseconds.
const TURN: usize = 16;

/// Questions that are put at once.
const ASKED_AT_ONCE: usize = 64;

/// Decides many requests; the results are in their order.
///
/// # Errors
///
/// `TOO_MANY_REQUESTS`, `RATE_LIMITED`, `DEADLINE_EXCEEDED`.
pub async fn route_batch(
    engine: &Engine,
    request: v1::RouteBatchRequest,
    context: &CallContext,
) -> Result<v1::RouteBatchResponse, Refusal> {
    let count = request.requests.len();
    if count > MAX_BATCH {
        let message = format!("`{count}` requests are given, over the limit of {MAX_BATCH}");
        return Err(Refusal::invalid("TOO_MANY_REQUESTS", "requests", message));
    }
    // The call itself has paid for one.
    context.caller.charge(count.saturating_sub(1))?;
    let mut snapshots = Snapshots {
        active: Arc::clone(&engine.revisions.active()),
        named: HashMap::new(),
    };
    let mut results: Vec<Option<Result<v1::RouteResponse, Refusal>>> = Vec::new();
    results.resize_with(count, || None);
    let mut waiting = Vec::new();
    for (place, request) in request.requests.into_iter().enumerate() {
        if place % TURN == 0 {
            if place > 0 {
                tokio::task::yield_now().await;
            }
            in_time(context)?;
        }
        let now = engine.clock.now();
        let begun = start(engine, &mut snapshots, request, now, context).await;
        match begun {
            Err(refusal) => results[place] = Some(Err(refusal)),
            Ok((request, stage)) => {
                let waits = matches!(stage, Stage::Asking(_))
                    && engine.may_answer()
                    && !returns_question(&request);
                let finishing = Box::pin(async move {
                    let finished = finish(engine, stage, &request, now, context).await;
                    (place, finished)
                });
                if waits {
                    waiting.push(finishing);
                } else {
                    results[place] = Some(finishing.await.1);
                }
            }
        }
    }
    while !waiting.is_empty() {
        let some = waiting.split_off(waiting.len().saturating_sub(ASKED_AT_ONCE));
        for (place, finished) in all(some).await {
            results[place] = Some(finished);
        }
        in_time(context)?;
    }
    let results = results
        .into_iter()
        .map(|result| result_of(result.unwrap_or_else(|| Err(Refusal::internal()))));
    Ok(v1::RouteBatchResponse {
        results: results.collect(),
    })
}

/// Revisions that one batch may name: each may have to be built, and is held until the batch ends.
const MAX_NAMED: usize = 2;

/// The snapshots of one batch: the active one as it was at the start, and those that requests name.
struct Snapshots {
    active: Arc<Active>,
    named: HashMap<String, Result<Arc<Active>, Refusal>>,
}

impl Snapshots {
    async fn of(&mut self, engine: &Engine, revision: &str) -> Result<Arc<Active>, Refusal> {
        if revision.is_empty() {
            return Ok(Arc::clone(&self.active));
        }
        if let Some(known) = self.named.get(revision) {
            return known.clone();
        }
        if self.named.len() == MAX_NAMED {
            return Err(Refusal::invalid(
                "TOO_MANY_REVISIONS",
                "revision",
                format!("batch names more revisions than the limit of {MAX_NAMED}"),
            ));
        }
        let found = active_of(engine, revision).await;
        self.named.insert(revision.to_owned(), found.clone());
        found
    }
}

async fn start(
    engine: &Engine,
    snapshots: &mut Snapshots,
    request: v1::RouteRequest,
    now: Now,
    context: &CallContext,
) -> Result<(v1::RouteRequest, Stage), Refusal> {
    let active = snapshots.of(engine, &request.revision).await?;
    if is_short(&request) {
        let stage = begin_on(
            engine,
            &active,
            &request,
            now,
            &context.caller,
            claims(&request),
        )?;
        return Ok((request, stage));
    }
    let claims = claims(&request);
    begin_apart(engine, active, request, now, context, claims).await
}

/// Writes what became of one request of many.
pub(super) fn result_of(result: Result<v1::RouteResponse, Refusal>) -> v1::RouteResult {
    v1::RouteResult {
        result: Some(match result {
            Ok(response) => Outcome::Response(response),
            Err(refusal) => Outcome::Error(convert::error(&refusal)),
        }),
    }
}

/// Waits for all of a few dozen futures.
async fn all<F: Future>(futures: Vec<Pin<Box<F>>>) -> Vec<F::Output> {
    let mut running: Vec<Option<Pin<Box<F>>>> = futures.into_iter().map(Some).collect();
    let mut done = Vec::with_capacity(running.len());
    std::future::poll_fn(|context| {
        for place in &mut running {
            if let Some(future) = place
                && let Poll::Ready(output) = future.as_mut().poll(context)
            {
                done.push(output);
                *place = None;
            }
        }
        if running.iter().all(Option::is_none) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    done
}
