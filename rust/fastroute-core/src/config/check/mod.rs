//! Cross references: what a schema cannot say.
//!
//! Every check looks at the whole configuration, goes on after a finding, and points at the value that has to change.
//! Errors are what could never work or would mean two things; warnings are what works and is probably not meant.

mod budgets;
mod cascade;
mod classify;
mod conditions;
mod credentials;
mod examples;
mod models;
mod names;
mod permitted;
mod prompts;
mod resilience;
mod resources;
mod routes;
mod rules;
mod template;
mod usage;

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use fastroute_text::keywords::KeywordSetBuilder;
use fastroute_text::patterns::PatternSetBuilder;

use super::code::Code;
use super::files::{Files, Resources};
use super::issue::Report;
use super::model::Config;
use super::parts::{self, KeywordLists, Parts};
use super::path::Path;
use super::tree::Node;
use names::Names;
pub(crate) use prompts::is_lasting;

/// Checks a configuration of the right shape, and reads the files that it names.
///
/// What `known` has of the same inputs was checked before and is taken over.
pub(crate) fn check(
    config: &Config,
    tree: &Node,
    resources: &dyn Resources,
    known: &Parts,
    report: &mut Report<'_>,
) -> (Files, Parts) {
    let mut checker = Checker {
        config,
        tree,
        report,
        resources,
        names: Names::of(config),
        files: Files::default(),
        known,
        parts: Parts {
            keywords: known_keywords(config, known),
            ..Parts::default()
        },
        keywords: KeywordSetBuilder::new(),
        keyword_lists: Vec::new(),
        patterns: PatternSetBuilder::knowing(&known.patterns),
    };
    checker.duplicate_names();
    checker.providers();
    checker.models();
    checker.prompts();
    checker.routes();
    checker.rules();
    checker.classify();
    checker.resilience();
    checker.budgets();
    checker.sessions();
    checker.savings();
    checker.examples();
    if !checker.report.is_broken() {
        // What an error leaves unused is an echo of the error.
        checker.usage();
    }
    checker.finish()
}

/// The keywords, when they are those that are known; lists in files are not read for that.
fn known_keywords(config: &Config, known: &Parts) -> Option<Arc<KeywordLists>> {
    let keywords = known.keywords.as_ref()?;
    let mut are_inline = true;
    parts::each_list(&config.rules, &mut |list| are_inline &= list.file.is_none());
    let is_known = are_inline && keywords.is(&parts::fingerprint(&config.rules, &Files::default()));
    is_known.then(|| Arc::clone(keywords))
}

struct Checker<'c, 'r, 'p> {
    config: &'c Config,
    tree: &'c Node,
    report: &'r mut Report<'p>,
    resources: &'c dyn Resources,
    names: Names<'c>,
    files: Files,
    known: &'c Parts,
    parts: Parts,
    keywords: KeywordSetBuilder,
    keyword_lists: Vec<Box<[u32]>>,
    patterns: PatternSetBuilder,
}

impl Checker<'_, '_, '_> {
    /// What was read and compiled on the way.
    fn finish(self) -> (Files, Parts) {
        let keywords = self.parts.keywords.unwrap_or_else(|| {
            let fingerprint = parts::fingerprint(&self.config.rules, &self.files);
            KeywordLists::new(fingerprint, self.keyword_lists, self.keywords).into()
        });
        let parts = Parts {
            keywords: Some(keywords),
            patterns: self.patterns.build(),
            ..self.parts
        };
        (self.files, parts)
    }

    /// Reports an error at a value.
    fn error(&mut self, code: Code, path: &Path<'_>, message: impl Into<String>) {
        self.report
            .error(code, self.tree.locate(path), path, message);
    }

    /// Reports an error at the key of a value.
    fn error_at_key(&mut self, code: Code, path: &Path<'_>, message: impl Into<String>) {
        self.report
            .error(code, self.tree.locate_key(path), path, message);
    }

    /// Reports a warning at a value.
    fn warning(&mut self, code: Code, path: &Path<'_>, message: impl Into<String>) {
        self.report
            .warning(code, self.tree.locate(path), path, message);
    }

    /// Refuses a text without a visible character.
    fn not_blank(&mut self, text: &str, path: &Path<'_>) {
        if text.trim().is_empty() {
            self.error(
                Code::EmptyText,
                path,
                "text is blank; at least 1 visible character is expected",
            );
        }
    }

    /// Refuses an item that a list already has.
    fn unique<T: Eq + Hash>(&mut self, items: &[T], path: &Path<'_>, show: impl Fn(&T) -> String) {
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            if !seen.insert(item) {
                let message = format!("`{}` is listed twice", show(item));
                self.error(Code::DuplicateItem, &path.index(index), message);
            }
        }
    }

    /// Refuses a lower bound above the upper one, and a range without bounds.
    fn bounds<T: PartialOrd + std::fmt::Display>(
        &mut self,
        min: Option<T>,
        max: Option<T>,
        path: &Path<'_>,
    ) {
        match (min, max) {
            (None, None) => self.error(
                Code::RangeWithoutBound,
                path,
                "neither `min` nor `max` is given; at least one is expected",
            ),
            (Some(min), Some(max)) if min > max => {
                self.error(
                    Code::MinOverMax,
                    &path.key("min"),
                    format!("`min` of {min} is above `max` of {max}"),
                );
            }
            _ => {}
        }
    }
}
