//! The matrix product of training, in a fixed order.
//!
//! Every number of a product is summed over its inner index from first to last,
//! without fused multiply-add. Tiling and vector width change which numbers are
//! worked on together, never the order within one, so a head is the same bits on
//! every machine; a BLAS promises no such thing.

use crate::wide::widest;

/// Rows and columns of the tile of a product that stays in registers.
const TILE_ROWS: usize = 4;
const TILE_COLUMNS: usize = 16;

/// Inner indices worked on before the next tile, so that operands stay in cache.
const DEPTH: usize = 512;

/// A dense matrix, row after row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            values: vec![0.0; rows * columns],
        }
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(crate) fn transposed(&self) -> Self {
        let mut out = Self::zeros(self.columns, self.rows);
        self.transpose_into(&mut out);
        out
    }

    /// Writes the transpose into `out`, whose shape must fit.
    pub(crate) fn transpose_into(&self, out: &mut Self) {
        debug_assert_eq!((out.rows, out.columns), (self.columns, self.rows));
        // Sixteen rows at a time: their column pieces fill one cache line of `out`.
        for first in (0..self.rows).step_by(16) {
            let last = self.rows.min(first + 16);
            for column in 0..self.columns {
                for row in first..last {
                    out.values[column * self.rows + row] = self.values[row * self.columns + column];
                }
            }
        }
    }

    /// Returns `self * right`; the shapes must fit.
    pub(crate) fn times(&self, right: &Self) -> Self {
        let mut product = Self::zeros(self.rows, right.columns);
        multiply(self, right, &mut product);
        product
    }
}

/// Puts `left * right` into `product`; the shapes must fit.
pub(crate) fn multiply(left: &Matrix, right: &Matrix, product: &mut Matrix) {
    debug_assert_eq!(left.columns, right.rows);
    debug_assert_eq!((product.rows, product.columns), (left.rows, right.columns));
    multiply_widest(left, right, product);
}

widest! {
    fn multiply_widest(left: &Matrix, right: &Matrix, product: &mut Matrix) = multiply_body
}

#[inline(always)]
fn multiply_body(left: &Matrix, right: &Matrix, product: &mut Matrix) {
    product.values.fill(0.0);
    let mut panel = vec![[0.0_f32; TILE_COLUMNS]; DEPTH.min(left.columns)];
    for start in (0..left.columns).step_by(DEPTH) {
        let end = left.columns.min(start + DEPTH);
        for first in (0..right.columns).step_by(TILE_COLUMNS) {
            let width = TILE_COLUMNS.min(right.columns - first);
            // The panel holds these columns of `right`, one inner index after
            // another and padded with zeros, so that every tile reads it in order.
            let panel = &mut panel[..end - start];
            for (to, inner) in panel.iter_mut().zip(start..end) {
                to[..width].copy_from_slice(&right.row(inner)[first..first + width]);
                to[width..].fill(0.0);
            }
            for top in (0..left.rows).step_by(TILE_ROWS) {
                let height = TILE_ROWS.min(left.rows - top);
                // Where rows run out the last is repeated; its sums are not stored.
                let rows: [&[f32]; TILE_ROWS] = std::array::from_fn(|offset| {
                    &left.row(top + offset.min(height - 1))[start..end]
                });
                let mut tile = [[0.0_f32; TILE_COLUMNS]; TILE_ROWS];
                for (offset, sums) in tile.iter_mut().enumerate().take(height) {
                    let stored = &product.row(top + offset)[first..first + width];
                    sums[..width].copy_from_slice(stored);
                }
                add_tile(rows, panel, &mut tile);
                for (offset, sums) in tile.iter().enumerate().take(height) {
                    product.row_mut(top + offset)[first..first + width]
                        .copy_from_slice(&sums[..width]);
                }
            }
        }
    }
}

#[inline(always)]
fn add_tile(
    rows: [&[f32]; TILE_ROWS],
    panel: &[[f32; TILE_COLUMNS]],
    tile: &mut [[f32; TILE_COLUMNS]; TILE_ROWS],
) {
    let [first, second, third, fourth] = rows;
    let mut sums = *tile;
    for ((((columns, &a), &b), &c), &d) in
        panel.iter().zip(first).zip(second).zip(third).zip(fourth)
    {
        for column in 0..TILE_COLUMNS {
            sums[0][column] += a * columns[column];
            sums[1][column] += b * columns[column];
            sums[2][column] += c * columns[column];
            sums[3][column] += d * columns[column];
        }
    }
    *tile = sums;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(rows: usize, columns: usize) -> impl Strategy<Value = Matrix> {
        prop::collection::vec(-1.0_f32..1.0, rows * columns).prop_map(move |values| Matrix {
            rows,
            columns,
            values,
        })
    }

    fn obvious(left: &Matrix, right: &Matrix) -> Matrix {
        let mut product = Matrix::zeros(left.rows, right.columns);
        for row in 0..left.rows {
            for column in 0..right.columns {
                let mut sum = 0.0_f32;
                for inner in 0..left.columns {
                    sum += left.row(row)[inner] * right.row(inner)[column];
                }
                product.row_mut(row)[column] = sum;
            }
        }
        product
    }

    proptest! {
        #[test]
        fn tiling_and_width_do_not_change_a_bit(
            (left, right) in (1_usize..10, prop_oneof![1_usize..40, 510_usize..515], 1_usize..40)
                .prop_flat_map(|(m, k, n)| (matrix(m, k), matrix(k, n)))
        ) {
            let expected = obvious(&left, &right);
            prop_assert_eq!(&left.times(&right), &expected);
            let mut product = Matrix::zeros(left.rows, right.columns);
            multiply_body(&left, &right, &mut product);
            prop_assert_eq!(&product, &expected);
        }

        #[test]
        fn transposing_twice_changes_nothing(
            matrix in (1_usize..40, 1_usize..40).prop_flat_map(|(m, n)| matrix(m, n))
        ) {
            prop_assert_eq!(matrix.transposed().row(0).len(), matrix.rows);
            prop_assert_eq!(matrix.transposed().transposed(), matrix);
        }
    }
}
