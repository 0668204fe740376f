//! What is known of a request, taken from it as stages ask: cheap facts first, none twice.
//!
//! [`Facts`] own no text, so a decision can wait for an answer, and be turned over for an
//! explanation, without keeping the request alive. What was not taken while the text was there
//! stays unknown.

use crate::catalogue::RouteId;
use crate::config::{Capability, Reads};
use crate::context::{Ledger, Surroundings};
use crate::request::{Capabilities, Input, Limits, Part, Request, Requirements};
use crate::signal::{self, Measured, Scratch, Texts};
use crate::similarity::{Likeness, ScoreScratch};
use crate::snapshot::Snapshot;

/// What is known of a request: enough to decide it without its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub measured: Measured,
    /// The route that the task flag names; none without a flag, or without such a route.
    pub task: Option<RouteId>,
    pub has_unknown_task: bool,
    /// The likeness to examples once it was scored.
    pub likeness: Likeness,
    pub is_scored: bool,
    pub ledger: Ledger,
    pub limits: Limits,
    pub requirements: Requirements,
}

/// Where facts that were not taken yet can still be taken.
pub(crate) struct Sources<'a> {
    pub request: &'a Request<'a>,
    pub texts: Texts<'a>,
    pub score: &'a mut ScoreScratch,
}

/// Measures the signals and reads what needs no text.
pub(crate) fn take_facts(
    snapshot: &Snapshot,
    request: &Request<'_>,
    texts: &Texts<'_>,
    scratch: &mut Scratch,
    facts: &mut Facts,
) {
    signal::measure(
        &snapshot.signals,
        &snapshot.tokenizers.counters,
        request,
        texts,
        scratch,
        &mut facts.measured,
    );
    facts.task = request.task.and_then(|task| snapshot.task_route(task));
    facts.has_unknown_task = request.task.is_some() && facts.task.is_none();
    facts.is_scored = false;
    facts.likeness.is_known = false;
    facts.likeness.probabilities.clear();
    facts
        .ledger
        .start(request, snapshot.tokenizers.counters.len());
    facts.limits = request.limits;
    facts.requirements = request.requirements;
    if has_image(request) {
        let vision = Capabilities::empty().with(Capability::Vision);
        facts.requirements.capabilities = facts.requirements.capabilities.union(vision);
    }
}

fn has_image(request: &Request<'_>) -> bool {
    match request.input {
        Input::Messages(messages) => messages
            .iter()
            .flat_map(|message| message.parts)
            .any(|part| matches!(part, Part::Image)),
        Input::Text(_) => false,
    }
}

impl Facts {
    /// Scores similarity if nobody has.
    pub fn score(&mut self, snapshot: &Snapshot, sources: Option<&mut Sources<'_>>) {
        if let (false, Some(part), Some(sources)) = (self.is_scored, &snapshot.similarity, sources)
        {
            let text = sources.texts.view(Reads::LastUser).text;
            part.score(text, sources.score, &mut self.likeness);
            self.is_scored = true;
        }
    }

    /// Takes everything that deciding may still need once the request is gone.
    pub fn keep(&mut self, snapshot: &Snapshot, sources: &mut Sources<'_>) {
        self.measured.take_difficulty(Some(&sources.texts));
        self.score(snapshot, Some(sources));
        let routes = &snapshot.catalogue.routes;
        let templates = &snapshot.catalogue.templates;
        let longest_output = routes
            .iter()
            .map(|route| route.expected_output_tokens)
            .max();
        let output = self
            .limits
            .expected_output_tokens
            .or(longest_output)
            .unwrap_or(0);
        let retrieval = routes
            .iter()
            .filter_map(|route| route.retrieval.as_ref())
            .map(|r| r.max_tokens)
            .max();
        let has_cost_limit = self.limits.max_cost.is_some()
            || routes
                .iter()
                .any(|route| route.limits.max_cost_nano.is_finite());
        for model in &snapshot.catalogue.models {
            let around = Surroundings {
                tokenizers: &snapshot.tokenizers,
                templates,
                tokenizer: model.tokenizer,
                prompt: None,
                retrieval_tokens: retrieval.unwrap_or(0),
            };
            let text = self.ledger.rough(&around, Some(sources.request)).upper;
            let most = text * templates.most_input_copies()
                + snapshot.tokenizers.dearest_prompt(model.tokenizer)
                + self.ledger.metadata_bytes()
                + u64::from(output);
            let may_need_exact = has_cost_limit || most > u64::from(model.context_window);
            self.ledger.keep(&around, sources.request, may_need_exact);
        }
    }
}
