//! The decision: which route, prompt and models, with the figures and the reason.
//!
//! A decision keeps ids and the catalogue that names them, so making one costs one allocation (its
//! plan) and reading a name costs none. Two decisions are equal when their canonical bytes are.

use std::fmt;
use std::sync::Arc;

use crate::catalogue::{Catalogue, ModelId, PromptId, Revision, RouteId, RuleId, TargetId};
use crate::config::{Cascade, OnContentRefused, OnTooLong, ProviderKind, Retrieval, Secret};
use crate::missing::Missing;
use crate::models::ModelSet;
use crate::plan::TooLong;
use crate::prompt::{self, RenderError, Rendered};
use crate::reason::{Note, Reason};
use crate::request::Request;
use crate::session::SessionTurn;

/// What became of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// No model may and can serve it; [`Decision::missing`] says why, model by model.
    NothingFits,
    /// A model would fit, but budgets have no room for any that does.
    OverBudget,
    /// A rule refused it.
    Rejected,
    /// It has a plan.
    Routed,
}

impl Outcome {
    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingFits => "nothing_fits",
            Self::OverBudget => "over_budget",
            Self::Rejected => "rejected",
            Self::Routed => "routed",
        }
    }
}

/// What one decision came to.
#[derive(Clone)]
pub struct Decision {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Reason,
    /// How the route came about, also when nothing fits.
    pub(crate) classified_by: Reason,
    pub(crate) route: Option<RouteId>,
    pub(crate) route_confidence: Option<f32>,
    /// The primary model, then those after it, in order.
    pub(crate) plan: Box<[Planned]>,
    /// The models that may see the request.
    pub(crate) permitted: ModelSet,
    pub(crate) prompt: Option<PromptId>,
    pub(crate) difficulty: f32,
    pub(crate) reasoning: bool,
    /// Whether the plan begins with the steps of the route's cascade.
    pub(crate) is_cascade: bool,
    pub(crate) too_long: Option<TooLong>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) notes: Vec<Note>,
    pub(crate) session: Option<Box<SessionTurn>>,
    pub(crate) seed: u64,
}

/// One model of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// The model.
    pub model: ModelId,
    /// Which of the model's deployments, by its place in the file; drawn by weight among those that can serve.
    pub deployment: u8,
    /// Why it stands in the plan.
    pub place: Place,
    /// The prompt that it gets; none when the route has none that fits.
    pub prompt: Option<PromptId>,
    /// What it is expected to take and give.
    pub estimates: Estimates,
}

/// Why a model stands in a plan.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Place {
    /// It takes over when an answer is not accepted, and when models before it fail.
    Escalation,
    /// It takes over when models before it fail.
    Fallback,
    /// It is called first.
    Primary,
}

impl Place {
    /// Returns the name on every surface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escalation => "escalation",
            Self::Fallback => "fallback",
            Self::Primary => "primary",
        }
    }
}

/// What a model is expected to take and give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimates {
    /// Tokens of input, everything counted; an estimate unless a limit was near.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u32,
    /// Cost in nano-dollars.
    pub cost_nano: u64,
    /// Latency to the last token, in microseconds.
    pub latency_us: u64,
    /// Expected share of accepted answers at this difficulty, 0 to 1.
    pub quality: f64,
}

/// Where a model of the plan runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deployment<'c> {
    /// Name of the provider.
    pub provider: &'c str,
    /// The protocol that it speaks.
    pub kind: ProviderKind,
    /// Where it listens.
    pub base_url: Option<&'c str>,
    /// What the provider calls the model.
    pub model: &'c str,
    /// Region, if the configuration names one.
    pub region: Option<&'c str>,
    /// Which of the provider's credentials pays; its own key when absent.
    pub credential: Option<&'c str>,
    /// The key of its API, as the configuration writes it.
    pub api_key: Option<&'c Secret>,
    /// The file that holds the key.
    pub api_key_file: Option<&'c str>,
    /// What its breaker watches.
    pub target: TargetId,
}

