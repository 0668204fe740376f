//! What a server knows beside requests and configurations: the health of models, and the sessions of callers.
//!
//! Health and budgets belong to the core; see [`Live`](fastroute_core::Live). Here is what only a host can do with them: tell what changed, keep
//! apart what callers say that are not trusted, and hold the right to probe until an outcome is reported.
//!
//! A decision reads the state that its caller sees. While every model is well that is a few loads, no lock, and no memory.

mod claim;
mod own;
mod sessions;
mod told;

pub(crate) use claim::{Claimed, Grant};
pub(crate) use own::Own;
pub use sessions::{KEPT_SESSIONS, Sessions};
pub(crate) use told::{Told, tell};
