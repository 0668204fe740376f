//! Streams: ids come back, a bad request ends nothing, order is kept when asked for, and memory is bounded.

mod calling;
mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use calling::{
    ASKS, Host, RULED, call, context, context_with, decision, engine, engine_asking, framed, run,
    text,
};
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::service::{Answers, MAX_IN_FLIGHT, router_service};
use fastroute_server::{CallContext, Refusal};
use prost::Message;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_stream::{Stream, StreamExt};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use v1::route_stream_response::Result as Outcome;

type Inbound = Result<Result<v1::RouteStreamRequest, Refusal>, Status>;

struct Requests(Receiver<Inbound>);

impl Stream for Requests {
    type Item = Inbound;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Inbound>> {
        self.0.poll_recv(context)
    }
}

fn open(engine: &Arc<Engine>, context: CallContext) -> (Sender<Inbound>, Answers<Requests>) {
    let (sender, receiver) = mpsc::channel(4_096);
    (
        sender,
        Answers::new(Requests(receiver), Arc::clone(engine), context),
    )
}

fn ask(id: &str, said: &str) -> v1::RouteStreamRequest {
    v1::RouteStreamRequest {
        id: id.to_owned(),
        request: Some(text(said)),
        in_order: false,
    }
}

fn ordered(id: &str, said: &str) -> v1::RouteStreamRequest {
    v1::RouteStreamRequest {
        in_order: true,
        ..ask(id, said)
    }
}

async fn send(to: &Sender<Inbound>, message: v1::RouteStreamRequest) {
    to.send(Ok(Ok(message))).await.expect("a stream that reads");
}

/// An answer as its id, and its route or the code of its error.
fn told(answer: v1::RouteStreamResponse) -> (String, String) {
    let what = match answer.result {
        Some(Outcome::Response(response)) => decision(response).route.unwrap_or_default(),
        Some(Outcome::Error(error)) => format!("{} {}", error.code, error.field),
        None => "nothing".to_owned(),
    };
    (answer.id, what)
}

async fn next(answers: &mut Answers<Requests>) -> (String, String) {
    told(
        answers
            .next()
            .await
            .expect("an answer")
            .expect("no failure"),
    )
}

