//! The promises of fastroute-text, one module for each of its own.

mod fold;
mod inputs;
mod keywords;
mod patterns;
mod split;
mod structure;
mod tokenizer_json;
mod tokens;
mod wordpiece;
mod words;
