//! The HTTP door: decisions in the JSON form of the contract, health, metrics and a description.
//!
//! - [`app()`]: which path does what.
//! - `message`: reads a body as a message, and says what is wrong with one that is none.
//! - [`body_of`]: a refusal as an HTTP answer.
//! - [`OPENAPI_YAML`]: the description, in OpenAPI 3.1.
//!
//! Reading and writing JSON costs a short request some 3 us of a processor beside its decision, without optimisation across
//! crates; `what_json_costs` in `tests/http.rs` prints the figure.

mod app;
mod bounds;
mod describe;
mod message;
mod refuse;

pub use app::app;
pub use describe::{OPENAPI_YAML, openapi_json};
pub use refuse::{body_of, json_of};
