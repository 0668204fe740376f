//! Compiles and runs the regular expressions of a configuration.
//!
//! The engine is the `regex` crate: no look-around and no back-references, in return for a
//! search that is linear in the text for every expression. What an expression may cost is
//! capped at load, by the length of its source and the size of its compiled form.
//!
//! Expressions see raw text, are case-sensitive unless they say `(?i)`, and know Unicode.
//! They are never rewritten; `(?i)straße` does not match `STRASSE`, which keywords do.

use std::collections::HashMap;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// The longest source of one expression, in bytes.
pub const MAX_PATTERN_BYTES: usize = 1024;

/// The most memory that one compiled expression may take, in bytes.
pub const MAX_COMPILED_BYTES: usize = 1 << 20;

/// The most memory that one expression's lazily built automaton may take, in bytes.
pub const MAX_CACHE_BYTES: usize = 1 << 20;

/// The most expressions in one set.
pub const MAX_PATTERNS: usize = 4096;

/// How deep groups may nest.
const NEST_LIMIT: u32 = 64;

/// Names an expression of one set; ids count up from zero in the order of first mention.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PatternId(pub u32);

/// Says why an expression was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct PatternError(#[from] Kind);

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
enum Kind {
    #[error("pattern has {bytes} bytes, over the limit of {MAX_PATTERN_BYTES}")]
    TooLong { bytes: usize },
    #[error("pattern compiles to more than the limit of {MAX_COMPILED_BYTES} bytes")]
    TooLarge,
    #[error("set has more than {MAX_PATTERNS} patterns")]
    TooMany,
    #[error("pattern is not a regular expression: {reason}")]
    Syntax { reason: String },
}

impl PatternError {
    /// Returns the stable name of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::TooLong { .. } => "PATTERN_TOO_LONG",
            Kind::TooLarge => "PATTERN_TOO_LARGE",
            Kind::TooMany => "PATTERNS_TOO_MANY",
            Kind::Syntax { .. } => "PATTERN_SYNTAX",
        }
    }
}

/// Collects expressions for a [`PatternSet`].
#[derive(Clone, Debug, Default)]
pub struct PatternSetBuilder {
    patterns: Vec<Regex>,
    by_source: HashMap<String, PatternId>,
    known: HashMap<String, Regex>,
}

impl PatternSetBuilder {
    /// Creates a builder without expressions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a builder without expressions that need not compile those of `known` again.
    #[must_use]
    pub fn knowing(known: &PatternSet) -> Self {
        let known = known.patterns.iter();
        Self {
            known: known
                .map(|pattern| (pattern.as_str().to_owned(), pattern.clone()))
                .collect(),
            ..Self::default()
        }
    }

    /// Compiles an expression, or finds the one with the same source.
    ///
    /// # Errors
    ///
    /// `PATTERN_TOO_LONG` above [`MAX_PATTERN_BYTES`], `PATTERN_TOO_LARGE` above
    /// [`MAX_COMPILED_BYTES`], `PATTERNS_TOO_MANY` above [`MAX_PATTERNS`] and `PATTERN_SYNTAX`.
    /// The set is unchanged then.
    pub fn add(&mut self, source: &str) -> Result<PatternId, PatternError> {
        if source.len() > MAX_PATTERN_BYTES {
            return Err(Kind::TooLong {
                bytes: source.len(),
            }
            .into());
        }
        if let Some(&id) = self.by_source.get(source) {
            return Ok(id);
        }
        if self.patterns.len() >= MAX_PATTERNS {
            return Err(Kind::TooMany.into());
        }
        let pattern = match self.known.get(source) {
            Some(known) => known.clone(),
            None => RegexBuilder::new(source)
                .size_limit(MAX_COMPILED_BYTES)
                .dfa_size_limit(MAX_CACHE_BYTES)
                .nest_limit(NEST_LIMIT)
                .build()
                .map_err(refusal)?,
        };
        let id = PatternId(u32::try_from(self.patterns.len()).unwrap_or(u32::MAX));
        self.patterns.push(pattern);
        self.by_source.insert(source.to_owned(), id);
        Ok(id)
    }

    /// Builds the set.
    #[must_use]
    pub fn build(self) -> PatternSet {
        PatternSet {
            patterns: self.patterns.into(),
        }
    }
}

/// An immutable set of compiled expressions, cheap to clone.
///
/// # Examples
///
/// ```
/// use fastroute_text::patterns::PatternSetBuilder;
///
/// let mut builder = PatternSetBuilder::new();
/// let ticket = builder.add(r"\bINC-\d{4,}\b")?;
/// let patterns = builder.build();
/// assert!(patterns.is_match(ticket, "see INC-20417"));
/// assert_eq!(patterns.find(ticket, "see INC-20417"), Some(4..13));
/// # Ok::<(), fastroute_text::patterns::PatternError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PatternSet {
    patterns: std::sync::Arc<[Regex]>,
}

impl PatternSet {
    /// Returns how many different expressions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Returns whether the expression matches anywhere in `text`; false for an id of another set.
    #[must_use]
    pub fn is_match(&self, id: PatternId, text: &str) -> bool {
        self.pattern(id)
            .is_some_and(|pattern| pattern.is_match(text))
    }

    /// Returns the leftmost match, in bytes.
    #[must_use]
    pub fn find(&self, id: PatternId, text: &str) -> Option<Range<usize>> {
        Some(self.pattern(id)?.find(text)?.range())
    }

    /// Returns the source of an expression.
    #[must_use]
    pub fn source(&self, id: PatternId) -> Option<&str> {
        Some(self.pattern(id)?.as_str())
    }

    fn pattern(&self, id: PatternId) -> Option<&Regex> {
        self.patterns.get(id.0 as usize)
    }
}

fn refusal(error: regex::Error) -> Kind {
    match error {
        regex::Error::CompiledTooBig(_) => Kind::TooLarge,
        other => Kind::Syntax {
            // The engine's message draws the pattern over several lines; its last one says why.
            reason: other
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        },
    }
}
