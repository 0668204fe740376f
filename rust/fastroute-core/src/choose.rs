//! Chooses the models: who may and can serve, then who should.
//!
//! Eligibility is a list of demands that each model meets or fails; nothing is traded against it.
//! Among the eligible the score is `wq·q − wc·log2(cost / $0.001) − wl·log2(latency / 1 s)`, cost
//! and latency never below a micro-dollar and a millisecond. A model's score depends on no other
//! model, so one that fails never changes the order of the rest. Ties go to the cheaper, then the
//! faster, then the earlier in the file.
//!
//! What a view says of lately takes the place of what the configuration expects: its latencies are
//! the latencies, and of the expected quality only the share of calls counts that do not fail. A
//! session's model pays the cached price for the input that its provider has read already; what
//! that saves is what switching would cost.
//!
//! Source of the form: multi-attribute utility with logarithmic cost, as in "a doubling of the
//! price is worth so many points of quality".

use std::cmp::Ordering;

use crate::canonical::ppm;
use crate::catalogue::{Catalogue, HardLimits, ModelEntry, ModelId, PromptId, RouteEntry, RouteId};
use crate::config::Weights;
use crate::context::{Ledger, Surroundings, TokenRange, Tokenizers};
use crate::decision::Estimates;
use crate::host::{Availability, ModelState, View};
use crate::missing::Lack;
use crate::models::ModelSet;
use crate::plan::{Load, Shortened};
use crate::request::{Request, Requirements};

/// Everything that one choice depends on.
pub(crate) struct Choice<'a> {
    pub catalogue: &'a Catalogue,
    pub tokenizers: &'a Tokenizers,
    pub view: &'a View,
    pub permitted: ModelSet,
    pub requirements: Requirements,
    pub limits: HardLimits,
    pub expected_output_tokens: u32,
    pub difficulty: f32,
    pub objective: Weights,
    pub route: RouteId,
    /// The prompt that a rule set.
    pub prompt: Option<PromptId>,
    /// The prompt that the session's model keeps.
    pub kept_prompt: Option<(ModelId, PromptId)>,
    /// Which of a view's refusals are overlooked.
    pub overlook: Overlook,
    /// What is sent instead of a text that is too long.
    pub shortened: Option<Shortened>,
    /// What the provider of the session's model has read already.
    pub cached: Option<Cached>,
}

/// Input that a provider has read already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cached {
    pub model: ModelId,
    /// The prompt that it begins with; another one makes it worthless.
    pub prompt: Option<PromptId>,
    pub tokens: u32,
}

/// Which of a view's refusals are overlooked; budgets and rates never are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Overlook {
    /// Those of breakers.
    Breakers,
    /// Those of breakers, and of limits, keys and missing models.
    Health,
    Nothing,
}

impl Overlook {
    /// Whether a model may be planned for although its view says this.
    fn covers(self, availability: Availability) -> bool {
        match availability {
            Availability::Available => true,
            Availability::Open { .. } => self != Self::Nothing,
            Availability::Cooling { .. } => self == Self::Health,
            Availability::OverBudget { .. }
            | Availability::RateLimited { .. }
            | Availability::Unavailable => false,
        }
    }
}

/// An eligible model with its figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    pub model: ModelId,
    pub prompt: Option<PromptId>,
    pub score: f64,
    pub estimates: Estimates,
}

