//! Who may call, how often, and how much at once: decided before a message is read.
//!
//! - [`access`]: the method of a path, and what a caller needs for it.
//! - [`admission`]: how many calls run at once.

pub mod access;
pub mod admission;

pub use access::{Access, Method, Weight};
pub use admission::Admission;
