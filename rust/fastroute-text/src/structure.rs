//! Counts what can be seen of a text without understanding it, and makes a difficulty of it.
//!
//! A router has to guess how hard a request is before anything has read it. Length, questions,
//! lists, formulas and code say something in every language; words would say more in one. So
//! no vocabulary is used here. Costs two linear passes and no allocation.
//!
//! The counts are heuristics with documented rules, not parses: a line with enough marks of
//! code counts as code even in a poem.

use crate::words::is_written_without_spaces;

/// How many marks make a line look like code.
const MARKS_OF_CODE: u32 = 2;

/// What a text looks like.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Structure {
    /// Length in bytes.
    pub bytes: usize,
    /// Length in Unicode scalar values.
    pub chars: usize,
    /// Runs of letters and digits; in scripts without spaces, pairs of characters.
    pub words: usize,
    /// Runs of text ended by `.`, `!`, `?` and their kin, or by the end of the text.
    pub sentences: usize,
    /// Sentences whose end contains a question mark.
    pub questions: usize,
    /// Numeric characters.
    pub digits: usize,
    /// Characters of formulas: `= + < > ^ *`, the mathematical blocks and `± × ÷ ¬`.
    pub math_symbols: usize,
    /// Lines that begin with a bullet or with a number and `.` or `)`.
    pub list_items: usize,
    /// Lines in fenced blocks, and lines outside with at least two different marks of code.
    pub code_lines: usize,
    /// Whether there is a fenced block with content, two lines of code, or one that makes up
    /// half of the lines.
    pub has_code: bool,
}

impl Structure {
    /// Counts the structure of `text`.
    ///
    /// # Examples
    ///
    /// ```
    /// use fastroute_text::structure::Structure;
    ///
    /// let seen = Structure::of("Fix this:\n```\nlet x = f(1);\n```\nWhy does it fail?");
    /// assert!(seen.has_code);
    /// assert_eq!((seen.code_lines, seen.questions), (1, 1));
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut seen = Self {
            bytes: text.len(),
            ..Self::default()
        };
        seen.count_characters(text);
        seen.count_lines(text);
        seen
    }

    fn count_characters(&mut self, text: &str) {
        let mut in_word = false;
        let mut dense = 0;
        let mut open = false;
        // The sentence end being read, and whether it has a question mark.
        let mut ending: Option<bool> = None;
        self.chars = text.chars().count();
        for c in text.chars() {
            // Most characters are these two kinds; the general rules below say the same of them.
            if c.is_ascii_alphabetic() {
                self.words += usize::from(!in_word);
                (in_word, open, ending) = (true, true, None);
                continue;
            }
            if c == ' ' {
                in_word = false;
                if ending.is_some() {
                    self.close_sentence(&mut open, &mut ending);
                }
                continue;
            }
            if is_sentence_end(c) {
                ending = Some(ending.unwrap_or(false) || is_question_mark(c));
                if is_wide_end(c) {
                    self.close_sentence(&mut open, &mut ending);
                }
            } else if ending.is_some() && !matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»')
            {
                if c.is_whitespace() {
                    self.close_sentence(&mut open, &mut ending);
                } else {
                    ending = None;
                }
            }
            let is_dense = is_written_without_spaces(c) && c.is_alphabetic();
            let is_word =
                !is_dense && (c.is_alphanumeric() || (in_word && matches!(c, '\'' | '’' | '_')));
            dense += usize::from(is_dense);
            self.words += usize::from(is_word && !in_word);
            in_word = is_word;
            open |= is_word || is_dense;
            self.digits += usize::from(c.is_numeric());
            self.math_symbols += usize::from(is_math(c));
        }
        self.close_sentence(&mut open, &mut ending);
        self.words += dense.div_ceil(2);
    }

    fn close_sentence(&mut self, open: &mut bool, ending: &mut Option<bool>) {
        if std::mem::take(open) {
            self.sentences += 1;
            self.questions += usize::from(*ending == Some(true));
        }
        *ending = None;
    }

    fn count_lines(&mut self, text: &str) {
        let mut fence: Option<u8> = None;
        let mut fenced_lines = 0;
        let mut lines = 0;
        for line in text.split(['\n', '\r']) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if let Some(mark) = fence_mark(line) {
                match fence {
                    None => fence = Some(mark),
                    Some(open) if open == mark => fence = None,
                    Some(_) => fenced_lines += 1,
                }
                continue;
            }
            if fence.is_some() {
                fenced_lines += 1;
                continue;
            }
            lines += 1;
            self.list_items += usize::from(is_list_item(line));
            self.code_lines += usize::from(marks_of_code(line) >= MARKS_OF_CODE);
        }
        let outside = self.code_lines;
        self.has_code = fenced_lines > 0 || outside >= 2 || (outside == 1 && lines <= 2);
        self.code_lines += fenced_lines;
    }
}

