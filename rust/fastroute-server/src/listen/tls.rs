//! TLS of the listeners: certificate, key, and the authorities of clients, read again when they change.
//!
//! Versions 1.2 and 1.3 with the suites of ring. Each door offers what it speaks: `h2` for gRPC, also
//! `http/1.1` for HTTP. A pair that does not fit, or a file that cannot be read, changes nothing:
//! connections go on with the last good one. Connections that are open keep theirs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};

use crate::metrics::Door;
use crate::settings::Settings;

/// The TLS of all listeners.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    current: ArcSwap<Configs>,
}

struct Configs {
    rpc: Arc<ServerConfig>,
    web: Arc<ServerConfig>,
}

impl Tls {
    /// Reads the files that the settings name; none when they name none.
    pub fn new(settings: &Settings) -> Result<Option<Self>, String> {
        let (Some(certificate), Some(key)) = (&settings.tls_cert, &settings.tls_key) else {
            return Ok(None);
        };
        let client_ca = settings.tls_client_ca.clone();
        let configs = read(certificate, key, client_ca.as_deref())?;
        Ok(Some(Self {
            certificate: certificate.clone(),
            key: key.clone(),
            client_ca,
            current: ArcSwap::from_pointee(configs),
        }))
    }

    /// Reads the files again; on an error nothing changes.
    pub fn refresh(&self) -> Result<(), String> {
        let configs = read(&self.certificate, &self.key, self.client_ca.as_deref())?;
        self.current.store(Arc::new(configs));
        Ok(())
    }

    /// Returns the files to watch.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let files = [&self.certificate, &self.key];
        files
            .into_iter()
            .chain(&self.client_ca)
            .map(PathBuf::as_path)
    }

    /// Returns what a new connection of a door is served with.
    pub fn config(&self, door: Door) -> Arc<ServerConfig> {
        let current = self.current.load();
        Arc::clone(match door {
            Door::Http => &current.web,
            Door::Admin | Door::Grpc => &current.rpc,
        })
    }
}

fn read(certificate: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Configs, String> {
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|_| {
        format!(
            "`{}` has no private key in PEM that can be read",
            key.display()
        )
    })?;
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| error.to_string())?;
    let builder = match client_ca {
        Some(path) => builder.with_client_cert_verifier(verifier(path, provider)?),
        None => builder.with_no_client_auth(),
    };
    let mut rpc = builder.with_single_cert(chain, private).map_err(|error| {
        let (certificate, key) = (certificate.display(), key.display());
        format!("`{certificate}` and `{key}` are no pair to serve with: {error}")
    })?;
    rpc.alpn_protocols = vec![b"h2".to_vec()];
    let mut web = rpc.clone();
    web.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(Configs {
        rpc: Arc::new(rpc),
        web: Arc::new(web),
    })
}

fn verifier(
    path: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| {
            format!(
                "`{}` has a certificate of no authority: {error}",
                path.display()
            )
        })?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| format!("`{}` names no authority: {error}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unusable = |why: &str| format!("`{}` {why}", path.display());
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|_| unusable("has no certificates in PEM that can be read"))?;
    if certificates.is_empty() {
        return Err(unusable("has no certificate in PEM"));
    }
    Ok(certificates)
}
