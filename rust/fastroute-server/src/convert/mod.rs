//! Messages of the contract to the core's types and back: the border that protobuf does not cross.
//!
//! Requests are lent: the core's views borrow the decoded message, so that a text is copied once, by
//! the decoder. Answers are owned, as they leave. Nothing is decided here; what a message says
//! that the core has no word for, such as an unknown number of an enum, is refused with its field.
//!
//! Errors name fields, numbers and limits, and never what a caller wrote into a text.

mod admin;
mod decision;
mod error;
mod explanation;
mod handling;
mod health;
mod request;
mod time;

pub use admin::{cause, issues, refused, reload_from, retained, sizes};
pub use decision::{Issued, decision, question, rendered, revision};
pub use error::error;
pub use explanation::explanation;
pub use health::{budget, budget_scope, cell, counts, forced};
pub use request::{MAX_UNAVAILABLE, refuse, text_bytes, unavailable, waited_us, with_request};
pub use time::{duration, micros, timestamp};
