//! What came back: latencies from the intended time, statuses, one figure a second.
//!
//! Latency runs from when a call was to be sent, not from when the driver got round to it, so that a server that
//! stalls is charged for the calls that queued meanwhile. How late the driver was is kept beside it: where that is
//! large, the driver is what was measured. Refusals have a histogram of their own, as a refusal that
//! is fast must not make answers look fast.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::connect::Reply;

/// What one phase gave.
pub struct Tally {
    answered: Histogram<u64>,
    refused: Histogram<u64>,
    late: Histogram<u64>,
    statuses: BTreeMap<i32, u64>,
    with_retry_info: u64,
    received_bytes: u64,
    errors: Vec<String>,
    wrong: u64,
    revisions: BTreeMap<String, u64>,
    seconds: Vec<Second>,
}

/// What one second of a phase gave, by the intended time of its calls.
struct Second {
    answered: Histogram<u64>,
    refused: u64,
    resident: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            answered: histogram(3),
            refused: histogram(3),
            late: histogram(3),
            statuses: BTreeMap::new(),
            with_retry_info: 0,
            received_bytes: 0,
            errors: Vec::new(),
            wrong: 0,
            revisions: BTreeMap::new(),
            seconds: Vec::new(),
        }
    }
}

impl Tally {
    /// Counts a reply that took `latency` since it was due, `since_start` of the phase.
    pub fn count(&mut self, since_start: Duration, latency: Duration, reply: &Reply) {
        *self.statuses.entry(reply.status).or_default() += 1;
        let nanoseconds = nanoseconds(latency);
        if reply.status == 0 {
            self.answered.saturating_record(nanoseconds);
            self.received_bytes += reply.message.len() as u64;
            self.second(since_start)
                .answered
                .saturating_record(nanoseconds);
        } else {
            self.refused.saturating_record(nanoseconds);
            self.with_retry_info += u64::from(reply.retry_after.is_some());
            self.second(since_start).refused += 1;
            if let Some(error) = &reply.error {
                self.note(error.clone());
            }
        }
    }

    /// Counts how late the driver sent a call.
    pub fn sent_late(&mut self, by: Duration) {
        self.late.saturating_record(nanoseconds(by));
    }

    /// Counts an answer of a revision, and why it is wrong if it is.
    pub fn judged(&mut self, revision: String, wrong: Option<String>) {
        *self.revisions.entry(revision).or_default() += 1;
        if let Some(wrong) = wrong {
            self.wrong += 1;
            self.note(wrong);
        }
    }

    /// Notes the server's resident memory now.
    pub fn resident(&mut self, since_start: Duration, bytes: u64) {
        self.second(since_start).resident = bytes;
    }

    /// Returns the calls that came back, with whatever status.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// Returns the calls that were answered.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.answered.len()
    }

    /// Returns all of it as JSON; times in microseconds.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let seconds: Vec<Value> = self
            .seconds
            .iter()
            .map(|second| {
                json!({
                    "answered": second.answered.len(),
                    "refused": second.refused,
                    "p99_us": microseconds(second.answered.value_at_quantile(0.99)),
                    "resident_bytes": second.resident,
                })
            })
            .collect();
        json!({
            "answered": quantiles(&self.answered),
            "refused": quantiles(&self.refused),
            "driver_late": quantiles(&self.late),
            "statuses": self.statuses.iter().map(|(status, count)| (status.to_string(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "with_retry_info": self.with_retry_info,
            "mean_answer_bytes": self.received_bytes as f64 / self.answered().max(1) as f64,
            "errors": self.errors,
            "wrong": self.wrong,
            "revisions": self.revisions,
            "each_second": seconds,
        })
    }

    fn second(&mut self, since_start: Duration) -> &mut Second {
        let place = since_start.as_secs() as usize;
        while self.seconds.len() <= place {
            self.seconds.push(Second {
                answered: histogram(2),
                refused: 0,
                resident: 0,
            });
        }
        &mut self.seconds[place]
    }

    /// Keeps the first ten different errors.
    fn note(&mut self, error: String) {
        if self.errors.len() < 10 && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}

/// A histogram in nanoseconds that grows as it must, up to two minutes.
fn histogram(digits: u8) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1_000, 120_000_000_000, digits)
        .expect("the bounds are in order and the digits below six");
    histogram.auto(true);
    histogram
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e3
}

fn quantiles(histogram: &Histogram<u64>) -> Value {
    let at = |quantile: f64| microseconds(histogram.value_at_quantile(quantile));
    json!({
        "count": histogram.len(),
        "mean_us": histogram.mean() / 1e3,
        "p50_us": at(0.5),
        "p90_us": at(0.9),
        "p99_us": at(0.99),
        "p99.9_us": at(0.999),
        "max_us": microseconds(histogram.max()),
    })
}
