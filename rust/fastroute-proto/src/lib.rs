//! The messages and services of `fastroute.v1`, generated from `proto/`.
//!
//! Nothing here is written by hand but this page, and what `Debug` shows of messages with text in them:
//! nothing of it. `make generate` writes `src/generated` anew, and
//! `tests/fresh.rs` proves that it is what the proto files give. Messages read and write the
//! JSON form of protobuf with serde; they refuse unknown fields there.
//!
//! - [`v1`]: the messages, [`v1::router_service_client`] and [`v1::router_service_server`], and the
//!   same of `admin_service`.
//! - [`FILE_DESCRIPTOR_SET`]: the descriptors with their comments left out, for reflection.

mod debug;

/// Version 1 of the contract.
#[allow(missing_docs, clippy::all)]
pub mod v1 {
    include!("generated/fastroute.v1.rs");
    include!("generated/fastroute.v1.serde.rs");
}

/// The encoded `FileDescriptorSet` of `fastroute.v1` and what it imports.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/descriptors.binpb");
