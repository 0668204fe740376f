//! What is wrong with a configuration, and where: for people, editors and programs.
//!
//! Every issue has a stable [`Code`], a position and a path. A load reports all issues of a stage at
//! once, in the order of the file. At most 1,000 are kept, so that a hostile file cannot make the report
//! larger than itself; how many were left out is told.

use std::collections::HashMap;
use std::fmt;

use super::code::Code;
use super::path::Path;
use super::position::Lines;
use super::read::Duplicate;

/// Most issues that one load keeps.
const MOST_ISSUES: usize = 1_000;

/// Whether an issue stops the load.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// The configuration is accepted, and probably not meant so.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One thing that is wrong, or probably not meant so.
///
/// Displays as `file:line:column: path: message [CODE]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Issue {
    /// Stable code, safe to branch on.
    pub code: Code,
    /// Whether it stops the load.
    pub severity: Severity,
    /// A sentence for people: lower case, no full stop.
    pub message: String,
    /// Name of the source.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Where it stands, like `routes[2].threshold`; empty for the whole file.
    pub path: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} [{}]", self.message, self.code)
    }
}

/// Why a configuration was refused: at least one error, in the order of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigErrors {
    issues: Vec<Issue>,
    omitted: usize,
}

impl ConfigErrors {
    /// Makes a refusal of one issue, for what is found only when the snapshot is built.
    #[must_use]
    pub fn of(issue: Issue) -> Self {
        Self {
            issues: vec![issue],
            omitted: 0,
        }
    }

    /// All issues, errors and warnings, by position.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Number of further issues that were left out, beyond the first 1,000.
    #[must_use]
    pub fn omitted(&self) -> usize {
        self.omitted
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, issue) in self.issues.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            issue.fmt(f)?;
        }
        if self.omitted > 0 {
            write!(f, "\n… and {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// Collects the issues of one load.
pub(crate) struct Report<'a> {
    file: &'a str,
    lines: Lines<'a>,
    issues: Vec<Issue>,
    errors: usize,
    omitted: usize,
    duplicates: HashMap<usize, Vec<Duplicate>>,
    broken: bool,
}

impl<'a> Report<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            lines: Lines::new(text),
            issues: Vec::new(),
            errors: 0,
            omitted: 0,
            duplicates: HashMap::new(),
            broken: false,
        }
    }

    pub(crate) fn error(
        &mut self,
        code: Code,
        at: usize,
        path: &Path<'_>,
        message: impl Into<String>,
    ) {
        self.errors += 1;
        self.broken |= code != Code::DuplicateKey;
        self.push(Severity::Error, code, at, path, message.into());
    }

    pub(crate) fn warning(
        &mut self,
        code: Code,
        at: usize,
        path: &Path<'_>,
        message: impl Into<String>,
    ) {
        self.push(Severity::Warning, code, at, path, message.into());
    }

    /// Notes that a mapping repeats the key at `first_at`; reported once its path is known.
    pub(crate) fn duplicate_key(&mut self, first_at: usize, key: String, at: usize) {
        self.duplicates
            .entry(first_at)
            .or_default()
            .push(Duplicate { first_at, key, at });
    }

    pub(crate) fn take_duplicates(&mut self) -> HashMap<usize, Vec<Duplicate>> {
        std::mem::take(&mut self.duplicates)
    }

    /// Whether something other than a repeated key is wrong, so that later stages would see a false tree.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether nothing was found at all.
    pub(crate) fn is_clean(&self) -> bool {
        self.issues.is_empty() && self.duplicates.is_empty()
    }

    /// Line of a byte offset, from 1.
    pub(crate) fn line(&self, at: usize) -> u32 {
        self.lines.position(at).0
    }

    /// Whether the report is short enough for costly help such as similar names.
    pub(crate) fn may_suggest(&self) -> bool {
        self.issues.len() < 50
    }

    /// The refusal that the issues so far make.
    pub(crate) fn refusal(mut self) -> ConfigErrors {
        self.issues.sort_by_key(|issue| (issue.line, issue.column));
        ConfigErrors {
            issues: self.issues,
            omitted: self.omitted,
        }
    }

    /// The refusal, or the warnings when nothing refuses.
    pub(crate) fn finish(self) -> Result<Vec<Issue>, ConfigErrors> {
        let is_refused = self.errors > 0;
        let refusal = self.refusal();
        if is_refused {
            Err(refusal)
        } else {
            Ok(refusal.issues)
        }
    }

    fn push(
        &mut self,
        severity: Severity,
        code: Code,
        at: usize,
        path: &Path<'_>,
        message: String,
    ) {
        if self.issues.len() >= MOST_ISSUES {
            self.omitted += 1;
            return;
        }
        let (line, column) = self.lines.position(at);
        self.issues.push(Issue {
            code,
            severity,
            message,
            file: self.file.to_owned(),
            line,
            column,
            path: path.to_string(),
        });
    }
}
