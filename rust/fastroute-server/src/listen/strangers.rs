//! Connections that have not shown whose they are: how many may be open, and which one makes room.
//!
//! Probes need no secret, so anybody may hold a connection open, with a watch on it or just in silence. Were they to share the
//! places of all, a few thousand of them would lock every caller out. So where callers are known at all, strangers may hold a
//! quarter of the places; when one more comes, the one that has been a stranger for longest is closed. It is not the newest
//! one that is refused, because every caller begins as a stranger: it has shown its token long before its turn would come.
//!
//! Costs a caller one read of a flag for each call; closing one costs no search.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::connection::Connection;

/// How many strangers there are, over all listeners.
pub(crate) struct Strangers {
    count: AtomicUsize,
    limit: Option<usize>,
}

impl Strangers {
    /// Begins with none; where nobody has to show who it is, nobody is a stranger.
    pub fn new(is_open: bool, max_connections: usize) -> Self {
        Self {
            count: AtomicUsize::new(0),
            limit: (!is_open).then(|| (max_connections / 4).max(1)),
        }
    }

    /// Counts a connection that is new; whether it is a stranger's.
    pub fn come(&self) -> bool {
        if self.limit.is_some() {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        self.limit.is_some()
    }

    /// Counts one less: it has ended, or shown whose it is.
    pub fn go(&self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    fn are_too_many(&self) -> bool {
        self.limit
            .is_some_and(|limit| self.count.load(Ordering::Relaxed) > limit)
    }
}

/// The strangers of one listener, the oldest first, and some that are none any more.
#[derive(Default)]
pub(crate) struct Queue(VecDeque<Arc<Connection>>);

impl Queue {
    /// Takes one in, and closes the oldest one if they are too many now.
    pub fn push(&mut self, connection: &Arc<Connection>) {
        if !connection.is_stranger() {
            return;
        }
        let strangers = &connection.edge.strangers;
        if strangers.are_too_many() {
            while let Some(oldest) = self.0.pop_front() {
                if oldest.is_stranger() {
                    oldest.evict();
                    break;
                }
            }
        }
        // What is left of others is bounded by the places of all; strangers themselves are a quarter of them.
        if self.0.len() >= connection.edge.max_connections {
            self.0.retain(|connection| connection.is_stranger());
        }
        self.0.push_back(Arc::clone(connection));
    }
}
