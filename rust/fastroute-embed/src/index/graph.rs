//! A usearch graph over int8 rows that proposes candidates.
//!
//! Built on one thread, so that the same examples give the same graph on the same
//! machine. Its distances are only used to propose; what is reported is computed
//! from the rows again. usearch allocates and takes a slot per search: too dear
//! for the deciding path, cheap for showing evidence among many examples.

use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use crate::{
    encoder::Encoded,
    index::error::{IndexError, Kind},
};

/// Searches that may run at once; further ones compare every row instead.
const SEARCHERS: usize = 16;

/// Candidates asked for beyond the neighbours wanted, so that near ties are seen.
const SLACK: usize = 16;

/// Candidates kept while a row is added; half of usearch's default halves the build.
const EXPANSION_ADD: usize = 64;

/// Candidates kept while searching; finds 99 % of the five nearest of 25,000 texts.
const EXPANSION_SEARCH: usize = 192;

pub(crate) struct Graph(Index);

impl Graph {
    /// Adds all rows, numbered from zero.
    pub(crate) fn build(dimensions: usize, rows: &[i8]) -> Result<Self, IndexError> {
        let index = Index::new(&IndexOptions {
            dimensions,
            metric: MetricKind::Cos,
            quantization: ScalarKind::I8,
            expansion_add: EXPANSION_ADD,
            expansion_search: EXPANSION_SEARCH,
            ..IndexOptions::default()
        })
        .map_err(failed)?;
        index
            .reserve_capacity_and_threads(rows.len() / dimensions, SEARCHERS)
            .map_err(failed)?;
        for (row, values) in rows.chunks_exact(dimensions).enumerate() {
            index.add(row as u64, values).map_err(failed)?;
        }
        Ok(Self(index))
    }

    /// Hands candidate rows to `each`; false if the search could not run.
    pub(crate) fn propose(&self, query: &Encoded, k: usize, mut each: impl FnMut(usize)) -> bool {
        let Ok(matches) = self.0.search(&query.quantised, k + SLACK) else {
            return false;
        };
        for key in matches.keys {
            each(usize::try_from(key).unwrap_or(usize::MAX));
        }
        true
    }
}

fn failed(error: impl std::fmt::Display) -> Kind {
    Kind::Graph(error.to_string())
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Graph").field(&self.0.size()).finish()
    }
}
