//! Deciding, written again from DESIGN.md: obvious, slow, and without a line of the product's.
//!
//! It takes the configuration as it was read and evaluates conditions over the text itself. Four
//! things are given, because they are another part's business: the probabilities of similarity,
//! token counts, the structure of a text, and the difficulty that follows from it.

mod choose;
mod condition;
mod texts;
mod tokens;

use std::collections::BTreeSet;

use fastroute_core::config::{Config, Objective, Reads, Restrict, Rule, Stage, Then};
use fastroute_core::{Availability, ModelId, ModelState, Request, SimilarityLines, View};
use fastroute_text::structure::{Structure, difficulty};

use crate::requests::Scripted;
use condition::{Kleene, holds};
use texts::view;

/// What the comparison looks at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub outcome: &'static str,
    pub route: Option<String>,
    pub model: Option<String>,
    pub fallbacks: Vec<String>,
    pub prompt: Option<String>,
    pub rule: Option<String>,
    pub code: &'static str,
    pub message: Option<String>,
    pub missing: BTreeSet<(String, &'static str)>,
    pub difficulty: f32,
    pub reasoning: bool,
    pub collection: Option<String>,
    pub agent: Option<String>,
    /// From a rule or a flag 1, from similarity its probability.
    pub confidence: Option<f32>,
    /// Input tokens, nano-dollars and microseconds of the primary model.
    pub estimates: Option<(u64, u64, u64)>,
    pub notes: Vec<&'static str>,
    /// The steps of a cascade.
    pub cascade: Option<Vec<String>>,
}

/// A case: what deciding depends on.
pub struct Case<'a> {
    pub config: &'a Config,
    pub request: &'a Request<'a>,
    pub view: &'a View,
    pub answer: &'a Scripted,
    /// The likeness to examples; none when no route has any.
    pub similarity: Option<&'a SimilarityLines>,
}

impl Case<'_> {
    /// Decides.
    pub fn decide(&self) -> Verdict {
        let fired = self.fired();
        let difficulty =
            first(&fired, |then| then.difficulty).unwrap_or_else(|| self.structural_difficulty());
        if let Some(rule) = fired.iter().find(|rule| rule.then.reject.is_some()) {
            return Verdict {
                outcome: "rejected",
                rule: Some(rule.name.clone()),
                code: "REJECTED",
                message: rule.then.reject.clone(),
                // Nothing used it, so it is the unknown one.
                difficulty: 0.5,
                ..Verdict::default()
            };
        }
        let (route, code, rule) = self.classify(&fired);
        self.choose(&fired, &route, code, rule, difficulty)
    }

    fn fired(&self) -> Vec<&Rule> {
        self.config
            .rules
            .iter()
            .filter(|rule| holds(&rule.when, self.request) == Kleene::True)
            .collect()
    }

    /// The stages in their order; the default when none of them knows.
    fn classify(&self, fired: &[&Rule]) -> (String, &'static str, Option<String>) {
        let mut doubt = "DEFAULT";
        for stage in &self.config.classify.order {
            let found = match stage {
                Stage::Task => self.by_task().map(|route| (route, "TASK_FLAG", None)),
                Stage::Rules => {
                    let rule = fired.iter().find(|rule| rule.then.route.is_some());
                    rule.map(|rule| {
                        (
                            rule.then.route.clone().unwrap_or_default(),
                            "RULE",
                            Some(rule.name.clone()),
                        )
                    })
                }
                Stage::Similarity => match self.by_similarity() {
                    Ok(route) => route.map(|route| (route, "SIMILARITY", None)),
                    Err(code) => {
                        doubt = code;
                        None
                    }
                },
                Stage::MetaLlm => match self.by_meta_llm(fired) {
                    Ok(route) => route.map(|route| (route, "META_LLM", None)),
                    Err(code) => {
                        doubt = code;
                        None
                    }
                },
            };
            if let Some(found) = found {
                return found;
            }
        }
        (self.config.default.route.clone(), doubt, None)
    }

    fn by_task(&self) -> Option<String> {
        let flag = self.request.task?;
        let names = |route: &&fastroute_core::config::Route| {
            route.name == flag || route.tasks.iter().any(|task| task == flag)
        };
        self.config
            .routes
            .iter()
            .find(names)
            .map(|route| route.name.clone())
    }

    /// The likeliest route when it reaches its threshold and leads by the margin.
    fn by_similarity(&self) -> Result<Option<String>, &'static str> {
        let Some(lines) = self.similarity else {
            return Ok(None);
        };
        if !lines.is_known {
            return Err("DEFAULT_NO_TEXT");
        }
        let best = lines.routes.first().expect("some route has examples");
        let next = lines.routes.get(1).map_or(0.0, |line| line.probability);
        let is_sure = best.probability >= best.threshold && best.probability - next >= lines.margin;
        if is_sure {
            Ok(Some(best.route.clone()))
        } else {
            Err("DEFAULT_UNSURE")
        }
    }

    fn by_meta_llm(&self, fired: &[&Rule]) -> Result<Option<String>, &'static str> {
        let Some(meta) = &self.config.classify.meta_llm else {
            return Ok(None);
        };
        if !self.is_permitted(fired, &meta.model)
            || self.state(&meta.model).availability != Availability::Available
            || !self.can_be_asked(&meta.model)
        {
            return Err("DEFAULT_META_LLM_NOT_ELIGIBLE");
        }
        match self.answer {
            Scripted::Declined => Err("DEFAULT_META_LLM_DECLINED"),
            Scripted::Late(_) => Err("DEFAULT_META_LLM_LATE"),
            Scripted::Label(label) => match label.trim() {
                "none_of_these" => Err("DEFAULT_META_LLM_NONE"),
                label if self.config.routes.iter().any(|route| route.name == label) => {
                    Ok(Some(label.to_owned()))
                }
                _ => Err("DEFAULT_META_LLM_UNKNOWN"),
            },
        }
    }

    /// Restrictions of all true rules intersect.
    fn is_permitted(&self, fired: &[&Rule], name: &str) -> bool {
        let model = self
            .config
            .models
            .iter()
            .find(|model| model.name == name)
            .expect("names resolve");
        fired
            .iter()
            .filter_map(|rule| rule.then.restrict.as_ref())
            .all(|Restrict { tags, models }| {
                models.iter().flatten().any(|listed| listed == name)
                    || tags.iter().flatten().any(|tag| model.tags.contains(tag))
            })
    }

    /// What the host says of a model.
    fn state(&self, name: &str) -> ModelState {
        let mut models = self.config.models.iter();
        let place = models.position(|model| model.name == name);
        self.view.state(ModelId(place.expect("resolves") as u16))
    }

    /// Unknown counts as 0.5.
    fn structural_difficulty(&self) -> f32 {
        let last = view(self.request, Reads::LastUser);
        if last.is_readable {
            difficulty(&Structure::of(&last.text))
        } else {
            0.5
        }
    }
}

/// The field of the first true rule that sets it.
fn first<T>(fired: &[&Rule], field: impl Fn(&Then) -> Option<T>) -> Option<T> {
    fired.iter().find_map(|rule| field(&rule.then))
}

fn weights(objective: Objective) -> (f64, f64, f64) {
    let weights = objective.weights();
    (weights.quality, weights.cost, weights.latency)
}

/// Whether every true rule's restriction lets a model serve.
pub fn may_serve(config: &Config, request: &Request<'_>, name: &str) -> bool {
    let case = Case {
        config,
        request,
        view: &View::healthy(),
        answer: &Scripted::Declined,
        similarity: None,
    };
    case.is_permitted(&case.fired(), name)
}
