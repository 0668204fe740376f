//! How a decision begins, and the class `Pending`: one that waits for the answer to a question.
//!
//! [`begin`] is the way of every single decision: `Router.route` begins and, where a question comes
//! back, asks the host's function and resumes at once; a dispatcher takes the `Pending` and resumes
//! when its model has answered. Both read the live state of the router, afresh when they resume.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fastroute_core::{
    Answer, Ballot as CoreBallot, Pending as CorePending, Reason, Step, Turn, View,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::decision::{Answered, Circumstances, Decision};
use crate::probe::{Probe, Taken};
use crate::question::{self, Question, read_label};
use crate::request::{Arguments, Given, Options, Text, Who, read_text};
use crate::router::Router;
use crate::{error, workspace};

/// Decisions of one request: each takes a model out that nobody may probe now.
const MAX_ROUNDS: usize = 16;

/// Everything that a single decision is asked with.
pub struct Asked<'py> {
    pub text: Option<Bound<'py, PyAny>>,
    pub messages: Option<Bound<'py, PyAny>>,
    pub arguments: Arguments<'py>,
    pub unavailable: Option<Bound<'py, PyAny>>,
    pub caller: Option<Bound<'py, PyAny>>,
    pub seed: u64,
}

/// A decision, or what must be asked before there is one.
#[expect(
    clippy::large_enum_variant,
    reason = "a decision moves on into its Python object at once; a box would be one more allocation"
)]
pub enum Begun {
    Ask(Box<Waiting>),
    Decided(Decision),
}

/// A decision that waits, and all that it will be bound to.
pub struct Waiting {
    pending: Box<CorePending>,
    router: Py<Router>,
    given: Given,
    caller: Who,
    unavailable: Option<Py<PyAny>>,
    view: View,
    epoch: u64,
    seed: u64,
}

/// Decides, or finds that a question must be asked first.
///
/// With `probes`, a model that recovers is in the plan of as many decisions as its breaker lets probe;
/// the others are decided again without it. A dispatcher claims its calls itself.
pub fn begin(router: &Bound<'_, Router>, asked: Asked<'_>, probes: bool) -> PyResult<Begun> {
    let py = router.py();
    let options = Options::read(asked.arguments)?;
    let given = Given::read(asked.text.as_ref(), asked.messages.as_ref(), options)?;
    let caller = Who::read(asked.caller.as_ref())?;
    let now = question::now();
    let snapshot = &router.get().snapshot;
    let fleet = &router.get().live.get().fleet;
    let epoch = fleet.epoch();
    let mut view = router
        .get()
        .view(&caller.lend(), asked.unavailable.as_ref(), now)?;
    let seed = asked.seed;
    let decide = |view: &View| {
        let step = given.lend(|request| {
            workspace::with_released(py, request.text_bytes(), |workspace| {
                fastroute_core::decide(snapshot, request, view, now, seed, workspace)
            })
        })?;
        step.map_err(|refused| error::from_request(&refused))
    };
    let mut step = decide(&view)?;
    let mut probe = None;
    if probes {
        for _ in 0..MAX_ROUNDS {
            let Step::Decided(decision) = &step else {
                break;
            };
            let take = || Probe::take(fleet, decision, &caller.lend(), now, &mut view);
            match workspace::guarded(take)? {
                Taken::NotNeeded => break,
                Taken::Granted(granted) => {
                    probe = Some(granted);
                    break;
                }
                Taken::Denied => step = decide(&view)?,
            }
        }
    }
    let router = router.clone().unbind();
    Ok(match step {
        Step::Decided(decision) => {
            let circumstances = Circumstances {
                view,
                seed,
                answer: None,
                caller,
                at: now,
                epoch,
                probe,
            };
            Begun::Decided(Decision::new(decision, router, given, circumstances))
        }
        Step::Ask(pending) => Begun::Ask(Box::new(Waiting {
            pending,
            router,
            given,
            caller,
            unavailable: asked.unavailable.map(Bound::unbind),
            view,
            epoch,
            seed,
        })),
    })
}

impl Waiting {
    /// Copies the question.
    pub fn question(&self, py: Python<'_>) -> PyResult<Question> {
        Question::new(py, self.pending.question())
    }

    /// Decides as if nobody could answer; under the view of before, as no time has passed.
    pub fn decline(self) -> PyResult<Decision> {
        let (view, epoch) = (self.view.clone(), self.epoch);
        self.conclude(None, view, epoch)
    }

    /// Decides with what was said; models may have failed or recovered meanwhile.
    pub fn resume(self, py: Python<'_>, label: Option<Text>) -> PyResult<Decision> {
        let unavailable = self.unavailable.as_ref().map(|names| names.bind(py));
        let router = self.router.get();
        let epoch = router.live.get().fleet.epoch();
        let view = router.view(&self.caller.lend(), unavailable, question::now())?;
        self.conclude(label, view, epoch)
    }

