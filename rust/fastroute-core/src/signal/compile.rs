//! Turns the leaves of conditions into shared signals.
//!
//! Equal leaves share one signal, so a test that forty rules repeat is measured once. Keywords of
//! all signals share one automaton; a table leads from each keyword to the signals it counts for.

use std::collections::HashMap;

use fastroute_text::keywords::KeywordSet;
use fastroute_text::patterns::{PatternSet, PatternSetBuilder};
use fastroute_text::script::Script;

use super::{MetadataTest, Node, Signal, SignalId};
use crate::config::{Condition, KeywordLists, Keywords, Range, Reads};

/// The signals of one snapshot.
#[derive(Debug)]
pub(crate) struct Signals {
    pub all: Box<[Signal]>,
    /// What each signal is, for explanations.
    pub labels: Box<[Box<str>]>,
    pub keywords: KeywordSet,
    pub patterns: PatternSet,
    /// Metadata keys that signals read, sorted.
    pub metadata_keys: Box<[Box<str>]>,
    /// For keyword `k`, its uses are `uses[starts[k]..starts[k + 1]]`.
    pub use_starts: Box<[u32]>,
    pub uses: Box<[KeywordUse]>,
    /// The keyword signals, and how many keywords each needs.
    pub keyword_signals: Box<[(SignalId, u32)]>,
    /// Role texts that some signal reads, and those that keywords read, as bit sets.
    pub reads: u8,
    pub keyword_reads: u8,
}

/// A keyword's part in a signal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeywordUse {
    /// Index into [`Signals::keyword_signals`].
    pub signal: u32,
    pub reads: Reads,
}

impl Signals {
    /// The uses of one keyword.
    pub fn uses_of(&self, keyword: usize) -> &[KeywordUse] {
        &self.uses[self.use_starts[keyword] as usize..self.use_starts[keyword + 1] as usize]
    }
}

/// Collects the signals of a configuration.
pub(crate) struct SignalsBuilder<'t> {
    signals: Vec<(Signal, Box<str>)>,
    by_leaf: HashMap<String, SignalId>,
    /// The keywords, numbered, and how many lists of them were met.
    keywords: &'t KeywordLists,
    lists: usize,
    uses: Vec<(u32, KeywordUse)>,
    keyword_signals: Vec<(SignalId, u32)>,
    patterns: PatternSetBuilder,
    metadata_keys: Vec<Box<str>>,
    tokenizer: &'t mut dyn FnMut(&str) -> u16,
}

impl<'t> SignalsBuilder<'t> {
    /// Starts with no signals; `keywords` are those of the conditions to come, in their order,
    /// `patterns` some that are compiled already, and `tokenizer` numbers tokenizers.
    pub fn new(
        metadata_keys: Vec<Box<str>>,
        keywords: &'t KeywordLists,
        patterns: &PatternSet,
        tokenizer: &'t mut dyn FnMut(&str) -> u16,
    ) -> Self {
        Self {
            signals: Vec::new(),
            by_leaf: HashMap::new(),
            keywords,
            lists: 0,
            uses: Vec::new(),
            keyword_signals: Vec::new(),
            patterns: PatternSetBuilder::knowing(patterns),
            metadata_keys,
            tokenizer,
        }
    }

    /// Compiles one condition.
    ///
    /// # Errors
    ///
    /// The message of a keyword or expression that loading should have refused.
    pub fn condition(&mut self, condition: &Condition) -> Result<Node, String> {
        Ok(match condition {
            Condition::All(conditions) => Node::All(self.conditions(conditions)?),
            Condition::Any(conditions) => Node::Any(self.conditions(conditions)?),
            Condition::Not(condition) => Node::Not(self.condition(condition)?.into()),
            leaf => Node::Signal(self.leaf(leaf)?),
        })
    }

    fn conditions(&mut self, conditions: &[Condition]) -> Result<Box<[Node]>, String> {
        conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect()
    }

    fn leaf(&mut self, leaf: &Condition) -> Result<SignalId, String> {
        self.lists += usize::from(matches!(leaf, Condition::Keywords(_)));
        let key = serde_json::to_string(leaf).map_err(|error| error.to_string())?;
        if let Some(id) = self.by_leaf.get(&key) {
            return Ok(*id);
        }
        let id = SignalId(self.signals.len() as u32);
        let signal = self.signal(id, leaf)?;
        self.signals.push((signal, label(leaf)));
        self.by_leaf.insert(key, id);
        Ok(id)
    }

    fn signal(&mut self, id: SignalId, leaf: &Condition) -> Result<Signal, String> {
        Ok(match leaf {
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {
                return Err("a leaf was expected".to_owned());
            }
            Condition::Characters(measure) => Signal::Characters {
                reads: measure.reads,
                min: measure.min.unwrap_or(0),
                max: measure.max.unwrap_or(u32::MAX),
            },
            Condition::Code(code) => Signal::Code {
                reads: code.reads,
                present: code.present,
            },
            Condition::Difficulty(range) => Signal::Difficulty { range: *range },
            Condition::Keywords(keywords) => self.keywords(id, keywords)?,
            Condition::Metadata(test) => Signal::Metadata {
                key: self
                    .metadata_keys
                    .iter()
                    .position(|key| **key == *test.key)
                    .unwrap_or(usize::MAX) as u16,
                test: match (test.exists, &test.equals, &test.one_of) {
                    (Some(exists), ..) => MetadataTest::Exists(exists),
                    (_, Some(value), _) => MetadataTest::OneOf([value.clone()].into()),
                    (.., Some(values)) => MetadataTest::OneOf(values.as_slice().into()),
                    _ => MetadataTest::Within(Range {
                        min: test.min,
                        max: test.max,
                    }),
                },
            },
            Condition::Regex(regex) => Signal::Regex {
                reads: regex.reads,
                pattern: self
                    .patterns
                    .add(&regex.pattern)
                    .map_err(|error| error.to_string())?,
            },
            Condition::Script(test) => Signal::Script {
                reads: test.reads,
                one_of: test
                    .one_of
                    .iter()
                    .filter_map(|name| Script::from_name(name))
                    .collect(),
            },
            Condition::Task(test) => Signal::Task {
                one_of: test.one_of.as_slice().into(),
            },
            Condition::Tokens(tokens) => Signal::Tokens {
                reads: tokens.reads,
                tokenizer: (self.tokenizer)(&tokens.tokenizer),
                min: tokens.min.unwrap_or(0),
                max: tokens.max.unwrap_or(u32::MAX),
            },
            Condition::Turns(range) => Signal::Turns { range: *range },
        })
    }

