//! What is told of revisions: which serves and since when, which were kept, what was refused and why.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fastroute_core::config::{Format, Issue, Loaded};
use fastroute_core::{Fleet, Snapshot};

/// Why a configuration was tried.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Cause {
    /// A retained revision was asked for.
    Activate,
    /// The file changed.
    FileChange,
    /// A reload was asked for.
    Reload,
    /// The process got a signal.
    Signal,
    /// The server started.
    Start,
}

impl Cause {
    const ALL: [Self; 5] = [
        Self::Activate,
        Self::FileChange,
        Self::Reload,
        Self::Signal,
        Self::Start,
    ];

    /// Returns it as a word, for logs and for the state on disk.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::FileChange => "file_change",
            Self::Reload => "reload",
            Self::Signal => "signal",
            Self::Start => "start",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much a configuration holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sizes {
    /// Routes.
    pub routes: usize,
    /// Models.
    pub models: usize,
    /// Rules.
    pub rules: usize,
    /// Prompts.
    pub prompts: usize,
    /// Examples over all routes.
    pub examples: usize,
}

impl Sizes {
    pub(super) fn of(loaded: &Loaded) -> Self {
        let config = &loaded.config;
        let examples = (0..config.routes.len()).map(|route| loaded.examples_of(route).len());
        Self {
            routes: config.routes.len(),
            models: config.models.len(),
            rules: config.rules.len(),
            prompts: config.prompts.len(),
            examples: examples.sum(),
        }
    }
}

/// A compiled revision, and how it came to serve.
#[derive(Debug)]
pub struct Active {
    /// What decides.
    pub snapshot: Arc<Snapshot>,
    /// The live state of its models.
    pub fleet: Fleet,
    /// Its content hash, in hexadecimal digits.
    pub revision: Box<str>,
    /// When it began to serve.
    pub since: SystemTime,
    /// Why.
    pub cause: Cause,
    /// Who asked for it: an application, or nobody.
    pub by: Box<str>,
    /// Bytes of its text.
    pub source_bytes: u64,
    /// How long loading, building and testing took.
    pub build_time: Duration,
    /// How much it holds.
    pub sizes: Sizes,
    /// What it would be missed for.
    pub(super) names: Arc<super::removed::Names>,
}

/// Where a configuration comes from.
#[derive(Clone)]
pub enum ReloadFrom {
    /// The file that the server was started with, or the embedded default.
    File,
    /// A text.
    Text {
        /// All of it.
        content: String,
        /// How it is written.
        format: Format,
    },
}

impl fmt::Debug for ReloadFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("File"),
            Self::Text { content, format } => {
                write!(f, "Text({} bytes, {format:?})", content.len())
            }
        }
    }
}

/// What an activation changed.
#[derive(Clone, Debug)]
pub struct Swapped {
    /// Revision that serves now.
    pub revision: String,
    /// Revision that served before; the same one when nothing changed.
    pub previous: String,
    /// Warnings of what serves now.
    pub warnings: Vec<Issue>,
}

/// What a configuration would be.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Its revision; none when it would be refused.
    pub revision: Option<String>,
    /// Errors and warnings, in the order of the file.
    pub issues: Vec<Issue>,
    /// Issues beyond those.
    pub omitted: usize,
    /// Why it would be refused.
    pub code: Option<&'static str>,
}

/// A configuration that was refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// When.
    pub at: SystemTime,
    /// Why it was tried.
    pub cause: Cause,
    /// `INVALID_CONFIG`, `BUILD_FAILED`, `SELF_TEST_FAILED`, `TOO_MUCH_REMOVED` or `UNREADABLE_CONFIG`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// Errors and warnings, in the order of the file.
    pub issues: Vec<Issue>,
    /// Issues beyond those.
    pub omitted: usize,
}

/// A revision that can serve again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Retained {
    /// Its content hash, in hexadecimal digits.
    pub revision: String,
    /// Whether it serves.
    pub is_active: bool,
    /// When it was last activated.
    pub activated_at: SystemTime,
    /// Why.
    pub cause: Cause,
    /// Who asked for it: an application, or nobody.
    pub by: String,
    /// Bytes of its text.
    pub source_bytes: u64,
}

/// The state of configuration.
#[derive(Clone, Debug)]
pub struct Status {
    /// What serves.
    pub active: Arc<Active>,
    /// What was refused last; none when something was accepted since.
    pub last_refused: Option<Refused>,
    /// Since when what serves is not what the file says; none when it is, or when there is no file.
    pub stale_since: Option<SystemTime>,
    /// Whether what serves was asked for by a call, and holds until the file changes.
    pub is_pinned: bool,
    /// Swaps since the start, the first one included.
    pub activations: u64,
    /// Refusals since the start.
    pub refusals: u64,
}
