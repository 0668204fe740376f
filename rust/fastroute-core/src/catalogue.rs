//! The names and figures of one revision: models, routes, prompts and rules, as small integers.
//!
//! A decision refers to all of them by id and keeps the catalogue alive, not the snapshot: names
//! and prices are a few kilobytes, an encoder and a head are megabytes.

use std::fmt;

use fastroute_text::tokens::TokenCounter;

use crate::config::{
    Budget, Cascade, Config, Deployment, Duration, Objective, OnContentRefused, OnTooLong,
    OneOrMany, Preset, ProviderKind, Range, Rate, Reasoning, Resilience, Retrieval, Secret,
    Sessions, Weights, WhenAllOpen,
};
use crate::judge::Form;
use crate::prompt::Templates;
use crate::request::Capabilities;
use crate::session::name_hash;

macro_rules! id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub u16);

        impl $name {
            pub(crate) fn at(index: usize) -> Self {
                Self(u16::try_from(index).unwrap_or(u16::MAX))
            }

            pub(crate) fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )*};
}

id! {
    /// A model, by its place in the file.
    ModelId
    /// A prompt, by its place in the file.
    PromptId
    /// A route, by its place in the file.
    RouteId
    /// A rule, by its place in the file.
    RuleId
    /// What one breaker watches: a model of a provider in a region under a credential.
    TargetId
}

/// The content hash of a configuration with all that it was built from.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Revision(pub(crate) [u8; 32]);

impl Revision {
    /// Returns the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Revision {
    /// Prints the first 16 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8]
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revision({self})")
    }
}

/// The names and figures of one revision.
#[derive(Debug)]
pub struct Catalogue {
    pub(crate) models: Box<[ModelEntry]>,
    pub(crate) prompts: Box<[Box<str>]>,
    pub(crate) revision: Revision,
    pub(crate) routes: Box<[RouteEntry]>,
    pub(crate) rules: Box<[RuleEntry]>,
    pub(crate) templates: Templates,
    pub(crate) targets: Box<[Target]>,
    pub(crate) resilience: Resilience,
    pub(crate) budgets: Box<[Budget]>,
    pub(crate) sessions: Sessions,
    /// Counters of tokens by number; a decision splits texts with them.
    pub(crate) counters: Box<[TokenCounter]>,
    /// The model that savings are told against.
    pub(crate) baseline: Option<ModelId>,
}

/// What one breaker watches. Deployments that agree in all of it share one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Target {
    /// Name of the provider.
    pub provider: Box<str>,
    /// Which of the provider's credentials; its own key when absent.
    pub credential: Option<Box<str>>,
    /// What the provider calls the model.
    pub model: Box<str>,
    /// Region, if the configuration names one.
    pub region: Option<Box<str>>,
}

