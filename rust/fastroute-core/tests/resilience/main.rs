//! The cases that health must pass, one test each, by their number in the table of resilience cases.
//!
//! Here are B1 to B36, B39 to B46, B50 and B51, and the table of outcome classes. Elsewhere: B37, B38
//! and B47 to B49 are about what a run does with what health says, and are in `tests/run`; B11, B19,
//! B24 and B36 are tried under every interleaving in `tests/shuttle.rs` as well; B24 and B25 are
//! recognised by hosts, which know decisions by their ids, so what is held here is that they are
//! counted and change nothing; B50 across processes is the server's.

mod any;
mod closed;
mod fleets;
mod half_open;
mod lab;
mod open;
mod outcomes;
mod replies;
mod retry_after;
mod scopes;
mod view;
