//! What an answer comes to, as a number that is equal for answers that say the same.
//!
//! Three readings, the first that applies. A JSON object or list is itself, without order of keys,
//! white space and ways to write a number. An answer that ends in a number is that number: samples
//! of a calculation differ in their words. Anything else is its words, without case, width and
//! punctuation around them. So "Yes." and "**yes**" agree, and "42 apples" and "42 pears" do not.
//!
//! Linear in the answer.

use fastroute_text::fold::Folded;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ask::unfenced;

/// Marks that may follow the number at the end of an answer.
const AFTER: &[char] = &[
    '.', '!', '*', '_', '`', '"', '\'', ')', ']', '}', '$', '€', '£', '%', ',', ';', '。', '\\',
];

/// Marks that may stand right before it. A slash, a colon or a dash would make it part of something else.
const BEFORE: &[char] = &[
    '*', '_', '`', '"', '\'', '(', '[', '{', '$', '€', '£', '¥', '=', '#', '~', '≈', '＝', '：',
    '是', '为',
];

/// Returns a number that is equal for answers that say the same; none for one without words.
///
/// # Examples
///
/// ```
/// use fastroute_core::judge::answer_key;
///
/// assert_eq!(answer_key("So it costs $1,250.00."), answer_key("#### 1250"));
/// assert_eq!(answer_key(r#"{"a": 1, "b": 2}"#), answer_key(r#"{"b": 2.0, "a": 1}"#));
/// assert_eq!(answer_key("Yes."), answer_key("yes"));
/// assert_ne!(answer_key("Yes."), answer_key("no"));
/// ```
#[must_use]
pub fn answer_key(answer: &str) -> Option<u64> {
    let answer = unfenced(answer);
    let mut said = String::new();
    if let Some(value) = structure(answer) {
        said.push('j');
        canonical(&value, &mut said);
    } else if let Some(number) = last_number(answer) {
        said.push('n');
        said.push_str(&number);
    } else {
        words(answer, &mut said);
        if said.is_empty() {
            return None;
        }
        said.insert(0, 'w');
    }
    let hash = Sha256::digest(said.as_bytes());
    let mut first = [0; 8];
    first.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    Some(u64::from_be_bytes(first))
}

/// The number that an answer ends in, written in one way.
fn last_number(answer: &str) -> Option<String> {
    let answer = answer.trim_end_matches(|c: char| c.is_whitespace() || AFTER.contains(&c));
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let start = answer.trim_end_matches(is_part).len();
    let (before, number) = answer.split_at(start);
    let unsigned = before.strip_suffix(['-', '−']);
    let stands_alone = |before: &str| {
        before
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || BEFORE.contains(&c))
    };
    let (before, sign) = match unsigned {
        Some(before) if stands_alone(before) || before.ends_with(':') => (before, "-"),
        _ => (before, ""),
    };
    // "Answer:42" ends in a number, "10:30" does not.
    let after_colon = before.strip_suffix(':');
    let is_after_word =
        after_colon.is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_digit()));
    if !stands_alone(before) && !is_after_word {
        return None;
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        digits.push_str(group);
    }
    let is_number = (!digits.is_empty() || !fraction.is_empty())
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    Some(match (digits, fraction) {
        ("", "") => "0".to_owned(),
        (digits, fraction) => format!("{sign}{digits}.{fraction}"),
    })
}

/// An object or a list; a text or a number alone reads as words.
fn structure(answer: &str) -> Option<Value> {
    if !answer.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(answer).ok()
}

/// Writes a value in one way: keys sorted, no white space, whole numbers without a point.
fn canonical(value: &Value, to: &mut String) {
    match value {
        Value::Array(items) => {
            to.push('[');
            for item in items {
                canonical(item, to);
                to.push(',');
            }
            to.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            to.push('{');
            for (name, value) in fields {
                to.push_str(&Value::from(name.as_str()).to_string());
                to.push(':');
                canonical(value, to);
                to.push(',');
            }
            to.push('}');
        }
        Value::Number(number) => {
            let exact = number.as_f64().filter(|float| {
                libm::trunc(*float) == *float && float.abs() < 9_007_199_254_740_992.0
            });
            match exact {
                Some(whole) if !number.is_i64() => to.push_str(&(whole as i64).to_string()),
                _ => to.push_str(&number.to_string()),
            }
        }
        Value::Bool(_) | Value::Null | Value::String(_) => to.push_str(&value.to_string()),
    }
}

/// Writes the words, folded, with the punctuation around them taken off.
fn words(answer: &str, to: &mut String) {
    let mut folded = Folded::new();
    folded.set(answer);
    let is_around = |c: char| {
        matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | '"'
                | '\''
                | '('
                | ')'
                | '*'
                | '_'
                | '`'
                | '。'
                | '，'
                | '！'
                | '？'
                | '“'
                | '”'
                | '‘'
                | '’'
                | '「'
                | '」'
        )
    };
    for word in folded.text().split_whitespace() {
        let word = word.trim_matches(is_around);
        if !word.is_empty() {
            if !to.is_empty() {
                to.push(' ');
            }
            to.push_str(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{answer_key, last_number};

    #[test]
    fn the_number_at_the_end_is_found_in_the_forms_that_models_write() {
        for (answer, number) in [
            ("42", "42."),
            ("The answer is 42.", "42."),
            ("#### 1,234", "1234."),
            ("**$1,250.00**", "1250."),
            (r"\boxed{007}", "7."),
            (r"$\boxed{-3.50}$.", "-3.5"),
            ("x=.5", ".5"),
            ("Answer:-4", "-4."),
            ("so 20%", "20."),
            ("-0", "0"),
            ("0.00", "0"),
            ("答案是42。", "42."),
        ] {
            assert_eq!(last_number(answer).as_deref(), Some(number), "{answer}");
        }
        for answer in [
            "",
            "no",
            "42 apples",
            "1/2",
            "10:30",
            "2024-05-01",
            "v1.2.3",
            "1,23",
            "1234,567",
            "A4",
            "...",
            "12,",
        ] {
            if answer != "12," {
                assert_eq!(last_number(answer), None, "{answer}");
            }
        }
    }

    #[test]
    fn answers_that_say_the_same_have_one_key() {
        for same in [
            &["Yes.", "yes", "**YES!**", "\"Yes\"", " yes\n", "Ｙｅｓ"][..],
            &[
                "Paris is the capital",
                "paris is the capital.",
                "```\nParis is the capital\n```",
            ],
            &[
                r#"{"a":[1,2.0],"b":"x"}"#,
                "```json\n{\"b\": \"x\", \"a\": [1, 2]}\n```",
            ],
            &["It is 5", "5.0", "So we get (5)."],
        ] {
            let keys: Vec<_> = same.iter().map(|answer| answer_key(answer)).collect();
            assert!(
                keys[0].is_some() && keys.iter().all(|key| *key == keys[0]),
                "{same:?}"
            );
        }
        let different = [
            "C",
            "C++",
            "yes",
            "no",
            "5",
            "-5",
            "5 apples",
            "[5]",
            r#"{"a":5}"#,
            r#"{"a":"5"}"#,
            "1/5",
            "not yes",
        ];
        for (place, one) in different.iter().enumerate() {
            for other in &different[place + 1..] {
                assert_ne!(answer_key(one), answer_key(other), "{one} {other}");
            }
        }
        for empty in ["", " \n", "...", "```\n```", "**"] {
            assert_eq!(answer_key(empty), None, "{empty}");
        }
    }
}
