//! Decides which prompt and which model should serve a request.

pub mod config;
