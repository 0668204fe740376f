//! The places of a text where a token ends and a character too.

use unicode_normalization::{IsNormalized, UnicodeNormalization, char as properties, is_nfc_quick};

use super::super::{Inner, TokenCounter, Vocabulary, estimate};

/// A place where the text may be cut, and the tokens before it.
///
/// Requests have some megabytes; where an offset would not fit, places are left out, and the cut is
/// at a character instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boundary {
    at: u32,
    tokens: u32,
}

impl Boundary {
    pub fn at(&self) -> usize {
        self.at as usize
    }
}

/// All of them, in order, the end of the text included.
pub(super) struct Boundaries(Vec<Boundary>);

impl Boundaries {
    pub fn of(counter: &TokenCounter, text: &str) -> Self {
        let mut boundaries = Self(Vec::new());
        match &counter.0 {
            Inner::Estimate => {
                estimate::each(text, |at, tokens| boundaries.push(text, at, tokens));
            }
            Inner::Json(json) => {
                json.tokenizer
                    .boundaries(text, |at, tokens| boundaries.push(text, at, tokens));
            }
            Inner::Named(vocabulary) => boundaries.take_tokens(*vocabulary, text),
        }
        boundaries
    }

    /// Those after `start` and at most `reach` tokens from it.
    pub fn within(&self, start: usize, reach: u32) -> &[Boundary] {
        let first = self.after(start);
        let most = self.tokens(start).saturating_add(reach);
        let rest = self.0.get(first..).unwrap_or_default();
        let count = rest.partition_point(|boundary| boundary.tokens <= most);
        rest.get(..count).unwrap_or_default()
    }

    /// The earliest place with at most `tokens` between it and `end`.
    pub fn back(&self, end: usize, tokens: u32) -> usize {
        let least = self.tokens(end).saturating_sub(tokens);
        let first = self.0.partition_point(|boundary| boundary.tokens < least);
        match self.0.get(first) {
            Some(_) if least == 0 => 0,
            Some(boundary) => boundary.at(),
            None => end,
        }
    }

    /// How many places are at `at` or before it.
    fn after(&self, at: usize) -> usize {
        self.0.partition_point(|boundary| boundary.at() <= at)
    }

    /// Tokens before a place.
    fn tokens(&self, at: usize) -> u32 {
        let last = self.after(at).checked_sub(1);
        last.map_or(0, |last| self.0[last].tokens)
    }

    /// Adds a place when it is one where a character ends; of two at one place the later stands.
    fn push(&mut self, text: &str, at: usize, tokens: usize) {
        if let (true, Ok(at), Ok(tokens)) = (
            at > 0 && text.is_char_boundary(at),
            u32::try_from(at),
            u32::try_from(tokens),
        ) {
            match self.0.last_mut() {
                Some(last) if last.at == at => last.tokens = tokens,
                _ => self.0.push(Boundary { at, tokens }),
            }
        }
    }

    fn take_tokens(&mut self, vocabulary: Vocabulary, text: &str) {
        let Some(encoding) = vocabulary.encoding() else {
            // Cannot happen; then bytes are counted.
            text.char_indices()
                .for_each(|(at, _)| self.push(text, at, at));
            return self.push(text, text.len(), text.len());
        };
        let composed = (!vocabulary.reads_as_is(text)).then(|| Composed::of(text));
        let composed = composed.filter(|composed| composed.text != text);
        let read = composed.as_ref().map_or(text, |composed| &composed.text);
        let mut places = composed
            .iter()
            .flat_map(|composed| &composed.places)
            .peekable();
        let mut end = 0;
        for (before, token) in encoding.encode(read).into_iter().enumerate() {
            end += encoding.decode(&[token]).len();
            if composed.is_none() {
                self.push(text, end, before + 1);
                continue;
            }
            while places.next_if(|(composed, _)| *composed < end).is_some() {}
            if let Some((_, at)) = places.next_if(|(composed, _)| *composed == end) {
                self.push(text, *at, before + 1);
            }
        }
    }
}

/// A text composed as its tokeniser does it, and the places that composing does not reach across.
struct Composed {
    text: String,
    /// Offsets in the composed text and in the original.
    places: Vec<(usize, usize)>,
}

impl Composed {
    /// Composes piece by piece. A piece begins with a character that nothing before it can change:
    /// it neither combines backwards nor moves, and is composed itself.
    fn of(original: &str) -> Self {
        let mut composed = Self {
            text: String::with_capacity(original.len()),
            places: Vec::new(),
        };
        let mut start = 0;
        for (at, c) in original.char_indices() {
            let is_first = properties::canonical_combining_class(c) == 0
                && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes;
            if is_first && at > start {
                composed.add(original, start, at);
                start = at;
            }
        }
        composed.add(original, start, original.len());
        composed
    }

    fn add(&mut self, original: &str, start: usize, end: usize) {
        let piece = original.get(start..end).unwrap_or_default();
        self.text.extend(piece.nfc());
        self.places.push((self.text.len(), end));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn composing_by_pieces_is_composing_the_whole(
            text in "([a-cé각\u{1100}\u{1161}\u{11a8}\u{301}\u{323}\u{344}\u{212b}\u{fb2c}\u{958}]|\\PC){0,24}",
        ) {
            let composed = Composed::of(&text);
            prop_assert_eq!(&composed.text, &text.nfc().collect::<String>());
            for (to, from) in composed.places {
                prop_assert_eq!(&composed.text[..to], text[..from].nfc().collect::<String>());
                prop_assert_eq!(&composed.text[to..], text[from..].nfc().collect::<String>());
            }
        }
    }
}
