//! Word boundaries are those of UAX-29, widened where scripts have no spaces.

use fastroute_text::words::{Words, is_written_without_spaces};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use crate::inputs;

/// Computes starts and ends the slow way.
fn slowly(text: &str) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![text.len()];
    for (at, _) in text.split_word_bound_indices() {
        starts.push(at);
    }
    let mut ends = starts.clone();
    for (at, c) in text.char_indices() {
        if is_written_without_spaces(c) {
            starts.push(at);
            ends.push(at + c.len_utf8());
        }
    }
    (starts, ends)
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let mut words = Words::new();
    words.over("an older text, 的").starts_at(15);
    let mut boundaries = words.over(text);
    let (starts, ends) = slowly(text);
    for at in 0..=text.len() + 2 {
        prop_assert_eq!(
            boundaries.starts_at(at),
            starts.contains(&at),
            "start {}",
            at
        );
        prop_assert_eq!(boundaries.ends_at(at), ends.contains(&at), "end {}", at);
    }
    Ok(())
}

#[test]
fn every_pair_around_every_ascii_byte_is_bounded_as_uax_29_says() {
    let kinds = [
        'a', '1', '_', ' ', '\r', '\n', '.', '\'', ':', ',', ';', '"', '-', '\t', '\u{b}', '\u{c}',
    ];
    for a in kinds {
        for b in kinds {
            for c in kinds {
                for d in kinds {
                    let text: String = [a, b, c, d].into_iter().collect();
                    check(&text).expect("boundaries differ");
                }
            }
        }
    }
    for byte in 0..128_u8 {
        let c = char::from(byte);
        for text in [
            format!("a{c}a"),
            format!("1{c}1"),
            format!("{c}{c}"),
            format!(" {c}_"),
        ] {
            check(&text).expect("boundaries differ");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn boundaries_equal_those_of_the_whole_text(text in inputs::text()) {
        check(&text)?;
    }

    #[test]
    fn ascii_boundaries_equal_those_of_the_whole_text(text in inputs::ascii()) {
        check(&text)?;
    }
}
