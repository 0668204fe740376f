//! What a service adds to a decision: bytes in, bytes out.
//!
//! Question: how long do decoding a request, deciding and encoding the answer take together? Input:
//! the reference workload, each of the 512 prompts once a round, as one user message with one
//! metadata value. Fair because the messages have the shape of the service's and nothing is kept
//! from one request to the next but the workspace that a thread would keep too.
//!
//! What would make it lie: one prompt in a loop. The first round asserts that the answer that comes
//! out of the bytes is the one that the core gives.
//!
//! ```text
//! bytes ROUNDS      one JSON object a round: microseconds a prompt
//! ```

use std::{error::Error, hint::black_box, sync::Arc, time::Instant};

use fastroute_benches::{
    messages::{RouteRequest, RouteResponse},
    reference::{self, Decider},
};
use prost::Message;

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
        let start = Instant::now();
        for request in &requests {
            black_box(request.with_core(|core| decider.decide(core)));
        }
        let decide = start.elapsed();
        let start = Instant::now();
        for bytes in &wire {
            black_box(answer(&mut decider, bytes)?);
        }
        let all = start.elapsed();
        let each = |elapsed: std::time::Duration| elapsed.as_secs_f64() * 1e6 / wire.len() as f64;
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
