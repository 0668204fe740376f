//! Prompts: compiled templates, what they cost in tokens, and rendering a decision's messages.
//!
//! A template sees `input`, `context` and `metadata` as data. User text is never parsed as a
//! template, so braces in a question stay braces. Rendering runs on fuel and ends with an error,
//! because a loop in a template is bounded by nothing else.

mod shape;

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use minijinja::{Environment, UndefinedBehavior, Value as Data, context};

use crate::catalogue::PromptId;
use crate::config::{Prompt, is_lasting};
use crate::request::{Input, Message, Part, Request, Role, Value};

use shape::Shape;

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
    overhead: Overhead,
}

/// What a prompt adds to the user's own text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overhead {
    /// The texts that a plain prompt always sends: system and template with nothing filled in.
    pub literals: Vec<String>,
    /// Whether the prompt brings a system message of its own.
    pub has_system: bool,
    /// Whether only rendering tells what is sent, because of statements.
    pub is_dynamic: bool,
    /// Whether rendering before the context is there tells less than the length.
    pub reads_context: bool,
    /// Whether the context is seen at all.
    pub uses_context: bool,
    /// How often a plain prompt inserts each value; of metadata, the commonest key.
    pub context_copies: u32,
    pub input_copies: u32,
    pub metadata_copies: u32,
    /// Places where a plain prompt inserts anything.
    pub insertions: u32,
}

/// What stands for the context while nobody has fetched it.
const MARK: &str = "\u{e000}";

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
                overhead: templates.measure(index, prompt),
            })
            .collect();
        Ok(templates)
    }

    /// What the prompt adds; nothing when there is no prompt.
    pub fn overhead(&self, prompt: PromptId) -> &Overhead {
        &self.prompts[prompt.index()].overhead
    }

    fn measure(&self, index: usize, prompt: &Prompt) -> Overhead {
        let system = prompt.system.as_deref().map(|source| ("system", source));
        let mut overhead = Overhead {
            has_system: system.is_some(),
            ..Overhead::default()
        };
        for (part, source) in system.into_iter().chain([("template", &*prompt.template)]) {
            let Ok(template) = self.environment.get_template(&format!("{index}/{part}")) else {
                continue;
            };
            let shape = Shape::of(source);
            overhead.is_dynamic |= shape.is_dynamic;
            overhead.reads_context |= shape.reads_context;
            overhead.uses_context |= template.undeclared_variables(false).contains("context");
            overhead.context_copies += shape.context_copies;
            overhead.input_copies += shape.input_copies;
            overhead.metadata_copies += shape.metadata_copies;
            overhead.insertions += shape.insertions;
            if !shape.is_dynamic {
                let nothing = context! { input => "", context => "", metadata => context! {} };
                let literal = template.render(nothing).unwrap_or_default();
                overhead.literals.push(literal);
            }
        }
        overhead
    }

    /// Renders what the prompt sends beside the other messages, before its context is there.
    ///
    /// # Errors
    ///
    /// As rendering the decision's messages.
    pub fn sent(
        &self,
        prompt: PromptId,
        request: &Request<'_>,
        has_context: bool,
    ) -> Result<Sent, RenderError> {
        with_messages(request, |messages| {
            let last_user = last_user(messages);
            let context = if has_context { MARK } else { "" };
            let values = values(request, last_user.map(|index| &messages[index]), context);
            let mut texts = Vec::with_capacity(2);
            if self.prompts[prompt.index()].overhead.has_system {
                texts.push(self.render(prompt, "system", &values)?);
            }
            if last_user.is_some() {
                texts.push(self.render(prompt, "template", &values)?);
            }
            let mut context_copies = 0;
            if has_context {
                context_copies = texts.iter().map(|text| text.matches(MARK).count()).sum();
                // A mark of the user's own stays, and all count as copies: too many, not too few.
                let is_own =
                    |value: &Value<'_>| matches!(value, Value::Text(text) if text.contains(MARK));
                let has_own = request.metadata.iter().any(|(_, value)| is_own(value))
                    || last_user.is_some_and(|index| {
                        let parts = messages[index].parts;
                        parts.iter().any(|part| part.text().contains(MARK))
                    });
                if !has_own {
                    texts
                        .iter_mut()
                        .for_each(|text| *text = text.replace(MARK, ""));
                }
            }
            Ok(Sent {
                texts,
                context_copies,
            })
        })
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
            is_lasting: is_lasting(&error),
        })?;
        Ok(String::from_utf8_lossy(&page.0).into_owned())
    }
}

/// What a prompt sends for one request.
pub(crate) struct Sent {
    /// The system message and the last user message, as far as there are.
    pub texts: Vec<String>,
    /// How often the context is inserted; more when the user's text has the mark for it.
    pub context_copies: usize,
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

impl Rendered {
    /// A system message and a user message that stand for no message of the request.
    pub(crate) fn pair(system: String, user: String) -> Vec<Self> {
        let message = |role, content| Self {
            role,
            content,
            source: None,
        };
        vec![message("system", system), message("user", user)]
    }
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
    with_messages(request, |messages| {
        let last_user = last_user(messages);
        let values = values(
            request,
            last_user.map(|index| &messages[index]),
            retrieved.unwrap_or_default(),
        );
        let mut rendered = Vec::with_capacity(messages.len() + 1);
        if let Some(prompt) = prompt
            && templates.prompts[prompt.index()].overhead.has_system
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
    })
}

/// Gives the conversation to `visit`; a text alone is one user message.
pub(crate) fn with_messages<T>(
    request: &Request<'_>,
    visit: impl FnOnce(&[Message<'_>]) -> T,
) -> T {
    match request.input {
        Input::Messages(messages) => visit(messages),
        Input::Text(text) => visit(&[Message {
            role: Role::User,
            parts: &[Part::Text(text)],
        }]),
    }
}

/// The place of the message that goes through the template.
pub(crate) fn last_user(messages: &[Message<'_>]) -> Option<usize> {
    messages
        .iter()
        .rposition(|message| message.role == Role::User)
}

fn values(request: &Request<'_>, last_user: Option<&Message<'_>>, context: &str) -> Data {
    let input = last_user.map(joined).unwrap_or_default();
    let metadata: BTreeMap<&str, Data> = request
        .metadata
        .iter()
        .map(|(key, value)| (*key, data(value)))
        .collect();
    context! { input => input, context => context, metadata => metadata }
}

/// The text of a message as it is sent: its texts, a line each.
pub(crate) fn joined(message: &Message<'_>) -> String {
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
    is_lasting: bool,
}

impl RenderError {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "RENDER_FAILED"
    }

    /// Whether other values would not help: out of steps, too long, or a filter that does not exist.
    pub(crate) const fn is_lasting(&self) -> bool {
        self.is_lasting
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
