//! Scores of every training row as if it had not been trained on.
//!
//! Leaving a row out moves the weights by about one Newton step, which has a closed
//! form per class; it is checked against true ten-fold cross-fitting within a few
//! points, at the cost of one more product instead of ten trainings. The assumed
//! Hessian of a class is the mean curvature over all rows, corrected for the few
//! rows whose own is much larger: without that the correction is far too strong.

use crate::{
    head::{
        factor::Square,
        matrix::Matrix,
        problem::{Evaluation, Problem},
        softmax::softmax,
    },
    sums::product_sum,
};

/// A row counts on its own if its curvature exceeds the mean by this.
const OUTLIER: f32 = 0.1;

/// Rows of a class that count on their own at most, those of largest curvature.
///
/// Bounds the time; a class of a usual configuration has about ten.
const MOST_OUTLIERS: usize = 256;

/// A row's own share of its fit is taken as at most 1 - this.
const SMALLEST_REST: f32 = 0.05;

/// Temperature towards which few examples are pulled, and how many examples it is worth.
const USUAL_TEMPERATURE: f64 = 2.5;
const USUAL_TEMPERATURE_ROWS: f64 = 200.0;

/// Examples that are looked at to find the temperature, about.
const TEMPERATURE_ROWS: usize = 1_000;

/// Returns one row of scores per training row.
pub(crate) fn scores(problem: &Problem, weights: &Matrix, fitted: &Evaluation) -> Matrix {
    let rows = &problem.rows;
    let mut scores = rows.times(&weights.transposed());
    let probabilities = &fitted.probabilities;
    let mean = mean_curvature(problem, probabilities);
    // A row of `reach` is H⁻¹ a for the row a, as H is symmetric.
    let reach = rows.times(&problem.inverse_curvature(mean));
    let plain: Vec<f32> = (0..rows.rows)
        .map(|row| product_sum(rows.row(row), reach.row(row)) as f32)
        .collect();
    for class in 0..problem.classes {
        let curvature = |row: usize| {
            let probability = probabilities.row(row)[class];
            probability * (1.0 - probability)
        };
        let mut leverage = plain.clone();
        let mean = mean as f32;
        let mut outliers: Vec<usize> = (0..rows.rows)
            .filter(|&row| curvature(row) - mean > OUTLIER)
            .collect();
        if outliers.len() > MOST_OUTLIERS {
            outliers.sort_by(|&x, &y| curvature(y).total_cmp(&curvature(x)).then(x.cmp(&y)));
            outliers.truncate(MOST_OUTLIERS);
        }
        let excess: Vec<f64> = outliers
            .iter()
            .map(|&row| f64::from(problem.weights[row] * (curvature(row) - mean)))
            .collect();
        correct(rows, &reach, &outliers, &excess, &mut leverage);
        for (row, &leverage) in leverage.iter().enumerate() {
            let weight = problem.weights[row];
            let residual =
                probabilities.row(row)[class] - f32::from(u8::from(problem.labels[row] == class));
            let rest = (1.0 - leverage * weight * curvature(row)).max(SMALLEST_REST);
            scores.row_mut(row)[class] += leverage / rest * weight * residual;
        }
    }
    scores
}

/// Takes the outliers' own curvature into their leverage.
///
/// With M their inner products under H⁻¹ and D their excess curvature, Woodbury's
/// identity makes it the diagonal of M - M (D⁻¹ + M)⁻¹ M, which is that of
/// D⁻¹ - D⁻¹ (D⁻¹ + M)⁻¹ D⁻¹.
fn correct(
    rows: &Matrix,
    reach: &Matrix,
    outliers: &[usize],
    excess: &[f64],
    leverage: &mut [f32],
) {
    if outliers.is_empty() {
        return;
    }
    let size = outliers.len();
    let mut inner = Square::zeros(size);
    for (place, &left) in outliers.iter().enumerate() {
        for (other, &right) in outliers[..=place].iter().enumerate() {
            inner.values[place * size + other] = product_sum(rows.row(left), reach.row(right));
        }
        inner.values[place * size + place] += 1.0 / excess[place];
    }
    let diagonal = inner.inverse_diagonal();
    for ((&row, excess), entry) in outliers.iter().zip(excess).zip(diagonal) {
        let inverse = 1.0 / excess;
        leverage[row] = (inverse - inverse * entry * inverse) as f32;
    }
}

/// Returns the mean over the routes of the weighted mean curvature p (1 - p).
fn mean_curvature(problem: &Problem, probabilities: &Matrix) -> f64 {
    let mut sum = 0.0_f64;
    let mut weights = 0.0_f64;
    for (row, &weight) in problem.weights.iter().enumerate() {
        let curvature: f64 = probabilities.row(row)[..problem.routes]
            .iter()
            .map(|&p| f64::from(p) * (1.0 - f64::from(p)))
            .sum();
        sum += f64::from(weight) * curvature;
        weights += f64::from(weight);
    }
    sum / weights / problem.routes as f64
}

/// Returns the factor on scores under which the examples are most likely.
///
/// Looked for on a grid from 0.5 to 6, then pulled towards the usual one, as few
/// examples tell little.
pub(crate) fn temperature(problem: &Problem, scores: &Matrix) -> f64 {
    let examples = problem
        .labels
        .iter()
        .filter(|&&label| label < problem.routes)
        .count();
    let stride = examples.div_ceil(TEMPERATURE_ROWS).max(1);
    let mut scaled = Vec::with_capacity(scores.columns);
    let mut best = (f64::INFINITY, USUAL_TEMPERATURE);
    let mut factor = 0.5_f64;
    for _ in 0..27 {
        let mut loss = 0.0_f64;
        for row in (0..examples).step_by(stride) {
            scaled.clear();
            scaled.extend(scores.row(row).iter().map(|score| score * factor as f32));
            softmax(&mut scaled);
            loss -= libm::log(f64::from(scaled[problem.labels[row]]).max(1e-30));
        }
        if loss < best.0 {
            best = (loss, factor);
        }
        factor *= 1.1;
    }
    let rows = (examples.div_ceil(stride) * stride) as f64;
    let pulled = rows * libm::log(best.1) + USUAL_TEMPERATURE_ROWS * libm::log(USUAL_TEMPERATURE);
    libm::exp(pulled / (rows + USUAL_TEMPERATURE_ROWS))
}
