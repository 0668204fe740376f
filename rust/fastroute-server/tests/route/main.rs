//! One request: what its defects are called, and what its answer holds.

#[path = "../calling/mod.rs"]
mod calling;

mod answers;
mod bytes;
mod defects;
mod many;

use calling::{context, decision, text};
use fastroute_proto::v1;
use fastroute_server::engine::Engine;
use fastroute_server::{Refusal, service};
use v1::metadata_entry::Value;

const ROUTE: &str = "/fastroute.v1.RouterService/Route";

async fn decide(engine: &Engine, request: v1::RouteRequest) -> v1::Decision {
    decision(
        service::route(engine, request, &context())
            .await
            .expect("an answer"),
    )
}

async fn refuse(engine: &Engine, request: v1::RouteRequest) -> Refusal {
    service::route(engine, request, &context())
        .await
        .expect_err("a defect")
}

fn fact(key: &str, value: Value) -> v1::MetadataEntry {
    v1::MetadataEntry {
        key: key.to_owned(),
        value: Some(value),
    }
}

fn span(seconds: i64, nanos: i32) -> pbjson_types::Duration {
    pbjson_types::Duration { seconds, nanos }
}

fn limited(limits: v1::Limits) -> v1::RouteRequest {
    v1::RouteRequest {
        limits: Some(limits),
        ..text("hello")
    }
}
