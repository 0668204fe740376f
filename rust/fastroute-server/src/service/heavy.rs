//! Work that takes long runs on threads that may block, as many at once as there are cores.
//!
//! Whoever waits for a turn can go away and costs nothing. Work that has begun keeps its turn until it
//! ends, even when its caller has gone, so calls that are broken off cannot pile work up.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::shield::guarded;
use crate::refusal::Refusal;

/// The turns of one server.
#[derive(Clone, Debug)]
pub struct Heavy(Arc<Semaphore>);

impl Heavy {
    /// Makes as many turns as the machine has cores.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(cores)))
    }

    /// Runs `work` on a thread that may block, when it is its turn.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when it panics, `SHUTTING_DOWN` when the server stops first.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.0)
            .acquire_owned()
            .await
            .map_err(|_| stopping())?;
        let running = tokio::task::spawn_blocking(move || {
            let done = guarded(work);
            drop(turn);
            done
        });
        running.await.map_err(|_| stopping())?
    }
}

impl Default for Heavy {
    fn default() -> Self {
        Self::new()
    }
}

fn stopping() -> Refusal {
    Refusal::new(
        "SHUTTING_DOWN",
        tonic::Code::Unavailable,
        "the server stops",
    )
}
