//! Serves decisions over gRPC and HTTP: reload, revisions, TLS, callers, limits, metrics.
//!
//! [`Server`] is one running server, with a runtime and listeners of its own. The engine behind it is
//! `fastroute-core`: this crate converts, admits, counts and swaps, and decides nothing.
//!
//! | module | what it does |
//! |---|---|
//! | [`settings`], [`run`](run()) | the command line, the same for binary, wheel and container; signals and exit codes |
//! | [`server`], `doors` | starts and stops; which service stands behind which listener |
//! | [`listen`], [`guard`] | connections, TLS and their limits; who calls, how often, and how many at once |
//! | [`service`], [`convert`], [`codec`] | the calls of `fastroute.v1`; the only places that know protobuf types |
//! | [`http`] | the JSON form, health checks, metrics, OpenAPI |
//! | [`revisions`] | loads, builds, tests and swaps configurations; keeps the good ones; watches the file |
//! | [`report`] | tokens that authorise reports on attempts |
//! | [`ask`] | asks the meta-LLM's model over HTTP |
//! | [`live`] | probes, sessions, and what callers say that are not trusted |
//! | [`metrics`], [`log`], [`trace`] | what operators see |
//! | [`refusal`], [`start_error`] | what goes wrong, with one code on every surface |
//!
//! # Examples
//!
//! ```
//! use fastroute_server::{Hosts, Server, Settings};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::parse_from(["fastroute", "--listen", "127.0.0.1:0", "--http", "none", "--admin", "none"])?;
//! let server = Server::start(&settings, Hosts::default())?;
//! println!("{}", server.line());
//! server.stop(None)?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! It runs no plan: callers call the models and report what happened. The one model that it calls is the meta-LLM's, unless a
//! host gives an [`Answerer`]. It trusts no metadata of a request: who calls comes from a token or a certificate.

pub mod ask;
pub mod codec;
pub mod context;
pub mod convert;
pub mod engine;
pub mod guard;
pub mod host;
pub mod http;
pub mod listen;
pub mod live;
pub mod log;
pub mod metrics;
pub mod refusal;
pub mod report;
pub mod revisions;
pub mod server;
pub mod service;
pub mod settings;
pub mod start_error;
pub mod trace;

mod doors;
mod run;

pub use ask::Models;
pub use context::{CallContext, Caller, Roles, TraceContext};
pub use engine::Engine;
pub use host::{Answerer, Answering, Clock, Declines};
pub use refusal::Refusal;
pub use run::run;
pub use server::{Addresses, Hosts, Server};
pub use settings::{Address, Settings, SettingsError};
pub use start_error::StartError;
