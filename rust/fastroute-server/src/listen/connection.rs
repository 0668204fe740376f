//! The life of one connection: greeting, silence, age, drain, and the end.
//!
//! One timer a connection looks after everything that is not a call's own: a peer that does not
//! greet, one that has been silent for too long, one that is old, and one that does not read its
//! answers. The last costs no lock: answers are counted by the tick in which they began, and a count
//! that is still there after a whole further tick is of a peer that does not read.
//!
//! An old or silent connection is told to go (GOAWAY, or `Connection: close`) and finishes its calls. What an old one has not
//! finished after the time of a drain is ended with `SHUTTING_DOWN`, or a stream that lasts for days, even a watch of a
//! stranger's, would hold its connection for as long, and load would never spread. Then it is closed once its answers are read;
//! a peer that is still there and still reading gets the time that reading may take.
//!
//! Every connection is a stranger's until a call on it has shown whose it is. Strangers may hold a part of the places only;
//! when one more comes, the oldest makes room, see `strangers.rs`.

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
use tokio_util::sync::CancellationToken;
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
const EVICTED: u8 = 3;

/// One connection.
pub struct Connection {
    pub(crate) edge: Arc<Edge>,
    pub(crate) door: Door,
    certificate: OnceLock<Certificate>,
    born: Instant,
    phase: AtomicU8,
    over: CancellationToken,
    is_stranger: AtomicBool,
    has_moved: AtomicBool,
    moved_ms: AtomicU64,
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
        let is_stranger = edge.strangers.come();
        Self {
            edge: Arc::clone(edge),
            door,
            certificate: OnceLock::new(),
            born: Instant::now(),
            phase: AtomicU8::new(OPEN),
            over: edge.abort.child_token(),
            is_stranger: AtomicBool::new(is_stranger),
            has_moved: AtomicBool::new(false),
            moved_ms: AtomicU64::new(0),
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

    /// Closes at once, to make room.
    pub(crate) fn evict(&self) {
        self.turn(EVICTED);
    }

    /// Cancelled when its calls may not go on.
    pub(crate) fn over(&self) -> &CancellationToken {
        &self.over
    }

    /// A call has shown whose connection this is.
    pub(crate) fn known(&self) {
        if self.is_stranger() && self.is_stranger.swap(false, Ordering::Relaxed) {
            self.edge.strangers.go();
        }
    }

    /// Whether no call has shown whose connection this is.
    pub(crate) fn is_stranger(&self) -> bool {
        self.is_stranger.load(Ordering::Relaxed)
    }

    /// Bytes have passed since the peer was told to go; its own show that it is still there.
    pub(crate) fn moved(&self, is_from_peer: bool) {
        self.moved_ms
            .fetch_max(self.age_ms(Instant::now()), Ordering::Relaxed);
        if is_from_peer {
            self.has_moved.store(true, Ordering::Relaxed);
        }
    }

    fn age_ms(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.born).as_millis() as u64
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
        self.quiet_since_ms
            .fetch_max(self.age_ms(now), Ordering::Relaxed);
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
        let _stay = Stay(&self);
        let stream = match stream {
            Stream::Tcp(stream) => match self.secure(stream).await {
                Some(stream) => stream,
                None => return,
            },
            stream => stream,
        };
        Arc::clone(&self).drive(stream, service).await;
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
        let mut over_at: Option<Instant> = None;
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
                    if asked == EVICTED {
                        edge.closed("stranger");
                        return Poll::Ready(());
                    }
                    phase = asked;
                    // Bytes that pass from now on count, the farewell itself included.
                    self.moved(false);
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
                let now = Instant::now();
                if over_at.is_some_and(|over_at| now >= over_at) {
                    self.over.cancel();
                }
                match self.due(now, old_at, phase, &mut ticked_at) {
                    Due::Close(reason) => {
                        edge.closed(reason);
                        return Poll::Ready(());
                    }
                    Due::Drain => {
                        over_at = Some(now + edge.times.drain);
                        self.drain();
                    }
                    Due::Wait(until) => {
                        let over_at = over_at.filter(|_| !self.over.is_cancelled());
                        let until = over_at.map_or(until, |over_at| until.min(over_at));
                        timer.as_mut().reset(until.into());
                    }
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

    /// When a peer that was told to go and has no call left is waited for no longer.
    ///
    /// A call ends when its answer was handed over, not when it was read. A peer that has nothing to read leaves by itself
    /// when it hears the farewell; so one that is still there after it was heard from has something to read yet.
    fn leaves_at(&self) -> Instant {
        if !self.has_greeted.load(Ordering::Relaxed) {
            return self.born;
        }
        let since = self.at(&self.quiet_since_ms).max(self.at(&self.moved_ms));
        if self.has_moved.load(Ordering::Relaxed) {
            since + self.edge.times.read.max(LAST_MOMENT)
        } else {
            since + LAST_MOMENT
        }
    }

    fn at(&self, ms: &AtomicU64) -> Instant {
        self.born + Duration::from_millis(ms.load(Ordering::Relaxed))
    }

    fn due(&self, now: Instant, old_at: Instant, phase: u8, ticked_at: &mut Instant) -> Due {
        let times = &self.edge.times;
        let is_quiet = self.active.load(Ordering::Relaxed) == 0;
        match phase {
            ABORTED => return Due::Close("aborted"),
            DRAINING if is_quiet => {
                let leaves_at = self.leaves_at();
                if now >= leaves_at {
                    return Due::Close("drained");
                }
                return Due::Wait(leaves_at.min(now + LAST_MOMENT));
            }
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
        let quiet_since = self.at(&self.quiet_since_ms);
        let silent_at = if is_quiet {
            quiet_since + times.idle
        } else {
            now + times.idle
        };
        if now >= silent_at && phase == OPEN {
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

/// Gives a stranger's place back when its connection ends.
struct Stay<'a>(&'a Connection);

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        self.0.known();
    }
}

/// Shortens or lengthens an age by up to a tenth, so that connections made together do not end together.
fn jittered(age: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8) >> 11;
    let share = random as f64 / (1_u64 << 53) as f64;
    age.mul_f64(0.9 + 0.2 * share)
}
