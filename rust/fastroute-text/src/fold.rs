//! Folds text so that keywords match whatever its case, width or composition.
//!
//! The folding is Unicode's caseless compatibility form: decompose (NFKD), fold the case by
//! the full table (`ß` becomes `ss`), compose (NFKC). Ignorable characters are kept, since
//! dropping them would let a keyword match across a soft hyphen that the reader sees.
//!
//! ASCII text is copied and lowered, and its offsets are its own. Other text is cut at the
//! characters that nothing before them can change, each piece is folded by itself, and a
//! run table maps folded offsets back. Both are linear in the input, and the buffers are
//! reused, so a warmed [`Folded`] allocates nothing for text no longer than it has seen.
//!
//! Nothing here looks at language: Turkish `I` folds to `i` like any other.

use std::ops::Range;
use std::sync::OnceLock;

use caseless::Caseless;
use unicode_normalization::{
    IsNormalized, UnicodeNormalization, char as properties, is_nfkc_quick,
};

/// One past the last character of the table of single-character foldings.
const TABLE_END: usize = 0x600;

/// A piece of folded text and where it came from.
#[derive(Clone, Copy)]
struct Run {
    folded: usize,
    raw: usize,
    /// Whether each folded byte stands for the raw byte at the same distance.
    linear: bool,
}

/// A folded copy of a text, with a way back to the offsets of the original.
///
/// # Examples
///
/// ```
/// use fastroute_text::fold::Folded;
///
/// let mut folded = Folded::new();
/// folded.set("Große ﬁles");
/// assert_eq!(folded.text(), "grosse files");
/// // `fi` came from one ligature of three bytes.
/// assert_eq!(folded.raw_range(7..8), 7..10);
/// ```
#[derive(Clone, Default)]
pub struct Folded {
    text: String,
    raw_len: usize,
    runs: Vec<Run>,
}

impl std::fmt::Debug for Folded {
    /// Shows sizes only: the text belongs to a prompt.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folded")
            .field("bytes", &self.text.len())
            .field("raw_bytes", &self.raw_len)
            .finish_non_exhaustive()
    }
}

impl Folded {
    /// Creates an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the contents by the folding of `raw`, in time linear in its length.
    pub fn set(&mut self, raw: &str) {
        self.text.clear();
        self.runs.clear();
        self.raw_len = raw.len();
        if raw.is_ascii() {
            self.text.push_str(raw);
            self.text.make_ascii_lowercase();
        } else {
            self.set_general(raw);
        }
    }

    /// Returns the folded text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Maps a range of the folded text to the smallest raw range that produced it.
    ///
    /// The result lies on character boundaries of the raw text, and both ends are monotone in
    /// theirs. An offset past the end counts as the end, one inside a character as that
    /// character's start (its end, for the range's end), and an empty range maps to an empty
    /// one. Costs a binary search over the places where lengths changed, and nothing for ASCII.
    #[must_use]
    pub fn raw_range(&self, folded: Range<usize>) -> Range<usize> {
        let start = floor_boundary(&self.text, folded.start);
        let end = ceil_boundary(&self.text, folded.end);
        let raw_start = self.raw_floor(start);
        if end <= start {
            return raw_start..raw_start;
        }
        raw_start..self.raw_ceil(end)
    }

    fn set_general(&mut self, raw: &str) {
        let mut at = 0;
        while at < raw.len() {
            let ascii = ascii_prefix(&raw[at..]);
            if ascii > 0 {
                let following = raw[at + ascii..].chars().next();
                // A mark after the run composes with the run's last character.
                let end = at + ascii - usize::from(following.is_some_and(|c| !starts_piece(c)));
                if end > at {
                    self.note(at, true);
                    let from = self.text.len();
                    self.text.push_str(&raw[at..end]);
                    self.text[from..].make_ascii_lowercase();
                    at = end;
                    continue;
                }
            }
            at = self.push_piece(raw, at);
        }
    }

