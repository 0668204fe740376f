//! Decides which prompt and which model should serve a request.
//!
//! The core is a function: the same request, snapshot, view, answer, time and seed give the same
//! decision, to the byte, on every machine. It reads no clock, no file and no network, and draws no
//! random number; whatever needs one is an argument or a question to the host.
//!
//! - [`config::load`] reads a file and reports everything that is wrong with it at once.
//! - [`Snapshot::build`] compiles it: signals, rules, prompts, prices, the head over the examples;
//!   [`Snapshot::self_test`] tries it before it serves.
//! - [`decide`] decides one [`Request`], or gives a [`Pending`] with a question to the meta-LLM
//!   that the host answers or declines.
//! - [`decide_batch`] decides many requests at two thirds of the cost, a row for each.
//! - [`explain`] decides again with every fact taken, and finds what would change the decision.
//! - [`Live`] keeps health, budgets and rates, on the time that it is told.
//! - [`Run`] takes a decision's plan to an answer or one error: what to call next, when to wait.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//!
//! use fastroute_core::config::{self, Format, NoFiles, Source};
//! use fastroute_core::{DEFAULT_CONFIG, Now, Request, Snapshot, Step, View, Workspace, decide};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let source = Source { name: "default.yaml", text: DEFAULT_CONFIG, format: Format::Yaml };
//! let snapshot = Arc::new(Snapshot::build(&config::load(&source, &NoFiles)?, None)?);
//! let mut workspace = Workspace::new();
//! let request = Request::text("Translate this sentence into French: good morning");
//! let step = decide(&snapshot, &request, &View::healthy(), Now::default(), 0, &mut workspace)?;
//! let Step::Decided(decision) = step else { panic!("the embedded default asks no meta-LLM") };
//! assert_eq!(decision.route(), Some("translation"));
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! It calls no model and writes no log. Hosts do: they make the calls that a [`Run`] asks for, with
//! what [`Decision::messages`] renders, and tell it what came of them.
//!
//! # Where to look
//!
//! `signal` measures, `rules` and `similarity` classify, `choose` picks the models, `decide` puts
//! them in order, `explain` turns one thing at a time; `live` remembers, `run` carries out.

pub mod config;
pub mod judge;

mod ask;
mod attempt;
mod batch;
mod budget;
mod canonical;
mod catalogue;
mod choose;
mod classify;
mod context;
mod decide;
mod decision;
mod explain;
mod facts;
mod health;
mod host;
mod live;
mod missing;
mod models;
mod plan;
mod prompt;
mod reason;
mod request;
mod rules;
mod run;
mod savings;
mod self_test;
mod session;
mod signal;
mod similarity;
mod snapshot;
mod sync;
mod too_long;
mod truth;

pub use ask::{
    Answer, Answers, Ballot, NONE_OF_THESE, Pending, Question, Turn, label_schema, read_label,
};
pub use attempt::{AttemptOutcome, Usage};
pub use batch::{BatchError, Row, decide_batch};
pub use budget::{BudgetFigures, Wanted};
pub use catalogue::{Catalogue, ModelId, PromptId, Revision, RouteId, RuleId, Target, TargetId};
pub use decide::{Step, Workspace, decide};
pub use decision::{Decision, Deployment, Estimates, Outcome, Place, Planned};
pub use explain::{
    Change, ExampleLine, Explanation, LackLine, ModelLine, RouteLine, RuleLine, SignalLine,
    SimilarityLines, StageLine, explain,
};
pub use health::{
    Cause, CellFigures, Ended, Feedback, Forced, HealthKey, HealthState, LimitScope, RetryAfter,
    Subject, Told, Transition, classify,
};
pub use host::{Availability, Caller, ModelState, Now, View};
pub use judge::Judged;
pub use live::{Counters, Denied, FeedbackFigures, Fleet, Kept, Live, LiveFigures, Permit};
pub use missing::Missing;
pub use plan::TooLong;
pub use prompt::{RenderError, Rendered};
pub use reason::{Nearest, Note, NoteLack, Reason};
pub use request::{
    Capabilities, Input, Limits, MAX_MESSAGES, MAX_METADATA, MAX_TEXT_BYTES, Message, Part,
    Request, RequestError, Requirements, Role, SessionInput, Value,
};
pub use run::{
    Call, Costs, Ending, LogLine, Next, OwnedCaller, Purpose, Run, RunError, RunErrorCode,
    RunOptions, Skipped, Wants, Why,
};
pub use self_test::SelfTestError;
pub use snapshot::{BuildError, Snapshot};
pub use too_long::PartsError;
pub use truth::Truth;

/// The embedded default configuration, commented as a starting point of one's own.
pub const DEFAULT_CONFIG: &str = include_str!("default.yaml");
