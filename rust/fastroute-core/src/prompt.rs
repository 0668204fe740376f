//! Prompts: compiled templates, what they cost in tokens, and rendering a decision's messages.
//!
//! A template sees `input`, `context` and `metadata` as data. User text is never parsed as a
//! template, so braces in a question stay braces. Rendering runs on fuel and ends with an error,
//! because a loop in a template is bounded by nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use minijinja::{Environment, UndefinedBehavior, Value as Data, context};

use crate::catalogue::PromptId;
use crate::config::Prompt;
use crate::request::{Input, Message, Part, Request, Role, Value};

/// Instructions that one rendering may take; a template of a page takes a few hundred.
const FUEL: u64 = 100_000;

/// Bytes that one message may have: the largest request, and as much again for the prompt.
const MOST_BYTES: usize = 2 * crate::request::MAX_TEXT_BYTES;

/// The compiled prompts of one revision.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    prompts: Box<[PromptEntry]>,
}

#[derive(Debug)]
struct PromptEntry {
    has_system: bool,
    overhead: Overhead,
}

/// What a prompt adds to the user's own text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overhead {
    /// The texts that are always sent: system and template with nothing filled in.
    pub literals: Vec<String>,
    /// Whether the prompt brings a system message of its own.
    pub has_system: bool,
    /// How often the user's text is inserted.
    pub input_copies: u32,
    /// Whether metadata is inserted.
    pub uses_metadata: bool,
}

impl Templates {
    /// Compiles the prompts.
    ///
    /// # Errors
    ///
    /// The place and the message of the first template that does not parse.
    pub fn build(prompts: &[Prompt]) -> Result<Self, String> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL));
        for (index, prompt) in prompts.iter().enumerate() {
            let add = |environment: &mut Environment<'static>, part: &str, source: &str| {
                environment
                    .add_template_owned(format!("{index}/{part}"), source.to_owned())
                    .map_err(|error| format!("prompts[{index}].{part}: {error}"))
            };
            if let Some(system) = &prompt.system {
                add(&mut environment, "system", system)?;
            }
            add(&mut environment, "template", &prompt.template)?;
        }
        let mut templates = Self {
            environment,
            prompts: Box::default(),
        };
        templates.prompts = prompts
            .iter()
            .enumerate()
            .map(|(index, prompt)| PromptEntry {
                has_system: prompt.system.is_some(),
                overhead: templates.measure(index, prompt.system.is_some()),
            })
            .collect();
        Ok(templates)
    }

    /// What the prompt adds; nothing when there is no prompt.
    pub fn overhead(&self, prompt: PromptId) -> &Overhead {
        &self.prompts[prompt.index()].overhead
    }

    /// How often the prompt that repeats the user's text most inserts it; at least 1.
    pub fn most_input_copies(&self) -> u64 {
        let copies = self
            .prompts
            .iter()
            .map(|prompt| u64::from(prompt.overhead.input_copies));
        copies.fold(1, u64::max)
    }

    fn measure(&self, index: usize, has_system: bool) -> Overhead {
        const MARK: &str = "\u{e000}";
        let parts = if has_system {
            &["system", "template"][..]
        } else {
            &["template"]
        };
        let mut overhead = Overhead {
            has_system,
            ..Overhead::default()
        };
        for part in parts {
            let name = format!("{index}/{part}");
            let nothing = context! { input => "", context => "", metadata => context! {} };
            let marked = context! { input => MARK, context => "", metadata => context! {} };
            let Ok(template) = self.environment.get_template(&name) else {
                continue;
            };
            overhead
                .literals
                .push(template.render(nothing).unwrap_or_default());
            overhead.input_copies += template
                .render(marked)
                .unwrap_or_default()
                .matches(MARK)
                .count() as u32;
            overhead.uses_metadata |= template.undeclared_variables(false).contains("metadata");
        }
        overhead
    }

    fn render(
        &self,
        prompt: PromptId,
        part: &'static str,
        data: &Data,
    ) -> Result<String, RenderError> {
        let mut page = Page(Vec::new());
        let written = self
            .environment
            .get_template(&format!("{}/{part}", prompt.0))
            .and_then(|template| template.render_captured_to(data, &mut page).map(|_| ()));
        written.map_err(|error| RenderError {
            part,
            line: error.line().unwrap_or(0),
            kind: format!("{:?}", error.kind()),
        })?;
        Ok(String::from_utf8_lossy(&page.0).into_owned())
    }
}

