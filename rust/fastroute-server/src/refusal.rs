//! Why a call has no answer: one code on every surface, with the field at fault and the time to wait.
//!
//! A refusal is made once, where the defect is found, and written three ways: as a `google.rpc`
//! status with details, as the error of one request among many, and as the body of an HTTP answer.
//! Messages name values and limits and never carry text of a prompt or a secret.

use std::fmt;
use std::time::Duration;

use fastroute_core::RequestError;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain of our codes in `ErrorInfo`.
pub const DOMAIN: &str = "fastroute";

/// Why a call, or one request of many, has no answer.
#[derive(Clone, Debug)]
pub struct Refusal(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: &'static str,
    status: Code,
    message: String,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
}

/// One field that is at fault.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Path of the field, such as `messages[3].parts[0]`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

impl Refusal {
    /// Makes a refusal; see the guide for the codes and the status of each.
    #[must_use]
    pub fn new(code: &'static str, status: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            status,
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
        }))
    }

    /// Makes one of a request that is at fault in one field; `INVALID_ARGUMENT`.
    #[must_use]
    pub fn invalid(
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self::new(code, Code::InvalidArgument, message.clone()).with_violation(field, message)
    }

    /// Makes one of bytes that are no message of the contract; `what` says so without quoting them.
    #[must_use]
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::new("MALFORMED_MESSAGE", Code::InvalidArgument, what)
    }

    /// Makes one of a defect of our own, of which the caller learns nothing more.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            "INTERNAL",
            Code::Internal,
            "fastroute met a defect of its own; please report it",
        )
    }

    /// Makes one of a call whose time is over.
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        Self::new(
            "DEADLINE_EXCEEDED",
            Code::DeadlineExceeded,
            "the deadline of the call has passed",
        )
    }

    /// Adds a field that is at fault.
    #[must_use]
    pub fn with_violation(
        mut self,
        field: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.0.violations.push(Violation {
            field: field.into(),
            description: description.into(),
        });
        self
    }

    /// Puts the paths of its fields below a field of a larger message.
    #[must_use]
    pub fn within(mut self, field: &str) -> Self {
        for violation in &mut self.0.violations {
            violation.field = format!("{field}.{}", violation.field);
        }
        self
    }

    /// Says when trying again may help.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Returns the status of gRPC.
    #[must_use]
    pub fn status(&self) -> Code {
        self.0.status
    }

    /// Returns the sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the fields that are at fault.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// Returns when trying again may help.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the status of HTTP: that of the code where it has one of its own, else that of the gRPC status.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match (self.0.code, self.0.status) {
            ("MESSAGE_TOO_LARGE", _) => 413,
            ("METHOD_NOT_ALLOWED", _) => 405,
            ("UNSUPPORTED_ENCODING" | "UNSUPPORTED_MEDIA_TYPE", _) => 415,
            (_, Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange) => 400,
            (_, Code::Unauthenticated) => 401,
            (_, Code::PermissionDenied) => 403,
            (_, Code::NotFound | Code::Unimplemented) => 404,
            (_, Code::Aborted) => 409,
            (_, Code::ResourceExhausted) => 429,
            (_, Code::Cancelled) => 499,
            (_, Code::Unavailable) => 503,
            (_, Code::DeadlineExceeded) => 504,
            _ => 500,
        }
    }

    /// Writes it as a status with `ErrorInfo`, and `BadRequest` and `RetryInfo` where they apply.
    #[must_use]
    pub fn into_status(self) -> Status {
        let parts = *self.0;
        let mut details =
            ErrorDetails::with_error_info(parts.code, DOMAIN, std::collections::HashMap::new());
        if !parts.violations.is_empty() {
            let violations = parts.violations.into_iter().map(|violation| {
                tonic_types::FieldViolation::new(violation.field, violation.description)
            });
            details.set_bad_request(violations.collect::<Vec<_>>());
        }
        if let Some(wait) = parts.retry_after {
            details.set_retry_info(Some(wait));
        }
        Status::with_error_details(parts.status, parts.message, details)
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let field = match error.field() {
            "input" => "messages",
            "max_cost" => "limits.max_cost_usd",
            "min_quality" => "limits.min_quality",
            "expected_output_tokens" => "limits.expected_output_tokens",
            field => field,
        };
        Self::invalid(error.code(), field, error.to_string())
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.into_status()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.0.message, self.0.code)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_carries_code_field_and_time_to_wait() {
        let refusal = Refusal::invalid("INVALID_LIMIT", "limits.max_cost_usd", "`-1` is below 0")
            .with_retry_after(Duration::from_millis(250));
        assert_eq!(refusal.http_status(), 400);
        let status = refusal.into_status();
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        let info = details.error_info().expect("an ErrorInfo");
        assert_eq!((&*info.reason, &*info.domain), ("INVALID_LIMIT", DOMAIN));
        let violations = &details
            .bad_request()
            .expect("a BadRequest")
            .field_violations;
        assert_eq!(violations[0].field, "limits.max_cost_usd");
        let wait = details.retry_info().expect("a RetryInfo").retry_delay;
        assert_eq!(wait, Some(Duration::from_millis(250)));
    }
}
