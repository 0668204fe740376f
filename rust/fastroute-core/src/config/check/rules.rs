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
            let message = "neither `tags` nor `models` is given; at least one is expected";
            self.error(Code::RestrictEmpty, path, message);
        }
        let tags = path.key("tags");
        for (index, tag) in restrict.tags.iter().flatten().enumerate() {
            if !self.names.tags.contains_key(tag.as_str()) {
                let known = self.names.tags.keys().copied();
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
        let permitted = self.names.permitted(restrict);
        let own = then
            .model
            .as_deref()
            .and_then(|name| self.names.models.get(name).copied());
        if own.is_some_and(|model| !permitted.contains(model)) {
            let name = shorten(then.model.as_deref().unwrap_or_default());
            let message = format!("model `{name}` of this rule is not permitted by it");
            self.warning(Code::RuleModelNotPermitted, path, message);
        }
        let route = then
            .route
            .as_deref()
            .and_then(|name| self.names.routes.get(name).copied());
        let serves = |route: usize| {
            permitted.meets(&self.names.served_by[route])
                || own.is_some_and(|model| permitted.contains(model))
        };
        if let Some(route) = route.filter(|route| !serves(*route)) {
            let name = shorten(&self.config.routes[route].name);
            let message = format!("no model of route `{name}` is permitted by this rule");
            self.warning(Code::NobodyPermitted, path, message);
        }
    }
}
