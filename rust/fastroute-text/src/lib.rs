//! The text part of fastroute.

pub mod fold;
pub mod keywords;
pub mod patterns;
pub mod script;
pub mod structure;
pub mod tokens;
pub mod wordpiece;
pub mod words;