impl Choice<'_> {
    /// Examines a model, reporting every demand that it fails until `report` says stop.
    ///
    /// Returns its figures when it fails none. Limits are compared in canonical units (whole
    /// nano-dollars and microseconds, parts per million), so a figure at its limit is within it.
    pub fn examine(
        &self,
        model: ModelId,
        ledger: &mut Ledger,
        request: Option<&Request<'_>>,
        report: &mut dyn FnMut(Lack) -> Continue,
    ) -> Option<Scored> {
        let entry = &self.catalogue.models[model.index()];
        let mut eligible = true;
        let mut demand = |is_met: bool, lack: &dyn Fn() -> Lack| {
            eligible &= is_met;
            is_met || report(lack()) == Continue::Yes
        };
        if !demand(self.permitted.contains(model), &|| Lack::Permission) {
            return None;
        }
        for capability in self
            .requirements
            .capabilities
            .missing_from(entry.capabilities)
        {
            if !demand(false, &|| Lack::Capability(capability)) {
                return None;
            }
        }
        let output = self.expected_output_tokens;
        let limit = entry.max_output_tokens;
        if !demand(output <= limit, &|| Lack::Output {
            needed: output,
            limit,
        }) {
            return None;
        }
        let prompt = self.prompt_for(model);
        let load = match &self.shortened {
            None => {
                let tokens = self.input_tokens(model, prompt, ledger, request);
                Load::of(tokens, entry.cost_nano(tokens.expected, output))
            }
            Some(shortened) => shortened.load(self, model, prompt, ledger, request),
        };
        let tokens = load.tokens;
        let needed = tokens.upper + u64::from(output);
        let window = entry.context_window;
        if !demand(needed <= u64::from(window), &|| Lack::Context {
            needed,
            window,
        }) {
            return None;
        }
        let state = self.view.models.get(model.index());
        if let Some(state) = state
            && !self.overlook.covers(state.availability)
            && !demand(false, &|| {
                Lack::of(state.availability).unwrap_or(Lack::Unavailable)
            })
        {
            return None;
        }
        let quality = self.quality(model) * state.map_or(1.0, ModelState::success_rate);
        let floor = self.limits.min_quality;
        if !demand(ppm(quality) >= ppm(floor), &|| Lack::Quality {
            expected: quality,
            floor,
        }) {
            return None;
        }
        let (cost, limit) = (load.whole_nano, self.limits.max_cost_nano);
        if !demand(cost <= limit, &|| Lack::Cost {
            nano: cost as u64,
            limit_nano: limit as u64,
        }) {
            return None;
        }
        let latency = match state {
            Some(state) => state.latency_us(entry, output),
            None => entry.latency_us(output),
        };
        let limit = self.limits.max_latency_us;
        if !demand(latency <= limit, &|| Lack::Latency {
            us: latency as u64,
            limit_us: limit as u64,
        }) {
            return None;
        }
        let saved = self.saved_nano(model, prompt, tokens.expected);
        eligible.then(|| Scored {
            model,
            prompt,
            score: score(self.objective, quality, cost - saved, latency),
            estimates: Estimates {
                input_tokens: tokens.expected,
                output_tokens: output,
                cost_nano: load.call_nano as u64,
                latency_us: latency as u64,
                quality,
            },
        })
    }

    /// The input's tokens for a model: rough, unless one of its own limits lies between the bounds.
    fn input_tokens(
        &self,
        model: ModelId,
        prompt: Option<PromptId>,
        ledger: &mut Ledger,
        request: Option<&Request<'_>>,
    ) -> TokenRange {
        let entry = &self.catalogue.models[model.index()];
        let around = self.surroundings(model, prompt);
        let rough = ledger.rough(&around, request);
        let output = self.expected_output_tokens;
        let room = u64::from(entry.context_window).saturating_sub(u64::from(output));
        let limit = self.limits.max_cost_nano;
        let is_open = |fits_upper: bool, fits_lower: bool| fits_lower && !fits_upper;
        let is_near = is_open(rough.upper <= room, rough.lower <= room)
            || is_open(
                entry.cost_nano(rough.upper, output) <= limit,
                entry.cost_nano(rough.lower, output) <= limit,
            );
        if is_near {
            ledger.exact(&around, request)
        } else {
            rough
        }
    }

    /// What a call of the session's model saves because its provider has read the beginning already.
    fn saved_nano(&self, model: ModelId, prompt: Option<PromptId>, input: u64) -> f64 {
        match self.cached {
            Some(cached) if cached.model == model && cached.prompt == prompt => {
                let entry = &self.catalogue.models[model.index()];
                let tokens = u64::from(cached.tokens).min(input) as f64;
                (tokens * (entry.input_nano - entry.cached_input_nano)).max(0.0)
            }
            _ => 0.0,
        }
    }

    /// Expected quality at this difficulty: `quality ^ (2 · difficulty)`.
    fn quality(&self, model: ModelId) -> f64 {
        let quality = self.route().quality[model.index()];
        if quality.share <= 0.0 {
            0.0
        } else {
            libm::exp2(2.0 * f64::from(self.difficulty) * quality.log2)
        }
    }

    /// The prompt that a model gets: the rule's, else the session's, else the first of the route
    /// that fits.
    pub fn prompt_for(&self, model: ModelId) -> Option<PromptId> {
        self.prompt.or_else(|| {
            if let Some((kept, prompt)) = self.kept_prompt
                && kept == model
            {
                return Some(prompt);
            }
            let fits = self
                .route()
                .prompts
                .iter()
                .find(|choice| choice.fits(model, self.difficulty));
            fits.map(|choice| choice.prompt)
        })
    }

    pub fn surroundings(&self, model: ModelId, prompt: Option<PromptId>) -> Surroundings<'_> {
        Surroundings {
            tokenizers: self.tokenizers,
            templates: &self.catalogue.templates,
            tokenizer: self.catalogue.models[model.index()].tokenizer,
            prompt,
            retrieval_tokens: self
                .route()
                .retrieval
                .as_ref()
                .map_or(0, |retrieval| retrieval.max_tokens),
        }
    }

    pub fn route(&self) -> &RouteEntry {
        &self.catalogue.routes[self.route.index()]
    }
}

impl ModelState {
    /// Share of calls that did not fail lately; a rate that is no share counts as none or all.
    fn success_rate(&self) -> f64 {
        if self.failure_rate > 0.0 {
            1.0 - f64::from(self.failure_rate.min(1.0))
        } else {
            1.0
        }
    }

    /// The latency to the last token in whole microseconds, as it was lately where that is known.
    fn latency_us(&self, entry: &ModelEntry, output: u32) -> f64 {
        let lately = |figure: Option<f32>, expected: f64| match figure {
            Some(figure) if figure.is_finite() && figure >= 0.0 => f64::from(figure),
            _ => expected,
        };
        let first = lately(self.first_token_us, entry.first_token_us);
        let each = lately(self.per_token_us, entry.per_token_us);
        libm::round(first + f64::from(output) * each)
    }
}

/// Whether to go on examining a model after a demand that it fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Continue {
    No,
    Yes,
}

/// Scores one model; see the head of this file.
fn score(weights: Weights, quality: f64, cost_nano: f64, latency_us: f64) -> f64 {
    let mut score = weights.quality * quality;
    if weights.cost > 0.0 {
        score -= weights.cost * libm::log2(cost_nano.max(1e3) / 1e6);
    }
    if weights.latency > 0.0 {
        score -= weights.latency * libm::log2(latency_us.max(1e3) / 1e6);
    }
    score
}

/// Best first; see the head of this file for ties.
pub(crate) fn order(left: &Scored, right: &Scored) -> Ordering {
    right
        .score
        .total_cmp(&left.score)
        .then(left.estimates.cost_nano.cmp(&right.estimates.cost_nano))
        .then(left.estimates.latency_us.cmp(&right.estimates.latency_us))
        .then(left.model.cmp(&right.model))
}
