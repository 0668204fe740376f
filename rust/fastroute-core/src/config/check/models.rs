//! Models and providers: where they run, what they hold, how good they are.

use super::Checker;
use crate::config::code::Code;
use crate::config::model::Model;
use crate::config::path::{Path, shorten};
use crate::config::shape::hint;

impl Checker<'_, '_, '_> {
    pub(super) fn providers(&mut self) {
        let list = Path::Root.key("providers");
        for (name, provider) in &self.config.providers {
            let path = list.key(name);
            if name.trim().is_empty() {
                self.error_at_key(Code::EmptyText, &path, "name of a provider is blank");
            }
            if let Some(url) = &provider.base_url
                && !["http://", "https://"]
                    .iter()
                    .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
            {
                let message = format!(
                    "`{}` is not an address such as `https://api.example.com/v1`",
                    shorten(url)
                );
                self.error(Code::InvalidUrl, &path.key("base_url"), message);
            }
            self.credentials(provider, &path);
        }
    }

    pub(super) fn models(&mut self) {
        let list = Path::Root.key("models");
        for (index, model) in self.config.models.iter().enumerate() {
            let path = list.index(index);
            self.deployments(model, &path);
            self.quality(model, &path);
            self.tokenizer(&model.tokenizer, &path.key("tokenizer"));
            self.unique(&model.tags, &path.key("tags"), String::clone);
            self.unique(
                &model.capabilities,
                &path.key("capabilities"),
                |capability| format!("{capability:?}").to_lowercase(),
            );
            for (index, tag) in model.tags.iter().enumerate() {
                self.not_blank(tag, &path.key("tags").index(index));
            }
            if let Some(rate) = &model.rate {
                self.rate(rate, &path.key("rate"));
            }
            if let Some(most) = model.max_output_tokens
                && most > model.context_window
            {
                let message = format!(
                    "`max_output_tokens` of {most} is over the context window of {}",
                    model.context_window
                );
                self.error(
                    Code::OutputOverWindow,
                    &path.key("max_output_tokens"),
                    message,
                );
            }
        }
    }

    fn deployments(&mut self, model: &Model, path: &Path<'_>) {
        if let Some(provider) = &model.provider {
            self.provider(provider, &path.key("provider"));
        }
        for (key, is_given) in [
            ("provider", model.provider.is_some()),
            ("model", model.model.is_some()),
            ("region", model.region.is_some()),
        ] {
            if is_given && !model.deployments.is_empty() {
                let message = format!("`{key}` stands beside `deployments`; give one or the other");
                self.error_at_key(Code::DeploymentConflict, &path.key(key), message);
            }
        }
        if let Some(region) = &model.region {
            self.not_blank(region, &path.key("region"));
        }
        if model.provider.is_none() && model.deployments.is_empty() {
            self.error(
                Code::DeploymentMissing,
                path,
                "neither `provider` nor `deployments` is given; a model runs somewhere",
            );
        }
        let list = path.key("deployments");
        for (index, deployment) in model.deployments.iter().enumerate() {
            let path = list.index(index);
            self.provider(&deployment.provider, &path.key("provider"));
            self.deployment_credential(deployment, &path);
            if let Some(region) = &deployment.region {
                self.not_blank(region, &path.key("region"));
            }
        }
        let places: Vec<_> = model
            .deployments
            .iter()
            .map(|one| (&one.provider, &one.credential, &one.model, &one.region))
            .collect();
        self.unique(&places, &list, |(provider, credential, model, region)| {
            let part = |sign: &str, part: &Option<String>| {
                part.as_deref()
                    .map_or_else(String::new, |part| format!("{sign}{part}"))
            };
            let (credential, model) = (part("/", credential), part(":", model));
            shorten(&format!(
                "{provider}{credential}{model}{}",
                part("@", region)
            ))
        });
    }

    fn quality(&mut self, model: &Model, path: &Path<'_>) {
        let map = path.key("quality");
        for name in model.quality.keys().filter(|name| *name != "default") {
            if !self.names.routes.contains_key(name.as_str()) {
                let known = self.config.routes.iter().map(|route| route.name.as_str());
                let guess = if self.report.may_suggest() {
                    hint(name, known.chain(["default"]))
                } else {
                    String::new()
                };
                let message = format!("route `{}` is not defined{guess}", shorten(name));
                self.error_at_key(Code::UnknownRoute, &map.key(name), message);
            }
        }
        if model.quality.contains_key("default") {
            return;
        }
        let missing = self
            .config
            .routes
            .iter()
            .find(|route| !model.quality.contains_key(&route.name));
        if let Some(route) = missing {
            let message = format!(
                "no `default`, and nothing for route `{}`; give one of them",
                shorten(&route.name)
            );
            self.error(Code::QualityIncomplete, &map, message);
        }
    }
}
