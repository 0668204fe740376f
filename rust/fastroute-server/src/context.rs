//! Who calls, until when, and as part of which trace: what the edge learns before a message is read.
//!
//! The edge puts one [`CallContext`] into the extensions of each request; services only read it. The
//! caller comes from a token or a certificate, never from metadata of the request.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use crate::guard::Rate;
use crate::refusal::Refusal;

/// What the edge knows of one call.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// Who calls.
    pub caller: Arc<Caller>,
    /// When the answer is of no use any more.
    pub deadline: Option<Instant>,
    /// The trace that it is part of.
    pub trace: Option<TraceContext>,
    /// What other systems say of that trace, as `tracestate` came, to be passed on; at most 512 bytes.
    pub trace_state: Option<Box<str>>,
}

/// A caller, as authentication knows it; the same one when the names and roles are the same.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The organisation; empty when not given.
    pub organisation: Box<str>,
    /// The team; empty when not given.
    pub team: Box<str>,
    /// The application; empty for callers without authentication.
    pub application: Box<str>,
    /// What it may do.
    pub roles: Roles,
    /// How often it may call; none when that has no limit.
    pub rate: Option<Arc<Rate>>,
    /// Whether its reports count for everybody with whom it shares health; else for itself alone.
    pub is_trusted: bool,
}

impl Default for Caller {
    /// Nobody in particular: without a role, and trusted.
    fn default() -> Self {
        Self {
            organisation: Box::default(),
            team: Box::default(),
            application: Box::default(),
            roles: Roles::default(),
            rate: None,
            is_trusted: true,
        }
    }
}

impl Caller {
    /// Pays for so many requests; a call has paid for one of its own when it reaches a service.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`, and nothing is paid.
    pub fn charge(&self, requests: usize) -> Result<(), Refusal> {
        match &self.rate {
            Some(rate) => rate.charge(u32::try_from(requests).unwrap_or(u32::MAX)),
            None => Ok(()),
        }
    }

    /// Returns who calls, in the form of the core; a name that is empty is none.
    #[must_use]
    pub fn as_core(&self) -> fastroute_core::Caller<'_> {
        fn named(name: &str) -> Option<&str> {
            (!name.is_empty()).then_some(name)
        }
        fastroute_core::Caller {
            organisation: named(&self.organisation),
            team: named(&self.team),
            application: named(&self.application),
        }
    }

    fn identity(&self) -> (&str, &str, &str, Roles) {
        (
            &self.organisation,
            &self.team,
            &self.application,
            self.roles,
        )
    }
}

impl PartialEq for Caller {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Caller {}

impl Hash for Caller {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Roles {
    /// Calls the router service, and `/v1` over HTTP.
    pub decide: bool,
    /// Calls the admin service.
    pub admin: bool,
}

/// A position in a distributed trace, as W3C Trace Context writes it in `traceparent`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TraceContext {
    /// Id of the trace; never all zero.
    pub trace_id: [u8; 16],
    /// Id of the caller's span; never all zero.
    pub span_id: [u8; 8],
    /// Flags; bit 0 says that the caller records.
    pub flags: u8,
}
