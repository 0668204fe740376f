//! One running server: its runtime, its listeners, and how it stops.
//!
//! A server has a tokio runtime of its own, so several live in one process and none needs the
//! threads of its host. Starting blocks until every listener is open; stopping tells health checks
//! first, then takes no more calls, waits for those in flight, and ends what is left.
//!
//! Threads do not survive `fork`. A child process has the value but not its server: every method
//! says so instead of waiting for a thread that is not there.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic_health::server::HealthReporter;

use crate::ask::Models;
use crate::doors::{HttpDoor, RpcDoor, health};
use crate::engine::Engine;
use crate::host::{Answerer, Declines};
use crate::listen::{Edge, Listener};
use crate::metrics::{Door, Metrics};
use crate::refusal::Refusal;
use crate::report::Reports;
use crate::revisions::{Cause, ReloadFrom, Revisions, Swapped};
use crate::service::{admin_service, router_service};
use crate::settings::{Address, Settings};
use crate::start_error::StartError;

/// Time in which tasks end that were told to stop.
const LAST_MOMENT: Duration = Duration::from_millis(500);

/// What a host gives a server beside its settings.
#[derive(Clone)]
pub struct Hosts {
    /// Answers the meta-LLM's questions; by default the server asks the model itself, where that speaks HTTP.
    pub answerer: Arc<dyn Answerer>,
}

impl Default for Hosts {
    fn default() -> Self {
        Self {
            answerer: Arc::new(Declines),
        }
    }
}

/// Where a server listens, ports as the system chose them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Addresses {
    /// Of gRPC.
    pub grpc: Vec<String>,
    /// Of HTTP; none when it is off.
    pub http: Option<String>,
    /// Of the admin service; none when it is off.
    pub admin: Option<String>,
}

/// A running server. Stops when it is dropped, without waiting for calls in flight.
pub struct Server {
    engine: Arc<Engine>,
    edge: Arc<Edge>,
    addresses: Addresses,
    drain: Duration,
    drain_delay: Duration,
    process: u32,
    running: Mutex<Option<Running>>,
}

struct Running {
    runtime: Runtime,
    health: HealthReporter,
    stop: CancellationToken,
    doors: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts a server, and returns when it serves.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from serving as its settings say; see [`StartError::code`]. Nothing is left behind.
    pub fn start(settings: &Settings, hosts: Hosts) -> Result<Self, StartError> {
        settings.check()?;
        let metrics = Metrics::new();
        let key = settings.report_key_file.as_deref().map(report_key);
        let reports = Reports::new(key.transpose()?, Arc::clone(&metrics));
        let revisions = Revisions::start(settings, Arc::clone(&metrics))?;
        let edge = Edge::new(settings, Arc::clone(&metrics))?;
        let engine = Engine::new(
            revisions,
            hosts.answerer,
            reports,
            metrics,
            settings.max_message_bytes as usize,
            settings.accept_gzip,
        );
        let engine = Arc::new(if settings.no_ask {
            engine
        } else {
            engine.asking(Models::default())
        });
        let runtime = runtime(settings.threads)?;
        let stop = engine.stop.clone();
        let (health, doors, addresses) = runtime.block_on(open(settings, &engine, &edge, &stop))?;
        if !settings.no_watch {
            let _inside = runtime.enter();
            engine.revisions.watch(stop.clone());
        }
        tracing::info!(
            event = "serving",
            revision = %engine.revisions.active().snapshot.revision(),
            grpc = addresses.grpc.join(","),
            http = addresses.http.as_deref().unwrap_or("none"),
            admin = addresses.admin.as_deref().unwrap_or("none"),
            is_authenticated = settings.callers.is_some() || settings.tls_client_ca.is_some(),
        );
        Ok(Self {
            engine,
            edge,
            addresses,
            drain: settings.drain,
            drain_delay: settings.drain_delay,
            process: std::process::id(),
            running: Mutex::new(Some(Running {
                runtime,
                health,
                stop,
                doors,
            })),
        })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Returns the shared parts.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Returns the edge.
    #[must_use]
    pub fn edge(&self) -> &Arc<Edge> {
        &self.edge
    }

    /// Returns the revision that serves, in hexadecimal digits.
    #[must_use]
    pub fn revision(&self) -> String {
        self.engine
            .revisions
            .active()
            .snapshot
            .revision()
            .to_string()
    }

    /// Returns the line that a program prints when it serves.
    #[must_use]
    pub fn line(&self) -> String {
        let revision = self.revision();
        let mut doors: Vec<String> = Vec::new();
        doors.extend(self.addresses.grpc.iter().map(|at| format!("grpc {at}")));
        doors.extend(self.addresses.http.iter().map(|at| format!("http {at}")));
        doors.extend(self.addresses.admin.iter().map(|at| format!("admin {at}")));
        format!(
            "fastroute {} serves revision {}: {}",
            env!("CARGO_PKG_VERSION"),
            &revision[..revision.len().min(12)],
            doors.join(", ")
        )
    }

    /// Whether this process is a child of the one that started it, so that nothing runs here.
    #[must_use]
    pub fn is_forked(&self) -> bool {
        std::process::id() != self.process
    }

    /// Whether it serves.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.is_forked() && self.lock().is_some()
    }

