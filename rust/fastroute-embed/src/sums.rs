//! Sums of f32 products in f64, in an order that no vector width changes.

/// Returns the sum of products of two slices; what only one of them has is ignored.
///
/// Eight running sums, each from first to last, joined in pairs at the end.
#[inline(always)]
pub(crate) fn product_sum(left: &[f32], right: &[f32]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for ((sum, &x), &y) in sums.iter_mut().zip(left).zip(right) {
            *sum += f64::from(x) * f64::from(y);
        }
    }
    if left.len() == right.len() {
        for ((sum, &x), &y) in sums.iter_mut().zip(left_rest).zip(right_rest) {
            *sum += f64::from(x) * f64::from(y);
        }
    }
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]))
}

#[cfg(test)]
mod tests {
    use super::product_sum;

    #[test]
    fn every_product_is_counted_once() {
        for length in 0..40 {
            let values: Vec<f32> = (0..length).map(|x| x as f32).collect();
            let expected: f64 = (0..length).map(|x| f64::from(x * x)).sum();
            assert_eq!(product_sum(&values, &values), expected, "{length}");
        }
    }
}
