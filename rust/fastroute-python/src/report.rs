//! Outcomes in: what `router.report` tells the live state of an attempt that a host made by itself.
//!
//! The first outcome of an attempt counts, and the first feedback on it, whichever comes first; the
//! decision remembers. The text of an answer is hashed here and goes no further.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use fastroute_core::{AttemptOutcome, Ended, Feedback, ModelId, RetryAfter};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyMapping;

use crate::decision::Decision;
use crate::live::Live;
use crate::question::now;
use crate::request::{Figure, read_text};
use crate::run::{read_limit_scope, read_outcome, usage};
use crate::{error, workspace};

/// Most attempts of one decision that are told apart.
const MAX_ATTEMPT: u32 = 255;

/// Longest name of a kind of feedback, in bytes.
const MAX_KIND_BYTES: usize = 64;

/// An outcome that moves nothing.
const FEEDBACK_ALONE: AttemptOutcome = AttemptOutcome::LocalError;

/// What a host tells of an attempt.
pub struct Told<'a, 'py> {
    /// None when only feedback is told.
    pub outcome: Option<&'a str>,
    pub model: Option<Bound<'py, PyAny>>,
    pub attempt: u32,
    pub first_token_ms: Option<Figure>,
    pub latency_ms: Option<Figure>,
    pub input_tokens: Option<u64>,
    pub cached_tokens: Option<u64>,
    pub output_tokens: Option<u64>,
    pub retry_after_s: Option<Figure>,
    pub limit_scope: &'a str,
    pub feedback: Option<Bound<'py, PyAny>>,
    pub output: Option<Bound<'py, PyAny>>,
}

/// Tells the live state of an attempt; returns `accepted`, `duplicate` or `refused`.
pub fn report(live: &Live, decision: &Decision, told: &Told<'_, '_>) -> PyResult<&'static str> {
    let outcome = told.outcome.map(read_outcome).transpose()?;
    let feedback = told.feedback.as_ref().map(read_feedback).transpose()?;
    if outcome.is_none() && feedback.is_none() {
        return Err(invalid(
            "a report without outcome needs feedback".to_owned(),
        ));
    }
    let output = told.output.as_ref().map(digest).transpose()?;
    let ended = Ended {
        retry_after: match told.retry_after_s {
            Some(seconds) => Some(RetryAfter::After(micros(seconds, 1e6, "retry_after_s")?)),
            None => None,
        },
        limit_scope: read_limit_scope(told.limit_scope)?,
        usage: usage(told.input_tokens, told.cached_tokens, told.output_tokens),
        first_token_us: match told.first_token_ms {
            Some(ms) => Some(micros(ms, 1e3, "first_token_ms")?),
            None => None,
        },
        feedback,
        output,
        ..Ended::new(
            outcome.unwrap_or(FEEDBACK_ALONE),
            match told.latency_ms {
                Some(ms) => micros(ms, 1e3, "latency_ms")?,
                None => 0,
            },
        )
    };
    let attempt = u8::try_from(told.attempt).map_err(|_| {
        invalid(format!(
            "attempt `{}` is over the limit of {MAX_ATTEMPT}",
            told.attempt
        ))
    })?;
    let made_by = decision.router().live.get();
    let model = model_of(decision, told.model.as_ref())?;
    let Some(model) = model.filter(|_| Arc::ptr_eq(&made_by.answers, &live.answers)) else {
        live.live.count_unknown();
        return Ok("refused");
    };
    let is_new = outcome.is_some() && decision.is_first_outcome(attempt);
    let has_feedback = ended.feedback.is_some() && decision.is_first_feedback(attempt);
    let ended = match (is_new, has_feedback) {
        (true, _) => ended,
        // Feedback comes when somebody has read the answer, long after its outcome was told.
        (false, true) => Ended {
            feedback: ended.feedback,
            ..Ended::new(FEEDBACK_ALONE, 0)
        },
        (false, false) => {
            live.live.count_duplicate();
            return Ok("duplicate");
        }
    };
    let core = decision.core();
    let planned = core.plan().iter().find(|planned| planned.model == model);
    let catalogue = core.catalogue();
    let deployment = planned.map_or_else(
        || catalogue.draw_deployment(model, core.seed(), 0),
        |planned| planned.deployment,
    );
    let (caller, epoch) = (decision.caller(), decision.epoch());
    let probe = decision.probe();
    let probe = probe.filter(|_| is_new && attempt == 0 && core.model_id() == Some(model));
    workspace::guarded(|| {
        let fleet = &made_by.fleet;
        match probe {
            Some(kept) => fleet.report_kept(kept, &caller, model, deployment, &ended, now()),
            None => {
                fleet.report_decided(core, &caller, model, deployment, epoch, &ended, now());
            }
        }
    })?;
    Ok("accepted")
}

/// The model that was called, if the decision permits it.
fn model_of(decision: &Decision, name: Option<&Bound<'_, PyAny>>) -> PyResult<Option<ModelId>> {
    let core = decision.core();
    let model = match name {
        Some(name) => core.catalogue().model_named(&read_text(name, "model")?),
        None => core.model_id(),
    };
    Ok(model.filter(|model| core.permits(*model)))
}

fn read_feedback(feedback: &Bound<'_, PyAny>) -> PyResult<Feedback> {
    let feedback = feedback
        .cast::<PyMapping>()
        .map_err(|_| PyTypeError::new_err("`feedback` must be a mapping"))?;
    let (Ok(kind), Ok(score)) = (feedback.get_item("kind"), feedback.get_item("score")) else {
        return Err(invalid(
            "feedback has not both `kind` and `score`".to_owned(),
        ));
    };
    let kind = read_text(&kind, "feedback kind")?;
    if kind.is_empty() || kind.len() > MAX_KIND_BYTES {
        let message = format!("feedback's kind must have 1 to {MAX_KIND_BYTES} bytes");
        return Err(invalid(message));
    }
    let score: f32 = score.extract()?;
    if !(0.0..=1.0).contains(&score) {
        return Err(invalid(format!(
            "feedback's score is `{score}`, but must be 0 to 1"
        )));
    }
    Ok(Feedback {
        kind: (&*kind).into(),
        score,
    })
}

/// Hash and length of an answer.
fn digest(output: &Bound<'_, PyAny>) -> PyResult<(u64, u64)> {
    let output = read_text(output, "output")?;
    let mut hasher = DefaultHasher::new();
    (*output).hash(&mut hasher);
    Ok((hasher.finish(), output.len() as u64))
}

fn micros(time: Figure, unit: f64, name: &str) -> PyResult<u64> {
    if (0.0..1e12).contains(&time.0) {
        Ok((time.0 * unit).round() as u64)
    } else {
        Err(invalid(format!(
            "`{name}` is `{}`, which no attempt can take",
            time.0
        )))
    }
}

fn invalid(message: String) -> PyErr {
    error::request("INVALID_REPORT", message)
}
