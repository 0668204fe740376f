//! The `auto` threshold of each route, from left-out probabilities.
//!
//! A route is accepted when it is the most probable one and its probability reaches
//! its threshold. Two bounds, both on rows that were left out; the larger
//! wins. Pooled: at most the given share of all rows is accepted by a route that
//! is not theirs. Own: at most that share of the rows that are not the route's is
//! accepted by it. The own bound alone would be zero with many routes, since each
//! wins few foreign rows; it matters for a route that attracts everything.

use crate::head::matrix::Matrix;

/// Returns a threshold per route; the first of equally probable routes is the best.
pub(crate) fn automatic(
    probabilities: &Matrix,
    labels: &[usize],
    routes: usize,
    share: f32,
) -> Vec<f32> {
    let mut wrongly: Vec<Vec<f32>> = vec![Vec::new(); routes];
    let mut counts = vec![0_usize; routes];
    for (row, &label) in probabilities
        .values
        .chunks_exact(probabilities.columns)
        .zip(labels)
    {
        let (mut best, mut most) = (0, f32::NEG_INFINITY);
        for (route, &probability) in row[..routes].iter().enumerate() {
            if probability > most {
                (best, most) = (route, probability);
            }
        }
        if best != label {
            wrongly[best].push(most);
        }
        if let Some(count) = counts.get_mut(label) {
            *count += 1;
        }
    }
    let pooled = limit(
        wrongly.iter().flatten().copied().collect(),
        labels.len(),
        share,
    );
    wrongly
        .into_iter()
        .zip(counts)
        .map(|(accepted, own)| limit(accepted, labels.len() - own, share).max(pooled))
        .collect()
}

/// Returns the lowest threshold that at most `share` of `rows` rows reach.
///
/// Rows that are not in `accepted` reach none.
fn limit(mut accepted: Vec<f32>, rows: usize, share: f32) -> f32 {
    accepted.sort_by(|x, y| y.total_cmp(x));
    let allowed = (f64::from(share) * rows as f64) as usize;
    accepted.get(allowed).map_or(0.0, |first| first.next_up())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn at_most_the_share_is_wrongly_accepted(
            rows in prop::collection::vec((0_usize..4, prop::collection::vec(0.0_f32..1.0, 4)), 1..80),
            share in 0.0_f32..0.5,
        ) {
            let labels: Vec<usize> = rows.iter().map(|(label, _)| *label).collect();
            let probabilities = Matrix {
                rows: rows.len(),
                columns: 4,
                values: rows.iter().flat_map(|(_, row)| row.clone()).collect(),
            };
            let thresholds = automatic(&probabilities, &labels, 3, share);
            let mut wrongly = [0_usize; 3];
            for (label, row) in &rows {
                let best = (0..3).rev().max_by(|&x, &y| row[x].total_cmp(&row[y])).unwrap();
                if best != *label && row[best] >= thresholds[best] {
                    wrongly[best] += 1;
                }
            }
            let allowed = |rows: usize| (f64::from(share) * rows as f64) as usize;
            prop_assert!(wrongly.iter().sum::<usize>() <= allowed(rows.len()));
            for (route, &count) in wrongly.iter().enumerate() {
                let foreign = labels.iter().filter(|&&label| label != route).count();
                prop_assert!(count <= allowed(foreign));
            }
        }
    }
}
