//! The key of a provider, read when a question goes out: a key that is rotated is used from the next one on.
//!
//! It goes from where it is into a header that is marked sensitive, and nowhere else: it is kept, logged and compared nowhere.

use std::path::Path;

use fastroute_core::Deployment;
use http::HeaderValue;

/// Bytes of the longest file that may hold a key.
const MAX_KEY_FILE_BYTES: u64 = 64 << 10;

/// A key that the configuration names and that is not there, or cannot be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoKey;

/// Reads the key of a deployment and writes it behind `prefix`; none when the configuration names no key.
///
/// A file is read on this thread: it is small, and a question takes a thousand times as long.
pub(super) fn header(
    deployment: &Deployment<'_>,
    prefix: &str,
) -> Result<Option<HeaderValue>, NoKey> {
    let key = match (deployment.api_key, deployment.api_key_file) {
        (Some(secret), _) => match secret.variable() {
            Some(name) => std::env::var(name).map_err(|_| NoKey)?,
            None => secret.reveal().to_owned(),
        },
        (None, Some(path)) => of_file(Path::new(path))?,
        (None, None) => return Ok(None),
    };
    let key = key.trim();
    if key.is_empty() {
        return Err(NoKey);
    }
    let mut value = HeaderValue::from_str(&format!("{prefix}{key}")).map_err(|_| NoKey)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn of_file(path: &Path) -> Result<String, NoKey> {
    let is_small = std::fs::metadata(path).is_ok_and(|file| file.len() <= MAX_KEY_FILE_BYTES);
    if !is_small {
        return Err(NoKey);
    }
    std::fs::read_to_string(path).map_err(|_| NoKey)
}
