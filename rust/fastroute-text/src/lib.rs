//! What fastroute can know of a text without a model.
//!
//! A router reads each request once and in microseconds. This crate is that reading: pure
//! functions and immutable tables over `&str`, with no I/O, no clock and no knowledge of
//! routes. Everything is linear in the text, holds bounded memory and cannot panic on input.
//!
//! | module | answers | built at load | kept per thread |
//! |---|---|---|---|
//! | [`fold`] | how does it read without case, width and composition? | | [`fold::Folded`] |
//! | [`words`] | where do words begin and end? | | [`words::Words`] |
//! | [`keywords`] | which of thousands of keywords occur, and where? | [`keywords::KeywordSet`] | |
//! | [`patterns`] | does a regular expression match? | [`patterns::PatternSet`] | |
//! | [`script`] | in which script is it written? | | |
//! | [`structure`] | how long is it, has it code, how hard may it be? | | |
//! | [`tokenizer_json`] | what does a model's own file make of it? | [`tokenizer_json::TokenizerJson`] | the output |
//! | [`tokens`] | how many tokens does a model make of it, and where may it be cut? | [`tokens::TokenCounter`] | |
//! | [`wordpiece`] | which rows of an encoder stand for it? | [`wordpiece::WordPiece`] | the output |
//!
//! Tables are shared between threads; buffers are handed in, reused, and stop allocating once
//! they have seen a text as long. ASCII has a path of its own everywhere, which tests hold
//! equal to the general one.
//!
//! # One request
//!
//! ```
//! use fastroute_text::fold::Folded;
//! use fastroute_text::keywords::{KeywordSetBuilder, MatchKind};
//! use fastroute_text::patterns::PatternSetBuilder;
//! use fastroute_text::script::dominant;
//! use fastroute_text::structure::{Structure, difficulty};
//! use fastroute_text::tokens::TokenCounter;
//! use fastroute_text::words::Words;
//!
//! // Once, when a configuration is loaded.
//! let mut builder = KeywordSetBuilder::new();
//! let refund = builder.add("refund", MatchKind::Word)?;
//! builder.add("outage", MatchKind::Word)?;
//! let keywords = builder.build()?;
//! let mut builder = PatternSetBuilder::new();
//! let order = builder.add(r"#\d+")?;
//! let patterns = builder.build();
//! let counter = TokenCounter::named("o200k")?;
//!
//! // For each request, with buffers that stay.
//! let (mut folded, mut words) = (Folded::new(), Words::new());
//! let request = "Where is my REFUND for order #4471?";
//! folded.set(request);
//! let mut found = Vec::new();
//! keywords.find(&folded, &mut words, |hit| found.push((hit.id, &request[hit.start..hit.end])));
//! assert_eq!(found, [(refund, "REFUND")]);
//! assert!(patterns.is_match(order, request));
//! assert_eq!(dominant(request).map(|script| script.name()), Some("Latin"));
//!
//! // Bounds settle whether it fits a window of 8,192 tokens; only a near miss needs a count.
//! assert!(counter.bounds(request).upper < 8_192);
//! assert_eq!(counter.count(request), 11);
//! assert!(difficulty(&Structure::of(request)) < 0.3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//!
//! It detects no language, corrects no spelling, and knows neither roles nor messages: callers
//! decide which text to read. Token counts are of plain text; what a chat format adds, and
//! tokens that a text spells out, are the caller's business.

pub mod fold;
pub mod keywords;
pub mod patterns;
pub mod script;
pub mod structure;
pub mod tokenizer_json;
pub mod tokens;
pub mod wordpiece;
pub mod words;
