//! One immutable, fully built configuration.
//!
//! Building compiles every condition, counts every prompt and trains the head; after that a
//! snapshot never changes and can be shared by any number of threads. Parts that are dear to build
//! are named by the hash of their inputs and taken over from the previous snapshot when it is equal.

use std::sync::Arc;

use fastroute_text::keywords::KeywordSet;
use fastroute_text::tokens::TokenCounter;
use sha2::{Digest, Sha256};

use crate::ask::QuestionTemplate;
use crate::catalogue::{Catalogue, ModelId, PromptId, Revision, RouteId};
use crate::config::{
    Config, Duration, Issue, KeywordLists, Loaded, Parts, Reads, Restrict, Stage, Threshold,
    keywords_fingerprint,
};
use crate::context::Tokenizers;
use crate::models::ModelSet;
use crate::prompt::Templates;
use crate::rules::Rule;
use crate::signal::{Signals, SignalsBuilder, metadata_keys};
use crate::similarity::{RouteExamples, SimilarityPart};

/// One immutable, fully built configuration.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) signals: Signals,
    pub(crate) rules: Box<[Rule]>,
    pub(crate) tokenizers: Tokenizers,
    pub(crate) similarity: Option<Arc<SimilarityPart>>,
    /// The threshold of each class of [`Self::similarity`].
    pub(crate) thresholds: Box<[f32]>,
    pub(crate) margin: f32,
    pub(crate) order: Box<[Stage]>,
    pub(crate) meta_llm: Option<MetaLlmEntry>,
    pub(crate) question: QuestionTemplate,
    pub(crate) default_route: RouteId,
    /// Views that some stage reads, as a bit set.
    pub(crate) reads: u8,
    /// Task flags with the route that each names, sorted.
    tasks: Box<[(Box<str>, RouteId)]>,
    parts: Parts,
    warnings: Box<[Issue]>,
}

#[derive(Debug)]
pub(crate) struct MetaLlmEntry {
    pub model: ModelId,
    pub timeout: Duration,
    pub votes: u32,
    pub ask_again: u32,
    pub cache: u32,
}

/// A checked configuration that could not be compiled: a limit that only the whole set breaks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("configuration cannot be built: {0}")]
pub struct BuildError(String);

impl BuildError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "BUILD_FAILED"
    }
}

impl Snapshot {
    /// Builds a snapshot; takes over parts of `previous` that were built from equal inputs.
    ///
    /// Trains the head, so this takes milliseconds to seconds: do it off the path of requests.
    ///
    /// # Errors
    ///
    /// A set of keywords, examples or patterns that is too large as a whole.
    pub fn build(loaded: &Loaded, previous: Option<&Self>) -> Result<Self, BuildError> {
        Self::compile(loaded, previous).map_err(BuildError)
    }

