//! Configurations: good ones load, each bad one gives its codes at their places, hostile ones do no harm.

#![allow(
    clippy::unwrap_used,
    reason = "a helper that cannot read its own files fails the test"
)]

mod accepted;
mod after;
mod corpus;
mod hostile;
mod limits;
mod reference;
mod support;

use fastroute_core::config;

#[path = "../support/generate.rs"]
mod generate;
