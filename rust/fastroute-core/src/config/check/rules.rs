//! Rules: what follows from them means something.

use super::Checker;
use crate::config::code::Code;
use crate::config::model::{Restrict, Rule, Then};
use crate::config::path::{Path, shorten};
use crate::config::shape::hint;

impl Checker<'_, '_, '_> {
    pub(super) fn rules(&mut self) {
        let list = Path::Root.key("rules");
        for (index, rule) in self.config.rules.iter().enumerate() {
            let path = list.index(index);
            self.condition(&rule.when, &path.key("when"));
            self.then(rule, &path.key("then"));
        }
    }

    fn then(&mut self, rule: &Rule, path: &Path<'_>) {
        let then = &rule.then;
        if *then == Then::default() {
            let message = "nothing follows; give one of `route`, `model`, `prompt`, `objective`, `difficulty`, `restrict` and `reject`";
            self.error(Code::ThenEmpty, path, message);
        }
        if let Some(name) = &then.route {
            self.route(name, &path.key("route"));
        }
        if let Some(name) = &then.model {
            self.model(name, &path.key("model"));
        }
        if let Some(name) = &then.prompt {
            self.prompt(name, &path.key("prompt"));
        }
        if let Some(objective) = &then.objective {
            self.objective(objective, &path.key("objective"));
        }
        if let Some(restrict) = &then.restrict {
            self.restrict(restrict, &path.key("restrict"));
            self.permitted(then, restrict, &path.key("restrict"));
        }
        if let Some(message) = &then.reject {
            self.not_blank(message, &path.key("reject"));
            let rejects_alone = Then {
                reject: then.reject.clone(),
                restrict: then.restrict.clone(),
                ..Then::default()
            };
            if *then != rejects_alone {
                self.warning(
                    Code::RejectWithOthers,
                    &path.key("reject"),
                    "`reject` wins, so the other fields have no effect",
                );
            }
        }
    }

    fn restrict(&mut self, restrict: &Restrict, path: &Path<'_>) {
        if restrict.tags.is_none() && restrict.models.is_none() {
            self.error(
                Code::RestrictEmpty,
                path,
                "neither `tags` nor `models` is given; at least one is expected",
            );
        }
        let tags = path.key("tags");
        for (index, tag) in restrict.tags.iter().flatten().enumerate() {
            let config = self.config;
            if !config.models.iter().any(|model| model.tags.contains(tag)) {
                let known = config
                    .models
                    .iter()
                    .flat_map(|model| model.tags.iter().map(String::as_str));
                let guess = if self.report.may_suggest() {
                    hint(tag, known)
                } else {
                    String::new()
                };
                let message = format!("tag `{}` is carried by no model{guess}", shorten(tag));
                self.error(Code::UnknownTag, &tags.index(index), message);
            }
        }
        let models = path.key("models");
        for (index, name) in restrict.models.iter().flatten().enumerate() {
            self.model(name, &models.index(index));
        }
    }

    /// Warns of a rule that shuts out its own model or every model of its own route.
    fn permitted(&mut self, then: &Then, restrict: &Restrict, path: &Path<'_>) {
        let permits = |model: &crate::config::Model| {
            let tags = restrict.tags.iter().flatten();
            restrict
                .models
                .iter()
                .flatten()
                .any(|name| *name == model.name)
                || tags.into_iter().any(|tag| model.tags.contains(tag))
        };
        let config = self.config;
        let own = then
            .model
            .as_deref()
            .and_then(|name| self.names.models.get(name))
            .map(|index| &config.models[*index]);
        if let Some(model) = own.filter(|model| !permits(model)) {
            let message = format!(
                "model `{}` of this rule is not permitted by it",
                shorten(&model.name)
            );
            self.warning(Code::RuleModelNotPermitted, path, message);
        }
        let route = then
            .route
            .as_deref()
            .and_then(|name| self.names.routes.get(name))
            .map(|index| &config.routes[*index]);
        if let Some(route) = route
            && !self.models_of(route).chain(own).any(permits)
        {
            let message = format!(
                "no model of route `{}` is permitted by this rule",
                shorten(&route.name)
            );
            self.warning(Code::NobodyPermitted, path, message);
        }
    }
}
