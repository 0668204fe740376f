//! What the tests of configurations share: where the corpus is, and files as resources.

use std::path::{Path, PathBuf};

use fastroute_core::config::{ConfigErrors, Format, Loaded, NoFiles, Resources, Source, load};

/// The folder that every language's tests read.
pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/config")
}

/// Loads text that names no files.
pub fn load_text(text: &str, format: Format) -> Result<Loaded, ConfigErrors> {
    load(
        &Source {
            name: "test",
            text,
            format,
        },
        &NoFiles,
    )
}

/// The codes of a refusal, in order; empty when the text loads.
pub fn codes(text: &str, format: Format) -> Vec<&'static str> {
    match load_text(text, format) {
        Ok(_) => Vec::new(),
        Err(errors) => errors
            .issues()
            .iter()
            .map(|issue| issue.code.as_str())
            .collect(),
    }
}

/// Files relative to a folder.
pub struct Folder(pub PathBuf);

impl Resources for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}