/// A host that answers what says `slow` only after it was told to.
fn slow_host() -> Arc<Engine> {
    engine_asking(
        ASKS,
        Arc::new(Host(|question| {
            let is_slow = question.user.contains("slow");
            Box::pin(async move {
                if is_slow {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Some("billing".to_owned())
            })
        })),
    )
}

#[test]
fn each_answer_has_the_id_of_its_request_and_a_bad_one_ends_nothing() {
    let engine = engine(RULED);
    run(async {
        let (requests, mut answers) = open(&engine, context());
        send(&requests, ask("a", "hello")).await;
        send(
            &requests,
            v1::RouteStreamRequest {
                request: None,
                ..ask("b", "")
            },
        )
        .await;
        send(
            &requests,
            v1::RouteStreamRequest {
                request: Some(v1::RouteRequest::default()),
                ..ask("c", "")
            },
        )
        .await;
        requests
            .send(Ok(Err(Refusal::malformed("no message"))))
            .await
            .expect("a stream that reads");
        send(&requests, ask(&"x".repeat(129), "hello")).await;
        send(&requests, ask(&"y".repeat(128), "hello")).await;
        send(&requests, ask("", "hello")).await;
        drop(requests);
        let mut all = Vec::new();
        while let Some(answer) = answers.next().await {
            all.push(told(answer.expect("no failure")));
        }
        let wanted = [
            ("a", "general"),
            ("b", "MISSING_TEXT request"),
            ("c", "MISSING_TEXT text"),
            ("", "MALFORMED_MESSAGE "),
            ("", "INVALID_ID id"),
            (&*"y".repeat(128), "general"),
            ("", "general"),
        ];
        assert_eq!(
            all,
            wanted.map(|(id, what)| (id.to_owned(), what.to_owned()))
        );
    });
}

#[test]
fn a_ready_answer_overtakes_a_slow_one() {
    let engine = slow_host();
    run(async {
        let (requests, mut answers) = open(&engine, context());
        send(&requests, ask("1", "slow")).await;
        send(&requests, ask("2", "quick")).await;
        drop(requests);
        assert_eq!(next(&mut answers).await.0, "2");
        assert_eq!(next(&mut answers).await.0, "1");
        assert!(answers.next().await.is_none());
    });
}

#[test]
fn answers_keep_the_order_of_the_requests_when_the_first_asks_for_it() {
    let engine = slow_host();
    run(async {
        let (requests, mut answers) = open(&engine, context());
        for number in 0..200 {
            let said = if number % 3 == 0 { "slow" } else { "quick" };
            let message = if number == 0 {
                ordered("0", said)
            } else {
                ask(&number.to_string(), said)
            };
            send(&requests, message).await;
        }
        drop(requests);
        for number in 0..200 {
            assert_eq!(
                next(&mut answers).await,
                (number.to_string(), "billing".to_owned())
            );
        }
        assert!(answers.next().await.is_none());
    });
}

#[test]
fn only_the_first_message_says_whether_order_is_kept() {
    let engine = slow_host();
    run(async {
        let (requests, mut answers) = open(&engine, context());
        send(&requests, ask("1", "slow")).await;
        send(&requests, ordered("2", "slow")).await;
        send(&requests, ordered("3", "quick")).await;
        assert_eq!(next(&mut answers).await.0, "3");
    });
}

#[test]
fn no_more_than_the_bound_is_read_while_answers_wait() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let engine = engine_asking(
        ASKS,
        Arc::new(Host(|_| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            Box::pin(std::future::pending())
        })),
    );
    run(async {
        for keeps_order in [false, true] {
            ASKED.store(0, Ordering::SeqCst);
            let (requests, mut answers) = open(&engine, context());
            for number in 0..1_000 {
                let message = ask(&number.to_string(), "hello");
                send(
                    &requests,
                    v1::RouteStreamRequest {
                        in_order: keeps_order,
                        ..message
                    },
                )
                .await;
            }
            let polled = tokio::time::timeout(Duration::from_millis(100), answers.next()).await;
            assert!(polled.is_err(), "nothing is answered");
            assert_eq!(requests.capacity(), 4_096 - (1_000 - MAX_IN_FLIGHT));
            // A question is put where its request is read, and again by the task that goes on with it.
            assert_eq!(ASKED.load(Ordering::SeqCst), MAX_IN_FLIGHT);
        }
    });
}

#[test]
fn a_reader_that_stops_holds_up_its_own_stream_alone() {
    let engine = engine(RULED);
    run(async {
        let (requests, mut answers) = open(&engine, context());
        for number in 0..1_000 {
            send(&requests, ask(&number.to_string(), "hello")).await;
        }
        next(&mut answers).await;
        tokio::task::yield_now().await;
        assert_eq!(
            requests.capacity(),
            4_096 - 999,
            "one was read, as one was taken"
        );
    });
}

#[test]
fn a_stream_ends_at_its_deadline() {
    let engine = slow_host();
    run(async {
        let (requests, mut answers) = open(&engine, context_with(Some(Duration::from_millis(20))));
        send(&requests, ask("1", "slow")).await;
        let status = answers
            .next()
            .await
            .expect("an end")
            .expect_err("the deadline");
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert!(answers.next().await.is_none());
    });
}

#[test]
fn a_server_that_stops_answers_what_it_read_and_says_why_it_ends() {
    let engine = slow_host();
    run(async {
        let (requests, mut answers) = open(&engine, context());
        send(&requests, ask("1", "quick")).await;
        assert_eq!(next(&mut answers).await.0, "1");
        send(&requests, ask("2", "slow")).await;
        let waiting = tokio::time::timeout(Duration::from_millis(5), answers.next()).await;
        assert!(waiting.is_err(), "it is slow");
        engine.stop.cancel();
        assert_eq!(next(&mut answers).await.0, "2");
        let status = answers.next().await.expect("an end").expect_err("it stops");
        assert_eq!(
            status
                .get_details_error_info()
                .map(|info| info.reason)
                .as_deref(),
            Some("SHUTTING_DOWN")
        );
    });
}

