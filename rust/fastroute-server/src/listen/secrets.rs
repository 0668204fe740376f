//! Reads callers and TLS again when their files change.
//!
//! The contents are compared once a second, not the times of the files: that sees every way of
//! replacing one, Kubernetes' switch of `..data` included, and costs some ten small reads. A file
//! that is refused changes nothing and is logged once; the next change is tried again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use super::tls::Tls;
use crate::guard::Authentication;
use crate::guard::callers::Callers;
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
}

/// The contents that were read last, by their hashes.
#[derive(Clone, Default, Eq, PartialEq)]
struct Seen {
    callers: Vec<Option<blake3::Hash>>,
    tls: Vec<Option<blake3::Hash>>,
}

impl Secrets {
    pub fn new(settings: &Settings) -> Result<Self, StartError> {
        let tls = Tls::new(settings).map_err(|why| StartError::new("INVALID_TLS", why))?;
        let takes_certificates = settings.tls_client_ca.is_some();
        let authentication =
            Authentication::new(settings.callers.as_deref(), takes_certificates)
                .map_err(|error| StartError::new("INVALID_CALLERS", error.to_string()))?;
        let secrets = Self {
            authentication,
            tls,
            callers: settings.callers.clone(),
            takes_certificates,
            seen: Mutex::default(),
        };
        let now = secrets.look();
        *secrets.seen.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(secrets)
    }

    /// Reads what has changed; what is refused changes nothing and is logged.
    pub fn refresh(&self) {
        // Held to the end, so that two at once do not end with the older one of two files.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.look();
        if now.callers != seen.callers
            && let (Some(path), Authentication::Callers(current)) =
                (&self.callers, &self.authentication)
        {
            self.refresh_callers(path, current);
        }
        if now.tls != seen.tls
            && let Some(tls) = &self.tls
        {
            match tls.refresh() {
                Ok(()) => tracing::info!(event = "tls_reloaded"),
                Err(why) => tracing::error!(event = "tls_refused", error = why),
            }
        }
        // Token files may be others than before.
        *seen = Seen {
            callers: self.look().callers,
            tls: now.tls,
        };
    }

    fn refresh_callers(&self, path: &Path, current: &ArcSwap<Callers>) {
        match Callers::read(path, self.takes_certificates, Some(&current.load())) {
            Ok(callers) => {
                tracing::info!(event = "callers_reloaded", callers = callers.len());
                current.store(Arc::new(callers));
            }
            Err(error) => tracing::error!(event = "callers_refused", error = %error),
        }
    }

    fn look(&self) -> Seen {
        let mut callers: Vec<_> = self.callers.iter().map(|path| hash(path)).collect();
        if let Authentication::Callers(current) = &self.authentication {
            callers.extend(current.load().files.iter().map(|path| hash(path)));
        }
        let tls = self.tls.iter().flat_map(Tls::files).map(hash).collect();
        Seen { callers, tls }
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

fn hash(path: &Path) -> Option<blake3::Hash> {
    std::fs::read(path).ok().map(|bytes| blake3::hash(&bytes))
}