impl Decision {
    /// Returns what became of the request.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns why, as a code and a sentence.
    #[must_use]
    pub const fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Returns the reason as one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.reason.sentence(self)
    }

    /// Returns the route; none when the request was rejected before it had one.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route
            .map(|route| &*self.catalogue.routes[route.index()].name)
    }

    /// Returns the place of the route in the file.
    #[must_use]
    pub const fn route_id(&self) -> Option<RouteId> {
        self.route
    }

    /// Returns how sure the route is, 0 to 1: a probability from similarity, 1 from a rule or a
    /// task flag, none from the meta-LLM or the default.
    #[must_use]
    pub const fn route_confidence(&self) -> Option<f32> {
        self.route_confidence
    }

    /// Returns the primary model.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model_id().map(|model| self.model_name(model))
    }

    /// Returns the place of the primary model in the file.
    #[must_use]
    pub fn model_id(&self) -> Option<ModelId> {
        self.plan.first().map(|planned| planned.model)
    }

    /// Returns the models of the plan, the primary first; empty when there is none.
    #[must_use]
    pub fn plan(&self) -> &[Planned] {
        &self.plan
    }

    /// Returns the models that are tried after the primary, escalations among them, in order.
    pub fn fallbacks(&self) -> impl ExactSizeIterator<Item = &str> {
        self.fallback_ids().map(|model| self.model_name(model))
    }

    /// Returns the places of the models after the primary in the file.
    pub fn fallback_ids(&self) -> impl ExactSizeIterator<Item = ModelId> {
        let after = self.plan.get(1..).unwrap_or_default();
        after.iter().map(|planned| planned.model)
    }

    /// Returns the models that are called after the primary while no answer is accepted, from cheap
    /// to dear; empty without a cascade.
    pub fn escalations(&self) -> impl Iterator<Item = &Planned> {
        let is_step = |planned: &&Planned| planned.place == Place::Escalation;
        self.plan.iter().filter(is_step)
    }

    /// Returns what an answer must satisfy to be accepted, if the plan is a cascade.
    ///
    /// A cascade of one step has its answer judged too; nothing follows when it is not accepted.
    #[must_use]
    pub fn cascade(&self) -> Option<&Cascade> {
        let route = self.routed().filter(|_| self.is_cascade)?;
        self.catalogue.routes[route.index()].cascade.as_ref()
    }

    /// Returns how a text is served that exceeds the window of every model of its route.
    ///
    /// With a split or a summary the estimates of the plan are those of one call with the shorter
    /// text.
    #[must_use]
    pub const fn too_long(&self) -> Option<TooLong> {
        self.too_long
    }

    /// Returns what the route says of texts that are too long, with what models are told of parts.
    #[must_use]
    pub fn on_too_long(&self) -> Option<&OnTooLong> {
        self.route
            .map(|route| &self.catalogue.routes[route.index()].on_too_long)
    }

    /// Returns what follows when a provider's content policy refuses.
    #[must_use]
    pub fn on_content_refused(&self) -> OnContentRefused {
        self.route
            .map(|route| self.catalogue.routes[route.index()].on_content_refused)
            .unwrap_or_default()
    }

    /// Returns whether a model may see the request.
    #[must_use]
    pub fn permits(&self, model: ModelId) -> bool {
        self.permitted.contains(model)
    }

    /// Returns whether a rule restricts which models may see the request, so that others than models may not either, unless
    /// the host knows better.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        let all = ModelSet::ALL;
        let count = self.catalogue.models().len();
        !self.permitted.is_same_among(&all, count)
    }

    /// Returns where the primary model runs.
    #[must_use]
    pub fn deployment(&self) -> Option<Deployment<'_>> {
        self.model_id().map(|model| self.deployment_of(model))
    }

    /// Returns where a model runs: as the plan drew it, else drawn by weight from the decision's seed.
    #[must_use]
    pub fn deployment_of(&self, model: ModelId) -> Deployment<'_> {
        match self.plan.iter().find(|planned| planned.model == model) {
            Some(planned) => self.catalogue.deployment(model, planned.deployment),
            None => self.catalogue.deployment_of(model, self.seed),
        }
    }

    /// Returns the seed that it was decided with.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the prompt; none when the route has none that fits.
    #[must_use]
    pub fn prompt(&self) -> Option<&str> {
        self.prompt
            .map(|prompt| &*self.catalogue.prompts[prompt.index()])
    }

    /// Returns the place of the prompt in the file.
    #[must_use]
    pub const fn prompt_id(&self) -> Option<PromptId> {
        self.prompt
    }

    /// Returns the rule that set the route or rejected the request.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.reason.rule().map(|rule| self.rule_name(rule))
    }

    /// Returns the difficulty that was used, 0 to 1; an unknown one counts as 0.5.
    #[must_use]
    pub const fn difficulty(&self) -> f32 {
        self.difficulty
    }

    /// Returns whether to ask for reasoning.
    #[must_use]
    pub const fn reasoning(&self) -> bool {
        self.reasoning
    }

    /// Returns what to retrieve for `{{ context }}`.
    #[must_use]
    pub fn retrieval(&self) -> Option<&Retrieval> {
        self.routed()
            .and_then(|route| self.catalogue.routes[route.index()].retrieval.as_ref())
    }

    /// Returns the agent to hand over to.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        self.routed()
            .and_then(|route| self.catalogue.routes[route.index()].agent.as_deref())
    }

    /// Returns the estimates for the primary model.
    #[must_use]
    pub fn estimates(&self) -> Option<&Estimates> {
        self.plan.first().map(|planned| &planned.estimates)
    }

    /// Returns the expected cost in US dollars.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        self.estimates()
            .map(|estimates| estimates.cost_nano as f64 / 1e9)
    }

    /// Returns, when nothing fits, everything that each model lacks.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Returns what was left aside on the way, such as a rule's model that is not eligible.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns the refusal's message when the request was rejected.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match self.outcome {
            Outcome::Rejected => self
                .reason
                .rule()
                .and_then(|rule| self.catalogue.rules[rule.index()].reject.as_deref()),
            Outcome::NothingFits | Outcome::OverBudget | Outcome::Routed => None,
        }
    }

    /// Returns the revision that decided.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.catalogue.revision
    }

    /// Returns the names and figures that the decision refers to.
    #[must_use]
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Renders the prompt around the request that was decided, ready for a chat API.
    ///
    /// `context` is what retrieval found; empty when absent.
    ///
    /// # Errors
    ///
    /// A template that fails or does not end within its steps.
    pub fn messages(
        &self,
        request: &Request<'_>,
        context: Option<&str>,
    ) -> Result<Vec<Rendered>, RenderError> {
        prompt::render(&self.catalogue.templates, self.prompt, request, context)
    }

    /// Renders the prompt that one model of the plan gets; [`messages`](Self::messages) does it for
    /// the primary.
    ///
    /// # Errors
    ///
    /// A template that fails or does not end within its steps.
    pub fn messages_for(
        &self,
        model: ModelId,
        request: &Request<'_>,
        context: Option<&str>,
    ) -> Result<Vec<Rendered>, RenderError> {
        let planned = self.plan.iter().find(|planned| planned.model == model);
        let prompt = planned.map_or(self.prompt, |planned| planned.prompt);
        prompt::render(&self.catalogue.templates, prompt, request, context)
    }

    pub(crate) fn model_name(&self, model: ModelId) -> &str {
        &self.catalogue.models[model.index()].name
    }

    pub(crate) fn rule_name(&self, rule: RuleId) -> &str {
        &self.catalogue.rules[rule.index()].name
    }

    fn routed(&self) -> Option<RouteId> {
        self.route.filter(|_| self.outcome == Outcome::Routed)
    }
}

