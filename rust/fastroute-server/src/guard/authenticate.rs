//! Who a call is from: the bearer token of its header, or the certificate of its connection.
//!
//! A presented token is digested and its digest compared with every one that is known, in constant
//! time and without an early end, so the time tells nothing about any of them. That costs a
//! microsecond; as the calls of a connection show the same token again and again, the last one that was
//! right is remembered there, and the next is compared with it in constant time too.
//!
//! A header that shows a wrong token is refused even where the certificate would do: who sends one
//! means it.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderValue;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use tonic::Code;

use super::Certificate;
use super::callers::{Callers, CallersError, Looked, Name, digest};
use crate::context::{Caller, Roles};
use crate::refusal::Refusal;

/// Bytes of the longest header that is looked at.
const MAX_HEADER_BYTES: usize = 4096;

/// What makes a call somebody's.
pub enum Authentication {
    /// A file of callers says who has which token or certificate.
    Callers(ArcSwap<Callers>),
    /// Every certificate that the authority signed may decide, and no more: an authority signs for many, and who may
    /// change a configuration is named in a file of callers. The caller here is who opens a Unix socket, whose file says
    /// who may do so; that one may do everything.
    Certificates(Arc<Caller>),
    /// Anybody who connects may do everything.
    Nothing(Arc<Caller>),
}

/// What one connection knows from its earlier calls.
#[derive(Default)]
pub struct Memory {
    callers: Option<Arc<Callers>>,
    token: Option<(HeaderValue, Arc<Caller>)>,
    certificate: Option<Option<Arc<Caller>>>,
}

impl Authentication {
    /// Reads the file of callers, if there is one.
    ///
    /// # Errors
    ///
    /// See [`Callers::read`].
    pub(crate) fn new(
        callers: Option<&Path>,
        takes_certificates: bool,
        looked: &mut Looked,
    ) -> Result<Self, CallersError> {
        let everything = Roles {
            decide: true,
            admin: true,
        };
        let anybody = || {
            Arc::new(Caller {
                roles: everything,
                ..Caller::default()
            })
        };
        Ok(match callers {
            Some(path) => {
                let callers = Callers::read(path, takes_certificates, None, looked)?;
                Self::Callers(ArcSwap::from_pointee(callers))
            }
            None if takes_certificates => Self::Certificates(anybody()),
            None => Self::Nothing(anybody()),
        })
    }

    /// Whether a call needs nothing to be anybody's.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Nothing(_))
    }

    /// Finds whose a call is.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when it shows nothing, or a token or certificate of nobody's.
    pub fn identify(
        &self,
        header: Option<&HeaderValue>,
        certificate: Option<&Certificate>,
        memory: &mut Memory,
    ) -> Result<Arc<Caller>, Refusal> {
        match self {
            Self::Nothing(anybody) => Ok(Arc::clone(anybody)),
            Self::Certificates(anybody) => Ok(match certificate {
                Some(certificate) => {
                    let remembered = memory
                        .certificate
                        .get_or_insert_with(|| Some(Arc::new(bearer(certificate))));
                    Arc::clone(remembered.as_ref().unwrap_or(anybody))
                }
                None => Arc::clone(anybody),
            }),
            Self::Callers(callers) => {
                let callers = callers.load();
                if !memory
                    .callers
                    .as_ref()
                    .is_some_and(|known| Arc::ptr_eq(known, &callers))
                {
                    *memory = Memory {
                        callers: Some(Arc::clone(&callers)),
                        ..Memory::default()
                    };
                }
                match (header, certificate) {
                    (Some(header), _) => by_token(&callers, header, memory),
                    (None, Some(certificate)) => {
                        let remembered = memory
                            .certificate
                            .get_or_insert_with(|| by_certificate(&callers, certificate));
                        remembered
                            .clone()
                            .ok_or_else(|| unauthenticated("the certificate is of no caller"))
                    }
                    (None, None) => Err(unauthenticated(
                        "the call shows no bearer token and no certificate",
                    )),
                }
            }
        }
    }
}

/// Makes the caller that a certificate names where no file does.
fn bearer(certificate: &Certificate) -> Caller {
    Caller {
        organisation: certificate.organisation.clone(),
        team: certificate.unit.clone(),
        application: certificate.name().into(),
        roles: Roles {
            decide: true,
            admin: false,
        },
        rate: None,
        is_trusted: true,
    }
}

fn by_token(
    callers: &Callers,
    header: &HeaderValue,
    memory: &mut Memory,
) -> Result<Arc<Caller>, Refusal> {
    if let Some((known, caller)) = &memory.token
        && bool::from(known.as_bytes().ct_eq(header.as_bytes()))
    {
        return Ok(Arc::clone(caller));
    }
    let token = bearer_token(header.as_bytes())
        .ok_or_else(|| unauthenticated("`authorization` is not `Bearer` and a token"))?;
    let presented = digest(token);
    let mut found = u32::MAX;
    for (index, (known, _)) in (0_u32..).zip(&callers.tokens) {
        found.conditional_assign(&index, known.ct_eq(&presented));
    }
    let entry = usize::try_from(found)
        .ok()
        .and_then(|index| callers.tokens.get(index));
    let (_, caller) = entry.ok_or_else(|| unauthenticated("the token is of no caller"))?;
    memory.token = Some((header.clone(), Arc::clone(caller)));
    Ok(Arc::clone(caller))
}

/// Finds a caller by URI, then DNS name, then common name.
fn by_certificate(callers: &Callers, certificate: &Certificate) -> Option<Arc<Caller>> {
    let uris = certificate.uris.iter().cloned().map(Name::Uri);
    let dns = certificate.dns.iter().cloned().map(Name::Dns);
    let common = std::iter::once(Name::Common(certificate.common_name.clone()));
    let mut names = uris.chain(dns).chain(common);
    names.find_map(|name| callers.certificates.get(&name).cloned())
}

fn bearer_token(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(7)?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer ");
    let token = token.trim_ascii();
    (is_bearer && !token.is_empty() && header.len() <= MAX_HEADER_BYTES).then_some(token)
}

fn unauthenticated(message: &str) -> Refusal {
    Refusal::new("UNAUTHENTICATED", Code::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_is_a_token() {
        for (header, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("BEARER abc", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearerabc", None),
            ("", None),
        ] {
            assert_eq!(
                bearer_token(header.as_bytes()),
                expected.map(str::as_bytes),
                "{header}"
            );
        }
    }
}
