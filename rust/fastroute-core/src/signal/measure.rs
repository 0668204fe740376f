//! Measures every signal of a request, each piece of work once.
//!
//! Role texts with the same content are folded, searched and counted together. Keywords cost one pass over
//! the folded text however many there are; tokens are counted only where the bounds leave a limit
//! open. Buffers are reused, so a steady request allocates nothing here.
//!
//! Unknown is decided here: what a picture might have said, a metadata value of another type, a
//! text without letters.

use fastroute_text::fold::Folded;
use fastroute_text::script::{self, Script};
use fastroute_text::structure::{self, Structure};
use fastroute_text::tokens::{Bounds, TokenCounter};
use fastroute_text::words::Words;

use super::texts::{EVERY_READS, Texts};
use super::{MetadataTest, Signal, Signals};
use crate::config::{Reads, Scalar};
use crate::request::{Input, Request, Role, Value};
use crate::truth::Truth;

/// What was measured of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// The truth of each signal.
    pub truths: Vec<Truth>,
    /// Structural difficulty of the last user message, once something asked for it; see
    /// [`Self::take_difficulty`].
    difficulty: Option<Option<f32>>,
    /// Bounds of the tokens of each role text that was asked for, by `tokenizer * 5 + reads`.
    bounds: Vec<Option<Bounds>>,
    /// Numbers of each role text that signals read, by [`Reads`].
    pub roles: [RoleFacts; 5],
    /// User messages.
    pub turns: u32,
}

impl Measured {
    /// Returns the structural difficulty of the last user message; none when that cannot be read,
    /// or when nothing asked before and there is no text to ask now.
    pub fn take_difficulty(&mut self, texts: Option<&Texts<'_>>) -> Option<f32> {
        if let (None, Some(texts)) = (self.difficulty, texts) {
            let said = texts.view(Reads::LastUser);
            let difficulty =
                (!said.unreadable).then(|| structure::difficulty(&Structure::of(said.text)));
            self.difficulty = Some(difficulty);
        }
        self.difficulty.flatten()
    }

    /// Returns the bounds of a role text's tokens, computed once.
    pub fn bounds(
        &mut self,
        counters: &[TokenCounter],
        tokenizer: u16,
        reads: Reads,
        text: &str,
    ) -> Bounds {
        let slot = usize::from(tokenizer) * EVERY_READS.len() + reads as usize;
        *self.bounds[slot].get_or_insert_with(|| counters[usize::from(tokenizer)].bounds(text))
    }
}

/// What was measured of one role text; none where nothing asked or nobody knows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoleFacts {
    pub characters: Option<u32>,
    pub has_code: Option<bool>,
    pub script: Option<Script>,
}

/// Buffers of measuring; reused from request to request. Not `Debug`: they keep the last text.
#[derive(Default)]
pub(crate) struct Scratch {
    folded: Folded,
    words: Words,
    /// Keywords seen in the current text, a bit each.
    seen: Vec<u64>,
    /// Keywords that each keyword signal still needs.
    remaining: Vec<u32>,
    /// Place of each metadata key of the snapshot in the request.
    metadata: Vec<Option<u32>>,
}

