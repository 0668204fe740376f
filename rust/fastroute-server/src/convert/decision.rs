//! A decision, and a question to the meta-LLM, as messages.
//!
//! The basic view holds all that the canonical form holds, number for number, so that any client can
//! rebuild the canonical bytes. Sentences are written only for the full view: they cost more than
//! all the rest.

use fastroute_core::config::{OnContentRefused, ProviderKind};
use fastroute_core::{
    Catalogue, Decision, Deployment, Estimates, Missing, Note, Now, Outcome, Question, RenderError,
    Rendered, Request, Revision,
};
use fastroute_proto::v1;
use uuid::Uuid;

use super::handling;
use super::time::duration;
use crate::refusal::Refusal;

/// What a server adds to a decision: its name, and the right to report on it.
#[derive(Clone, Debug, Default)]
pub struct Issued {
    /// Name of the decision.
    pub id: Uuid,
    /// Authorises reports; empty when there is no plan to report on.
    pub report_token: Vec<u8>,
}

impl Issued {
    /// Names a decision that nobody reports on.
    #[must_use]
    pub const fn unreported(id: Uuid) -> Self {
        Self {
            id,
            report_token: Vec::new(),
        }
    }
}

/// Writes a decision; `now` is when times are told from.
#[must_use]
pub fn decision(decision: &Decision, issued: Issued, is_full: bool, now: Now) -> v1::Decision {
    let owned = |name: &str| name.to_owned();
    v1::Decision {
        id: uuid_text(issued.id),
        outcome: outcome(decision.outcome()).into(),
        revision: revision(decision.revision()),
        route: decision.route().map(owned),
        route_confidence: decision.route_confidence(),
        model: decision.model().map(owned),
        fallbacks: decision.fallbacks().map(owned).collect(),
        prompt: decision.prompt().map(owned),
        reason: Some(v1::Reason {
            code: decision.reason().code().to_owned(),
            sentence: if is_full {
                decision.sentence()
            } else {
                String::new()
            },
        }),
        rule: decision.rule().map(owned),
        message: decision.message().map(owned),
        difficulty: decision.difficulty(),
        reasoning: decision.reasoning(),
        retrieval: decision.retrieval().map(|retrieval| v1::Retrieval {
            collection: retrieval.collection.clone(),
            top_k: retrieval.top_k,
            max_tokens: retrieval.max_tokens,
        }),
        agent: decision.agent().map(owned),
        deployments: deployments(decision, is_full),
        estimates: decision.estimates().map(estimates),
        missing: decision
            .missing()
            .iter()
            .map(|lack| missing(lack, decision, is_full, now))
            .collect(),
        notes: decision
            .notes()
            .iter()
            .map(|aside| note(aside, decision, is_full))
            .collect(),
        messages: Vec::new(),
        report_token: issued.report_token,
        session: None,
        cascade: decision.cascade().map(handling::cascade),
        too_long: decision
            .too_long()
            .map(|how| handling::too_long(decision, how)),
        escalations: decision.escalations().count() as u32,
        next_on_content_refused: decision.on_content_refused() == OnContentRefused::Next,
    }
}

/// Renders the prompt of a decision around the request that was decided.
///
/// # Errors
///
/// `RENDER_FAILED`: a template that fails, or does not end within its steps.
pub fn rendered(
    decision: &Decision,
    request: &Request<'_>,
    render: &v1::Render,
) -> Result<Vec<v1::RenderedMessage>, Refusal> {
    let context = (!render.context.is_empty()).then_some(&*render.context);
    match decision.messages(request, context) {
        Ok(messages) => Ok(messages.into_iter().map(rendered_message).collect()),
        Err(error) => Err(render_failed(&error)),
    }
}

/// Writes a question; `seed` draws where its model runs.
#[must_use]
pub fn question(question: &Question, catalogue: &Catalogue, seed: u64) -> v1::Question {
    let model = catalogue.model_named(&question.model);
    v1::Question {
        model: question.model.clone(),
        deployment: model.map(|model| deployment(&catalogue.deployment_of(model, seed))),
        labels: question.labels.to_vec(),
        system: question.system.to_string(),
        user: question.user.clone(),
        timeout: Some(span(question.timeout.as_micros())),
        revision: revision(catalogue.revision()),
        schema_json: question.schema().to_string(),
    }
}

