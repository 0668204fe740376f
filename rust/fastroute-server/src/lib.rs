//! Serves decisions over gRPC and HTTP.

pub mod context;
pub mod refusal;
pub mod settings;

pub use context::{CallContext, Caller, Roles, TraceContext};
pub use refusal::Refusal;
pub use settings::Settings;
