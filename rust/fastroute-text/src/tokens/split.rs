//! Splits a text into parts that a model can take, exactly to the token and without loss.
//!
//! The text is read once, and its token boundaries that are also character boundaries are the
//! places where it may be cut. A part reaches as far as the limit allows; within its last tenth an
//! end of a paragraph is preferred, else of a line, a sentence, a word. A part is then counted as it
//! will be sent, alone, because a text that begins or ends elsewhere may have other tokens there;
//! where that is too much, it is cut earlier. So the limit holds for what is sent, not for an estimate.
//!
//! Where no token ends at a character within reach (a thousand combining marks), the cut is at a
//! character; where not even one character fits, there are no parts but an error.
//!
//! Linear in the text: each part is counted a few times. Memory is eight bytes for each token, or for
//! each character with `estimate`, which has no tokens.

mod boundaries;
mod cut;

use std::ops::Range;

use super::TokenCounter;
use boundaries::Boundaries;
use cut::Cut;

/// Counts of one part, each after cutting what was too much, before its length is halved instead.
const EXACT_TRIES: u32 = 4;

/// Says why a text cannot be split.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a part of `{max_tokens}` tokens cannot hold one character of the text")]
pub struct SplitError {
    max_tokens: u32,
}

impl SplitError {
    /// Returns the stable name of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "PART_TOO_SMALL"
    }
}

impl TokenCounter {
    /// Splits `text` into parts of at most `max_tokens`, each counted alone, in order.
    ///
    /// Each part but the first begins with up to `overlap_tokens` of the one before; an overlap
    /// above half of `max_tokens` counts as half. Without these beginnings, that is from the end of
    /// the part before, the parts join to the text, byte for byte. The empty text has no parts.
    ///
    /// # Errors
    ///
    /// `PART_TOO_SMALL` when a part cannot hold one character.
    ///
    /// # Examples
    ///
    /// ```
    /// use fastroute_text::tokens::TokenCounter;
    ///
    /// let counter = TokenCounter::named("o200k")?;
    /// let text = "One sentence. Another sentence. A third one.";
    /// let parts = counter.split(text, 6, 0)?;
    /// let parts: Vec<&str> = parts.into_iter().map(|part| &text[part]).collect();
    /// assert_eq!(parts, ["One sentence. Another sentence.", " A third one."]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn split(
        &self,
        text: &str,
        max_tokens: u32,
        overlap_tokens: u32,
    ) -> Result<Vec<Range<usize>>, SplitError> {
        let boundaries = Boundaries::of(self, text);
        let cutting = Cutting {
            counter: self,
            text,
            boundaries: &boundaries,
            max_tokens,
        };
        let overlap = overlap_tokens.min(max_tokens / 2);
        let mut parts: Vec<Range<usize>> = Vec::new();
        // Where the part begins, and up to where the text is in the parts before.
        let (mut start, mut done) = (0, 0);
        while done < text.len() {
            let mut end = cutting.end(start, done);
            if end.is_none() && start < done {
                start = done;
                end = cutting.end(start, done);
            }
            let end = match end {
                Some(end) => end,
                None => cutting.end_at_character(done)?,
            };
            parts.push(start..end);
            let earliest = boundaries.back(end, overlap);
            (start, done) = (earliest.clamp(start, end), end);
        }
        Ok(parts)
    }

    /// Cuts `text` to at most `max_tokens`, counted alone: its first part, and nothing when a part
    /// cannot hold one character.
    #[must_use]
    pub fn cut<'t>(&self, text: &'t str, max_tokens: u32) -> &'t str {
        if self.bounds(text).upper <= max_tokens {
            return text;
        }
        let cutting = Cutting {
            counter: self,
            text,
            boundaries: &Boundaries::of(self, text),
            max_tokens,
        };
        let end = match cutting.end(0, 0) {
            Some(end) => end,
            None => cutting.end_at_character(0).unwrap_or(0),
        };
        text.get(..end).unwrap_or_default()
    }
}

/// What finding the end of a part depends on.
struct Cutting<'a> {
    counter: &'a TokenCounter,
    text: &'a str,
    boundaries: &'a Boundaries,
    max_tokens: u32,
}

impl Cutting<'_> {
    /// The end of a part that begins at `start` and ends after `done`; none when none is in reach.
    fn end(&self, start: usize, done: usize) -> Option<usize> {
        let mut reach = self.max_tokens;
        let mut tries = 0;
        while reach > 0 {
            let end = self.preferred(start, done, reach)?;
            let count = self.counter.count(self.text.get(start..end)?);
            if count <= self.max_tokens {
                return Some(end);
            }
            tries += 1;
            reach = match tries {
                ..EXACT_TRIES => reach.saturating_sub(count - self.max_tokens),
                _ => reach / 2,
            };
        }
        None
    }

    /// The best place to cut after `done`, at most `reach` tokens from `start`.
    fn preferred(&self, start: usize, done: usize, reach: u32) -> Option<usize> {
        let within = self.boundaries.within(start, reach);
        let last = within.last().filter(|last| last.at() > done)?.at();
        if last == self.text.len() {
            return Some(last);
        }
        let tenth = self.boundaries.within(start, reach - reach / 10).len();
        let candidates = within.get(tenth..)?.iter().map(|boundary| boundary.at());
        let candidates = candidates.filter(|at| *at > done);
        // Of equally good places `max_by_key` takes the last.
        let best = candidates.max_by_key(|at| Cut::at(self.text, *at));
        Some(best.unwrap_or(last))
    }

    /// The end of a part that begins at `start`, at any character.
    fn end_at_character(&self, start: usize) -> Result<usize, SplitError> {
        let first = self.text.ceil_char_boundary(start + 1);
        let mut length = usize::try_from(self.max_tokens).unwrap_or(usize::MAX);
        loop {
            let end = self.text.floor_char_boundary(start.saturating_add(length));
            let end = end.max(first);
            let count = self
                .counter
                .count(self.text.get(start..end).unwrap_or_default());
            if count <= self.max_tokens {
                return Ok(end);
            }
            if end == first {
                return Err(SplitError {
                    max_tokens: self.max_tokens,
                });
            }
            length /= 2;
        }
    }
}
