//! The class `Deployment`: where a model runs, and which key a host needs for it.
//!
//! The key itself is not read here: a configuration names a variable or a file, and the host that
//! calls reads it when it calls. Neither `repr()` nor `str()` shows one that was written out.

use fastroute_core::config::{ProviderKind, Secret};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Where a model runs.
#[pyclass(frozen, eq, hash, module = "fastroute")]
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Deployment {
    /// Name of the provider.
    #[pyo3(get)]
    provider: String,
    /// The protocol that it speaks: `openai`, `anthropic` or `callable`.
    #[pyo3(get)]
    kind: &'static str,
    /// Where it listens.
    #[pyo3(get)]
    base_url: Option<String>,
    /// What the provider calls the model.
    #[pyo3(get)]
    model: String,
    /// Region, if the configuration names one.
    #[pyo3(get)]
    region: Option<String>,
    /// Which of the provider's credentials pays; its own key when None.
    #[pyo3(get)]
    credential: Option<String>,
    api_key: Option<ApiKey>,
}

/// Where the key of an API is.
#[derive(Clone, Eq, Hash, PartialEq)]
enum ApiKey {
    File(String),
    Literal(String),
    Variable(String),
}

impl Deployment {
    /// Copies a deployment out of the core.
    pub fn new(deployment: fastroute_core::Deployment<'_>) -> Self {
        let kind = match deployment.kind {
            ProviderKind::Anthropic => "anthropic",
            ProviderKind::Callable => "callable",
            ProviderKind::Openai => "openai",
        };
        let file = deployment.api_key_file.map(ToOwned::to_owned);
        Self {
            api_key: deployment
                .api_key
                .map(ApiKey::of)
                .or(file.map(ApiKey::File)),
            ..Self::of(
                deployment.provider.to_owned(),
                kind,
                deployment.base_url.map(ToOwned::to_owned),
                deployment.model.to_owned(),
            )
            .paid_by(
                deployment.region.map(ToOwned::to_owned),
                deployment.credential.map(ToOwned::to_owned),
            )
        }
    }

    /// Adds where it is and whose credential pays.
    pub fn paid_by(self, region: Option<String>, credential: Option<String>) -> Self {
        Self {
            region,
            credential,
            ..self
        }
    }

    /// Makes a deployment of what a server says of one.
    pub const fn of(
        provider: String,
        kind: &'static str,
        base_url: Option<String>,
        model: String,
    ) -> Self {
        Self {
            provider,
            kind,
            base_url,
            model,
            region: None,
            credential: None,
            api_key: None,
        }
    }
}

impl ApiKey {
    fn of(secret: &Secret) -> Self {
        match secret.variable() {
            Some(name) => Self::Variable(name.to_owned()),
            None => Self::Literal(secret.reveal().to_owned()),
        }
    }
}

#[pymethods]
impl Deployment {
    /// Where its key is: `env`, `file` or `literal`, and the name or the key; None without one.
    fn _api_key(&self) -> Option<(&'static str, &str)> {
        self.api_key.as_ref().map(|key| match key {
            ApiKey::File(path) => ("file", path.as_str()),
            ApiKey::Literal(key) => ("literal", key.as_str()),
            ApiKey::Variable(name) => ("env", name.as_str()),
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let text = |text: &str| Ok::<_, PyErr>(PyString::new(py, text).repr()?.to_string());
        let optional =
            |value: &Option<String>| value.as_deref().map_or(Ok("None".to_owned()), text);
        let mut shown = format!(
            "Deployment(provider={}, kind='{}', base_url={}, model={}",
            text(&self.provider)?,
            self.kind,
            optional(&self.base_url)?,
            text(&self.model)?
        );
        for (name, value) in [("region", &self.region), ("credential", &self.credential)] {
            if value.is_some() {
                shown += &format!(", {name}={}", optional(value)?);
            }
        }
        Ok(shown + ")")
    }

    fn __str__(&self) -> &str {
        &self.model
    }
}
