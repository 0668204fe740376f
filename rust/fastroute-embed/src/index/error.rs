//! What can be wrong with the examples of an index; searching cannot fail.

use thiserror::Error;

/// Reports why an index of examples could not be built.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(transparent)]
pub struct IndexError(#[from] Kind);

impl IndexError {
    /// Returns the stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::Dimensions { .. } => "INDEX_DIMENSIONS_OUT_OF_RANGE",
            Kind::Graph(_) => "INDEX_BUILD_FAILED",
            Kind::Length { .. } => "INDEX_VECTOR_LENGTH",
            Kind::Route { .. } => "INDEX_ROUTE_OUT_OF_RANGE",
            Kind::TooMany => "INDEX_TOO_LARGE",
        }
    }
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum Kind {
    #[error("an index has `{found}` dimensions, it must have 1 to {limit}")]
    Dimensions { found: usize, limit: usize },
    #[error("the search graph could not be built: {0}")]
    Graph(String),
    #[error("example `{example}` has {found} numbers, it must have {dimensions}")]
    Length {
        example: u32,
        found: usize,
        dimensions: usize,
    },
    #[error("example `{example}` names route `{route}`, there are {routes}")]
    Route {
        example: u32,
        route: u16,
        routes: usize,
    },
    #[error("there are more than {} examples", u32::MAX)]
    TooMany,
}
