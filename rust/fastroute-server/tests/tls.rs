//! TLS: who is served without, with the wrong, and with the right certificate, and what happens when files change.

mod edge;
mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use edge::{CHECKOUT, Peer, STATUS, bearer, digest, frame, write};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use support::{Served, run, serve};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::Code;

struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::default()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    /// Signs a certificate: chain and key in PEM.
    fn sign(&self, common_name: &str, dns: &[&str], uri: Option<&str>) -> (String, String) {
        let names: Vec<String> = dns.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        if let Some(uri) = uri {
            params
                .subject_alt_names
                .push(SanType::URI(uri.try_into().expect("a URI")));
        }
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots
            .add(self.certificate.der().clone())
            .expect("an authority");
        roots
    }
}

fn client(
    authority: &Authority,
    identity: Option<&(String, String)>,
    alpn: &[&[u8]],
) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(authority.roots());
    let mut config = match identity {
        Some((chain, key)) => {
            let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
            builder
                .with_client_auth_cert(chain.expect("a chain"), key)
                .expect("an identity")
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn secured(address: &str, connector: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("edge.example").expect("a name");
    connector.connect(name, stream).await
}

/// Whether a call is served over TLS with this identity.
async fn is_served(
    address: &str,
    connector: &TlsConnector,
    headers: &[(&str, &str)],
) -> Option<Code> {
    let stream = secured(address, connector).await.ok()?;
    let mut peer = Peer::over(stream).await.ok()?;
    let answer = peer
        .call(edge::ROUTE, headers, edge::message("hello"))
        .await
        .ok()?;
    Some(answer.codes().0)
}

fn keep(folder: &Path, pair: &(String, String)) {
    write(folder, "cert.pem", &pair.0);
    write(folder, "key.pem", &pair.1);
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn serve_tls(folder: &Path, flags: &[&str]) -> Served {
    let (cert, key) = (path(folder, "cert.pem"), path(folder, "key.pem"));
    let all = ["--tls-cert", &cert, "--tls-key", &key];
    let all: Vec<&str> = all.iter().chain(flags).copied().collect();
    serve(&all)
}

/// Serial number of the certificate that a door shows.
async fn serial(address: &str, connector: &TlsConnector) -> Vec<u8> {
    let stream = secured(address, connector).await.expect("TLS");
    let certificates = stream
        .get_ref()
        .1
        .peer_certificates()
        .expect("a certificate");
    certificates[0].to_vec()
}

#[test]
fn every_door_speaks_tls_and_nothing_else() {
    let folder = TempDir::new().expect("a temporary folder");
    let authority = Authority::new("servers");
    keep(
        folder.path(),
        &authority.sign("edge", &["edge.example"], None),
    );
    let served = serve_tls(folder.path(), &[]);
    run(async {
        let connector = client(&authority, None, &[b"h2"]);
        for address in [served.grpc(), served.admin(), served.http()] {
            let stream = secured(address, &connector).await.expect("TLS");
            assert_eq!(
                stream.get_ref().1.alpn_protocol(),
                Some(&b"h2"[..]),
                "{address}"
            );
        }
        assert_eq!(
            is_served(served.grpc(), &connector, &[]).await,
            Some(Code::Ok)
        );
        // Without TLS, nothing is said.
        let plain = TcpStream::connect(served.grpc()).await.expect("a listener");
        let mut peer = Peer::over(plain)
            .await
            .expect("a client that waits for nothing");
        assert!(
            peer.call(edge::ROUTE, &[], edge::message("hello"))
                .await
                .is_err()
        );
        // HTTP/1 is for the HTTP door only.
        let connector = client(&authority, None, &[b"http/1.1"]);
        assert!(secured(served.http(), &connector).await.is_ok());
        assert!(secured(served.grpc(), &connector).await.is_err());
        let told = served.server.engine().metrics.encode();
        assert!(told.contains("handshakes_failed"), "{told}");
    });
}

#[test]
fn a_client_needs_a_certificate_of_the_right_authority() {
    let folder = TempDir::new().expect("a temporary folder");
    let (servers, clients, strangers) = (
        Authority::new("servers"),
        Authority::new("clients"),
        Authority::new("strangers"),
    );
    keep(
        folder.path(),
        &servers.sign("edge", &["edge.example"], None),
    );
    write(folder.path(), "ca.pem", &clients.certificate.pem());
    let ca = path(folder.path(), "ca.pem");
    let served = serve_tls(folder.path(), &["--tls-client-ca", &ca]);
    run(async {
        for (what, identity, expected) in [
            ("none", None, None),
            (
                "of a stranger",
                Some(strangers.sign("checkout", &[], None)),
                None,
            ),
            (
                "of the server's authority",
                Some(servers.sign("checkout", &[], None)),
                None,
            ),
            (
                "of the right authority",
                Some(clients.sign("checkout", &[], None)),
                Some(Code::Ok),
            ),
        ] {
            let connector = client(&servers, identity.as_ref(), &[b"h2"]);
            for address in [served.grpc(), served.admin()] {
                let code = is_served(address, &connector, &[]).await;
                let expected = if address == served.admin() {
                    expected.map(|_| Code::Unimplemented)
                } else {
                    expected
                };
                assert_eq!(code, expected, "a certificate {what}");
            }
        }
    });
}

#[test]
fn a_certificate_without_a_file_of_callers_decides_and_administers_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let authority = Authority::new("everybody");
    keep(
        folder.path(),
        &authority.sign("edge", &["edge.example"], None),
    );
    write(folder.path(), "ca.pem", &authority.certificate.pem());
    let ca = path(folder.path(), "ca.pem");
    let served = serve_tls(folder.path(), &["--tls-client-ca", &ca]);
    let identity = authority.sign("operator", &[], None);
    let connector = client(&authority, Some(&identity), &[b"h2"]);
    run(async {
        let code = is_served(served.grpc(), &connector, &[]).await;
        assert_eq!(code, Some(Code::Ok));
        let stream = secured(served.admin(), &connector).await.expect("TLS");
        let mut peer = Peer::over(stream).await.expect("HTTP/2");
        peer.call(STATUS, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_refused(Code::PermissionDenied, "ROLE_MISSING");
    });
}

#[test]
fn the_caller_is_the_one_that_the_certificate_names() {
    let folder = TempDir::new().expect("a temporary folder");
    let authority = Authority::new("everybody");
    keep(
        folder.path(),
        &authority.sign("edge", &["edge.example"], None),
    );
    write(folder.path(), "ca.pem", &authority.certificate.pem());
    let callers = format!(
        "callers:\n\
         - {{application: batch, certificate: {{uri: \"spiffe://acme/batch\"}}, roles: [decide]}}\n\
         - {{application: shop, certificate: {{dns: shop.example}}, roles: [decide]}}\n\
         - {{application: operator, certificate: {{common_name: operator}}, roles: [admin]}}\n\
         - {{application: checkout, token_sha256: {}, roles: [decide]}}\n",
        digest(CHECKOUT)
    );
    write(folder.path(), "callers.yaml", &callers);
    let (ca, callers) = (
        path(folder.path(), "ca.pem"),
        path(folder.path(), "callers.yaml"),
    );
    let served = serve_tls(
        folder.path(),
        &["--tls-client-ca", &ca, "--callers", &callers],
    );
    let token = bearer(CHECKOUT);
    let right = [("authorization", &*token)];
    let wrong = [("authorization", "Bearer a-token-of-nobody-at-all")];
    run(async {
        for (what, identity, headers, expected) in [
            (
                "a URI",
                authority.sign("x", &[], Some("spiffe://acme/batch")),
                &[][..],
                Code::Ok,
            ),
            (
                "another URI",
                authority.sign("x", &[], Some("spiffe://acme/batch2")),
                &[],
                Code::Unauthenticated,
            ),
            (
                "a DNS name",
                authority.sign("x", &["shop.example"], None),
                &[],
                Code::Ok,
            ),
            (
                "a common name",
                authority.sign("operator", &[], None),
                &[],
                Code::PermissionDenied,
            ),
            (
                "a DNS name in the wrong place",
                authority.sign("shop.example", &[], None),
                &[],
                Code::Unauthenticated,
            ),
            (
                "nobody with a token",
                authority.sign("x", &[], None),
                &right[..],
                Code::Ok,
            ),
            (
                "somebody with a wrong token",
                authority.sign("x", &["shop.example"], None),
                &wrong[..],
                Code::Unauthenticated,
            ),
        ] {
            let connector = client(&authority, Some(&identity), &[b"h2"]);
            let code = is_served(served.grpc(), &connector, headers).await;
            assert_eq!(code, Some(expected), "{what}");
        }
        let operator = client(
            &authority,
            Some(&authority.sign("operator", &[], None)),
            &[b"h2"],
        );
        let stream = secured(served.admin(), &operator).await.expect("TLS");
        let mut peer = Peer::over(stream).await.expect("HTTP/2");
        peer.call(STATUS, &[], frame(false, b""))
            .await
            .expect("an answer")
            .assert_ok();
    });
}

#[test]
fn a_new_certificate_serves_new_connections_and_a_bad_pair_changes_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let authority = Authority::new("servers");
    let (first, second) = (
        authority.sign("first", &["edge.example"], None),
        authority.sign("second", &["edge.example"], None),
    );
    keep(folder.path(), &first);
    let served = serve_tls(folder.path(), &[]);
    let edge = served.server.edge();
    run(async {
        let connector = client(&authority, None, &[b"h2"]);
        let shown = serial(served.grpc(), &connector).await;
        let stream = secured(served.grpc(), &connector).await.expect("TLS");
        let mut open = Peer::over(stream).await.expect("HTTP/2");
        // The certificate alone is no pair with the old key.
        write(folder.path(), "cert.pem", &second.0);
        edge.refresh();
        assert_eq!(serial(served.grpc(), &connector).await, shown);
        write(folder.path(), "key.pem", "no key at all");
        edge.refresh();
        assert_eq!(serial(served.grpc(), &connector).await, shown);
        fs::remove_file(folder.path().join("key.pem")).expect("a file");
        edge.refresh();
        assert_eq!(serial(served.grpc(), &connector).await, shown);
        // The last file is seen without being asked for.
        write(folder.path(), "key.pem", &second.1);
        let until = Instant::now() + Duration::from_secs(10);
        while serial(served.grpc(), &connector).await == shown {
            assert!(Instant::now() < until, "the pair was not read again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        open.route(&[]).await.assert_ok();
    });
}

#[test]
fn what_cannot_be_served_with_does_not_start() {
    let folder = TempDir::new().expect("a temporary folder");
    let authority = Authority::new("servers");
    let (pair, other) = (
        authority.sign("edge", &["edge.example"], None),
        authority.sign("edge", &["edge.example"], None),
    );
    let empty = String::new();
    for (what, cert, key, ca) in [
        ("no certificate", &empty, &pair.1, None),
        ("no key", &pair.0, &empty, None),
        ("a key of another", &pair.0, &other.1, None),
        ("no authority", &pair.0, &pair.1, Some(&empty)),
    ] {
        write(folder.path(), "cert.pem", cert);
        write(folder.path(), "key.pem", key);
        let (cert, key) = (
            path(folder.path(), "cert.pem"),
            path(folder.path(), "key.pem"),
        );
        let ca_path = path(folder.path(), "ca.pem");
        let mut flags = vec!["--tls-cert", &*cert, "--tls-key", &*key];
        if let Some(ca) = ca {
            write(folder.path(), "ca.pem", ca);
            flags.extend(["--tls-client-ca", &*ca_path]);
        }
        let settings = support::settings(&flags);
        let refused =
            fastroute_server::Server::start(&settings, fastroute_server::Hosts::default());
        let refused = refused.expect_err(what);
        assert_eq!(refused.code(), "INVALID_TLS", "{what}");
        assert!(!refused.to_string().contains("PRIVATE KEY"), "{refused}");
    }
}

#[test]
fn a_unix_socket_needs_no_tls() {
    let folder = TempDir::new().expect("a temporary folder");
    let authority = Authority::new("servers");
    keep(
        folder.path(),
        &authority.sign("edge", &["edge.example"], None),
    );
    let socket = folder.path().join("grpc.sock");
    let flag = format!("unix:{}", socket.display());
    let served = serve_tls(folder.path(), &["--listen", &flag]);
    assert_eq!(served.grpc(), flag);
    run(async {
        let stream = tokio::net::UnixStream::connect(&socket)
            .await
            .expect("a listener");
        Peer::over(stream)
            .await
            .expect("HTTP/2")
            .route(&[])
            .await
            .assert_ok();
    });
}
