//! What can be wrong with the examples of a head, or with a stored one.

use thiserror::Error;

/// Reports why a head could not be trained or read.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(transparent)]
pub struct HeadError(#[from] Kind);

impl HeadError {
    /// Returns the stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::Bytes(_) => "HEAD_BYTES_MALFORMED",
            Kind::Dimensions { .. } => "HEAD_DIMENSIONS_OUT_OF_RANGE",
            Kind::Length { .. } => "HEAD_VECTOR_LENGTH",
            Kind::NoExamples => "HEAD_NO_EXAMPLES",
            Kind::NotFinite { .. } => "HEAD_NOT_FINITE",
            Kind::NotUnit { .. } => "HEAD_VECTOR_NOT_UNIT",
            Kind::Route { .. } => "HEAD_ROUTE_OUT_OF_RANGE",
            Kind::Routes { .. } => "HEAD_ROUTES_OUT_OF_RANGE",
        }
    }

    /// Returns true if stored bytes, and not examples, are at fault.
    ///
    /// A cache that sees this trains again.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        matches!(self.0, Kind::Bytes(_))
    }
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum Kind {
    #[error("the stored head is malformed: {0}")]
    Bytes(&'static str),
    #[error("a head has `{found}` dimensions, it must have 1 to {limit}")]
    Dimensions { found: usize, limit: usize },
    #[error("{what} `{place}` has {found} numbers, it must have {dimensions}")]
    Length {
        what: &'static str,
        place: usize,
        found: usize,
        dimensions: usize,
    },
    #[error("no example of any route has a vector other than zero, at least 1 is needed")]
    NoExamples,
    #[error("{what} `{place}` has a number that is not finite")]
    NotFinite { what: &'static str, place: usize },
    #[error("{what} `{place}` has a vector of length `{length}`, it must be 0 or 1")]
    NotUnit {
        what: &'static str,
        place: usize,
        length: String,
    },
    #[error("example `{place}` names route `{route}`, there are {routes}")]
    Route {
        place: usize,
        route: u16,
        routes: usize,
    },
    #[error("a head has `{found}` routes, it must have 1 to {limit}")]
    Routes { found: usize, limit: usize },
}
