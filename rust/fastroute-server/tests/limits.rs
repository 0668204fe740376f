//! What one call and one connection may take, and what is said when it is more.

mod edge;
mod support;

use std::io::{Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use edge::{ASKS, Answer, CHECK, Gate, Peer, ROUTE, STATUS, answer, eventually, frame, message};
use fastroute_proto::v1::RouteRequest;
use fastroute_proto::v1::router_service_client::RouterServiceClient;
use prost::Message as _;
use support::{channel, run, serve, serve_asking, text};
use tokio::net::{TcpStream, UnixStream};
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic_types::StatusExt as _;

/// A framed request whose message has exactly so many bytes.
fn message_of(bytes: usize) -> Bytes {
    let request = |length| RouteRequest {
        text: Some("a".repeat(length)),
        ..RouteRequest::default()
    };
    let overhead = request(bytes - 8).encoded_len() - (bytes - 8);
    let encoded = request(bytes - overhead).encode_to_vec();
    assert_eq!(encoded.len(), bytes);
    frame(false, &encoded)
}

#[test]
fn a_message_of_the_limit_passes_and_one_byte_more_does_not() {
    let served = serve(&["--max-message-bytes", "4096"]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        peer.call(ROUTE, &[], message_of(4096))
            .await
            .expect("an answer")
            .assert_ok();
        let answer = peer
            .call(ROUTE, &[], message_of(4097))
            .await
            .expect("an answer");
        answer.assert_refused(Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
        assert_eq!(answer.retry_after(), None);
        let mut http = Peer::connect(served.http()).await;
        let json =
            |length: usize| Bytes::from(format!("{{\"text\":\"{}\"}}", "a".repeat(length - 11)));
        for (length, expected) in [(4096, 200), (4097, 413)] {
            let headers = [("content-type", "application/json")];
            let answer = http
                .call("/v1/route", &headers, json(length))
                .await
                .expect("an answer");
            assert_eq!(answer.http, expected, "{length}");
        }
    });
}

#[test]
fn a_length_that_lies_reserves_nothing() {
    let served = serve(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let lie = Bytes::from_static(b"\0\xff\xff\xff\xff12345");
        let answer = peer.call(ROUTE, &[], lie).await.expect("an answer");
        answer.assert_refused(Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
    });
}

#[test]
fn compression_is_refused_unless_it_is_asked_for() {
    let served = serve(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let answer = peer
            .call(ROUTE, &[("grpc-encoding", "gzip")], message("hello"))
            .await;
        let answer = answer.expect("an answer");
        answer.assert_refused(Code::Unimplemented, "UNSUPPORTED_ENCODING");
        assert_eq!(answer.headers["grpc-accept-encoding"], "identity");
        peer.call(ROUTE, &[("grpc-encoding", "identity")], message("hello"))
            .await
            .expect("an answer")
            .assert_ok();
        let answer = peer
            .call(ROUTE, &[], frame(true, b"whatever"))
            .await
            .expect("an answer");
        assert_eq!(
            answer.codes().0,
            Code::InvalidArgument,
            "{:?}",
            answer.codes()
        );
        let mut http = Peer::connect(served.http()).await;
        let headers = [
            ("content-type", "application/json"),
            ("content-encoding", "gzip"),
        ];
        let answer = http
            .call("/v1/route", &headers, Bytes::from_static(b"{}"))
            .await;
        assert_eq!(answer.expect("an answer").http, 415);
    });
}

#[test]
fn a_bomb_of_one_to_a_thousand_is_bounded_by_the_size_of_a_message() {
    let served = serve(&["--accept-gzip", "--max-message-bytes", "1048576"]);
    run(async {
        let channel = channel(served.grpc()).await;
        let mut router = RouterServiceClient::new(channel)
            .send_compressed(CompressionEncoding::Gzip)
            .max_encoding_message_size(usize::MAX);
        router
            .route(text("Translate 'good morning'."))
            .await
            .expect("an answer");
        let before = support_rss();
        for _ in 0..20 {
            // 64 MiB of one letter are some 64 KiB when compressed.
            let refused = router
                .route(text(&"a".repeat(64 << 20)))
                .await
                .expect_err("a bomb");
            assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
            let info = refused.get_details_error_info().expect("an ErrorInfo");
            assert_eq!(info.reason, "MESSAGE_TOO_LARGE");
        }
        router
            .route(text("Translate 'good morning'."))
            .await
            .expect("an answer");
        // The client's own copies are in this process too, so the bound is a generous one.
        let grown = support_rss().saturating_sub(before);
        assert!(grown < 300 << 20, "grew by {} MiB", grown >> 20);
    });
}

