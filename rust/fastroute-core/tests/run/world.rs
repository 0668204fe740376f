//! A host on virtual time: it does what runs say, and tells them what scripted providers answer.
//!
//! It keeps the times of a call as a real host must: what has not begun or ended by then is told as
//! a timeout. Time is the head of a heap, so a day takes a millisecond and every play is the same.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use fastroute_core::{
    AttemptOutcome, Call, Costs, Ended, Ending, Judged, LogLine, Next, Now, RetryAfter, Run,
    RunErrorCode, Usage,
};

use crate::fleet::{House, at, since_start};

/// What a provider does with a call.
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    pub outcome: AttemptOutcome,
    /// When the first byte comes, of a stream that begins.
    pub first_us: Option<u64>,
    pub took_us: u64,
    pub usage: Option<Usage>,
    pub judged: Judged,
    pub retry_after: Option<RetryAfter>,
}

/// An answer of 100 tokens after a time.
pub fn answers(took_us: u64) -> Reply {
    Reply {
        outcome: AttemptOutcome::Success,
        first_us: None,
        took_us,
        usage: Some(Usage {
            input_tokens: 20,
            cached_tokens: 0,
            output_tokens: 100,
        }),
        judged: Judged::default(),
        retry_after: None,
    }
}

/// A failure after a time, without usage.
pub fn fails(outcome: AttemptOutcome, took_us: u64) -> Reply {
    Reply {
        outcome,
        usage: None,
        ..answers(took_us)
    }
}

/// An answer that is trusted so far.
pub fn trusted(confidence: f32) -> Reply {
    Reply {
        judged: Judged {
            confidence: Some(confidence),
            ..Judged::default()
        },
        ..answers(1_000)
    }
}

/// A call as a provider sees it.
pub struct Asked<'a> {
    pub model: &'a str,
    /// Microseconds since the start.
    pub at_us: u64,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Finished {
    pub ending: Ending,
    pub began_us: u64,
    pub ended_us: u64,
    pub log: Vec<LogLine>,
    pub costs: Costs,
    /// Calls, each with its model's name.
    pub calls: Vec<(String, Call)>,
    /// Attempts that the host was told to cancel.
    pub cancelled: Vec<u8>,
    /// The attempts whose first byte was passed on, and when.
    pub passed_on: Vec<(u8, u64)>,
}

impl Finished {
    pub fn models(&self) -> Vec<&str> {
        self.calls.iter().map(|(model, _)| &**model).collect()
    }

    pub fn code(&self) -> Option<RunErrorCode> {
        self.ending.error.map(|error| error.code)
    }

    pub fn skipped(&self) -> Vec<&'static str> {
        let skipped = self.log.iter().filter_map(|line| line.skipped);
        skipped.map(|skipped| skipped.code()).collect()
    }
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Event {
    Arrives,
    Begins { run: usize, attempt: u8 },
    Ends { run: usize, attempt: u8 },
    Wakes { run: usize },
}

struct Playing {
    run: Run,
    began_us: u64,
    calls: Vec<(String, Call, Reply)>,
    cancelled: HashSet<u8>,
    passed_on: Vec<(u8, u64)>,
    finished: Option<Finished>,
}

/// Starts the run of that number.
type Start<'w> = Box<dyn FnMut(&House, Now, usize) -> Run + 'w>;

pub struct World<'w> {
    pub house: &'w House,
    provider: Box<dyn FnMut(&Asked<'_>) -> Reply + 'w>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    playing: Vec<Playing>,
    /// Starts a run when one arrives.
    start: Start<'w>,
    /// Runs that arrive as soon as another has ended.
    waiting: usize,
}

