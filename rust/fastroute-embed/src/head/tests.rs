//! The head: what training promises, and what reading stored bytes refuses.

#![allow(clippy::unwrap_used)]

mod calibration;

use proptest::prelude::*;

use super::*;

fn unit(values: &[f32]) -> Vec<f32> {
    Encoded::from_vector(values).vector
}

/// Two routes along two axes, background along a third.
fn small() -> Head {
    let vectors: Vec<Vec<f32>> = (0..6)
        .map(|place| {
            let wobble = 0.1 * place as f32;
            match place % 2 {
                0 => unit(&[1.0, wobble, 0.0, 0.1]),
                _ => unit(&[wobble, 1.0, 0.1, 0.0]),
            }
        })
        .collect();
    let examples: Vec<Example<'_>> = vectors
        .iter()
        .enumerate()
        .map(|(place, vector)| Example {
            route: place as u16 % 2,
            vector,
        })
        .collect();
    let background = [unit(&[0.0, 0.1, 1.0, 0.2]), unit(&[0.1, 0.0, 0.8, -0.2])];
    let background: Vec<&[f32]> = background.iter().map(Vec::as_slice).collect();
    Head::fit(&examples, 2, &background, &HeadOptions::default()).unwrap()
}

#[test]
fn each_kind_of_text_gets_its_own_class() {
    let head = small();
    let mut probabilities = Vec::new();
    for (vector, class) in [
        ([1.0, 0.1, 0.0, 0.0], 0),
        ([0.1, 1.0, 0.0, 0.0], 1),
        ([0.0, 0.0, 1.0, 0.0], 2),
    ] {
        head.probabilities(&Encoded::from_vector(&vector), &mut probabilities);
        assert_eq!(probabilities.len(), 3);
        let best = (0..3).max_by(|&x, &y| probabilities[x].total_cmp(&probabilities[y]));
        assert_eq!(best, Some(class), "{probabilities:?}");
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn training_twice_gives_equal_bytes() {
    assert_eq!(small().to_bytes(), small().to_bytes());
}

#[test]
fn stored_heads_come_back_unchanged() {
    let head = small();
    assert_eq!(Head::from_bytes(&head.to_bytes()), Ok(head));
}

#[test]
fn changed_and_cut_bytes_are_refused() {
    let bytes = small().to_bytes();
    for end in 0..bytes.len() {
        assert!(
            Head::from_bytes(&bytes[..end]).unwrap_err().is_stored(),
            "{end}"
        );
    }
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(Head::from_bytes(&changed).is_err(), "{place}");
    }
}

#[test]
fn malformed_examples_are_refused_with_a_code() {
    let line: &[f32] = &[1.0, 0.0];
    let long: &[f32] = &[1.0, 0.0, 0.0];
    let bad: &[f32] = &[f32::NAN, 0.0];
    let example = |route, vector| Example { route, vector };
    for (examples, routes, background, code) in [
        (vec![], 0, vec![line], "HEAD_ROUTES_OUT_OF_RANGE"),
        (
            vec![],
            MAX_ROUTES + 1,
            vec![line],
            "HEAD_ROUTES_OUT_OF_RANGE",
        ),
        (vec![], 1, vec![], "HEAD_NO_EXAMPLES"),
        (
            vec![example(0, &[0.0, 0.0])],
            1,
            vec![line],
            "HEAD_NO_EXAMPLES",
        ),
        (
            vec![example(0, &[])],
            1,
            vec![],
            "HEAD_DIMENSIONS_OUT_OF_RANGE",
        ),
        (
            vec![example(1, line)],
            1,
            vec![line],
            "HEAD_ROUTE_OUT_OF_RANGE",
        ),
        (vec![example(0, long)], 1, vec![line], "HEAD_VECTOR_LENGTH"),
        (
            vec![example(0, &[2.0, 0.0])],
            1,
            vec![line],
            "HEAD_VECTOR_NOT_UNIT",
        ),
        (vec![example(0, bad)], 1, vec![line], "HEAD_NOT_FINITE"),
        (vec![example(0, line)], 1, vec![bad], "HEAD_NOT_FINITE"),
    ] {
        let error = Head::fit(&examples, routes, &background, &HeadOptions::default()).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(!error.is_stored());
    }
}

proptest! {
    #[test]
    fn any_examples_train_or_are_refused(
        rows in prop::collection::vec((0_u16..4, prop::collection::vec(-2_i8..=2, 3)), 0..20),
        lines in prop::collection::vec(prop::collection::vec(-2_i8..=2, 3), 0..6),
        query in prop::collection::vec(-2_i8..=2, 3),
    ) {
        let vector = |row: &[i8]| unit(&row.iter().map(|&x| f32::from(x)).collect::<Vec<_>>());
        let vectors: Vec<(u16, Vec<f32>)> =
            rows.iter().map(|(route, row)| (*route, vector(row))).collect();
        let lines: Vec<Vec<f32>> = lines.iter().map(|line| vector(line)).collect();
        let examples: Vec<Example<'_>> = vectors
            .iter()
            .map(|(route, vector)| Example { route: *route, vector })
            .collect();
        let lines: Vec<&[f32]> = lines.iter().map(Vec::as_slice).collect();
        let Ok(head) = Head::fit(&examples, 4, &lines, &HeadOptions::default()) else {
            prop_assert!(vectors.iter().all(|(_, vector)| vector.iter().all(|&x| x == 0.0)));
            return Ok(());
        };
        let mut probabilities = Vec::new();
        head.probabilities(&Encoded::from_vector(&vector(&query)), &mut probabilities);
        let sum: f32 = probabilities.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-4, "{:?}", probabilities);
        prop_assert!(head.thresholds().iter().all(|threshold| *threshold >= 0.0));
    }
}

