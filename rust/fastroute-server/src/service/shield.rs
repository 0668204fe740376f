//! Catches panics: the workspace of a thread, and futures of a host.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use fastroute_core::{View, Workspace};

use crate::refusal::Refusal;

/// Bytes of text up to which a thread keeps the buffers that a request left.
pub(super) const KEPT_UP_TO: usize = 64 << 10;

thread_local! {
    static WORKSPACE: RefCell<(Workspace, View)> = RefCell::new((Workspace::new(), View::healthy()));
}

/// Runs `call`.
///
/// # Errors
///
/// `INTERNAL` when it panics.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| {
        tracing::error!(event = "panic", "a call panicked");
        Refusal::internal()
    })
}

/// Runs `call` with this thread's workspace and its view, which holds what was read last, for a request of `bytes` bytes of text.
///
/// # Errors
///
/// `INTERNAL` when it panics; the workspace is made anew then.
pub(super) fn with_workspace<T>(
    bytes: usize,
    call: impl FnOnce(&mut Workspace, &mut View) -> T,
) -> Result<T, Refusal> {
    WORKSPACE.with(|kept| {
        // Nothing that is called while deciding decides, so the workspace is free.
        let mut kept = kept.borrow_mut();
        let (workspace, view) = &mut *kept;
        let result = guarded(|| call(workspace, view));
        if result.is_err() || bytes > KEPT_UP_TO {
            *workspace = Workspace::new();
        }
        if result.is_err() {
            *view = View::healthy();
        }
        result
    })
}

/// A future whose panics are refusals.
pub(super) struct Shielded<F>(pub F);

impl<F: Future + Unpin> Future for Shielded<F> {
    type Output = Result<F::Output, Refusal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match guarded(|| Pin::new(&mut self.0).poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(refusal) => Poll::Ready(Err(refusal)),
        }
    }
}
