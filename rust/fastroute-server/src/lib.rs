//! Serves decisions over gRPC and HTTP.

pub mod codec;
pub mod context;
pub mod convert;
pub mod engine;
pub mod guard;
pub mod host;
pub mod listen;
pub mod http;
pub mod log;
pub mod metrics;
pub mod refusal;
pub mod report;
pub mod revisions;
pub mod service;
pub mod settings;
pub mod start_error;
pub mod trace;

pub use context::{CallContext, Caller, Roles, TraceContext};
pub use host::{Answerer, Answering, Clock, Declines};
pub use refusal::Refusal;
pub use settings::{Address, Settings, SettingsError};
pub use start_error::StartError;
