//! Peers that mean harm: what they cost a good client, and what they leave behind.
//!
//! Each attack runs on threads of its own, as fast as the sockets take it, and connects again when it
//! is cut off. Meanwhile a good client calls one at a time. Its p99 must stay within twice what it was before; as the
//! tests share a machine with whatever else runs there, anything below 100 ms passes.

mod edge;
mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use edge::{Peer, ROUTE, eventually, frame, message};
use support::{Served, run, serve};
use tonic::Code;

const FLOOR: Duration = Duration::from_millis(100);
const ATTACKERS: usize = 4;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A connection of HTTP/2, frame by frame.
struct Raw(TcpStream);

impl Raw {
    fn connect(address: &str, settings: &[u8]) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        stream
            .set_write_timeout(Some(Duration::from_millis(200)))
            .ok()?;
        stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .ok()?;
        let mut raw = Self(stream);
        let mut opening = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        put(&mut opening, SETTINGS, 0, 0, settings);
        raw.send(&opening).then_some(raw)
    }

    fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// Whether the server has closed the connection, within a time.
    fn is_closed_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut buffer = [0; 4096];
        while Instant::now() < until {
            match self.0.read(&mut buffer) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => match error.kind() {
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {}
                    _ => return true,
                },
            }
        }
        false
    }
}

fn put(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    bytes.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
}

/// The head of a call, without compression.
fn head() -> Vec<u8> {
    let mut block = vec![0x83, 0x86, 0x04, ROUTE.len() as u8];
    block.extend_from_slice(ROUTE.as_bytes());
    block.extend_from_slice(&[0x01, 4]);
    block.extend_from_slice(b"edge");
    block.extend_from_slice(&[0x0f, 0x10, 16]);
    block.extend_from_slice(b"application/grpc");
    block
}

/// Headers of so many bytes, as HTTP/2 counts them, none of which is remembered.
fn padding(bytes: usize) -> Vec<u8> {
    let mut block = Vec::new();
    for _ in 0..bytes / 132 {
        block.extend_from_slice(&[0x00, 4]);
        block.extend_from_slice(b"x-ab");
        block.push(96);
        block.extend_from_slice(&[b'a'; 96]);
    }
    block
}

struct Measured {
    before: Duration,
    during: Duration,
    grown: usize,
    rounds: u64,
}

