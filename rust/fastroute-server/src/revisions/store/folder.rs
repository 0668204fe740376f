//! The folder of a state: `files/<hash>`, `revisions/<revision>.entry`, `current.entry` and `lock`.
//!
//! It is one server's alone while that runs, and readable by its user alone: configurations may hold what
//! others should not read. Each write is a new file that is flushed to the disk, renamed, and its folder flushed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastroute_core::config::MAX_RESOURCE_BYTES;

use super::super::document::Document;
use super::super::files::{digest, digest_of_file, read_file};
use super::entry::{self, Blob, Current, Manifest};

/// Largest entry that is read, in bytes.
const MAX_ENTRY_BYTES: usize = 16 << 20;

/// Wait for a server that stops.
const LOCK_WAIT: Duration = Duration::from_secs(1);

pub(super) struct Folder {
    root: PathBuf,
    /// Held until the server ends.
    lock: File,
    /// Steps of writing until one fails, for tests.
    #[cfg(test)]
    pub steps_left: std::cell::Cell<Option<u32>>,
}

impl Folder {
    pub fn open(root: &Path) -> Result<Self, String> {
        let unusable = |why: &dyn std::fmt::Display| {
            format!("state directory `{}` cannot be used: {why}", root.display())
        };
        for folder in ["", "files", "revisions"] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(root.join(folder))
                .map_err(|error| unusable(&error))?;
        }
        let lock = private(OpenOptions::new().create(true).write(true).truncate(false))
            .open(root.join("lock"))
            .map_err(|error| unusable(&error))?;
        take(&lock).map_err(|error| match error {
            fs::TryLockError::WouldBlock => unusable(&"another server uses it"),
            fs::TryLockError::Error(error) => unusable(&error),
        })?;
        let folder = Self {
            root: root.to_owned(),
            lock,
            #[cfg(test)]
            steps_left: std::cell::Cell::new(None),
        };
        folder.remove_remains();
        Ok(folder)
    }

    /// Reads every sound entry, and which one serves.
    pub fn read(&self) -> (Vec<Manifest>, Option<Current>) {
        let mut sound = BTreeSet::new();
        let mut manifests = Vec::new();
        let mut is_whole = true;
        for path in entries(&self.root.join("revisions")) {
            match self.sound_manifest(&path, &mut sound) {
                Ok(manifest) => manifests.push(manifest),
                Err(why) => {
                    is_whole = false;
                    let file = path.file_name().unwrap_or_default().to_string_lossy();
                    tracing::warn!(event = "state_entry_skipped", %file, why);
                }
            }
        }
        if is_whole {
            self.remove_unnamed(&sound);
        }
        let current = self.root.join("current.entry");
        let read = read_file(&current, MAX_ENTRY_BYTES).ok();
        let parsed = read.as_deref().and_then(entry::unseal::<Current>);
        if read.is_some() && parsed.is_none() {
            let why = "it is not what was written";
            tracing::warn!(event = "state_entry_skipped", file = "current.entry", why);
        }
        let known = |current: &Current| {
            let named = |manifest: &Manifest| manifest.revision == current.revision;
            manifests.iter().any(named)
        };
        let current = parsed.filter(known);
        (manifests, current)
    }

    pub fn document(&self, manifest: &Manifest) -> Option<Document> {
        let blob = |blob: &Blob| {
            let bytes = read_file(&self.blob(&blob.digest)?, MAX_RESOURCE_BYTES).ok()?;
            (digest(&bytes) == blob.digest).then_some(bytes)
        };
        let files = manifest.files.iter();
        Some(Document {
            name: manifest.name.clone(),
            format: entry::format_of(&manifest.format)?,
            source: blob(&manifest.source)?.into(),
            files: files
                .map(|(path, file)| Some((path.clone(), Some(blob(file)?.into()))))
                .collect::<Option<_>>()?,
        })
    }

    /// Writes the contents of a revision, then the entry that names them.
    pub fn write_revision(&self, manifest: &Manifest, document: &Document) -> io::Result<()> {
        let files = document.files.values().flatten();
        for bytes in files.chain([&document.source]) {
            let name = digest(bytes);
            let place = self.root.join("files").join(&name);
            let is_there = fs::metadata(&place).is_ok_and(|meta| meta.len() == bytes.len() as u64);
            if !is_there || digest_of_file(&place, bytes.len()).as_ref() != Some(&name) {
                self.write(&place, bytes)?;
            }
        }
        self.write_manifest(manifest)
    }

    pub fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        let place = self.manifest(&manifest.revision);
        self.write(&place, &entry::seal(manifest)?)
    }

    pub fn write_current(&self, current: &Current) -> io::Result<()> {
        self.write(&self.root.join("current.entry"), &entry::seal(current)?)
    }

    /// Removes revisions, then the contents that no other one needs.
    pub fn forget<'a, K: Iterator<Item = &'a Manifest>>(
        &self,
        gone: impl Iterator<Item = &'a Manifest> + Clone,
        kept: impl Fn() -> K,
    ) -> io::Result<()> {
        for manifest in gone.clone() {
            self.step()?;
            remove(&self.manifest(&manifest.revision))?;
        }
        let kept = kept();
        let needed: BTreeSet<&str> = kept
            .flat_map(Manifest::blobs)
            .map(|blob| &*blob.digest)
            .collect();
        for blob in gone.flat_map(Manifest::blobs) {
            if !needed.contains(&*blob.digest) {
                self.step()?;
                remove(&self.root.join("files").join(&blob.digest))?;
            }
        }
        Ok(())
    }

    fn sound_manifest(
        &self,
        path: &Path,
        sound: &mut BTreeSet<String>,
    ) -> Result<Manifest, &'static str> {
        let bytes = read_file(path, MAX_ENTRY_BYTES).map_err(|_| "it cannot be read")?;
        let manifest: Manifest = entry::unseal(&bytes).ok_or("it is not what was written")?;
        if manifest.version != entry::VERSION || *path != self.manifest(&manifest.revision) {
            return Err("it is of another version or revision");
        }
        for blob in manifest.blobs() {
            let place = self.blob(&blob.digest).ok_or("it names no content")?;
            if !sound.contains(&blob.digest) {
                let most = usize::try_from(blob.bytes).unwrap_or(usize::MAX - 1);
                if digest_of_file(&place, most).as_ref() != Some(&blob.digest) {
                    return Err("a file of it is missing or was edited");
                }
                sound.insert(blob.digest.clone());
            }
        }
        Ok(manifest)
    }

    fn manifest(&self, revision: &str) -> PathBuf {
        self.root
            .join("revisions")
            .join(format!("{revision}.entry"))
    }

    /// Where a content is; none for what is no hash, which could name a file anywhere.
    fn blob(&self, digest: &str) -> Option<PathBuf> {
        blake3::Hash::from_hex(digest).ok()?;
        Some(self.root.join("files").join(digest))
    }

    /// Makes a file appear as a whole, on the disk.
    fn write(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        let new = place.with_extension("new");
        self.step()?;
        let mut file =
            private(OpenOptions::new().create(true).write(true).truncate(true)).open(&new)?;
        self.step()?;
        file.write_all(bytes)?;
        self.step()?;
        file.sync_all()?;
        self.step()?;
        fs::rename(&new, place)?;
        self.step()?;
        match place.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }

    /// Removes what a process that died left half written.
    fn remove_remains(&self) {
        for folder in ["", "files", "revisions"] {
            let remains = with_extension(&self.root.join(folder), "new");
            remains.for_each(|path| drop(remove(&path)));
        }
    }

    /// Removes contents that no entry names: a process died before it wrote the entry, or after it removed one.
    fn remove_unnamed(&self, named: &BTreeSet<String>) {
        for entry in fs::read_dir(self.root.join("files"))
            .into_iter()
            .flatten()
            .flatten()
        {
            if !entry
                .file_name()
                .to_str()
                .is_some_and(|name| named.contains(name))
            {
                drop(remove(&entry.path()));
            }
        }
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "tests make a step fail"
    )]
    fn step(&self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    fn step(&self) -> io::Result<()> {
        match self.steps_left.get() {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the process died here")),
            Some(left) => {
                self.steps_left.set(Some(left - 1));
                Ok(())
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A process that was forked from this one has the file open too, and with it the lock.
        let _ = self.lock.unlock();
    }
}

/// Takes the lock; gives one that stops just now the time to.
fn take(lock: &File) -> Result<(), fs::TryLockError> {
    let end = Instant::now() + LOCK_WAIT;
    loop {
        match lock.try_lock() {
            Err(fs::TryLockError::WouldBlock) if Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(10));
            }
            taken => return taken,
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    with_extension(folder, "entry")
}

fn with_extension(folder: &Path, extension: &'static str) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(move |path| path.extension().is_some_and(|end| end == extension))
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