impl Catalogue {
    /// Returns where a model of this catalogue runs, drawn by weight from a seed.
    #[must_use]
    pub fn deployment_of(&self, model: ModelId, seed: u64) -> Deployment<'_> {
        self.deployment(model, self.draw_deployment(model, seed, 0))
    }

    /// Returns one deployment of a model by its place in the file; the last one beyond that.
    #[must_use]
    pub fn deployment(&self, model: ModelId, place: u8) -> Deployment<'_> {
        let deployments = &self.models[model.index()].deployments;
        let entry = &deployments[usize::from(place).min(deployments.len() - 1)];
        Deployment {
            provider: &entry.provider,
            kind: entry.kind,
            base_url: entry.base_url.as_deref(),
            model: &entry.model,
            region: entry.region.as_deref(),
            credential: entry.credential.as_deref(),
            api_key: entry.api_key.as_ref(),
            api_key_file: entry.api_key_file.as_deref(),
            target: entry.target,
        }
    }

    /// Draws one deployment by weight among those that are not out (bit `n` stands for place `n`).
    ///
    /// When all are out, it draws among all: whether to call is not decided here.
    #[must_use]
    pub fn draw_deployment(&self, model: ModelId, seed: u64, out: u128) -> u8 {
        let entry = &self.models[model.index()];
        if entry.deployments.len() == 1 {
            return 0;
        }
        let is_in = |place: usize| out & (1 << place) == 0;
        let weights = || {
            entry
                .deployments
                .iter()
                .map(|deployment| deployment.weight)
                .enumerate()
        };
        let total: u64 = weights()
            .filter(|(place, _)| is_in(*place))
            .map(|(_, weight)| weight)
            .sum();
        if total == 0 {
            return self.draw_deployment(model, seed, 0);
        }
        let mut at = draw(seed, model) % total;
        let mut chosen = 0;
        for (place, weight) in weights().filter(|(place, _)| is_in(*place)) {
            chosen = place;
            if at < weight {
                break;
            }
            at -= weight;
        }
        chosen as u8
    }
}

impl PartialEq for Decision {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decision({})", self.canonical())
    }
}

/// A number from seed and model, by the finaliser of `SplitMix64` (Steele, Lea and Flood 2014).
fn draw(seed: u64, model: ModelId) -> u64 {
    let mut z = seed ^ (u64::from(model.0) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
