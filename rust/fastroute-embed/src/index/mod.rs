//! The examples of all routes, searched by similarity.
//!
//! Two callers: evidence ("nearest examples") and `method: nearest`, which scores
//! a route by the mean similarity of its k nearest examples. Similarity is the
//! cosine of the int8 vectors, an exact integer times two f32 factors, so it does
//! not depend on the machine.
//!
//! Up to [`SCAN_LIMIT`] examples every row is compared: 1 MB for 4,000 examples,
//! read in order, in about 20 us. Above it a usearch graph proposes candidates for
//! evidence, which are then compared exactly; it finds nearly all of the nearest,
//! not all. The limit is where a search of the graph becomes the faster one; below
//! it the graph would also cost seconds of load. `method: nearest` always compares
//! every row, so that no decision depends on what a graph happens to find.

mod error;
mod graph;

use std::cmp::Ordering;

pub use crate::index::error::IndexError;

use crate::{
    dot::dot,
    encoder::{Encoded, MAX_DIMENSIONS},
    index::{error::Kind, graph::Graph},
};

/// Examples up to which every row is compared.
pub const SCAN_LIMIT: usize = 20_000;

/// Largest number of neighbours that can be asked for.
pub const MAX_NEIGHBOURS: usize = 64;

/// Names one example and its similarity to the query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Position of the example in the order in which the index was built.
    pub example: u32,
    /// Cosine of the int8 vectors, -1 to 1.
    pub similarity: f32,
}

impl Neighbour {
    /// Orders the most similar first; a tie goes to the lower example.
    fn closer(&self, other: &Self) -> Ordering {
        other
            .similarity
            .total_cmp(&self.similarity)
            .then(self.example.cmp(&other.example))
    }
}

/// Finds the examples most similar to a text; see the [module](self).
#[derive(Debug)]
pub struct ExampleIndex {
    dimensions: usize,
    /// Rows grouped by route, in example order within a route.
    rows: Vec<i8>,
    scales: Vec<f32>,
    examples: Vec<u32>,
    /// Route r owns rows `starts[r] .. starts[r + 1]`.
    starts: Vec<usize>,
    graph: Option<Graph>,
}

impl ExampleIndex {
    /// Builds an index over `examples`, each with its route, on the calling thread.
    ///
    /// # Errors
    ///
    /// Refuses a route at or above `routes`, a vector of other than `dimensions`
    /// numbers, and more than 2^32 - 1 examples.
    pub fn build<'e>(
        dimensions: usize,
        routes: usize,
        examples: impl IntoIterator<Item = (u16, &'e Encoded)>,
    ) -> Result<Self, IndexError> {
        if dimensions == 0 || dimensions > MAX_DIMENSIONS {
            return Err(Kind::Dimensions {
                found: dimensions,
                limit: MAX_DIMENSIONS,
            }
            .into());
        }
        let mut sorted: Vec<(u16, u32, &Encoded)> = Vec::new();
        for (place, (route, encoded)) in examples.into_iter().enumerate() {
            let example = u32::try_from(place).map_err(|_| Kind::TooMany)?;
            if usize::from(route) >= routes {
                return Err(Kind::Route {
                    example,
                    route,
                    routes,
                }
                .into());
            }
            if encoded.quantised.len() != dimensions {
                let found = encoded.quantised.len();
                return Err(Kind::Length {
                    example,
                    found,
                    dimensions,
                }
                .into());
            }
            sorted.push((route, example, encoded));
        }
        sorted.sort_by_key(|&(route, example, _)| (route, example));
        let mut index = Self {
            dimensions,
            rows: Vec::with_capacity(sorted.len() * dimensions),
            scales: Vec::with_capacity(sorted.len()),
            examples: Vec::with_capacity(sorted.len()),
            starts: vec![0; routes + 1],
            graph: None,
        };
        for (route, example, encoded) in sorted {
            index.rows.extend_from_slice(&encoded.quantised);
            index.scales.push(encoded.scale);
            index.examples.push(example);
            index.starts[usize::from(route) + 1] += 1;
        }
        for route in 0..routes {
            index.starts[route + 1] += index.starts[route];
        }
        if index.len() > SCAN_LIMIT {
            index.graph = Some(Graph::build(dimensions, &index.rows)?);
        }
        Ok(index)
    }