    /// Serves the configuration as its file stands now, as a signal asks for.
    ///
    /// # Errors
    ///
    /// A refused configuration, which changes nothing but the status; `SHUTTING_DOWN` when it does not run.
    pub fn reload(&self) -> Result<Swapped, Refusal> {
        let revisions = Arc::clone(&self.engine.revisions);
        self.block_on(async move {
            revisions
                .reload(ReloadFrom::File, false, Cause::Signal, "")
                .await
        })?
    }

    /// Runs a future of the host on the server's runtime and waits for it.
    ///
    /// # Errors
    ///
    /// `SHUTTING_DOWN` when the server does not run.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, Refusal> {
        let handle = match &*self.running_here()? {
            Some(running) => running.runtime.handle().clone(),
            None => return Err(stopped()),
        };
        Ok(handle.block_on(future))
    }

    /// Stops: tells health checks, waits for the setting `drain_delay`, takes no more calls, waits for those in flight for `grace` (the
    /// setting `drain` when absent), then ends them. Returns at once when it was stopped before.
    ///
    /// # Errors
    ///
    /// `FORKED` in a child process.
    pub fn stop(&self, grace: Option<Duration>) -> Result<(), Refusal> {
        let Some(running) = self.running_here()?.take() else {
            return Ok(());
        };
        let grace = grace.unwrap_or(self.drain);
        tracing::info!(event = "draining", grace_ms = grace.as_millis() as u64);
        self.engine.drain();
        let Running {
            runtime,
            health,
            stop,
            doors,
        } = running;
        let ended = runtime.block_on(async {
            health::not_serving(&health).await;
            tokio::time::sleep(self.drain_delay).await;
            health::end_watches(&health).await;
            stop.cancel();
            let all = async {
                for door in doors {
                    let _ = door.await;
                }
            };
            let mut all = std::pin::pin!(all);
            if tokio::time::timeout(grace, &mut all).await.is_ok() {
                return true;
            }
            self.edge.abort();
            let _ = tokio::time::timeout(LAST_MOMENT, all).await;
            false
        });
        runtime.shutdown_timeout(LAST_MOMENT);
        self.engine.revisions.close();
        tracing::info!(event = "stopped", all_calls_ended = ended);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running_here(&self) -> Result<std::sync::MutexGuard<'_, Option<Running>>, Refusal> {
        if self.is_forked() {
            return Err(Refusal::new(
                "FORKED",
                tonic::Code::FailedPrecondition,
                "this process was forked from one that runs the server; the server runs in the parent only",
            ));
        }
        Ok(self.lock())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // In a child, the lock may be held by a thread that is not there.
        let running = match self.running.get_mut() {
            Ok(running) => running.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        };
        let Some(running) = running else { return };
        if std::process::id() == self.process {
            running.stop.cancel();
            running.runtime.shutdown_timeout(LAST_MOMENT);
            self.engine.revisions.close();
        } else {
            std::mem::forget(running);
        }
    }
}

fn stopped() -> Refusal {
    Refusal::new(
        "SHUTTING_DOWN",
        tonic::Code::Unavailable,
        "the server does not run any more",
    )
}

fn runtime(threads: Option<u16>) -> Result<Runtime, StartError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = threads {
        builder.worker_threads(usize::from(threads));
    }
    builder
        .thread_name("fastroute")
        .max_blocking_threads(64)
        .enable_all()
        .build()
        .map_err(|error| {
            StartError::new("NO_RUNTIME", format!("no threads to serve with: {error}"))
        })
}

/// Opens every listener, then serves on all of them; none when one cannot be opened.
async fn open(
    settings: &Settings,
    engine: &Arc<Engine>,
    edge: &Arc<Edge>,
    stop: &CancellationToken,
) -> Result<(HealthReporter, Vec<JoinHandle<()>>, Addresses), StartError> {
    let mut grpc: Vec<Listener> = Vec::new();
    for address in &settings.listen {
        grpc.extend(bind(address).await?);
    }
    let http = bind(&settings.http).await?;
    let admin = bind(&settings.admin).await?;
    let addresses = Addresses {
        grpc: grpc.iter().map(Listener::address).collect(),
        http: http.as_ref().map(Listener::address),
        admin: admin.as_ref().map(Listener::address),
    };
    let (reporter, checks) = health::serving().await;
    let mut doors = Vec::new();
    for listener in grpc {
        let service = RpcDoor::new(router_service(Arc::clone(engine)), checks.clone());
        doors.push(edge.serve(listener, Door::Grpc, service, stop.clone()));
    }
    if let Some(listener) = http {
        let service = HttpDoor::new(Arc::clone(engine));
        doors.push(edge.serve(listener, Door::Http, service, stop.clone()));
    }
    if let Some(listener) = admin {
        let service = RpcDoor::new(admin_service(Arc::clone(engine)), checks);
        doors.push(edge.serve(listener, Door::Admin, service, stop.clone()));
    }
    Ok((reporter, doors, addresses))
}

async fn bind(address: &Address) -> Result<Option<Listener>, StartError> {
    if *address == Address::None {
        return Ok(None);
    }
    Edge::bind(address).await.map(Some).map_err(|error| {
        StartError::new(
            "ADDRESS_UNAVAILABLE",
            format!("cannot listen on `{address}`: {error}"),
        )
    })
}

fn report_key(path: &Path) -> Result<[u8; 32], StartError> {
    let unusable =
        |why: String| StartError::new("INVALID_REPORT_KEY", format!("`{}` {why}", path.display()));
    let bytes =
        std::fs::read(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let count = bytes.len();
    bytes
        .try_into()
        .map_err(|_| unusable(format!("has {count} bytes, but a key has 32")))
}
