//! Sends at a fixed rate, or keeps a fixed number of calls in flight.
//!
//! A fixed rate is an open loop: a call is due every `1 / rate` seconds whatever became of those before, as the
//! callers of a service do not wait for each other. The pacing task asks the clock again and again in
//! place of sleeping, because timers of the runtime count milliseconds; the driver's core is its own. A
//! fixed number in flight is a closed loop, for what a server can do at most (64) and for what one
//! caller sees (1); it sleeps while it waits.
//!
//! Phases follow each other without a pause on the same connections, and a call counts for the phase that it was
//! due in, whenever it comes back.

use std::{
    io,
    str::FromStr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    connect::{Connections, Reply},
    process,
    tally::Tally,
};

/// Calls without a reply beyond which none is sent; those are counted as not sent.
const MOST_OPEN: u64 = 50_000;
/// How long to wait for replies after the last phase.
const PATIENCE: Duration = Duration::from_secs(10);

/// How calls are sent, and for how long.
#[derive(Clone, Debug)]
pub struct Phase {
    name: String,
    load: Load,
    lasts: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Load {
    /// So many calls in flight.
    Closed(usize),
    /// So many calls a second.
    Rate(f64),
}

/// Judges an answer: the revision that it names, and what is wrong with it.
pub type Judge = dyn Fn(usize, &Reply) -> (String, Option<String>) + Send + Sync;

/// What all calls of a run share.
pub struct Driver {
    /// Where calls go.
    pub connections: Connections,
    /// Framed requests, sent in turn.
    pub requests: Vec<Bytes>,
    /// Looks at every answer, if given.
    pub judge: Option<Box<Judge>>,
    /// The server's process, for its processor time and memory.
    pub pid: Option<u32>,
    /// Ends the phase that runs, and the run after it.
    pub stop: AtomicBool,
    sent: AtomicU64,
    completed: AtomicU64,
}

struct Running {
    start: Instant,
    tally: Mutex<Tally>,
}

impl FromStr for Phase {
    type Err = String;

    /// Reads `NAME=closed:IN_FLIGHT:SECONDS` or `NAME=rate:CALLS_A_SECOND:SECONDS`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            format!("`{text}` is no phase: NAME=closed:IN_FLIGHT:SECONDS or NAME=rate:RATE:SECONDS")
        };
        let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
        let [kind, value, seconds] = rest.split(':').collect::<Vec<_>>()[..] else {
            return Err(wrong());
        };
        let load = match kind {
            "closed" => Load::Closed(
                value
                    .parse()
                    .ok()
                    .filter(|count| *count > 0)
                    .ok_or_else(wrong)?,
            ),
            "rate" => Load::Rate(
                value
                    .parse()
                    .ok()
                    .filter(|rate| *rate > 0.0)
                    .ok_or_else(wrong)?,
            ),
            _ => return Err(wrong()),
        };
        let seconds: f64 = seconds.parse().map_err(|_| wrong())?;
        Ok(Self {
            name: name.to_owned(),
            load,
            lasts: Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?,
        })
    }
}

impl Driver {
    /// Makes a driver that has sent nothing yet.
    #[must_use]
    pub fn new(
        connections: Connections,
        requests: Vec<Bytes>,
        judge: Option<Box<Judge>>,
        pid: Option<u32>,
    ) -> Self {
        Self {
            connections,
            requests,
            judge,
            pid,
            stop: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            completed: AtomicU64::new(0),
        }
    }

    /// Runs the phases one after the other and returns what each gave.
    ///
    /// # Errors
    ///
    /// Fails when the server's process is gone.
    pub async fn run(self: &Arc<Self>, phases: &[Phase]) -> io::Result<Value> {
        let mut calls = JoinSet::new();
        let mut ran = Vec::new();
        for phase in phases {
            if self.stop.load(Relaxed) {
                break;
            }
            let running = Arc::new(Running {
                start: Instant::now(),
                tally: Mutex::default(),
            });
            let figures = self.phase(phase, &running, &mut calls).await?;
            ran.push((phase, running, figures));
        }
        let unanswered = tokio::time::timeout(PATIENCE, async {
            while calls.join_next().await.is_some() {}
        })
        .await
        .map_or(calls.len(), |()| 0);
        let phases: Vec<Value> = ran
            .into_iter()
            .map(|(phase, running, mut figures)| {
                if let Some(fields) = figures.as_object_mut() {
                    fields.insert("name".to_owned(), json!(phase.name));
                    if let Value::Object(counted) = lock(&running.tally).to_value() {
                        fields.extend(counted);
                    }
                }
                figures
            })
            .collect();
        Ok(json!({ "phases": phases, "unanswered": unanswered }))
    }

