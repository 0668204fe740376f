//! Asks a fastroute server where a text should go: `cargo run -p fastroute-example-client -- TEXT…`.
//!
//! The library's page says what the environment may set.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use fastroute_proto::v1::RouteRequest;
use fastroute_proto::v1::route_response::Result as Answer;
use route::{connect, reason_of, router};
use tonic::{Request, Status};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.is_empty() {
        eprintln!("usage: route TEXT…");
        return Ok(ExitCode::from(2));
    }
    if let Err(status) = route(words.join(" ")).await? {
        eprintln!("route: {} [{}]", status.message(), reason_of(&status));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

async fn route(text: String) -> Result<Result<(), Status>, Box<dyn Error>> {
    let mut router = router(
        connect().await?,
        env::var("FASTROUTE_TOKEN").ok().as_deref(),
    )?;
    let mut request = Request::new(RouteRequest {
        text: Some(text),
        ..RouteRequest::default()
    });
    request.set_timeout(Duration::from_secs(2));
    let response = match router.route(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return Ok(Err(status)),
    };
    if let Some(Answer::Decision(decision)) = response.result {
        println!("outcome {}", decision.outcome().as_str_name());
        println!("route {}", decision.route());
        println!("model {}", decision.model());
        println!("reason {}", decision.reason.unwrap_or_default().code);
    }
    Ok(Ok(()))
}
