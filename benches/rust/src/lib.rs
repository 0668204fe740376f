//! What the benchmarks share: the reference workload, and messages shaped like the service's.
//!
//! A benchmark here asserts its answer before it measures. Wall time on a shared machine advises;
//! what gates is an instruction count or a ratio taken in one run.

pub mod messages;
pub mod reference;
pub mod stages;