/// Resident memory of this process in bytes.
fn support_rss() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").expect("proc");
    let pages: usize = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("pages");
    pages * 4096
}

#[test]
fn what_does_not_speak_grpc_is_told_so_in_http() {
    let served = serve(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        for kind in [
            "application/json",
            "text/plain",
            "application/grpc-web",
            "application/grpc+json",
            "",
        ] {
            let answer = peer
                .call(ROUTE, &[("content-type", kind)], message("hello"))
                .await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.http, 415, "{kind}");
            let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
            assert_eq!(
                body["details"][0]["reason"], "UNSUPPORTED_MEDIA_TYPE",
                "{kind}"
            );
        }
    });
}

#[test]
fn an_unknown_method_is_unimplemented() {
    let served = serve(&[]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        for path in [
            "/fastroute.v1.RouterService/Unknown",
            "/fastroute.v1.AdminService/GetStatus",
            "/x.Y/Z",
        ] {
            let answer = peer
                .call(path, &[], message("hello"))
                .await
                .expect("an answer");
            answer.assert_refused(Code::Unimplemented, "UNKNOWN_METHOD");
        }
    });
}

#[test]
fn a_deadline_ends_a_call_and_a_passed_one_does_not_begin_it() {
    let gate = Arc::new(Gate::default());
    let served = serve_asking(ASKS, &[], Some(gate.clone()));
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let start = Instant::now();
        let answer = peer
            .call(ROUTE, &[("grpc-timeout", "50m")], message("hello"))
            .await;
        answer
            .expect("an answer")
            .assert_refused(Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
        assert!(
            start.elapsed() >= Duration::from_millis(50),
            "{:?}",
            start.elapsed()
        );
        eventually("the end of the work", || gate.waiting() == 0).await;
        for timeout in ["0n", "1n"] {
            let answer = peer
                .call(ROUTE, &[("grpc-timeout", timeout)], message("hello"))
                .await;
            answer
                .expect("an answer")
                .assert_refused(Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
        }
        for timeout in ["", "50", "m", "-1m", "soon", "123456789S"] {
            let answer = peer
                .call(ROUTE, &[("grpc-timeout", timeout)], message("hello"))
                .await;
            answer
                .expect("an answer")
                .assert_refused(Code::InvalidArgument, "INVALID_TIMEOUT");
        }
    });
}

#[test]
fn over_the_limit_a_call_is_refused_at_once_and_told_when_to_come_back() {
    let gate = Arc::new(Gate::default());
    let served = serve_asking(ASKS, &["--max-in-flight", "2"], Some(gate.clone()));
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let (response, mut stream) = peer.open(ROUTE, &[]).await.expect("a stream");
            stream.send_data(message("hello"), true).expect("a window");
            held.push(response);
        }
        eventually("two calls", || gate.waiting() == 2).await;
        let mut times = Vec::new();
        for _ in 0..100 {
            let start = Instant::now();
            // The message is held back: nobody waits for it.
            let (response, _stream) = peer.open(ROUTE, &[]).await.expect("a stream");
            let refused = answer(response).await.expect("an answer");
            times.push(start.elapsed());
            refused.assert_refused(Code::ResourceExhausted, "OVERLOADED");
            assert!(
                refused
                    .retry_after()
                    .is_some_and(|wait| wait >= Duration::from_millis(10))
            );
        }
        times.sort();
        assert!(
            times[50] < Duration::from_millis(5),
            "the median is {:?}",
            times[50]
        );
        let mut http = Peer::connect(served.http()).await;
        let headers = [("content-type", "application/json")];
        let refused = http
            .call(
                "/v1/route",
                &headers,
                Bytes::from_static(b"{\"text\":\"x\"}"),
            )
            .await;
        assert_eq!(
            refused.expect("an answer").http,
            429,
            "one limit over all doors"
        );
        // Probes and operators get through.
        peer.call(CHECK, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
        let mut admin = Peer::connect(served.admin()).await;
        admin
            .call(STATUS, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
        assert_eq!(served.server.edge().in_flight(), 2);
        gate.open();
        for response in held {
            answer(response).await.expect("an answer").assert_ok();
        }
        eventually("free places", || served.server.edge().in_flight() == 0).await;
        peer.route(&[]).await.assert_ok();
    });
}

