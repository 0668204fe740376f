//! Why a server did not start: a code, one sentence, and the defects of the configuration if it is that.

use std::fmt;

use fastroute_core::config::{ConfigErrors, Issue};

use crate::settings::SettingsError;

/// Why a server did not start.
#[derive(Clone, Debug)]
pub struct StartError {
    code: &'static str,
    message: String,
    issues: Vec<Issue>,
}

impl StartError {
    /// Makes one; the message names the file or address, and never what is in it.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            issues: Vec::new(),
        }
    }

    /// Adds the defects of the configuration.
    #[must_use]
    pub fn with_issues(mut self, issues: Vec<Issue>) -> Self {
        self.issues = issues;
        self
    }

    /// Returns the stable code: `INVALID_SETTING`, `UNAUTHENTICATED_LISTENER`, `INVALID_CONFIG`, `UNREADABLE_CONFIG`,
    /// `BUILD_FAILED`, `SELF_TEST_FAILED`, `INVALID_CALLERS`, `INVALID_TLS`, `INVALID_STATE_DIR`, `INVALID_REPORT_KEY`,
    /// `ADDRESS_UNAVAILABLE` or `NO_RUNTIME`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns the sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the defects of the configuration; empty for other errors.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)?;
        for issue in &self.issues {
            write!(f, "\n{issue}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StartError {}

impl From<SettingsError> for StartError {
    fn from(error: SettingsError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ConfigErrors> for StartError {
    fn from(errors: ConfigErrors) -> Self {
        let count = errors.issues().len() + errors.omitted();
        let defects = if count == 1 { "defect" } else { "defects" };
        Self {
            code: "INVALID_CONFIG",
            message: format!("configuration has {count} {defects}"),
            issues: errors.issues().to_vec(),
        }
    }
}
