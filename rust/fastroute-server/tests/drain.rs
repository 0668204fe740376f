//! Stopping: what runs may end, what waits is told, and nothing is held up.

mod edge;
mod support;

use std::io::Read as _;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use edge::{ASKS, Gate, Peer, ROUTE, answer, eventually, message};
use support::{Served, run, serve, serve_asking, text};
use tonic::Code;

/// Stops a server on a thread of its own, and tells how long that took.
fn stop(served: &Served, grace: Duration) -> mpsc::Receiver<Duration> {
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let start = Instant::now();
            served
                .server
                .stop(Some(grace))
                .expect("a server that stops");
            let _ = sender.send(start.elapsed());
        });
    });
    receiver
}

#[test]
fn a_call_in_flight_is_answered_before_the_server_stops() {
    let gate = Arc::new(Gate::default());
    let served = Arc::new(serve_asking(ASKS, &[], Some(gate.clone())));
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let (response, mut stream) = peer.open(ROUTE, &[]).await.expect("a stream");
        stream.send_data(message("hello"), true).expect("a window");
        eventually("a call", || gate.waiting() == 1).await;
        let stopping = std::thread::spawn({
            let served = Arc::clone(&served);
            move || served.server.stop(Some(Duration::from_secs(30)))
        });
        // No new connection is taken while the old one is served.
        let address = served.grpc().to_owned();
        eventually("a closed listener", || {
            std::net::TcpStream::connect(&address).is_err()
        })
        .await;
        assert!(!stopping.is_finished());
        gate.open();
        answer(response).await.expect("an answer").assert_ok();
        tokio::task::spawn_blocking(move || stopping.join())
            .await
            .expect("a thread")
            .expect("no panic")
            .expect("a stop");
    });
    assert_eq!(
        (
            served.server.edge().in_flight(),
            served.server.edge().connections()
        ),
        (0, 0)
    );
}

#[test]
fn a_call_that_outlasts_the_grace_is_told_why_it_ends() {
    let gate = Arc::new(Gate::default());
    let served = Arc::new(serve_asking(ASKS, &[], Some(gate.clone())));
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        let (response, mut stream) = peer.open(ROUTE, &[]).await.expect("a stream");
        stream.send_data(message("hello"), true).expect("a window");
        eventually("a call", || gate.waiting() == 1).await;
        let start = Instant::now();
        let stopping = std::thread::spawn({
            let served = Arc::clone(&served);
            move || served.server.stop(Some(Duration::from_millis(200)))
        });
        let refused = answer(response).await.expect("an answer");
        refused.assert_refused(Code::Unavailable, "SHUTTING_DOWN");
        tokio::task::spawn_blocking(move || stopping.join())
            .await
            .expect("a thread")
            .expect("no panic")
            .expect("a stop");
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        assert_eq!(gate.waiting(), 0);
    });
}

#[test]
fn silent_connections_hold_nothing_up() {
    let served = serve(&[]);
    let mut silent: Vec<std::net::TcpStream> = Vec::new();
    for address in [served.grpc(), served.http(), served.admin()] {
        for _ in 0..10 {
            silent.push(std::net::TcpStream::connect(address).expect("a listener"));
        }
    }
    run(async {
        // Some have greeted, and will not read that they are to go.
        for _ in 0..10 {
            let mut peer = Peer::connect(served.grpc()).await;
            peer.route(&[]).await.assert_ok();
            std::mem::forget(peer);
        }
        eventually("all of them", || served.server.edge().connections() == 40).await;
    });
    let took = stop(&served, Duration::from_secs(30))
        .recv()
        .expect("a stop");
    assert!(took < Duration::from_secs(5), "{took:?}");
    for mut stream in silent {
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .expect("a socket");
        let ended = stream.read_to_end(&mut Vec::new());
        assert!(
            ended.is_ok()
                || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
        );
    }
}

#[test]
fn a_stop_under_load_loses_no_call_that_was_taken() {
    let served = Arc::new(serve(&[]));
    run(async {
        let mut callers = Vec::new();
        for _ in 0..8 {
            let mut router = served.router().await;
            callers.push(tokio::spawn(async move {
                let mut answered = 0_u32;
                loop {
                    match router.route(text("Translate 'good morning'.")).await {
                        Ok(_) => answered += 1,
                        // The listener is gone, or the connection was told to go: safe to try elsewhere.
                        Err(status) => return (answered, status),
                    }
                }
            }));
        }
        let metrics = Arc::clone(&served.server.engine().metrics);
        eventually("some load", || metrics.encode().contains("Route")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let stopping = std::thread::spawn({
            let served = Arc::clone(&served);
            move || served.server.stop(Some(Duration::from_secs(10)))
        });
        for caller in callers {
            let (answered, status) = caller.await.expect("no panic");
            assert!(answered > 0);
            // The client in Rust calls it internal when the farewell comes between its look at the connection and its
            // next call, which the server never saw.
            let is_farewell = format!("{status:?}").contains("GoAway(b\"\", NO_ERROR, Remote)");
            assert!(
                status.code() == Code::Unavailable || is_farewell,
                "{status:?}"
            );
        }
        tokio::task::spawn_blocking(move || stopping.join())
            .await
            .expect("a thread")
            .expect("no panic")
            .expect("a stop");
        let told = metrics.encode();
        assert!(
            !told.contains("code=\"CANCELLED\"") && !told.contains("code=\"SHUTTING_DOWN\""),
            "{told}"
        );
    });
}

#[test]
fn one_of_several_servers_stops_and_the_others_serve() {
    let servers: Vec<Served> = (0..3).map(|_| serve(&[])).collect();
    servers[1].server.stop(None).expect("a server that stops");
    run(async {
        for (place, served) in servers.iter().enumerate() {
            match place {
                1 => assert!(std::net::TcpStream::connect(served.grpc()).is_err()),
                _ => Peer::connect(served.grpc())
                    .await
                    .route(&[])
                    .await
                    .assert_ok(),
            }
        }
    });
}
