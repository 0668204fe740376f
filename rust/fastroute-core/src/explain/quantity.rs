//! The numbers that signals test, and the values at which a test would turn.
//!
//! A change of one number turns every signal that reads it: two rules that look at the same text's
//! characters see the same text. The values worth trying are those beside the bounds, since
//! nothing happens between two of them.
//!
//! Counts step by one. So does a metadata number where it and the bound are whole; others step by
//! 0.0001, so that what is printed is exactly what was tried.

use crate::config::{Range, Reads};
use crate::facts::{Facts, Sources};
use crate::request::{Request, Value};
use crate::signal::{MetadataTest, Signal, metadata_truth};
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// Steps of one in numbers that are not whole.
pub(super) const STEPS: f64 = 1e4;

/// A number of the request that signals test.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantity {
    kind: Kind,
    pub value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Of the role texts in a bit set, which are one text.
    Characters {
        reads: u8,
    },
    Metadata {
        key: u16,
    },
    Tokens {
        reads: u8,
        tokenizer: u16,
    },
    Turns,
}

/// A value to try, and a signal whose bound it is at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Goal {
    pub value: f64,
    pub signal: usize,
}

impl Quantity {
    /// The quantities that are known, in the order of the first signal that tests each.
    pub fn all(snapshot: &Snapshot, facts: &Facts, sources: &Sources<'_>) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for signal in &snapshot.signals.all {
            let quantity = match signal {
                Signal::Characters { reads, .. } => readable(sources, *reads).zip(
                    facts.measured.roles[*reads as usize]
                        .characters
                        .map(f64::from),
                ),
                Signal::Metadata {
                    key,
                    test: MetadataTest::Within(_),
                } => number(snapshot, sources, *key)
                    .map(|value| (Kind::Metadata { key: *key }, value)),
                Signal::Tokens {
                    reads, tokenizer, ..
                } => readable(sources, *reads).map(|kind| {
                    let counter = &snapshot.tokenizers.counters[usize::from(*tokenizer)];
                    let count = counter.count(sources.texts.view(*reads).text);
                    (kind.counted_by(*tokenizer), f64::from(count))
                }),
                Signal::Turns { .. } => Some((Kind::Turns, f64::from(facts.measured.turns))),
                _ => None,
            };
            if let Some((kind, value)) = quantity
                && !found.iter().any(|known| known.kind == kind)
            {
                found.push(Self { kind, value });
            }
        }
        found
    }

    /// What it is called.
    pub fn name(&self, snapshot: &Snapshot) -> String {
        match self.kind {
            Kind::Characters { .. } => "characters".to_owned(),
            Kind::Metadata { key } => {
                format!(
                    "metadata `{}`",
                    snapshot.signals.metadata_keys[usize::from(key)]
                )
            }
            Kind::Tokens { .. } => "tokens".to_owned(),
            Kind::Turns => "turns".to_owned(),
        }
    }

    /// The bounds within which a signal wants it; none when the signal tests something else.
    pub fn range(&self, signal: &Signal) -> Option<Range> {
        let counts = |min: u32, max: u32| Range {
            min: (min > 0).then(|| f64::from(min)),
            max: (max < u32::MAX).then(|| f64::from(max)),
        };
        match (self.kind, signal) {
            (
                Kind::Characters { reads },
                Signal::Characters {
                    reads: of,
                    min,
                    max,
                },
            ) if holds(reads, *of) => Some(counts(*min, *max)),
            (
                Kind::Tokens { reads, tokenizer },
                Signal::Tokens {
                    reads: of,
                    tokenizer: by,
                    min,
                    max,
                },
            ) if holds(reads, *of) && tokenizer == *by => Some(counts(*min, *max)),
            (
                Kind::Metadata { key },
                Signal::Metadata {
                    key: of,
                    test: MetadataTest::Within(range),
                },
            ) if key == *of => Some(*range),
            (Kind::Turns, Signal::Turns { range }) => Some(*range),
            _ => None,
        }
    }

    /// What a signal says at another value; none when it does not read this quantity.
    pub fn truth(&self, signal: &Signal, value: f64) -> Option<Truth> {
        match (self.kind, signal) {
            (Kind::Metadata { key }, Signal::Metadata { key: of, test }) if key == *of => {
                Some(metadata_truth(test, Some(Value::Number(value))))
            }
            _ => self.range(signal).map(|range| range.contains(value).into()),
        }
    }

    /// The request's metadata at another value; none when this is no metadata.
    pub fn metadata_at<'r>(
        &self,
        snapshot: &Snapshot,
        request: &Request<'r>,
        value: f64,
    ) -> Option<Vec<(&'r str, Value<'r>)>> {
        let Kind::Metadata { key } = self.kind else {
            return None;
        };
        let key = snapshot.signals.metadata_keys.get(usize::from(key))?;
        let mut metadata = request.metadata.to_vec();
        let last = metadata.iter_mut().rfind(|(name, _)| **key == **name)?;
        last.1 = Value::Number(value);
        Some(metadata)
    }

    /// The values at the bounds of all signals that test it, the smallest change first.
    pub fn goals(&self, signals: &[Signal]) -> Vec<Goal> {
        let mut goals: Vec<Goal> = Vec::new();
        for (signal, range) in signals
            .iter()
            .enumerate()
            .filter_map(|(index, signal)| Some((index, self.range(signal)?)))
        {
            // Adding zero makes a negative zero a zero, which prints as one.
            let mut add = |value: f64| {
                goals.push(Goal {
                    value: value + 0.0,
                    signal,
                });
            };
            if let Some(min) = range.min {
                match self.value < min {
                    true => add(self.at_or_above(min)),
                    false => add(-self.above(-min)),
                }
            }
            if let Some(max) = range.max {
                match self.value > max {
                    true => add(-self.at_or_above(-max)),
                    false => add(self.above(max)),
                }
            }
        }
        let is_metadata = matches!(self.kind, Kind::Metadata { .. });
        goals.retain(|goal| is_metadata || (0.0..=f64::from(u32::MAX)).contains(&goal.value));
        goals.sort_by(|left, right| {
            self.distance(left.value)
                .total_cmp(&self.distance(right.value))
        });
        goals.dedup_by(|later, earlier| later.value == earlier.value);
        goals
    }

    /// How far a value is, as a share of the larger of the two; at most 1.
    pub fn distance(&self, value: f64) -> f64 {
        let larger = value.abs().max(self.value.abs());
        if larger == 0.0 {
            return 0.0;
        }
        ((value - self.value).abs() / larger).min(1.0)
    }

    /// The least value to try that is not below a bound.
    fn at_or_above(&self, bound: f64) -> f64 {
        let goal = if self.steps_by_one(bound) {
            bound.ceil()
        } else if (bound * STEPS).round() / STEPS == bound {
            bound
        } else {
            (bound * STEPS).ceil() / STEPS
        };
        if goal >= bound { goal } else { bound }
    }

    /// The least value to try that is above a bound.
    fn above(&self, bound: f64) -> f64 {
        let goal = if self.steps_by_one(bound) {
            bound.floor() + 1.0
        } else if (bound * STEPS).round() / STEPS == bound {
            ((bound * STEPS).round() + 1.0) / STEPS
        } else {
            (bound * STEPS).ceil() / STEPS
        };
        if goal > bound { goal } else { bound.next_up() }
    }

    fn steps_by_one(&self, bound: f64) -> bool {
        match self.kind {
            Kind::Metadata { .. } => bound.fract() == 0.0 && self.value.fract() == 0.0,
            _ => true,
        }
    }
}

