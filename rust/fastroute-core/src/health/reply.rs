//! Classifies what a provider answered: one table for every host.
//!
//! The status decides, unless the body names something more exact: a quota behind a 429, a context
//! that is too long behind a 400, an error inside a 200. Only names of errors are read, never their
//! sentences; providers change those.

use crate::attempt::AttemptOutcome;
use crate::health::{LimitScope, RetryAfter};

/// What an answer says of the attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Told {
    /// What happened.
    pub outcome: AttemptOutcome,
    /// Time that the provider asks to wait.
    pub retry_after: Option<RetryAfter>,
    /// What a rate limit holds for.
    pub limit_scope: LimitScope,
}

/// Classifies an answer by status, headers and the name of the error in its body.
///
/// `headers` finds a value by its name in lower case. `error_code` is `error.code`, else `error.type`.
/// A status below 400 without an error is a success only from 200 to 299.
///
/// # Examples
///
/// ```
/// use fastroute_core::{AttemptOutcome, classify};
///
/// let none = |_: &str| None;
/// assert_eq!(classify(503, &none, None).outcome, AttemptOutcome::ServerError);
/// let told = classify(429, &none, Some("insufficient_quota"));
/// assert_eq!(told.outcome, AttemptOutcome::QuotaExhausted);
/// ```
#[must_use]
pub fn classify<'h>(
    status: u16,
    headers: &dyn Fn(&str) -> Option<&'h [u8]>,
    error_code: Option<&str>,
) -> Told {
    let outcome = outcome(status, error_code);
    let waits = matches!(
        outcome,
        AttemptOutcome::QuotaExhausted
            | AttemptOutcome::RateLimited
            | AttemptOutcome::ServerError
            | AttemptOutcome::Unauthorized
    );
    Told {
        outcome,
        retry_after: waits.then(|| retry_after(headers)).flatten(),
        limit_scope: limit_scope(headers),
    }
}

fn outcome(status: u16, error_code: Option<&str>) -> AttemptOutcome {
    let exact = error_code.and_then(exact);
    match status {
        500.. => AttemptOutcome::ServerError,
        200..=299 => match (exact, error_code) {
            (Some(exact), _) => exact,
            (None, Some(code)) => general(code),
            (None, None) => AttemptOutcome::Success,
        },
        400..=499 => exact.unwrap_or(match status {
            401 | 403 => AttemptOutcome::Unauthorized,
            402 => AttemptOutcome::QuotaExhausted,
            404 => AttemptOutcome::ModelNotFound,
            408 => AttemptOutcome::Timeout,
            409 | 425 => AttemptOutcome::ServerError,
            429 => AttemptOutcome::RateLimited,
            _ => AttemptOutcome::InvalidRequest,
        }),
        _ => AttemptOutcome::ServerError,
    }
}

/// Names that say more than a status: of OpenAI, Azure, Anthropic and those that speak alike.
fn exact(code: &str) -> Option<AttemptOutcome> {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(code));
    if is(&[
        "context_length_exceeded",
        "context_window_exceeded",
        "model_context_window_exceeded",
        "prompt_too_long",
        "string_above_max_length",
    ]) {
        Some(AttemptOutcome::ContextTooLong)
    } else if is(&[
        "content_filter",
        "content_filtered",
        "content_policy_violation",
        "moderation_blocked",
        "refusal",
        "ResponsibleAIPolicyViolation",
        "safety",
    ]) {
        Some(AttemptOutcome::ContentRefused)
    } else if is(&[
        "access_terminated",
        "account_deactivated",
        "billing_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_too_low",
        "insufficient_quota",
        "quota_exceeded",
    ]) {
        Some(AttemptOutcome::QuotaExhausted)
    } else if is(&["DeploymentNotFound", "model_not_found"]) {
        Some(AttemptOutcome::ModelNotFound)
    } else {
        None
    }
}

