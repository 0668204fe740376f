//! Warnings: what is given and never has an effect.

use std::collections::{HashMap, HashSet};

use super::Checker;
use crate::config::code::Code;
use crate::config::model::{OnTooLong, Route, Rule, Stage, Then};
use crate::config::path::{Path, shorten};

impl Checker<'_, '_, '_> {
    pub(super) fn usage(&mut self) {
        self.unused_providers();
        self.unused_credentials();
        self.unused_models();
        self.unused_prompts();
        self.unreachable_routes();
        self.rule_stage();
        self.shadowed_rules();
    }

    fn unused_providers(&mut self) {
        let config = self.config;
        let mut used: HashSet<&str> = HashSet::new();
        for model in &config.models {
            used.extend(model.provider.as_deref());
            used.extend(
                model
                    .deployments
                    .iter()
                    .map(|deployment| deployment.provider.as_str()),
            );
        }
        let list = Path::Root.key("providers");
        for name in config
            .providers
            .keys()
            .filter(|name| !used.contains(name.as_str()))
        {
            let path = list.key(name);
            let at = self.tree.locate_key(&path);
            self.report.warning(
                Code::UnusedProvider,
                at,
                &path,
                format!("provider `{}` is used by no model", shorten(name)),
            );
        }
    }

    fn unused_models(&mut self) {
        let config = self.config;
        let takes_all = |route: &Route| {
            route.choose.is_none() || matches!(route.on_too_long, OnTooLong::Larger)
        };
        if config.routes.iter().any(takes_all) {
            return;
        }
        let mut used: HashSet<&str> = HashSet::new();
        for route in &config.routes {
            used.extend(
                route
                    .choose
                    .iter()
                    .flatten()
                    .chain(&route.fallback)
                    .map(String::as_str),
            );
            if let OnTooLong::Summarise(summarise) = &route.on_too_long {
                used.insert(&summarise.model);
            }
            let cascade = route.cascade.as_ref();
            let confidence = cascade.and_then(|cascade| cascade.accept.answer_confidence.as_ref());
            used.extend(confidence.and_then(|confidence| confidence.model.as_deref()));
        }
        used.extend(
            config
                .rules
                .iter()
                .filter_map(|rule| rule.then.model.as_deref()),
        );
        used.extend(
            config
                .classify
                .meta_llm
                .iter()
                .map(|meta_llm| meta_llm.model.as_str()),
        );
        used.extend(
            config
                .savings
                .as_ref()
                .map(|savings| savings.baseline.as_str()),
        );
        let list = Path::Root.key("models");
        for (index, model) in config.models.iter().enumerate() {
            if !used.contains(model.name.as_str()) {
                let message = format!(
                    "model `{}` is used by no route, rule or stage",
                    shorten(&model.name)
                );
                self.warning(Code::UnusedModel, &list.index(index).key("name"), message);
            }
        }
    }

    fn unused_prompts(&mut self) {
        let config = self.config;
        let mut used: HashSet<&str> = HashSet::new();
        used.extend(
            config
                .routes
                .iter()
                .flat_map(|route| route.prompts.iter().map(|prompt| prompt.prompt.as_str())),
        );
        used.extend(
            config
                .rules
                .iter()
                .filter_map(|rule| rule.then.prompt.as_deref()),
        );
        let list = Path::Root.key("prompts");
        for (index, prompt) in config.prompts.iter().enumerate() {
            if !used.contains(prompt.name.as_str()) {
                let message = format!(
                    "prompt `{}` is used by no route or rule",
                    shorten(&prompt.name)
                );
                self.warning(Code::UnusedPrompt, &list.index(index).key("name"), message);
            }
        }
    }

    fn unreachable_routes(&mut self) {
        let config = self.config;
        let asks = |stage: Stage| config.classify.order.contains(&stage);
        let asks_meta_llm = asks(Stage::MetaLlm) && config.classify.meta_llm.is_some();
        let by_rule: HashSet<&str> = config
            .rules
            .iter()
            .filter_map(|rule| rule.then.route.as_deref())
            .collect();
        let has_examples =
            |route: &Route| !route.examples.is_empty() || route.examples_file.is_some();
        let list = Path::Root.key("routes");
        for (index, route) in config.routes.iter().enumerate() {
            let item = list.index(index);
            let is_reached = route.name == config.default.route
                || asks(Stage::Task)
                || asks_meta_llm
                || (asks(Stage::Rules) && by_rule.contains(route.name.as_str()))
                || (asks(Stage::Similarity) && has_examples(route));
            if !is_reached {
                let message = format!(
                    "no stage of `classify.order` can lead to route `{}`",
                    shorten(&route.name)
                );
                self.warning(Code::RouteUnreachable, &item.key("name"), message);
            }
            if asks_meta_llm && route.description.is_none() {
                let message = format!(
                    "the meta-LLM may choose route `{}`, which has no description",
                    shorten(&route.name)
                );
                self.warning(Code::RouteWithoutDescription, &item.key("name"), message);
            }
        }
    }

    fn rule_stage(&mut self) {
        let config = self.config;
        if config.classify.order.contains(&Stage::Rules) {
            return;
        }
        if let Some(index) = config
            .rules
            .iter()
            .position(|rule| rule.then.route.is_some())
        {
            let list = Path::Root.key("rules");
            let item = list.index(index);
            let message = "stage `rules` is not in `classify.order`, so rules choose no route";
            self.warning(
                Code::RuleStageMissing,
                &item.key("then").key("route"),
                message,
            );
        }
    }

    /// Warns of a field that an earlier rule with the same condition sets already.
    fn shadowed_rules(&mut self) {
        let config = self.config;
        let mut earlier: HashMap<String, Vec<&Rule>> = HashMap::new();
        let list = Path::Root.key("rules");
        for (index, rule) in config.rules.iter().enumerate() {
            let Ok(condition) = serde_json::to_string(&rule.when) else {
                continue;
            };
            let item = list.index(index);
            let same = earlier.entry(condition).or_default();
            for (key, is_set) in FIELDS {
                if let Some(first) = same
                    .iter()
                    .find(|first| is_set(&first.then) && is_set(&rule.then))
                {
                    let message = format!(
                        "rule `{}` before it has the same condition and sets `{key}` already",
                        shorten(&first.name)
                    );
                    self.warning(Code::RuleShadowed, &item.key("then").key(key), message);
                }
            }
            same.push(rule);
        }
    }
}

/// A field of which the first true rule decides, and how to see that it is set.
type Field = (&'static str, fn(&Then) -> bool);

const FIELDS: [Field; 6] = [
    ("route", |then| then.route.is_some()),
    ("model", |then| then.model.is_some()),
    ("prompt", |then| then.prompt.is_some()),
    ("objective", |then| then.objective.is_some()),
    ("difficulty", |then| then.difficulty.is_some()),
    ("reject", |then| then.reject.is_some()),
];