impl<'w> World<'w> {
    pub fn new(
        house: &'w House,
        start: impl FnMut(&House, Now, usize) -> Run + 'w,
        provider: impl FnMut(&Asked<'_>) -> Reply + 'w,
    ) -> Self {
        Self {
            house,
            provider: Box::new(provider),
            events: BinaryHeap::new(),
            count: 0,
            playing: Vec::new(),
            start: Box::new(start),
            waiting: 0,
        }
    }

    pub fn arrives(&mut self, at_us: u64) {
        self.push(at_us, Event::Arrives);
    }

    /// Plays `total` runs, `at_once` of them at a time.
    pub fn closed_loop(mut self, total: usize, at_once: usize) -> Vec<Finished> {
        self.waiting = total - at_once;
        for _ in 0..at_once {
            self.arrives(0);
        }
        self.play()
    }

    /// Plays until nothing is left to happen.
    pub fn play(mut self) -> Vec<Finished> {
        while let Some(Reverse((now_us, _, event))) = self.events.pop() {
            match event {
                Event::Arrives => {
                    let run = (self.start)(self.house, at(now_us), self.playing.len());
                    self.playing.push(Playing {
                        run,
                        began_us: now_us,
                        calls: Vec::new(),
                        cancelled: HashSet::new(),
                        passed_on: Vec::new(),
                        finished: None,
                    });
                    self.drive(self.playing.len() - 1, now_us);
                }
                Event::Wakes { run } => self.drive(run, now_us),
                Event::Begins { run, attempt } => self.begin(run, attempt, now_us),
                Event::Ends { run, attempt } => self.end(run, attempt, now_us),
            }
        }
        let finished = self.playing.into_iter();
        finished
            .map(|playing| playing.finished.expect("no run hangs"))
            .collect()
    }

    fn begin(&mut self, run: usize, attempt: u8, now_us: u64) {
        let playing = &mut self.playing[run];
        if playing.finished.is_none() && !playing.cancelled.contains(&attempt) {
            let cancelled = playing.run.began(attempt, at(now_us));
            let (_, call, _) = &playing.calls[usize::from(attempt)];
            if call.is_passed_on && !cancelled.contains(&attempt) {
                playing.passed_on.push((attempt, now_us));
            }
            playing.cancelled.extend(cancelled);
            self.drive(run, now_us);
        }
    }

    fn end(&mut self, run: usize, attempt: u8, now_us: u64) {
        let playing = &mut self.playing[run];
        if playing.finished.is_some() || playing.cancelled.contains(&attempt) {
            return;
        }
        let (_, call, reply) = &playing.calls[usize::from(attempt)];
        let line = playing
            .run
            .log()
            .iter()
            .find(|line| line.attempt == Some(attempt));
        let began_us = since_start(line.expect("a line for each attempt").started_us);
        let is_late = began_us + reply.took_us > since_start(call.until_us)
            || first_byte_is_late(call, reply, began_us);
        let ended = Ended {
            usage: reply.usage.filter(|_| !is_late),
            retry_after: reply.retry_after,
            first_token_us: reply.first_us,
            ..Ended::new(
                if is_late {
                    AttemptOutcome::Timeout
                } else {
                    reply.outcome
                },
                now_us - began_us,
            )
        };
        let judged = reply.judged;
        playing
            .cancelled
            .extend(playing.run.ended(attempt, ended, judged, at(now_us)));
        self.drive(run, now_us);
    }

    /// Does what a run says until it waits.
    fn drive(&mut self, number: usize, now_us: u64) {
        loop {
            let playing = &mut self.playing[number];
            if playing.finished.is_some() {
                return;
            }
            match playing.run.next(at(now_us)) {
                Next::Call(call) => {
                    let model = self.house.name(call.model);
                    let reply = (self.provider)(&Asked {
                        model: &model,
                        at_us: now_us,
                    });
                    playing.calls.push((model, call, reply));
                    let attempt = call.attempt;
                    let mut ends_us = (now_us + reply.took_us).min(since_start(call.until_us));
                    if first_byte_is_late(&call, &reply, now_us) {
                        ends_us = ends_us.min(since_start(call.first_token_until_us));
                    } else if let Some(first_us) = reply.first_us {
                        self.push(
                            now_us + first_us,
                            Event::Begins {
                                run: number,
                                attempt,
                            },
                        );
                    }
                    self.push(
                        ends_us,
                        Event::Ends {
                            run: number,
                            attempt,
                        },
                    );
                }
                Next::Wait { until_us } => {
                    assert_eq!(
                        playing.run.next(at(now_us)),
                        Next::Wait { until_us },
                        "asking again changes nothing"
                    );
                    let until_us = since_start(until_us);
                    assert!(until_us > now_us, "a wait ends later");
                    self.push(until_us, Event::Wakes { run: number });
                    return;
                }
                Next::Done(ending) => {
                    let again = playing.run.next(at(now_us + 1));
                    assert_eq!(again, Next::Done(ending.clone()), "done stays done");
                    playing.cancelled.extend(&ending.cancel);
                    let mut cancelled: Vec<u8> = playing.cancelled.iter().copied().collect();
                    cancelled.sort_unstable();
                    let calls = playing
                        .calls
                        .iter()
                        .map(|(name, call, _)| (name.clone(), *call));
                    playing.finished = Some(Finished {
                        ending,
                        began_us: playing.began_us,
                        ended_us: now_us,
                        log: playing.run.log().to_vec(),
                        costs: playing.run.costs(),
                        calls: calls.collect(),
                        cancelled,
                        passed_on: playing.passed_on.clone(),
                    });
                    if self.waiting > 0 {
                        self.waiting -= 1;
                        self.push(now_us, Event::Arrives);
                    }
                    return;
                }
            }
        }
    }

    fn push(&mut self, at_us: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((at_us, self.count, event)));
    }
}

/// Whether a stream has begun too late, or not at all, for its call.
fn first_byte_is_late(call: &Call, reply: &Reply, began_us: u64) -> bool {
    let first_us = reply.first_us.unwrap_or(reply.took_us);
    began_us + first_us > since_start(call.first_token_until_us)
}

/// Plays one run with scripted replies: what a model says the first time, the second time …
///
/// The last reply of a model stands for all further calls.
pub fn play_one(house: &House, run: Run, script: &[(&str, &[Reply])]) -> Finished {
    let mut asked = vec![0_usize; script.len()];
    let mut run = Some(run);
    let mut world = World::new(
        house,
        move |_, _, _| run.take().expect("one run"),
        move |call| {
            let place = script.iter().position(|(model, _)| *model == call.model);
            let place = place.unwrap_or_else(|| panic!("`{}` is not in the script", call.model));
            let replies = script[place].1;
            let reply = replies[asked[place].min(replies.len() - 1)];
            asked[place] += 1;
            reply
        },
    );
    world.arrives(0);
    let mut finished = world.play();
    finished.pop().expect("it has ended")
}
