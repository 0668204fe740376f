//! The settings of a breaker and of cooling in the units that they are compared in.

use crate::config;

/// Settings of one breaker; times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    pub is_enabled: bool,
    pub failure_rate: f32,
    /// None when slow calls open nothing.
    pub slow_rate: Option<f32>,
    pub slow_us: u64,
    pub minimum_calls: u64,
    pub window_us: u64,
    /// None when failures in a row open nothing.
    pub consecutive: Option<u32>,
    pub wait_us: u64,
    pub max_wait_us: u64,
    pub probes: usize,
    pub successes: u32,
    pub lease_us: u64,
    pub lost: u32,
    pub is_lenient: bool,
}

impl Settings {
    pub fn of(breaker: &config::Breaker) -> Self {
        Self {
            is_enabled: breaker.enabled,
            failure_rate: breaker.failure_rate_threshold,
            slow_rate: (breaker.slow_call_rate_threshold < 1.0)
                .then_some(breaker.slow_call_rate_threshold),
            slow_us: breaker.slow_call_duration.as_micros(),
            minimum_calls: u64::from(breaker.minimum_calls.max(1)),
            window_us: breaker.sliding_window.as_micros(),
            consecutive: (breaker.consecutive_failures > 0).then_some(breaker.consecutive_failures),
            wait_us: breaker.wait_in_open.as_micros(),
            max_wait_us: breaker.max_wait_in_open.as_micros(),
            probes: breaker.half_open_calls.max(1) as usize,
            successes: breaker.half_open_successes.max(1),
            lease_us: breaker.half_open_lease.as_micros(),
            lost: breaker.half_open_lost.max(1),
            is_lenient: breaker.rate_limited_probe == config::RateLimitedProbe::Lenient,
        }
    }

    /// Of what cools and never opens: credentials, and providers without a breaker of their own.
    pub fn off() -> Self {
        Self {
            is_enabled: false,
            ..Self::of(&config::Breaker::default())
        }
    }
}
