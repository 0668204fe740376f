//! Configurations in: read from a file or from memory, loaded and built, or refused with every
//! defect.
//!
//! This is the host that opens files for the core. Files that a configuration names are relative
//! to its own folder; a configuration given as text without a folder may name none. Loading trains
//! a head and may take a second, so the interpreter is let go meanwhile.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use fastroute_core::config::{
    self, Code, ConfigErrors, Format, Issue, Loaded, MAX_RESOURCE_BYTES, MAX_SOURCE_BYTES,
    Resources, Severity, Source,
};
use fastroute_core::{BuildError, DEFAULT_CONFIG, Snapshot};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::explain::from_json;
use crate::request::read_bytes;
use crate::{error, workspace};

/// The text of a configuration, and where its files are.
pub struct Document {
    name: String,
    bytes: Vec<u8>,
    format: Format,
    folder: Folder,
}

/// Where the files that a configuration names are.
struct Folder(Option<PathBuf>);

impl Resources for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match &self.0 {
            Some(folder) => read_file(&folder.join(path), MAX_RESOURCE_BYTES as u64),
            None => Err("a configuration given as text needs `base_dir` to name files".to_owned()),
        }
    }
}

/// Reads a file, of one that is larger than `most` that many bytes and one more.
fn read_file(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| error.to_string())
}

/// Why a configuration was refused.
enum Refusal {
    Built(BuildError),
    Loaded(ConfigErrors),
}

impl Document {
    /// Opens a file.
    fn open(path: &Path) -> Result<Self, ConfigErrors> {
        let name = path.to_string_lossy().into_owned();
        let refused = |code, message| {
            ConfigErrors::of(Issue {
                code,
                severity: Severity::Error,
                message,
                file: name.clone(),
                line: 1,
                column: 1,
                path: String::new(),
            })
        };
        let bytes = read_file(path, MAX_SOURCE_BYTES as u64).map_err(|reason| {
            refused(
                Code::UnreadableFile,
                format!("file cannot be read: {reason}"),
            )
        })?;
        if bytes.len() > MAX_SOURCE_BYTES {
            let message = "file has more bytes than the limit of `16777216`".to_owned();
            return Err(refused(Code::FileTooLarge, message));
        }
        let folder = Folder(Some(path.parent().unwrap_or(Path::new("")).to_owned()));
        Ok(Self {
            format: Format::from_path(&name),
            name,
            bytes,
            folder,
        })
    }

    /// Takes a text that Python gave.
    pub fn given(
        text: &Bound<'_, PyAny>,
        format: &str,
        base_dir: Option<PathBuf>,
    ) -> PyResult<Self> {
        let format = match format {
            "json" => Format::Json,
            "toml" => Format::Toml,
            "yaml" => Format::Yaml,
            _ => {
                return Err(PyValueError::new_err(
                    "`format` must be `yaml`, `toml` or `json`",
                ));
            }
        };
        Ok(Self {
            name: "<string>".to_owned(),
            bytes: read_bytes(text, "text")?,
            format,
            folder: Folder(base_dir),
        })
    }

    /// Takes the embedded default.
    pub fn embedded() -> Self {
        Self {
            name: "<default>".to_owned(),
            bytes: DEFAULT_CONFIG.into(),
            format: Format::Yaml,
            folder: Folder(None),
        }
    }

    fn build(&self) -> Result<Snapshot, Refusal> {
        let source =
            Source::from_bytes(&self.name, &self.bytes, self.format).map_err(Refusal::Loaded)?;
        let loaded: Loaded = config::load(&source, &self.folder).map_err(Refusal::Loaded)?;
        Snapshot::build(&loaded, None).map_err(Refusal::Built)
    }
}

/// Opens and builds the configuration in a file.
pub fn build_file(py: Python<'_>, path: &Path) -> PyResult<Snapshot> {
    match py.detach(|| Document::open(path)) {
        Ok(document) => build(py, &document),
        Err(errors) => Err(error::from_config(py, &errors)?),
    }
}

/// Loads and builds a configuration.
pub fn build(py: Python<'_>, document: &Document) -> PyResult<Snapshot> {
    match py.detach(|| workspace::guarded(|| document.build()))? {
        Ok(snapshot) => Ok(snapshot),
        Err(Refusal::Built(refused)) => Err(error::from_build(py, &refused, &document.name)?),
        Err(Refusal::Loaded(errors)) => Err(error::from_config(py, &errors)?),
    }
}

/// Returns everything that is wrong with a configuration file, and what is odd, as ConfigIssue.
///
/// Builds a router as Router.from_file does, so that what it accepts will also load. Checking goes in
/// stages, and a stage that finds an error is the last: more may be found once it is fixed. An
/// empty list is a sound configuration.
///
/// >>> for issue in fastroute.check("absent.yaml"):
/// ...     print(issue.severity, issue.code)
/// error UNREADABLE_FILE
#[pyfunction]
pub fn check<'py>(py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyList>> {
    let (issues, failed, name) = py.detach(|| {
        workspace::guarded(|| {
            let document = match Document::open(&path) {
                Ok(document) => document,
                Err(errors) => return (errors.issues().to_vec(), None, String::new()),
            };
            let (issues, failed) = match document.build() {
                Ok(snapshot) => (snapshot.warnings().to_vec(), None),
                Err(Refusal::Loaded(errors)) => (errors.issues().to_vec(), None),
                Err(Refusal::Built(failed)) => (Vec::new(), Some(failed)),
            };
            (issues, failed, document.name)
        })
    })?;
    let found = PyList::empty(py);
    for issue in &issues {
        found.append(error::issue(py, issue)?)?;
    }
    if let Some(failed) = failed {
        found.append(error::build_issue(py, &failed, &name)?)?;
    }
    Ok(found)
}

/// Returns the JSON Schema (draft 2020-12) of configurations.
#[pyfunction]
pub fn schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let schema = workspace::guarded(|| config::schema().to_string())?;
    from_json(py, &schema)
}
