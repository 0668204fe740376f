//! How good a place is to cut a text.

/// Bytes before a place that are looked at.
const LOOK_BACK: usize = 64;

/// What ends at a place, from worst to best.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Cut {
    /// Nothing: it is within a word.
    Inside,
    Word,
    Sentence,
    Line,
    Paragraph,
}

impl Cut {
    /// What ends right before `at`, which is a character boundary. White space after a word or a
    /// sentence may be on either side; an end of line belongs to its line.
    pub fn at(text: &str, at: usize) -> Self {
        let (before, after) = text.split_at(at);
        let before = &before[before.ceil_char_boundary(before.len().saturating_sub(LOOK_BACK))..];
        let goes_on = after.starts_with(['\n', '\r']);
        if before.ends_with('\n') && !goes_on {
            let line = before.trim_end_matches([' ', '\t', '\r', '\n']);
            let blank = before[line.len()..].matches('\n').count();
            return if blank > 1 {
                Self::Paragraph
            } else {
                Self::Line
            };
        }
        let said = before.trim_end_matches([' ', '\t']);
        let is_at_space = said.len() < before.len() || after.starts_with(char::is_whitespace);
        let sentence = said.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»', '」', '』']);
        if sentence.ends_with(['。', '！', '？'])
            || is_at_space && sentence.ends_with(['.', '!', '?', '…'])
        {
            return Self::Sentence;
        }
        let is_word = is_at_space && !said.is_empty() && !goes_on;
        if is_word { Self::Word } else { Self::Inside }
    }
}

#[cfg(test)]
mod tests {
    use super::Cut;

    #[test]
    fn ends_are_told_apart() {
        for (before, after, cut) in [
            ("one.\n\n", "Two", Cut::Paragraph),
            ("one.\r\n\r\n", "Two", Cut::Paragraph),
            ("one.\n \n", "Two", Cut::Paragraph),
            ("one.\n", "\nTwo", Cut::Inside),
            ("one\n", "two", Cut::Line),
            ("one.", " Two", Cut::Sentence),
            ("one. ", "Two", Cut::Sentence),
            ("\"one?\"", " Two", Cut::Sentence),
            ("一。", "二", Cut::Sentence),
            ("1.", "5", Cut::Inside),
            ("one", " two", Cut::Word),
            ("one ", "two", Cut::Word),
            ("on", "e", Cut::Inside),
            ("", " one", Cut::Inside),
        ] {
            let text = format!("{before}{after}");
            assert_eq!(
                Cut::at(&text, before.len()),
                cut,
                "{text:?} at {}",
                before.len()
            );
        }
    }
}
