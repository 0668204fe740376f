//! What is known of a request, taken from it as stages ask: cheap facts first, none twice.
//!
//! [`Facts`] own no text, so a decision can wait for an answer, and be turned over for an
//! explanation, without keeping the request alive. What was not taken while the text was there
//! stays unknown.

use crate::ask::fence;
use crate::catalogue::{ModelId, PromptId, RouteId};
use crate::config::{Capability, OnTooLong, Reads};
use crate::context::{Ledger, Surroundings, answer_tokens, holds_question};
use crate::host::View;
use crate::request::{Capabilities, Input, Limits, Part, Request, Requirements};
use crate::rules::{self, Verdict};
use crate::session::{Kept, SessionFacts};
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
    /// Whether the meta-LLM can hold its question and answer in time; none until it is needed.
    can_be_asked: Option<bool>,
    pub limits: Limits,
    pub requirements: Requirements,
    /// The session; none for a request on its own, which this costs nothing.
    pub session: Option<Box<SessionFacts>>,
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
    facts.requirements.capabilities = facts
        .requirements
        .capabilities
        .union(capabilities_of_parts(request));
    facts.can_be_asked = None;
    facts.session = request.session.map(|session| {
        let said = texts.view(Reads::LastUser);
        let text = (!said.unreadable).then_some(said.text);
        let taken = SessionFacts::take(&snapshot.catalogue, request, session, text);
        Box::new(taken)
    });
}

/// What the parts need: `vision` for a picture, `audio` for a sound.
fn capabilities_of_parts(request: &Request<'_>) -> Capabilities {
    let Input::Messages(messages) = request.input else {
        return Capabilities::empty();
    };
    let parts = messages.iter().flat_map(|message| message.parts);
    parts
        .filter_map(|part| match part {
            Part::Audio => Some(Capability::Audio),
            Part::Image => Some(Capability::Vision),
            Part::Document(_) | Part::Other | Part::Text(_) => None,
        })
        .collect()
}

impl Facts {
    /// What the rules say, within what earlier turns of the session left.
    pub fn verdict(&self, snapshot: &Snapshot) -> Verdict {
        let mut verdict = rules::evaluate(&snapshot.rules, &self.measured.truths);
        let Some(session) = &self.session else {
            return verdict;
        };
        if session.is_readable {
            if let Some(permitted) = session.permitted() {
                verdict.permitted.intersect(permitted);
            }
        } else {
            // What was found earlier is unknown, so every restriction that there is may hold.
            let restrictions = snapshot
                .rules
                .iter()
                .filter_map(|rule| rule.permits.as_deref());
            restrictions.for_each(|permits| verdict.permitted.intersect(permits));
        }
        verdict
    }

    /// What stays of the session.
    pub fn kept(&self, snapshot: &Snapshot, verdict: &Verdict, view: &View) -> Kept {
        let Some(session) = &self.session else {
            return Kept::default();
        };
        let capabilities = self.requirements.capabilities;
        session.keep(&snapshot.catalogue, verdict, view, capabilities)
    }

    /// Scores similarity if nobody has.
    pub fn score(&mut self, snapshot: &Snapshot, sources: Option<&mut Sources<'_>>) {
        if let (false, Some(part), Some(sources)) = (self.is_scored, &snapshot.similarity, sources)
        {
            let text = sources.texts.view(Reads::LastUser).text;
            part.score(text, sources.score, &mut self.likeness);
            self.is_scored = true;
        }
    }

    /// Whether the meta-LLM's window holds the question, and the request has time for its answer.
    ///
    /// Without sources the question was asked already.
    pub fn can_be_asked(
        &mut self,
        snapshot: &Snapshot,
        model: ModelId,
        sources: Option<&Sources<'_>>,
    ) -> bool {
        let (None, Some(sources)) = (self.can_be_asked, sources) else {
            return self.can_be_asked.unwrap_or(true);
        };
        let entry = &snapshot.catalogue.models[model.index()];
        let answer = answer_tokens(snapshot, entry.tokenizer);
        let limit = self.limits.max_latency;
        let is_in_time =
            limit.is_none_or(|limit| entry.latency_us(answer) <= limit.as_micros() as f64);
        let fits = || {
            let user = fence(sources.texts.view(Reads::LastUser).text);
            let window = entry.context_window;
            holds_question(snapshot, entry.tokenizer, &user, answer, window)
        };
        let can = is_in_time && answer <= entry.max_output_tokens && fits();
        self.can_be_asked = Some(can);
        can
    }

    /// Takes everything that deciding may still need once the request is gone.
    pub fn keep(&mut self, snapshot: &Snapshot, sources: &mut Sources<'_>) {
        self.measured.take_difficulty(Some(&sources.texts));
        self.score(snapshot, Some(sources));
        let catalogue = &snapshot.catalogue;
        let routes = &catalogue.routes;
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
        // A part or a summary is measured against what stands around the text, counted exactly.
        let shortens = routes.iter().any(|route| {
            matches!(
                route.on_too_long,
                OnTooLong::Split(_) | OnTooLong::Summarise(_)
            )
        });
        let prompts = || (0..catalogue.prompts.len()).map(|index| Some(PromptId::at(index)));
        for model in &catalogue.models {
            let window = u64::from(model.context_window);
            for prompt in prompts().chain([None]) {
                let around = Surroundings {
                    tokenizers: &snapshot.tokenizers,
                    templates: &catalogue.templates,
                    tokenizer: model.tokenizer,
                    prompt,
                    retrieval_tokens: retrieval.unwrap_or(0),
                };
                let may_need_exact = |lower, upper: u64| {
                    shortens
                        || has_cost_limit
                        || (upper + u64::from(output) > window && lower <= window)
                };
                self.ledger.keep(&around, sources.request, may_need_exact);
            }
        }
    }
}
