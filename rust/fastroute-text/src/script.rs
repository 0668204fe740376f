//! Names the script that most letters of a text are written in.
//!
//! The script, not the language: it is a fact that needs no model and no dictionary, and it is
//! what routing by capability asks ("does this model read Arabic?"). Characters that scripts
//! share (digits, punctuation, emoji) do not vote. Costs one pass and no allocation.

use std::fmt;

use unicode_script::UnicodeScript;

/// More than the scripts that Unicode has; each is numbered below it.
const SCRIPTS: usize = 256;

/// A script, named as Unicode does (ISO 15924 names).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Script(unicode_script::Script);

impl Script {
    /// Finds a script by its name, such as `Latin`, `Han` or `Cyrillic`; case matters.
    ///
    /// `Common`, `Inherited` and `Unknown` are not scripts that a text can be written in.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        unicode_script::Script::from_full_name(name)
            .filter(|&script| is_written(script))
            .map(Self)
    }

    /// Returns the name, which [`from_name`](Self::from_name) takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.full_name()
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns the script of most letters, or nothing for a text without letters.
///
/// Of two scripts with equally many letters, the one that comes first in the text wins.
///
/// # Examples
///
/// ```
/// use fastroute_text::script::dominant;
///
/// assert_eq!(dominant("Привет, world!!").map(|s| s.name()), Some("Cyrillic"));
/// assert_eq!(dominant("1 + 1 = 2"), None);
/// ```
#[must_use]
pub fn dominant(text: &str) -> Option<Script> {
    if text.is_ascii() {
        return text
            .bytes()
            .any(|b| b.is_ascii_alphabetic())
            .then_some(Script(unicode_script::Script::Latin));
    }
    dominant_general(text)
}

fn dominant_general(text: &str) -> Option<Script> {
    let mut letters = [0usize; SCRIPTS];
    let mut order = [usize::MAX; SCRIPTS];
    for (at, c) in text.char_indices() {
        let script = if c.is_ascii() {
            if !c.is_ascii_alphabetic() {
                continue;
            }
            unicode_script::Script::Latin
        } else if c.is_alphabetic() {
            c.script()
        } else {
            continue;
        };
        let number = script as usize;
        if is_written(script) && number < SCRIPTS {
            letters[number] += 1;
            order[number] = order[number].min(at);
        }
    }
    let winner = (0..SCRIPTS)
        .filter(|&number| letters[number] > 0)
        .max_by_key(|&number| (letters[number], std::cmp::Reverse(order[number])))?;
    text[order[winner]..]
        .chars()
        .next()
        .map(|c| Script(c.script()))
}

fn is_written(script: unicode_script::Script) -> bool {
    use unicode_script::Script::{Common, Inherited, Unknown};
    !matches!(script, Common | Inherited | Unknown)
}

#[cfg(test)]
mod tests {
    use super::{Script, dominant, dominant_general};

    #[test]
    fn the_script_of_most_letters_wins() {
        let cases = [
            ("", None),
            ("12 %", None),
            ("hello", Some("Latin")),
            ("你好 ok", Some("Han")),
            ("你好吗 ok", Some("Han")),
            ("ok 你好", Some("Latin")),
            ("こんにちは世界", Some("Hiragana")),
            ("שלום", Some("Hebrew")),
            ("grüße", Some("Latin")),
            ("🙂🙂🙂", None),
            ("안녕하세요 world", Some("Hangul")),
        ];
        for (text, expected) in cases {
            assert_eq!(dominant(text).map(Script::name), expected, "{text}");
        }
    }

    #[test]
    fn names_round_trip_and_shared_characters_are_no_script() {
        for name in ["Latin", "Han", "Cyrillic", "Arabic", "Devanagari"] {
            assert_eq!(Script::from_name(name).map(Script::name), Some(name));
        }
        for name in ["Common", "Inherited", "Unknown", "latin", ""] {
            assert_eq!(Script::from_name(name), None);
        }
    }

    #[test]
    fn the_ascii_path_equals_the_general_one() {
        for text in ["", "abc", "123", "a1", "\0\u{7f}", "Z"] {
            assert_eq!(dominant(text), dominant_general(text));
        }
    }
}
