//! Swaps the configuration of a running server again and again, and prints how long the swaps took as JSON.
//!
//! The revisions are made retained by loading each once. After that, most swaps activate a retained
//! one, and every twentieth loads its text again, which builds what changed. A swap that fails ends the run.
//!
//! ```text
//! swap --admin 127.0.0.1:50052 --count 1000 --pause-ms 20 a.json b.json c.json
//! ```

use std::{
    error::Error,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Parser;
use fastroute_proto::v1::{
    ActivateRevisionRequest, ConfigFormat, ReloadConfigRequest,
    admin_service_client::AdminServiceClient,
};
use serde_json::json;

/// Swaps configurations.
#[derive(Parser)]
struct Options {
    /// Address of the admin service.
    #[arg(long)]
    admin: String,
    /// Swaps.
    #[arg(long)]
    count: usize,
    /// Time between two swaps, milliseconds.
    #[arg(long, default_value_t = 20)]
    pause_ms: u64,
    /// Configurations in JSON, taken in turn.
    #[arg(required = true)]
    configurations: Vec<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let mut admin = AdminServiceClient::connect(format!("http://{}", options.admin)).await?;
    let mut loaded = Vec::new();
    for path in &options.configurations {
        let reload = ReloadConfigRequest {
            content: fs::read_to_string(path)?,
            format: ConfigFormat::Json.into(),
            force: false,
        };
        let revision = admin
            .reload_config(reload.clone())
            .await?
            .into_inner()
            .revision;
        loaded.push((reload, revision));
    }
    let (mut activated, mut reloaded) = (Vec::new(), Vec::new());
    for swap in 0..options.count {
        let (reload, revision) = &loaded[swap % loaded.len()];
        let start = Instant::now();
        let now = if swap % 20 == 19 {
            let answer = admin.reload_config(reload.clone()).await?.into_inner();
            reloaded.push(start.elapsed());
            answer.revision
        } else {
            let request = ActivateRevisionRequest {
                revision: revision.clone(),
            };
            let answer = admin.activate_revision(request).await?.into_inner();
            activated.push(start.elapsed());
            answer.revision
        };
        if now != *revision {
            return Err(format!("asked for revision `{revision}`, and `{now}` serves").into());
        }
        tokio::time::sleep(Duration::from_millis(options.pause_ms)).await;
    }
    println!(
        "{}",
        json!({
            "swaps": options.count,
            "activated": milliseconds(activated),
            "reloaded": milliseconds(reloaded),
        })
    );
    Ok(())
}

fn milliseconds(mut times: Vec<Duration>) -> serde_json::Value {
    times.sort();
    let at = |share: f64| {
        let place = (times.len() as f64 * share) as usize;
        times
            .get(place.min(times.len().saturating_sub(1)))
            .map(|time| time.as_secs_f64() * 1e3)
    };
    json!({ "count": times.len(), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0) })
}
