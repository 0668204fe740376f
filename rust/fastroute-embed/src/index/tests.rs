//! The index against the obvious: compare all, sort, cut.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn obvious(examples: &[(u16, Encoded)], query: &Encoded) -> Vec<Neighbour> {
    let mut all: Vec<Neighbour> = examples
        .iter()
        .enumerate()
        .map(|(example, (_, encoded))| {
            let product: i32 = encoded
                .quantised
                .iter()
                .zip(&query.quantised)
                .map(|(&x, &y)| i32::from(x) * i32::from(y))
                .sum();
            Neighbour {
                example: example as u32,
                similarity: product as f32 * encoded.scale * query.scale,
            }
        })
        .collect();
    all.sort_by(|x, y| {
        y.similarity
            .total_cmp(&x.similarity)
            .then(x.example.cmp(&y.example))
    });
    all
}

fn build(dimensions: usize, routes: usize, examples: &[(u16, Encoded)]) -> ExampleIndex {
    ExampleIndex::build(dimensions, routes, examples.iter().map(|(r, e)| (*r, e))).unwrap()
}

/// Coarse numbers make ties and equal examples likely.
fn vectors(dimensions: usize) -> impl Strategy<Value = Encoded> {
    prop::collection::vec((-2_i8..=2).prop_map(f32::from), dimensions)
        .prop_map(|values| Encoded::from_vector(&values))
}

proptest! {
    #[test]
    fn nearest_equals_sorting_everything(
        examples in prop::collection::vec((0_u16..5, vectors(6)), 0..60),
        query in vectors(6),
        k in 0_usize..70,
    ) {
        let index = build(6, 5, &examples);
        let mut found = Vec::new();
        index.nearest(&query, k, &mut found);
        let mut expected = obvious(&examples, &query);
        expected.truncate(k.min(MAX_NEIGHBOURS));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn route_scores_equal_the_mean_of_the_k_nearest(
        examples in prop::collection::vec((0_u16..5, vectors(6)), 0..60),
        query in vectors(6),
        k in 0_usize..70,
    ) {
        let index = build(6, 5, &examples);
        let mut scores = Vec::new();
        index.route_scores(&query, k, &mut scores);
        let sorted = obvious(&examples, &query);
        let expected: Vec<f32> = (0..5)
            .map(|route| {
                let near: Vec<f32> = sorted
                    .iter()
                    .filter(|neighbour| examples[neighbour.example as usize].0 == route)
                    .map(|neighbour| neighbour.similarity)
                    .take(k.clamp(1, MAX_NEIGHBOURS))
                    .collect();
                if near.is_empty() { -1.0 } else { near.iter().sum::<f32>() / near.len() as f32 }
            })
            .collect();
        prop_assert_eq!(scores, expected);
    }
}

/// Numbers that look random and are the same everywhere.
fn pseudo_random(count: usize, dimensions: usize, mut state: u64) -> Vec<(u16, Encoded)> {
    (0..count)
        .map(|_| {
            let values: Vec<f32> = (0..dimensions)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (state >> 40) as f32 / 8_388_608.0 - 1.0
                })
                .collect();
            (0, Encoded::from_vector(&values))
        })
        .collect()
}

#[test]
fn a_large_index_recalls_nearly_all_neighbours() {
    let examples = pseudo_random(SCAN_LIMIT + 500, 24, 7);
    let index = build(24, 1, &examples);
    assert!(index.graph.is_some());
    let mut found = Vec::new();
    let mut recalled = 0;
    let queries = pseudo_random(100, 24, 99);
    for (_, query) in &queries {
        index.nearest(query, 5, &mut found);
        let expected = obvious(&examples, query);
        recalled += found.iter().filter(|n| expected[..5].contains(n)).count();
    }
    assert!(recalled >= 490, "{recalled} of 500 neighbours found");
}

#[test]
fn an_example_is_nearest_to_itself_with_similarity_one() {
    let examples = pseudo_random(40, 16, 3);
    let index = build(16, 1, &examples);
    let mut found = Vec::new();
    index.nearest(&examples[17].1, 1, &mut found);
    assert_eq!(found[0].example, 17);
    assert!((found[0].similarity - 1.0).abs() < 1e-6);
}

#[test]
fn malformed_examples_are_refused_with_a_code() {
    let encoded = Encoded::from_vector(&[1.0, 0.0]);
    let code = |dimensions, routes, route| {
        ExampleIndex::build(dimensions, routes, [(route, &encoded)])
            .unwrap_err()
            .code()
    };
    assert_eq!(code(0, 1, 0), "INDEX_DIMENSIONS_OUT_OF_RANGE");
    assert_eq!(code(3, 1, 0), "INDEX_VECTOR_LENGTH");
    assert_eq!(code(2, 1, 1), "INDEX_ROUTE_OUT_OF_RANGE");
}

#[test]
fn a_query_of_another_length_is_similar_to_nothing() {
    let examples = pseudo_random(3, 4, 3);
    let index = build(4, 1, &examples);
    let mut found = Vec::new();
    index.nearest(&Encoded::from_vector(&[1.0]), 2, &mut found);
    assert!(found.iter().all(|neighbour| neighbour.similarity == 0.0));
}
