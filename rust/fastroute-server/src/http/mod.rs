//! The HTTP door: decisions in the JSON form of the contract, health, metrics and a description.

mod refuse;

pub use refuse::{body_of, json_of};