impl Kind {
    /// The tokens of the text whose characters this counts.
    fn counted_by(self, tokenizer: u16) -> Self {
        match self {
            Self::Characters { reads } => Self::Tokens { reads, tokenizer },
            other => other,
        }
    }
}

/// The characters of a role text; none when a part of it cannot be read.
fn readable(sources: &Sources<'_>, reads: Reads) -> Option<Kind> {
    const EVERY: u8 = 0b1_1111;
    let said = sources.texts.view(reads);
    (!said.unreadable).then(|| Kind::Characters {
        // Nothing said by two roles is not one text: one may say something and the other not.
        reads: if said.text.is_empty() {
            1 << reads as u8
        } else {
            sources.texts.same_as(reads, EVERY)
        },
    })
}

/// The number that a metadata key has; none when it is absent or no number.
fn number(snapshot: &Snapshot, sources: &Sources<'_>, key: u16) -> Option<f64> {
    let key = snapshot.signals.metadata_keys.get(usize::from(key))?;
    let values = sources.request.metadata.iter().rev();
    match values.into_iter().find(|(name, _)| **key == **name)?.1 {
        Value::Number(value) => Some(value),
        Value::Bool(_) | Value::Text(_) => None,
    }
}

const fn holds(set: u8, reads: Reads) -> bool {
    set & (1 << reads as u8) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_stand_just_beside_the_bounds_and_the_nearest_comes_first() {
        let turns = |value| Quantity {
            kind: Kind::Turns,
            value,
        };
        let age = |value| Quantity {
            kind: Kind::Metadata { key: 0 },
            value,
        };
        let range = |min, max| Range { min, max };
        for (quantity, range, expected) in [
            (turns(50.0), range(Some(10.0), Some(60.0)), &[61.0, 9.0][..]),
            (turns(12.0), range(Some(10.0), Some(60.0)), &[9.0, 61.0]),
            (turns(1.0), range(Some(2.5), None), &[3.0]),
            (turns(3.0), range(Some(2.5), None), &[2.0]),
            (turns(9.0), range(None, Some(2.5)), &[2.0]),
            (turns(3.0), range(Some(0.0), None), &[]),
            (age(20.0), range(Some(18.0), None), &[17.0]),
            (age(17.5), range(Some(18.0), None), &[18.0]),
            (age(18.5), range(Some(18.0), None), &[17.9999]),
            (age(70.0), range(Some(61.7), None), &[61.6999]),
            (age(-1.0), range(None, Some(-2.0)), &[-2.0]),
            (age(0.0), range(Some(0.123456), None), &[0.1235]),
        ] {
            let signal = match quantity.kind {
                Kind::Turns => Signal::Turns { range },
                _ => Signal::Metadata {
                    key: 0,
                    test: MetadataTest::Within(range),
                },
            };
            let goals = quantity.goals(std::slice::from_ref(&signal));
            let values: Vec<f64> = goals.iter().map(|goal| goal.value).collect();
            assert_eq!(values, expected, "{quantity:?} {range:?}");
            for value in values {
                assert_ne!(
                    quantity.truth(&signal, value),
                    quantity.truth(&signal, quantity.value)
                );
            }
        }
    }
}
