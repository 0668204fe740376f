//! The reference workload, shared by the benchmarks.
