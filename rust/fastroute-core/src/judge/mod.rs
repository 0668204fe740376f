//! Whether an answer is good enough: what is known of it, and what a route's cascade asks of it.
//!
//! A host gathers [`Evidence`] beside the answer, [`Decision::judge`] makes figures of it, and
//! [`Judged::is_accepted`] compares them with the configuration. All of it is a function of its
//! arguments, so a recorded run can be judged again. Nothing here calls a model: what must be asked
//! is given as text to ask, in [`self_report`] and [`verifier`].
//!
//! Unknown is never good enough: without log-probabilities, without a readable verdict, with a
//! number that is none, the confidence is unknown and the next model is called.
//!
//! | confidence from | taken from | weak where |
//! |---|---|---|
//! | log-probability | the mean over the answer's tokens | long answers look sure, as most of their tokens are easy |
//! | self-report | a line that the model adds | models are surer than they are right; set `min` by trial |
//! | verifier | another model's number | costs a call that reads everything |
//! | agreement | samples that come to the same | free text seldom agrees; made for short answers |
//! | function | the host's own code | |

mod form;
mod key;
pub mod self_report;
pub mod verifier;

use std::fmt;

use crate::config::{Accept, Cascade, ConfidenceSource};
use crate::decision::Decision;

pub(crate) use form::Form;
pub use key::answer_key;

/// What is known of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judged {
    /// How far it is trusted, 0 to 1; none when unknown.
    pub confidence: Option<f32>,
    /// Whether it has the form that the cascade asks for; none when unknown, or when none is asked for.
    pub is_in_form: Option<bool>,
    /// Equal for answers that say the same; see [`answer_key`].
    pub answer_key: Option<u64>,
}

/// What a host has beside an answer; each field absent when it has it not.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The answer, without the line of a self-report.
    pub answer: &'a str,
    /// Natural logarithms of the probabilities of its tokens.
    pub log_probabilities: Option<&'a [f32]>,
    /// What the model said of itself, from [`self_report::read`].
    pub self_reported: Option<f32>,
    /// What the verifier said, from [`verifier::read`].
    pub verdict: Option<f32>,
    /// What the host's function said.
    pub function: Option<f32>,
    /// Whether the answer parses as the language that the cascade names; only a host can tell.
    pub parses: Option<bool>,
}

impl fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("bytes", &self.answer.len())
            .finish_non_exhaustive()
    }
}

impl Decision {
    /// Judges an answer to the decided request as the route's cascade asks; without a cascade
    /// nothing is known of it.
    ///
    /// The confidence of agreement is not one answer's: it comes from [`agreement`] over the keys.
    #[must_use]
    pub fn judge(&self, evidence: &Evidence<'_>) -> Judged {
        let Some(cascade) = self.judged_by() else {
            return Judged::default();
        };
        let mut judged = Judged {
            is_in_form: self.is_in_form(evidence.answer).or(evidence.parses),
            ..Judged::default()
        };
        if let Some(asked) = &cascade.accept.answer_confidence {
            judged.confidence = match asked.from {
                ConfidenceSource::Agreement => {
                    judged.answer_key = answer_key(evidence.answer);
                    None
                }
                ConfidenceSource::Function => share(evidence.function),
                ConfidenceSource::LogProbability => {
                    evidence.log_probabilities.and_then(from_log_probabilities)
                }
                ConfidenceSource::SelfReported => share(evidence.self_reported),
                ConfidenceSource::Verifier => share(evidence.verdict),
            };
        }
        judged
    }

    /// Returns whether an answer has the form that the route's cascade asks for; none when it asks
    /// for none, or for one that only a host can tell, as Python.
    #[must_use]
    pub fn is_in_form(&self, answer: &str) -> Option<bool> {
        self.form().and_then(|form| form.fits(answer))
    }

    fn judged_by(&self) -> Option<&Cascade> {
        let route = self.catalogue.routes.get(self.route?.index())?;
        route.cascade.as_ref()
    }

    fn form(&self) -> Option<&Form> {
        let route = self.catalogue.routes.get(self.route?.index())?;
        route.form.as_ref()
    }
}

impl Judged {
    /// Whether it is good enough: everything that is asked for is known and holds.
    #[must_use]
    pub fn is_accepted(&self, accept: &Accept) -> bool {
        let is_trusted = accept.answer_confidence.as_ref().is_none_or(|asked| {
            self.confidence
                .is_some_and(|confidence| confidence >= asked.min)
        });
        is_trusted && (accept.format.is_none() || self.is_in_form == Some(true))
    }
}

/// Returns the mean probability of an answer's tokens, `exp(mean log-probability)`.
///
/// None for no tokens, and when one is not a number. A token of probability 0 gives 0; what claims
/// more than certainty counts as certain.
#[must_use]
pub fn from_log_probabilities(log_probabilities: &[f32]) -> Option<f32> {
    if log_probabilities.is_empty() || log_probabilities.iter().any(|log| log.is_nan()) {
        return None;
    }
    let logs = log_probabilities.iter().map(|log| f64::from(log.min(0.0)));
    let mean = logs.sum::<f64>() / log_probabilities.len() as f64;
    Some(libm::exp(mean) as f32)
}

/// Returns the first of the answers that say what most say, and the share of all that say it.
///
/// Answers without a key agree with nothing; of two equally frequent the earlier counts. None
/// without any key.
///
/// # Examples
///
/// ```
/// use fastroute_core::judge::{agreement, answer_key};
///
/// let answers = ["The sum is 43.", "I get **42**", "= 42"];
/// assert_eq!(agreement(&answers.map(answer_key)), Some((1, 2.0 / 3.0)));
/// ```
#[must_use]
pub fn agreement(keys: &[Option<u64>]) -> Option<(usize, f32)> {
    let count = |key: u64| keys.iter().filter(|other| **other == Some(key)).count();
    let mut best: Option<(usize, usize)> = None;
    for (place, key) in keys.iter().enumerate() {
        let Some(key) = key else { continue };
        let count = count(*key);
        if best.is_none_or(|(_, most)| count > most) {
            best = Some((place, count));
        }
    }
    best.map(|(place, count)| (place, count as f32 / keys.len() as f32))
}

/// A share as others give it: none when it is not within 0 and 1.
fn share(value: Option<f32>) -> Option<f32> {
    value.filter(|value| (0.0..=1.0).contains(value))
}
