//! Likeness to the routes' examples: encoder, head and index of one set of examples.
//!
//! The part is named by the hash of what it was built from, so a reload that leaves encoder and
//! examples alone reuses it: training is the dearest step of a load. Thresholds and margin are not
//! part of it and can change without training.
//!
//! The search for the nearest examples is evidence, run only to explain, unless the configuration
//! says `method: nearest`.

use std::sync::Arc;

use fastroute_embed::{
    EncodeScratch, Encoded, Example, ExampleIndex, Head, HeadOptions, Neighbour, StaticEncoder,
    background,
};
use sha2::{Digest, Sha256};

use crate::catalogue::RouteId;
use crate::config::Method;
use crate::reason::Nearest;

/// Share of known tokens below which the encoder says nothing.
const KNOWN_SHARE: f32 = 0.5;

/// Share of strangers that an `auto` threshold of `method: nearest` accepts at most.
const STRANGERS_ACCEPTED: f32 = 0.05;

/// What one set of examples was compiled to.
#[derive(Debug)]
pub(crate) struct SimilarityPart {
    pub fingerprint: [u8; 32],
    /// The route of each class; routes without examples have none.
    pub routes: Box<[RouteId]>,
    /// The `auto` threshold of each class.
    pub thresholds: Box<[f32]>,
    pub examples: Box<[ClassExample]>,
    encoder: Arc<StaticEncoder>,
    scorer: Scorer,
    index: ExampleIndex,
}

#[derive(Debug)]
enum Scorer {
    Head(Head),
    Nearest { k: usize },
}

/// One example and its class.
#[derive(Debug)]
pub(crate) struct ClassExample {
    pub class: u16,
    pub text: Box<str>,
}

/// The likeness of one text to every class, and to the background last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Likeness {
    /// Probability of each class, then of the background; empty when nothing was scored.
    pub probabilities: Vec<f32>,
    /// Whether the encoder knew enough of the text.
    pub is_known: bool,
}

/// What similarity says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Judgement {
    NoText,
    Sure(RouteId, Nearest),
    Unsure(Nearest),
}

/// Buffers of scoring; reused from request to request. Not `Debug`: token numbers spell the text.
#[derive(Default)]
pub(crate) struct ScoreScratch {
    encode: EncodeScratch,
    encoded: Encoded,
}

/// The examples of one route.
pub(crate) struct RouteExamples<'a> {
    pub route: RouteId,
    pub texts: &'a [String],
}

impl SimilarityPart {
    /// Names what would be built from these inputs.
    pub fn fingerprint(
        encoder: &StaticEncoder,
        method: Method,
        k: u32,
        examples: &[RouteExamples<'_>],
    ) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(encoder.fingerprint());
        hash.update([method as u8]);
        hash.update(if method == Method::Nearest { k } else { 0 }.to_le_bytes());
        for of in examples {
            hash.update(of.route.0.to_le_bytes());
            hash.update((of.texts.len() as u64).to_le_bytes());
            for text in of.texts {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text.as_bytes());
            }
        }
        hash.finalize().into()
    }

    /// Encodes the examples and trains the head; none when the encoder knows no word of any example.
    ///
    /// # Errors
    ///
    /// The message of the head or the index.
    pub fn build(
        encoder: Arc<StaticEncoder>,
        method: Method,
        k: u32,
        examples: &[RouteExamples<'_>],
    ) -> Result<Option<Self>, String> {
        let fingerprint = Self::fingerprint(&encoder, method, k, examples);
        let mut scratch = EncodeScratch::default();
        let mut encode = |text: &str| {
            let mut encoded = Encoded::default();
            encoder.encode(text, &mut scratch, &mut encoded);
            encoded
        };
        let mut texts: Vec<ClassExample> = Vec::new();
        let mut vectors: Vec<Encoded> = Vec::new();
        for (class, of) in examples.iter().enumerate() {
            for text in of.texts {
                vectors.push(encode(text));
                texts.push(ClassExample {
                    class: class as u16,
                    text: text.as_str().into(),
                });
            }
        }
        if vectors.iter().all(Encoded::is_zero) {
            return Ok(None);
        }
        let strangers: Vec<Encoded> = background()
            .lines()
            .filter(|line| !line.is_empty())
            .map(&mut encode)
            .collect();
        let numbered = texts.iter().map(|example| example.class).zip(&vectors);
        let index = ExampleIndex::build(encoder.dimensions(), examples.len(), numbered.clone())
            .map_err(|e| e.to_string())?;
        let (scorer, thresholds) = match method {
            Method::Head => {
                let shots: Vec<Example<'_>> = numbered
                    .map(|(route, encoded)| Example {
                        route,
                        vector: &encoded.vector,
                    })
                    .collect();
                let outside: Vec<&[f32]> =
                    strangers.iter().map(|encoded| &*encoded.vector).collect();
                let head = Head::fit(&shots, examples.len(), &outside, &HeadOptions::default())
                    .map_err(|e| e.to_string())?;
                let thresholds = head.thresholds().into();
                (Scorer::Head(head), thresholds)
            }
            Method::Nearest => {
                let k = k as usize;
                let all = numbered.map(|(class, encoded)| (Some(class), encoded));
                let all = all.chain(strangers.iter().map(|encoded| (None, encoded)));
                (
                    Scorer::Nearest { k },
                    nearest_thresholds(&index, k, examples.len(), all),
                )
            }
        };
        Ok(Some(Self {
            fingerprint,
            routes: examples.iter().map(|of| of.route).collect(),
            thresholds,
            examples: texts.into(),
            encoder,
            scorer,
            index,
        }))
    }

    /// Encodes a text; whether the encoder knows enough of it.
    pub fn encode(&self, text: &str, scratch: &mut ScoreScratch, encoded: &mut Encoded) -> bool {
        self.encoder
            .encode_quantised(text, &mut scratch.encode, encoded);
        !encoded.is_zero() && encoded.known_share() >= KNOWN_SHARE
    }

    /// The head, which scores several texts at once; none where examples are compared instead.
    pub fn head(&self) -> Option<&Head> {
        match &self.scorer {
            Scorer::Head(head) => Some(head),
            Scorer::Nearest { .. } => None,
        }
    }

    /// Scores a text against every class.
    pub fn score(&self, text: &str, scratch: &mut ScoreScratch, likeness: &mut Likeness) {
        let ScoreScratch { encode, encoded } = scratch;
        self.encoder.encode_quantised(text, encode, encoded);
        likeness.probabilities.clear();
        likeness.is_known = !encoded.is_zero() && encoded.known_share() >= KNOWN_SHARE;
        if !likeness.is_known {
            return;
        }
        match &self.scorer {
            Scorer::Head(head) => head.probabilities(encoded, &mut likeness.probabilities),
            Scorer::Nearest { k } => {
                self.index
                    .route_scores(encoded, *k, &mut likeness.probabilities);
                likeness
                    .probabilities
                    .iter_mut()
                    .for_each(|score| *score = score.clamp(0.0, 1.0));
                likeness.probabilities.push(0.0);
            }
        }
    }

    /// Finds the examples nearest to a text, as indices of [`Self::examples`].
    pub fn nearest(&self, text: &str, count: usize, scratch: &mut ScoreScratch) -> Vec<Neighbour> {
        let mut found = Vec::new();
        self.encoder
            .encode(text, &mut scratch.encode, &mut scratch.encoded);
        if !scratch.encoded.is_zero() {
            self.index.nearest(&scratch.encoded, count, &mut found);
        }
        found
    }

    /// Judges a likeness by thresholds, one a class, and the margin.
    ///
    /// The background takes its share of the probability but does not compete, so that a threshold
    /// and a margin of 0 always give the best route. A tie goes to the earlier route.
    pub fn judge(&self, likeness: &Likeness, thresholds: &[f32], margin: f32) -> Judgement {
        if !likeness.is_known {
            return Judgement::NoText;
        }
        let classes = self.routes.len().min(likeness.probabilities.len());
        let (best, top, second) = two_largest(&likeness.probabilities[..classes]);
        let lead = top - second.max(0.0);
        let threshold = thresholds[best];
        let route = self.routes[best];
        let nearest = Nearest {
            route,
            probability: top,
            threshold,
            lead,
            margin,
        };
        if top >= threshold && lead >= margin {
            Judgement::Sure(route, nearest)
        } else {
            Judgement::Unsure(nearest)
        }
    }
}