/// A message being written; refuses more than fits, because steps do not bound what a loop writes.
struct Page(Vec<u8>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One message that is ready for a chat API; `Debug` shows the size of its text alone.
#[derive(Clone, Eq, PartialEq)]
pub struct Rendered {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: &'static str,
    /// Its text.
    pub content: String,
    /// Index of the request's message that it stands for; none for the prompt's system message.
    pub source: Option<usize>,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered")
            .field("role", &self.role)
            .field("bytes", &self.content.len())
            .field("source", &self.source)
            .finish()
    }
}

/// Renders the prompt around the request's conversation.
///
/// The prompt's system message comes first, then the request's own messages in order; the last
/// user message goes through the template. Without a prompt the messages are as they were.
pub(crate) fn render(
    templates: &Templates,
    prompt: Option<PromptId>,
    request: &Request<'_>,
    retrieved: Option<&str>,
) -> Result<Vec<Rendered>, RenderError> {
    let single;
    let alone;
    let messages = match request.input {
        Input::Messages(messages) => messages,
        Input::Text(text) => {
            single = [Part::Text(text)];
            alone = [Message {
                role: Role::User,
                parts: &single,
            }];
            &alone
        }
    };
    let last_user = messages
        .iter()
        .rposition(|message| message.role == Role::User);
    let input = last_user
        .map(|index| joined(&messages[index]))
        .unwrap_or_default();
    let metadata: BTreeMap<&str, Data> = request
        .metadata
        .iter()
        .map(|(key, value)| (*key, data(value)))
        .collect();
    let values =
        context! { input => input, context => retrieved.unwrap_or_default(), metadata => metadata };
    let mut rendered = Vec::with_capacity(messages.len() + 1);
    if let Some(prompt) = prompt
        && templates.prompts[prompt.index()].has_system
    {
        rendered.push(Rendered {
            role: "system",
            content: templates.render(prompt, "system", &values)?,
            source: None,
        });
    }
    for (index, message) in messages.iter().enumerate() {
        let content = match prompt {
            Some(prompt) if Some(index) == last_user => {
                templates.render(prompt, "template", &values)?
            }
            _ => joined(message),
        };
        rendered.push(Rendered {
            role: message.role.as_str(),
            content,
            source: Some(index),
        });
    }
    Ok(rendered)
}

fn joined(message: &Message<'_>) -> String {
    let texts: Vec<&str> = message
        .parts
        .iter()
        .map(Part::text)
        .filter(|text| !text.is_empty())
        .collect();
    texts.join("\n")
}

fn data(value: &Value<'_>) -> Data {
    match value {
        Value::Bool(value) => Data::from(*value),
        Value::Number(value) => Data::from(*value),
        Value::Text(value) => Data::from(*value),
    }
}

impl Role {
    /// Returns the name that chat APIs use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
            Self::User => "user",
        }
    }
}

/// A template that failed while rendering; names the place, never the text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RenderError {
    part: &'static str,
    line: usize,
    kind: String,
}

impl RenderError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "RENDER_FAILED"
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "prompt's `{}` failed in line {} with `{}` (at most {FUEL} steps and {MOST_BYTES} bytes)",
            self.part, self.line, self.kind
        )
    }
}

impl std::error::Error for RenderError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str, request: &Request<'_>) -> Result<Vec<Rendered>, RenderError> {
        let prompt = Prompt {
            name: "p".into(),
            system: Some("Be brief.".into()),
            template: template.into(),
        };
        let templates = Templates::build(&[prompt]).expect("a template");
        render(&templates, Some(PromptId(0)), request, Some("found"))
    }

    #[test]
    fn braces_in_a_question_stay_braces() {
        let request = Request::text("{{ metadata.secret }} {% for x in y %}");
        let messages = rendered("{{ context }}: {{ input }}", &request).expect("it renders");
        assert_eq!(messages[0].content, "Be brief.");
        assert_eq!(
            messages[1].content,
            "found: {{ metadata.secret }} {% for x in y %}"
        );
    }

    #[test]
    fn a_template_that_writes_without_end_is_an_error_without_the_text() {
        let text = "x".repeat(1 << 20);
        let request = Request {
            metadata: &[("n", Value::Text("0123456789012345678901234567890"))],
            ..Request::text(&text)
        };
        let error =
            rendered("{% for c in metadata.n %}{{ input }}{% endfor %}", &request).unwrap_err();
        assert_eq!(error.code(), "RENDER_FAILED");
        assert!(error.to_string().len() < 200, "{error}");
    }
}
