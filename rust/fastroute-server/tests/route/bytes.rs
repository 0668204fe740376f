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
        let ask = move |_: &fastroute_core::Question| Ok(label.map(str::to_owned));
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
    let ask = |_: &fastroute_core::Question| Ok(None);
    let refused = servicer
        .answer("Route", &[0x0a, 9], &ask)
        .expect_err("cut off");
    assert_eq!(refused.code(), "MALFORMED_MESSAGE");
    let refused = servicer
        .answer("RouteStream", b"", &ask)
        .expect_err("not unary");
    assert_eq!(refused.code(), "UNKNOWN_METHOD");
}

#[test]
fn a_servicer_answers_each_item_of_a_stream_and_refuses_what_the_server_refuses() {
    let engine = engine(ASKS);
    let snapshot = Arc::clone(&engine.revisions.active().snapshot);
    let servicer = Servicer::new(snapshot, None);
    let fails = |_: &fastroute_core::Question| Err(fastroute_server::Refusal::internal());
    let item = |id: &str, request: Option<v1::RouteRequest>| v1::RouteStreamRequest {
        id: id.to_owned(),
        request,
        ..v1::RouteStreamRequest::default()
    };
    let refused = |bytes: &[u8]| {
        let answer = servicer.answer_streamed(bytes, &fails);
        let answer = v1::RouteStreamResponse::decode(&*answer).expect("a message");
        match answer.result {
            Some(v1::route_stream_response::Result::Error(error)) => (answer.id, error.code),
            other => panic!("an error was expected, not {other:?}"),
        }
    };
    let asks = item("a", Some(text("hello"))).encode_to_vec();
    assert_eq!(refused(&asks), ("a".to_owned(), "INTERNAL".to_owned()));
    let long = item(&"i".repeat(129), Some(text("hello"))).encode_to_vec();
    assert_eq!(refused(&long), (String::new(), "INVALID_ID".to_owned()));
    let empty = item("b", None).encode_to_vec();
    assert_eq!(refused(&empty), ("b".to_owned(), "MISSING_TEXT".to_owned()));
    let mut many = text("hello");
    many.metadata = vec![v1::MetadataEntry::default(); 5_000];
    let many = item("c", Some(many)).encode_to_vec();
    assert_eq!(
        refused(&many),
        (String::new(), "TOO_MUCH_METADATA".to_owned())
    );
    assert_eq!(refused(&[0x0a, 9]).1, "MALFORMED_MESSAGE");
}
