//! Configuration: one file, read, checked and explained.

mod duration;
mod model;

pub use duration::Duration;
pub use model::*;
