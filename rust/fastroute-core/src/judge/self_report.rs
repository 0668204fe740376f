//! What a model says of its own answer: a sentence that asks for it, and the line that is read back.
//!
//! The line is taken off the answer, so that a user never sees it. What cannot be read as such a
//! line stays part of the answer, and the confidence is unknown.

/// The sentence that is added to a prompt, as the end of its system message.
pub const PROMPT: &str = "After your answer add one last line of the form `Confidence: N`, where N is a whole number from 0 to 100: how likely your answer is right.";

/// What the line starts with, in any case.
const NAME: &str = "confidence";

/// Marks that models put around a line.
const MARKS: &[char] = &['*', '_', '`', '#', '>', '-', '(', ')', '[', ']', ' ', '\t'];

/// Splits an answer into the text without the line and what the line says, 0 to 1.
///
/// # Examples
///
/// ```
/// use fastroute_core::judge::self_report::read;
///
/// assert_eq!(read("It is 4.\nConfidence: 85"), ("It is 4.", Some(0.85)));
/// assert_eq!(read("It is 4."), ("It is 4.", None));
/// ```
#[must_use]
pub fn read(answer: &str) -> (&str, Option<f32>) {
    let trimmed = answer.trim_end();
    let start = trimmed.rfind('\n').map_or(0, |end| end + 1);
    let (before, line) = trimmed.split_at(start);
    match value_of(line) {
        Some(confidence) => (before.trim_end(), Some(confidence)),
        None => (answer, None),
    }
}

/// What a line says that is a name, a colon and a number.
fn value_of(line: &str) -> Option<f32> {
    let line = line.trim_matches(MARKS);
    let name = line.get(..NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let rest = line.get(NAME.len()..)?.trim_start_matches(MARKS);
    percent(rest.strip_prefix([':', '='])?)
}

/// Reads `85`, `85 %`, `85/100` and `0.85`; marks and a full stop around it aside.
///
/// A number with a point is a share when it is at most one and has no per cent sign: who was asked
/// for a whole number and writes `0.85` does not mean less than one in a hundred.
pub(super) fn percent(text: &str) -> Option<f32> {
    // A dash would be a sign here.
    let marks = |c: char| c != '-' && MARKS.contains(&c);
    let text = text.trim_matches(marks).trim_end_matches('.');
    let text = text.trim_end_matches(marks);
    let (number, is_percent) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => match text.split_once('/') {
            Some((number, of)) if of.trim() == "100" => (number, true),
            Some(_) => return None,
            None => (text, false),
        },
    };
    let number = number.trim();
    let is_plain = number.len() <= 12 && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f32 = number.parse().ok().filter(|_| is_plain)?;
    if !is_percent && number.contains('.') && value <= 1.0 {
        return Some(value);
    }
    (value <= 100.0).then_some(value / 100.0)
}

#[cfg(test)]
mod tests {
    use super::{PROMPT, read};

    #[test]
    fn the_line_is_read_in_the_forms_that_models_write() {
        for (line, value) in [
            ("Confidence: 85", 0.85),
            ("confidence:85", 0.85),
            ("**Confidence:** 85", 0.85),
            ("**Confidence: 85%**", 0.85),
            ("`Confidence: 85`.", 0.85),
            ("- Confidence: 85/100", 0.85),
            ("Confidence: 0.85", 0.85),
            ("Confidence: 0.5%", 0.005),
            ("Confidence: 99.5", 0.995),
            ("Confidence: 0", 0.0),
            ("Confidence: 1", 0.01),
            ("Confidence = 100", 1.0),
        ] {
            for answer in [
                format!("It is 4.\n\n{line}"),
                format!("It is 4.\n{line} \n\n"),
            ] {
                assert_eq!(read(&answer), ("It is 4.", Some(value)), "{line}");
            }
        }
        assert_eq!(read("Confidence: 85"), ("", Some(0.85)));
    }

    #[test]
    fn what_is_no_such_line_stays_part_of_the_answer() {
        for answer in [
            "",
            "Confidence",
            "Confidence: high",
            "Confidence: 101",
            "Confidence: -5",
            "Confidence: NaN",
            "Confidence: inf",
            "Confidence: 1e1",
            "Confidence: 8/10",
            "My confidence: 80",
            "Confidence: 80 to 90",
            "Confidence: 80\nand more",
            "Confidençe: 80",
            "é",
            PROMPT,
        ] {
            assert_eq!(read(answer), (answer, None), "{answer}");
        }
    }
}
