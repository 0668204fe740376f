//! Configurations as messages: their defects, their revisions, and what the server holds of them.

use fastroute_core::config::{Format, Issue, Severity};
use fastroute_proto::v1;

use super::time::{duration, timestamp};
use crate::refusal::Refusal;
use crate::revisions::{Active, Cause, Refused, ReloadFrom, Retained};

/// Reads where a configuration comes from: the file when the text is empty.
///
/// # Errors
///
/// `UNKNOWN_FORMAT`.
pub fn reload_from(content: String, format: i32) -> Result<ReloadFrom, Refusal> {
    let format = match v1::ConfigFormat::try_from(format) {
        Ok(v1::ConfigFormat::Unspecified | v1::ConfigFormat::Yaml) => Format::Yaml,
        Ok(v1::ConfigFormat::Toml) => Format::Toml,
        Ok(v1::ConfigFormat::Json) => Format::Json,
        Err(_) => {
            let message = format!("`{format}` is none of the formats 0 to 3");
            return Err(Refusal::invalid("UNKNOWN_FORMAT", "format", message));
        }
    };
    if content.is_empty() {
        return Ok(ReloadFrom::File);
    }
    Ok(ReloadFrom::Text { content, format })
}

/// Writes the defects of a configuration.
#[must_use]
pub fn issues(issues: &[Issue]) -> Vec<v1::ConfigIssue> {
    issues.iter().map(issue).collect()
}

fn issue(issue: &Issue) -> v1::ConfigIssue {
    let severity = match issue.severity {
        Severity::Error => v1::Severity::Error,
        Severity::Warning => v1::Severity::Warning,
    };
    v1::ConfigIssue {
        code: issue.code.as_str().to_owned(),
        severity: severity.into(),
        message: issue.message.clone(),
        file: issue.file.clone(),
        line: issue.line,
        column: issue.column,
        path: issue.path.clone(),
    }
}

/// Writes why a configuration was tried.
#[must_use]
pub fn cause(cause: Cause) -> v1::ActivationCause {
    match cause {
        Cause::Activate => v1::ActivationCause::Activate,
        Cause::FileChange => v1::ActivationCause::FileChange,
        Cause::Reload => v1::ActivationCause::Reload,
        Cause::Signal => v1::ActivationCause::Signal,
        Cause::Start => v1::ActivationCause::Start,
    }
}

/// Writes a configuration that was refused.
#[must_use]
pub fn refused(refused: &Refused) -> v1::RefusedConfig {
    v1::RefusedConfig {
        refused_at: Some(timestamp(refused.at)),
        cause: cause(refused.cause).into(),
        code: refused.code.to_owned(),
        message: refused.message.clone(),
        issues: issues(&refused.issues),
    }
}

/// Writes a revision that can serve again.
#[must_use]
pub fn retained(retained: Retained) -> v1::RevisionInfo {
    v1::RevisionInfo {
        revision: retained.revision,
        is_active: retained.is_active,
        activated_at: Some(timestamp(retained.activated_at)),
        cause: cause(retained.cause).into(),
        activated_by: retained.by,
        source_bytes: retained.source_bytes,
    }
}

/// Writes how much a configuration holds.
#[must_use]
pub fn sizes(active: &Active) -> v1::Sizes {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    v1::Sizes {
        routes: count(active.sizes.routes),
        models: count(active.sizes.models),
        rules: count(active.sizes.rules),
        prompts: count(active.sizes.prompts),
        examples: count(active.sizes.examples),
        source_bytes: active.source_bytes,
        build_time: Some(duration(active.build_time)),
    }
}
