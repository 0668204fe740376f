//! Guesses which known name was meant.

/// Longest name that is compared; longer ones are hardly typed by hand.
const LONGEST: usize = 64;

/// The known name nearest to what was written, when it is near enough to be a slip.
///
/// Ties go to the first. Costs a comparison for each candidate, so callers bound how often they ask.
pub(crate) fn nearest<'n>(
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let length = written.chars().count();
    if length > LONGEST {
        return None;
    }
    let limit = (length / 3).clamp(1, 3);
    let written = written.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| {
            candidate.len() <= LONGEST * 4 && candidate.chars().count().abs_diff(length) <= limit
        })
        .map(|candidate| {
            (
                strsim::osa_distance(&written, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean …?` as the end of a message, or nothing.
pub(crate) fn hint<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(written, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_guessed_and_another_word_is_not() {
        let known = ["threshold", "prompts", "examples", "examples_file"];
        for (written, expected) in [
            ("treshold", Some("threshold")),
            ("Prompts", Some("prompts")),
            ("exmaples", Some("examples")),
            ("governance", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), expected, "{written}");
        }
    }

    #[test]
    fn a_very_long_name_is_not_compared() {
        assert_eq!(nearest(&"x".repeat(100), ["x"]), None);
    }
}