/// Names that repeat a status, where there is none: an error inside a 200.
fn general(code: &str) -> AttemptOutcome {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(code));
    if is(&[
        "429",
        "rate_limit_error",
        "rate_limit_exceeded",
        "too_many_requests",
    ]) {
        AttemptOutcome::RateLimited
    } else if is(&[
        "authentication_error",
        "invalid_api_key",
        "permission_error",
    ]) {
        AttemptOutcome::Unauthorized
    } else if is(&["not_found_error"]) {
        AttemptOutcome::ModelNotFound
    } else if is(&["invalid_request_error"]) {
        AttemptOutcome::InvalidRequest
    } else if is(&["timeout_error"]) {
        AttemptOutcome::Timeout
    } else {
        AttemptOutcome::ServerError
    }
}

/// The longer one where two headers disagree; the reset of a limit that has nothing left, where neither is there.
fn retry_after<'h>(headers: &dyn Fn(&str) -> Option<&'h [u8]>) -> Option<RetryAfter> {
    let millis = headers("retry-after-ms").and_then(RetryAfter::read_millis);
    let seconds = headers("retry-after").and_then(RetryAfter::read);
    match (millis, seconds) {
        (Some(RetryAfter::After(millis)), Some(RetryAfter::After(seconds))) => {
            // Providers round the seconds up; only a real difference is a disagreement.
            let is_rounded = seconds.saturating_sub(millis) < 1_000_000;
            let longer = if is_rounded { millis } else { seconds };
            Some(RetryAfter::After(longer.max(millis)))
        }
        (Some(RetryAfter::After(after)), Some(RetryAfter::UnixAt(unix_at))) => {
            Some(RetryAfter::Later { after, unix_at })
        }
        (millis, seconds) => millis.or(seconds).or_else(|| reset(headers)),
    }
}

/// Limits that tell what is left and when they begin anew.
const LIMITS: [(&str, &str); 6] = [
    (
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
    (
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ),
    (
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
    ),
    (
        "anthropic-ratelimit-output-tokens-remaining",
        "anthropic-ratelimit-output-tokens-reset",
    ),
];

fn reset<'h>(headers: &dyn Fn(&str) -> Option<&'h [u8]>) -> Option<RetryAfter> {
    let used_up = LIMITS
        .iter()
        .filter(|(remaining, _)| headers(remaining).is_some_and(|left| left.trim_ascii() == b"0"));
    let resets = used_up.filter_map(|(_, reset)| headers(reset).and_then(RetryAfter::read_reset));
    let later = |one, two| match (one, two) {
        (RetryAfter::After(one), RetryAfter::After(two)) => RetryAfter::After(one.max(two)),
        (RetryAfter::UnixAt(one), RetryAfter::UnixAt(two)) => RetryAfter::UnixAt(one.max(two)),
        (RetryAfter::After(after), RetryAfter::UnixAt(unix_at))
        | (RetryAfter::UnixAt(unix_at), RetryAfter::After(after)) => {
            RetryAfter::Later { after, unix_at }
        }
        // No header says both by itself.
        (both @ RetryAfter::Later { .. }, _) | (_, both @ RetryAfter::Later { .. }) => both,
    };
    resets.reduce(later)
}

/// What the limit holds for, where a header says it.
fn limit_scope<'h>(headers: &dyn Fn(&str) -> Option<&'h [u8]>) -> LimitScope {
    let says = |name: &str, values: &[&str]| {
        headers(name).is_some_and(|found| {
            let found = found.trim_ascii();
            values
                .iter()
                .any(|value| found.eq_ignore_ascii_case(value.as_bytes()))
        })
    };
    if says("x-ratelimit-global", &["true", "1"])
        || says("x-ratelimit-scope", &["global", "provider"])
    {
        LimitScope::Provider
    } else if says(
        "x-ratelimit-scope",
        &[
            "account",
            "credential",
            "key",
            "organization",
            "project",
            "user",
        ],
    ) {
        LimitScope::Credential
    } else {
        LimitScope::Model
    }
}