    fn conclude(self, label: Option<Text>, view: View, epoch: u64) -> PyResult<Decision> {
        let answer = label.as_deref().map_or(Answer::Declined, Answer::Label);
        let at = question::now();
        let decision = workspace::guarded(|| self.pending.resume(answer, &view, at))?;
        // Explaining takes no time that could be late.
        let answer = match (decision.reason(), label) {
            (Reason::DefaultMetaLlmLate, _) => Answered::Late,
            (_, Some(label)) => Answered::Label(label),
            (_, None) => Answered::Declined,
        };
        let circumstances = Circumstances {
            view,
            seed: self.seed,
            answer: Some(answer),
            caller: self.caller,
            at,
            epoch,
            probe: None,
        };
        Ok(Decision::new(
            decision,
            self.router,
            self.given,
            circumstances,
        ))
    }
}

/// A decision that waits for the answer to a question; `resume` makes it, once.
#[pyclass(frozen, module = "fastroute._fastroute")]
pub struct Pending {
    /// What is asked.
    #[pyo3(get)]
    question: Py<Question>,
    /// None once it was resumed.
    waiting: Mutex<Option<Box<Waiting>>>,
}

impl Pending {
    /// Hands a decision that waits to the host.
    pub fn new(py: Python<'_>, waiting: Box<Waiting>) -> PyResult<Self> {
        Ok(Self {
            question: Py::new(py, waiting.question(py)?)?,
            waiting: Mutex::new(Some(waiting)),
        })
    }
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, Option<Box<Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The label that is kept of an equal question.
    fn kept(&self) -> Option<String> {
        let waiting = self.lock();
        let waiting = waiting.as_ref()?;
        let answers = &waiting.router.get().live.get().answers;
        answers
            .find(waiting.pending.question())
            .map(ToOwned::to_owned)
    }

    /// Keeps a label for equal questions.
    fn keep(&self, label: &str) {
        if let Some(waiting) = &*self.lock() {
            let answers = &waiting.router.get().live.get().answers;
            answers.keep(waiting.pending.question(), Some(label));
        }
    }
}

#[pymethods]
impl Pending {
    /// Decides with the label that the model chose, or None when nobody answered.
    ///
    /// Raises ValueError when it was resumed before.
    fn resume(&self, py: Python<'_>, label: Option<&Bound<'_, PyAny>>) -> PyResult<Decision> {
        let label = label.map(read_label).transpose()?.flatten();
        let waiting = self.lock().take();
        match waiting {
            Some(waiting) => waiting.resume(py, label),
            None => Err(PyValueError::new_err("this question was answered before")),
        }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Pending({})", self.question.bind(py).repr()?))
    }
}

/// The votes on a question: how often it is asked, and what the answers come to.
///
/// That of a Pending begins with the answer that is kept of an equal question of this
/// configuration, if there is one, and keeps the one that it comes to.
#[pyclass(frozen, module = "fastroute._fastroute")]
pub struct Ballot {
    inner: Mutex<CoreBallot>,
    /// The answer of before; no vote is needed.
    kept: Option<String>,
    pending: Option<Py<Pending>>,
}

#[pymethods]
impl Ballot {
    #[new]
    fn new(question: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (question, pending) = match question.cast::<Pending>() {
            Ok(pending) => (
                pending.get().question.clone_ref(question.py()),
                Some(pending),
            ),
            Err(_) => (question.cast::<Question>()?.clone().unbind(), None),
        };
        let question = question.get();
        Ok(Self {
            inner: Mutex::new(CoreBallot::with(question.votes, question.ask_again)),
            kept: pending.and_then(|pending| pending.get().kept()),
            pending: pending.map(|pending| pending.clone().unbind()),
        })
    }

    /// Whether to ask once more.
    fn next(&self) -> bool {
        self.kept.is_none() && matches!(self.lock().next(), Turn::Ask)
    }

    /// Casts the label that an answer says, or None for an answer that says none.
    fn cast(&self, label: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let label = label.map(|label| read_text(label, "label")).transpose()?;
        let mut ballot = self.lock();
        ballot.cast(label.as_deref());
        if let (Turn::Done(Some(label)), Some(pending)) = (ballot.next(), &self.pending) {
            pending.get().keep(label);
        }
        Ok(())
    }

    /// The label that more than half of the votes say; None while there is none.
    #[getter]
    fn label(&self) -> Option<String> {
        self.kept
            .clone()
            .or_else(|| self.lock().label().map(ToOwned::to_owned))
    }

    /// Whether the label was known before, and nothing is to be asked.
    #[getter]
    fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    fn __repr__(&self) -> String {
        match self.label() {
            Some(label) => format!("Ballot(label='{label}')"),
            None => "Ballot(label=None)".to_owned(),
        }
    }
}

impl Ballot {
    fn lock(&self) -> MutexGuard<'_, CoreBallot> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
