//! What is known of an answer, so that a cascade can tell whether it is good enough.
//!
//! A host reads an answer with the functions here and gives what it found, [`Judged`], to the
//! [`Run`](crate::Run), which compares it with what the route asks for. All of it is a function of
//! its arguments, so a recorded run can be judged again. Nothing here calls a model: what must be
//! asked is given as text to ask, in [`self_report`] and [`verifier`].
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

impl Decision {
    /// Returns whether an answer has the form that the route's cascade asks for; none when it asks
    /// for none, or for one that only a host can tell, as Python.
    #[must_use]
    pub fn is_in_form(&self, answer: &str) -> Option<bool> {
        self.form().and_then(|form| form.fits(answer))
    }

    fn form(&self) -> Option<&Form> {
        let route = self.catalogue.routes.get(self.route?.index())?;
        route.form.as_ref()
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
