//! The trained head: from a text's vector to a probability per route.
//!
//! One row of numbers per route and one for background text. It is trained from
//! the examples at load, deterministically, and replaces comparing a text with
//! every example: 201 rows instead of 4,000, and more accurate.
//!
//! Rows are int8 with a scale each; a score is an exact integer dot product, one
//! f32 product and one addition, so that it is the same on every machine. The
//! background class takes what belongs to no route, so that one route alone is
//! not always certain.

mod bytes;
mod descent;
mod error;
mod factor;
mod left_out;
mod matrix;
mod packed;
mod problem;
mod softmax;
mod threshold;
mod train;

pub use crate::head::error::HeadError;

use crate::{
    dot::dot,
    encoder::Encoded,
    head::{
        packed::{Packed, QUERIES},
        softmax::softmax,
    },
};

/// Largest number of routes of one head.
pub const MAX_ROUTES: usize = 4_096;

/// Holds one example of a route: its vector, of any length but zero.
#[derive(Clone, Copy, Debug)]
pub struct Example<'v> {
    /// Number of the route, from zero.
    pub route: u16,
    /// Vector of the text, see [`Encoded::vector`].
    pub vector: &'v [f32],
}

/// Chooses how a head is trained; the default is what the documentation describes.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadOptions {
    /// Share of the examples of other routes and of the background that an `auto`
    /// threshold may accept at most.
    pub strangers_accepted: f32,
}

impl Default for HeadOptions {
    fn default() -> Self {
        Self {
            strangers_accepted: 0.05,
        }
    }
}

/// Scores routes for a vector; see the [module](self).
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    dimensions: usize,
    /// One row per route, then the background's.
    rows: Vec<i8>,
    /// The same rows in the layout of the machine, where it has a faster one.
    packed: Option<Packed>,
    scales: Vec<f32>,
    biases: Vec<f32>,
    thresholds: Vec<f32>,
}

impl Head {
    /// Trains a head for `routes` routes on the calling thread.
    ///
    /// Vectors must have unit length; zero vectors (texts of no known token) are
    /// left out. A route without a usable example gets probability zero and a
    /// threshold that nothing reaches. Background lines near an example (cosine 0.7)
    /// are left out too; without any the background's probability is zero.
    ///
    /// Equal input gives equal bytes on every machine. Time grows with examples x
    /// routes x dimensions: about 60 ms for 150 routes of 10 examples, 120 ms for
    /// 200 of 20, on one core at dimension 256.
    ///
    /// # Errors
    ///
    /// Refuses vectors that are not finite, not of length one or of unequal size, a route at or
    /// above `routes`, no or more than [`MAX_ROUTES`] routes, and no usable example.
    pub fn fit(
        examples: &[Example<'_>],
        routes: usize,
        background: &[&[f32]],
        options: &HeadOptions,
    ) -> Result<Self, HeadError> {
        train::fit(examples, routes, background, options)
    }

    /// Returns the number of routes, the background not counted.
    #[must_use]
    pub fn routes(&self) -> usize {
        self.thresholds.len()
    }

    /// Returns the length of the vectors that are scored.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Returns the `auto` threshold of each route, as a probability.
    ///
    /// Accept a route when it is the most probable of the routes, the first of
    /// equals, and its probability is at or above its threshold: then at most
    /// [`HeadOptions::strangers_accepted`] of left-out examples and background lines
    /// are accepted by a route that is not theirs.
    #[must_use]
    pub fn thresholds(&self) -> &[f32] {
        &self.thresholds
    }

    /// Puts one score per route into `scores`, then the background's.
    ///
    /// A query of another length than [`Self::dimensions`] gets the biases alone.
    /// Allocates only while `scores` grows.
    pub fn scores(&self, query: &Encoded, scores: &mut Vec<f32>) {
        self.scores_of(&[query], scores);
    }

    /// Puts the scores of each query into `scores`, as [`Self::scores`] gives them, one query
    /// after another.
    ///
    /// Costs less for several queries than one by one, as each row is read once for four of them.
    pub fn scores_of(&self, queries: &[&Encoded], scores: &mut Vec<f32>) {
        let classes = self.biases.len();
        scores.clear();
        scores.resize(queries.len() * classes, 0.0);
        for (queries, scores) in queries
            .chunks(QUERIES)
            .zip(scores.chunks_mut((QUERIES * classes).max(1)))
        {
            self.score_few(queries, scores);
        }
    }

    /// Scores at most [`QUERIES`]; `scores` has room for them.
    fn score_few(&self, queries: &[&Encoded], scores: &mut [f32]) {
        let classes = self.biases.len();
        if let Some(packed) = &self.packed
            && queries
                .iter()
                .all(|query| query.quantised.len() == self.dimensions)
        {
            let mut quantised: [&[i8]; QUERIES] = [&[]; QUERIES];
            for (to, query) in quantised.iter_mut().zip(queries) {
                *to = &query.quantised;
            }
            packed.dots(&quantised[..queries.len()], |place, first, dots| {
                let last = classes.min(first + dots.len());
                let scores = &mut scores[place * classes + first..place * classes + last];
                let (scales, biases) = (&self.scales[first..last], &self.biases[first..last]);
                let scale = queries[place].scale;
                for (((score, &dot), own), bias) in
                    scores.iter_mut().zip(dots).zip(scales).zip(biases)
                {
                    *score = dot as f32 * (own * scale) + bias;
                }
            });
            return;
        }
        for (query, scores) in queries.iter().zip(scores.chunks_exact_mut(classes)) {
            let rows = self.rows.chunks_exact(self.dimensions);
            let classes = rows.zip(&self.scales).zip(&self.biases);
            for (score, ((row, own), bias)) in scores.iter_mut().zip(classes) {
                *score = dot(row, &query.quantised) as f32 * (own * query.scale) + bias;
            }
        }
    }

    /// Puts one probability per route into `probabilities`, then the background's.
    ///
    /// They add up to one but for rounding.
    pub fn probabilities(&self, query: &Encoded, probabilities: &mut Vec<f32>) {
        self.probabilities_of(&[query], probabilities);
    }

    /// Puts the probabilities of each query into `probabilities`, one query after another.
    ///
    /// Equal to [`Self::probabilities`] of each, to the bit.
    pub fn probabilities_of(&self, queries: &[&Encoded], probabilities: &mut Vec<f32>) {
        self.scores_of(queries, probabilities);
        probabilities
            .chunks_exact_mut(self.biases.len().max(1))
            .for_each(softmax);
    }

    /// Returns the head as bytes that [`Self::from_bytes`] reads, for a cache.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::write(self)
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// Refuses bytes of another version, cut or changed bytes, and numbers that
    /// are not finite: [`HeadError::is_stored`] is true for all of them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeadError> {
        bytes::read(bytes)
    }
}

#[cfg(test)]
mod tests;