/// Measures all signals into `measured`.
pub(crate) fn measure(
    signals: &Signals,
    tokenizers: &[TokenCounter],
    request: &Request<'_>,
    texts: &Texts<'_>,
    scratch: &mut Scratch,
    measured: &mut Measured,
) {
    measured.difficulty = None;
    measured.bounds.clear();
    measured
        .bounds
        .resize(tokenizers.len() * EVERY_READS.len(), None);
    measured.turns = match request.input {
        Input::Messages(messages) => messages
            .iter()
            .filter(|message| message.role == Role::User)
            .count() as u32,
        Input::Text(_) => 1,
    };
    measured.truths.clear();
    measured.truths.resize(signals.all.len(), Truth::Unknown);
    find_keywords(signals, texts, scratch, &mut measured.truths);
    find_metadata(signals, request, &mut scratch.metadata);
    measured.roles = [RoleFacts::default(); 5];
    for (index, signal) in signals.all.iter().enumerate() {
        let truth = match signal {
            Signal::Keywords { .. } => continue,
            Signal::Characters { reads, min, max } => {
                let said = texts.view(*reads);
                let facts = &mut measured.roles[*reads as usize];
                let characters = match facts.characters {
                    Some(characters) => Some(characters),
                    None if said.unreadable => None,
                    None => Some(said.text.chars().count() as u32),
                };
                facts.characters = characters;
                characters
                    .map(|count| (*min..=*max).contains(&count))
                    .into()
            }
            Signal::Code { reads, present } => {
                let said = texts.view(*reads);
                let facts = &mut measured.roles[*reads as usize];
                if facts.has_code.is_none() {
                    let structure = Structure::of(said.text);
                    facts.has_code =
                        (structure.has_code || !said.unreadable).then_some(structure.has_code);
                    if *reads == Reads::LastUser {
                        measured.difficulty =
                            Some((!said.unreadable).then(|| structure::difficulty(&structure)));
                    }
                }
                measured.roles[*reads as usize]
                    .has_code
                    .map(|found| found == *present)
                    .into()
            }
            Signal::Difficulty { range } => measured
                .take_difficulty(Some(texts))
                .map(|value| range.contains_share(value))
                .into(),
            Signal::Metadata { key, test } => {
                let place = scratch.metadata.get(usize::from(*key)).copied().flatten();
                metadata_truth(test, place.map(|place| request.metadata[place as usize].1))
            }
            Signal::Regex { reads, pattern } => {
                let said = texts.view(*reads);
                if said.unreadable {
                    // An anchored expression may match what is readable and not the whole.
                    Truth::Unknown
                } else {
                    signals.patterns.is_match(*pattern, said.text).into()
                }
            }
            Signal::Script { reads, one_of } => {
                let said = texts.view(*reads);
                let facts = &mut measured.roles[*reads as usize];
                if facts.script.is_none() && !said.unreadable {
                    facts.script = script::dominant(said.text);
                }
                facts.script.map(|script| one_of.contains(&script)).into()
            }
            Signal::Task { one_of } => request
                .task
                .map(|task| one_of.iter().any(|flag| flag == task))
                .into(),
            Signal::Tokens {
                reads,
                tokenizer,
                min,
                max,
            } => {
                let said = texts.view(*reads);
                if said.unreadable {
                    Truth::Unknown
                } else {
                    let bounds = measured.bounds(tokenizers, *tokenizer, *reads, said.text);
                    tokens_within(
                        bounds,
                        &tokenizers[usize::from(*tokenizer)],
                        said.text,
                        *min,
                        *max,
                    )
                    .into()
                }
            }
            Signal::Turns { range } => range.contains(f64::from(measured.turns)).into(),
        };
        measured.truths[index] = truth;
    }
}

/// Whether the count lies within limits; counts only when the bounds do not say.
fn tokens_within(bounds: Bounds, counter: &TokenCounter, text: &str, min: u32, max: u32) -> bool {
    if bounds.lower >= min && bounds.upper <= max {
        return true;
    }
    if bounds.upper < min || bounds.lower > max {
        return false;
    }
    (min..=max).contains(&counter.count(text))
}

