//! The edge: accepts connections, limits what a peer may do, and lets calls through to a service.
//!
//! The accept loop is our own, because the defaults of tonic and axum are no limits: connections,
//! streams, windows, headers, resets, ages and silence are all bounded here, on every door alike.
//!
//! - [`socket`]: listeners and streams, TCP or Unix.
//! - [`protocol`]: the limits of HTTP/1 and HTTP/2.
//! - [`connection`]: the life of one connection: handshake, idle, age, drain.
//! - `call`: what happens to one call before and after the service.
//! - [`body`]: the bodies of requests and answers, with their times and their place.
//! - [`answer`]: refusals as each door writes them.
//! - `frames`: floods of frames that bring no call forward.
//! - `strangers`: the part of the connections that those may hold who have not shown who they are.
//! - `tls`, `secrets`: certificates, keys and callers, read again when their files change.
//!
//! The edge costs a call about a microsecond and takes no lock. It reads no message: what is in one
//! is the service's affair.

pub mod answer;
pub mod body;
pub(crate) mod call;
pub mod connection;
mod frames;
mod gathered;
pub mod protocol;
mod secrets;
pub mod socket;
mod strangers;
mod tls;
mod watched;

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::Service;

use crate::guard::Admission;
use crate::metrics::{Door, Metrics};
use crate::settings::{Address, Settings};
use crate::start_error::StartError;

use secrets::Secrets;
use strangers::{Queue, Strangers};

pub use body::RequestBody;
pub use connection::Connection;
pub use socket::Listener;

/// Wait before accepting again when the system has no file left to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// Time between two lines of the log that say so.
const ACCEPT_SILENCE: Duration = Duration::from_secs(10);

/// The edge of one server, over all of its listeners.
pub struct Edge {
    pub(crate) admission: Admission,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) times: Times,
    pub(crate) accepts_gzip: bool,
    pub(crate) abort: CancellationToken,
    pub(crate) strangers: Strangers,
    is_watching: AtomicBool,
    open: AtomicUsize,
    pub(crate) max_connections: usize,
    rpc: auto::Builder<TokioExecutor>,
    web: auto::Builder<TokioExecutor>,
}

/// The times that a connection and a call are given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub age: Duration,
    pub drain: Duration,
    pub handshake: Duration,
    pub idle: Duration,
    pub read: Duration,
}

impl Edge {
    /// Makes the edge that the settings describe; opens nothing.
    ///
    /// # Errors
    ///
    /// `INVALID_CALLERS` and `INVALID_TLS` when a file of callers, certificates or keys cannot be used.
    pub fn new(settings: &Settings, metrics: Arc<Metrics>) -> Result<Arc<Self>, StartError> {
        let secrets = Secrets::new(settings, Arc::clone(&metrics))?;
        let max_connections = settings.max_connections as usize;
        Ok(Arc::new(Self {
            admission: Admission::new(settings.max_in_flight as usize),
            strangers: Strangers::new(secrets.authentication.is_open(), max_connections),
            secrets: Arc::new(secrets),
            metrics,
            times: Times {
                age: settings.max_connection_age,
                drain: settings.drain,
                handshake: settings.handshake_timeout,
                idle: settings.max_connection_idle,
                read: settings.read_timeout,
            },
            accepts_gzip: settings.accept_gzip,
            abort: CancellationToken::new(),
            is_watching: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            max_connections,
            rpc: protocol::rpc(settings),
            web: protocol::web(settings),
        }))
    }

    /// Opens a listener.
    ///
    /// # Errors
    ///
    /// What the system says: an address that is in use, a port that needs a privilege, a socket's
    /// path that is no socket or that another process serves.
    pub async fn bind(address: &Address) -> io::Result<Listener> {
        Listener::bind(address).await
    }