    fn compile(loaded: &Loaded, previous: Option<&Self>) -> Result<Self, String> {
        let config = &loaded.config;
        let mut counters: Vec<TokenCounter> = Vec::new();
        let mut numbers: Vec<String> = Vec::new();
        let mut tokenizer = |name: &str| {
            if let Some(number) = numbers.iter().position(|known| known == name) {
                return number as u16;
            }
            counters.push(loaded.tokenizer(name));
            numbers.push(name.to_owned());
            (numbers.len() - 1) as u16
        };
        let templates = Templates::build(&config.prompts)?;
        let similarity = compile_similarity(loaded, previous)?;
        let revision = revision(loaded, similarity.as_deref());
        let mut catalogue = Catalogue::build(config, revision, templates, &mut tokenizer);
        let (keywords, set) = numbered_keywords(loaded, previous)?;
        let (signals, rules) = compile_rules(loaded, &keywords, set, &mut tokenizer)?;
        let parts = Parts {
            keywords: Some(keywords),
            patterns: signals.patterns.clone(),
            ..loaded.parts.clone()
        };
        let tokenizers = Tokenizers::build(counters, &catalogue.templates, config.prompts.len());
        catalogue.counters = tokenizers.counters.clone();
        let thresholds = similarity.iter().flat_map(|part| {
            part.routes
                .iter()
                .zip(&part.thresholds)
                .map(
                    |(route, auto)| match config.routes[route.index()].threshold {
                        Threshold::Auto => *auto,
                        Threshold::At(threshold) => threshold,
                    },
                )
        });
        let descriptions = config
            .routes
            .iter()
            .map(|route| (route.name.as_str(), route.description.as_deref()));
        Ok(Self {
            reads: signals.reads | 1 << Reads::LastUser as u8,
            signals,
            rules,
            tokenizers,
            thresholds: thresholds.collect(),
            similarity,
            margin: config.classify.similarity.margin,
            order: config.classify.order.as_slice().into(),
            meta_llm: config.classify.meta_llm.as_ref().and_then(|meta| {
                let model = catalogue.model_named(&meta.model)?;
                Some(MetaLlmEntry {
                    model,
                    timeout: meta.timeout,
                    votes: meta.votes,
                    ask_again: meta.ask_again,
                    cache: meta.cache,
                })
            }),
            question: QuestionTemplate::build(descriptions),
            default_route: catalogue
                .route_named(&config.default.route)
                .ok_or("default names no route")?,
            tasks: tasks(config),
            catalogue: Arc::new(catalogue),
            parts,
            warnings: loaded.warnings.as_slice().into(),
        })
    }

    /// Returns the content hash of everything that it was built from.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.catalogue.revision
    }

    /// Returns the names and figures.
    #[must_use]
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Returns what loading found odd but not wrong.
    #[must_use]
    pub fn warnings(&self) -> &[Issue] {
        &self.warnings
    }

    /// Returns what was compiled, for the next load: see [`load_after`](crate::config::load_after).
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The task flags that name a route, sorted.
    pub(crate) fn task_flags(&self) -> impl Iterator<Item = &str> {
        self.tasks.iter().map(|(flag, _)| &**flag)
    }

    /// The route that a task flag names: one that lists it, else the one of that name.
    pub(crate) fn task_route(&self, task: &str) -> Option<RouteId> {
        let place = self
            .tasks
            .binary_search_by(|(flag, _)| (**flag).cmp(task))
            .ok()?;
        Some(self.tasks[place].1)
    }
}

/// Hashes the configuration, every file that it named, the encoder with its examples, and the
/// engine's version.
fn revision(loaded: &Loaded, similarity: Option<&SimilarityPart>) -> Revision {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(loaded.fingerprint());
    hash.update(similarity.map_or([0; 32], |part| part.fingerprint));
    Revision(hash.finalize().into())
}

fn tasks(config: &Config) -> Box<[(Box<str>, RouteId)]> {
    let mut tasks: Vec<(Box<str>, RouteId)> = Vec::new();
    for (index, route) in config.routes.iter().enumerate() {
        tasks.extend(
            route
                .tasks
                .iter()
                .map(|task| (task.as_str().into(), RouteId::at(index))),
        );
    }
    for (index, route) in config.routes.iter().enumerate() {
        if !tasks.iter().any(|(task, _)| **task == *route.name) {
            tasks.push((route.name.as_str().into(), RouteId::at(index)));
        }
    }
    tasks.sort();
    tasks.into()
}

/// The keywords with their automaton: the previous ones or those of the load, when they are equal.
///
/// The configuration is open, so what the load numbered may be of one that was changed since.
fn numbered_keywords(
    loaded: &Loaded,
    previous: Option<&Snapshot>,
) -> Result<(Arc<KeywordLists>, KeywordSet), String> {
    let fingerprint = keywords_fingerprint(&loaded.config.rules, &loaded.files);
    let previous = previous.and_then(|previous| previous.parts.keywords.as_ref());
    let known = previous.into_iter().chain(&loaded.parts.keywords);
    let known = { known }.find(|keywords| keywords.is(&fingerprint));
    let numbered = match known {
        Some(keywords) => Ok(Arc::clone(keywords)),
        None => KeywordLists::of(&loaded.config.rules, &loaded.files).map(Arc::new),
    };
    numbered
        .and_then(|keywords| keywords.built())
        .map_err(|error| error.to_string())
}

