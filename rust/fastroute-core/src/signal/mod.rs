//! Signals: single facts about a request, each compiled once and measured at most once.
//!
//! A condition never looks at text. At load every leaf of every condition becomes a [`Signal`];
//! equal leaves become the same one, and all keywords share one automaton. Per request the signals
//! are measured together ([`measure`](measure::measure)) and conditions read their [`Truth`].

mod compile;
mod condition;
mod measure;
mod texts;

pub(crate) use compile::{Signals, SignalsBuilder, metadata_keys};
pub(crate) use condition::Node;
pub(crate) use measure::{Measured, Scratch, measure, metadata_truth};
pub(crate) use texts::{TextBuffers, Texts};

use fastroute_text::patterns::PatternId;
use fastroute_text::script::Script;

use crate::config::{Range, Reads, Scalar};
#[cfg(doc)]
use crate::truth::Truth;

/// A signal, by its place among those of the snapshot.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct SignalId(pub u32);

/// One leaf of a condition.
#[derive(Clone, Debug)]
pub(crate) enum Signal {
    Characters {
        reads: Reads,
        min: u32,
        max: u32,
    },
    Code {
        reads: Reads,
        present: bool,
    },
    Difficulty {
        range: Range,
    },
    /// True once enough of its keywords were found; see [`Signals::keyword_signals`].
    Keywords {
        reads: Reads,
    },
    Metadata {
        key: u16,
        test: MetadataTest,
    },
    Regex {
        reads: Reads,
        pattern: PatternId,
    },
    Script {
        reads: Reads,
        one_of: Box<[Script]>,
    },
    Task {
        one_of: Box<[String]>,
    },
    Tokens {
        reads: Reads,
        tokenizer: u16,
        min: u32,
        max: u32,
    },
    Turns {
        range: Range,
    },
}

/// What is asked of a metadata value.
#[derive(Clone, Debug)]
pub(crate) enum MetadataTest {
    Exists(bool),
    OneOf(Box<[Scalar]>),
    Within(Range),
}
