//! Conditions: every test can be true of some request.

use fastroute_text::keywords::MatchKind;
use fastroute_text::script::Script;

use super::Checker;
use crate::config::code::Code;
use crate::config::model::{Condition, Keywords, MetadataTest, Scalar, ScriptTest};
use crate::config::parts::numbers;
use crate::config::path::{Path, shorten};

impl Checker<'_, '_, '_> {
    /// Checks a condition and those in it; reading has bounded the depth.
    pub(super) fn condition(&mut self, condition: &Condition, path: &Path<'_>) {
        match condition {
            Condition::All(list) => self.conditions(list, &path.key("all")),
            Condition::Any(list) => self.conditions(list, &path.key("any")),
            Condition::Not(inner) => self.condition(inner, &path.key("not")),
            Condition::Characters(measure) => {
                self.bounds(measure.min, measure.max, &path.key("characters"))
            }
            Condition::Code(_) => {}
            Condition::Difficulty(range) => {
                self.share(range.min, range.max, &path.key("difficulty"))
            }
            Condition::Keywords(keywords) => self.keywords(keywords, &path.key("keywords")),
            Condition::Metadata(test) => self.metadata(test, &path.key("metadata")),
            Condition::Regex(regex) => {
                let path = path.key("regex");
                self.regex(&regex.pattern, &path.key("pattern"));
            }
            Condition::Script(test) => self.script(test, &path.key("script")),
            Condition::Task(test) => {
                for (index, task) in test.one_of.iter().enumerate() {
                    self.not_blank(task, &path.key("task").key("in").index(index));
                }
            }
            Condition::Tokens(tokens) => {
                let path = path.key("tokens");
                self.bounds(tokens.min, tokens.max, &path);
                self.tokenizer(&tokens.tokenizer, &path.key("tokenizer"));
            }
            Condition::Turns(range) => {
                let path = path.key("turns");
                self.bounds(range.min, range.max, &path);
                if let Some(max) = range.max.filter(|max| *max < 0.0) {
                    self.error(
                        Code::OutOfRange,
                        &path.key("max"),
                        format!("`{max}` is below the limit of 0"),
                    );
                }
            }
        }
    }

    fn conditions(&mut self, conditions: &[Condition], path: &Path<'_>) {
        for (index, condition) in conditions.iter().enumerate() {
            self.condition(condition, &path.index(index));
        }
    }

    fn keywords(&mut self, keywords: &Keywords, path: &Path<'_>) {
        let given = [
            keywords.any.is_some(),
            keywords.all.is_some(),
            keywords.file.is_some(),
        ];
        let count = given.iter().filter(|is_given| **is_given).count();
        if count != 1 {
            let message =
                format!("exactly one of `any`, `all` and `file` is expected; {count} are given");
            self.error(Code::KeywordsForm, path, message);
        }
        if self.parts.keywords.is_some() {
            // All of them are those of a configuration that was accepted.
            return;
        }
        let kind = keywords.kind.into();
        let mut ids = Vec::new();
        for (key, list) in [("any", &keywords.any), ("all", &keywords.all)] {
            let path = path.key(key);
            for (index, keyword) in list.iter().flatten().enumerate() {
                ids.extend(self.keyword(keyword, kind, &path.index(index), None));
            }
        }
        if let Some(file) = &keywords.file {
            let path = path.key("file");
            let lines = self.lines(file, &path);
            for (index, keyword) in lines.iter().enumerate() {
                ids.extend(self.keyword(keyword, kind, &path, Some(index)));
            }
        }
        self.keyword_lists.push(numbers(ids));
    }

    /// Numbers a keyword, or refuses one that cannot be matched; `item` is its number among the lines
    /// of a file.
    fn keyword(
        &mut self,
        keyword: &str,
        kind: MatchKind,
        path: &Path<'_>,
        item: Option<usize>,
    ) -> Option<u32> {
        if item.is_none() && keyword.trim().is_empty() {
            self.not_blank(keyword, path);
            return None;
        }
        let added = self.keywords.add(keyword, kind);
        if let Err(error) = &added {
            let code = match error.code() {
                "KEYWORD_EMPTY" => Code::EmptyText,
                "KEYWORD_TOO_LONG" => Code::TextTooLong,
                "KEYWORDS_TOO_MANY" => Code::TooMany,
                _ => Code::InvalidKeyword,
            };
            let message = match item {
                Some(item) => format!("keyword {} of the file: {error}", item + 1),
                None => error.to_string(),
            };
            self.error(code, path, message);
        }
        added.ok().map(|id| id.0)
    }

    fn regex(&mut self, pattern: &str, path: &Path<'_>) {
        if let Err(error) = self.patterns.add(pattern) {
            let code = match error.code() {
                "PATTERN_TOO_LARGE" => Code::RegexTooLarge,
                "PATTERN_TOO_LONG" => Code::TextTooLong,
                "PATTERNS_TOO_MANY" => Code::TooMany,
                _ => Code::InvalidRegex,
            };
            self.error(code, path, one_line(&error.to_string()));
        }
    }

    fn metadata(&mut self, test: &MetadataTest, path: &Path<'_>) {
        self.not_blank(&test.key, &path.key("key"));
        let has_range = test.min.is_some() || test.max.is_some();
        let given = [
            test.equals.is_some(),
            test.one_of.is_some(),
            test.exists.is_some(),
            has_range,
        ];
        let count = given.iter().filter(|is_given| **is_given).count();
        if count != 1 {
            let message = format!(
                "exactly one of `equals`, `in`, `exists`, and `min` or `max` is expected; {count} are given"
            );
            self.error(Code::MetadataForm, path, message);
        }
        if has_range {
            self.bounds(test.min, test.max, path);
        }
        if let Some(values) = &test.one_of {
            let is_first = |value: &&Scalar| {
                std::mem::discriminant(*value) == std::mem::discriminant(&values[0])
            };
            if let Some(index) = values.iter().position(|value| !is_first(&value)) {
                let message = "values are of several types; texts, numbers and booleans are never equal to each other";
                self.error(Code::MixedTypes, &path.key("in").index(index), message);
            }
        }
    }

    fn script(&mut self, test: &ScriptTest, path: &Path<'_>) {
        let list = path.key("in");
        for (index, name) in test.one_of.iter().enumerate() {
            if Script::from_name(name).is_none() {
                let message = format!(
                    "script `{}` is not a name of Unicode such as `Latin`, `Han` or `Cyrillic`",
                    shorten(name)
                );
                self.error(Code::UnknownScript, &list.index(index), message);
            }
        }
    }
}

/// A message of several lines, as the `regex` crate draws them, in one.
fn one_line(message: &str) -> String {
    let parts: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    parts.join(" ")
}
