//! The table of outcome classes: what each outcome does, and to what.

use fastroute_core::AttemptOutcome as Outcome;
use fastroute_core::HealthState;

use crate::lab::{Lab, SECOND, START, ended, limited, retry_at};

#[derive(Debug, PartialEq)]
enum Effect {
    /// Counts as a failure of the target.
    Failure,
    /// Keeps calls away from what is named here, for so many seconds.
    Cools(&'static str, u64),
    Nothing,
    Success,
}

#[test]
fn every_outcome_does_what_its_class_says_and_nothing_else() {
    for (outcome, effect) in [
        (Outcome::Cancelled, Effect::Nothing),
        (Outcome::ConnectFailed, Effect::Failure),
        (Outcome::ContentRefused, Effect::Nothing),
        (Outcome::ContextTooLong, Effect::Nothing),
        (Outcome::InvalidRequest, Effect::Nothing),
        (Outcome::LocalError, Effect::Nothing),
        (Outcome::ModelNotFound, Effect::Cools("target", 3_600)),
        (Outcome::QuotaExhausted, Effect::Cools("credential", 900)),
        (Outcome::RateLimited, Effect::Cools("target", 5)),
        (Outcome::ServerError, Effect::Failure),
        (Outcome::StreamBroken, Effect::Failure),
        (Outcome::Success, Effect::Success),
        (Outcome::Timeout, Effect::Failure),
        (Outcome::Unauthorized, Effect::Cools("credential", 300)),
    ] {
        let lab = Lab::new("");
        lab.call(0, &ended(outcome));
        assert_eq!(seen(&lab), effect, "{outcome:?}");
    }
    assert_eq!(Outcome::ALL.len(), 14, "the table names every outcome");
}

fn seen(lab: &Lab) -> Effect {
    let cells = lab.figures().cells;
    let cooling: Vec<_> = cells
        .iter()
        .filter(|cell| cell.state != HealthState::Closed)
        .collect();
    let target = lab.target();
    match (cooling.as_slice(), target.calls, target.failures) {
        ([one], 0, 0) => {
            let seconds = (retry_at(&lab.view(0)) - START) / SECOND;
            Effect::Cools(one.key.subject.kind(), seconds)
        }
        ([], 1, 1) => Effect::Failure,
        ([], 1, 0) => Effect::Success,
        ([], 0, 0) => Effect::Nothing,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_provider_s_time_counts_for_limits_and_a_long_one_stays_long() {
    for (outcome, asked, seconds) in [
        (Outcome::RateLimited, 7, 7),
        (Outcome::RateLimited, 100_000, 600),
        (Outcome::QuotaExhausted, 7, 900),
        (Outcome::Unauthorized, 400, 400),
        (Outcome::ModelNotFound, 7, 3_600),
    ] {
        let lab = Lab::new("");
        let mut told = limited(asked);
        told.outcome = outcome;
        lab.call(0, &told);
        let until = retry_at(&lab.view(0));
        assert_eq!(
            (until - START) / SECOND,
            seconds,
            "{outcome:?} and {asked} s"
        );
    }
}

#[test]
fn the_times_of_cooling_are_those_of_the_configuration() {
    let rules = "cooling: {rate_limited: 1s, min: 2s, max: 3s, unauthorized: 4s, quota_exhausted: 5s, model_not_found: 6s}";
    for (outcome, asked, seconds) in [
        (Outcome::RateLimited, None, 1),
        (Outcome::RateLimited, Some(1), 2),
        (Outcome::RateLimited, Some(9), 3),
        (Outcome::Unauthorized, None, 4),
        (Outcome::QuotaExhausted, None, 5),
        (Outcome::ModelNotFound, None, 6),
    ] {
        let lab = Lab::new(rules);
        let mut told = ended(outcome);
        told.retry_after = asked.and_then(|seconds| limited(seconds).retry_after);
        lab.call(0, &told);
        assert_eq!(
            (retry_at(&lab.view(0)) - START) / SECOND,
            seconds,
            "{outcome:?} {asked:?}"
        );
    }
}