    /// Returns the number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Returns true if there is no example.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Returns the length of every vector.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Returns the number of routes.
    #[must_use]
    pub fn routes(&self) -> usize {
        self.starts.len() - 1
    }

    /// Puts the `k` examples nearest to `query` into `neighbours`, nearest first.
    ///
    /// `k` is cut to [`MAX_NEIGHBOURS`]; ties go to the lower example. A query of
    /// another length than [`Self::dimensions`] has similarity zero to everything.
    /// Exact up to [`SCAN_LIMIT`] examples. Linear in the number of examples, or
    /// about its logarithm above the limit.
    pub fn nearest(&self, query: &Encoded, k: usize, neighbours: &mut Vec<Neighbour>) {
        neighbours.clear();
        let k = k.min(MAX_NEIGHBOURS).min(self.len());
        if k == 0 {
            return;
        }
        neighbours.reserve(k + 1);
        let proposed = self.graph.as_ref().is_some_and(|graph| {
            graph.propose(query, k, |row| {
                if let Some(neighbour) = self.neighbour(row, query) {
                    keep(neighbours, k, neighbour);
                }
            })
        });
        if !proposed {
            neighbours.clear();
            for row in 0..self.len() {
                if let Some(neighbour) = self.neighbour(row, query) {
                    keep(neighbours, k, neighbour);
                }
            }
        }
    }

    /// Puts one score per route into `scores`: the mean similarity of its `k`
    /// nearest examples.
    ///
    /// A route with fewer examples takes the mean of those; one without examples
    /// scores -1. `k` is cut to 1 ..= [`MAX_NEIGHBOURS`]. Compares every row;
    /// allocates only while `scores` grows.
    pub fn route_scores(&self, query: &Encoded, k: usize, scores: &mut Vec<f32>) {
        let k = k.clamp(1, MAX_NEIGHBOURS);
        let mut best = [0.0_f32; MAX_NEIGHBOURS];
        scores.clear();
        for bounds in self.starts.windows(2) {
            let mut count = 0;
            for row in bounds[0]..bounds[1] {
                let similarity = self.similarity(row, query);
                insert(&mut best[..k], &mut count, similarity);
            }
            let sum: f32 = best[..count].iter().sum();
            scores.push(if count == 0 { -1.0 } else { sum / count as f32 });
        }
    }

    fn neighbour(&self, row: usize, query: &Encoded) -> Option<Neighbour> {
        Some(Neighbour {
            example: *self.examples.get(row)?,
            similarity: self.similarity(row, query),
        })
    }

    #[inline]
    fn similarity(&self, row: usize, query: &Encoded) -> f32 {
        let start = row * self.dimensions;
        let (Some(values), Some(scale)) = (
            self.rows.get(start..start + self.dimensions),
            self.scales.get(row),
        ) else {
            return 0.0;
        };
        dot(values, &query.quantised) as f32 * scale * query.scale
    }
}

/// Keeps the `k` closest, sorted.
fn keep(neighbours: &mut Vec<Neighbour>, k: usize, neighbour: Neighbour) {
    if neighbours.len() == k {
        match neighbours.last() {
            Some(last) if neighbour.closer(last) == Ordering::Less => neighbours.pop(),
            _ => return,
        };
    }
    let place = neighbours.partition_point(|kept| kept.closer(&neighbour) == Ordering::Less);
    neighbours.insert(place, neighbour);
}

/// Inserts into the first `count` entries of `best`, largest first, dropping the smallest.
#[inline]
fn insert(best: &mut [f32], count: &mut usize, similarity: f32) {
    let mut place = *count;
    if place < best.len() {
        *count += 1;
    } else if similarity > best[place - 1] {
        place -= 1;
    } else {
        return;
    }
    while place > 0 && best[place - 1] < similarity {
        best[place] = best[place - 1];
        place -= 1;
    }
    best[place] = similarity;
}

#[cfg(test)]
mod tests;