#[test]
fn calls_that_break_off_give_their_place_back() {
    let gate = Arc::new(Gate::default());
    let served = serve_asking(ASKS, &["--max-in-flight", "64"], Some(gate.clone()));
    run(async {
        for round in 0..8 {
            let mut peer = Peer::connect(served.grpc()).await;
            let mut streams = Vec::new();
            for part in 0..6 {
                let (response, mut stream) = peer.open(ROUTE, &[]).await.expect("a stream");
                let body = message("hello");
                let is_whole = part % 2 == 0;
                let length = if is_whole { body.len() } else { body.len() - 3 };
                stream
                    .send_data(body.slice(..length), is_whole)
                    .expect("a window");
                streams.push((response, stream));
            }
            eventually("calls", || served.server.edge().in_flight() == 6).await;
            if round % 2 == 0 {
                for (_, stream) in &mut streams {
                    stream.send_reset(h2::Reason::CANCEL);
                }
            }
            // Else the whole connection goes away.
            drop(streams);
            drop(peer);
            eventually("free places", || served.server.edge().in_flight() == 0).await;
            eventually("the end of the work", || gate.waiting() == 0).await;
        }
        eventually("no connections", || served.server.edge().connections() == 0).await;
    });
}

#[test]
fn a_message_that_does_not_arrive_gives_its_place_back() {
    let served = serve(&["--read-timeout", "100ms"]);
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let (response, mut stream) = peer.open(ROUTE, &[]).await.expect("a stream");
        stream
            .send_data(message("hello").slice(..4), false)
            .expect("a window");
        let refused = answer(response).await.expect("an answer");
        refused.assert_refused(Code::DeadlineExceeded, "REQUEST_TOO_SLOW");
        assert_eq!(served.server.edge().in_flight(), 0);
        let mut http = Peer::connect(served.http()).await;
        let headers = [("content-type", "application/json")];
        let (response, mut stream) = http.open("/v1/route", &headers).await.expect("a stream");
        stream
            .send_data(Bytes::from_static(b"{\"text\":"), false)
            .expect("a window");
        assert_eq!(answer(response).await.expect("an answer").http, 504);
        peer.route(&[]).await.assert_ok();
    });
}

