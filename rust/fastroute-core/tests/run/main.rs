//! Runs on virtual time: scripted providers, a heap of events, no clock and no sleep.
//!
//! `rules` holds a test for each rule of a run, `health`, `beside`, `streams`, `cascade` and `money`
//! those of their subject, `storms` the simulations under load, `random` the invariants over random scripts.

mod beside;
mod cascade;
mod fleet;
mod health;
mod money;
mod random;
mod rules;
mod storms;
mod streams;
mod world;