fn p99(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

async fn measure(peer: &mut Peer, until: impl Fn(usize) -> bool) -> Duration {
    let mut times = Vec::new();
    while !until(times.len()) {
        let start = Instant::now();
        peer.route(&[]).await.assert_ok();
        times.push(start.elapsed());
    }
    p99(&mut times)
}

/// Runs an attack, of which each call sends one round on a connection and says whether it is still good.
fn attack(
    what: &str,
    served: &Served,
    settings: &[u8],
    round: fn(&mut Raw, u32) -> bool,
) -> Measured {
    let address = served.grpc().to_owned();
    let stop = AtomicBool::new(false);
    let rounds = AtomicU64::new(0);
    let measured = std::thread::scope(|scope| {
        run(async {
            let mut peer = Peer::connect(&address).await;
            let before = measure(&mut peer, |calls| calls >= 300).await;
            let memory = resident();
            for _ in 0..ATTACKERS {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let Some(mut raw) = Raw::connect(&address, settings) else {
                            continue;
                        };
                        for stream in (1..u32::MAX >> 1).step_by(2) {
                            if stop.load(Ordering::Relaxed) || !round(&mut raw, stream) {
                                break;
                            }
                            rounds.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
            let start = Instant::now();
            let during = measure(&mut peer, |calls| {
                calls >= 300 && start.elapsed() > Duration::from_millis(700)
            })
            .await;
            let grown = resident().saturating_sub(memory);
            stop.store(true, Ordering::Relaxed);
            Measured {
                before,
                during,
                grown,
                rounds: rounds.load(Ordering::Relaxed),
            }
        })
    });
    println!(
        "{what}: p99 {:?} before, {:?} during {} rounds; {} KiB more",
        measured.before,
        measured.during,
        measured.rounds,
        measured.grown >> 10
    );
    assert!(measured.rounds > 0, "{what}: nothing was sent");
    assert!(
        measured.during < (2 * measured.before).max(FLOOR),
        "{what}: p99 {:?}",
        measured.during
    );
    assert!(
        measured.grown < 64 << 20,
        "{what}: grew by {} KiB",
        measured.grown >> 10
    );
    run(async {
        eventually("no calls", || served.server.edge().in_flight() == 0).await;
        eventually("no connections", || served.server.edge().connections() == 0).await;
        Peer::connect(&address).await.route(&[]).await.assert_ok();
    });
    measured
}

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").expect("proc");
    let pages: usize = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("pages");
    pages * 4096
}

#[test]
fn rapid_reset_ends_the_connection_and_not_the_service() {
    let served = serve(&[]);
    attack("rapid reset", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        put(&mut bytes, HEADERS, END_HEADERS, stream, &head());
        put(&mut bytes, RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        raw.send(&bytes)
    });
    let mut raw = Raw::connect(served.grpc(), &[]).expect("a listener");
    let mut bytes = Vec::new();
    for stream in (1..4001).step_by(2) {
        put(&mut bytes, HEADERS, END_HEADERS, stream, &head());
        put(&mut bytes, RST_STREAM, 0, stream, &8_u32.to_be_bytes());
    }
    raw.send(&bytes);
    assert!(
        raw.is_closed_within(Duration::from_secs(5)),
        "2,000 resets at once are borne"
    );
}

#[test]
fn resets_that_the_peer_provokes_are_counted_too() {
    let served = serve(&[]);
    attack("provoked resets", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        put(&mut bytes, HEADERS, END_HEADERS, stream, &head());
        // An increment of nothing is an error of the stream's.
        put(&mut bytes, WINDOW_UPDATE, 0, stream, &[0; 4]);
        raw.send(&bytes)
    });
}

#[test]
fn a_flood_of_continuations_is_cut_off() {
    let served = serve(&[]);
    attack("continuation flood", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        match stream {
            1 => put(&mut bytes, HEADERS, 0, 1, &head()),
            _ => put(&mut bytes, CONTINUATION, 0, 1, &padding(8 << 10)),
        }
        raw.send(&bytes)
    });
    attack("empty continuation flood", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        match stream {
            1 => put(&mut bytes, HEADERS, 0, 1, &head()),
            _ => (0..100).for_each(|_| put(&mut bytes, CONTINUATION, 0, 1, &[])),
        }
        raw.send(&bytes)
    });
}

#[test]
fn headers_over_the_limit_are_refused_and_take_no_memory() {
    let served = serve(&[]);
    attack("header flood", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        let mut block = head();
        block.extend_from_slice(&padding(14 << 10));
        put(
            &mut bytes,
            HEADERS,
            END_HEADERS | END_STREAM,
            stream,
            &block,
        );
        raw.send(&bytes)
    });
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        peer.route(&[("x-long", &"a".repeat(8 << 10))])
            .await
            .assert_ok();
        let refused = peer
            .call(ROUTE, &[("x-long", &"a".repeat(17 << 10))], message("x"))
            .await;
        assert!(refused.is_err() || refused.is_ok_and(|answer| answer.http == 431));
    });
}