    async fn phase(
        self: &Arc<Self>,
        phase: &Phase,
        running: &Arc<Running>,
        calls: &mut JoinSet<()>,
    ) -> io::Result<Value> {
        let server = |pid: Option<u32>| pid.map(process::usage).transpose();
        let (before, own_before) = (server(self.pid)?, process::own()?);
        let completed = self.completed.load(Relaxed);
        let end = running.start + phase.lasts;
        let watching = self
            .pid
            .map(|pid| tokio::spawn(watch(pid, Arc::clone(running))));
        let (intended, not_sent) = match phase.load {
            Load::Closed(in_flight) => {
                self.closed(in_flight, end, running).await;
                (Value::Null, 0)
            }
            Load::Rate(rate) => (json!(rate), self.open(rate, end, running, calls).await),
        };
        if let Some(watching) = watching {
            watching.abort();
        }
        let seconds = running.start.elapsed().as_secs_f64();
        let completed = self.completed.load(Relaxed) - completed;
        let (after, own_after) = (server(self.pid)?, process::own()?);
        let cpu = before
            .zip(after)
            .map(|(before, after)| (after.cpu - before.cpu).as_secs_f64());
        Ok(json!({
            "seconds": seconds,
            "intended_rate": intended,
            "completed_rate": completed as f64 / seconds,
            "not_sent": not_sent,
            "server_cpu_seconds": cpu,
            "calls_per_cpu_second": cpu.map(|cpu| completed as f64 / cpu),
            "driver_cpu_seconds": (own_after.cpu - own_before.cpu).as_secs_f64(),
            "server_resident_bytes": after.map(|after| after.resident),
        }))
    }

    async fn closed(self: &Arc<Self>, in_flight: usize, end: Instant, running: &Arc<Running>) {
        let mut callers = JoinSet::new();
        for _ in 0..in_flight {
            let (driver, running) = (Arc::clone(self), Arc::clone(running));
            callers.spawn(async move {
                loop {
                    let due = Instant::now();
                    if due >= end || driver.stop.load(Relaxed) {
                        break;
                    }
                    driver.call(due, &running).await;
                }
            });
        }
        while callers.join_next().await.is_some() {}
    }

    /// Returns the number of calls that were not sent because too many had no reply.
    async fn open(
        self: &Arc<Self>,
        rate: f64,
        end: Instant,
        running: &Arc<Running>,
        calls: &mut JoinSet<()>,
    ) -> u64 {
        let (mut count, mut not_sent) = (0_u64, 0);
        loop {
            let now = Instant::now();
            loop {
                let due = running.start + Duration::from_secs_f64(count as f64 / rate);
                if due >= end || self.stop.load(Relaxed) {
                    return not_sent;
                }
                if due > now {
                    break;
                }
                count += 1;
                if self.sent.load(Relaxed) - self.completed.load(Relaxed) >= MOST_OPEN {
                    not_sent += 1;
                    continue;
                }
                let (driver, running) = (Arc::clone(self), Arc::clone(running));
                calls.spawn(async move {
                    lock(&running.tally).sent_late(due.elapsed());
                    driver.call(due, &running).await;
                });
            }
            while calls.try_join_next().is_some() {}
            tokio::task::yield_now().await;
        }
    }

    async fn call(&self, due: Instant, running: &Running) {
        let turn = self.sent.fetch_add(1, Relaxed) as usize % self.requests.len();
        let reply = self.connections.call(self.requests[turn].clone()).await;
        let latency = due.elapsed();
        self.completed.fetch_add(1, Relaxed);
        let judged = self
            .judge
            .as_ref()
            .filter(|_| reply.status == 0)
            .map(|judge| judge(turn, &reply));
        let mut tally = lock(&running.tally);
        tally.count(
            due.saturating_duration_since(running.start),
            latency,
            &reply,
        );
        if let Some((revision, wrong)) = judged {
            tally.judged(revision, wrong);
        }
    }
}

/// Notes the server's memory once a second.
async fn watch(pid: u32, running: Arc<Running>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let Ok(usage) = process::usage(pid) else {
            return;
        };
        lock(&running.tally).resident(running.start.elapsed(), usage.resident);
    }
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