fn outcome(outcome: Outcome) -> v1::Outcome {
    match outcome {
        Outcome::NothingFits => v1::Outcome::NothingFits,
        Outcome::OverBudget => v1::Outcome::OverBudget,
        Outcome::Rejected => v1::Outcome::Rejected,
        Outcome::Routed => v1::Outcome::Routed,
    }
}

/// Writes the digits that a revision prints, at a tenth of what printing costs.
#[must_use]
pub fn revision(revision: &Revision) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(16);
    for byte in &revision.as_bytes()[..8] {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn uuid_text(id: Uuid) -> String {
    let mut buffer = Uuid::encode_buffer();
    id.hyphenated().encode_lower(&mut buffer).to_owned()
}

fn span(us: u64) -> pbjson_types::Duration {
    duration(std::time::Duration::from_micros(us))
}

fn deployments(decision: &Decision, is_full: bool) -> Vec<v1::Deployment> {
    let shown = if is_full { usize::MAX } else { 1 };
    let models = decision.plan().iter().map(|planned| planned.model);
    models
        .take(shown)
        .map(|model| deployment(&decision.deployment_of(model)))
        .collect()
}

fn deployment(deployment: &Deployment<'_>) -> v1::Deployment {
    let kind = match deployment.kind {
        ProviderKind::Anthropic => v1::ProviderKind::Anthropic,
        ProviderKind::Callable => v1::ProviderKind::Callable,
        ProviderKind::Openai => v1::ProviderKind::Openai,
    };
    v1::Deployment {
        provider: deployment.provider.to_owned(),
        kind: kind.into(),
        base_url: deployment.base_url.map(str::to_owned),
        model: deployment.model.to_owned(),
        region: deployment.region.map(str::to_owned),
        credential: deployment.credential.map(str::to_owned),
    }
}

fn estimates(estimates: &Estimates) -> v1::Estimates {
    v1::Estimates {
        input_tokens: estimates.input_tokens,
        output_tokens: estimates.output_tokens,
        cost_nano_usd: estimates.cost_nano,
        latency: Some(span(estimates.latency_us)),
        quality: estimates.quality,
    }
}

fn missing(missing: &Missing, decision: &Decision, is_full: bool, now: Now) -> v1::Missing {
    let catalogue = decision.catalogue();
    let name = catalogue.models().nth(usize::from(missing.model().0));
    v1::Missing {
        model: name.unwrap_or_default().to_owned(),
        code: missing.code().to_owned(),
        message: if is_full {
            missing.message(catalogue)
        } else {
            String::new()
        },
        retry_after: retry_after_us(missing, now).map(span),
    }
}

/// Time until a lack passes by itself; none when it does not, or when only an operator can say.
fn retry_after_us(missing: &Missing, now: Now) -> Option<u64> {
    let left = |at: u64, now: u64| (at != u64::MAX).then(|| at.saturating_sub(now));
    match (missing.retry_at_us(), missing.resets_at_us()) {
        (Some(at), _) => left(at, now.monotonic_us),
        (None, Some(at)) => left(at, now.unix_us),
        (None, None) => None,
    }
}

fn note(note: &Note, decision: &Decision, is_full: bool) -> v1::Note {
    v1::Note {
        code: note.code().to_owned(),
        sentence: if is_full {
            note.sentence(decision)
        } else {
            String::new()
        },
    }
}

fn rendered_message(message: Rendered) -> v1::RenderedMessage {
    v1::RenderedMessage {
        role: message.role.to_owned(),
        content: message.content,
        source: message.source.and_then(|source| u32::try_from(source).ok()),
    }
}

fn render_failed(error: &RenderError) -> Refusal {
    Refusal::new(
        error.code(),
        tonic::Code::FailedPrecondition,
        error.to_string(),
    )
    .with_violation("render", "the prompt's template does not take this request")
}
