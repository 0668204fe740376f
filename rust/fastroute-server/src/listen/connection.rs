//! The life of one connection: greeting, silence, age, drain, and the end.
//!
//! One timer a connection looks after everything that is not a call's own: a peer that does not
//! greet, one that has been silent for too long, one that is old, and one that does not read its
//! answers. The last costs no lock: answers are counted by the tick in which they began, and a count
//! that is still there after a whole further tick is of a peer that does not read.
//!
//! An old or silent connection is told to go (GOAWAY, or `Connection: close`) and finishes its calls.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tonic::body::Body;
use tower::Service;

use super::body::RequestBody;
use super::call::Calls;
use super::socket::Stream;
use super::watched::Watched;
use super::{Edge, Place};
use crate::guard::Certificate;
use crate::metrics::Door;

/// Time for a peer without calls to leave after it was told to, and for the last answers to be sent.
const LAST_MOMENT: Duration = Duration::from_secs(1);
const ABORT_MOMENT: Duration = Duration::from_millis(250);

const OPEN: u8 = 0;
const DRAINING: u8 = 1;
const ABORTED: u8 = 2;

/// One connection.
pub struct Connection {
    pub(crate) edge: Arc<Edge>,
    pub(crate) door: Door,
    certificate: OnceLock<Certificate>,
    born: Instant,
    phase: AtomicU8,
    waker: OnceLock<Waker>,
    has_greeted: AtomicBool,
    active: AtomicUsize,
    quiet_since_ms: AtomicU64,
    tick: AtomicUsize,
    unread: [AtomicUsize; 3],
}

/// What the timer found.
enum Due {
    Close(&'static str),
    Drain,
    Wait(Instant),
}

impl Connection {
    pub(crate) fn new(edge: &Arc<Edge>, door: Door) -> Self {
        Self {
            edge: Arc::clone(edge),
            door,
            certificate: OnceLock::new(),
            born: Instant::now(),
            phase: AtomicU8::new(OPEN),
            waker: OnceLock::new(),
            has_greeted: AtomicBool::new(false),
            active: AtomicUsize::new(0),
            quiet_since_ms: AtomicU64::new(0),
            tick: AtomicUsize::new(0),
            unread: Default::default(),
        }
    }

    /// Tells the peer to go elsewhere and finishes its calls.
    pub(crate) fn drain(&self) {
        self.turn(DRAINING);
    }

    /// Closes soon, whatever still runs.
    pub(crate) fn abort(&self) {
        self.turn(ABORTED);
    }

