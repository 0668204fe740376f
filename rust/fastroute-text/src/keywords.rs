//! Finds thousands of keywords in one pass over a folded text.
//!
//! All keywords share one Aho-Corasick automaton, so the time depends on the length of the text
//! and the number of hits, not on how many keywords there are. Matching happens on folded text
//! (see [`crate::fold`]); hits carry offsets of the raw one.
//!
//! A keyword is at most [`MAX_KEYWORD_BYTES`] folded bytes long, which also bounds how many
//! keywords can end at one byte: time stays linear for keywords nested on purpose.
//!
//! Equal keywords get one id, so that rules which share a word share the work.
//!
//! Where all keywords are whole words, ASCII text is not walked from end to end but only where one
//! of them may start, see `keywords/openers.rs`.

mod openers;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{
    Anchored,
    automaton::{Automaton as _, StateID},
    nfa::contiguous::NFA,
};

use self::openers::{Openers, each_run, mark_runs};
use crate::fold::Folded;
use crate::words::{Boundaries, Words};

/// The longest keyword, in bytes after folding.
pub const MAX_KEYWORD_BYTES: usize = 256;

/// The most keywords in one set.
pub const MAX_KEYWORDS: usize = 100_000;

/// How a keyword must lie in the text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MatchKind {
    /// Anywhere.
    Substring,
    /// From a word boundary to a word boundary (UAX-29); anywhere in scripts without spaces.
    Word,
}

/// Names a keyword of one set; ids count up from zero in the order of first mention.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeywordId(pub u32);

/// One occurrence of a keyword.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeywordHit {
    /// Which keyword.
    pub id: KeywordId,
    /// Where it starts, in bytes of the raw text.
    pub start: usize,
    /// Where it ends, in bytes of the raw text.
    pub end: usize,
}

/// Says why a keyword or a set of them was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct KeywordError(#[from] Kind);

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
enum Kind {
    #[error("keyword is empty")]
    Empty,
    #[error("keyword has {bytes} bytes after folding, over the limit of {MAX_KEYWORD_BYTES}")]
    TooLong { bytes: usize },
    #[error("set has more than {MAX_KEYWORDS} keywords")]
    TooMany,
    #[error("keywords need an automaton that is too large")]
    TooLarge,
}

impl KeywordError {
    /// Returns the stable name of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::Empty => "KEYWORD_EMPTY",
            Kind::TooLong { .. } => "KEYWORD_TOO_LONG",
            Kind::TooMany => "KEYWORDS_TOO_MANY",
            Kind::TooLarge => "KEYWORDS_TOO_LARGE",
        }
    }
}

/// Collects keywords for a [`KeywordSet`].
#[derive(Clone, Debug, Default)]
pub struct KeywordSetBuilder {
    patterns: Vec<String>,
    by_text: HashMap<String, usize>,
    ids: Vec<Ids>,
    len: u32,
    folded: Folded,
}

/// The ids of the one folded text, by kind.
#[derive(Clone, Copy, Debug, Default)]
struct Ids {
    substring: Option<KeywordId>,
    word: Option<KeywordId>,
}

impl KeywordSetBuilder {
    /// Creates a builder without keywords.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a keyword, or finds the equal one that is there already.
    ///
    /// Keywords are equal when their foldings and kinds are.
    ///
    /// # Errors
    ///
    /// `KEYWORD_EMPTY`, `KEYWORD_TOO_LONG` above [`MAX_KEYWORD_BYTES`], and `KEYWORDS_TOO_MANY`
    /// above [`MAX_KEYWORDS`]. The set is unchanged then.
    pub fn add(&mut self, keyword: &str, kind: MatchKind) -> Result<KeywordId, KeywordError> {
        self.folded.set(keyword);
        let text = self.folded.text();
        if text.is_empty() {
            return Err(Kind::Empty.into());
        }
        if text.len() > MAX_KEYWORD_BYTES {
            return Err(Kind::TooLong { bytes: text.len() }.into());
        }
        let known = self.by_text.get(text).copied();
        let existing = known.and_then(|i| match kind {
            MatchKind::Substring => self.ids[i].substring,
            MatchKind::Word => self.ids[i].word,
        });
        if let Some(id) = existing {
            return Ok(id);
        }
        if self.len as usize >= MAX_KEYWORDS {
            return Err(Kind::TooMany.into());
        }
        let pattern = known.unwrap_or_else(|| {
            self.patterns.push(text.to_owned());
            self.by_text.insert(text.to_owned(), self.ids.len());
            self.ids.push(Ids::default());
            self.ids.len() - 1
        });
        let id = KeywordId(self.len);
        self.len += 1;
        match kind {
            MatchKind::Substring => self.ids[pattern].substring = Some(id),
            MatchKind::Word => self.ids[pattern].word = Some(id),
        }
        Ok(id)
    }

