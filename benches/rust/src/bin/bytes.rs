//! What a service adds to a decision: bytes in, bytes out.
//!
//! Question: how long do decoding a request, deciding and encoding the answer take together? Input:
//! the reference workload, each of the 512 prompts once a round, as one user message with one
//! metadata value. Fair because the messages have the shape of the service's and nothing is kept
//! from one request to the next but the workspace that a thread would keep too.
//!
//! What would make it lie: a neighbour on the same core, so the thread's CPU time is taken; nothing
//! here waits for anything, so on an idle machine that is the time that passes. One prompt in a
//! loop. A round before asserts that the answer out of the bytes is the one that the core gives.
//!
//! ```text
//! bytes ROUNDS      one JSON object a round: microseconds a prompt
//! ```

use std::{error::Error, hint::black_box, sync::Arc};

use fastroute_benches::{
    messages::{RouteRequest, RouteResponse},
    reference::{self, Decider},
};
use prost::Message;
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "20".to_owned())
        .parse()?;
    let mut decider = Decider::new(Arc::new(reference::snapshot()?));
    let requests: Vec<RouteRequest> = reference::prompts()
        .iter()
        .map(|text| RouteRequest::text(text, "pro"))
        .collect();
    let wire: Vec<Vec<u8>> = requests.iter().map(Message::encode_to_vec).collect();
    for (request, bytes) in requests.iter().zip(&wire) {
        let direct = request.with_core(|core| RouteResponse::from(&decider.decide(core)));
        let carried = RouteResponse::decode(answer(&mut decider, bytes)?.as_slice())?;
        assert_eq!(
            direct, carried,
            "the answer changes on its way through bytes"
        );
    }
    for _ in 0..rounds {
        let start = cpu_seconds();
        for request in &requests {
            black_box(request.with_core(|core| decider.decide(core)));
        }
        let decide = cpu_seconds() - start;
        let start = cpu_seconds();
        for bytes in &wire {
            black_box(answer(&mut decider, bytes)?);
        }
        let all = cpu_seconds() - start;
        let each = |seconds: f64| seconds * 1e6 / wire.len() as f64;
        println!(
            "{}",
            serde_json::json!({"decide": each(decide), "decode, decide, encode": each(all)})
        );
    }
    Ok(())
}

fn answer(decider: &mut Decider, bytes: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {
    let request = RouteRequest::decode(bytes)?;
    let response = request.with_core(|core| RouteResponse::from(&decider.decide(core)));
    Ok(response.encode_to_vec())
}

/// Returns the thread's CPU time in seconds.
fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}
