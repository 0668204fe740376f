//! The names in a client's certificate, by which a caller is found.
//!
//! The chain is verified before any of this is read; here it only has to be taken apart. What cannot
//! be parsed has no names, so it belongs to no caller.

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::AttributeTypeAndValue;

/// The names in one certificate.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Certificate {
    /// URIs of the alternative names, such as `spiffe://acme/batch`.
    pub uris: Vec<Box<str>>,
    /// DNS names of the alternative names.
    pub dns: Vec<Box<str>>,
    /// Common name of the subject; empty when it has none.
    pub common_name: Box<str>,
    /// Organisation of the subject; empty when it has none.
    pub organisation: Box<str>,
    /// Organisational unit of the subject; empty when it has none.
    pub unit: Box<str>,
}

impl Certificate {
    /// Reads the names of a certificate whose chain has been verified.
    #[must_use]
    pub fn read(certificate: &CertificateDer<'_>) -> Self {
        let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
            return Self::default();
        };
        let mut names = Self {
            common_name: text(parsed.subject().iter_common_name()),
            organisation: text(parsed.subject().iter_organization()),
            unit: text(parsed.subject().iter_organizational_unit()),
            ..Self::default()
        };
        let Ok(Some(alternatives)) = parsed.subject_alternative_name() else {
            return names;
        };
        for name in &alternatives.value.general_names {
            match name {
                GeneralName::DNSName(name) => names.dns.push((*name).into()),
                GeneralName::URI(name) => names.uris.push((*name).into()),
                _ => {}
            }
        }
        names
    }

    /// Returns the name that says most: a URI, a DNS name, or the common name; empty when it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        let mut names = self.uris.iter().chain(&self.dns);
        names.next().unwrap_or(&self.common_name)
    }
}

fn text<'a>(mut values: impl Iterator<Item = &'a AttributeTypeAndValue<'a>>) -> Box<str> {
    let value = values.next().and_then(|value| value.as_str().ok());
    value.unwrap_or_default().into()
}
