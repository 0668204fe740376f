//! What stands behind each listener: which service takes which path.
//!
//! The paths of gRPC are few and known, so a match finds the service; the HTTP door has a router of
//! its own. Who may come in is the edge's affair, before any of this runs.

pub(crate) mod health;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;
use tower::util::BoxCloneSyncService;

use crate::engine::Engine;
use crate::http;
use crate::listen::RequestBody;
use crate::refusal::Refusal;
use health::Checks;

/// Lists services and messages to tools; its own type cannot be named.
type Reflection =
    BoxCloneSyncService<::http::Request<RequestBody>, ::http::Response<Body>, Infallible>;

type Answer = Pin<Box<dyn Future<Output = Result<::http::Response<Body>, Infallible>> + Send>>;

/// A service of gRPC, with health and reflection beside it.
///
/// Cloned for each call, so what is called rarely lies behind one pointer.
#[derive(Clone)]
pub(crate) struct RpcDoor<S> {
    service: S,
    beside: Arc<Beside>,
}

struct Beside {
    checks: Checks,
    reflection: Reflection,
}

impl<S: NamedService> RpcDoor<S> {
    pub fn new(service: S, checks: Checks) -> Self {
        let reflection = reflection(S::NAME);
        Self {
            service,
            beside: Arc::new(Beside { checks, reflection }),
        }
    }
}

impl<S> Service<::http::Request<RequestBody>> for RpcDoor<S>
where
    S: Service<
            ::http::Request<RequestBody>,
            Response = ::http::Response<Body>,
            Error = Infallible,
            Future = Answer,
        > + NamedService,
{
    type Response = ::http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ::http::Request<RequestBody>) -> Answer {
        match service_of(request.uri().path()) {
            name if name == S::NAME => self.service.call(request),
            "grpc.health.v1.Health" => self.beside.checks.clone().call(request),
            "grpc.reflection.v1.ServerReflection" => self.beside.reflection.clone().call(request),
            _ => unknown_method(),
        }
    }
}

/// The JSON form, health checks and metrics.
#[derive(Clone)]
pub(crate) struct HttpDoor(axum::Router);

impl HttpDoor {
    pub fn new(engine: Arc<Engine>) -> Self {
        Self(http::app(engine))
    }
}

impl Service<::http::Request<RequestBody>> for HttpDoor {
    type Response = ::http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ::http::Request<RequestBody>) -> Answer {
        let answer = self.0.call(request);
        Box::pin(async move { Ok(answer.await?.map(Body::new)) })
    }
}

/// Describes the services of one door.
fn reflection(service: &str) -> Reflection {
    let built = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(fastroute_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // The details of errors, so that tools show their reason.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .with_service_name(service)
        .with_service_name("grpc.health.v1.Health")
        .with_service_name("grpc.reflection.v1.ServerReflection")
        .build_v1();
    match built {
        Ok(service) => BoxCloneSyncService::new(service),
        // The descriptors are part of the program, so a test sees this, no user does.
        Err(_) => BoxCloneSyncService::new(tower::service_fn(|_| unknown_method())),
    }
}

/// The name between the slashes of `/service/Method`.
fn service_of(path: &str) -> &str {
    path.strip_prefix('/')
        .and_then(|path| path.split_once('/'))
        .map_or("", |(service, _)| service)
}

fn unknown_method() -> Answer {
    let refusal = Refusal::new(
        "UNKNOWN_METHOD",
        tonic::Code::Unimplemented,
        "no such method on this port; the admin service has a port of its own",
    );
    Box::pin(std::future::ready(Ok(refusal.into_status().into_http())))
}
