//! Reads callers and TLS again when their files change.
//!
//! The contents are compared once a second, not the times of the files: that sees every way of
//! replacing one, Kubernetes' switch of `..data` included, and costs some ten small reads. What is compared
//! with is the very bytes that were read, also of a file that was refused, e.g. half written: no change is missed, and what
//! a refused file named but lacked is waited for. A refusal changes nothing and is logged once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use super::tls::Tls;
use crate::guard::Authentication;
use crate::guard::callers::{self, Callers, Looked};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::start_error::StartError;

/// Time between two looks at the files.
const INTERVAL: Duration = Duration::from_secs(1);

/// What the edge knows from files: who may call, and how to speak TLS.
pub(crate) struct Secrets {
    pub authentication: Authentication,
    pub tls: Option<Tls>,
    callers: Option<PathBuf>,
    takes_certificates: bool,
    seen: Mutex<Seen>,
    metrics: Arc<Metrics>,
}

/// The contents that were read last, by their hashes.
#[derive(Default)]
struct Seen {
    /// What the last reading of callers depended on, whether it was taken or refused.
    callers: Looked,
    tls: Vec<Option<blake3::Hash>>,
}

impl Secrets {
    pub fn new(settings: &Settings, metrics: Arc<Metrics>) -> Result<Self, StartError> {
        let invalid_tls = |why| StartError::new("INVALID_TLS", why);
        let tls = Tls::new(settings).map_err(invalid_tls)?;
        let mut seen = Seen::default();
        if let Some(tls) = &tls {
            // Read once more after the look, so that what changed between the two is not missed.
            seen.tls = hashes(tls);
            tls.refresh().map_err(invalid_tls)?;
        }
        let takes_certificates = settings.tls_client_ca.is_some();
        let callers = settings.callers.as_deref();
        let authentication = Authentication::new(callers, takes_certificates, &mut seen.callers)
            .map_err(|error| StartError::new("INVALID_CALLERS", error.to_string()))?;
        Ok(Self {
            authentication,
            tls,
            callers: settings.callers.clone(),
            takes_certificates,
            seen: Mutex::new(seen),
            metrics,
        })
    }

    /// Reads what has changed; what is refused changes nothing, is logged and counted.
    pub fn refresh(&self) {
        // Held to the end, so that two at once do not end with the older one of two files.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(path), Authentication::Callers(current)) =
            (&self.callers, &self.authentication)
            && seen
                .callers
                .iter()
                .any(|(path, hash)| callers::look(path) != *hash)
        {
            seen.callers.clear();
            self.refresh_callers(path, current, &mut seen.callers);
        }
        if let Some(tls) = &self.tls {
            let now = hashes(tls);
            if now != seen.tls {
                // Looked at before it is read: a change in between is seen by the next look.
                seen.tls = now;
                match tls.refresh() {
                    Ok(()) => tracing::info!(event = "tls_reloaded"),
                    Err(why) => {
                        self.metrics.secrets_refused("tls");
                        tracing::error!(event = "tls_refused", error = why);
                    }
                }
            }
        }
    }

    fn refresh_callers(&self, path: &Path, current: &ArcSwap<Callers>, looked: &mut Looked) {
        match Callers::read(path, self.takes_certificates, Some(&current.load()), looked) {
            Ok(callers) => {
                tracing::info!(event = "callers_reloaded", callers = callers.len());
                current.store(Arc::new(callers));
            }
            Err(error) => {
                self.metrics.secrets_refused("callers");
                tracing::error!(event = "callers_refused", error = %error);
            }
        }
    }

    /// Looks at the files until `stop` is cancelled.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        if self.callers.is_none() && self.tls.is_none() {
            return;
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
            let secrets = Arc::clone(&self);
            let _ = tokio::task::spawn_blocking(move || secrets.refresh()).await;
        }
    }
}

fn hashes(tls: &Tls) -> Vec<Option<blake3::Hash>> {
    let hash = |path: &Path| std::fs::read(path).ok().map(|bytes| blake3::hash(&bytes));
    tls.files().map(hash).collect()
}
