//! Reads any `tokenizer.json`, and holds what it costs to a multiple of the text.
//!
//! The `tokenizers` library reads every kind of file, and some of what a file may ask for is not
//! linear: WordPiece tries every end of a word from every start, and a pattern with look-around
//! backtracks. Three limits keep such a file from stalling a router:
//!
//! - A word of WordPiece is unknown beyond [`MAX_WORD_CHARS`]
//!   characters, whatever the file allows; BERT's own limit is 100.
//! - A text longer than [`BLOCK`] is handed over in blocks. They end between two words where the
//!   second half of a block has such a place, and tokenisers that cut at spaces give what they
//!   would for the whole. Elsewhere, and for a normaliser that puts something before each text, a
//!   block may have a token or two more or fewer, of about a thousand.
//! - Truncation, padding and dropout are off: all tokens, always the same.

use tokenizers::Tokenizer;

use crate::{
    tokens::{Kind, TokenError},
    wordpiece::MAX_WORD_CHARS,
};

/// Bytes that are handed to the library at a time.
pub const BLOCK: usize = 4_096;

/// A tokeniser as its file describes it, within the limits of the [module](self).
///
/// # Examples
///
/// ```
/// use fastroute_text::tokenizer_json::TokenizerJson;
///
/// let file = br###"{"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"},
///     "model": {"type": "WordPiece", "unk_token": "?", "continuing_subword_prefix": "##",
///         "max_input_chars_per_word": 100, "vocab": {"?": 0, "play": 1, "##ing": 2}}}"###;
/// let tokenizer = TokenizerJson::read(file)?;
/// let mut ids = Vec::new();
/// tokenizer.ids("play playing football", &mut ids);
/// assert_eq!(ids, [1, 1, 2, 0]);
/// # Ok::<(), fastroute_text::tokens::TokenError>(())
/// ```
pub struct TokenizerJson(Tokenizer);

impl TokenizerJson {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// `TOKENIZER_INVALID` when the bytes are none.
    pub fn read(bytes: &[u8]) -> Result<Self, TokenError> {
        let invalid = |error: serde_json::Error| {
            let reason = error.to_string();
            TokenError::from(Kind::Invalid { reason })
        };
        let mut json: serde_json::Value = serde_json::from_slice(bytes).map_err(invalid)?;
        if let Some(root) = json.as_object_mut() {
            root.insert("truncation".to_owned(), serde_json::Value::Null);
            root.insert("padding".to_owned(), serde_json::Value::Null);
            if let Some(model) = root.get_mut("model").and_then(|m| m.as_object_mut()) {
                model.remove("dropout");
                if let Some(limit) = model.get_mut("max_input_chars_per_word")
                    && limit.as_u64() > Some(MAX_WORD_CHARS as u64)
                {
                    *limit = MAX_WORD_CHARS.into();
                }
            }
        }
        serde_json::from_value(json).map(Self).map_err(invalid)
    }

    /// Counts the tokens of `text`; no special ones are put around it.
    ///
    /// A block that the file refuses, for want of an unknown token for example, counts as its bytes.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        blocks(text)
            .map(|block| {
                let encoding = self.0.encode_fast(block, false);
                encoding.map_or(block.len(), |encoding| encoding.len())
            })
            .sum()
    }

    /// Appends the ids of `text` to `ids`; nothing for a block that the file refuses.
    pub fn ids(&self, text: &str, ids: &mut Vec<u32>) {
        for block in blocks(text) {
            if let Ok(encoding) = self.0.encode_fast(block, false) {
                ids.extend_from_slice(encoding.get_ids());
            }
        }
    }

    /// Gives each place where a token ends and none goes on to `visit`, with the tokens before it.
    ///
    /// A block that the file refuses may be cut at each byte, as it counts as its bytes.
    pub(crate) fn boundaries(&self, text: &str, mut visit: impl FnMut(usize, usize)) {
        let (mut start, mut before) = (0, 0);
        for block in blocks(text) {
            match self.0.encode(block, false) {
                Ok(encoding) => {
                    let offsets = encoding.get_offsets();
                    // A token may cover a character together with others, and begin before they end.
                    let mut begins = vec![usize::MAX; offsets.len() + 1];
                    for (place, (begin, _)) in offsets.iter().enumerate().rev() {
                        begins[place] = (*begin).min(begins[place + 1]);
                    }
                    let mut end = 0;
                    for (place, (_, token_end)) in offsets.iter().enumerate() {
                        end = end.max(*token_end);
                        if begins[place + 1] >= end {
                            visit(start + end, before + place + 1);
                        }
                    }
                    before += offsets.len();
                }
                Err(_) => {
                    (1..=block.len()).for_each(|end| visit(start + end, before + end));
                    before += block.len();
                }
            }
            start += block.len();
            visit(start, before);
        }
    }

    pub(crate) fn tokenizer(&self) -> &Tokenizer {
        &self.0
    }
}

impl std::fmt::Debug for TokenizerJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenizerJson").finish_non_exhaustive()
    }
}

/// Cuts `text` into blocks of at most [`BLOCK`] bytes; the empty text is one.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        if text.len() <= BLOCK {
            return Some(text);
        }
        let end = block_end(text);
        rest = text.get(end..);
        text.get(..end)
    })
}

/// Returns where the first block of a longer text ends: at the space between two ASCII words.
fn block_end(text: &str) -> usize {
    let between_words = |at: &usize| match text.as_bytes().get(at - 1..at + 2) {
        Some(&[before, b' ', after]) => before.is_ascii_alphabetic() && after.is_ascii_alphabetic(),
        _ => false,
    };
    let place = (BLOCK / 2..BLOCK).rev().find(between_words);
    place.unwrap_or_else(|| text.floor_char_boundary(BLOCK))
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, blocks};

    #[test]
    fn blocks_are_short_join_to_the_text_and_end_between_words() {
        for unit in ["a", "的", "😀", "two words ", " ", "x\u{301} ", ""] {
            let text = unit.repeat(20_000);
            let cut: Vec<&str> = blocks(&text).collect();
            assert_eq!(cut.concat(), text);
            assert!(cut.iter().all(|block| block.len() <= BLOCK));
            assert!(cut.len() <= text.len() / (BLOCK / 2) + 1);
            if unit == "two words " {
                assert!(cut[1..].iter().all(|block| block.starts_with(" ")));
            }
        }
    }
}
