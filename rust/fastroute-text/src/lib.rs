//! The text part of fastroute.

pub mod fold;
pub mod keywords;
pub mod patterns;
pub mod script;
pub mod words;
