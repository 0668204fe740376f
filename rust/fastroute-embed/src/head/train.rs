//! Trains a head in closed form.
//!
//! Linear discriminant analysis: every class has its mean, all share one
//! covariance, shrunk towards a multiple of the identity.

use crate::{
    encoder::{MAX_DIMENSIONS, round_to_i8},
    head::{
        Example, Head, HeadOptions, MAX_ROUTES,
        error::{HeadError, Kind},
        matrix::{Matrix, multiply},
    },
};

/// Weight of the identity in the shared covariance.
const SHRINKAGE: f64 = 0.3;

/// Score of a route without examples; its probability is zero.
const NEVER: f32 = -1e30;

pub(crate) fn fit(
    examples: &[Example<'_>],
    routes: usize,
    background: &[&[f32]],
    options: &HeadOptions,
) -> Result<Head, HeadError> {
    let dimensions = check(examples, routes, background)?;
    let classes = routes + 1;
    let labels: Vec<usize> = examples
        .iter()
        .map(|example| usize::from(example.route))
        .chain(background.iter().map(|_| routes))
        .collect();
    let mut vectors = Matrix::zeros(labels.len(), dimensions);
    let all = examples
        .iter()
        .map(|e| e.vector)
        .chain(background.iter().copied());
    for (row, vector) in all.enumerate() {
        vectors.row_mut(row).copy_from_slice(vector);
    }
    let mut counts = vec![0_usize; classes];
    let mut means = Matrix::zeros(classes, dimensions);
    for (row, &label) in labels.iter().enumerate() {
        counts[label] += 1;
        for (mean, value) in means.row_mut(label).iter_mut().zip(vectors.row(row)) {
            *mean += value;
        }
    }
    for (class, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        for mean in means.row_mut(class) {
            *mean /= count as f32;
        }
    }
    let mut centred = vectors.clone();
    for (row, &label) in labels.iter().enumerate() {
        for (value, mean) in centred.row_mut(row).iter_mut().zip(means.row(label)) {
            *value -= mean;
        }
    }
    let mut panel = Vec::new();
    let mut scatter = Matrix::zeros(dimensions, dimensions);
    multiply(&centred.transposed(), &centred, &mut panel, &mut scatter);
    let factor = covariance(&scatter, labels.len());
    let mut weights = Matrix::zeros(classes, dimensions);
    let mut biases = vec![NEVER; classes];
    for class in (0..classes).filter(|&class| counts[class] > 0) {
        let mut solution: Vec<f64> = means.row(class).iter().map(|&m| f64::from(m)).collect();
        factor.solve(&mut solution);
        let mut half = 0.0_f64;
        for ((weight, &solved), &mean) in weights
            .row_mut(class)
            .iter_mut()
            .zip(&solution)
            .zip(means.row(class))
        {
            *weight = solved as f32;
            half += solved * f64::from(mean);
        }
        biases[class] = (-0.5 * half) as f32;
    }
    let mut head = quantised(&weights, biases, routes);
    head.thresholds = thresholds(&head, &vectors, &labels, routes, options);
    Ok(head)
}

fn check(
    examples: &[Example<'_>],
    routes: usize,
    background: &[&[f32]],
) -> Result<usize, HeadError> {
    if routes == 0 || routes > MAX_ROUTES {
        return Err(Kind::Routes {
            found: routes,
            limit: MAX_ROUTES,
        }
        .into());
    }
    let dimensions = background.first().ok_or(Kind::NoBackground)?.len();
    if dimensions == 0 || dimensions > MAX_DIMENSIONS {
        return Err(Kind::Dimensions {
            found: dimensions,
            limit: MAX_DIMENSIONS,
        }
        .into());
    }
    for (place, example) in examples.iter().enumerate() {
        if usize::from(example.route) >= routes {
            let route = example.route;
            return Err(Kind::Route {
                place,
                route,
                routes,
            }
            .into());
        }
    }
    let vectors = examples
        .iter()
        .map(|example| example.vector)
        .enumerate()
        .map(|(place, vector)| ("example", place, vector));
    let lines = background
        .iter()
        .enumerate()
        .map(|(place, vector)| ("background line", place, *vector));
    for (what, place, vector) in vectors.chain(lines) {
        if vector.len() != dimensions {
            let found = vector.len();
            return Err(Kind::Length {
                what,
                place,
                found,
                dimensions,
            }
            .into());
        }
        if vector.iter().any(|value| !value.is_finite()) {
            return Err(Kind::NotFinite { what, place }.into());
        }
    }
    Ok(dimensions)
}

/// Factors the shrunk covariance.
fn covariance(scatter: &Matrix, count: usize) -> Factor {
    let size = scatter.rows;
    let mut values: Vec<f64> = scatter
        .values
        .iter()
        .map(|&v| f64::from(v) / count as f64)
        .collect();
    let trace: f64 = (0..size).map(|place| values[place * size + place]).sum();
    let mean = (trace / size as f64).max(1e-9);
    for value in &mut values {
        *value *= 1.0 - SHRINKAGE;
    }
    for place in 0..size {
        values[place * size + place] += SHRINKAGE * mean;
    }
    Factor::of(values, size)
}

/// The lower triangle L of a positive definite matrix L Lᵀ, in f64.
pub(crate) struct Factor {
    values: Vec<f64>,
    size: usize,
}

impl Factor {
    /// Factors a matrix that is positive definite; a pivot below 1e-12 is raised to it.
    pub(crate) fn of(mut values: Vec<f64>, size: usize) -> Self {
        for column in 0..size {
            let pivot = values[column * size + column].max(1e-12).sqrt();
            values[column * size + column] = pivot;
            for row in column + 1..size {
                values[row * size + column] /= pivot;
            }
            for row in column + 1..size {
                let factor = values[row * size + column];
                for other in column + 1..=row {
                    let below = values[other * size + column];
                    values[row * size + other] -= factor * below;
                }
            }
        }
        Self { values, size }
    }

    /// Replaces `right` by the solution.
    pub(crate) fn solve(&self, right: &mut [f64]) {
        let size = self.size;
        for row in 0..size {
            let mut value = right[row];
            for column in 0..row {
                value -= self.values[row * size + column] * right[column];
            }
            right[row] = value / self.values[row * size + row];
        }
        for row in (0..size).rev() {
            let mut value = right[row];
            for column in row + 1..size {
                value -= self.values[column * size + row] * right[column];
            }
            right[row] = value / self.values[row * size + row];
        }
    }
}

/// Rounds each row to int8 with its own scale.
fn quantised(weights: &Matrix, biases: Vec<f32>, routes: usize) -> Head {
    let mut rows = Vec::with_capacity(weights.values.len());
    let mut scales = Vec::with_capacity(weights.rows);
    for class in 0..weights.rows {
        let row = weights.row(class);
        let largest = row
            .iter()
            .fold(0.0_f32, |most, value| most.max(value.abs()));
        let factor = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        rows.extend(row.iter().map(|value| round_to_i8(value * factor)));
        scales.push(largest / 127.0);
    }
    Head {
        dimensions: weights.columns,
        rows,
        scales,
        biases,
        thresholds: vec![0.0; routes],
    }
}

fn thresholds(
    head: &Head,
    vectors: &Matrix,
    labels: &[usize],
    routes: usize,
    options: &HeadOptions,
) -> Vec<f32> {
    let mut strangers: Vec<Vec<f32>> = vec![Vec::new(); routes];
    let mut probabilities = Vec::new();
    for (row, &label) in labels.iter().enumerate() {
        let query = crate::encoder::Encoded::from_vector(vectors.row(row));
        head.probabilities(&query, &mut probabilities);
        for (route, &probability) in probabilities.iter().take(routes).enumerate() {
            if route != label {
                strangers[route].push(probability);
            }
        }
    }
    strangers
        .into_iter()
        .map(|mut reached| {
            reached.sort_by(|x, y| y.total_cmp(x));
            let allowed = (options.strangers_accepted * reached.len() as f32) as usize;
            reached.get(allowed).map_or(0.0, |most| most.next_up())
        })
        .collect()
}
