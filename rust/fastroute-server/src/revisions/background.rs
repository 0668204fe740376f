//! Runs what blocks beside requests: each piece on a thread of its own; what builds lowers its priority.
//!
//! A build can take seconds of a core, so it steps back and takes what requests leave; going back to a compiled
//! revision does not, for it is asked for when things go badly. A thread of its own leaves the runtime's blocking
//! threads to requests. A piece is run to its end even when nobody waits any more.

use std::thread::Builder;

use tokio::sync::oneshot;

use crate::refusal::Refusal;

/// How far a build steps back behind requests, of 19.
const NICENESS: i32 = 10;

/// Runs a piece of work and waits for it.
///
/// # Errors
///
/// `INTERNAL` when it panics or no thread can be had.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let (sender, receiver) = oneshot::channel();
    let spawned = Builder::new()
        .name("fastroute-build".to_owned())
        .spawn(move || {
            // Nobody may wait any more; the work was done all the same.
            let _ = sender.send(work());
        });
    spawned.map_err(|_| Refusal::internal())?;
    receiver.await.map_err(|_| Refusal::internal())
}

/// Lowers the priority of this thread, which is what a process id of none means on Linux.
pub(super) fn yield_to_requests() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(event = "priority_not_lowered", %error);
    }
}
