//! What a decision asks of whoever runs its plan: when an answer is accepted, and what to do with a long text.
//!
//! A caller of the service runs plans itself, so it is told here what a run in the process would read from
//! the configuration. Nothing of it is written, or costs anything, for a route that says nothing of it.

use fastroute_core::config::{AnswerFormat, Cascade, ConfidenceSource, OnTooLong};
use fastroute_core::{Catalogue, Decision, ModelId, TooLong};
use fastroute_proto::v1;

/// Writes what an answer must satisfy, if the plan is a cascade.
pub(super) fn cascade(cascade: &Cascade) -> v1::Cascade {
    let mut written = v1::Cascade::default();
    if let Some(confidence) = &cascade.accept.answer_confidence {
        written.min_confidence = Some(confidence.min);
        written.confidence_from = source(confidence.from).to_owned();
        match confidence.from {
            ConfidenceSource::Agreement => written.samples = confidence.samples,
            ConfidenceSource::Function => written.function.clone_from(&confidence.function),
            ConfidenceSource::Verifier => written.verifier.clone_from(&confidence.model),
            ConfidenceSource::LogProbability | ConfidenceSource::SelfReported => {}
        }
    }
    match &cascade.accept.format {
        None => {}
        Some(AnswerFormat::Json) => written.format = "json".to_owned(),
        Some(AnswerFormat::Python) => written.format = "python".to_owned(),
        Some(AnswerFormat::JsonSchema(schema)) => {
            written.format = "json_schema".to_owned();
            written.schema_json = schema.to_string();
        }
    }
    written
}

/// Writes what to do with a text that is longer than the models take.
pub(super) fn too_long(decision: &Decision, how: TooLong) -> v1::TooLong {
    use v1::too_long::Way;
    let way = match how {
        TooLong::Larger => Way::Larger(v1::Larger {}),
        TooLong::Split {
            model,
            part_tokens,
            overlap_tokens,
            max_parts,
        } => Way::Split(v1::Split {
            model: name(decision.catalogue(), model),
            part_tokens,
            overlap_tokens,
            max_parts,
            reduce: match decision.on_too_long() {
                Some(OnTooLong::Split(split)) => split.reduce.clone(),
                _ => String::new(),
            },
        }),
        TooLong::Summarise { model, max_tokens } => Way::Summarise(v1::Summarise {
            model: name(decision.catalogue(), model),
            max_tokens,
        }),
    };
    v1::TooLong { way: Some(way) }
}

fn source(from: ConfidenceSource) -> &'static str {
    match from {
        ConfidenceSource::Agreement => "agreement",
        ConfidenceSource::Function => "function",
        ConfidenceSource::LogProbability => "log_probability",
        ConfidenceSource::SelfReported => "self_reported",
        ConfidenceSource::Verifier => "verifier",
    }
}

fn name(catalogue: &Catalogue, model: ModelId) -> String {
    let mut models = catalogue.models();
    models
        .nth(usize::from(model.0))
        .unwrap_or_default()
        .to_owned()
}
