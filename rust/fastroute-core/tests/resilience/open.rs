//! B12 to B18: what an open breaker does, and how long.

use fastroute_core::{Availability, Ended, HealthState, RetryAfter};

use crate::lab::{Lab, SECOND, START, THREE, UNIX, failed, limited, retry_at, succeeded};

#[test]
fn b12_an_open_model_is_out_of_decisions_until_a_time_that_they_are_told() {
    let lab = Lab::of(2, THREE);
    lab.fail_times(0, 3);
    let until = START + 10 * SECOND;
    let open = Availability::Open { retry_at_us: until };
    assert_eq!(lab.view(0).availability, open);
    assert_eq!(lab.view(0).deployments_out, 1);
    assert_eq!(lab.view(1).availability, Availability::Available);
    assert_eq!(lab.claim_by(1, 0).map(|_| ()).unwrap_err().why, open);
}

#[test]
fn b13_it_is_out_one_tick_before_its_time_and_in_at_its_time() {
    for (tick, is_in) in [
        (10 * SECOND - 1, false),
        (10 * SECOND, true),
        (10 * SECOND + 1, true),
    ] {
        let mut lab = Lab::new(THREE);
        lab.open();
        lab.wait(tick);
        assert_eq!(lab.is_in(0), is_in, "{tick}");
        assert_eq!(lab.claim_by(1, 0).is_ok(), is_in, "{tick}");
    }
}

#[test]
fn b14_a_success_that_began_before_it_opened_is_ignored_and_counted() {
    let lab = Lab::new(THREE);
    let early = lab.claim(0);
    let until = lab.open();
    lab.end(early, &succeeded());
    assert_eq!(retry_at(&lab.view(0)), until);
    assert_eq!(lab.stale(), 1);
}

#[test]
fn b15_a_failure_that_began_before_it_opened_does_not_lengthen_the_time() {
    let mut lab = Lab::new(THREE);
    let early = lab.claim(0);
    let epoch = lab.fleet.epoch();
    let until = lab.open();
    lab.wait(5 * SECOND);
    lab.end(early, &failed());
    lab.fleet.report_unclaimed(
        &Default::default(),
        fastroute_core::ModelId(0),
        0,
        epoch,
        &failed(),
        lab.now,
    );
    assert_eq!(retry_at(&lab.view(0)), until);
    assert_eq!(lab.stale(), 2);
    assert_eq!(lab.target().openings, 1);
}

#[test]
fn b16_a_rate_limit_with_a_longer_time_lengthens_it() {
    let lab = Lab::new(THREE);
    let early = lab.claim(0);
    lab.open();
    lab.end(early, &limited(30));
    let until = START + 30 * SECOND;
    assert_eq!(retry_at(&lab.view(0)), until);
    assert_eq!(lab.target().retry_at_us, Some(until));
    assert_eq!(lab.state(), HealthState::Open);
}

#[test]
fn b17_a_rate_limit_with_a_shorter_time_changes_nothing() {
    let lab = Lab::new(THREE);
    let (first, second) = (lab.claim(0), lab.claim(0));
    let until = lab.open();
    lab.end(first, &limited(3));
    assert_eq!(retry_at(&lab.view(0)), until);

    let cooling = Lab::new(THREE);
    let (long, short) = (cooling.claim(0), cooling.claim(0));
    cooling.end(long, &limited(30));
    cooling.end(short, &limited(3));
    assert_eq!(retry_at(&cooling.view(0)), START + 30 * SECOND);
    drop(second);
}

#[test]
fn b18_of_a_number_and_a_date_the_later_counts() {
    let lab = Lab::new(THREE);
    for (seconds_from_now, after_us, expected_us) in [
        (300, 100_000, 300 * SECOND),
        (-300, 7 * SECOND, 7 * SECOND),
        (2, 7 * SECOND, 7 * SECOND),
    ] {
        let both = RetryAfter::Later {
            after: after_us,
            unix_at: UNIX.saturating_add_signed(seconds_from_now * SECOND as i64),
        };
        assert_eq!(both.micros(lab.now), expected_us);
    }
}

#[test]
fn b18_an_overloaded_server_that_asks_to_wait_is_left_alone_for_that_time() {
    let mut lab = Lab::new(THREE);
    let asks = Ended {
        retry_after: Some(RetryAfter::After(60 * SECOND)),
        ..failed()
    };
    lab.call(0, &asks);
    assert_eq!(retry_at(&lab.view(0)), START + 60 * SECOND);
    assert_eq!(
        lab.target().failures,
        1,
        "it counts as a failure all the same"
    );
    lab.wait(60 * SECOND);
    assert!(lab.is_in(0));
    lab.fail(0);
    assert!(lab.is_in(0), "one that asks nothing does not cool");
}

#[test]
fn b18_times_that_cannot_be_used_are_clamped_or_the_default_counts() {
    let default = 5 * SECOND;
    let (least, most) = (SECOND / 10, 600 * SECOND);
    let in_a_minute = format_date(UNIX / SECOND + 60);
    for (header, micros) in [
        (&b"0"[..], least),
        (b"-5", default),
        (b"1000000000000", most),
        (b"99999999999999999999999999999999", most),
        (b"1e3", default),
        (b"3.5", 3_500_000),
        (b"", default),
        (b"\xff\xfe\x00", default),
        ("٣".as_bytes(), default),
        (b"soon", default),
        (b"Sun, 06 Nov 1994 08:49:37 GMT", least),
        (b"Mon, 06 Nov 1994 08:49:37 GMT", least),
        (in_a_minute.as_bytes(), 60 * SECOND),
        (b"Fri, 31 Dec 9999 23:59:59 GMT", most),
    ] {
        let lab = Lab::new(THREE);
        lab.call(
            0,
            &Ended {
                retry_after: RetryAfter::read(header),
                ..limited(0)
            },
        );
        let expected = START + micros;
        assert_eq!(
            retry_at(&lab.view(0)),
            expected,
            "{}",
            header.escape_ascii()
        );
    }
}

/// With a weekday that is wrong six times out of seven.
fn format_date(seconds: u64) -> String {
    let time = seconds % 86_400;
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    // The start of the tests is 2030-03-27.
    format!("Sun, 27 Mar 2030 {hour:02}:{minute:02}:{second:02} GMT")
}
