//! Bytes: what is no message is refused by name, and what is unknown is ignored.

use std::sync::Arc;

use fastroute_proto::v1;
use fastroute_server::service::{Servicer, router_service};
use prost::Message;

use crate::calling::{ASKS, RULED, call, decision, engine, framed, run, text};
use crate::{ROUTE, decide};

#[test]
fn bytes_that_are_no_request_are_malformed_and_named_so() {
    let mut router = router_service(engine(RULED));
    let not_utf8 = [0x0a, 2, 0xc3, 0x28];
    let groups = [vec![0x7b; 10_000], vec![0x7c; 10_000]].concat();
    // A picture has no fields: 10,000 messages within it, each in field 1 of the one around it.
    let within = |field: u8, inside: &[u8]| {
        let mut outside = vec![field << 3 | 2];
        prost::encode_length_delimiter(inside.len(), &mut outside).expect("a growing buffer");
        [&outside, inside].concat()
    };
    let nested = (0..10_000).fold(Vec::new(), |inside: Vec<u8>, _| within(1, &inside));
    let nested = within(2, &within(2, &within(3, &nested)));
    run(async {
        for (what, bytes) in [
            ("invalid UTF-8", not_utf8.to_vec()),
            ("a message that is cut off", vec![0x0a, 200]),
            ("10,000 nested groups", groups),
            ("a group without an end", vec![0x7b]),
            ("an end without a group", vec![0x7c]),
            ("a wire type that there is none of", vec![0x0f]),
            ("a text where a number belongs", vec![0x4a, 1, 0x61]),
            ("a number of eleven bytes", vec![0xff; 11]),
            ("field number 0", vec![0x02, 0]),
        ] {
            let called = call(&mut router, ROUTE, framed(&bytes)).await;
            assert_eq!(
                called.code(),
                "MALFORMED_MESSAGE",
                "{what}: {:?}",
                called.status
            );
            assert_eq!(called.status.code(), tonic::Code::InvalidArgument, "{what}");
        }
        // What is below an unknown field is not looked at, so only the missing role is wrong.
        let called = call(&mut router, ROUTE, framed(&nested)).await;
        assert_eq!(called.code(), "INVALID_MESSAGE", "{:?}", called.status);
        let called = call(&mut router, ROUTE, framed(b"")).await;
        assert_eq!(called.code(), "MISSING_TEXT");
    });
}

#[test]
fn what_is_framed_wrongly_or_too_large_has_a_code_too() {
    let mut router = router_service(engine(RULED));
    let good = framed(&text("hello").encode_to_vec());
    let too_large = [&[0_u8][..], &((4_u32 << 20) + 1).to_be_bytes()].concat();
    let compressed = [&[1_u8][..], &good[1..]].concat();
    run(async {
        for (what, body, code) in [
            ("no message", Vec::new(), "MALFORMED_MESSAGE"),
            (
                "half a message",
                good[..good.len() - 1].to_vec(),
                "MALFORMED_MESSAGE",
            ),
            ("a message over the limit", too_large, "MESSAGE_TOO_LARGE"),
            ("a flag of compression", compressed, "MALFORMED_MESSAGE"),
            (
                "an unknown flag",
                [&[9_u8][..], &good[1..]].concat(),
                "MALFORMED_MESSAGE",
            ),
        ] {
            let called = call(&mut router, ROUTE, body).await;
            assert_eq!(called.code(), code, "{what}: {:?}", called.status);
        }
        let called = call(
            &mut router,
            "/fastroute.v1.RouterService/Nothing",
            good.clone(),
        )
        .await;
        assert_eq!(called.code(), "UNKNOWN_METHOD");
        let called = call(&mut router, ROUTE, good).await;
        let answer = decision(called.message());
        assert_eq!(answer.route.as_deref(), Some("general"));
    });
}

#[test]
fn unknown_fields_are_ignored() {
    let engine = engine(RULED);
    let mut router = router_service(Arc::clone(&engine));
    run(async {
        let known = text("hello").encode_to_vec();
        // Field 900: a number, bytes, four bytes, eight bytes, and a group of a number.
        let unknown: &[&[u8]] = &[
            &[0xa0, 0x38, 1],
            &[0xa2, 0x38, 2, 1, 2],
            &[0xa5, 0x38, 1, 2, 3, 4],
            &[0xa1, 0x38, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0xa3, 0x38, 0x08, 1, 0xa4, 0x38],
        ];
        let wanted = decide(&engine, text("hello")).await;
        for bytes in unknown {
            let body = framed(&[bytes, &*known].concat());
            let answer = decision(call(&mut router, ROUTE, body).await.message());
            assert_eq!(answer.estimates, wanted.estimates);
        }
    });
}

#[test]
fn a_servicer_answers_bytes_as_the_server_does() {
    let engine = engine(ASKS);
    let snapshot = Arc::clone(&engine.revisions.active().snapshot);
    let servicer = Servicer::new(snapshot, None);
    let request = text("hello");
    let answer = |label: Option<&'static str>| {
        let ask = move |_: &fastroute_core::Question| label.map(str::to_owned);
        let bytes = servicer
            .answer("Route", &request.encode_to_vec(), &ask)
            .expect("an answer");
        decision(v1::RouteResponse::decode(&*bytes).expect("a message"))
    };
    assert_eq!(answer(Some("billing")).route.as_deref(), Some("billing"));
    let own = run(decide(&engine, request.clone()));
    let same = v1::Decision {
        id: own.id.clone(),
        report_token: own.report_token.clone(),
        ..answer(None)
    };
    assert_eq!(same, own);
    let ask = |_: &fastroute_core::Question| None;
    let refused = servicer
        .answer("Route", &[0x0a, 9], &ask)
        .expect_err("cut off");
    assert_eq!(refused.code(), "MALFORMED_MESSAGE");
    let refused = servicer
        .answer("RouteStream", b"", &ask)
        .expect_err("not unary");
    assert_eq!(refused.code(), "UNKNOWN_METHOD");
}
