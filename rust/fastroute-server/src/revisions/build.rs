//! Builds a configuration completely, off the path of requests: load, compare, compile, test.
//!
//! The order is the promise: nothing is handed out that has not passed all four. What was built for the
//! one that serves is taken over where its inputs are equal, so a changed rule costs milliseconds even
//! beside a thousand examples. A panic below is a refusal like any other; what serves is not touched.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastroute_core::config::{
    self, Code, ConfigErrors, Format, Issue, MAX_SOURCE_BYTES, Resources, Severity, Source,
};
use fastroute_core::{DEFAULT_CONFIG, Snapshot};

use super::document::{Document, Seen};
use super::files::{Beside, Recording, read_file};
use super::removed::Names;
use super::status::{Active, Sizes};

/// A configuration that was read and not yet looked at.
pub(super) struct Draft {
    document: Document,
    resources: Option<Beside>,
}

impl Draft {
    /// Reads the file that a server was started with.
    pub fn open(path: &Path) -> Result<Self, Rejected> {
        let name = path.to_string_lossy().into_owned();
        let source = read_file(path, MAX_SOURCE_BYTES).map_err(|reason| Rejected {
            code: "UNREADABLE_CONFIG",
            message: format!("configuration `{name}` cannot be read: {reason}"),
            issues: vec![Issue {
                code: Code::UnreadableFile,
                severity: Severity::Error,
                message: format!("file cannot be read: {reason}"),
                file: name.clone(),
                line: 1,
                column: 1,
                path: String::new(),
            }],
            omitted: 0,
        })?;
        Ok(Self {
            document: Document {
                format: Format::from_path(&name),
                name,
                source: source.into(),
                files: Default::default(),
            },
            resources: Some(Beside::of(path)),
        })
    }

    /// Takes the embedded default.
    pub fn embedded() -> Self {
        Self::text("<default>", DEFAULT_CONFIG, Format::Yaml, None)
    }

    /// Takes a text, which may name files in the folder of the server's configuration.
    pub fn given(content: &str, format: Format, config: Option<&Path>) -> Self {
        Self::text("<content>", content, format, config)
    }

    /// Takes one that was kept, with its files.
    pub fn kept(document: Document) -> Self {
        Self {
            document,
            resources: None,
        }
    }

    fn text(name: &str, text: &str, format: Format, config: Option<&Path>) -> Self {
        Self {
            document: Document {
                name: name.to_owned(),
                format,
                source: text.as_bytes().into(),
                files: Default::default(),
            },
            resources: Some(Beside::confined(config)),
        }
    }

    /// Loads, compares, compiles and tests it; tells with either outcome what was read.
    pub fn build(self, comparison: &Comparison<'_>) -> (Seen, Result<Built, Rejected>) {
        let mut document = self.document;
        let begun = Instant::now();
        let result = {
            let inner: &dyn Resources = match &self.resources {
                Some(beside) => beside,
                None => &document,
            };
            let recording = Recording::new(inner);
            let result = guarded("BUILD_FAILED", || {
                compile(&document, &recording, comparison)
            });
            (result, recording.into_contents())
        };
        document.files = result.1;
        let seen = Seen::of(&document);
        let built = result
            .0
            .and_then(|built| built)
            .map(|(snapshot, sizes, names)| Built {
                snapshot,
                sizes,
                names,
                document,
                build_time: begun.elapsed(),
            });
        (seen, built)
    }
}

/// What a new configuration is held against.
pub(super) struct Comparison<'a> {
    /// What serves; equal parts are taken over.
    pub active: Option<&'a Active>,
    /// Share of what serves that it may lack; no limit when absent.
    pub max_removed: Option<f64>,
}

/// A configuration that passed.
pub(super) struct Built {
    pub snapshot: Arc<Snapshot>,
    pub sizes: Sizes,
    pub names: Arc<Names>,
    pub document: Document,
    pub build_time: Duration,
}

/// Why one did not pass.
#[derive(Clone, Debug)]
pub(super) struct Rejected {
    pub code: &'static str,
    pub message: String,
    pub issues: Vec<Issue>,
    pub omitted: usize,
}

impl Rejected {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            issues: Vec::new(),
            omitted: 0,
        }
    }
}

impl From<ConfigErrors> for Rejected {
    fn from(errors: ConfigErrors) -> Self {
        let is_error = |issue: &&Issue| issue.severity == Severity::Error;
        let count = errors.issues().iter().filter(is_error).count() + errors.omitted();
        let defects = if count == 1 { "defect" } else { "defects" };
        Self {
            code: "INVALID_CONFIG",
            message: format!("configuration has {count} {defects}"),
            issues: errors.issues().to_vec(),
            omitted: errors.omitted(),
        }
    }
}

type Parts = (Arc<Snapshot>, Sizes, Arc<Names>);

fn compile(
    document: &Document,
    resources: &dyn Resources,
    comparison: &Comparison<'_>,
) -> Result<Parts, Rejected> {
    let source = Source::from_bytes(&document.name, &document.source, document.format)?;
    let previous = comparison.active.map(|active| &*active.snapshot);
    let known = previous.map_or_else(Default::default, |previous| previous.parts().clone());
    let loaded = config::load_after(&source, resources, &known)?;
    let names = Names::of(&loaded.config);
    if let (Some(active), Some(max_removed)) = (comparison.active, comparison.max_removed) {
        active
            .names
            .allow(&names, max_removed)
            .map_err(|message| Rejected::new("TOO_MUCH_REMOVED", message))?;
    }
    let snapshot = Snapshot::build(&loaded, previous)
        .map_err(|error| Rejected::new(error.code(), error.to_string()))?;
    let snapshot = Arc::new(snapshot);
    tracing::debug!(event = "config_built", revision = %snapshot.revision());
    snapshot
        .self_test()
        .map_err(|error| Rejected::new(error.code(), error.to_string()))?;
    tracing::debug!(event = "config_tested", revision = %snapshot.revision());
    Ok((snapshot, Sizes::of(&loaded), Arc::new(names)))
}

fn guarded<T>(code: &'static str, work: impl FnOnce() -> T) -> Result<T, Rejected> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| Rejected::new(code, "fastroute met a defect of its own; please report it"))
}
