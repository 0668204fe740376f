//! The little linear algebra that training needs, in a fixed order.
//!
//! Every number of a product is summed over its inner index from first to last,
//! without fused multiply-add. Tiling and vector width change which numbers are
//! worked on together, never the order within one, so a head is the same bits on
//! every machine; a BLAS promises no such thing. On one core a product runs at
//! roughly a third of the machine's peak, which keeps training below the bar.

use crate::wide::widest;

/// Rows and columns of a tile of the product that stays in registers.
const TILE_ROWS: usize = 4;
const TILE_COLUMNS: usize = 16;

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
        for row in 0..self.rows {
            for column in 0..self.columns {
                out.values[column * self.rows + row] = self.values[row * self.columns + column];
            }
        }
        out
    }
}

/// Puts `left * right` into `product`, whose shape must fit.
///
/// `panel` is a buffer. Each number is summed in the order of the inner index.
pub(crate) fn multiply(left: &Matrix, right: &Matrix, panel: &mut Vec<f32>, product: &mut Matrix) {
    debug_assert_eq!(left.columns, right.rows);
    debug_assert_eq!((product.rows, product.columns), (left.rows, right.columns));
    multiply_widest(left, right, panel, product);
}

widest! {
    fn multiply_widest(left: &Matrix, right: &Matrix, panel: &mut Vec<f32>, product: &mut Matrix)
        = multiply_body
}

#[inline(always)]
fn multiply_body(left: &Matrix, right: &Matrix, panel: &mut Vec<f32>, product: &mut Matrix) {
    let inner = left.columns;
    let mut first = 0;
    while first < right.columns {
        let width = TILE_COLUMNS.min(right.columns - first);
        // The panel holds these columns of `right` one inner index after another,
        // padded with zeros, so that a tile reads it in order.
        panel.clear();
        panel.resize(inner * TILE_COLUMNS, 0.0);
        for (to, from) in panel
            .chunks_exact_mut(TILE_COLUMNS)
            .zip(right.values.chunks_exact(right.columns))
        {
            to[..width].copy_from_slice(&from[first..first + width]);
        }
        let mut top = 0;
        while top < left.rows {
            let height = TILE_ROWS.min(left.rows - top);
            let mut tile = [[0.0_f32; TILE_COLUMNS]; TILE_ROWS];
            if height == TILE_ROWS {
                let rows: [&[f32]; TILE_ROWS] =
                    std::array::from_fn(|offset| left.row(top + offset));
                tile_of(rows, panel, &mut tile);
            } else {
                // The last row is repeated; what it gives is not stored.
                let rows: [&[f32]; TILE_ROWS] =
                    std::array::from_fn(|offset| left.row(top + offset.min(height - 1)));
                tile_of(rows, panel, &mut tile);
            }
            for (offset, sums) in tile.iter().enumerate().take(height) {
                product.row_mut(top + offset)[first..first + width].copy_from_slice(&sums[..width]);
            }
            top += height;
        }
        first += width;
    }
}

#[inline(always)]
fn tile_of(rows: [&[f32]; TILE_ROWS], panel: &[f32], tile: &mut [[f32; TILE_COLUMNS]; TILE_ROWS]) {
    let [first, second, third, fourth] = rows;
    let mut sums = *tile;
    let (panel, _) = panel.as_chunks::<TILE_COLUMNS>();
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

    proptest! {
        #[test]
        fn tiling_and_width_do_not_change_a_bit(
            (left, right) in (1_usize..20, 1_usize..40, 1_usize..40)
                .prop_flat_map(|(m, k, n)| (matrix(m, k), matrix(k, n)))
        ) {
            let mut expected = Matrix::zeros(left.rows, right.columns);
            for row in 0..left.rows {
                for column in 0..right.columns {
                    let mut sum = 0.0_f32;
                    for inner in 0..left.columns {
                        sum += left.row(row)[inner] * right.row(inner)[column];
                    }
                    expected.row_mut(row)[column] = sum;
                }
            }
            let mut panel = Vec::new();
            let mut product = Matrix::zeros(left.rows, right.columns);
            multiply(&left, &right, &mut panel, &mut product);
            prop_assert_eq!(&product, &expected);
            multiply_body(&left, &right, &mut panel, &mut product);
            prop_assert_eq!(&product, &expected);
        }
    }
}
