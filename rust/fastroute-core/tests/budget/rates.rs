//! Rates: never faster than published, never slower, and when it fits is told to the microsecond.

use fastroute_core::config::OnExceed;
use fastroute_core::{Availability, Fleet, Live, Now};

use crate::support::{Call, Draws, START, later, snapshot};

fn limited(rate: &str) -> (Live, Fleet) {
    let live = Live::new();
    let fleet = live.bind(&snapshot("", &format!("rate: {rate}")), START);
    (live, fleet)
}

fn call(tokens: u64) -> Call<'static> {
    Call {
        input: tokens,
        output: 0,
        ..Call::default()
    }
}

/// Makes a call. When it is refused, says in how many microseconds it fits.
fn wait(fleet: &Fleet, tokens: u64, now: Now) -> Option<u64> {
    match call(tokens).claim(fleet, now) {
        Ok(mut permit) => {
            permit.sent(None);
            fleet.release(permit, now);
            None
        }
        Err(denied) => match denied.why {
            Availability::RateLimited { retry_at_us } => Some(retry_at_us - now.monotonic_us),
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn a_minute_s_worth_may_come_at_once_and_the_next_waits_its_share() {
    let (_live, fleet) = limited("{requests_per_minute: 60}");
    for _ in 0..60 {
        assert_eq!(wait(&fleet, 1, START), None);
    }
    assert_eq!(wait(&fleet, 1, START), Some(1_000_000));
    assert_eq!(wait(&fleet, 1, later(START, 999_999)), Some(1));
    assert_eq!(wait(&fleet, 1, later(START, 1_000_000)), None);
    assert_eq!(wait(&fleet, 1, later(START, 1_000_000)), Some(1_000_000));
}

#[test]
fn a_call_with_more_tokens_than_a_minute_goes_when_the_bucket_is_full_and_is_paid_for_after() {
    let (_live, fleet) = limited("{tokens_per_minute: 600}");
    assert_eq!(wait(&fleet, 1_200, START), None);
    assert_eq!(wait(&fleet, 600, START), Some(120_000_000));
    assert_eq!(wait(&fleet, 1, START), Some(60_100_000));
    assert_eq!(wait(&fleet, 600, later(START, 120_000_000)), None);
}

#[test]
fn either_figure_refuses_and_a_refused_call_takes_of_neither() {
    let (_live, fleet) = limited("{requests_per_minute: 60, tokens_per_minute: 60}");
    assert_eq!(wait(&fleet, 50, START), None);
    assert_eq!(wait(&fleet, 20, START), Some(10_000_000));
    for _ in 0..10 {
        assert_eq!(wait(&fleet, 1, START), None);
    }
    assert_eq!(wait(&fleet, 1, START), Some(1_000_000));
}

#[test]
fn random_calls_fit_when_a_bucket_that_is_refilled_has_them() {
    const MINUTE_NS: u64 = 60_000_000_000;
    let (mut passed, mut refused) = (0, 0);
    for seed in 0..300 {
        let mut draws = Draws(seed);
        let (requests, tokens) = ([12, 60, 600][draws.below(3) as usize], 6_000);
        let rate = format!("{{requests_per_minute: {requests}, tokens_per_minute: {tokens}}}");
        let (_live, fleet) = limited(&rate);
        let mut now = START;
        // What the buckets hold, in nanoseconds of refilling.
        let mut buckets = [MINUTE_NS as i128; 2];
        for _ in 0..200 {
            let passes_us = draws.below(2 * 60_000_000 / requests);
            now = later(now, passes_us);
            let refill =
                |bucket: i128| (bucket + i128::from(passes_us) * 1_000).min(i128::from(MINUTE_NS));
            buckets = buckets.map(refill);
            let taken = 1 + draws.below(600);
            let needs = [MINUTE_NS / requests, taken * (MINUTE_NS / tokens)];
            let fits = (0..2).all(|one| buckets[one] >= i128::from(needs[one]));
            assert_eq!(wait(&fleet, taken, now).is_none(), fits, "seed {seed}");
            if fits {
                passed += 1;
                (0..2).for_each(|one| buckets[one] -= i128::from(needs[one]));
            } else {
                refused += 1;
            }
        }
    }
    assert!(
        passed > 10_000 && refused > 10_000,
        "{passed} passed, {refused} refused"
    );
}

#[test]
fn a_rate_survives_a_reload_and_says_what_happens() {
    let live = Live::new();
    let slow = snapshot("", "rate: {requests_per_minute: 1}");
    let fleet = live.bind(&slow, START);
    assert_eq!(wait(&fleet, 1, START), None);
    let queued = snapshot("", "rate: {requests_per_minute: 1, on_exceed: queue}");
    let reloaded = live.bind(&queued, START);
    let denied = call(1).claim(&reloaded, START).unwrap_err();
    assert_eq!(denied.on_exceed, Some(OnExceed::Queue));
    let denied = call(1).claim(&fleet, START).unwrap_err();
    assert_eq!(denied.on_exceed, Some(OnExceed::Downgrade));
}

#[test]
fn a_call_that_was_never_sent_gives_its_rate_back() {
    let (_live, fleet) = limited("{requests_per_minute: 2, tokens_per_minute: 100}");
    for _ in 0..50 {
        let permit = call(60).claim(&fleet, START).unwrap();
        fleet.release(permit, START);
        drop(call(60).claim(&fleet, START).unwrap());
    }
    assert_eq!(wait(&fleet, 60, START), None);
    assert_eq!(wait(&fleet, 60, START), Some(12_000_000));
    // What came in meanwhile is not given back a second time.
    let (_live, fleet) = limited("{requests_per_minute: 2}");
    let held = call(1).claim(&fleet, START).unwrap();
    let then = later(START, 10_000_000);
    assert_eq!(wait(&fleet, 1, then), None);
    fleet.release(held, then);
    assert_eq!(wait(&fleet, 1, then), None);
    assert_eq!(wait(&fleet, 1, then), Some(30_000_000));
}
