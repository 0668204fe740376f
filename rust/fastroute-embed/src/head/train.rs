//! Trains a head: multinomial logistic regression with a penalty that knows which
//! directions do not tell routes apart.
//!
//! The penalty lies between that of linear discriminant analysis, which has a
//! closed form, and plain logistic regression, and beats both: on the 10-example
//! files .79, .87 and .78 against .76, .84, .76 and .76, .86, .76. Everything else
//! that makes probabilities mean something (temperature, thresholds) comes from
//! scores of left-out rows.

use crate::{
    encoder::{MAX_DIMENSIONS, round_to_i8},
    head::{
        Example, Head, HeadOptions, MAX_ROUTES,
        descent::minimise,
        error::{HeadError, Kind},
        left_out,
        matrix::Matrix,
        packed::Packed,
        problem::Problem,
        softmax::softmax,
        threshold,
    },
    sums::product_sum,
};

/// Background lines whose cosine to an example reaches this are left out: they are
/// texts of that route.
const NEAR: f32 = 0.7;

/// How far from one the length of a vector may be.
const UNIT_TOLERANCE: f64 = 1e-3;

/// Score of a class that was not trained; its probability is zero.
const NEVER: f32 = -1e30;

/// Threshold of a route that was not trained; no probability reaches it.
const UNREACHABLE: f32 = 2.0;

pub(crate) fn fit(
    examples: &[Example<'_>],
    routes: usize,
    background: &[&[f32]],
    options: &HeadOptions,
) -> Result<Head, HeadError> {
    let dimensions = check(examples, routes, background)?;
    let spoken: Vec<&Example<'_>> = examples
        .iter()
        .filter(|example| example.vector.iter().any(|&value| value != 0.0))
        .collect();
    // Routes without a usable example are left out of training.
    let mut class_of: Vec<Option<usize>> = vec![None; routes];
    for example in &spoken {
        class_of[usize::from(example.route)] = Some(0);
    }
    let mut trained = 0;
    for class in class_of.iter_mut().flatten() {
        *class = trained;
        trained += 1;
    }
    let labels: Vec<usize> = spoken
        .iter()
        .filter_map(|example| class_of[usize::from(example.route)])
        .collect();
    let vectors = stacked(spoken.iter().map(|example| example.vector), dimensions);
    let lines = apart(background, &vectors);
    let problem = Problem::new(&vectors, &labels, trained, &lines);

    let (weights, fitted) = minimise(&problem);
    let mut scores = left_out::scores(&problem, &weights, &fitted);
    let temperature = left_out::temperature(&problem, &scores);
    for score in &mut scores.values {
        *score *= temperature as f32;
    }
    for row in scores.values.chunks_exact_mut(problem.classes) {
        softmax(row);
    }
    let share = options.strangers_accepted;
    let thresholds = threshold::automatic(&scores, &problem.labels, trained, share);

    let mut head = Head {
        dimensions,
        rows: Vec::with_capacity((routes + 1) * dimensions),
        packed: None,
        scales: Vec::with_capacity(routes + 1),
        biases: Vec::with_capacity(routes + 1),
        thresholds: class_of
            .iter()
            .map(|class| class.map_or(UNREACHABLE, |class| thresholds[class]))
            .collect(),
    };
    let background = (problem.classes > trained).then_some(trained);
    for class in class_of.into_iter().chain([background]) {
        match class {
            Some(class) => push_class(&mut head, &problem, weights.row(class), temperature),
            None => push_nothing(&mut head),
        }
    }
    head.packed = Packed::of(&head.rows, dimensions);
    Ok(head)
}

/// Adds a class: undoes the centring, folds the temperature in, rounds to int8.
fn push_class(head: &mut Head, problem: &Problem, weights: &[f32], temperature: f64) {
    let (bias, weights) = match weights.split_last() {
        Some((&bias, weights)) => (bias, weights),
        None => return,
    };
    let shift = product_sum(weights, &problem.centre);
    let scaled = |weight: f32| (f64::from(weight) * temperature) as f32;
    let largest = weights
        .iter()
        .fold(0.0_f32, |most, &weight| most.max(scaled(weight).abs()));
    let scale = largest.max(1e-12) / 127.0;
    head.rows.extend(
        weights
            .iter()
            .map(|&weight| round_to_i8(scaled(weight) / scale)),
    );
    head.scales.push(scale);
    head.biases
        .push(((f64::from(bias) - shift) * temperature) as f32);
}

fn push_nothing(head: &mut Head) {
    head.rows.resize(head.rows.len() + head.dimensions, 0);
    head.scales.push(0.0);
    head.biases.push(NEVER);
}

/// Returns the background lines that are near no example.
pub(super) fn apart(background: &[&[f32]], examples: &Matrix) -> Matrix {
    let spoken = background
        .iter()
        .filter(|line| line.iter().any(|&value| value != 0.0));
    let lines = stacked(spoken.copied(), examples.columns);
    let cosines = lines.times(&examples.transposed());
    let far = (0..lines.rows).filter(|&line| cosines.row(line).iter().all(|&cosine| cosine < NEAR));
    stacked(far.map(|line| lines.row(line)), examples.columns)
}

fn stacked<'v>(vectors: impl Iterator<Item = &'v [f32]>, columns: usize) -> Matrix {
    let mut values = Vec::new();
    for vector in vectors {
        values.extend_from_slice(vector);
    }
    Matrix {
        rows: values.len() / columns,
        columns,
        values,
    }
}

/// Refuses what cannot be trained on; returns the number of dimensions.
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
    let dimensions = examples.first().ok_or(Kind::NoExamples)?.vector.len();
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
    let vectors = examples.iter().map(|example| example.vector).enumerate();
    let lines = background.iter().copied().enumerate();
    for (what, (place, vector)) in vectors
        .map(|vector| ("example", vector))
        .chain(lines.map(|line| ("background line", line)))
    {
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
        let length = product_sum(vector, vector).sqrt();
        if length != 0.0 && (length - 1.0).abs() > UNIT_TOLERANCE {
            let length = format!("{length:.3}");
            return Err(Kind::NotUnit {
                what,
                place,
                length,
            }
            .into());
        }
    }
    if examples
        .iter()
        .all(|example| example.vector.iter().all(|&value| value == 0.0))
    {
        return Err(Kind::NoExamples.into());
    }
    Ok(dimensions)
}