/// Guesses from its structure alone how hard a request is, from 0 (easy) to 1.
///
/// With `s(x, h) = x / (x + h)`, which is 0 for nothing, one half at `h` and never 1:
///
/// ```text
/// difficulty = 1 - (1 - 0.55 s(words, 80)) (1 - 0.15 s(sentences, 8)) (1 - 0.20 s(questions, 3))
///                  (1 - 0.15 s(digits, 20)) (1 - 0.35 s(math_symbols, 5)) (1 - 0.25 s(list_items, 5))
///                  (1 - 0.40 s(code_lines, 8)) (1 - 0.20 [has_code])
/// ```
///
/// Each part can only raise it, and none can lower what another said. Bytes and characters are
/// left out, since they say what words say and depend on the script.
///
/// # Examples
///
/// ```
/// use fastroute_text::structure::{Structure, difficulty};
///
/// assert!(difficulty(&Structure::of("Hi!")) < 0.05);
/// ```
#[must_use]
pub fn difficulty(structure: &Structure) -> f32 {
    let parts = [
        (0.55, structure.words, 80.0),
        (0.15, structure.sentences, 8.0),
        (0.20, structure.questions, 3.0),
        (0.15, structure.digits, 20.0),
        (0.35, structure.math_symbols, 5.0),
        (0.25, structure.list_items, 5.0),
        (0.40, structure.code_lines, 8.0),
    ];
    let mut ease = if structure.has_code { 0.8_f32 } else { 1.0 };
    for (weight, count, half) in parts {
        let count = count as f32;
        ease *= 1.0 - weight * (count / (count + half));
    }
    1.0 - ease
}

fn is_sentence_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '।' | '؟' | '۔') || is_wide_end(c)
}

/// Ends of sentences in scripts that put no space after them.
fn is_wide_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '．' | '｡')
}

fn is_question_mark(c: char) -> bool {
    matches!(c, '?' | '？' | '؟')
}

fn is_math(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, '=' | '+' | '<' | '>' | '^' | '*');
    }
    matches!(c, '±' | '×' | '÷' | '¬' | '\u{2190}'..='\u{21ff}' | '\u{2200}'..='\u{22ff}'
        | '\u{27c0}'..='\u{27ef}' | '\u{2980}'..='\u{2aff}' | '\u{1d400}'..='\u{1d7ff}')
}

/// Returns the character of a code fence: three or more back ticks or tildes start the line.
fn fence_mark(line: &str) -> Option<u8> {
    let mark = *line.as_bytes().first()?;
    (matches!(mark, b'`' | b'~') && line.bytes().take_while(|&b| b == mark).count() >= 3)
        .then_some(mark)
}

fn is_list_item(line: &str) -> bool {
    if let Some(rest) = line.strip_prefix(['-', '*', '+', '•', '–', '·']) {
        return rest.starts_with(char::is_whitespace);
    }
    let digits = line.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let mut rest = line[digits..].chars();
    (1..=3).contains(&digits)
        && matches!(rest.next(), Some('.' | ')'))
        && rest.next().is_some_and(char::is_whitespace)
}

/// Counts the different marks of code on a trimmed line.
///
/// They are: an end in `;`, `{`, `}` or `):`; a call or index (`name(`, `name[`); an operator
/// of two characters that prose has no use for; an assignment; an opening tag; a closing one; a
/// comment; an inline span between back ticks; a name with an underscore.
fn marks_of_code(line: &str) -> u32 {
    let bytes = line.as_bytes();
    let mut marks = 0_u32;
    if line.ends_with([';', '{', '}']) || line.ends_with("):") || line.ends_with("};") {
        marks |= 1;
    }
    if line.starts_with("//")
        || line.starts_with("/*")
        || line.starts_with("#!")
        || line.starts_with("#include")
    {
        marks |= 1 << 1;
    }
    let mut ticks = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte.is_ascii_alphanumeric() || byte == b' ' || !byte.is_ascii() {
            continue;
        }
        let before = at.checked_sub(1).map_or(b' ', |i| bytes[i]);
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let named = before.is_ascii_alphanumeric() || before == b'_';
        marks |= match (byte, after) {
            (b'(' | b'[', _) if named => 1 << 2,
            (b'=', b'>' | b'=')
            | (b'-', b'>')
            | (b'!' | b'+', b'=')
            | (b'&', b'&')
            | (b'|', b'|') => 1 << 3,
            (b':', b':') | (b':', b'=') => 1 << 3,
            (b'=', _)
                if before == b' ' && after == b' ' || named && after.is_ascii_alphanumeric() =>
            {
                1 << 4
            }
            (b'<', b'/') | (b'/', b'>') => 1 << 8,
            (b'<', b'a'..=b'z') if !named => 1 << 5,
            (b'_', b'a'..=b'z' | b'A'..=b'Z') if named => 1 << 6,
            _ => 0,
        };
        ticks += u32::from(byte == b'`');
    }
    if ticks >= 2 {
        marks |= 1 << 7;
    }
    marks.count_ones()
}
