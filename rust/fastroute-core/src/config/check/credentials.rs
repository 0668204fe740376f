//! Credentials: written one way, under names that deployments know. Nothing here prints a secret.

use std::collections::HashSet;

use super::Checker;
use crate::config::code::Code;
use crate::config::model::{Deployment, Provider};
use crate::config::path::{Path, shorten};
use crate::config::secret::Secret;

impl Checker<'_, '_, '_> {
    pub(super) fn credentials(&mut self, provider: &Provider, path: &Path<'_>) {
        let file = provider.api_key_file.as_deref();
        self.credential(provider.api_key.as_ref(), file, path);
        let list = path.key("credentials");
        for (name, credential) in &provider.credentials {
            let path = list.key(name);
            if name.trim().is_empty() {
                self.error_at_key(Code::EmptyText, &path, "name of a credential is blank");
            }
            let file = credential.api_key_file.as_deref();
            self.credential(credential.api_key.as_ref(), file, &path);
            if credential.api_key.is_none() && file.is_none() {
                self.error(
                    Code::CredentialMissing,
                    &path,
                    "neither `api_key` nor `api_key_file` is given",
                );
            }
        }
    }

    fn credential(&mut self, key: Option<&Secret>, file: Option<&str>, path: &Path<'_>) {
        if let Some(file) = file {
            self.not_blank(file, &path.key("api_key_file"));
        }
        let Some(key) = key else {
            return;
        };
        if file.is_some() {
            self.error_at_key(
                Code::CredentialConflict,
                &path.key("api_key_file"),
                "`api_key_file` stands beside `api_key`; give one or the other",
            );
        }
        let at = path.key("api_key");
        if key.variable().is_some() {
            return;
        }
        if key.reveal().contains("${") {
            self.error(
                Code::InvalidSecret,
                &at,
                "a key that contains `${` is not all of `${NAME}`, with letters, digits and `_`",
            );
        } else if key.reveal().trim().is_empty() {
            self.not_blank(key.reveal(), &at);
        } else {
            self.warning(
                Code::LiteralSecret,
                &at,
                "the key is written out; `${NAME}` or `api_key_file` keeps it out of the file",
            );
        }
    }

    /// Refuses a credential that the provider of a deployment lacks.
    pub(super) fn deployment_credential(&mut self, deployment: &Deployment, path: &Path<'_>) {
        let (Some(name), Some(provider)) = (
            &deployment.credential,
            self.config.providers.get(&deployment.provider),
        ) else {
            return;
        };
        if !provider.credentials.contains_key(name) {
            let known = provider.credentials.keys().map(String::as_str);
            let path = path.key("credential");
            self.unknown(Code::UnknownCredential, "credential", name, known, &path);
        }
    }

    /// Refuses a name that is neither `provider` nor `provider/credential`.
    pub(super) fn paying_credential(&mut self, name: &str, path: &Path<'_>) {
        let providers = &self.config.providers;
        let all = || {
            providers.iter().flat_map(|(provider, of)| {
                let named = of.credentials.keys();
                std::iter::once(provider.clone())
                    .chain(named.map(move |credential| format!("{provider}/{credential}")))
            })
        };
        if !all().any(|known| known == name) {
            let known: Vec<String> = all().collect();
            let known = known.iter().map(String::as_str);
            self.unknown(Code::UnknownCredential, "credential", name, known, path);
        }
    }

    pub(super) fn unused_credentials(&mut self) {
        let config = self.config;
        let deployments = config.models.iter().flat_map(|model| &model.deployments);
        let used: HashSet<(&str, &str)> = deployments
            .filter_map(|one| Some((one.provider.as_str(), one.credential.as_deref()?)))
            .collect();
        let list = Path::Root.key("providers");
        for (name, provider) in &config.providers {
            let path = list.key(name);
            let path = path.key("credentials");
            for credential in provider.credentials.keys() {
                if !used.contains(&(name, credential)) {
                    let path = path.key(credential);
                    let at = self.tree.locate_key(&path);
                    let message = format!(
                        "credential `{}` is used by no deployment",
                        shorten(credential)
                    );
                    self.report
                        .warning(Code::UnusedCredential, at, &path, message);
                }
            }
        }
    }
}