    /// Folds the piece that starts at `at` and returns where the next one starts.
    fn push_piece(&mut self, raw: &str, at: usize) -> usize {
        let mut chars = raw[at..].chars();
        let Some(first) = chars.next() else {
            return raw.len();
        };
        let mut end = at + first.len_utf8();
        let mut alone = true;
        for c in chars {
            if starts_piece(c) {
                break;
            }
            end += c.len_utf8();
            alone = false;
        }
        match quick(first) {
            Some(c) if alone => {
                self.note(at, c.len_utf8() == first.len_utf8());
                self.text.push(c);
            }
            _ => {
                self.note(at, false);
                self.text
                    .extend(raw[at..end].chars().nfkd().default_case_fold().nfkc());
            }
        }
        end
    }

    /// Records that the folded text continues with what starts at `raw`.
    fn note(&mut self, raw: usize, linear: bool) {
        let folded = self.text.len();
        if linear
            && let Some(last) = self.runs.last()
            && last.linear
            && raw.wrapping_sub(last.raw) == folded - last.folded
        {
            return;
        }
        self.runs.push(Run {
            folded,
            raw,
            linear,
        });
    }

    fn raw_floor(&self, offset: usize) -> usize {
        if offset >= self.text.len() {
            return self.raw_len;
        }
        let next = self.runs.partition_point(|run| run.folded <= offset);
        match next.checked_sub(1).map(|i| self.runs[i]) {
            None => offset,
            Some(run) if run.linear => run.raw + (offset - run.folded),
            Some(run) => run.raw,
        }
    }

    fn raw_ceil(&self, offset: usize) -> usize {
        let next = self.runs.partition_point(|run| run.folded < offset);
        match next.checked_sub(1).map(|i| self.runs[i]) {
            None => offset,
            Some(run) if run.linear => run.raw + (offset - run.folded),
            Some(_) => self.runs.get(next).map_or(self.raw_len, |run| run.raw),
        }
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn ascii_prefix(text: &str) -> usize {
    text.bytes()
        .position(|b| !b.is_ascii())
        .unwrap_or(text.len())
}

/// Whether nothing before `c` can change how `c` and what follows it fold.
fn starts_piece(c: char) -> bool {
    quick(c).is_some() || starts_piece_by_tables(c)
}

/// As [`starts_piece`], by Unicode's tables alone.
///
/// The decomposed character must not move among marks, and its folding must neither move nor
/// compose backwards. The first condition is there for U+0345, a mark that folds to a letter.
fn starts_piece_by_tables(c: char) -> bool {
    let single = std::iter::once(c);
    let moves = single
        .clone()
        .nfkd()
        .next()
        .is_some_and(|d| properties::canonical_combining_class(d) != 0);
    if moves {
        return false;
    }
    single.nfkd().default_case_fold().next().is_some_and(|d| {
        properties::canonical_combining_class(d) == 0
            && is_nfkc_quick(std::iter::once(d)) == IsNormalized::Yes
    })
}

/// Returns the folding of `c` where it is one character and `c` starts a piece.
fn quick(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
    {
        return Some(c);
    }
    let folded = *table().get(c as usize)?;
    char::from_u32(u32::from(folded)).filter(|&folded| folded != '\0')
}

/// Foldings of the alphabets below U+0600; 0 where there is no single-character one.
fn table() -> &'static [u16; TABLE_END] {
    static TABLE: OnceLock<Box<[u16; TABLE_END]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Box::new([0; TABLE_END]);
        for (code, slot) in (0..).zip(table.iter_mut()) {
            let Some(c) = char::from_u32(code).filter(|&c| starts_piece_by_tables(c)) else {
                continue;
            };
            let mut folded = std::iter::once(c).nfkd().default_case_fold().nfkc();
            if let (Some(first), None) = (folded.next(), folded.next()) {
                *slot = u16::try_from(u32::from(first)).unwrap_or(0);
            }
        }
        table
    })
}
