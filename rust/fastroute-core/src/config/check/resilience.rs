//! Resilience and sessions: times that are above nothing, in an order that can be.

use super::Checker;
use crate::config::code::Code;
use crate::config::duration::Duration;
use crate::config::model::Breaker;
use crate::config::path::Path;

impl Checker<'_, '_, '_> {
    pub(super) fn resilience(&mut self) {
        let resilience = &self.config.resilience;
        let path = Path::Root.key("resilience");
        self.above_zero(resilience.deadline, &path.key("deadline"));
        let timeouts = &resilience.timeouts;
        let at = path.key("timeouts");
        self.above_zero(timeouts.attempt, &at.key("attempt"));
        self.above_zero(timeouts.first_token, &at.key("first_token"));
        self.above_zero(timeouts.idle, &at.key("idle"));
        self.breaker(&resilience.breaker, &path.key("breaker"));
        if let Some(breaker) = &resilience.provider_breaker {
            self.breaker(breaker, &path.key("provider_breaker"));
        }
        let cooling = &resilience.cooling;
        let at = path.key("cooling");
        self.in_order(("min", cooling.min), ("max", cooling.max), &at);
        let retry = &resilience.retry;
        let at = path.key("retry");
        self.in_order(
            ("backoff", retry.backoff),
            ("max_backoff", retry.max_backoff),
            &at,
        );
        if let Some(hedge) = &resilience.hedge {
            let at = path.key("hedge");
            let at = at.key("after");
            self.above_zero(hedge.after, &at);
            let bounds = [
                ("deadline", resilience.deadline),
                ("timeouts.attempt", timeouts.attempt),
                ("timeouts.first_token", timeouts.first_token),
            ];
            let late = bounds.iter().find(|(_, bound)| hedge.after >= *bound);
            if let Some((name, bound)) = late {
                let message = format!(
                    "`after` of {} is not below `{name}` of {bound}, so it never comes to a second call",
                    hedge.after
                );
                self.error(Code::HedgeTooLate, &at, message);
            }
        }
    }

    fn breaker(&mut self, breaker: &Breaker, path: &Path<'_>) {
        for (key, duration) in [
            ("slow_call_duration", breaker.slow_call_duration),
            ("sliding_window", breaker.sliding_window),
            ("wait_in_open", breaker.wait_in_open),
            ("half_open_lease", breaker.half_open_lease),
        ] {
            self.above_zero(duration, &path.key(key));
        }
        self.in_order(
            ("wait_in_open", breaker.wait_in_open),
            ("max_wait_in_open", breaker.max_wait_in_open),
            path,
        );
    }

    pub(super) fn sessions(&mut self) {
        let sessions = &self.config.sessions;
        let path = Path::Root.key("sessions");
        self.above_zero(sessions.max_age, &path.key("max_age"));
        self.unique(&sessions.redecide, &path.key("redecide"), |reason| {
            let name = serde_json::to_value(reason).unwrap_or_default();
            name.as_str().unwrap_or_default().to_owned()
        });
    }

    fn above_zero(&mut self, duration: Duration, path: &Path<'_>) {
        if duration == Duration::default() {
            self.error(
                Code::OutOfRange,
                path,
                "a time of 0 is given; it is above 0",
            );
        }
    }

    /// Refuses a lower time above the upper one.
    fn in_order(&mut self, min: (&str, Duration), max: (&str, Duration), path: &Path<'_>) {
        if min.1 > max.1 {
            let message = format!("`{}` of {} is above `{}` of {}", min.0, min.1, max.0, max.1);
            self.error(Code::MinOverMax, &path.key(min.0), message);
        }
    }
}