    fn turn(&self, phase: u8) {
        self.phase.fetch_max(phase, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Whether the peer was told to go elsewhere.
    pub(crate) fn is_leaving(&self) -> bool {
        self.phase.load(Ordering::Relaxed) > OPEN
    }

    /// The peer has sent what opens its protocol.
    pub(crate) fn greeted(&self) {
        self.has_greeted.store(true, Ordering::Relaxed);
    }

    /// A call begins.
    pub(crate) fn begin(&self) {
        if !self.has_greeted.load(Ordering::Relaxed) {
            self.greeted();
        }
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    /// A call has ended.
    pub(crate) fn end(&self, now: Instant) {
        let since = now.saturating_duration_since(self.born).as_millis() as u64;
        self.quiet_since_ms.fetch_max(since, Ordering::Relaxed);
        self.active.fetch_sub(1, Ordering::Relaxed);
    }

    /// An answer is ready to be read; returns what [`read`](Self::read) takes.
    pub(crate) fn unread(&self) -> usize {
        let tick = self.tick.load(Ordering::Relaxed) % 3;
        self.unread[tick].fetch_add(1, Ordering::Relaxed);
        tick
    }

    /// The answer has been read, or is of no use any more.
    pub(crate) fn read(&self, tick: usize) {
        self.unread[tick % 3].fetch_sub(1, Ordering::Relaxed);
    }

    /// Serves the stream until it ends.
    pub(crate) async fn live<S>(self: Arc<Self>, stream: Stream, service: S, place: Place)
    where
        S: Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send + 'static,
    {
        let _place = place;
        let stream = match stream {
            Stream::Tcp(stream) => match self.secure(stream).await {
                Some(stream) => stream,
                None => return,
            },
            stream => stream,
        };
        self.drive(stream, service).await;
    }

    /// Shakes hands if TLS is on; none when that fails, takes too long, or the server stops meanwhile.
    async fn secure(&self, stream: TcpStream) -> Option<Stream> {
        let Some(tls) = &self.edge.secrets.tls else {
            return Some(Stream::Tcp(stream));
        };
        let acceptor = TlsAcceptor::from(tls.config(self.door));
        let mut handshake = pin!(timeout(self.edge.times.handshake, acceptor.accept(stream)));
        let outcome = poll_fn(|context| {
            self.listen_to(context);
            match handshake.as_mut().poll(context) {
                Poll::Pending if self.phase.load(Ordering::SeqCst) > OPEN => Poll::Ready(None),
                outcome => outcome.map(Some),
            }
        })
        .await?;
        let Ok(Ok(stream)) = outcome else {
            self.edge.metrics.handshake_failed();
            return None;
        };
        let (_, session) = stream.get_ref();
        if let Some(certificate) = session.peer_certificates().and_then(<[_]>::first) {
            let _ = self.certificate.set(Certificate::read(certificate));
        }
        Some(Stream::Tls(Box::new(stream)))
    }

    /// Returns the certificate that the peer has shown.
    pub(crate) fn certificate(&self) -> Option<&Certificate> {
        self.certificate.get()
    }

    /// Lets [`turn`](Self::turn) wake the task that polls; it is the same one for the whole life.
    fn listen_to(&self, context: &Context<'_>) {
        if self.waker.get().is_none() {
            let _ = self.waker.set(context.waker().clone());
            fence(Ordering::SeqCst);
        }
    }

    async fn drive<S>(self: Arc<Self>, stream: Stream, service: S)
    where
        S: Service<Request<RequestBody>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send + 'static,
    {
        let edge = Arc::clone(&self.edge);
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&self)));
        let calls = Calls::new(Arc::clone(&self), service);
        let mut http = pin!(edge.protocol(self.door).serve_connection(io, calls));
        let old_at = self.born + jittered(edge.times.age);
        let mut timer = pin!(tokio::time::sleep_until(self.first_tick().into()));
        let (mut phase, mut ticked_at) = (OPEN, self.born);
        poll_fn(|context| {
            self.listen_to(context);
            loop {
                if http.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
                let asked = self.phase.load(Ordering::SeqCst);
                if asked > phase {
                    if phase == OPEN {
                        http.as_mut().graceful_shutdown();
                    }
                    phase = asked;
                    let wait = if asked == ABORTED {
                        ABORT_MOMENT
                    } else {
                        self.patience()
                    };
                    timer.as_mut().reset((Instant::now() + wait).into());
                    continue;
                }
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                match self.due(Instant::now(), old_at, phase, &mut ticked_at) {
                    Due::Close(reason) => {
                        edge.closed(reason);
                        return Poll::Ready(());
                    }
                    Due::Drain => self.drain(),
                    Due::Wait(until) => timer.as_mut().reset(until.into()),
                }
            }
        })
        .await;
    }

    fn first_tick(&self) -> Instant {
        let times = &self.edge.times;
        self.born
            + times
                .handshake
                .min(times.read)
                .min(times.idle)
                .min(times.age)
    }

    /// How long a drain waits for a peer before it looks again: none that has not greeted is owed anything.
    fn patience(&self) -> Duration {
        if self.has_greeted.load(Ordering::Relaxed) {
            LAST_MOMENT
        } else {
            Duration::ZERO
        }
    }

    fn due(&self, now: Instant, old_at: Instant, phase: u8, ticked_at: &mut Instant) -> Due {
        let times = &self.edge.times;
        let is_quiet = self.active.load(Ordering::Relaxed) == 0;
        match phase {
            ABORTED => return Due::Close("aborted"),
            DRAINING if is_quiet => return Due::Close("drained"),
            DRAINING => {}
            _ => {
                if !self.has_greeted.load(Ordering::Relaxed) {
                    let until = self.born + times.handshake;
                    return if now >= until {
                        Due::Close("no_greeting")
                    } else {
                        Due::Wait(until)
                    };
                }
                if now >= old_at {
                    return Due::Drain;
                }
            }
        }
        let quiet_since =
            self.born + Duration::from_millis(self.quiet_since_ms.load(Ordering::Relaxed));
        let silent_at = if is_quiet {
            quiet_since + times.idle
        } else {
            now + times.idle
        };
        if now >= silent_at {
            return Due::Drain;
        }
        if now >= *ticked_at + times.read {
            *ticked_at = now;
            let tick = self.tick.fetch_add(1, Ordering::Relaxed) + 1;
            // Answers of the tick before the one that ends now have had a whole one to be read.
            if self.unread[(tick + 1) % 3].load(Ordering::Relaxed) > 0 {
                return Due::Close("unread");
            }
        }
        let mut next = (*ticked_at + times.read).min(silent_at);
        if phase == OPEN {
            next = next.min(old_at);
        } else {
            next = next.min(now + LAST_MOMENT);
        }
        Due::Wait(next)
    }
}

/// Shortens or lengthens an age by up to a tenth, so that connections made together do not end together.
fn jittered(age: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8) >> 11;
    let share = random as f64 / (1_u64 << 53) as f64;
    age.mul_f64(0.9 + 0.2 * share)
}
