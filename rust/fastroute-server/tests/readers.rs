//! Peers that read large answers slowly, or through small windows, and mean no harm: they get them whole.

mod edge;
mod support;

use std::sync::Arc;
use std::time::Duration;

use edge::{Peer, frame};
use fastroute_proto::v1::RouteBatchRequest;
use prost::Message as _;
use support::{run, serve, text};

#[test]
fn a_peer_that_reads_large_answers_through_small_windows_is_no_flood() {
    let served = serve(&[]);
    let request = RouteBatchRequest {
        requests: vec![text("Translate 'good morning'."); 512],
    };
    let body = frame(false, &request.encode_to_vec());
    run(async {
        let stream = tokio::net::TcpStream::connect(served.grpc())
            .await
            .expect("a listener");
        stream.set_nodelay(true).expect("a socket");
        // The smallest windows that usual clients have: each is opened again when half of it was read.
        let mut builder = h2::client::Builder::new();
        builder
            .initial_window_size(8 << 10)
            .initial_connection_window_size(64 << 10);
        let mut peer = Peer::made(builder, stream).await.expect("HTTP/2");
        let mut opened = 0;
        for _ in 0..200 {
            let batch = "/fastroute.v1.RouterService/RouteBatch";
            let answer = peer.call(batch, &[], body.clone()).await;
            let answer = answer.expect("an answer");
            answer.assert_ok();
            opened += answer.body.len() / (4 << 10);
        }
        assert!(opened > 6_000, "only {opened} frames were sent");
    });
}

#[test]
fn a_slow_reader_gets_its_answer_whole_while_the_server_stops() {
    let served = Arc::new(serve(&[]));
    let request = RouteBatchRequest {
        requests: vec![text("Translate 'good morning'."); 1_024],
    };
    let body = frame(false, &request.encode_to_vec());
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let batch = "/fastroute.v1.RouterService/RouteBatch";
        let (response, mut stream) = peer.open(batch, &[]).await.expect("a stream");
        stream.send_data(body, true).expect("a window");
        let mut read = response.await.expect("an answer").into_body();
        // All that the windows let through lies here, and the rest at the server, in the hands of the protocol.
        let first = read.data().await.expect("a frame").expect("a frame");
        let mut length = first.len();
        let _ = read.flow_control().release_capacity(first.len());
        let stopping = std::thread::spawn({
            let served = Arc::clone(&served);
            move || served.server.stop(Some(Duration::from_secs(60)))
        });
        let mut next = 0;
        while let Some(frame) = read.data().await {
            let frame = frame.expect("a frame: the answer was cut");
            length += frame.len();
            // Slower than a peer without calls is given to leave, a few times.
            if next < 3 {
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                next += 1;
            }
            let _ = read.flow_control().release_capacity(frame.len());
        }
        let trailers = read.trailers().await.expect("trailers").expect("trailers");
        assert_eq!(trailers["grpc-status"], "0");
        assert!(length > 200_000, "{length} bytes are no large answer");
        drop((peer, read));
        tokio::task::spawn_blocking(move || stopping.join())
            .await
            .expect("a thread")
            .expect("no panic")
            .expect("a stop");
    });
}