fn find_keywords(
    signals: &Signals,
    texts: &Texts<'_>,
    scratch: &mut Scratch,
    truths: &mut [Truth],
) {
    if signals.keyword_signals.is_empty() {
        return;
    }
    let Scratch {
        folded,
        words,
        seen,
        remaining,
        ..
    } = scratch;
    remaining.clear();
    for (id, needed) in &signals.keyword_signals {
        remaining.push(*needed);
        if let Signal::Keywords { reads } = signals.all[id.0 as usize]
            && !texts.view(reads).unreadable
        {
            truths[id.0 as usize] = Truth::False;
        }
    }
    let mut left = signals.keyword_reads;
    for reads in EVERY_READS {
        if left & (1 << reads as u8) == 0 {
            continue;
        }
        let group = texts.same_as(reads, left);
        left &= !group;
        let text = texts.view(reads).text;
        if text.is_empty() {
            continue;
        }
        folded.set(text);
        seen.clear();
        seen.resize(signals.keywords.len().div_ceil(64), 0);
        signals.keywords.find(folded, words, |hit| {
            let keyword = hit.id.0 as usize;
            let (word, bit) = (keyword / 64, 1u64 << (keyword % 64));
            if seen[word] & bit != 0 {
                return;
            }
            seen[word] |= bit;
            for of in signals.uses_of(keyword) {
                if group & (1 << of.reads as u8) == 0 {
                    continue;
                }
                let needed = &mut remaining[of.signal as usize];
                *needed = needed.saturating_sub(1);
                if *needed == 0 {
                    truths[signals.keyword_signals[of.signal as usize].0.0 as usize] = Truth::True;
                }
            }
        });
    }
}

/// Finds each key that signals read among the request's; of equal keys the last counts.
fn find_metadata(signals: &Signals, request: &Request<'_>, places: &mut Vec<Option<u32>>) {
    places.clear();
    if signals.metadata_keys.is_empty() {
        return;
    }
    places.resize(signals.metadata_keys.len(), None);
    for (place, (key, _)) in request.metadata.iter().enumerate() {
        if let Ok(index) = signals
            .metadata_keys
            .binary_search_by(|known| (**known).cmp(key))
        {
            places[index] = Some(place as u32);
        }
    }
}

/// What a test says of a value; none is an absent one.
pub(crate) fn metadata_truth(test: &MetadataTest, value: Option<Value<'_>>) -> Truth {
    match (test, value) {
        (MetadataTest::Exists(exists), value) => (value.is_some() == *exists).into(),
        (_, None) => Truth::Unknown,
        (MetadataTest::OneOf(expected), Some(value)) => {
            let mut comparable = expected
                .iter()
                .filter_map(|expected| equals(expected, value))
                .peekable();
            if comparable.peek().is_none() {
                Truth::Unknown
            } else {
                comparable.any(|equal| equal).into()
            }
        }
        (MetadataTest::Within(range), Some(Value::Number(number))) => range.contains(number).into(),
        (MetadataTest::Within(_), Some(_)) => Truth::Unknown,
    }
}

/// Whether two values are equal; none when they are of different types.
fn equals(expected: &Scalar, value: Value<'_>) -> Option<bool> {
    match (expected, value) {
        (Scalar::Bool(expected), Value::Bool(value)) => Some(*expected == value),
        (Scalar::Number(expected), Value::Number(value)) => Some(*expected == value),
        (Scalar::Text(expected), Value::Text(value)) => Some(expected == value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Range;

    #[test]
    fn an_absent_or_wrong_typed_value_is_unknown_except_to_exists() {
        let one_of = MetadataTest::OneOf([Scalar::Text("pro".into())].into());
        let within = MetadataTest::Within(Range {
            min: Some(1.0),
            max: None,
        });
        for (test, value, expected) in [
            (&one_of, None, Truth::Unknown),
            (&one_of, Some(Value::Number(1.0)), Truth::Unknown),
            (&one_of, Some(Value::Text("free")), Truth::False),
            (&one_of, Some(Value::Text("pro")), Truth::True),
            (&within, Some(Value::Text("2")), Truth::Unknown),
            (&within, Some(Value::Number(1.0)), Truth::True),
            (&MetadataTest::Exists(true), None, Truth::False),
            (&MetadataTest::Exists(false), None, Truth::True),
            (
                &MetadataTest::Exists(true),
                Some(Value::Bool(false)),
                Truth::True,
            ),
        ] {
            assert_eq!(metadata_truth(test, value), expected, "{test:?}");
        }
    }
}