fn compile_rules(
    loaded: &Loaded,
    keywords: &KeywordLists,
    set: KeywordSet,
    tokenizer: &mut dyn FnMut(&str) -> u16,
) -> Result<(Signals, Box<[Rule]>), String> {
    let config = &loaded.config;
    let mut keys = Vec::new();
    config
        .rules
        .iter()
        .for_each(|rule| metadata_keys(&rule.when, &mut keys));
    keys.sort();
    keys.dedup();
    let mut builder = SignalsBuilder::new(keys, keywords, &loaded.parts.patterns, tokenizer);
    let model_id = |name: &String| {
        config
            .models
            .iter()
            .position(|model| model.name == *name)
            .map(ModelId::at)
    };
    let mut rules = Vec::with_capacity(config.rules.len());
    for rule in &config.rules {
        let then = &rule.then;
        rules.push(Rule {
            when: builder.condition(&rule.when)?,
            route: then
                .route
                .as_ref()
                .and_then(|name| config.routes.iter().position(|route| route.name == *name))
                .map(RouteId::at),
            model: then.model.as_ref().and_then(model_id),
            prompt: then
                .prompt
                .as_ref()
                .and_then(|name| {
                    config
                        .prompts
                        .iter()
                        .position(|prompt| prompt.name == *name)
                })
                .map(PromptId::at),
            objective: then.objective.map(|objective| objective.weights()),
            difficulty: then.difficulty,
            permits: then
                .restrict
                .as_ref()
                .map(|restrict| Box::new(permitted(config, restrict))),
            rejects: then.reject.is_some(),
        });
    }
    Ok((builder.build(set), rules.into()))
}

fn permitted(config: &Config, restrict: &Restrict) -> ModelSet {
    let is_named = |name: &String| {
        restrict
            .models
            .as_ref()
            .is_some_and(|names| names.contains(name))
    };
    let is_tagged = |tags: &[String]| {
        restrict
            .tags
            .as_ref()
            .is_some_and(|wanted| wanted.iter().any(|tag| tags.contains(tag)))
    };
    let models = config.models.iter().enumerate();
    models
        .filter(|(_, model)| is_named(&model.name) || is_tagged(&model.tags))
        .map(|(index, _)| ModelId::at(index))
        .collect()
}

/// Builds the similarity part, or takes the previous one; none when no route has examples, or
/// when the stage is left out.
fn compile_similarity(
    loaded: &Loaded,
    previous: Option<&Snapshot>,
) -> Result<Option<Arc<SimilarityPart>>, String> {
    let settings = &loaded.config.classify.similarity;
    if !loaded.config.classify.order.contains(&Stage::Similarity) {
        return Ok(None);
    }
    let examples: Vec<RouteExamples<'_>> = (0..loaded.config.routes.len())
        .map(|index| RouteExamples {
            route: RouteId::at(index),
            texts: loaded.examples_of(index),
        })
        .filter(|examples| !examples.texts.is_empty())
        .collect();
    if examples.is_empty() {
        return Ok(None);
    }
    let encoder = loaded.encoder();
    let fingerprint = SimilarityPart::fingerprint(&encoder, settings.method, settings.k, &examples);
    if let Some(part) = previous.and_then(|previous| previous.similarity.as_ref())
        && part.fingerprint == fingerprint
    {
        return Ok(Some(Arc::clone(part)));
    }
    SimilarityPart::build(encoder, settings.method, settings.k, &examples)
        .map(|part| part.map(Arc::new))
}
