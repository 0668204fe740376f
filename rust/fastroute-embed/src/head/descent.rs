//! Minimises the objective: a few steps of L-BFGS from zero.
//!
//! The inverse Hessian starts from the inverse of an assumed curvature, the same
//! for every class, which is so close that eight steps with step size one do.
//! Stopping early is part of the recipe: it costs nothing on unseen texts and
//! bounds the time.

use std::collections::VecDeque;

use crate::{
    head::{
        matrix::Matrix,
        problem::{Evaluation, Problem},
    },
    sums::product_sum,
};

/// Curvature that is assumed at least.
const CURVATURE: f64 = 0.08;

/// Steps, and steps of a problem with more than [`LARGE`] probabilities.
const STEPS: usize = 8;
const STEPS_OF_LARGE: usize = 6;
const LARGE: usize = 600_000;

/// Steps that are remembered.
const MEMORY: usize = 5;

/// Share of the promised fall that a step must reach, and the smallest step size.
const SUFFICIENT: f64 = 1e-4;
const SMALLEST_STEP: f64 = 0.05;

struct Remembered {
    step: Matrix,
    change: Matrix,
    inverse: f64,
}

/// Returns the minimising weights, a row per class, and their evaluation.
pub(crate) fn minimise(problem: &Problem) -> (Matrix, Evaluation) {
    let classes = problem.classes as f64;
    let curvature = CURVATURE.max((1.0 - 1.0 / classes) / classes);
    let start = problem.inverse_curvature(curvature);
    let mut weights = Matrix::zeros(problem.classes, problem.rows.columns);
    let mut current = Evaluation::of(problem, &weights);
    let mut memory: VecDeque<Remembered> = VecDeque::with_capacity(MEMORY + 1);
    let steps = if problem.rows.rows * problem.classes > LARGE {
        STEPS_OF_LARGE
    } else {
        STEPS
    };
    for _ in 0..steps {
        let direction = direction(&current.gradient, &memory, &start);
        let slope = product_sum(&current.gradient.values, &direction.values);
        let mut size = 1.0_f64;
        let (moved, next) = loop {
            let mut moved = weights.clone();
            add(&mut moved, -size, &direction);
            let next = Evaluation::of(problem, &moved);
            let enough = next.loss <= current.loss - SUFFICIENT * size * slope;
            if enough || size < SMALLEST_STEP {
                break (moved, next);
            }
            size *= 0.5;
        };
        // Also false for a loss that is not a number.
        let falls = next.loss < current.loss;
        if !falls {
            break;
        }
        let mut step = moved.clone();
        add(&mut step, -1.0, &weights);
        let mut change = next.gradient.clone();
        add(&mut change, -1.0, &current.gradient);
        let product = product_sum(&step.values, &change.values);
        if product > 0.0 {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back(Remembered {
                step,
                change,
                inverse: 1.0 / product,
            });
        }
        weights = moved;
        current = next;
    }
    (weights, current)
}

/// Returns the gradient times the current guess of the inverse Hessian.
fn direction(gradient: &Matrix, memory: &VecDeque<Remembered>, start: &Matrix) -> Matrix {
    let mut direction = gradient.clone();
    let mut factors = Vec::with_capacity(memory.len());
    for past in memory.iter().rev() {
        let factor = past.inverse * product_sum(&past.step.values, &direction.values);
        add(&mut direction, -factor, &past.change);
        factors.push(factor);
    }
    direction = direction.times(start);
    for (past, factor) in memory.iter().zip(factors.iter().rev()) {
        let back = past.inverse * product_sum(&past.change.values, &direction.values);
        add(&mut direction, factor - back, &past.step);
    }
    direction
}

/// Adds `factor * other` to `matrix`.
fn add(matrix: &mut Matrix, factor: f64, other: &Matrix) {
    let factor = factor as f32;
    for (value, &other) in matrix.values.iter_mut().zip(&other.values) {
        *value += factor * other;
    }
}
