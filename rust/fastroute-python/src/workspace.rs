//! Calls the core with this thread's scratch memory, and turns a panic into an error.
//!
//! Each thread keeps one workspace, so a steady decision allocates no buffers and takes no lock. One
//! that a long text has grown is dropped after the call: memory stays bounded by threads, not by
//! the longest text that each has seen.
//!
//! A panic is a defect of fastroute. Left alone it would escape `except Exception`, and the
//! standard hook would print its message, which can quote a prompt; so the hook is replaced by one
//! that notes and logs only the line of source, and the caller gets `InternalError`.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use fastroute_core::Workspace;
use pyo3::prelude::*;

use crate::error;

/// Longest request, in bytes, after which a thread keeps its workspace.
const KEPT_UP_TO: usize = 1 << 20;

/// Longest request, in bytes, that is decided while attached: 1 ms of prose. Letting the interpreter go
/// and taking it back costs more than a short decision, and other threads wait during a long one.
const ATTACHED_UP_TO: usize = 64 << 10;

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::new(Workspace::new());
    static PANICKED_AT: Cell<Option<String>> = const { Cell::new(None) };
}

/// Makes panics of this extension note where they happened, and print nothing.
pub fn keep_panics_quiet() {
    set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()));
        // A line where logs are asked for: nobody is told what happened on a thread of a server.
        fastroute_server::log::panicked(place.as_deref().unwrap_or("unknown"));
        PANICKED_AT.set(place);
    }));
}

/// Runs `call`; a panic becomes `InternalError`.
pub fn guarded<T>(call: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| {
        let place = PANICKED_AT.take();
        error::internal(place.as_deref().unwrap_or("an unknown place"))
    })
}

/// Runs `call` with this thread's workspace, for a request of `bytes` bytes of text.
pub fn with<T>(bytes: usize, call: impl FnOnce(&mut Workspace) -> T) -> PyResult<T> {
    WORKSPACE.with(|kept| {
        // Nothing of Python runs inside a decision, so the workspace is free.
        let mut workspace = kept.borrow_mut();
        let result = guarded(|| call(&mut workspace));
        if result.is_err() || bytes > KEPT_UP_TO {
            *workspace = Workspace::new();
        }
        result
    })
}

/// Runs `call` as [`with`] does, and lets the interpreter go meanwhile if the request is long.
pub fn with_released<T: Send>(
    py: Python<'_>,
    bytes: usize,
    call: impl FnOnce(&mut Workspace) -> T + Send,
) -> PyResult<T> {
    if bytes > ATTACHED_UP_TO {
        py.detach(|| with(bytes, call))
    } else {
        with(bytes, call)
    }
}

/// Panics on purpose, so that a test can see what a caller gets.
#[cfg(feature = "panic_for_tests")]
#[pyfunction]
#[pyo3(name = "_panic_for_tests")]
pub fn panic_for_tests(text: &str) -> PyResult<()> {
    with(text.len(), |_| std::panic::panic_any(text.to_owned()))
}