    /// Serves a listener until `stop` is cancelled and every connection has ended.
    ///
    /// Then it accepts no more, tells each peer to go elsewhere, and waits for calls in flight;
    /// [`abort`](Self::abort) ends the wait. Needs a tokio runtime around it.
    pub fn serve<S>(
        self: &Arc<Self>,
        listener: Listener,
        door: Door,
        service: S,
        stop: CancellationToken,
    ) -> JoinHandle<()>
    where
        S: Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send + 'static,
    {
        if !self.is_watching.swap(true, Ordering::Relaxed) {
            tokio::spawn(Arc::clone(&self.secrets).watch(stop.clone()));
        }
        tokio::spawn(Arc::clone(self).accept(listener, door, service, stop))
    }

    /// Ends what still runs: calls are answered with `SHUTTING_DOWN`, then connections are closed.
    pub fn abort(&self) {
        self.abort.cancel();
    }

    /// Reads callers, certificates and keys again if their files have changed, as the edge does by itself
    /// every second. Blocks while it reads. What is refused changes nothing and is logged.
    pub fn refresh(&self) {
        self.secrets.refresh();
    }

    /// Returns how many calls and streams run now.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.admission.in_flight()
    }

    /// Returns how many connections are open now, over all listeners.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Counts a connection that the edge closed for a fault of its peer's.
    pub(crate) fn closed(&self, reason: &'static str) {
        if !matches!(reason, "aborted" | "drained") {
            self.metrics.connection_refused(reason);
            tracing::debug!(event = "connection_closed", reason);
        }
    }

    pub(crate) fn protocol(&self, door: Door) -> &auto::Builder<TokioExecutor> {
        match door {
            Door::Http => &self.web,
            Door::Admin | Door::Grpc => &self.rpc,
        }
    }

    async fn accept<S>(
        self: Arc<Self>,
        mut listener: Listener,
        door: Door,
        service: S,
        stop: CancellationToken,
    ) where
        S: Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send + 'static,
    {
        let mut tasks = JoinSet::new();
        let mut connections: HashMap<Id, Arc<Connection>> = HashMap::new();
        let mut strangers = Queue::default();
        let mut told_at: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = tasks.join_next_with_id() => forget(&mut connections, ended),
                accepted = listener.accept() => match accepted {
                    Ok(stream) => {
                        let Some(place) = Place::take(&self) else {
                            self.metrics.connection_refused("too_many");
                            continue;
                        };
                        let connection = Arc::new(Connection::new(&self, door));
                        strangers.push(&connection);
                        let life = Arc::clone(&connection).live(stream, service.clone(), place);
                        let id = tasks.spawn(life).id();
                        connections.insert(id, connection);
                    }
                    // A peer that left before it was accepted is no reason to wait; being out of files is.
                    Err(error) => if error.kind() != io::ErrorKind::ConnectionAborted {
                        if told_at.is_none_or(|told_at| told_at.elapsed() >= ACCEPT_SILENCE) {
                            told_at = Some(Instant::now());
                            tracing::warn!(event = "accept_failed", door = door.as_str(), error = %error.kind());
                        }
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
        drop((listener, strangers));
        for connection in connections.values() {
            connection.drain();
        }
        loop {
            tokio::select! {
                biased;
                ended = tasks.join_next_with_id() => match ended {
                    Some(ended) => forget(&mut connections, ended),
                    None => return,
                },
                () = self.abort.cancelled() => break,
            }
        }
        for connection in connections.values() {
            connection.abort();
        }
        while tasks.join_next().await.is_some() {}
    }
}

fn forget(
    connections: &mut HashMap<Id, Arc<Connection>>,
    ended: Result<(Id, ()), tokio::task::JoinError>,
) {
    let id = match ended {
        Ok((id, ())) => id,
        Err(error) => error.id(),
    };
    connections.remove(&id);
}

/// A connection's place among those that may be open.
pub(crate) struct Place(Arc<Edge>);

impl Place {
    fn take(edge: &Arc<Edge>) -> Option<Self> {
        if edge.open.fetch_add(1, Ordering::Relaxed) >= edge.max_connections {
            edge.open.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        edge.metrics.connections.rise();
        Some(Self(Arc::clone(edge)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.metrics.connections.fall();
    }
}
