//! Deciding against random configurations and requests.
//!
//! `requests` draws requests, `oracle` decides them the obvious slow way, and the tests compare
//! and count. Everything is drawn from seeds, so a failure names the seed that repeats it.

use fastroute_core::config;

#[path = "../support/generate.rs"]
mod generate;

mod alone;
mod equal;
mod found;
mod long;
mod many;
mod oracle;
mod reload;
mod requests;
mod stretch;
mod support;
mod window;
