//! How fast a target was lately and how often it failed: averages that forget.
//!
//! A sample weighs `t / (t + 30 s)` where `t` is the time since the one before: over many samples
//! that is the exponential average with a time constant of 30 seconds, for the price of a division.
//! It weighs at least a 32nd, so that a burst counts; the first samples of latency are averaged
//! evenly. The share of failures begins at none, so one failure says 3 %, not all of it.
//!
//! What is old is forgotten on reading too: a target that is not called because it failed would
//! otherwise be remembered as failing for ever.

use crate::attempt::Usage;

/// Time over which averages forget, in microseconds.
const FORGET_US: f32 = 30e6;

/// Age from which latencies say nothing.
const OLD_US: u64 = 300_000_000;

/// How long a share of failures may be read again before it is decayed anew.
const FRESH_US: u64 = 1_000_000;

const SAMPLES: u32 = 32;

/// Averages of one target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lately {
    /// Microseconds to the first token; not a number before the first sample.
    pub first_token_us: f32,
    /// Microseconds for each further token; not a number before the first sample.
    pub per_token_us: f32,
    pub failure_rate: f32,
    pub last_us: u64,
    samples: u32,
}

impl Default for Lately {
    fn default() -> Self {
        Self {
            first_token_us: f32::NAN,
            per_token_us: f32::NAN,
            failure_rate: 0.0,
            last_us: 0,
            samples: 0,
        }
    }
}

/// Times of one answer, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    pub first_token_us: f32,
    pub per_token_us: f32,
}

impl Pace {
    /// The pace of an answer; `expected` is the configured one.
    ///
    /// Without a first token, as of an answer that came whole, both times are the expected ones
    /// stretched by the same factor. Without usage nothing can be said.
    pub fn of(
        usage: Option<Usage>,
        first_token_us: Option<u64>,
        latency_us: u64,
        expected: Self,
    ) -> Option<Self> {
        let tokens = usage.map(|usage| usage.output_tokens as f32);
        match (first_token_us, tokens) {
            (Some(first), Some(tokens)) if tokens >= 1.0 => Some(Self {
                first_token_us: first as f32,
                per_token_us: latency_us.saturating_sub(first) as f32 / tokens,
            }),
            (Some(first), _) => Some(Self {
                first_token_us: first as f32,
                per_token_us: f32::NAN,
            }),
            (None, Some(tokens)) => {
                let whole = expected.first_token_us + tokens * expected.per_token_us;
                let factor = latency_us as f32 / whole;
                factor.is_finite().then(|| Self {
                    first_token_us: expected.first_token_us * factor,
                    per_token_us: expected.per_token_us * factor,
                })
            }
            (None, None) => None,
        }
    }
}

impl Lately {
    pub fn record(&mut self, failed: bool, pace: Option<Pace>, now_us: u64) {
        let since = now_us.saturating_sub(self.last_us) as f32;
        let weight = (since / (since + FORGET_US)).max(1.0 / SAMPLES as f32);
        self.failure_rate += weight * (f32::from(u8::from(failed)) - self.failure_rate);
        if let Some(pace) = pace {
            let stale = now_us.saturating_sub(self.last_us) >= OLD_US;
            self.samples = if stale {
                1
            } else {
                (self.samples + 1).min(SAMPLES)
            };
            let weight = weight.max(1.0 / self.samples as f32);
            average(&mut self.first_token_us, pace.first_token_us, weight);
            average(&mut self.per_token_us, pace.per_token_us, weight);
        }
        self.last_us = self.last_us.max(now_us);
    }
}

fn average(known: &mut f32, sample: f32, weight: f32) {
    if known.is_nan() {
        *known = sample;
    } else if !sample.is_nan() {
        *known += weight * (sample - *known);
    }
}

/// What a reader makes of averages whose last sample came at `last_us`.
pub(crate) struct Read {
    pub first_token_us: Option<f32>,
    pub per_token_us: Option<f32>,
    pub failure_rate: f32,
    /// Until when reading again gives the same.
    pub fresh_until_us: u64,
}

impl Read {
    pub fn of(first: f32, per: f32, failure_rate: f32, last_us: u64, now_us: u64) -> Self {
        let age = now_us.saturating_sub(last_us);
        let known = |value: f32| (age < OLD_US && !value.is_nan()).then_some(value);
        let (first_token_us, per_token_us) = (known(first), known(per));
        let is_known = first_token_us.is_some() || per_token_us.is_some();
        let failure_rate = failure_rate * FORGET_US / (FORGET_US + age as f32);
        let fresh_until_us = match (failure_rate >= 0.001, is_known) {
            (true, _) => now_us.saturating_add(FRESH_US),
            (false, true) => last_us.saturating_add(OLD_US),
            (false, false) => u64::MAX,
        };
        Self {
            first_token_us,
            per_token_us,
            failure_rate: if failure_rate >= 0.001 {
                failure_rate
            } else {
                0.0
            },
            fresh_until_us,
        }
    }
}
