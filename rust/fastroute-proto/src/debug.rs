//! What `Debug` shows of messages that hold text of a prompt, a configuration, a session or a token: nothing of it.
//!
//! The generated code derives `Debug` for all others, and `tests/opaque.rs` looks for one that shows too much.

use std::fmt;

use crate::v1;

macro_rules! opaque {
    ($($type:ty,)*) => {
        $(impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), " { .. }"))
            }
        })*
    };
}

opaque! {
    v1::Answer,
    v1::Cascade,
    v1::Message,
    v1::MetadataEntry,
    v1::OutcomeReport,
    v1::Part,
    v1::Question,
    v1::ReloadConfigRequest,
    v1::Render,
    v1::RenderedMessage,
    v1::RouteRequest,
    v1::Session,
    v1::Split,
    v1::ValidateConfigRequest,
    v1::metadata_entry::Value,
    v1::part::Content,
}

impl fmt::Debug for v1::Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("v1::Decision")
            .field("id", &self.id)
            .field("outcome", &self.outcome())
            .field("route", &self.route)
            .field("model", &self.model)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
