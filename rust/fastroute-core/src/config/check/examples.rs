//! Examples: readable, bounded in number and length, and of one route each.

use std::collections::HashMap;

use super::Checker;
use crate::config::code::Code;
use crate::config::path::{Path, shorten};

/// Most examples of one route, its file included.
const MOST_OF_ROUTE: usize = 10_000;
/// Most examples of all routes together.
const MOST: usize = 100_000;
/// Longest example, in bytes.
const MOST_BYTES: usize = 32_768;

impl Checker<'_, '_, '_> {
    pub(super) fn examples(&mut self) {
        let config = self.config;
        let list = Path::Root.key("routes");
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut total = 0;
        for (index, route) in config.routes.iter().enumerate() {
            let item = list.index(index);
            let inline = item.key("examples");
            for (number, example) in route.examples.iter().enumerate() {
                self.example(example, &inline.index(number), None);
                self.seen(
                    example.trim().to_owned(),
                    index,
                    &inline.index(number),
                    &mut seen,
                );
            }
            let mut texts: Vec<String> = route
                .examples
                .iter()
                .map(|example| example.trim().to_owned())
                .collect();
            if let Some(file) = &route.examples_file {
                let path = item.key("examples_file");
                let lines = self.lines(file, &path);
                texts.extend(lines.iter().cloned());
                for (number, example) in lines.iter().enumerate() {
                    self.example(example, &path, Some(number));
                    self.seen(example.clone(), index, &path, &mut seen);
                }
            }
            let count = texts.len();
            self.files.examples.push(texts);
            if count > MOST_OF_ROUTE {
                let message =
                    format!("route has {count} examples, over the limit of {MOST_OF_ROUTE}");
                self.error(Code::TooMany, &item, message);
            }
            let is_first_over = total <= MOST && total + count > MOST;
            total += count;
            if is_first_over {
                let message = format!(
                    "routes have {total} examples up to this one, over the limit of {MOST}"
                );
                self.error(Code::TooMany, &item, message);
            }
        }
    }

    fn example(&mut self, example: &str, path: &Path<'_>, line: Option<usize>) {
        let place = line.map_or_else(String::new, |line| format!(" {} of the file", line + 1));
        if example.len() > MOST_BYTES {
            let message = format!(
                "example{place} has {} bytes, over the limit of {MOST_BYTES}",
                example.len()
            );
            self.error(Code::TextTooLong, path, message);
        } else {
            self.not_blank(example, path);
        }
    }

    fn seen(
        &mut self,
        example: String,
        route: usize,
        path: &Path<'_>,
        seen: &mut HashMap<String, usize>,
    ) {
        if example.is_empty() {
            return;
        }
        match seen.get(&example) {
            None => {
                seen.insert(example, route);
            }
            Some(first) => {
                let name = shorten(&self.config.routes[*first].name);
                let message = format!(
                    "example `{}` already belongs to route `{name}`",
                    shorten(&example)
                );
                self.warning(Code::DuplicateExample, path, message);
            }
        }
    }
}