    fn keywords(&mut self, id: SignalId, keywords: &Keywords) -> Result<Signal, String> {
        let ids = self
            .lists
            .checked_sub(1)
            .and_then(|list| self.keywords.lists.get(list));
        let ids = ids.ok_or("a list of keywords was not numbered")?;
        let every = keywords.all.is_some();
        let needed = if every { ids.len() as u32 } else { 1 };
        let signal = self.keyword_signals.len() as u32;
        self.keyword_signals.push((id, needed));
        self.uses.extend(ids.iter().map(|keyword| {
            (
                *keyword,
                KeywordUse {
                    signal,
                    reads: keywords.reads,
                },
            )
        }));
        Ok(Signal::Keywords {
            reads: keywords.reads,
        })
    }

    /// Builds the tables over the automaton of the keywords.
    pub fn build(mut self, keywords: KeywordSet) -> Signals {
        self.uses
            .sort_unstable_by_key(|(keyword, of)| (*keyword, of.signal));
        let mut use_starts = vec![0u32; keywords.len() + 1];
        for (keyword, _) in &self.uses {
            use_starts[*keyword as usize + 1] += 1;
        }
        for keyword in 0..keywords.len() {
            use_starts[keyword + 1] += use_starts[keyword];
        }
        let bits = |set: u8, reads: Reads| set | 1 << reads as u8;
        let reads = self
            .signals
            .iter()
            .filter_map(|(signal, _)| signal.reads())
            .fold(0, bits);
        Signals {
            keywords,
            patterns: self.patterns.build(),
            metadata_keys: self.metadata_keys.into(),
            use_starts: use_starts.into(),
            keyword_reads: self.uses.iter().map(|(_, of)| of.reads).fold(0, bits),
            uses: self.uses.into_iter().map(|(_, of)| of).collect(),
            keyword_signals: self.keyword_signals.into(),
            reads,
            labels: self
                .signals
                .iter()
                .map(|(_, label)| label.clone())
                .collect(),
            all: self.signals.into_iter().map(|(signal, _)| signal).collect(),
        }
    }
}

impl Signal {
    /// The role text that it reads; none for signals that read no text, and for difficulty, which
    /// always reads the last user message.
    pub fn reads(&self) -> Option<Reads> {
        match self {
            Self::Characters { reads, .. }
            | Self::Code { reads, .. }
            | Self::Keywords { reads, .. }
            | Self::Regex { reads, .. }
            | Self::Script { reads, .. }
            | Self::Tokens { reads, .. } => Some(*reads),
            Self::Difficulty { .. }
            | Self::Metadata { .. }
            | Self::Task { .. }
            | Self::Turns { .. } => None,
        }
    }
}

/// Collects the metadata keys that a condition reads.
pub(crate) fn metadata_keys(condition: &Condition, keys: &mut Vec<Box<str>>) {
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => {
            conditions.iter().for_each(|c| metadata_keys(c, keys))
        }
        Condition::Not(condition) => metadata_keys(condition, keys),
        Condition::Metadata(test) => keys.push(test.key.as_str().into()),
        _ => {}
    }
}

/// A leaf as one short line: what it is, what it reads and its bounds.
fn label(leaf: &Condition) -> Box<str> {
    const SHOWN: usize = 3;
    let some_of = |words: &[String]| {
        let shown = words
            .iter()
            .take(SHOWN)
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", ");
        if words.len() > SHOWN {
            format!("{shown} and {} more", words.len() - SHOWN)
        } else {
            shown
        }
    };
    let text = match leaf {
        Condition::Keywords(keywords) => match (&keywords.any, &keywords.all, &keywords.file) {
            (Some(words), ..) => format!("keywords any of {}", some_of(words)),
            (_, Some(words), _) => format!("keywords all of {}", some_of(words)),
            (.., file) => format!("keywords of file `{}`", file.as_deref().unwrap_or_default()),
        },
        Condition::Regex(regex) => format!("regex `{}`", regex.pattern),
        other => serde_json::to_value(other)
            .ok()
            .and_then(|value| {
                value
                    .as_object()
                    .and_then(|map| map.iter().next().map(|(key, value)| line(key, value)))
            })
            .unwrap_or_default(),
    };
    text.into()
}

fn line(kind: &str, value: &serde_json::Value) -> String {
    let fields = value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "reads");
    let fields: Vec<String> = fields
        .map(|(key, value)| format!("{key} {value}"))
        .collect();
    format!("{kind} {}", fields.join(", "))
}
