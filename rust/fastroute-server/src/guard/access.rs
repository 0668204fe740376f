//! Which method a path calls, and who may call it.
//!
//! Each path of the contract is listed once, with the label that metrics use. A path that is not
//! listed still needs a caller, so an unknown method tells a stranger nothing; a test makes the list
//! agree with the descriptors.

use tonic::Code;

use crate::context::Roles;
use crate::refusal::Refusal;

/// What a caller needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// The role `admin`.
    Admin,
    /// To be known, with any role.
    Anyone,
    /// The role `decide`.
    Decide,
    /// Nothing: probes must work without a secret.
    Open,
}

impl Access {
    /// Refuses a caller that lacks the role.
    ///
    /// # Errors
    ///
    /// `ROLE_MISSING`, with the role that is missing.
    pub fn check(self, roles: Roles) -> Result<(), Refusal> {
        let (has_role, role) = match self {
            Self::Anyone | Self::Open => return Ok(()),
            Self::Admin => (roles.admin, "admin"),
            Self::Decide => (roles.decide, "decide"),
        };
        if has_role {
            return Ok(());
        }
        let message = format!("the caller lacks the role `{role}`");
        Err(Refusal::new(
            "ROLE_MISSING",
            Code::PermissionDenied,
            message,
        ))
    }
}

/// What a call counts against while it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// Nothing: a probe, a scrape or a change of revision must be answered under overload, or a busy
    /// server is killed and nobody can help it.
    Free,
    /// The limit of open streams: it may last for hours and decides now and then.
    Stream,
    /// The limit of calls in flight.
    Unary,
    /// Nothing, though it may last for hours: it costs next to nothing, and strangers may open it, so it
    /// must not use up the places of callers.
    Watch,
}

impl Weight {
    /// Whether a call may last for hours without being in anybody's way.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(self, Self::Stream | Self::Watch)
    }
}

/// A method as the guard sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Method {
    /// Label for metrics: a path of the contract, or `unknown`.
    pub label: &'static str,
    /// What a caller needs.
    pub access: Access,
    /// What it counts against.
    pub weight: Weight,
}

macro_rules! methods {
    ($path:expr, $fallback:expr; $($access:ident $weight:ident: $($label:literal)*;)*) => {
        match $path {
            $($($label => Method { label: $label, access: Access::$access, weight: Weight::$weight },)*)*
            _ => $fallback,
        }
    };
}

impl Method {
    /// Finds the method of a path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        methods! { path, Self::by_prefix(path);
            Decide Unary:
                "/fastroute.v1.RouterService/Route"
                "/fastroute.v1.RouterService/RouteBatch"
                "/fastroute.v1.RouterService/Explain"
                "/fastroute.v1.RouterService/ReportOutcomes"
                "/v1/route"
                "/v1/route:batch";
            Decide Stream:
                "/fastroute.v1.RouterService/RouteStream";
            Admin Free:
                "/fastroute.v1.AdminService/GetStatus"
                "/fastroute.v1.AdminService/ValidateConfig"
                "/fastroute.v1.AdminService/ReloadConfig"
                "/fastroute.v1.AdminService/ListRevisions"
                "/fastroute.v1.AdminService/ActivateRevision"
                "/fastroute.v1.AdminService/ListHealth"
                "/fastroute.v1.AdminService/ForceHealth";
            Anyone Stream:
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
            Anyone Free:
                "/metrics";
            Open Free:
                "/grpc.health.v1.Health/Check"
                "/grpc.health.v1.Health/List"
                "/healthz"
                "/readyz"
                "/openapi.yaml"
                "/openapi.json";
            Open Watch:
                "/grpc.health.v1.Health/Watch";
        }
    }

    /// Guards what is not listed: a service keeps its role, and nothing is open.
    fn by_prefix(path: &str) -> Self {
        let access = if path.starts_with("/fastroute.v1.AdminService/") {
            Access::Admin
        } else if path.starts_with("/fastroute.v1.RouterService/") || path.starts_with("/v1/") {
            Access::Decide
        } else {
            Access::Anyone
        };
        Self {
            label: "unknown",
            access,
            weight: Weight::Unary,
        }
    }
}
