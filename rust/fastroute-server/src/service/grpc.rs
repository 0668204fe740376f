//! The services of gRPC: from a request of HTTP/2 to a call and back.
//!
//! The generated servers bring a codec of their own and answer what they cannot read with a bare
//! status. These are the same services with ours: every error carries a code, a large list is refused before
//! it is decoded, and a malformed item does not end a stream. A test holds their methods to the descriptor.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use fastroute_proto::v1;
use http::{HeaderName, Request, Response};
use http_body::Body as HttpBody;
use prost::Message;
use tonic::body::Body;
use tonic::codec::{Codec, CompressionEncoding};
use tonic::server::{Grpc, NamedService};
use tonic::{Code, Status};
use tower::Service;

use super::stream::Answers;
use crate::codec::{Bounded, Lenient, Strict, typed};
use crate::context::{CallContext, Caller, Roles};
use crate::engine::Engine;
use crate::refusal::Refusal;

/// Says which encodings a client may use next time.
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

type BoxError = Box<dyn std::error::Error + Send + Sync>;

type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// The router service.
#[derive(Clone)]
pub struct Router(Arc<Engine>);

/// The admin service.
#[derive(Clone)]
pub struct Admin(Arc<Engine>);

/// Makes the router service of a server.
#[must_use]
pub fn router_service(engine: Arc<Engine>) -> Router {
    Router(engine)
}

/// Makes the admin service of a server.
#[must_use]
pub fn admin_service(engine: Arc<Engine>) -> Admin {
    Admin(engine)
}

/// Answers a unary call with a function of engine, message and context.
macro_rules! unary {
    ($engine:expr, $request:expr, $call:path) => {
        Box::pin(unary(
            $engine.clone(),
            $request,
            |engine: Arc<Engine>, message, context| async move {
                $call(&engine, message, &context).await
            },
        ))
    };
}

macro_rules! service {
    ($name:ident, $path:literal, |$engine:ident, $request:ident| { $($method:literal => $answer:expr,)* }) => {
        impl NamedService for $name {
            const NAME: &'static str = $path;
        }

        impl $name {
            /// The methods of the service.
            pub const METHODS: &'static [&'static str] = &[$($method),*];
        }

        impl<B> Service<Request<B>> for $name
        where
            B: HttpBody + Send + 'static,
            B::Error: Into<BoxError> + Send + 'static,
        {
            type Response = Response<Body>;
            type Error = Infallible;
            type Future = Answering;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, $request: Request<B>) -> Answering {
                let $engine = &self.0;
                match $request.uri().path() {
                    $(concat!("/", $path, "/", $method) => $answer,)*
                    _ => Box::pin(std::future::ready(Ok(unknown_method().into_status().into_http()))),
                }
            }
        }
    };
}

service!(Router, "fastroute.v1.RouterService", |engine, request| {
    "Route" => unary!(engine, request, super::route),
    "RouteBatch" => unary!(engine, request, super::route_batch),
    "RouteStream" => Box::pin(stream(engine.clone(), request)),
    "Explain" => unary!(engine, request, super::explain),
    "ReportOutcomes" => unary!(engine, request, super::report_outcomes),
});

service!(Admin, "fastroute.v1.AdminService", |engine, request| {
    "GetStatus" => unary!(engine, request, super::get_status),
    "ValidateConfig" => unary!(engine, request, super::validate_config),
    "ReloadConfig" => unary!(engine, request, super::reload_config),
    "ListRevisions" => unary!(engine, request, super::list_revisions),
    "ActivateRevision" => unary!(engine, request, super::activate_revision),
    "ListHealth" => unary!(engine, request, super::list_health),
    "ForceHealth" => unary!(engine, request, super::force_health),
});

async fn unary<B, Q, R, F>(
    engine: Arc<Engine>,
    request: Request<B>,
    call: impl Fn(Arc<Engine>, Q, CallContext) -> F + Send,
) -> Result<Response<Body>, Infallible>
where
    B: HttpBody + Send + 'static,
    B::Error: Into<BoxError> + Send + 'static,
    Q: Message + Bounded + Default + 'static,
    R: Message + 'static,
    F: Future<Output = Result<R, Refusal>> + Send + 'static,
{
    let mut grpc = grpc(&engine, Strict::<R, Q>::new());
    let answer = tower::service_fn(move |request: tonic::Request<Q>| {
        let context = context_of(request.extensions());
        let answering = call(Arc::clone(&engine), request.into_inner(), context);
        async move {
            answering
                .await
                .map(tonic::Response::new)
                .map_err(Status::from)
        }
    });
    Ok(with_code(grpc.unary(answer, request).await))
}

async fn stream<B>(engine: Arc<Engine>, request: Request<B>) -> Result<Response<Body>, Infallible>
where
    B: HttpBody + Send + 'static,
    B::Error: Into<BoxError> + Send + 'static,
{
    let mut grpc = grpc(
        &engine,
        Lenient::<v1::RouteStreamResponse, v1::RouteStreamRequest>::new(),
    );
    let answer = tower::service_fn(move |request: tonic::Request<tonic::Streaming<_>>| {
        let context = context_of(request.extensions());
        let answers = Answers::new(request.into_inner(), Arc::clone(&engine), context);
        std::future::ready(Ok::<_, Status>(tonic::Response::new(answers)))
    });
    Ok(with_code(grpc.streaming(answer, request).await))
}

fn grpc<C: Codec>(engine: &Engine, codec: C) -> Grpc<C> {
    let grpc = Grpc::new(codec).max_decoding_message_size(engine.max_message_bytes);
    if engine.accepts_gzip {
        grpc.accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip)
    } else {
        grpc
    }
}

/// What the edge knows of a call; nobody with the role to decide where there is no edge.
fn context_of(extensions: &http::Extensions) -> CallContext {
    static NOBODY: LazyLock<Arc<Caller>> = LazyLock::new(|| {
        Arc::new(Caller {
            roles: Roles {
                decide: true,
                admin: false,
            },
            ..Caller::default()
        })
    });
    extensions.get().cloned().unwrap_or_else(|| CallContext {
        caller: Arc::clone(&NOBODY),
        deadline: None,
        trace: None,
        trace_state: None,
    })
}

/// Gives a code to what the transport refused with a bare status.
fn with_code(response: Response<Body>) -> Response<Body> {
    let Some(status) = Status::from_header_map(response.headers()) else {
        return response;
    };
    if !status.details().is_empty() {
        return response;
    }
    let mut typed: Response<Body> = typed(&status).into_status().into_http();
    if let Some(accepted) = response.headers().get(ACCEPT_ENCODING) {
        typed
            .headers_mut()
            .insert(ACCEPT_ENCODING, accepted.clone());
    }
    typed
}

fn unknown_method() -> Refusal {
    Refusal::new(
        "UNKNOWN_METHOD",
        Code::Unimplemented,
        "the service has no such method",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_have_the_methods_of_the_descriptor() {
        let files = prost_types::FileDescriptorSet::decode(fastroute_proto::FILE_DESCRIPTOR_SET)
            .expect("the descriptor");
        let services = files.file.iter().flat_map(|file| {
            let package = file.package();
            file.service
                .iter()
                .map(move |service| (format!("{package}.{}", service.name()), service))
        });
        let mut seen = 0;
        for (name, service) in services {
            let own = match &*name {
                Router::NAME => Router::METHODS,
                Admin::NAME => Admin::METHODS,
                _ => continue,
            };
            let described: Vec<&str> = service.method.iter().map(|method| method.name()).collect();
            assert_eq!(described, own, "{name}");
            seen += 1;
        }
        assert_eq!(seen, 2);
    }
}
