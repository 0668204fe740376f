//! Byte offsets of a text as lines and columns.
//!
//! Readers keep byte offsets only, because they are cheap and every parser has them; people and
//! editors want lines and columns. Both count from 1, columns in characters. Line starts are
//! collected once when the first issue asks, so a good file never pays.

use std::cell::OnceCell;

/// Turns offsets of one text into positions.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: OnceCell<Vec<usize>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            starts: OnceCell::new(),
        }
    }

    /// Line and column of a byte offset; one behind the end gives the end.
    pub(crate) fn position(&self, offset: usize) -> (u32, u32) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.starts.get_or_init(|| line_starts(self.text));
        let line = starts.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| starts.get(index))
            .copied()
            .unwrap_or(0);
        let column = self.text[start..offset].chars().count() + 1;
        (saturate(line), saturate(column))
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Offsets at which lines start; `\n`, `\r\n` and a lone `\r` end one.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n')) {
            starts.push(index + 1);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let lines = Lines::new("ab\r\näö x\rz\n");
        for (offset, expected) in [
            (0, (1, 1)),
            (1, (1, 2)),
            (4, (2, 1)),
            (6, (2, 2)),
            (9, (2, 4)),
            (11, (3, 1)),
            (13, (4, 1)),
        ] {
            assert_eq!(lines.position(offset), expected, "offset {offset}");
        }
    }

    #[test]
    fn an_offset_behind_the_end_or_inside_a_character_stays_in_the_text() {
        let lines = Lines::new("aé");
        assert_eq!(lines.position(2), (1, 2));
        assert_eq!(lines.position(99), (1, 3));
        assert_eq!(Lines::new("").position(5), (1, 1));
    }
}
