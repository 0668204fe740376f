//! Opens channels to a fastroute server, and reads the stable code out of errors.
//!
//! The environment says where the server is and who calls: `FASTROUTE_ADDRESS` (127.0.0.1:50051 when unset),
//! `FASTROUTE_TOKEN`, the caller's token, and `FASTROUTE_CA`, a file with the certificate authority of a server that
//! speaks TLS. A channel is cheap to clone; a program opens one, and shares it.

use std::env;
use std::error::Error;
use std::fs;

use fastroute_proto::v1::router_service_client::RouterServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use tonic_types::StatusExt;

/// The client that [`router`] gives.
pub type Router = RouterServiceClient<InterceptedService<Channel, Bearer>>;

/// Opens a channel to the server that the environment names.
///
/// # Errors
///
/// Fails when the address cannot be read, or the file of the certificate authority, or when nothing listens there.
pub async fn connect() -> Result<Channel, Box<dyn Error>> {
    let address = env::var("FASTROUTE_ADDRESS").unwrap_or_else(|_| "127.0.0.1:50051".into());
    let endpoint = match env::var("FASTROUTE_CA") {
        Ok(file) if !file.is_empty() => {
            let authority = Certificate::from_pem(fs::read(file)?);
            Endpoint::from_shared(format!("https://{address}"))?
                .tls_config(ClientTlsConfig::new().ca_certificate(authority))?
        }
        _ => Endpoint::from_shared(format!("http://{address}"))?,
    };
    Ok(endpoint.connect().await?)
}

/// Makes a client whose calls carry the token.
///
/// # Errors
///
/// Fails when the token has characters that no header carries.
pub fn router(channel: Channel, token: Option<&str>) -> Result<Router, Box<dyn Error>> {
    let header = token
        .map(|token| format!("Bearer {token}").parse())
        .transpose()?;
    Ok(RouterServiceClient::with_interceptor(
        channel,
        Bearer { header },
    ))
}

/// Sends the caller's token with every call.
#[derive(Clone, Debug)]
pub struct Bearer {
    header: Option<MetadataValue<Ascii>>,
}

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(header) = &self.header {
            request
                .metadata_mut()
                .insert("authorization", header.clone());
        }
        Ok(request)
    }
}

/// Returns the stable code of an error, or gRPC's own where no server answered.
#[must_use]
pub fn reason_of(status: &Status) -> String {
    match status.get_details_error_info() {
        Some(info) => info.reason,
        None => format!("{:?}", status.code()),
    }
}
