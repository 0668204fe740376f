//! Routes: candidates, prompts, limits and task flags.

use std::collections::HashMap;

use super::Checker;
use crate::config::code::Code;
use crate::config::model::{Model, Objective, OneOrMany, PromptUse, Route};
use crate::config::path::{Path, shorten};

impl Checker<'_, '_, '_> {
    pub(super) fn routes(&mut self) {
        let list = Path::Root.key("routes");
        for (index, route) in self.config.routes.iter().enumerate() {
            let path = list.index(index);
            self.candidates(route, &path);
            self.objective(&route.objective, &path.key("objective"));
            self.prompt_uses(&route.prompts, &path.key("prompts"));
            self.output(route, &path);
            self.cascade(route, &path);
            self.too_long(route, &path);
        }
        self.tasks();
    }

    fn candidates(&mut self, route: &Route, path: &Path<'_>) {
        for (key, names) in [
            ("choose", route.choose.as_deref().unwrap_or(&[])),
            ("fallback", &route.fallback),
        ] {
            let list = path.key(key);
            self.unique(names, &list, |name| shorten(name));
            for (index, name) in names.iter().enumerate() {
                self.model(name, &list.index(index));
            }
        }
    }

    /// Refuses weights that weigh nothing.
    pub(super) fn objective(&mut self, objective: &Objective, path: &Path<'_>) {
        if let Objective::Weights(weights) = objective
            && weights.quality == 0.0
            && weights.cost == 0.0
            && weights.latency == 0.0
        {
            self.error(
                Code::WeightsZero,
                path,
                "`quality`, `cost` and `latency` are all 0; at least one is above 0",
            );
        }
    }

    fn prompt_uses(&mut self, uses: &[PromptUse], path: &Path<'_>) {
        let mut always: Option<&str> = None;
        for (index, prompt) in uses.iter().enumerate() {
            let path = path.index(index);
            self.prompt(&prompt.prompt, &path.key("use"));
            if let Some(first) = always {
                let message = format!(
                    "prompt `{}` is never reached: `{}` before it always fits",
                    shorten(&prompt.prompt),
                    shorten(first)
                );
                self.warning(Code::PromptUnreachable, &path, message);
            }
            let Some(when) = &prompt.when else {
                always = always.or(Some(&prompt.prompt));
                continue;
            };
            let path = path.key("when");
            if let Some(range) = &when.difficulty {
                self.share(range.min, range.max, &path.key("difficulty"));
            }
            match &when.model {
                None => {}
                Some(OneOrMany::One(name)) => self.model(name, &path.key("model")),
                Some(OneOrMany::Many(names)) => {
                    for (index, name) in names.iter().enumerate() {
                        self.model(name, &path.key("model").index(index));
                    }
                }
            }
        }
    }

    /// Checks a range of a value from 0 to 1.
    pub(super) fn share(&mut self, min: Option<f64>, max: Option<f64>, path: &Path<'_>) {
        self.bounds(min, max, path);
        for (key, bound) in [("min", min), ("max", max)] {
            if let Some(bound) = bound.filter(|bound| !(0.0..=1.0).contains(bound)) {
                self.error(
                    Code::OutOfRange,
                    &path.key(key),
                    format!("`{bound}` is outside of 0 to 1"),
                );
            }
        }
    }

    /// Refuses a route whose expected output fits into none of its models.
    fn output(&mut self, route: &Route, path: &Path<'_>) {
        let needed = route.expected_output_tokens;
        let retrieved = route
            .retrieval
            .as_ref()
            .map_or(0, |retrieval| retrieval.max_tokens);
        let fits = |model: &Model| {
            let most = model.max_output_tokens.unwrap_or(model.context_window);
            needed <= most && needed.saturating_add(retrieved) <= model.context_window
        };
        let models: Vec<&Model> = self.models_of(route).collect();
        if !models.is_empty() && !models.into_iter().any(fits) {
            let with = if retrieved > 0 {
                format!(" and {retrieved} of retrieval")
            } else {
                String::new()
            };
            let message = format!("no model of the route can hold {needed} tokens of output{with}");
            self.error(
                Code::OutputOverCandidates,
                &path.key("expected_output_tokens"),
                message,
            );
        }
    }

    /// The models that may serve a route: candidates, then fallbacks.
    pub(super) fn models_of<'s>(
        &'s self,
        route: &'s Route,
    ) -> Box<dyn Iterator<Item = &'s Model> + 's> {
        let named = |names: &'s [String]| {
            names
                .iter()
                .filter_map(|name| self.names.models.get(name.as_str()))
                .map(|index| &self.config.models[*index])
        };
        match &route.choose {
            None => Box::new(self.config.models.iter()),
            Some(names) => Box::new(named(names).chain(named(&route.fallback))),
        }
    }

    fn tasks(&mut self) {
        let mut owners: HashMap<&str, usize> = self.names.routes.clone();
        let list = Path::Root.key("routes");
        for (index, route) in self.config.routes.iter().enumerate() {
            let item = list.index(index);
            let tasks = item.key("tasks");
            for (position, task) in route.tasks.iter().enumerate() {
                let path = tasks.index(position);
                self.not_blank(task, &path);
                let owner = *owners.entry(task).or_insert(index);
                if owner != index {
                    let name = shorten(&self.config.routes[owner].name);
                    self.error(
                        Code::DuplicateTask,
                        &path,
                        format!("task `{}` already selects route `{name}`", shorten(task)),
                    );
                }
            }
        }
    }
}