#[test]
fn a_connection_carries_so_many_streams_as_the_limit_says() {
    let served = serve(&["--max-streams", "3"]);
    run(async {
        let stream = TcpStream::connect(served.grpc()).await.expect("a listener");
        let (mut send, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        send = send.ready().await.expect("a connection");
        // The settings have come when the first answer has.
        let request = http::Request::post(format!("http://edge{CHECK}"))
            .header("content-type", "application/grpc")
            .body(())
            .expect("a head");
        let (response, mut body) = send.send_request(request, false).expect("a stream");
        body.send_data(frame(false, b""), true).expect("a window");
        answer(response).await.expect("an answer").assert_ok();
        assert_eq!(send.current_max_send_streams(), 3);
    });
}

#[test]
fn connections_over_the_limit_are_closed_at_once_over_all_listeners() {
    let served = serve(&["--max-connections", "2"]);
    run(async {
        let mut first = Peer::connect(served.grpc()).await;
        let mut second = Peer::connect(served.admin()).await;
        first.route(&[]).await.assert_ok();
        second
            .call(STATUS, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
        let mut third = std::net::TcpStream::connect(served.http()).expect("a listener");
        third
            .set_read_timeout(Some(Duration::from_secs(5)))
            .expect("a socket");
        let ended = third.read(&mut [0; 1]);
        assert!(
            matches!(&ended, Ok(0))
                || ended.is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock)
        );
        first.route(&[]).await.assert_ok();
        drop(second);
        eventually("a free place", || served.server.edge().connections() == 1).await;
        Peer::connect(served.grpc())
            .await
            .route(&[])
            .await
            .assert_ok();
        let told = served.server.engine().metrics.encode();
        assert!(told.contains("too_many"), "refused connections are counted");
    });
}

#[test]
fn a_peer_that_does_not_greet_is_not_waited_for() {
    let served = serve(&["--handshake-timeout", "100ms"]);
    for (address, opening) in [
        (served.grpc(), &b""[..]),
        (served.grpc(), b"PRI * HTTP/2.0"),
        (served.http(), b""),
        (
            served.http(),
            b"GET /healthz HTTP/1.1\r\nhost: edge\r\nx-slow: ",
        ),
        (served.admin(), b"P"),
    ] {
        let start = Instant::now();
        let mut stream = std::net::TcpStream::connect(address).expect("a listener");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a socket");
        stream.write_all(opening).expect("an open connection");
        let mut said = Vec::new();
        let ended = stream.read_to_end(&mut said);
        assert!(
            ended.is_ok()
                || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
        );
        let took = start.elapsed();
        assert!(
            took >= Duration::from_millis(90) && took < Duration::from_secs(5),
            "{took:?}"
        );
    }
    run(eventually("no connections", || {
        served.server.edge().connections() == 0
    }));
}

#[test]
fn a_silent_connection_is_closed_and_one_with_a_call_is_not() {
    let gate = Arc::new(Gate::default());
    let served = serve_asking(
        ASKS,
        &["--max-connection-idle", "100ms"],
        Some(gate.clone()),
    );
    run(async {
        let mut busy = Peer::connect(served.grpc()).await;
        let (response, mut stream) = busy.open(ROUTE, &[]).await.expect("a stream");
        stream.send_data(message("hello"), true).expect("a window");
        eventually("a call", || gate.waiting() == 1).await;
        let silent = Peer::connect(served.grpc()).await;
        eventually("both", || served.server.edge().connections() == 2).await;
        eventually("the end of the silent one", || {
            served.server.edge().connections() == 1
        })
        .await;
        drop(silent);
        gate.open();
        answer(response).await.expect("an answer").assert_ok();
        eventually("the end of the other", || {
            served.server.edge().connections() == 0
        })
        .await;
    });
}

#[test]
fn an_old_connection_is_told_to_go_and_no_call_is_lost() {
    let served = serve(&["--max-connection-age", "50ms"]);
    run(async {
        let mut router = served.router().await;
        let until = Instant::now() + Duration::from_millis(700);
        let mut calls = 0;
        while Instant::now() < until {
            match router.route(text("Translate 'good morning'.")).await {
                Ok(_) => calls += 1,
                // The client had not sent it when it was told to go; clients of gRPC proper try such a call again.
                Err(status) => assert_eq!(status.code(), Code::Cancelled, "{status}"),
            }
        }
        assert!(calls > 20, "{calls}");
        let told = served.server.engine().metrics.encode();
        assert!(!told.contains("unread"), "no connection was cut");
        let mut answered = told.lines().filter(|line| {
            line.starts_with("fastroute_calls_total{") && line.contains("RouterService/Route\"")
        });
        let line = answered.next().expect("calls that were answered");
        assert!(
            line.contains("\"OK\"") && line.ends_with(&format!(" {calls}")),
            "{line}: {calls}"
        );
        assert_eq!(answered.next(), None, "what was sent was answered");
    });
}

#[test]
fn a_unix_socket_serves_and_its_file_comes_and_goes() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("grpc.sock");
    // What a dead process left behind.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    let flag = format!("unix:{}", path.display());
    let served = serve(&["--listen", &flag]);
    assert_eq!(served.grpc(), flag);
    let metadata = std::fs::metadata(&path).expect("a socket");
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o660);
    run(async {
        let stream = UnixStream::connect(&path).await.expect("a listener");
        let mut peer = Peer::over(stream).await.expect("HTTP/2");
        peer.route(&[]).await.assert_ok();
    });
    for taken in [path.clone(), folder.path().join("file")] {
        if taken != path {
            std::fs::write(&taken, "not a socket").expect("a writable folder");
        }
        let flags = ["--listen", &format!("unix:{}", taken.display())];
        let settings = support::settings(&flags);
        let refused =
            fastroute_server::Server::start(&settings, fastroute_server::Hosts::default());
        assert_eq!(
            refused.expect_err("a taken path").code(),
            "ADDRESS_UNAVAILABLE"
        );
        assert!(taken.exists());
    }
    served.server.stop(None).expect("a server that stops");
    assert!(!path.exists());
}

#[test]
fn several_listeners_serve_the_same() {
    let served = serve(&["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
    let addresses = served.server.addresses().grpc.clone();
    assert_eq!(addresses.len(), 2);
    run(async {
        for address in &addresses {
            Peer::connect(address).await.route(&[]).await.assert_ok();
        }
    });
}

#[test]
fn a_trace_is_answered_in_the_same_trace_also_by_a_refusal() {
    let served = serve(&[]);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace_of = |answer: &Answer| {
        let value = answer
            .headers
            .get("traceresponse")
            .map(|value| value.to_str().map(str::to_owned));
        value.and_then(Result::ok)
    };
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let answer = peer.route(&[("traceparent", parent)]).await;
        let told = trace_of(&answer).expect("an answer in the trace");
        assert!(
            told.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && told.ends_with("-01"),
            "{told}"
        );
        assert!(!told.contains("00f067aa0ba902b7"), "{told}");
        let refused = peer
            .call("/x.Y/Z", &[("traceparent", parent)], message("x"))
            .await;
        assert!(trace_of(&refused.expect("an answer")).is_some());
        assert_eq!(trace_of(&peer.route(&[]).await), None);
        assert_eq!(
            trace_of(&peer.route(&[("traceparent", "nonsense")]).await),
            None
        );
    });
}