#[test]
fn a_route_without_examples_is_never_chosen() {
    let line: &[f32] = &[1.0, 0.0];
    let other: &[f32] = &[0.0, 1.0];
    let examples = [Example {
        route: 0,
        vector: other,
    }];
    let head = Head::fit(&examples, 2, &[line], &HeadOptions::default()).unwrap();
    let mut probabilities = Vec::new();
    head.probabilities(&Encoded::from_vector(&[0.3, 0.7]), &mut probabilities);
    assert_eq!(probabilities[1], 0.0);
}

/// The numbers of `tests/fixtures/head_golden.json`, before int8 blurs them.
#[test]
fn left_out_scores_and_temperature_are_those_of_the_reference() {
    use super::{descent::minimise, left_out, matrix::Matrix, problem::Problem};
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/fixtures/head_golden.json")).unwrap();
    for name in ["vectors", "vectors_without_background"] {
        let case = &golden[name];
        let matrix = |key: &str| {
            let rows: Vec<Vec<f32>> = serde_json::from_value(case[key].clone()).unwrap();
            Matrix {
                rows: rows.len(),
                columns: 8,
                values: rows.concat(),
            }
        };
        let labels: Vec<usize> = serde_json::from_value(case["labels"].clone()).unwrap();
        let examples = matrix("examples");
        let lines = matrix("background");
        let lines: Vec<&[f32]> = lines.values.chunks_exact(8).collect();
        let lines = train::apart(&lines, &examples);
        assert_eq!(lines.rows as u64, case["background_kept"].as_u64().unwrap());
        let problem = Problem::new(&examples, &labels, 3, &lines);
        let (weights, fitted) = minimise(&problem);
        let scores = left_out::scores(&problem, &weights, &fitted);
        let expected: Vec<Vec<f32>> = serde_json::from_value(case["out_of_fold"].clone()).unwrap();
        for (row, expected) in expected.iter().enumerate() {
            for (found, expected) in scores.row(row).iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 5e-4,
                    "{name}: row {row} has {found}, not {expected}"
                );
            }
        }
        let temperature = left_out::temperature(&problem, &scores);
        let expected = case["temperature"].as_f64().unwrap();
        assert!(
            (temperature - expected).abs() < 1e-4,
            "{temperature}, not {expected}"
        );
    }
}

/// Made on x86-64 with AVX-512; any machine must give the same bytes.
#[test]
fn heads_are_the_same_bytes_on_every_machine() {
    use sha2::{Digest, Sha256};
    let digest: String = Sha256::digest(small().to_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        digest,
        "3fab093e8ccaef05747c3bf499f3407be392c5cbd13d84e9868ad692109d23d9"
    );
}

proptest! {
    #[test]
    fn several_queries_score_as_one_by_one_and_as_the_plain_dot_products(
        dimensions in prop_oneof![4 => (1_usize..70).prop_map(|four| 4 * four), 1 => 1_usize..70],
        routes in 1_usize..150,
        queries in 0_usize..10,
        seed in any::<u64>(),
    ) {
        let mut state = seed | 1;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let rows: Vec<i8> = (0..(routes + 1) * dimensions).map(|_| draw() as i8).collect();
        let mut numbers = |count: usize| -> Vec<f32> {
            (0..count).map(|_| (draw() >> 40) as f32 / 16_777_216.0 - 0.5).collect()
        };
        let mut head = Head {
            dimensions,
            packed: Packed::of(&rows, dimensions),
            rows,
            scales: numbers(routes + 1),
            biases: numbers(routes + 1),
            thresholds: numbers(routes),
        };
        let mut encoded: Vec<Encoded> =
            (0..queries).map(|_| Encoded::from_vector(&numbers(dimensions))).collect();
        // The extremes, and a query of another length.
        encoded.push(Encoded { quantised: vec![-128; dimensions], scale: 1.0, ..Encoded::default() });
        encoded.push(Encoded { quantised: vec![127; dimensions], scale: 1.0, ..Encoded::default() });
        for odd in [false, true] {
            if odd {
                encoded.push(Encoded { quantised: vec![1; dimensions + 1], scale: 1.0, ..Encoded::default() });
            }
            let lent: Vec<&Encoded> = encoded.iter().collect();
            let (mut together, mut alone) = (Vec::new(), Vec::new());
            head.probabilities_of(&lent, &mut together);
            let packed = head.packed.take();
            for (query, together) in lent.iter().zip(together.chunks_exact(routes + 1)) {
                head.probabilities(query, &mut alone);
                prop_assert_eq!(together, &alone);
            }
            head.packed = packed;
            for (query, together) in lent.iter().zip(together.chunks_exact(routes + 1)) {
                head.probabilities(query, &mut alone);
                prop_assert_eq!(together, &alone);
            }
        }
    }
}
