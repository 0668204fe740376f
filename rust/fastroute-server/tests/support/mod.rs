//! Starts a server in this process on ports of the system's choice, and gives a channel to it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::sync::Arc;

use fastroute_proto::v1::admin_service_client::AdminServiceClient;
use fastroute_proto::v1::router_service_client::RouterServiceClient;
use fastroute_proto::v1::{RouteRequest, RouteResponse, route_response};
use fastroute_server::{Answerer, Hosts, Server, Settings};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

/// A running server and a folder of its own.
pub struct Served {
    pub server: Server,
    pub folder: TempDir,
}

/// Starts one with the embedded default configuration, and flags.
pub fn serve(flags: &[&str]) -> Served {
    let folder = TempDir::new().expect("a temporary folder");
    start(folder, flags, Hosts::default())
}

/// Starts one with a configuration in its folder, as `fastroute.yaml`, and flags.
pub fn serve_config(config: &str, flags: &[&str]) -> Served {
    serve_asking(config, flags, None)
}

/// Starts one with a configuration and a host that answers questions.
pub fn serve_asking(config: &str, flags: &[&str], answerer: Option<Arc<dyn Answerer>>) -> Served {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("fastroute.yaml");
    fs::write(&path, config).expect("a writable folder");
    let path = path.display().to_string();
    let flags: Vec<&str> = ["--config", &path].iter().chain(flags).copied().collect();
    let hosts = answerer.map_or_else(Hosts::default, |answerer| Hosts { answerer });
    start(folder, &flags, hosts)
}

fn start(folder: TempDir, flags: &[&str], hosts: Hosts) -> Served {
    let settings = settings(flags);
    let server = Server::start(&settings, hosts).expect("a server that starts");
    Served { server, folder }
}

/// Settings of flags; ports are of the system's choice unless a flag says otherwise.
pub fn settings(flags: &[&str]) -> Settings {
    let mut arguments = vec!["fastroute"];
    for (flag, value) in [
        ("--listen", "127.0.0.1:0"),
        ("--http", "127.0.0.1:0"),
        ("--admin", "127.0.0.1:0"),
        ("--threads", "2"),
    ] {
        if !flags.contains(&flag) {
            arguments.extend([flag, value]);
        }
    }
    arguments.extend(flags);
    Settings::parse_from(arguments).expect("settings that hold")
}

impl Served {
    /// Address of the gRPC door.
    pub fn grpc(&self) -> &str {
        &self.server.addresses().grpc[0]
    }

    /// Address of the HTTP door.
    pub fn http(&self) -> &str {
        self.server.addresses().http.as_deref().expect("HTTP is on")
    }

    /// Address of the admin door.
    pub fn admin(&self) -> &str {
        self.server
            .addresses()
            .admin
            .as_deref()
            .expect("the admin door is on")
    }

    /// A client of the router service.
    pub async fn router(&self) -> RouterServiceClient<Channel> {
        RouterServiceClient::new(channel(self.grpc()).await)
    }

    /// A client of the admin service.
    pub async fn administrator(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(channel(self.admin()).await)
    }
}

/// A plain channel to an address.
pub async fn channel(address: &str) -> Channel {
    Endpoint::from_shared(format!("http://{address}"))
        .expect("an address")
        .connect()
        .await
        .expect("a server that listens")
}

/// A request of one text.
pub fn text(text: &str) -> RouteRequest {
    RouteRequest {
        text: Some(text.to_owned()),
        ..RouteRequest::default()
    }
}

/// The decision of an answer.
pub fn decision(response: RouteResponse) -> fastroute_proto::v1::Decision {
    match response.result {
        Some(route_response::Result::Decision(decision)) => decision,
        other => panic!("no decision: {other:?}"),
    }
}

/// Runs a test's future; the server has a runtime of its own.
pub fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
