//! Who may call, how often, and how much at once: decided before a message is read.
//!
//! - [`access`]: the method of a path, and what a caller needs for it.
//! - [`admission`]: how many calls run at once.
//! - [`authenticate`]: who a token or a certificate belongs to.
//! - [`callers`]: the file of callers, checked as a whole.
//! - [`certificate`]: the names in a client's certificate.
//! - [`rate`]: how often a caller may call.
//!
//! A caller comes from a token or a certificate and from nothing else: metadata that names one is not
//! read. The table of callers is replaced as a whole by one pointer; a file that is refused changes
//! nothing.

pub mod access;
pub mod admission;
pub mod authenticate;
pub mod callers;
pub mod certificate;
pub mod rate;

use std::sync::Arc;

use tonic::Code;

use crate::context::{Caller, Roles};
use crate::refusal::Refusal;

pub use access::{Access, Method, Weight};
pub use admission::Admission;
pub use authenticate::{Authentication, Memory};
pub use certificate::Certificate;
pub use rate::Rate;

/// A caller with what it may spend.
#[derive(Debug)]
pub struct Account {
    /// Who it is.
    pub caller: Arc<Caller>,
    /// How often it may call; none when that has no limit.
    pub rate: Option<Arc<Rate>>,
}

impl Account {
    /// Makes the account of callers that nobody asks who they are, with the roles that they have then.
    #[must_use]
    pub fn nobody(roles: Roles) -> Self {
        let caller = Caller {
            roles,
            ..Caller::default()
        };
        Self {
            caller: Arc::new(caller),
            rate: None,
        }
    }

    /// Refuses a caller that lacks the role.
    ///
    /// # Errors
    ///
    /// `ROLE_MISSING`, with the role that is missing.
    pub fn check(&self, access: Access) -> Result<(), Refusal> {
        let roles = self.caller.roles;
        let (has_role, role) = match access {
            Access::Anyone | Access::Open => return Ok(()),
            Access::Admin => (roles.admin, "admin"),
            Access::Decide => (roles.decide, "decide"),
        };
        if has_role {
            return Ok(());
        }
        let message = format!("the caller lacks the role `{role}`");
        Err(Refusal::new("ROLE_MISSING", Code::PermissionDenied, message))
    }
}

/// The account of a caller with a rate, in the extensions of its requests.
///
/// A call has paid for one request when it reaches a service. Batches and streams pay for the rest.
#[derive(Clone, Debug)]
pub struct Budget(pub(crate) Arc<Account>);

impl Budget {
    /// Pays for `requests` more.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`, and nothing is paid.
    pub fn charge(&self, requests: u32) -> Result<(), Refusal> {
        self.0.rate.as_ref().map_or(Ok(()), |rate| rate.charge(requests))
    }
}
