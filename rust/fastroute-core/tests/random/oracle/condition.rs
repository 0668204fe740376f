//! Conditions evaluated over the text itself, in three values.
//!
//! A view with an unreadable part leaves unknown what that part might have changed: a word or code
//! that was seen was seen, one that was not may be in the picture. Lengths, patterns and scripts
//! are of a whole, so they are unknown.

use std::collections::HashMap;

use fastroute_core::config::{Condition, Keywords, Match, MetadataTest, Range, Reads, Scalar};
use fastroute_core::{Request, Value};
use fastroute_text::structure::{Structure, difficulty};
use fastroute_text::tokens::TokenCounter;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use super::texts::{turns, view};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kleene {
    False,
    Unknown,
    True,
}

impl From<bool> for Kleene {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// Evaluates a condition.
pub fn holds(condition: &Condition, request: &Request<'_>) -> Kleene {
    match condition {
        Condition::All(of) => of
            .iter()
            .map(|each| holds(each, request))
            .min()
            .expect("lists are not empty"),
        Condition::Any(of) => of
            .iter()
            .map(|each| holds(each, request))
            .max()
            .expect("lists are not empty"),
        Condition::Not(of) => match holds(of, request) {
            Kleene::False => Kleene::True,
            Kleene::Unknown => Kleene::Unknown,
            Kleene::True => Kleene::False,
        },
        Condition::Characters(test) => length(request, test.reads, test.min, test.max, |text| {
            text.chars().count()
        }),
        Condition::Tokens(test) => length(request, test.reads, test.min, test.max, |text| {
            TokenCounter::named(&test.tokenizer)
                .expect("a known tokenizer")
                .count(text) as usize
        }),
        Condition::Code(test) => {
            let read = view(request, test.reads);
            let has_code = Structure::of(&read.text).has_code;
            if has_code || read.is_readable {
                (has_code == test.present).into()
            } else {
                Kleene::Unknown
            }
        }
        Condition::Difficulty(range) => {
            let read = view(request, Reads::LastUser);
            if read.is_readable {
                within_share(range, difficulty(&Structure::of(&read.text))).into()
            } else {
                Kleene::Unknown
            }
        }
        Condition::Keywords(test) => keywords(test, request),
        Condition::Metadata(test) => metadata(test, request),
        Condition::Regex(test) => {
            let read = view(request, test.reads);
            if !read.is_readable {
                // An anchored pattern may match what is left of a message without its picture.
                return Kleene::Unknown;
            }
            regex::Regex::new(&test.pattern)
                .expect("patterns compile")
                .is_match(&read.text)
                .into()
        }
        Condition::Script(test) => {
            let read = view(request, test.reads);
            match dominant(&read.text) {
                Some(script) if read.is_readable => test
                    .one_of
                    .iter()
                    .any(|name| name == script.full_name())
                    .into(),
                _ => Kleene::Unknown,
            }
        }
        Condition::Task(test) => match request.task {
            Some(flag) => test.one_of.iter().any(|name| name == flag).into(),
            None => Kleene::Unknown,
        },
        Condition::Turns(range) => within(range, turns(request) as f64).into(),
    }
}

fn seen(is_seen: bool, is_readable: bool) -> Kleene {
    match (is_seen, is_readable) {
        (true, _) => Kleene::True,
        (false, true) => Kleene::False,
        (false, false) => Kleene::Unknown,
    }
}

fn length(
    request: &Request<'_>,
    reads: Reads,
    min: Option<u32>,
    max: Option<u32>,
    count: impl Fn(&str) -> usize,
) -> Kleene {
    let read = view(request, reads);
    if !read.is_readable {
        return Kleene::Unknown;
    }
    let length = count(&read.text);
    (min.is_none_or(|min| length >= min as usize) && max.is_none_or(|max| length <= max as usize))
        .into()
}

fn within(range: &Range, value: f64) -> bool {
    range.min.is_none_or(|min| value >= min) && range.max.is_none_or(|max| value <= max)
}

/// A share is compared in its own precision.
pub fn within_share(range: &Range, value: f32) -> bool {
    range.min.is_none_or(|min| value >= min as f32)
        && range.max.is_none_or(|max| value <= max as f32)
}

fn keywords(test: &Keywords, request: &Request<'_>) -> Kleene {
    let read = view(request, test.reads);
    let text = fold(&read.text);
    let boundaries = boundaries(&text);
    let occurs = |word: &String| {
        let word = fold(word);
        let hits = places(&text, &word);
        let is_hit = match test.kind {
            Match::Substring => !hits.is_empty(),
            Match::Word => hits
                .iter()
                .any(|at| boundaries[*at] && boundaries[at + word.len()]),
        };
        seen(is_hit, read.is_readable)
    };
    match (&test.any, &test.all) {
        (Some(words), _) => words.iter().map(occurs).max().expect("lists are not empty"),
        (_, Some(words)) => words.iter().map(occurs).min().expect("lists are not empty"),
        (None, None) => unreachable!("random configurations name no files"),
    }
}

/// Compatibility decomposition, full case folding, composition.
fn fold(text: &str) -> String {
    let decomposed: String = text.nfkd().collect();
    caseless::default_case_fold_str(&decomposed)
        .nfkc()
        .collect()
}

/// Every place where a word occurs, overlapping ones included.
fn places(text: &str, word: &str) -> Vec<usize> {
    text.char_indices()
        .map(|(at, _)| at)
        .filter(|at| text[*at..].starts_with(word))
        .collect()
}

/// For each byte, whether a word may start or end there: boundaries of UAX-29, and both sides of
/// every character of a script without spaces.
fn boundaries(text: &str) -> Vec<bool> {
    let mut at = vec![false; text.len() + 1];
    text.split_word_bound_indices()
        .for_each(|(start, _)| at[start] = true);
    at[text.len()] = true;
    for (start, character) in text.char_indices() {
        let is_spaceless = matches!(
            character.script(),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        );
        if is_spaceless {
            at[start] = true;
            at[start + character.len_utf8()] = true;
        }
    }
    at
}

/// The script of most letters; of two with equally many the first.
fn dominant(text: &str) -> Option<Script> {
    let scripts: Vec<Script> = text
        .chars()
        .filter(|character| character.is_alphabetic())
        .map(|character| character.script())
        .filter(|script| !matches!(script, Script::Common | Script::Inherited | Script::Unknown))
        .collect();
    let mut votes: HashMap<Script, usize> = HashMap::new();
    scripts
        .iter()
        .for_each(|script| *votes.entry(*script).or_default() += 1);
    let most = votes.values().copied().max()?;
    scripts.into_iter().find(|script| votes[script] == most)
}

/// An absent value and one of another type are unknown, except to `exists`.
fn metadata(test: &MetadataTest, request: &Request<'_>) -> Kleene {
    let given = request
        .metadata
        .iter()
        .rev()
        .find(|(key, _)| *key == test.key)
        .map(|(_, value)| value);
    if let Some(exists) = test.exists {
        return (given.is_some() == exists).into();
    }
    let Some(given) = given else {
        return Kleene::Unknown;
    };
    let scalars: Vec<&Scalar> = test
        .equals
        .iter()
        .chain(test.one_of.iter().flatten())
        .collect();
    if scalars.is_empty() {
        return match given {
            Value::Number(number) => (test.min.is_none_or(|min| *number >= min)
                && test.max.is_none_or(|max| *number <= max))
            .into(),
            Value::Bool(_) | Value::Text(_) => Kleene::Unknown,
        };
    }
    let equals = scalars.into_iter().map(|scalar| match (scalar, given) {
        (Scalar::Bool(left), Value::Bool(right)) => (left == right).into(),
        (Scalar::Number(left), Value::Number(right)) => (left == right).into(),
        (Scalar::Text(left), Value::Text(right)) => (left == right).into(),
        _ => Kleene::Unknown,
    });
    equals.max().expect("lists are not empty")
}
