//! What drives a server that speaks gRPC and says what it measured, and the bare servers beside it.
//!
//! - [`connect`]: connections that many calls share, one call after its reply;
//! - [`messages`]: the reference prompts as messages, and messages of equal size for an echo;
//! - [`pace`]: sends at a fixed rate, or keeps a fixed number of calls in flight;
//! - [`tally`]: what came back: latencies from the intended time, statuses, one figure a second;
//! - [`process`]: processor time and memory of the server, as the system counts them;
//! - [`expect`]: what the core decides in process, to compare answers with.
//!
//! It does not decide what to run: `benches/service` does, and it reads the JSON that the program `load`
//! prints. HTTP/2 is spoken with the crate `h2` alone, as a client library would cost the driver's core
//! more than a bare server costs its own.

pub mod connect;
pub mod expect;
pub mod messages;
pub mod pace;
pub mod process;
pub mod tally;
