//! How fast a target was lately and how often it failed: averages that forget.
//!
//! What is known counts `30 s / (30 s + t)` as much when the next sample comes `t` later: over many
//! samples that is exponential forgetting with a time constant of 30 seconds, for the price of a
//! division. Latencies are averages in which a sample weighs at least a 32nd, so that a burst counts,
//! and the first ones are averaged evenly. The share of failures is that of the calls that are
//! remembered and of ten more that went well, so one failure says 9 %, not all of it.
//!
//! What is old is forgotten on reading too: a target that is not called because it failed would
//! otherwise be remembered as failing for ever.

use crate::attempt::Usage;

/// Time over which averages forget, in microseconds.
const FORGET_US: f32 = 30e6;

/// Calls that are taken to have gone well before anything is known.
const PRIOR: f32 = 10.0;

/// Age from which latencies say nothing.
const OLD_US: u64 = 300_000_000;

/// How long a share of failures may be read again before it is decayed anew.
const FRESH_US: u64 = 1_000_000;

/// What a sample of latency weighs, by how many there are.
const WEIGHTS: [f32; 33] = {
    let mut weights = [1.0; 33];
    let mut samples = 1;
    while samples < weights.len() {
        weights[samples] = 1.0 / samples as f32;
        samples += 1;
    }
    weights
};

/// Averages of one target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lately {
    /// Microseconds to the first token; not a number before the first sample.
    pub first_token_us: f32,
    /// Microseconds for each further token; not a number before the first sample.
    pub per_token_us: f32,
    /// Calls that are remembered, and those of them that failed.
    pub calls: f32,
    pub failures: f32,
    pub last_us: u64,
    pub samples: u8,
}

impl Default for Lately {
    fn default() -> Self {
        Self {
            first_token_us: f32::NAN,
            per_token_us: f32::NAN,
            calls: 0.0,
            failures: 0.0,
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
    #[inline]
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
                factor.is_finite().then_some(Self {
                    first_token_us: expected.first_token_us * factor,
                    per_token_us: expected.per_token_us * factor,
                })
            }
            (None, None) => None,
        }
    }
}

impl Lately {
    #[inline]
    pub fn record(&mut self, failed: bool, pace: Option<Pace>, now_us: u64) {
        let age_us = now_us.saturating_sub(self.last_us);
        let kept = kept(age_us);
        self.calls = self.calls * kept + 1.0;
        self.failures = self.failures * kept + f32::from(u8::from(failed));
        if let Some(pace) = pace {
            let most = WEIGHTS.len() as u8 - 1;
            self.samples = if age_us >= OLD_US {
                1
            } else {
                (self.samples + 1).min(most)
            };
            let weight = (1.0 - kept).max(WEIGHTS[usize::from(self.samples)]);
            average(&mut self.first_token_us, pace.first_token_us, weight);
            average(&mut self.per_token_us, pace.per_token_us, weight);
        }
        self.last_us = self.last_us.max(now_us);
    }
}

/// How much what is known still counts after a time.
#[inline]
fn kept(age_us: u64) -> f32 {
    let age = age_us as f32 * (1.0 / FORGET_US);
    if age < 0.01 {
        // The first terms of the series are within a millionth, and take no division.
        1.0 - age * (1.0 - age)
    } else {
        1.0 / (1.0 + age)
    }
}

#[inline]
fn average(known: &mut f32, sample: f32, weight: f32) {
    if known.is_nan() {
        *known = sample;
    } else if !sample.is_nan() {
        *known += weight * (sample - *known);
    }
}

/// What a reader makes of averages.
pub(crate) struct Read {
    pub first_token_us: Option<f32>,
    pub per_token_us: Option<f32>,
    pub failure_rate: f32,
    /// Until when reading again gives the same, or nearly.
    pub fresh_until_us: u64,
}

impl Read {
    #[inline]
    pub fn of(lately: &Lately, now_us: u64) -> Self {
        let age = now_us.saturating_sub(lately.last_us);
        let known = |value: f32| (age < OLD_US && !value.is_nan()).then_some(value);
        let (first_token_us, per_token_us) =
            (known(lately.first_token_us), known(lately.per_token_us));
        let is_known = first_token_us.is_some() || per_token_us.is_some();
        let failure_rate = if lately.failures > 0.0 {
            let kept = kept(age);
            lately.failures * kept / (lately.calls * kept + PRIOR)
        } else {
            0.0
        };
        let fresh_until_us = match (failure_rate >= 0.001, is_known) {
            (true, _) => now_us.saturating_add(FRESH_US),
            (false, true) => lately.last_us.saturating_add(OLD_US),
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
