//! What a template may say: insert, choose and repeat.
//!
//! Templates neither bind names nor compute texts. A chain of `{% set b = a ~ a %}` doubles a text with each line, which
//! no count of instructions bounds; without it, what a template writes is bounded by what it repeats. What is left is
//! what prompts need: `{{ input }}`, `{% if context %}`, `{% for … %}` and `{% raw %}`.

/// Statements that a template may use.
const STATEMENTS: [&str; 8] = [
    "if", "elif", "else", "endif", "for", "endfor", "raw", "endraw",
];

/// The first thing in a template that goes beyond, as a sentence; none when it keeps to the rules.
///
/// The template parses already, so its marks are balanced.
pub(super) fn beyond(template: &str) -> Option<String> {
    let mut rest = template;
    while let Some(open) = rest
        .find("{%")
        .into_iter()
        .chain(rest.find("{{"))
        .chain(rest.find("{#"))
        .min()
    {
        let mark = &rest[open..open + 2];
        rest = &rest[open + 2..];
        if mark == "{#" {
            rest = rest.find("#}").map_or("", |close| &rest[close + 2..]);
            continue;
        }
        let close = if mark == "{{" { "}}" } else { "%}" };
        let (inside, behind) = split(rest, close);
        rest = behind;
        let inside = inside
            .trim_start_matches(['-', '+'])
            .trim_end_matches(['-', '+'])
            .trim();
        if mark == "{%" {
            let word = inside
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default();
            if !STATEMENTS.contains(&word) {
                return Some(format!(
                    "`{word}` is not one of `if`, `for` and `raw`; a template binds no names"
                ));
            }
            if word == "raw" {
                let end = rest
                    .match_indices("{%")
                    .find(|(at, _)| is_end_of_raw(&rest[*at + 2..]));
                rest = end.map_or("", |(at, _)| &rest[at..]);
                continue;
            }
        }
        if let Some(operator) = operator(inside) {
            return Some(format!(
                "operator `{operator}` is not supported; a template inserts and does not compute"
            ));
        }
    }
    None
}

fn is_end_of_raw(tag: &str) -> bool {
    tag.trim_start_matches(['-', '+'])
        .trim_start()
        .starts_with("endraw")
}

/// The text before and behind a closing mark that is not inside of a quoted text.
fn split<'t>(text: &'t str, close: &str) -> (&'t str, &'t str) {
    let mut quoted = Quoted::default();
    for (at, character) in text.char_indices() {
        if !quoted.takes(character) && text[at..].starts_with(close) {
            return (&text[..at], &text[at + close.len()..]);
        }
    }
    (text, "")
}

fn operator(expression: &str) -> Option<char> {
    let mut quoted = Quoted::default();
    expression
        .chars()
        .find(|character| !quoted.takes(*character) && matches!(character, '~' | '*' | '+'))
}

/// Follows quotes and the escapes in them.
#[derive(Default)]
struct Quoted {
    quote: Option<char>,
    is_escaped: bool,
}

impl Quoted {
    /// Takes one character, and tells whether it belongs to a quoted text.
    fn takes(&mut self, character: char) -> bool {
        match self.quote {
            None => {
                self.quote = matches!(character, '"' | '\'').then_some(character);
                self.quote.is_some()
            }
            Some(_) if self.is_escaped => {
                self.is_escaped = false;
                true
            }
            Some(quote) => {
                self.is_escaped = character == '\\';
                if character == quote {
                    self.quote = None;
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserting_choosing_and_repeating_are_enough() {
        for template in [
            "plain + text * ~",
            "{{ input }}",
            "{{- metadata['a + b'] -}} and {{+ input +}}",
            "{% if context %}{{ context }}{% elif not input %}-{% else %}+{% endif %}",
            "{%- for key in metadata -%}{{ loop.index }} {{ key }}{%- endfor -%}",
            "{# {% set a = 1 %} ~ #}{% raw %}{% set a = b ~ b %}{{ a * 2 }}{%- endraw %}",
            r#"{{ "a \" }} + " }}"#,
        ] {
            assert_eq!(beyond(template), None, "{template}");
        }
    }

    #[test]
    fn binding_and_computing_are_refused() {
        for (template, what) in [
            ("{% set a = 'x' %}", "`set`"),
            ("{%- with a = 1 %}{% endwith %}", "`with`"),
            ("{% filter upper %}{% endfilter %}", "`filter`"),
            ("{{ input ~ input }}", "`~`"),
            ("{{ 'x' * 1000000000 }}", "`*`"),
            ("{% for a in [input + input] %}{% endfor %}", "`+`"),
            ("{# #}{% raw %}{% endraw %}{{ 1 + 1 }}", "`+`"),
        ] {
            assert!(
                beyond(template).is_some_and(|message| message.contains(what)),
                "{template}"
            );
        }
    }
}