#[test]
fn a_broken_stream_is_answered_as_far_as_it_was_read() {
    let engine = engine(RULED);
    run(async {
        let (requests, mut answers) = open(&engine, context());
        send(&requests, ask("1", "hello")).await;
        requests
            .send(Err(Status::internal("bare")))
            .await
            .expect("a stream that reads");
        assert_eq!(next(&mut answers).await.0, "1");
        let status = answers
            .next()
            .await
            .expect("an end")
            .expect_err("it is broken");
        let reason = status.get_details_error_info().map(|info| info.reason);
        assert_eq!(reason.as_deref(), Some("MALFORMED_MESSAGE"));
    });
}

#[test]
fn a_panic_is_the_error_of_its_request_alone() {
    let engine = engine_asking(
        ASKS,
        Arc::new(Host(|question| {
            let panics = question.user.contains("panic");
            Box::pin(async move {
                tokio::task::yield_now().await;
                assert!(!panics, "a host that panics");
                Some("billing".to_owned())
            })
        })),
    );
    run(async {
        let (requests, mut answers) = open(&engine, context());
        send(&requests, ordered("1", "panic")).await;
        send(&requests, ask("2", "hello")).await;
        drop(requests);
        assert_eq!(
            next(&mut answers).await,
            ("1".to_owned(), "INTERNAL ".to_owned())
        );
        assert_eq!(
            next(&mut answers).await,
            ("2".to_owned(), "billing".to_owned())
        );
    });
}

#[test]
fn malformed_bytes_amid_a_stream_are_answered_and_the_stream_goes_on() {
    let mut router = router_service(engine(RULED));
    let messages = [
        ask("1", "hello").encode_to_vec(),
        vec![0x0a, 0xff],
        ask("2", "hello").encode_to_vec(),
        vec![0x12, 2, 0x7b, 0x7b],
        ask("3", "poison").encode_to_vec(),
    ];
    let body: Vec<u8> = messages
        .iter()
        .flat_map(|message| framed(message))
        .collect();
    run(async {
        let path = "/fastroute.v1.RouterService/RouteStream";
        let called = call(&mut router, path, body.clone()).await;
        assert_eq!(called.status.code(), Code::Ok);
        let answers = called
            .messages
            .iter()
            .map(|bytes| told(v1::RouteStreamResponse::decode(&**bytes).expect("a message")));
        let wanted = [
            ("1", "general"),
            ("", "MALFORMED_MESSAGE "),
            ("2", "general"),
            ("", "MALFORMED_MESSAGE "),
            ("3", ""),
        ];
        let wanted = wanted.map(|(id, what)| (id.to_owned(), what.to_owned()));
        assert_eq!(answers.collect::<Vec<_>>(), wanted);
        let cut = body[..body.len() - 1].to_vec();
        let called = call(&mut router, path, cut).await;
        assert_eq!(
            (called.messages.len(), called.code().as_str()),
            (4, "MALFORMED_MESSAGE")
        );
    });
}

#[test]
fn a_stream_over_the_network_answers_ten_thousand_requests() {
    let served = support::serve(&[]);
    support::run(async {
        let mut router = served.router().await;
        let requests =
            tokio_stream::iter((0..10_000).map(|number| ask(&number.to_string(), "hello")));
        let mut answers = router
            .route_stream(requests)
            .await
            .expect("a stream")
            .into_inner();
        let mut seen = vec![false; 10_000];
        while let Some(answer) = answers.message().await.expect("no failure") {
            let place: usize = answer.id.parse().expect("a number");
            assert!(
                matches!(answer.result, Some(Outcome::Response(_))),
                "{place}"
            );
            assert!(
                !std::mem::replace(&mut seen[place], true),
                "{place} is answered once"
            );
        }
        assert!(seen.iter().all(|seen| *seen));
    });
}