impl fmt::Display for Target {
    /// Prints `provider[/credential]:model[@region]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.provider)?;
        if let Some(credential) = &self.credential {
            write!(f, "/{credential}")?;
        }
        write!(f, ":{}", self.model)?;
        match &self.region {
            Some(region) => write!(f, "@{region}"),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
pub(crate) struct ModelEntry {
    pub name: Box<str>,
    /// The name as sessions write it.
    pub name_hash: u64,
    pub capabilities: Capabilities,
    pub context_window: u32,
    pub max_output_tokens: u32,
    /// Index into the snapshot's tokenizers.
    pub tokenizer: u16,
    /// Nano-dollars for a token of input; dollars per million times 1,000.
    pub input_nano: f64,
    pub output_nano: f64,
    /// For a token of input that the provider has cached.
    pub cached_input_nano: f64,
    pub rate: Option<Rate>,
    pub first_token_us: f64,
    pub per_token_us: f64,
    pub deployments: Box<[DeploymentEntry]>,
}

impl ModelEntry {
    /// The cost of a call in whole nano-dollars.
    pub fn cost_nano(&self, input: u64, output: u32) -> f64 {
        libm::round(input as f64 * self.input_nano + f64::from(output) * self.output_nano)
    }

    /// The latency to the last token in whole microseconds.
    pub fn latency_us(&self, output: u32) -> f64 {
        libm::round(self.first_token_us + f64::from(output) * self.per_token_us)
    }
}

#[derive(Debug)]
pub(crate) struct DeploymentEntry {
    pub provider: Box<str>,
    pub kind: ProviderKind,
    pub base_url: Option<Box<str>>,
    pub model: Box<str>,
    pub weight: u64,
    pub region: Option<Box<str>>,
    pub credential: Option<Box<str>>,
    pub api_key: Option<Secret>,
    pub api_key_file: Option<Box<str>>,
    pub target: TargetId,
}

#[derive(Debug)]
pub(crate) struct RouteEntry {
    pub name: Box<str>,
    /// The name as sessions write it.
    pub name_hash: u64,
    pub candidates: Box<[ModelId]>,
    pub fallback: Box<[ModelId]>,
    pub objective: Weights,
    pub limits: HardLimits,
    pub expected_output_tokens: u32,
    pub reasoning: Reasoning,
    pub retrieval: Option<Retrieval>,
    pub agent: Option<Box<str>>,
    pub cascade: Option<Cascade>,
    /// The form that the cascade asks for, compiled.
    pub form: Option<Form>,
    pub on_too_long: OnTooLong,
    pub on_content_refused: OnContentRefused,
    pub when_all_open: WhenAllOpen,
    pub prompts: Box<[PromptChoice]>,
    /// Expected quality of each model here, and its logarithm to base 2.
    pub quality: Box<[Quality]>,
}

impl RouteEntry {
    /// Whether a model is a candidate or a fallback.
    pub fn lists(&self, model: ModelId) -> bool {
        self.candidates.contains(&model) || self.fallback.contains(&model)
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Quality {
    pub share: f64,
    pub log2: f64,
}

/// Floors and ceilings, absent ones at their harmless ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HardLimits {
    pub min_quality: f64,
    pub max_cost_nano: f64,
    pub max_latency_us: f64,
}

impl HardLimits {
    /// Limits as a route or a request writes them, in canonical units.
    pub fn of(
        min_quality: Option<f32>,
        max_cost: Option<f64>,
        max_latency: Option<Duration>,
    ) -> Self {
        Self {
            min_quality: min_quality.map_or(0.0, f64::from),
            max_cost_nano: max_cost.map_or(f64::INFINITY, |usd| libm::round(usd * 1e9)),
            max_latency_us: max_latency.map_or(f64::INFINITY, |limit| limit.as_micros() as f64),
        }
    }

    /// Both: the higher floor and the lower ceilings.
    pub fn and(self, other: Self) -> Self {
        Self {
            min_quality: self.min_quality.max(other.min_quality),
            max_cost_nano: self.max_cost_nano.min(other.max_cost_nano),
            max_latency_us: self.max_latency_us.min(other.max_latency_us),
        }
    }
}

#[derive(Debug)]
pub(crate) struct PromptChoice {
    pub prompt: PromptId,
    /// Models that it is for; all when empty.
    pub models: Box<[ModelId]>,
    pub difficulty: Option<Range>,
}

impl PromptChoice {
    pub fn fits(&self, model: ModelId, difficulty: f32) -> bool {
        (self.models.is_empty() || self.models.contains(&model))
            && self
                .difficulty
                .is_none_or(|range| range.contains_share(difficulty))
    }
}

#[derive(Debug)]
pub(crate) struct RuleEntry {
    pub name: Box<str>,
    /// The refusal that it gives, if it refuses.
    pub reject: Option<Box<str>>,
}

impl Range {
    /// Whether a value lies within the bounds, both included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }

    /// The same for a share, in its own precision: a rule's `0.7` reaches a bound of `0.7`.
    pub(crate) fn contains_share(&self, value: f32) -> bool {
        self.min.is_none_or(|min| value >= min as f32)
            && self.max.is_none_or(|max| value <= max as f32)
    }
}

impl Objective {
    /// Returns the weights; a preset's are fixed.
    ///
    /// `balanced` gives up one point of expected quality in a hundred to save a fifth of the cost
    /// (0.04 a halving), and half as much for latency.
    #[must_use]
    pub const fn weights(self) -> Weights {
        match self {
            Self::Preset(Preset::Balanced) => Weights {
                quality: 1.0,
                cost: 0.04,
                latency: 0.02,
            },
            Self::Preset(Preset::Best) => Weights {
                quality: 1.0,
                cost: 0.0,
                latency: 0.0,
            },
            Self::Preset(Preset::Cheapest) => Weights {
                quality: 0.0,
                cost: 1.0,
                latency: 0.0,
            },
            Self::Preset(Preset::Fastest) => Weights {
                quality: 0.0,
                cost: 0.0,
                latency: 1.0,
            },
            Self::Weights(weights) => weights,
        }
    }
}

impl Catalogue {
    /// Compiles the names of a checked configuration; `tokenizer` numbers tokenizers.
    pub(crate) fn build(
        config: &Config,
        revision: Revision,
        templates: Templates,
        mut tokenizer: impl FnMut(&str) -> u16,
    ) -> Self {
        let model_id =
            |name: &str| ModelId::at(position(&config.models, name, |model| &model.name));
        let prompt_id =
            |name: &str| PromptId::at(position(&config.prompts, name, |prompt| &prompt.name));
        let model_ids = |names: &[String]| {
            names
                .iter()
                .map(|name| model_id(name))
                .collect::<Box<[_]>>()
        };
        let mut targets: Vec<Target> = Vec::new();
        let models = config.models.iter().map(|model| {
            let single = [Deployment {
                provider: model.provider.clone().unwrap_or_default(),
                model: model.model.clone(),
                region: model.region.clone(),
                credential: None,
                weight: 1,
            }];
            let listed = if model.deployments.is_empty() {
                &single[..]
            } else {
                &model.deployments
            };
            let deployments = listed.iter().map(|deployment| {
                let provider = config.providers.get(&deployment.provider);
                let credential = deployment.credential.as_ref();
                let named =
                    credential.and_then(|name| provider.and_then(|p| p.credentials.get(name)));
                let (api_key, api_key_file) = match named {
                    Some(named) => (named.api_key.clone(), named.api_key_file.as_deref()),
                    None => (
                        provider.and_then(|p| p.api_key.clone()),
                        provider.and_then(|p| p.api_key_file.as_deref()),
                    ),
                };
                let target = Target {
                    provider: deployment.provider.as_str().into(),
                    credential: credential.map(|name| name.as_str().into()),
                    model: deployment.model.as_deref().unwrap_or(&model.name).into(),
                    region: deployment.region.as_deref().map(Into::into),
                };
                let known = targets.iter().position(|known| *known == target);
                let number = known.unwrap_or_else(|| {
                    targets.push(target.clone());
                    targets.len() - 1
                });
                DeploymentEntry {
                    kind: provider.map_or(ProviderKind::Callable, |p| p.kind),
                    base_url: provider.and_then(|p| p.base_url.as_deref()).map(Into::into),
                    weight: u64::from(deployment.weight),
                    api_key,
                    api_key_file: api_key_file.map(Into::into),
                    target: TargetId::at(number),
                    provider: target.provider,
                    credential: target.credential,
                    model: target.model,
                    region: target.region,
                }
            });
            ModelEntry {
                name: model.name.as_str().into(),
                name_hash: name_hash(&model.name),
                capabilities: model.capabilities.iter().copied().collect(),
                context_window: model.context_window,
                max_output_tokens: model.max_output_tokens.unwrap_or(model.context_window),
                tokenizer: tokenizer(&model.tokenizer),
                input_nano: model.price.input * 1_000.0,
                output_nano: model.price.output * 1_000.0,
                cached_input_nano: model.price.cached_input.unwrap_or(model.price.input) * 1_000.0,
                rate: model.rate,
                first_token_us: model.latency.first_token.as_micros() as f64,
                per_token_us: model.latency.per_token.as_micros() as f64,
                deployments: deployments.collect(),
            }
        });
        let models: Box<[ModelEntry]> = models.collect();
        let routes = config.routes.iter().map(|route| RouteEntry {
            name: route.name.as_str().into(),
            name_hash: name_hash(&route.name),
            candidates: match &route.choose {
                Some(names) => model_ids(names),
                None => (0..config.models.len()).map(ModelId::at).collect(),
            },
            fallback: model_ids(&route.fallback),
            objective: route.objective.weights(),
            limits: HardLimits::of(route.min_quality, route.max_cost, route.max_latency),
            expected_output_tokens: route.expected_output_tokens,
            reasoning: route.reasoning,
            retrieval: route.retrieval.clone(),
            agent: route.agent.as_deref().map(Into::into),
            cascade: route.cascade.clone(),
            form: route
                .cascade
                .as_ref()
                .and_then(|cascade| Form::of(cascade.accept.format.as_ref()?)),
            on_too_long: route.on_too_long.clone(),
            on_content_refused: route.on_content_refused,
            when_all_open: route
                .when_all_open
                .unwrap_or(config.resilience.when_all_open),
            prompts: route
                .prompts
                .iter()
                .map(|choice| PromptChoice {
                    prompt: prompt_id(&choice.prompt),
                    models: match choice.when.as_ref().and_then(|when| when.model.as_ref()) {
                        Some(OneOrMany::One(name)) => [model_id(name)].into(),
                        Some(OneOrMany::Many(names)) => model_ids(names),
                        None => Box::default(),
                    },
                    difficulty: choice.when.as_ref().and_then(|when| when.difficulty),
                })
                .collect(),
            quality: config
                .models
                .iter()
                .map(|model| {
                    let share = model
                        .quality
                        .get(&route.name)
                        .or_else(|| model.quality.get("default"));
                    let share = share.map_or(0.0, |quality| f64::from(*quality));
                    Quality {
                        share,
                        log2: libm::log2(share),
                    }
                })
                .collect(),
        });
        Self {
            models,
            targets: targets.into(),
            resilience: config.resilience.clone(),
            budgets: config.budgets.as_slice().into(),
            sessions: config.sessions.clone(),
            counters: Box::default(),
            baseline: config
                .savings
                .as_ref()
                .map(|savings| model_id(&savings.baseline)),
            prompts: config
                .prompts
                .iter()
                .map(|prompt| prompt.name.as_str().into())
                .collect(),
            revision,
            routes: routes.collect(),
            rules: config
                .rules
                .iter()
                .map(|rule| RuleEntry {
                    name: rule.name.as_str().into(),
                    reject: rule.then.reject.as_deref().map(Into::into),
                })
                .collect(),
            templates,
        }
    }

    /// Returns the revision.
    #[must_use]
    pub const fn revision(&self) -> &Revision {
        &self.revision
    }

    /// Returns the names of the models, in file order.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &str> {
        self.models.iter().map(|model| &*model.name)
    }

    /// Returns what breakers watch, by [`TargetId`].
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Returns how attempts are bounded.
    #[must_use]
    pub const fn resilience(&self) -> &Resilience {
        &self.resilience
    }

    /// Returns the names of the prompts, in file order.
    pub fn prompts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.prompts.iter().map(|name| &**name)
    }

    /// Returns the names of the routes, in file order.
    pub fn routes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.routes.iter().map(|route| &*route.name)
    }