#[test]
fn floods_of_small_frames_do_not_keep_others_waiting() {
    let served = serve(&[]);
    attack("settings flood", &served, &[], |raw, _| {
        let mut bytes = Vec::new();
        (0..100).for_each(|_| put(&mut bytes, SETTINGS, 0, 0, &[]));
        raw.send(&bytes)
    });
    attack("ping flood", &served, &[], |raw, _| {
        let mut bytes = Vec::new();
        (0..100).for_each(|_| put(&mut bytes, PING, 0, 0, &[7; 8]));
        raw.send(&bytes)
    });
    attack("ping flood with answers read", &served, &[], |raw, _| {
        let mut bytes = Vec::new();
        (0..100).for_each(|_| put(&mut bytes, PING, 0, 0, &[7; 8]));
        raw.send(&bytes) && raw.0.read(&mut [0; 4096]).is_ok_and(|count| count > 0)
    });
    attack("priority flood", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        (0..100).for_each(|_| put(&mut bytes, PRIORITY, 0, stream, &[0, 0, 0, 0, 1]));
        raw.send(&bytes)
    });
    attack("window flood", &served, &[], |raw, _| {
        let mut bytes = Vec::new();
        (0..100).for_each(|_| put(&mut bytes, WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]));
        raw.send(&bytes)
    });
    attack("empty data flood", &served, &[], |raw, stream| {
        let mut bytes = Vec::new();
        if stream == 1 {
            put(&mut bytes, HEADERS, END_HEADERS, 1, &head());
        }
        (0..100).for_each(|_| put(&mut bytes, DATA, 0, 1, &[]));
        raw.send(&bytes)
    });
    attack("unknown frames", &served, &[], |raw, _| {
        let mut bytes = Vec::new();
        (0..100).for_each(|_| put(&mut bytes, 0xbb, 0, 0, &[]));
        raw.send(&bytes)
    });
}

#[test]
fn a_flood_of_frames_that_bring_nothing_forward_is_cut_off() {
    let served = serve(&[]);
    for (what, kind, payload) in [
        ("settings", SETTINGS, &[][..]),
        ("pings", PING, &[7; 8]),
        ("priorities", PRIORITY, &[0, 0, 0, 0, 1]),
        ("windows", WINDOW_UPDATE, &[0, 0, 0, 1]),
        ("unknown frames", 0xbb, &[]),
    ] {
        let mut raw = Raw::connect(served.grpc(), &[]).expect("a listener");
        let mut bytes = Vec::new();
        let stream = if kind == PRIORITY { 1 } else { 0 };
        (0..20_000).for_each(|_| put(&mut bytes, kind, 0, stream, payload));
        raw.send(&bytes);
        assert!(raw.is_closed_within(Duration::from_secs(5)), "{what}");
    }
    let told = served.server.engine().metrics.encode();
    assert!(told.contains("flood"), "the reason is counted");
}

#[test]
fn bytes_that_are_no_protocol_end_the_connection() {
    let served = serve(&[]);
    for address in [served.grpc(), served.admin(), served.http()] {
        for bytes in [
            &b"\x16\x03\x01\x02\x00\x01\x00"[..],
            b"GET / HTTP/9.9\r\n\r\n",
            &[0xff; 4096],
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let mut raw = Raw(TcpStream::connect(address).expect("a listener"));
            raw.0
                .set_read_timeout(Some(Duration::from_millis(200)))
                .expect("a socket");
            raw.send(bytes);
            assert!(
                raw.is_closed_within(Duration::from_secs(10)),
                "{address}: {bytes:?}"
            );
        }
    }
    run(async {
        Peer::connect(served.grpc())
            .await
            .route(&[])
            .await
            .assert_ok()
    });
}

#[test]
fn a_peer_that_reads_no_answers_holds_no_place_for_long() {
    let served = serve(&["--read-timeout", "200ms"]);
    // An initial window of nothing: no answer of the peer's calls can be sent.
    let mut raw = Raw::connect(served.grpc(), &[0, 4, 0, 0, 0, 0]).expect("a listener");
    let mut bytes = Vec::new();
    for stream in (1..101).step_by(2) {
        put(&mut bytes, HEADERS, END_HEADERS, stream, &head());
        put(&mut bytes, DATA, END_STREAM, stream, &message("hello"));
    }
    assert!(raw.send(&bytes));
    run(eventually("held places", || {
        served.server.edge().in_flight() == 50
    }));
    assert!(
        raw.is_closed_within(Duration::from_secs(5)),
        "a peer that does not read is borne"
    );
    run(async {
        eventually("free places", || served.server.edge().in_flight() == 0).await;
        let told = served.server.engine().metrics.encode();
        assert!(told.contains("unread"), "the reason is counted");
    });
}

