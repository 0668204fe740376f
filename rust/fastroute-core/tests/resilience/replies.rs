//! What a provider's answer is: by status, headers and the name of its error.

use fastroute_core::AttemptOutcome as Outcome;
use fastroute_core::{LimitScope, RetryAfter, classify};
use proptest::prelude::*;

fn reply(status: u16, headers: &[(&str, &str)], code: Option<&str>) -> fastroute_core::Told {
    let find = |name: &str| {
        let found = headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_bytes())
    };
    classify(status, &find, code)
}

#[test]
fn a_status_alone_has_one_outcome() {
    for (status, outcome) in [
        (100, Outcome::ServerError),
        (200, Outcome::Success),
        (204, Outcome::Success),
        (301, Outcome::ServerError),
        (400, Outcome::InvalidRequest),
        (401, Outcome::Unauthorized),
        (402, Outcome::QuotaExhausted),
        (403, Outcome::Unauthorized),
        (404, Outcome::ModelNotFound),
        (405, Outcome::InvalidRequest),
        (408, Outcome::Timeout),
        (409, Outcome::ServerError),
        (413, Outcome::InvalidRequest),
        (422, Outcome::InvalidRequest),
        (429, Outcome::RateLimited),
        (500, Outcome::ServerError),
        (503, Outcome::ServerError),
        (529, Outcome::ServerError),
        (0, Outcome::ServerError),
        (u16::MAX, Outcome::ServerError),
    ] {
        assert_eq!(reply(status, &[], None).outcome, outcome, "{status}");
    }
}

#[test]
fn the_name_of_an_error_says_more_than_its_status() {
    for (status, code, outcome) in [
        (400, "context_length_exceeded", Outcome::ContextTooLong),
        (413, "prompt_too_long", Outcome::ContextTooLong),
        (400, "content_filter", Outcome::ContentRefused),
        (403, "content_policy_violation", Outcome::ContentRefused),
        (429, "insufficient_quota", Outcome::QuotaExhausted),
        (429, "rate_limit_exceeded", Outcome::RateLimited),
        (400, "billing_hard_limit_reached", Outcome::QuotaExhausted),
        (400, "model_not_found", Outcome::ModelNotFound),
        (400, "anything else", Outcome::InvalidRequest),
        (500, "context_length_exceeded", Outcome::ServerError),
        (200, "overloaded_error", Outcome::ServerError),
        (200, "rate_limit_error", Outcome::RateLimited),
        (200, "authentication_error", Outcome::Unauthorized),
        (200, "", Outcome::ServerError),
        (404, "invalid_request_error", Outcome::ModelNotFound),
    ] {
        assert_eq!(
            reply(status, &[], Some(code)).outcome,
            outcome,
            "{status} {code}"
        );
    }
}

#[test]
fn a_limit_tells_its_time_in_many_forms() {
    let after = |millis: u64| Some(RetryAfter::After(millis * 1_000));
    for (headers, asked) in [
        (&[("retry-after", "2")][..], after(2_000)),
        (&[("retry-after-ms", "350")], after(350)),
        (
            &[("retry-after-ms", "1500"), ("retry-after", "2")],
            after(1_500),
        ),
        (
            &[("retry-after-ms", "100"), ("retry-after", "60")],
            after(60_000),
        ),
        (
            &[("retry-after-ms", "90000"), ("retry-after", "1")],
            after(90_000),
        ),
        (
            &[
                ("retry-after-ms", "100"),
                ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ],
            Some(RetryAfter::Later {
                after: 100_000,
                unix_at: 784_111_777_000_000,
            }),
        ),
        (
            &[("retry-after-ms", "x"), ("retry-after", "3")],
            after(3_000),
        ),
        (
            &[
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", "6m0s"),
                ("x-ratelimit-remaining-tokens", "150"),
                ("x-ratelimit-reset-tokens", "7h"),
            ],
            after(360_000),
        ),
        (
            &[
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "120ms"),
            ],
            after(120),
        ),
        (
            &[
                ("anthropic-ratelimit-tokens-remaining", "0"),
                ("anthropic-ratelimit-tokens-reset", "2026-01-27T15:04:05Z"),
            ],
            Some(RetryAfter::UnixAt(1_769_526_245_000_000)),
        ),
        (&[("x-ratelimit-reset-requests", "6m0s")], None),
        (&[], None),
    ] {
        assert_eq!(reply(429, headers, None).retry_after, asked, "{headers:?}");
    }
    assert_eq!(reply(200, &[("retry-after", "2")], None).retry_after, None);
}

#[test]
fn a_header_says_what_a_limit_holds_for() {
    for (name, value, scope) in [
        ("x-ratelimit-scope", "global", LimitScope::Provider),
        ("x-ratelimit-global", "true", LimitScope::Provider),
        ("x-ratelimit-scope", "Organization", LimitScope::Credential),
        ("x-ratelimit-scope", "model", LimitScope::Model),
        ("x-other", "global", LimitScope::Model),
    ] {
        assert_eq!(
            reply(429, &[(name, value)], None).limit_scope,
            scope,
            "{name}: {value}"
        );
    }
}

proptest! {
    #[test]
    fn no_answer_can_panic_it(
        status: u16,
        value in proptest::collection::vec(any::<u8>(), 0..200),
        code in proptest::option::of(".{0,40}"),
    ) {
        let told = classify(status, &|_| Some(&value), code.as_deref());
        prop_assert!((200..300).contains(&status) || told.outcome != Outcome::Success);
    }
}
