//! Solves symmetric positive definite systems: Cholesky in f64, in a fixed order.
//!
//! At most a few hundred unknowns, so plain loops do; all inner loops are
//! elementwise, which vectorises without changing the order of a sum.

/// Smallest pivot; a matrix that is not positive definite is made so by raising to it.
const PIVOT: f64 = 1e-12;

/// A square matrix in f64, row after row.
#[derive(Clone, Debug)]
pub(crate) struct Square {
    pub(crate) size: usize,
    pub(crate) values: Vec<f64>,
}

impl Square {
    pub(crate) fn zeros(size: usize) -> Self {
        Self {
            size,
            values: vec![0.0; size * size],
        }
    }

    /// Returns the inverse of a symmetric positive definite matrix.
    ///
    /// Only the lower triangle is read. With L Lᵀ the matrix, the inverse is
    /// L⁻ᵀ L⁻¹; about size³ operations in all.
    pub(crate) fn inverse(self) -> Self {
        let lower = self.inverse_factor();
        let size = lower.size;
        let mut inverse = Self::zeros(size);
        for (last, source) in lower.values.chunks_exact(size).enumerate() {
            for row in 0..=last {
                let factor = source[row];
                let target = &mut inverse.values[row * size..=row * size + row];
                for (value, &other) in target.iter_mut().zip(source) {
                    *value += factor * other;
                }
            }
        }
        for row in 0..size {
            for column in 0..row {
                inverse.values[column * size + row] = inverse.values[row * size + column];
            }
        }
        inverse
    }

    /// Returns the diagonal of the inverse, at two thirds of its cost.
    pub(crate) fn inverse_diagonal(self) -> Vec<f64> {
        let lower = self.inverse_factor();
        let mut diagonal = vec![0.0; lower.size];
        for source in lower.values.chunks_exact(lower.size) {
            for (sum, &value) in diagonal.iter_mut().zip(source) {
                *sum += value * value;
            }
        }
        diagonal
    }

    /// Returns L⁻¹, whose upper triangle is zero.
    fn inverse_factor(mut self) -> Self {
        self.factorise();
        let size = self.size;
        let mut lower = Self::zeros(size);
        for row in 0..size {
            let (done, rest) = lower.values.split_at_mut(row * size);
            let current = &mut rest[..size];
            current[row] = 1.0;
            for (earlier, other) in done.chunks_exact(size).enumerate() {
                let factor = self.values[row * size + earlier];
                for (value, &above) in current[..=earlier].iter_mut().zip(other) {
                    *value -= factor * above;
                }
            }
            let pivot = self.values[row * size + row];
            for value in &mut current[..=row] {
                *value /= pivot;
            }
        }
        lower
    }

    /// Replaces the lower triangle by the factor L.
    fn factorise(&mut self) {
        let size = self.size;
        let mut below = vec![0.0; size];
        for column in 0..size {
            let pivot = self.values[column * size + column].max(PIVOT).sqrt();
            self.values[column * size + column] = pivot;
            for (row, below) in below.iter_mut().enumerate().skip(column + 1) {
                let value = &mut self.values[row * size + column];
                *value /= pivot;
                *below = *value;
            }
            for row in column + 1..size {
                let factor = below[row];
                let target = &mut self.values[row * size + column + 1..=row * size + row];
                for (value, &other) in target.iter_mut().zip(&below[column + 1..]) {
                    *value -= factor * other;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_matrix_times_its_inverse_is_the_identity(
            (size, seed) in (1_usize..12)
                .prop_flat_map(|n| (Just(n), prop::collection::vec(-1.0_f64..1.0, n * n)))
        ) {
            let mut matrix = Square::zeros(size);
            for row in 0..size {
                for column in 0..size {
                    matrix.values[row * size + column] = (0..size)
                        .map(|k| seed[row * size + k] * seed[column * size + k])
                        .sum();
                }
                matrix.values[row * size + row] += 0.1;
            }
            let inverse = matrix.clone().inverse();
            for row in 0..size {
                for column in 0..size {
                    let entry: f64 = (0..size)
                        .map(|k| matrix.values[row * size + k] * inverse.values[k * size + column])
                        .sum();
                    let expected = f64::from(u8::from(row == column));
                    prop_assert!((entry - expected).abs() < 1e-8, "{entry} at {row}, {column}");
                }
            }
            for (place, entry) in matrix.inverse_diagonal().into_iter().enumerate() {
                prop_assert!((entry - inverse.values[place * size + place]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_singular_matrix_has_a_finite_inverse() {
        let inverse = Square::zeros(3).inverse();
        assert!(inverse.values.iter().all(|value| value.is_finite()));
    }
}