/// The place of the largest number, the first of equals, with it and the next largest.
///
/// Passes of one comparison each, which become vectors; one pass that does all takes three times
/// as long. Negative infinity where there is none.
fn two_largest(values: &[f32]) -> (usize, f32, f32) {
    let larger = |left: f32, right: f32| if right > left { right } else { left };
    let largest = |values: &[f32]| {
        let mut lanes = [f32::NEG_INFINITY; 16];
        let (chunks, rest) = values.as_chunks::<16>();
        for chunk in chunks {
            for (lane, value) in lanes.iter_mut().zip(chunk) {
                *lane = larger(*lane, *value);
            }
        }
        let joined = lanes.iter().chain(rest);
        joined.fold(f32::NEG_INFINITY, |most, value| larger(most, *value))
    };
    let top = largest(values);
    let best = values.iter().position(|value| *value == top).unwrap_or(0);
    let before = largest(&values[..best]);
    let after = values.get(best + 1..).map_or(f32::NEG_INFINITY, largest);
    (best, top, larger(before, after))
}

/// The lowest similarity of each class that at most 5 % of strangers reach: examples of other
/// classes, which cannot count themselves, and the background.
fn nearest_thresholds<'e>(
    index: &ExampleIndex,
    k: usize,
    classes: usize,
    texts: impl Iterator<Item = (Option<u16>, &'e Encoded)>,
) -> Box<[f32]> {
    let mut strangers: Vec<Vec<f32>> = vec![Vec::new(); classes];
    let mut scores = Vec::new();
    for (own, encoded) in texts {
        index.route_scores(encoded, k, &mut scores);
        for (class, score) in scores.iter().enumerate() {
            if own != Some(class as u16) {
                strangers[class].push(score.clamp(0.0, 1.0));
            }
        }
    }
    strangers
        .into_iter()
        .map(|mut scores| {
            scores.sort_unstable_by(|left, right| right.total_cmp(left));
            let accepted = (scores.len() as f32 * STRANGERS_ACCEPTED) as usize;
            scores.get(accepted).map_or(0.0, |score| score.next_up())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::two_largest;

    proptest! {
        #[test]
        fn the_two_largest_are_found_with_the_first_of_equals(
            values in prop::collection::vec((0_u8..12).prop_map(|tenths| f32::from(tenths) / 10.0), 0..80)
        ) {
            let (mut best, mut top, mut second) = (0, f32::NEG_INFINITY, f32::NEG_INFINITY);
            for (place, value) in values.iter().enumerate() {
                if *value > top {
                    second = top;
                    top = *value;
                    best = place;
                } else if *value > second {
                    second = *value;
                }
            }
            prop_assert_eq!(two_largest(&values), (best, top, second));
        }
    }
}
