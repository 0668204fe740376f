//! The file of callers: who has which token or certificate, what they may do, and how often.
//!
//! The file is taken as a whole or not at all: one unknown key, one token given twice, one rate out
//! of range, and nothing changes. Errors name the line or the caller, and never a token. Tokens are
//! kept as SHA-256 digests only; a `token_file` is read, digested and forgotten.
//!
//! Entries of the same organisation, team and application are one caller: they share a rate, so a token
//! can be exchanged for another without doubling it. A rate that did not change keeps its state over
//! a reload.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::rate::{MAX_RATE, MIN_RATE, Rate};
use crate::context::{Caller, Roles};

/// Bytes of the longest file of callers.
const MAX_FILE_BYTES: usize = 4 << 20;
/// Entries of the longest file: a token is compared with each of them.
const MAX_ENTRIES: usize = 1024;
/// Bytes of the longest name.
const MAX_NAME_BYTES: usize = 256;
/// Bytes of the shortest token in a file.
const MIN_TOKEN_BYTES: usize = 16;

/// The digest of a token.
pub(crate) type Digest = [u8; 32];

/// Digests a token.
pub(crate) fn digest(token: &[u8]) -> Digest {
    Sha256::digest(token).into()
}

/// The callers that may call.
#[derive(Default)]
pub struct Callers {
    pub(crate) tokens: Vec<(Digest, Arc<Caller>)>,
    pub(crate) certificates: HashMap<Name, Arc<Caller>>,
    rates: HashMap<Identity, Arc<Rate>>,
}

/// The files that a reading of callers depended on, in order, with the hashes of the very bytes that were read; none for
/// a file that could not be. The same bytes give the same callers or the same refusal, so nothing has to be read
/// again while they stay.
pub(crate) type Looked = Vec<(PathBuf, Option<blake3::Hash>)>;

/// Looks at one file as [`Callers::read`] does.
pub(crate) fn look(path: &Path) -> Option<blake3::Hash> {
    read(path, MAX_FILE_BYTES)
        .ok()
        .map(|bytes| blake3::hash(&bytes))
}

/// Organisation, team and application.
type Identity = (Box<str>, Box<str>, Box<str>);

/// A name in a certificate.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Name {
    #[serde(rename = "common_name")]
    Common(Box<str>),
    Dns(Box<str>),
    Uri(Box<str>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    callers: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    application: Box<str>,
    #[serde(default)]
    team: Box<str>,
    #[serde(default)]
    organisation: Box<str>,
    token_sha256: Option<Box<str>>,
    token_file: Option<PathBuf>,
    certificate: Option<Name>,
    roles: Vec<Role>,
    rate: Option<f64>,
    /// Whether its reports count for others.
    #[serde(default = "trusted")]
    trusted_reports: bool,
}

