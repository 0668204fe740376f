//! What a plain YAML scalar is: the core schema of YAML 1.2, plus `_` between digits.
//!
//! `yes`, `no`, `on` and `off` are texts, as in YAML 1.2. `32_768` is a whole number.

use crate::config::tree::Value;

/// Reads a plain (unquoted) scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Number(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Number(f64::NEG_INFINITY),
        _ => number(text).unwrap_or_else(|| Value::Text(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Value> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) || text.len() > 400 {
        return None;
    }
    let digits = joined(text)?;
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            let valid = !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix));
            return valid.then(|| {
                i64::from_str_radix(rest, radix)
                    .map_or(Value::Number(f64::INFINITY), Value::Integer)
            });
        }
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(
            digits
                .parse()
                .map_or_else(|_| decimal(&digits), Value::Integer),
        );
    }
    is_decimal(unsigned).then(|| decimal(&digits))
}

fn decimal(digits: &str) -> Value {
    Value::Number(digits.parse().unwrap_or(f64::INFINITY))
}

/// The text without `_`, when each stands between two digits.
fn joined(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let bytes = text.as_bytes();
    let between = |index: usize| {
        let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_hexdigit);
        index > 0 && digit(index - 1) && digit(index + 1)
    };
    let valid = (0..bytes.len()).all(|index| bytes[index] != b'_' || between(index));
    valid.then(|| text.replace('_', "").into())
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, then an optional exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    let exponent_is_sound = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    has_digits && all_digits(whole) && all_digits(fraction) && exponent_is_sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_be_grouped_with_underscores() {
        for (text, expected) in [
            ("32_768", 32_768),
            ("-1", -1),
            ("+7", 7),
            ("0x1F", 31),
            ("0o17", 15),
            ("007", 7),
            ("1_000_000", 1_000_000),
        ] {
            assert!(
                matches!(plain(text), Value::Integer(value) if value == expected),
                "{text}: {:?}",
                plain(text)
            );
        }
    }

    #[test]
    fn numbers_with_a_point_or_an_exponent_are_numbers() {
        for (text, expected) in [
            ("0.5", 0.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("-1.5E-1", -0.15),
            ("99999999999999999999", 1e20),
        ] {
            assert!(
                matches!(plain(text), Value::Number(value) if value == expected),
                "{text}: {:?}",
                plain(text)
            );
        }
        assert!(matches!(plain(".nan"), Value::Number(value) if value.is_nan()));
        assert!(matches!(plain("1e999"), Value::Number(value) if value.is_infinite()));
    }

    #[test]
    fn everything_else_is_text() {
        for text in [
            "yes", "on", "1_", "_1", "1__0", "1.2.3", "e5", ".", "-", "+", "800ms", "0x", "1e",
            "qwen2", "-.", "inf", "nan", "1_.5",
        ] {
            assert!(
                matches!(plain(text), Value::Text(_)),
                "{text}: {:?}",
                plain(text)
            );
        }
    }
}
