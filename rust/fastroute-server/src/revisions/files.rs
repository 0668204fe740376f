//! Files of a configuration: read whole, up to a limit, and only regular ones.
//!
//! The core opens nothing, so this is where a path becomes bytes. Whoever starts the server chose its
//! configuration, and may name any file in it. A text that comes over the network may not: it names
//! files in the configuration's folder alone, links out of it included, or an administrator could read
//! with the server's rights. A pipe or a device is refused, for it would hold the load up or never end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use fastroute_core::config::{MAX_RESOURCE_BYTES, Resources};

/// Reads a regular file; of one that is larger than `most` bytes, that many and one more.
///
/// # Errors
///
/// A sentence that says why not, without the path.
pub fn read_file(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    open(path)?
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Returns the hash of a regular file's content, of at most `most` bytes and one more; none when it cannot be read.
pub(super) fn digest_of_file(path: &Path, most: usize) -> Option<String> {
    let mut hash = blake3::Hasher::new();
    let file = open(path).ok()?.take(most as u64 + 1);
    hash.update_reader(file).ok()?;
    Some(hash.finalize().to_hex().to_string())
}

/// Returns the hash that names a content.
pub(super) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn open(path: &Path) -> Result<File, String> {
    let meta = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("it is no regular file".to_owned());
    }
    File::open(path).map_err(|error| error.to_string())
}

/// The folder in which a configuration's files stand.
#[derive(Clone, Debug)]
pub struct Beside {
    folder: Option<PathBuf>,
    is_confined: bool,
}

impl Beside {
    /// The files of a configuration in a file: relative to its folder, or anywhere.
    #[must_use]
    pub fn of(config: &Path) -> Self {
        Self {
            folder: Some(config.parent().unwrap_or(Path::new("")).to_owned()),
            is_confined: false,
        }
    }

    /// The files of a configuration that came as text: in the folder of `config`, or none without one.
    #[must_use]
    pub fn confined(config: Option<&Path>) -> Self {
        Self {
            folder: config.map(|config| config.parent().unwrap_or(Path::new("")).to_owned()),
            is_confined: true,
        }
    }

    /// Returns where a file stands.
    ///
    /// # Errors
    ///
    /// One that may not be read.
    pub(super) fn place(&self, path: &str) -> Result<PathBuf, String> {
        let Some(folder) = &self.folder else {
            return Err("a configuration without a file of its own names no others".to_owned());
        };
        let place = folder.join(path);
        if !self.is_confined {
            return Ok(place);
        }
        let outside = || "it is not in the folder of the configuration".to_owned();
        let is_plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(path).components().all(is_plain) {
            return Err(outside());
        }
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let real = |path: &Path| path.canonicalize().map_err(|error| error.to_string());
        let place = real(&place)?;
        if place.starts_with(real(here)?) {
            Ok(place)
        } else {
            Err(outside())
        }
    }
}

impl Resources for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        read_file(&self.place(path)?, MAX_RESOURCE_BYTES)
    }
}

/// The files that a load read, by the path that the configuration spells; none for those that it could not read.
pub(super) type Contents = BTreeMap<String, Option<Arc<[u8]>>>;

/// Keeps what a load reads, so that it can be built again when the files are gone.
pub(super) struct Recording<'a> {
    inner: &'a dyn Resources,
    read: RefCell<Contents>,
}

impl<'a> Recording<'a> {
    pub fn new(inner: &'a dyn Resources) -> Self {
        Self {
            inner,
            read: RefCell::default(),
        }
    }

    pub fn into_contents(self) -> Contents {
        self.read.into_inner()
    }
}

impl Resources for Recording<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let result = self.inner.read(path);
        let kept = result.as_ref().ok().map(|bytes| bytes.as_slice().into());
        self.read.borrow_mut().insert(path.to_owned(), kept);
        result
    }
}
