//! What a self-test failed by: the probe, and the promise that it broke.
//!
//! Names of the configuration may stand in it, texts never: neither an example nor what a template
//! wrote.

use std::fmt;

use crate::prompt::RenderError;

/// What was tried.
#[derive(Clone, Copy)]
pub(super) enum Probe<'n> {
    Canned(&'static str),
    /// The first example of a route.
    Example(&'n str),
    /// A task flag by its place, as flags may be anything.
    Flag(usize),
    Model(usize),
    Prompt(&'n str),
}

/// What was wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Defect {
    Figures,
    Names,
    Panic,
    Plan,
    Question,
    Refused(&'static str),
    Rendering(RenderError),
    Unequal,
}

impl Defect {
    pub(super) fn of(self, probe: Probe<'_>) -> SelfTestError {
        let (prompt, probe) = match probe {
            Probe::Canned(name) => (None, format!("canned request `{name}`")),
            Probe::Example(route) => (None, format!("an example of route `{route}`")),
            Probe::Flag(index) => (None, format!("task flag {index}")),
            Probe::Model(index) => (None, format!("models[{index}]")),
            Probe::Prompt(name) => (Some(name.into()), format!("prompt `{name}`")),
        };
        SelfTestError {
            probe,
            prompt,
            defect: self,
        }
    }

    pub(super) fn unless(self, holds: bool, probe: Probe<'_>) -> Result<(), SelfTestError> {
        if holds { Ok(()) } else { Err(self.of(probe)) }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figures => f.write_str("a figure is not finite or not within 0 to 1"),
            Self::Names => f.write_str("a name does not resolve"),
            Self::Panic => f.write_str("the engine panicked"),
            Self::Plan => f.write_str("the plan is empty, repeats a model or has one that is down"),
            Self::Question => {
                f.write_str("the question to the meta-LLM lacks a label or its model")
            }
            Self::Refused(code) => write!(f, "the request was refused with `{code}`"),
            Self::Rendering(error) => error.fmt(f),
            Self::Unequal => f.write_str("two decisions of the same request differ"),
        }
    }
}

/// A snapshot that must not serve; says which probe failed and by what.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("self-test failed on {probe}: {defect}")]
pub struct SelfTestError {
    probe: String,
    prompt: Option<Box<str>>,
    defect: Defect,
}

impl SelfTestError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "SELF_TEST_FAILED"
    }

    /// Returns the prompt that failed, if it was one.
    #[must_use]
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_deref()
    }
}
