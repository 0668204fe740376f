//! A refusal of one request among many, as a message; a whole call fails with a status instead.

use fastroute_proto::v1;

use super::time::duration;
use crate::refusal::Refusal;

/// Writes a refusal as the error of one request.
#[must_use]
pub fn error(refusal: &Refusal) -> v1::Error {
    v1::Error {
        code: refusal.code().to_owned(),
        message: refusal.message().to_owned(),
        status: refusal.status() as i32,
        field: refusal
            .violations()
            .first()
            .map(|violation| violation.field.clone())
            .unwrap_or_default(),
        retry_after: refusal.retry_after().map(duration),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_error_says_what_the_status_would() {
        let refusal = Refusal::invalid("INVALID_LIMIT", "limits.min_quality", "`2` is over 1")
            .with_retry_after(Duration::from_millis(1_500));
        let error = error(&refusal);
        assert_eq!((&*error.code, error.status), ("INVALID_LIMIT", 3));
        assert_eq!(
            (&*error.field, &*error.message),
            ("limits.min_quality", "`2` is over 1")
        );
        let wait = error.retry_after.expect("a time to wait");
        assert_eq!((wait.seconds, wait.nanos), (1, 500_000_000));
    }
}
