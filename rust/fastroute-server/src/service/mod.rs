//! The calls of the contract: one function each, which every door calls.
//!
//! [`route`] is what gRPC, HTTP, batches and streams have in common, so a request is decided alike whichever way it
//! comes. The path of a decision takes no lock and waits for nothing: it reads one pointer, decides
//! on a workspace of its thread and writes a message. Long texts, batches and explanations run
//! on threads that may block, as many at once as there are cores.
//!
//! A panic below is a defect of ours: it is caught, answered with `INTERNAL`, and its thread goes on.

mod admin;
mod batch;
mod decide;
mod explain;
mod grpc;
mod heavy;
mod reports;
mod route;
mod servicer;
mod shield;
mod stream;

pub use admin::{
    activate_revision, force_health, get_status, list_health, list_revisions, reload_config,
    validate_config,
};
pub use batch::route_batch;
pub use explain::explain;
pub use grpc::{Admin, Router, admin_service, router_service};
pub use heavy::Heavy;
pub use reports::report_outcomes;
pub use route::route;
pub use servicer::Servicer;
pub use stream::{Answers, MAX_IN_FLIGHT};
