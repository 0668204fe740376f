//! Posts a question to a provider over HTTP/1.1, with or without TLS, and reads an answer of bounded size.
//!
//! Connections are kept and shared. Certificates are checked against the roots of the system (`SSL_CERT_FILE` and
//! `SSL_CERT_DIR` name others), which are read when the first question goes out, some ten milliseconds once. Redirects are not
//! followed, because a key would go along, and proxies are not used. Nothing here is logged: addresses may hold secrets.

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::uri::Scheme;
use http::{HeaderMap, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Pooled, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

/// Bytes of the longest answer that is read; a label takes a few hundred.
pub(super) const MAX_ANSWER_BYTES: usize = 1 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_IDLE_PER_HOST: usize = 32;

type Connections = Pooled<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The connections to providers.
#[derive(Default)]
pub(super) struct Client {
    connections: OnceLock<Connections>,
    roots: Option<RootCertStore>,
}

/// What a provider answered.
pub(super) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Time to the head of the answer.
    pub first_byte: Duration,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Failure {
    /// It broke off after its head.
    Broken,
    /// There was no connection, or none that lasted until the head of an answer.
    Connect,
    /// It is longer than what is read.
    TooLarge,
}

impl Client {
    /// Trusts these roots instead of the system's.
    pub fn trusting(roots: RootCertStore) -> Self {
        Self {
            connections: OnceLock::new(),
            roots: Some(roots),
        }
    }

    /// Posts JSON and reads the answer; dropping the future closes the connection.
    pub async fn post(
        &self,
        uri: Uri,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Reply, Failure> {
        let began = Instant::now();
        let connections = self
            .connections
            .get_or_init(|| connections(self.roots.clone()));
        let mut request = Request::post(uri)
            .body(Full::from(body))
            .map_err(|_| Failure::Connect)?;
        *request.headers_mut() = headers;
        let response = connections
            .request(request)
            .await
            .map_err(|_: Error| Failure::Connect)?;
        let first_byte = began.elapsed();
        let (head, mut body) = response.into_parts();
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Failure::Broken)?;
            if let Some(data) = frame.data_ref() {
                if read.len() + data.len() > MAX_ANSWER_BYTES {
                    return Err(Failure::TooLarge);
                }
                read.extend_from_slice(data);
            }
        }
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: read.freeze(),
            first_byte,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// The address of a path below a base; none when it is no address of HTTP.
pub(super) fn address(base: &str, path: &str) -> Option<Uri> {
    let uri: Uri = format!("{}{path}", base.trim_end_matches('/'))
        .parse()
        .ok()?;
    let speaks_http = [&Scheme::HTTP, &Scheme::HTTPS].contains(&uri.scheme()?);
    speaks_http.then_some(uri)
}

fn connections(roots: Option<RootCertStore>) -> Connections {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls(roots))
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Pooled::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
        .build(https)
}

/// Without a single root every handshake fails, and with it every question over TLS.
fn tls(roots: Option<RootCertStore>) -> ClientConfig {
    let roots = roots.unwrap_or_else(|| {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, ignored) = roots.add_parsable_certificates(found.certs);
        tracing::debug!(
            event = "roots_read",
            added,
            ignored,
            failed = found.errors.len()
        );
        roots
    });
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match versions {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        // The provider has both versions, so this is not reached.
        Err(_) => ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_below_the_base_and_other_schemes_are_no_address() {
        let address = |base| address(base, "/messages").map(|uri| uri.to_string());
        assert_eq!(
            address("http://127.0.0.1:1/v1/").as_deref(),
            Some("http://127.0.0.1:1/v1/messages")
        );
        assert_eq!(
            address("https://x.example/v1").as_deref(),
            Some("https://x.example/v1/messages")
        );
        for none in [
            "",
            "x",
            "127.0.0.1:80",
            "ftp://x",
            "file:///etc/passwd",
            "http://",
        ] {
            assert_eq!(address(none), None, "{none}");
        }
    }
}
