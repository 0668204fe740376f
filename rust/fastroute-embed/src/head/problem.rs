//! What training minimises: weighted rows, the penalty, and the objective.
//!
//! Rows are the examples and the background lines, centred, with a column of
//! ones. The penalty is the within-route covariance of the examples, shrunk
//! towards a multiple of the identity: directions in which examples of one route
//! differ from each other are dear, so the head looks away from them.

use crate::{
    head::{
        factor::Square,
        matrix::{Matrix, multiply},
        softmax::softmax,
    },
    sums::product_sum,
};

/// Share of the multiple of the identity in the penalty.
const SHRINKAGE: f64 = 0.5;

/// Strength of the penalty.
const PENALTY: f64 = 60.0;

/// Penalty of the column of ones, as a share of [`PENALTY`].
const BIAS_PENALTY: f64 = 0.01;

/// Within-route variance is at least this share of all variance.
///
/// Makes one example a route work, which has no variance of its own.
const TRACE_FLOOR: f64 = 0.3;

/// Routes beyond which the background weighs more than one mean route.
const ROUTES_PER_BACKGROUND: f64 = 15.0;

/// A training set, ready to be minimised over.
pub(crate) struct Problem {
    /// Routes, and the background if it has lines.
    pub(crate) classes: usize,
    pub(crate) routes: usize,
    /// Class of each row; the examples come first.
    pub(crate) labels: Vec<usize>,
    pub(crate) weights: Vec<f32>,
    /// Centred rows with a last column of ones.
    pub(crate) rows: Matrix,
    pub(crate) centre: Vec<f32>,
    pub(crate) penalty: Matrix,
    /// Weighted sum of outer products of the rows.
    pub(crate) spread: Matrix,
}

impl Problem {
    /// Builds the problem; every route below `routes` must have an example.
    pub(crate) fn new(
        examples: &Matrix,
        labels: &[usize],
        routes: usize,
        background: &Matrix,
    ) -> Self {
        let dimensions = examples.columns;
        let mut counts = vec![0_usize; routes];
        for &label in labels {
            counts[label] += 1;
        }
        let mean_count = examples.rows as f64 / routes as f64;
        let share = (routes as f64 / ROUTES_PER_BACKGROUND).max(1.0);
        let line = (share * mean_count / background.rows.max(1) as f64).min(1.0);
        let weights: Vec<f32> = labels
            .iter()
            .map(|&label| (mean_count / counts[label] as f64).sqrt() as f32)
            .chain((0..background.rows).map(|_| line as f32))
            .collect();
        let (rows, centre) = centred(examples, background, &weights);
        let total: f64 = rows
            .values
            .chunks_exact(dimensions + 1)
            .zip(&weights)
            .map(|(row, &weight)| f64::from(weight) * (product_sum(row, row) - 1.0))
            .sum();
        let weight: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        let penalty = penalty(examples, labels, &counts, total / weight);
        let spread = weighted(&rows, &weights).transposed().times(&rows);
        Self {
            classes: routes + usize::from(background.rows > 0),
            routes,
            labels: labels
                .iter()
                .copied()
                .chain((0..background.rows).map(|_| routes))
                .collect(),
            weights,
            rows,
            centre,
            penalty,
            spread,
        }
    }

    /// Returns `curvature` times the spread plus the penalty, inverted.
    pub(crate) fn inverse_curvature(&self, curvature: f64) -> Matrix {
        let size = self.penalty.rows;
        let sum = Square {
            size,
            values: self
                .spread
                .values
                .iter()
                .zip(&self.penalty.values)
                .map(|(&spread, &penalty)| curvature * f64::from(spread) + f64::from(penalty))
                .collect(),
        };
        Matrix {
            rows: size,
            columns: size,
            values: sum
                .inverse()
                .values
                .iter()
                .map(|&value| value as f32)
                .collect(),
        }
    }
}

/// The objective at one point, and what was computed on the way.
pub(crate) struct Evaluation {
    pub(crate) loss: f64,
    pub(crate) gradient: Matrix,
    /// A row per training row, a column per class.
    pub(crate) probabilities: Matrix,
}

