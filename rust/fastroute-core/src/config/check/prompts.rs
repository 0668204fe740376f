//! Templates: they parse, and use nothing that they are not given.
//!
//! A template is also rendered once with empty values and once with some, which finds filters and functions that do
//! not exist. A trial is bounded in instructions and in what it writes, so a template cannot hold up a load.

use std::io;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};

use super::Checker;
use super::template::beyond;
use crate::config::code::Code;
use crate::config::path::{Path, shorten};

/// What a template is given.
const VARIABLES: [&str; 3] = ["context", "input", "metadata"];

/// Instructions of one trial; as many as rendering a request may take.
const FUEL: u64 = 100_000;

/// Most bytes that a trial may write.
const MOST_RENDERED: usize = 1 << 20;

/// Longest template, in bytes.
const MOST_BYTES: usize = 100_000;

impl Checker<'_, '_, '_> {
    pub(super) fn prompts(&mut self) {
        let list = Path::Root.key("prompts");
        for (index, prompt) in self.config.prompts.iter().enumerate() {
            let path = list.index(index);
            if let Some(system) = &prompt.system {
                self.template(system, &path.key("system"));
            }
            self.template(&prompt.template, &path.key("template"));
        }
    }

    fn template(&mut self, source: &str, path: &Path<'_>) {
        if source.len() > MOST_BYTES {
            let message = format!(
                "template has {} bytes, over the limit of {MOST_BYTES}",
                source.len()
            );
            return self.error(Code::TextTooLong, path, message);
        }
        if !source.contains('{') {
            return;
        }
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL));
        let template = match environment.template_from_str(source) {
            Ok(template) => template,
            Err(error) => return self.error(Code::InvalidTemplate, path, describe(&error)),
        };
        if let Some(message) = beyond(source) {
            return self.error(Code::InvalidTemplate, path, message);
        }
        let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        unknown.retain(|name| !VARIABLES.contains(&name.as_str()));
        unknown.sort_unstable();
        for name in &unknown {
            let message = format!(
                "variable `{}` is not one of `input`, `context` and `metadata`",
                shorten(name)
            );
            self.error(Code::UnknownVariable, path, message);
        }
        if !unknown.is_empty() {
            return;
        }
        let empty = context! { input => "", context => "", metadata => context! {} };
        let filled = context! { input => "text", context => "passage", metadata => context! { key => "value" } };
        for data in [empty, filled] {
            let mut page = Page {
                space: MOST_RENDERED,
            };
            if let Err(error) = template.render_captured_to(data, &mut page)
                && is_lasting(&error)
            {
                return self.error(Code::InvalidTemplate, path, describe(&error));
            }
        }
    }
}

/// Whether a template fails for every request, not for these values alone.
pub(crate) fn is_lasting(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownTest
            | ErrorKind::OutOfFuel
            | ErrorKind::TemplateNotFound
            | ErrorKind::WriteFailure
    )
}

/// Counts what is written and keeps none of it; refuses more than fits.
struct Page {
    space: usize,
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.space.checked_sub(bytes.len()) {
            Some(space) => {
                self.space = space;
                Ok(bytes.len())
            }
            None => Err(io::Error::other(format!(
                "over the limit of {MOST_RENDERED} bytes"
            ))),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn describe(error: &Error) -> String {
    let detail = error.detail().map_or_else(
        || error.kind().to_string(),
        |detail| format!("{}: {detail}", error.kind()),
    );
    match error.line() {
        Some(line) => format!("template line {line}: {detail}"),
        None => format!("template: {detail}"),
    }
}
