//! How a text is served that is longer than the window of every model of its route.

use crate::catalogue::ModelId;

/// How a text is served that is longer than the window of every model of its route.
///
/// What the models are told beside it (`reduce`, the wording of a summary) is in the route's
/// settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TooLong {
    /// The plan holds models with a larger window, though they are no candidates.
    Larger,
    /// The last user message is split, each part answered, and the answers are joined.
    Split {
        /// The model whose tokenizer counts the parts: the primary one.
        model: ModelId,
        /// Most tokens of one part, its overlap included.
        part_tokens: u32,
        /// Tokens that a part repeats of the one before.
        overlap_tokens: u32,
        /// Most parts; the plan was only made because so many suffice.
        max_parts: u32,
    },
    /// The last user message is summarised first.
    Summarise {
        /// The model that summarises.
        model: ModelId,
        /// Most tokens of the summary, counted by that model.
        max_tokens: u32,
    },
}
