//! Adds up the rows of a text's tokens: the inner loop of the encoder.
//!
//! int8 rows are added as integers, so the order does not matter and every
//! instruction set gives the same sum. f32 rows are added element by element in
//! token order, which vectorises without changing a bit.

use crate::{
    encoder::table::{Rows, Table},
    wide::widest,
};

/// Rows that fit into an i16 sum of int8: 255 * 128 = 32,640.
const ROWS_PER_BLOCK: usize = 255;

/// Columns summed in registers while the rows go by.
const COLUMNS: usize = 64;

/// Adds the rows of `tokens` into `sums`, one number per dimension.
///
/// `rows` is a buffer for row numbers. Tokens must be below the vocabulary size
/// that the table was read with; others are skipped.
pub(crate) fn add_rows(table: &Table, tokens: &[u32], rows: &mut Vec<u32>, sums: &mut Vec<f32>) {
    sums.clear();
    sums.resize(table.dimensions, 0.0);
    if let Some(weights) = &table.weights {
        add_weighted(table, tokens, weights, sums);
        return;
    }
    let rows: &[u32] = match &table.mapping {
        None => tokens,
        Some(mapping) => {
            rows.clear();
            rows.extend(
                tokens
                    .iter()
                    .filter_map(|&token| mapping.get(token as usize)),
            );
            rows
        }
    };
    match &table.rows {
        Rows::Int8 { bytes, start } => {
            let bytes = bytes.get(*start..).unwrap_or_default();
            add_int8(bytes, table.dimensions, rows, sums);
        }
        Rows::Float { values, .. } => {
            for &row in rows {
                let row = row_of(values, row, table.dimensions);
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += value;
                }
            }
        }
    }
}

fn add_weighted(table: &Table, tokens: &[u32], weights: &[f32], sums: &mut [f32]) {
    for &token in tokens {
        let row = match &table.mapping {
            None => Some(&token),
            Some(mapping) => mapping.get(token as usize),
        };
        let (Some(&row), Some(&weight)) = (row, weights.get(token as usize)) else {
            continue;
        };
        match &table.rows {
            Rows::Int8 { bytes, start } => {
                let bytes = bytes.get(*start..).unwrap_or_default();
                for (sum, &value) in sums.iter_mut().zip(row_of(bytes, row, table.dimensions)) {
                    *sum += f32::from(value as i8) * weight;
                }
            }
            Rows::Float { values, .. } => {
                for (sum, value) in sums.iter_mut().zip(row_of(values, row, table.dimensions)) {
                    *sum += value * weight;
                }
            }
        }
    }
}

/// Returns a row, empty if there is none.
#[inline]
fn row_of<T>(values: &[T], row: u32, dimensions: usize) -> &[T] {
    let start = row as usize * dimensions;
    values.get(start..start + dimensions).unwrap_or_default()
}

widest! {
    /// Sums int8 rows exactly; beyond 2^24 the conversion to f32 rounds once.
    fn add_int8(bytes: &[u8], dimensions: usize, rows: &[u32], sums: &mut [f32]) = add_int8_body
}

#[inline(always)]
fn add_int8_body(bytes: &[u8], dimensions: usize, rows: &[u32], sums: &mut [f32]) {
    let (blocks, rest) = sums.as_chunks_mut::<COLUMNS>();
    let rest_start = blocks.len() * COLUMNS;
    for (place, block) in blocks.iter_mut().enumerate() {
        let mut totals = [0_i32; COLUMNS];
        for chunk in rows.chunks(ROWS_PER_BLOCK) {
            let mut partial = [0_i16; COLUMNS];
            for &row in chunk {
                let start = row as usize * dimensions + place * COLUMNS;
                let Some(columns) = bytes.get(start..).and_then(|tail| tail.first_chunk()) else {
                    continue;
                };
                add_columns(&mut partial, columns);
            }
            for (total, &sum) in totals.iter_mut().zip(&partial) {
                *total += i32::from(sum);
            }
        }
        for (sum, &total) in block.iter_mut().zip(&totals) {
            *sum = total as f32;
        }
    }
    for (offset, sum) in rest.iter_mut().enumerate() {
        let total: i32 = rows
            .iter()
            .filter_map(|&row| bytes.get(row as usize * dimensions + rest_start + offset))
            .map(|&value| i32::from(value as i8))
            .sum();
        *sum = total as f32;
    }
}

#[inline(always)]
fn add_columns(sums: &mut [i16; COLUMNS], columns: &[u8; COLUMNS]) {
    for (sum, &value) in sums.iter_mut().zip(columns) {
        *sum = sum.wrapping_add(i16::from(value as i8));
    }
}
