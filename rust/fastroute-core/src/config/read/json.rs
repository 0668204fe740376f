//! JSON to tree: strict RFC 8259, with the place of every key and value.
//!
//! An own reader of a page, because JSON libraries either keep no places or keep only those of errors, and
//! reading JSON as YAML would accept what is not JSON. It is checked against `serde_json` by a property test.

use super::{Budget, Entries};
use crate::config::code::Code;
use crate::config::issue::Report;
use crate::config::path::Path;
use crate::config::tree::{Entry, Node, Value};

/// Reads JSON text.
pub(super) fn read(text: &str, report: &mut Report<'_>) -> Option<Node> {
    let mut reader = Reader {
        text,
        at: 0,
        budget: Budget::default(),
        report,
    };
    reader.skip_space();
    if reader.peek().is_none() {
        reader.report.error(
            Code::EmptyFile,
            0,
            &Path::Root,
            "file holds no configuration; `fastroute init` writes one to start from",
        );
        return None;
    }
    let result = reader.value(0).and_then(|node| {
        reader.skip_space();
        match reader.peek() {
            None => Ok(node),
            Some(_) => Err(reader.wrong("something follows the end of the value")),
        }
    });
    match result {
        Ok(node) => Some(node),
        Err(Stop {
            at,
            what: Some(what),
        }) => {
            report.error(
                Code::Syntax,
                at,
                &Path::Root,
                format!("malformed JSON: {what}"),
            );
            None
        }
        Err(Stop { what: None, .. }) => None,
    }
}

/// Why reading broke off; the issue is reported already when `what` is absent.
struct Stop {
    at: usize,
    what: Option<&'static str>,
}

struct Reader<'r, 't, 'p> {
    text: &'t str,
    at: usize,
    budget: Budget,
    report: &'r mut Report<'p>,
}

impl Reader<'_, '_, '_> {
    fn value(&mut self, depth: usize) -> Result<Node, Stop> {
        let at = self.at;
        let is_open = matches!(self.peek(), Some(b'[' | b'{'));
        if !self
            .budget
            .take(at, depth + usize::from(is_open), self.report)
        {
            return Err(Stop { at, what: None });
        }
        let value = match self.peek() {
            Some(b'{') => self.map(depth + 1)?,
            Some(b'[') => self.list(depth + 1)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.wrong("a value is expected")),
            None => return Err(self.wrong("the text ends where a value is expected")),
        };
        Ok(Node::new(at, value))
    }

    fn map(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut entries = Entries::default();
        self.at += 1;
        self.skip_space();
        if self.eat(b'}') {
            return Ok(Value::Map(entries.entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes is expected"));
            }
            let key_at = self.at;
            let key = self.string()?;
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.wrong("`:` is expected behind a key"));
            }
            self.skip_space();
            let node = self.value(depth)?;
            entries.push(Entry { key, key_at, node }, self.report);
            self.skip_space();
            if self.eat(b'}') {
                return Ok(Value::Map(entries.entries));
            }
            if !self.eat(b',') {
                return Err(self.wrong("`,` or `}` is expected"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.eat(b']') {
            return Ok(Value::List(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth)?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Value::List(items));
            }
            if !self.eat(b',') {
                return Err(self.wrong("`,` or `]` is expected"));
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Stop> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.wrong("a value is expected"))
    }

    fn number(&mut self) -> Result<Value, Stop> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.wrong("a digit is expected"));
        }
        let mut is_whole = true;
        if self.eat(b'.') {
            is_whole = false;
            if self.digits() == 0 {
                return Err(self.wrong("a digit is expected behind the point"));
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            is_whole = false;
            let _ = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(self.wrong("a digit is expected in the exponent"));
            }
        }
        let digits = &self.text[start..self.at];
        let number = || Value::Number(digits.parse().unwrap_or(f64::INFINITY));
        Ok(if is_whole {
            digits.parse().map_or_else(|_| number(), Value::Integer)
        } else {
            number()
        })
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, Stop> {
        let open = self.at;
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.at..];
            let run = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .unwrap_or(rest.len());
            string.push_str(&rest[..run]);
            self.at += run;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(_) => {
                    return Err(
                        self.wrong("a control character stands in a text; write it as an escape")
                    );
                }
                None => {
                    return Err(Stop {
                        at: open,
                        what: Some("a text has no closing quote"),
                    });
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => {
                return Err(Stop {
                    at: start,
                    what: Some("an escape is unknown"),
                });
            }
        };
        self.at += 1;
        Ok(plain)
    }

    /// Reads `\uXXXX`, or two of them for a character beyond the first plane; a lone half is refused.
    fn unicode_escape(&mut self, start: usize) -> Result<char, Stop> {
        let lone = Stop {
            at: start,
            what: Some("an escape is half of a surrogate pair"),
        };
        let high = self.hex4(start)?;
        let code = match high {
            0xd800..=0xdbff => {
                if !(self.eat(b'\\') && self.peek() == Some(b'u')) {
                    return Err(lone);
                }
                match self.hex4(start)? {
                    low @ 0xdc00..=0xdfff => 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00),
                    _ => return Err(lone),
                }
            }
            code => code,
        };
        char::from_u32(code).ok_or(lone)
    }

    /// Reads the four digits behind the `u` that stands here.
    fn hex4(&mut self, start: usize) -> Result<u32, Stop> {
        let digits = self
            .text
            .as_bytes()
            .get(self.at + 1..self.at + 5)
            .unwrap_or(&[]);
        if digits.len() != 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Stop {
                at: start,
                what: Some("four hexadecimal digits are expected behind `\\u`"),
            });
        }
        self.at += 5;
        Ok(digits.iter().fold(0, |code, digit| {
            code * 16 + char::from(*digit).to_digit(16).unwrap_or(0)
        }))
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn wrong(&self, what: &'static str) -> Stop {
        Stop {
            at: self.at,
            what: Some(what),
        }
    }
}
