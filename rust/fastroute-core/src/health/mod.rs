//! Health: which targets can be called now, as far as their outcomes tell.
//!
//! A target is a model of a provider in a region under a credential. Each has a breaker and a time
//! of cooling; credentials and providers have cells of their own, because a refused key or a limit
//! of the whole account says nothing about a model. Everything is told its time and its draw, so a
//! test replays it exactly.
//!
//! - `outcome` says what each outcome does, `reply` and `retry_after` make outcomes of answers;
//! - `breaker` opens and closes, over the `window` of last calls; `lately` averages;
//! - `cell` puts them behind a lock that readers never take; `common` is what cells share;
//! - `retries` bounds what a fleet may try again.
//!
//! It does not know revisions, callers or budgets: [`Live`](crate::Live) does.

mod breaker;
mod cell;
mod common;
mod figures;
mod lately;
mod outcome;
mod reply;
mod retries;
mod retry_after;
mod settings;
mod transition;
mod window;

pub use figures::CellFigures;
pub use outcome::{Ended, Feedback, LimitScope};
pub use reply::{Told, classify};
pub use retry_after::RetryAfter;
pub use transition::{Cause, Forced, HealthKey, HealthState, Subject, Transition};

pub(crate) use breaker::{Grounds, Lease, Recorded, Sample};
pub(crate) use cell::{Cell, Overruled, Told as CellTold};
pub(crate) use common::{Common, Ejections, count};
pub(crate) use lately::Pace;
pub(crate) use outcome::Effect;
pub(crate) use retries::Retries;
pub(crate) use settings::Settings;
