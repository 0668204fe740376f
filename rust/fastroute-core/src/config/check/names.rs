//! Names: unique where they are given, known where they are used.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Checker;
use super::permitted::{self, Models};
use crate::config::code::Code;
use crate::config::model::Config;
use crate::config::path::{Path, shorten};
use crate::config::shape::hint;

/// What a configuration gives names to, each with its place in the file.
pub(super) struct Names<'c> {
    pub(super) models: HashMap<&'c str, usize>,
    pub(super) prompts: HashMap<&'c str, usize>,
    pub(super) routes: HashMap<&'c str, usize>,
    /// For each route, the models that may serve it.
    pub(super) served_by: Vec<Models>,
    /// For each tag, the models that carry it.
    pub(super) tags: HashMap<&'c str, Models>,
}

impl<'c> Names<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        let models = numbered(config.models.iter().map(|model| model.name.as_str()));
        let served_by = config
            .routes
            .iter()
            .map(|route| permitted::of_route(route, &models));
        Self {
            prompts: numbered(config.prompts.iter().map(|prompt| prompt.name.as_str())),
            routes: numbered(config.routes.iter().map(|route| route.name.as_str())),
            served_by: served_by.collect(),
            tags: permitted::by_tag(config),
            models,
        }
    }
}

/// Numbers names; the first of equal ones counts.
fn numbered<'c>(names: impl Iterator<Item = &'c str>) -> HashMap<&'c str, usize> {
    let mut numbers = HashMap::new();
    for (number, name) in names.enumerate() {
        numbers.entry(name).or_insert(number);
    }
    numbers
}

impl Checker<'_, '_, '_> {
    pub(super) fn duplicate_names(&mut self) {
        let config = self.config;
        self.unique_names(
            "models",
            config.models.iter().map(|model| model.name.as_str()),
        );
        self.unique_names(
            "prompts",
            config.prompts.iter().map(|prompt| prompt.name.as_str()),
        );
        self.unique_names(
            "routes",
            config.routes.iter().map(|route| route.name.as_str()),
        );
        self.unique_names("rules", config.rules.iter().map(|rule| rule.name.as_str()));
        for (index, route) in config.routes.iter().enumerate() {
            let meaning = match route.name.as_str() {
                "default" => "every route in `quality`",
                crate::ask::NONE_OF_THESE => "that no route fits, in the meta-LLM's answer",
                _ => continue,
            };
            let list = Path::Root.key("routes");
            let message = format!(
                "a route cannot be named `{}`, which means {meaning}",
                route.name
            );
            self.error(Code::ReservedName, &list.index(index).key("name"), message);
        }
    }

    fn unique_names<'n>(&mut self, kind: &str, names: impl Iterator<Item = &'n str>) {
        let list = Path::Root.key(kind);
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (index, name) in names.enumerate() {
            let item = list.index(index);
            let path = item.key("name");
            self.not_blank(name, &path);
            if name.trim() != name && !name.trim().is_empty() {
                let message = format!("name `{}` begins or ends with white space", shorten(name));
                self.error(Code::UntrimmedName, &path, message);
            }
            match first.entry(name) {
                Entry::Vacant(slot) => {
                    slot.insert(index);
                }
                Entry::Occupied(slot) => {
                    let message = format!(
                        "name `{}` is taken by {kind}[{}]",
                        shorten(name),
                        slot.get()
                    );
                    self.error(Code::DuplicateName, &path, message);
                }
            }
        }
    }

    /// Refuses a name that no model has.
    pub(super) fn model(&mut self, name: &str, path: &Path<'_>) {
        if !self.names.models.contains_key(name) {
            let known = self.config.models.iter().map(|model| model.name.as_str());
            self.unknown(Code::UnknownModel, "model", name, known, path);
        }
    }

    /// Refuses a name that no prompt has.
    pub(super) fn prompt(&mut self, name: &str, path: &Path<'_>) {
        if !self.names.prompts.contains_key(name) {
            let known = self
                .config
                .prompts
                .iter()
                .map(|prompt| prompt.name.as_str());
            self.unknown(Code::UnknownPrompt, "prompt", name, known, path);
        }
    }

    /// Refuses a name that no provider has.
    pub(super) fn provider(&mut self, name: &str, path: &Path<'_>) {
        if !self.config.providers.contains_key(name) {
            let known = self.config.providers.keys().map(String::as_str);
            self.unknown(Code::UnknownProvider, "provider", name, known, path);
        }
    }

    /// Refuses a name that no route has.
    pub(super) fn route(&mut self, name: &str, path: &Path<'_>) {
        if !self.names.routes.contains_key(name) {
            let known = self.config.routes.iter().map(|route| route.name.as_str());
            self.unknown(Code::UnknownRoute, "route", name, known, path);
        }
    }

    pub(super) fn unknown<'n>(
        &mut self,
        code: Code,
        kind: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
        path: &Path<'_>,
    ) {
        let guess = if self.report.may_suggest() {
            hint(name, known)
        } else {
            String::new()
        };
        self.error(
            code,
            path,
            format!("{kind} `{}` is not defined{guess}", shorten(name)),
        );
    }
}