#[test]
fn slow_writers_hold_no_place_for_long() {
    let served = serve(&["--read-timeout", "200ms"]);
    let mut writers = Vec::new();
    for _ in 0..20 {
        let mut raw = Raw::connect(served.grpc(), &[]).expect("a listener");
        let mut bytes = Vec::new();
        for stream in (1..21).step_by(2) {
            put(&mut bytes, HEADERS, END_HEADERS, stream, &head());
            put(&mut bytes, DATA, 0, stream, &message("hello")[..3]);
        }
        assert!(raw.send(&bytes));
        writers.push(raw);
    }
    run(async {
        eventually("held places", || served.server.edge().in_flight() > 100).await;
        Peer::connect(served.grpc())
            .await
            .route(&[])
            .await
            .assert_ok();
        eventually("free places", || served.server.edge().in_flight() == 0).await;
    });
}

#[test]
fn a_message_nested_ten_thousand_deep_is_refused_at_no_depth() {
    let served = serve(&[]);
    // Each field that could hold a message, and unknown fields, as groups.
    let mut messages: Vec<Vec<u8>> = (1..20).map(nested).collect();
    for (start, end) in [(0x9b_u8, 0x9c_u8), (0xfb, 0xfc)] {
        let mut groups = Vec::new();
        (0..10_000).for_each(|_| groups.extend_from_slice(&[start, 0x06]));
        (0..10_000).for_each(|_| groups.extend_from_slice(&[end, 0x06]));
        messages.push(groups);
    }
    run(async {
        let mut peer = Peer::connect(served.grpc()).await;
        for nested in messages {
            let answer = peer
                .call(ROUTE, &[], frame(false, &nested))
                .await
                .expect("an answer");
            let (code, reason) = answer.codes();
            assert!(
                code == Code::Ok || code == Code::InvalidArgument,
                "{code:?} {reason}"
            );
        }
        peer.route(&[]).await.assert_ok();
    });
}

/// A message ten thousand times in itself, in a field of this number; written from the innermost one out.
fn nested(field: u32) -> Vec<u8> {
    use prost::encoding::{WireType, encode_key, encode_varint};
    let mut backwards: Vec<u8> = Vec::new();
    for _ in 0..10_000 {
        let mut start = Vec::new();
        encode_key(field, WireType::LengthDelimited, &mut start);
        encode_varint(backwards.len() as u64, &mut start);
        backwards.extend(start.iter().rev());
    }
    backwards.reverse();
    backwards
}

#[test]
fn a_thousand_silent_connections_cost_little_and_keep_nobody_waiting() {
    silent(1_000);
}

#[test]
#[ignore = "needs 20,000 open files"]
fn ten_thousand_silent_connections_cost_little_and_keep_nobody_waiting() {
    silent(9_900);
}

fn silent(wanted: usize) {
    let served = serve(&["--max-connections", "20000"]);
    let mut peer_times = Vec::new();
    let memory = resident();
    let mut open = Vec::new();
    while open.len() < wanted {
        match Raw::connect(served.grpc(), &[]) {
            Some(raw) => open.push(raw),
            None => break,
        }
    }
    let count = open.len();
    assert!(
        count >= wanted.min(400),
        "only {count} connections could be opened"
    );
    run(async {
        eventually("all of them", || {
            served.server.edge().connections() == count
        })
        .await;
        let mut peer = Peer::connect(served.grpc()).await;
        for _ in 0..300 {
            let start = Instant::now();
            peer.route(&[]).await.assert_ok();
            peer_times.push(start.elapsed());
        }
    });
    let each = resident().saturating_sub(memory) / count;
    let worst = p99(&mut peer_times);
    println!("{count} silent connections: {each} bytes each; p99 of a good client {worst:?}");
    assert!(each < 64 << 10, "{each} bytes a connection");
    assert!(worst < FLOOR, "{worst:?}");
    drop(open);
    run(eventually("no connections", || {
        served.server.edge().connections() == 0
    }));
}