impl Evaluation {
    /// Evaluates `weights`, a row per class: two products of rows x classes x columns.
    pub(crate) fn of(problem: &Problem, weights: &Matrix) -> Self {
        let mut probabilities = problem.rows.times(&weights.transposed());
        let mut residuals = Matrix::zeros(problem.classes, problem.rows.rows);
        let mut loss = 0.0_f64;
        for (row, (&label, &weight)) in problem.labels.iter().zip(&problem.weights).enumerate() {
            let row = probabilities.row_mut(row);
            softmax(row);
            loss -= f64::from(weight) * libm::log(f64::from(row[label]).max(1e-30));
        }
        probabilities.transpose_into(&mut residuals);
        for (row, &label) in problem.labels.iter().enumerate() {
            residuals.values[label * problem.rows.rows + row] -= 1.0;
        }
        for class in residuals.values.chunks_exact_mut(problem.rows.rows) {
            for (residual, &weight) in class.iter_mut().zip(&problem.weights) {
                *residual *= weight;
            }
        }
        let mut gradient = Matrix::zeros(problem.classes, problem.rows.columns);
        multiply(&residuals, &problem.rows, &mut gradient);
        let pulled = weights.times(&problem.penalty);
        loss += 0.5 * product_sum(&weights.values, &pulled.values);
        for (value, &pull) in gradient.values.iter_mut().zip(&pulled.values) {
            *value += pull;
        }
        Self {
            loss,
            gradient,
            probabilities,
        }
    }
}

/// Returns all rows minus their weighted mean, with a column of ones, and the mean.
fn centred(examples: &Matrix, background: &Matrix, weights: &[f32]) -> (Matrix, Vec<f32>) {
    let dimensions = examples.columns;
    let all = || {
        examples
            .values
            .chunks_exact(dimensions)
            .chain(background.values.chunks_exact(dimensions))
    };
    let mut sums = vec![0.0_f64; dimensions];
    let mut weight_sum = 0.0_f64;
    for (row, &weight) in all().zip(weights) {
        weight_sum += f64::from(weight);
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f64::from(weight) * f64::from(value);
        }
    }
    let centre: Vec<f32> = sums.iter().map(|sum| (sum / weight_sum) as f32).collect();
    let mut rows = Matrix::zeros(weights.len(), dimensions + 1);
    for (to, from) in rows.values.chunks_exact_mut(dimensions + 1).zip(all()) {
        for ((to, &from), &mean) in to.iter_mut().zip(from).zip(&centre) {
            *to = from - mean;
        }
        to[dimensions] = 1.0;
    }
    (rows, centre)
}

/// Returns the penalty: shrunk within-route covariance, and the bias's own.
fn penalty(examples: &Matrix, labels: &[usize], counts: &[usize], variance: f64) -> Matrix {
    let dimensions = examples.columns;
    let mut means = Matrix::zeros(counts.len(), dimensions);
    for (row, &label) in labels.iter().enumerate() {
        for (mean, &value) in means.row_mut(label).iter_mut().zip(examples.row(row)) {
            *mean += value;
        }
    }
    for (class, &count) in counts.iter().enumerate() {
        for mean in means.row_mut(class) {
            *mean /= count as f32;
        }
    }
    let mut apart = examples.clone();
    for (row, &label) in labels.iter().enumerate() {
        for (value, &mean) in apart.row_mut(row).iter_mut().zip(means.row(label)) {
            *value -= mean;
        }
    }
    let scatter = apart.transposed().times(&apart);
    let count = examples.rows as f64;
    let trace: f64 = (0..dimensions)
        .map(|place| f64::from(scatter.row(place)[place]) / count)
        .sum();
    let trace = trace.max(TRACE_FLOOR * variance).max(1e-6);
    let mut penalty = Matrix::zeros(dimensions + 1, dimensions + 1);
    for place in 0..dimensions {
        for (to, &from) in penalty.row_mut(place).iter_mut().zip(scatter.row(place)) {
            *to = (PENALTY * (1.0 - SHRINKAGE) * f64::from(from) / count) as f32;
        }
        penalty.row_mut(place)[place] += (PENALTY * SHRINKAGE * trace / dimensions as f64) as f32;
    }
    penalty.row_mut(dimensions)[dimensions] = (PENALTY * BIAS_PENALTY) as f32;
    penalty
}

fn weighted(rows: &Matrix, weights: &[f32]) -> Matrix {
    let mut out = rows.clone();
    for (row, &weight) in out.values.chunks_exact_mut(rows.columns).zip(weights) {
        for value in row {
            *value *= weight;
        }
    }
    out
}