    /// Returns the names of the rules, in file order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &str> {
        self.rules.iter().map(|rule| &*rule.name)
    }

    /// Returns what a model can do beyond text; nothing for one that is not there.
    #[must_use]
    pub fn capabilities(&self, model: ModelId) -> Capabilities {
        self.models
            .get(model.index())
            .map_or(Capabilities::empty(), |entry| entry.capabilities)
    }

    /// Returns how long sessions last, and what stays the same in them.
    #[must_use]
    pub const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Returns the most tokens of one answer of a model; 0 for one that is not there.
    #[must_use]
    pub fn max_output_tokens(&self, model: ModelId) -> u32 {
        let entry = self.models.get(model.index());
        entry.map_or(0, |entry| entry.max_output_tokens)
    }

    /// Returns how many deployments a model has; 0 for one that is not there.
    #[must_use]
    pub fn deployment_count(&self, model: ModelId) -> usize {
        let entry = self.models.get(model.index());
        entry.map_or(0, |entry| entry.deployments.len())
    }

    /// Returns the model of that name.
    #[must_use]
    pub fn model_named(&self, name: &str) -> Option<ModelId> {
        self.models()
            .position(|model| model == name)
            .map(ModelId::at)
    }

    /// Returns the route of that name.
    #[must_use]
    pub fn route_named(&self, name: &str) -> Option<RouteId> {
        self.routes()
            .position(|route| route == name)
            .map(RouteId::at)
    }
}

/// The place of a name; loading has checked that it is there.
fn position<T>(items: &[T], name: &str, name_of: impl Fn(&T) -> &String) -> usize {
    items
        .iter()
        .position(|item| name_of(item) == name)
        .unwrap_or(usize::MAX)
}
