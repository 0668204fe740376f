//! A folder with a configuration and the revisions that serve from it, without a server around them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastroute_core::config::Format;
use fastroute_core::{Now, Request, Snapshot, Step, View, Workspace, decide};
use fastroute_server::metrics::Metrics;
use fastroute_server::revisions::{Cause, ReloadFrom, Revisions, Swapped};
use fastroute_server::{Refusal, Settings, StartError};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A configuration under which `hello` goes to the route and prompt of that number.
pub fn numbered(number: u32) -> String {
    format!(
        "\
version: 1
providers:
  near: {{kind: openai}}
models:
  - name: small
    provider: near
    context_window: 8000
    price: {{input: 0.1, output: 0.2}}
    latency: {{first_token: 100ms, per_token: 10ms}}
    quality: {{default: 0.6}}
prompts:
  - {{name: p{number}, system: Be brief.}}
routes:
  - {{name: general}}
  - {{name: r{number}}}
rules:
  - name: greeting
    when: {{keywords: {{any: [hello]}}}}
    then: {{route: r{number}, prompt: p{number}}}
default: {{route: general}}
"
    )
}

/// One whose routes' examples and keywords are in files beside it.
pub const WITH_FILES: &str = "\
version: 1
providers:
  near: {kind: openai}
models:
  - name: small
    provider: near
    context_window: 8000
    price: {input: 0.1, output: 0.2}
    latency: {first_token: 100ms, per_token: 10ms}
    quality: {default: 0.6}
routes:
  - {name: general}
  - {name: incident, examples_file: examples.txt}
rules:
  - name: outage
    when: {keywords: {file: words.txt}}
    then: {route: incident}
default: {route: general}
";

/// A folder with a configuration.
pub struct Desk {
    pub folder: TempDir,
    pub settings: Settings,
}

impl Desk {
    /// One with a configuration as its `fastroute.yaml`, watched by whoever asks for it.
    pub fn new(config: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("fastroute.yaml");
        fs::write(&path, config).expect("a writable folder");
        let settings = Settings {
            config: Some(path),
            ..Settings::default()
        };
        Self { folder, settings }
    }

    /// Keeps its state on disk, too.
    pub fn with_state(mut self) -> Self {
        self.settings.state_dir = Some(self.folder.path().join("state"));
        self
    }

    pub fn config(&self) -> &Path {
        self.settings.config.as_deref().expect("a file")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, config: &str) {
        fs::write(self.config(), config).expect("a writable folder");
    }

    pub fn write_beside(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a writable folder");
    }

    pub fn start(&self) -> Arc<Revisions> {
        self.try_start().expect("a configuration that serves")
    }

    pub fn try_start(&self) -> Result<Arc<Revisions>, StartError> {
        Revisions::start(&self.settings, Metrics::new())
    }

    /// Starts and watches, until the second value is dropped.
    pub fn watched(&self) -> (Arc<Revisions>, tokio_util::sync::DropGuard) {
        let revisions = self.start();
        let stop = CancellationToken::new();
        revisions.watch(stop.clone());
        (revisions, stop.drop_guard())
    }
}

/// Where `hello` goes.
pub fn route_of(snapshot: &Arc<Snapshot>) -> String {
    routed(snapshot, "hello")
}

/// Where a text goes.
pub fn routed(snapshot: &Arc<Snapshot>, text: &str) -> String {
    let (request, view) = (Request::text(text), View::healthy());
    let step = decide(
        snapshot,
        &request,
        &view,
        Now::default(),
        0,
        &mut Workspace::new(),
    );
    match step.expect("a sound request") {
        Step::Decided(decision) => decision.route().unwrap_or("none").to_owned(),
        Step::Ask(_) => "asked".to_owned(),
    }
}

/// The rule that decides a text.
pub fn ruled(snapshot: &Arc<Snapshot>, text: &str) -> Option<String> {
    let (request, view) = (Request::text(text), View::healthy());
    let step = decide(
        snapshot,
        &request,
        &view,
        Now::default(),
        0,
        &mut Workspace::new(),
    );
    match step.expect("a sound request") {
        Step::Decided(decision) => decision.rule().map(str::to_owned),
        Step::Ask(_) => None,
    }
}

/// Where `hello` goes now.
pub fn route_now(revisions: &Revisions) -> String {
    route_of(&revisions.active().snapshot)
}

pub fn revision_now(revisions: &Revisions) -> String {
    revisions.active().revision.to_string()
}

/// Serves the file as it stands.
pub async fn reload_file(revisions: &Arc<Revisions>) -> Result<Swapped, Refusal> {
    revisions
        .reload(ReloadFrom::File, false, Cause::Reload, "operator")
        .await
}

/// Serves a text.
pub async fn reload_text(revisions: &Arc<Revisions>, text: &str) -> Result<Swapped, Refusal> {
    revisions
        .reload(yaml(text), false, Cause::Reload, "operator")
        .await
}

pub fn yaml(text: &str) -> ReloadFrom {
    ReloadFrom::Text {
        content: text.to_owned(),
        format: Format::Yaml,
    }
}

/// Waits for a condition, or fails with what was waited for.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "never came: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