const fn trusted() -> bool {
    true
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Role {
    Admin,
    Decide,
}

/// Why a file of callers is refused.
#[derive(Debug)]
pub struct CallersError(String);

impl fmt::Display for CallersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CallersError {}

/// How an entry says who it is.
enum Credential {
    Token(Digest),
    Certificate(Name),
}

impl Callers {
    /// Reads a file; `before` is what served until now, whose rates are kept where they did not change.
    ///
    /// `takes_certificates` says whether clients show any: a caller that is known by one could never call otherwise.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, is no YAML of this form, or contradicts itself. `looked` then has the files that
    /// were read until the defect was met.
    pub(crate) fn read(
        path: &Path,
        takes_certificates: bool,
        before: Option<&Self>,
        looked: &mut Looked,
    ) -> Result<Self, CallersError> {
        let bytes = read_noting(path, looked)?;
        let refused = |why: String| CallersError(format!("`{}` {why}", path.display()));
        let text = str::from_utf8(&bytes).map_err(|_| refused("is not UTF-8".to_owned()))?;
        // The parser's message may quote a value, which may be a token in the wrong place.
        let file: File = serde_saphyr::from_str(text).map_err(|error| match error.location() {
            Some(at) => refused(format!(
                "has a defect at line {}, column {}: an unknown or missing key, or a value that does not fit its key",
                at.line(),
                at.column()
            )),
            None => refused("is no YAML with the key `callers`".to_owned()),
        })?;
        if file.callers.len() > MAX_ENTRIES {
            let count = file.callers.len();
            return Err(refused(format!(
                "names {count} callers, over the limit of {MAX_ENTRIES}"
            )));
        }
        let directory = path.parent().unwrap_or(Path::new(""));
        let mut callers = Self::default();
        for (index, entry) in file.callers.into_iter().enumerate() {
            let application = entry.application.clone();
            callers
                .add(entry, directory, takes_certificates, before, looked)
                .map_err(|why| {
                    refused(format!(
                        "callers[{index}] (`{}`): {why}",
                        application.escape_debug()
                    ))
                })?;
        }
        Ok(callers)
    }

    fn add(
        &mut self,
        entry: Entry,
        directory: &Path,
        takes_certificates: bool,
        before: Option<&Self>,
        looked: &mut Looked,
    ) -> Result<(), String> {
        check_name("application", &entry.application, true)?;
        check_name("team", &entry.team, false)?;
        check_name("organisation", &entry.organisation, false)?;
        let credential = credential(&entry, directory, looked)?;
        if entry.roles.is_empty() {
            return Err("`roles` is empty; a caller may `decide`, `admin` or both".to_owned());
        }
        let identity = (entry.organisation, entry.team, entry.application);
        let rate = self.rate(&identity, entry.rate, before)?;
        let (organisation, team, application) = identity;
        let caller = Arc::new(Caller {
            organisation,
            team,
            application,
            roles: Roles {
                decide: entry.roles.contains(&Role::Decide),
                admin: entry.roles.contains(&Role::Admin),
            },
            rate,
            is_trusted: entry.trusted_reports,
        });
        match credential {
            Credential::Token(token) => {
                if self.tokens.iter().any(|(other, _)| *other == token) {
                    return Err("its token is that of an earlier caller".to_owned());
                }
                self.tokens.push((token, caller));
            }
            Credential::Certificate(name) => {
                if !takes_certificates {
                    return Err(
                        "is known by a certificate, but no `--tls-client-ca` asks for any"
                            .to_owned(),
                    );
                }
                if self.certificates.insert(name, caller).is_some() {
                    return Err("its certificate is that of an earlier caller".to_owned());
                }
            }
        }
        Ok(())
    }

    fn rate(
        &mut self,
        identity: &Identity,
        per_second: Option<f64>,
        before: Option<&Self>,
    ) -> Result<Option<Arc<Rate>>, String> {
        let Some(per_second) = per_second else {
            return Ok(None);
        };
        if let Some(rate) = self.rates.get(identity) {
            if rate.per_second() == per_second {
                return Ok(Some(Arc::clone(rate)));
            }
            let (one, two) = (rate.per_second(), per_second);
            return Err(format!(
                "has the rates `{one}` and `{two}`, but a caller has one"
            ));
        }
        let kept = before
            .and_then(|before| before.rates.get(identity))
            .filter(|rate| rate.per_second() == per_second)
            .cloned();
        let rate = match kept {
            Some(rate) => rate,
            None => Arc::new(Rate::new(per_second).ok_or_else(|| {
                format!("the rate `{per_second}` is not from {MIN_RATE} to {MAX_RATE} requests per second")
            })?),
        };
        self.rates.insert(identity.clone(), Arc::clone(&rate));
        Ok(Some(rate))
    }

    /// Returns how many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len() + self.certificates.len()
    }

    /// Whether nobody may call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Callers {
    /// Says how many there are; digests of tokens are nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callers")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

fn credential(entry: &Entry, directory: &Path, looked: &mut Looked) -> Result<Credential, String> {
    match (&entry.token_sha256, &entry.token_file, &entry.certificate) {
        (Some(text), None, None) => hexadecimal(text)
            .map(Credential::Token)
            .ok_or_else(|| "`token_sha256` is not 64 hexadecimal digits".to_owned()),
        (None, Some(path), None) => {
            let bytes =
                read_noting(&directory.join(path), looked).map_err(|error| error.to_string())?;
            let token = bytes.trim_ascii();
            let is_token = token.len() >= MIN_TOKEN_BYTES && token.iter().all(u8::is_ascii_graphic);
            is_token.then(|| Credential::Token(digest(token))).ok_or_else(|| {
                format!("`token_file` is not one line of at least {MIN_TOKEN_BYTES} printable characters")
            })
        }
        (None, None, Some(name)) => {
            let (Name::Common(text) | Name::Dns(text) | Name::Uri(text)) = name;
            check_name("certificate", text, true)?;
            Ok(Credential::Certificate(name.clone()))
        }
        _ => Err("needs one of `token_sha256`, `token_file`, `certificate`".to_owned()),
    }
}

/// Reads a file and notes what was read.
fn read_noting(path: &Path, looked: &mut Looked) -> Result<Vec<u8>, CallersError> {
    let bytes = read(path, MAX_FILE_BYTES);
    let hash = bytes.as_ref().ok().map(|bytes| blake3::hash(bytes));
    looked.push((path.to_owned(), hash));
    bytes
}

fn read(path: &Path, most: usize) -> Result<Vec<u8>, CallersError> {
    let refused = |why: String| CallersError(format!("`{}` {why}", path.display()));
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > most as u64 {
        return Err(refused(format!(
            "has {size} bytes, over the limit of {most}"
        )));
    }
    std::fs::read(path).map_err(|error| refused(format!("cannot be read: {}", error.kind())))
}

fn check_name(key: &str, name: &str, is_needed: bool) -> Result<(), String> {
    if name.is_empty() && is_needed {
        return Err(format!("`{key}` is empty"));
    }
    if name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(format!(
            "`{key}` has control characters or more than {MAX_NAME_BYTES} bytes"
        ));
    }
    Ok(())
}

fn hexadecimal(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(digest)
}