    /// Builds the set.
    ///
    /// # Errors
    ///
    /// `KEYWORDS_TOO_LARGE` when the automaton has no room for them.
    pub fn build(&self) -> Result<KeywordSet, KeywordError> {
        // Measured on 10,000 keywords and prompts of 300 bytes (`examples/measure.rs`): this kind builds
        // in 6-9 ms, holds 0.9 MB and scans in 3.1 us; a DFA takes 46-71 ms and 26 MB for 2.4 us.
        let automaton = if self.patterns.is_empty() {
            None
        } else {
            Some(Automaton::build(&self.patterns).ok_or(Kind::TooLarge)?)
        };
        let are_words = self.ids.iter().all(|ids| ids.substring.is_none());
        let openers = are_words
            .then(|| Openers::of(self.patterns.iter().map(String::as_str)))
            .flatten();
        Ok(KeywordSet {
            automaton,
            openers,
            ids: self.ids.as_slice().into(),
            len: self.len as usize,
        })
    }
}

/// An immutable set of keywords, cheap to clone.
///
/// # Examples
///
/// ```
/// use fastroute_text::fold::Folded;
/// use fastroute_text::keywords::{KeywordSetBuilder, MatchKind};
/// use fastroute_text::words::Words;
///
/// let mut builder = KeywordSetBuilder::new();
/// let outage = builder.add("service down", MatchKind::Word)?;
/// let keywords = builder.build()?;
///
/// let (mut folded, mut words) = (Folded::new(), Words::new());
/// folded.set("Is the SERVICE DOWN?");
/// let mut hits = Vec::new();
/// keywords.find(&folded, &mut words, |hit| hits.push(hit));
/// assert_eq!((hits[0].id, hits[0].start..hits[0].end), (outage, 7..19));
/// # Ok::<(), fastroute_text::keywords::KeywordError>(())
/// ```
#[derive(Clone)]
pub struct KeywordSet {
    automaton: Option<Automaton>,
    /// Where to walk in ASCII text; none where every byte must be.
    openers: Option<Openers>,
    ids: Arc<[Ids]>,
    len: usize,
}

#[derive(Clone)]
struct Automaton {
    nfa: Arc<NFA>,
    start: StateID,
}

impl Automaton {
    fn build(patterns: &[String]) -> Option<Self> {
        // Without a prefilter, which thousands of keywords never have.
        let nfa = NFA::builder().prefilter(false).build(patterns).ok()?;
        let start = nfa.start_state(Anchored::No).ok()?;
        Some(Self {
            nfa: Arc::new(nfa),
            start,
        })
    }
}

impl fmt::Debug for KeywordSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeywordSet")
            .field("len", &self.len)
            .field("heap_bytes", &self.heap_bytes())
            .finish_non_exhaustive()
    }
}

impl KeywordSet {
    /// Returns how many different keywords there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns about how much memory the automaton holds.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let automaton = self.automaton.as_ref();
        automaton.map_or(0, |automaton| automaton.nfa.memory_usage())
            + self.ids.len() * size_of::<Ids>()
    }

    /// Calls `visit` for every occurrence, overlapping ones included, each once.
    ///
    /// Hits come by where they end in the folded text, and the longer of two that end together
    /// first. Takes time linear in text and hits, of which at most two for each keyword length
    /// end at one byte.
    pub fn find(&self, folded: &Folded, words: &mut Words, mut visit: impl FnMut(KeywordHit)) {
        let Some(Automaton { nfa, start }) = &self.automaton else {
            return;
        };
        let text = folded.text();
        let bytes = text.as_bytes();
        let Some(openers) = self.openers.as_ref().filter(|_| text.is_ascii()) else {
            let mut boundaries = words.over(text);
            let mut state = *start;
            for (at, &byte) in bytes.iter().enumerate() {
                state = nfa.next_state(Anchored::No, state, byte);
                if nfa.is_match(state) {
                    self.report(nfa, folded, &mut boundaries, state, at + 1, &mut visit);
                }
            }
            return;
        };
        let mut marks = std::mem::take(&mut words.marks);
        mark_runs(bytes, &mut marks);
        let mut boundaries = words.over(text);
        let mut walked = 0;
        each_run(&marks, |begin, length| {
            if begin < walked || !openers.may_start(bytes, begin, length) {
                return;
            }
            // Until nothing that may become a keyword is open any more; what starts on the way is
            // found on the way, so no byte is walked twice.
            let mut state = *start;
            walked = begin;
            for &byte in &bytes[begin..] {
                state = nfa.next_state(Anchored::No, state, byte);
                walked += 1;
                if nfa.is_match(state) {
                    self.report(nfa, folded, &mut boundaries, state, walked, &mut visit);
                } else if state == *start {
                    break;
                }
            }
        });
        words.marks = marks;
    }

    /// Visits the keywords that end at byte `end` of the folded text.
    #[inline]
    fn report(
        &self,
        nfa: &NFA,
        folded: &Folded,
        boundaries: &mut Boundaries<'_>,
        state: StateID,
        end: usize,
        visit: &mut impl FnMut(KeywordHit),
    ) {
        for place in 0..nfa.match_len(state) {
            let pattern = nfa.match_pattern(state, place);
            let ids = self.ids[pattern.as_usize()];
            let start = end - nfa.pattern_len(pattern);
            let word = ids
                .word
                .filter(|_| boundaries.starts_at(start) && boundaries.ends_at(end));
            if ids.substring.is_none() && word.is_none() {
                continue;
            }
            let raw = folded.raw_range(start..end);
            for id in [ids.substring, word].into_iter().flatten() {
                visit(KeywordHit {
                    id,
                    start: raw.start,
                    end: raw.end,
                });
            }
        }
    }
}
