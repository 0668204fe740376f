//! Reads what a template inserts, so that most prompts are counted without being rendered.
//!
//! A template is plain when it only inserts: text around `{{ input }}`, `{{ context }}` and
//! `{{ metadata.key }}`. What a plain template sends is its text and so many copies of each value.
//! Any other one sends what rendering it for the request says. Its context is fetched only after
//! the decision, so rendering must not depend on what the context says: it may be inserted, and
//! asked whether there is any. Whatever this reader is not sure of it takes for the worse.

/// What a template does with its values.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Shape {
    /// It has statements, or inserts more than a value by its name.
    pub is_dynamic: bool,
    /// It compares the context or walks over it, so that its length cannot be told before.
    pub reads_context: bool,
    /// Insertions of each value, of a plain template; of metadata, those of the commonest key.
    pub context_copies: u32,
    pub input_copies: u32,
    pub metadata_copies: u32,
    /// All of them.
    pub insertions: u32,
}

impl Shape {
    pub fn of(source: &str) -> Self {
        let mut shape = Self::default();
        let mut keys: Vec<&str> = Vec::new();
        let mut rest = source;
        while let Some(open) = rest.find('{') {
            rest = &rest[open + 1..];
            let close = match rest.as_bytes().first() {
                Some(b'{') => "}}",
                Some(b'%') => "%}",
                Some(b'#') => "#}",
                _ => continue,
            };
            let is_insertion = close == "}}";
            let (inside, behind) = rest[1..].split_once(close).unwrap_or((&rest[1..], ""));
            rest = behind;
            if close == "#}" {
                continue;
            }
            let inside = inside.trim_matches(['-', '+']).trim();
            match inside {
                "context" if is_insertion => shape.context_copies += 1,
                "input" if is_insertion => shape.input_copies += 1,
                _ => match metadata_key(inside) {
                    Some(key) if is_insertion => keys.push(key),
                    _ => {
                        shape.is_dynamic = true;
                        shape.reads_context |= depends_on_context(inside);
                    }
                },
            }
        }
        let copies = keys
            .iter()
            .map(|key| keys.iter().filter(|other| *other == key).count());
        shape.metadata_copies = copies.max().unwrap_or(0) as u32;
        shape.insertions = shape.context_copies + shape.input_copies + keys.len() as u32;
        shape
    }
}

/// The key of `metadata.key` or `metadata["key"]`.
fn metadata_key(inside: &str) -> Option<&str> {
    let behind = inside.strip_prefix("metadata")?;
    let is_name =
        |key: &&str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if let Some(key) = behind.strip_prefix('.') {
        return Some(key).filter(is_name);
    }
    let quoted = behind.strip_prefix('[')?.strip_suffix(']')?;
    ['"', '\'']
        .into_iter()
        .find_map(|quote| quoted.strip_prefix(quote)?.strip_suffix(quote))
        .filter(is_name)
}

/// Whether more of the context matters than whether there is any.
///
/// A mark that closes inside of a quoted text leaves a quote open here, and counts as such.
fn depends_on_context(inside: &str) -> bool {
    let emptiness = ["!= \"\"", "== \"\"", "!= ''", "== ''"];
    let mut plain = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(character) = rest.chars().next() {
        if let Some(test) = emptiness.iter().find(|test| rest.starts_with(**test)) {
            rest = &rest[test.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        if !matches!(character, '"' | '\'') {
            plain.push(character);
            continue;
        }
        match rest.split_once(character) {
            Some((quoted, behind)) if !quoted.contains('\\') => rest = behind,
            _ => return true,
        }
    }
    let mut words = plain
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty());
    let is_about_context = words.clone().any(|word| word == "context");
    let is_about_truth = plain
        .chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.()".contains(c))
        && !words.any(|word| matches!(word, "for" | "in" | "is"));
    is_about_context && !is_about_truth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_template_tells_its_copies() {
        let source = "{# {{ input }} #}{ {{ input }}{{- input -}} {{ context }}{{ metadata.a }}{{ metadata['a'] }}{{ metadata.b }}";
        let expected = Shape {
            context_copies: 1,
            input_copies: 2,
            metadata_copies: 2,
            insertions: 6,
            ..Shape::default()
        };
        assert_eq!(Shape::of(source), expected);
    }

    #[test]
    fn whatever_is_more_than_an_insertion_is_dynamic() {
        for source in [
            "{% if metadata.vip %}x{% endif %}",
            "{% raw %}{{ input }}{% endraw %}",
            "{{ metadata }}",
            "{{ metadata.a.b }}",
            "{{ input or 'x' }}",
            "{{ [input] }}",
            "{{ '}}' }}",
        ] {
            assert!(Shape::of(source).is_dynamic, "{source}");
        }
    }

    #[test]
    fn whether_there_is_a_context_may_be_asked_and_no_more() {
        for (source, reads) in [
            ("{% if context %}{{ context }}{% endif %}", false),
            (
                "{%- if not context and metadata.a == 'b' -%}x{% endif %}",
                true,
            ),
            (
                "{% if context and (input or metadata.a) %}x{% endif %}",
                false,
            ),
            ("{% if context != \"\" %}x{% endif %}", false),
            ("{{ context or 'nothing was found' }}", false),
            ("{{ 'Use this' if context else \"\" }}", false),
            ("{% for c in context %}x{% endfor %}", true),
            ("{{ [context] }}", true),
            ("{% if context == 'a' %}x{% endif %}", true),
            ("{% if context is defined %}x{% endif %}", true),
            ("{% if '%}' in context %}x{% endif %}", true),
            ("{% for m in metadata %}{{ context }}{% endfor %}", false),
        ] {
            assert_eq!(Shape::of(source).reads_context, reads, "{source}");
        }
    }
}
