//! Conversations in and out: the message dictionaries of chat APIs.
//!
//! A message is `{"role": …, "content": …}`; content is a text, None, or a list of parts with a
//! `type`. Each dictionary is kept as a shallow copy and goes out again with every key that it had:
//! `tool_calls`, `tool_call_id`, `name`, a role `developer`. Only the content of the message that
//! went through the template is replaced.
//!
//! The core has fewer kinds of parts than chat APIs, so here they are read as what they are to it:
//!
//! | in a message | to the core |
//! |---|---|
//! | text, also `refusal` and `thinking` | text of the role |
//! | names and arguments of tool calls | text of the assistant, so that the context counts them |
//! | `tool_result`, `document` with a source, other parts with text | a tool's output |
//! | `document` with `text` | a document |
//! | images | images; they need `vision` |
//! | audio | audio: text signals of its role are unknown |
//! | files, whatever else has no text | nothing: signals read what is beside it |
//!
//! A message of tool results beside other parts becomes two messages of the core, the results
//! first; one of tool results alone is a tool's, whoever its role says it is from.

mod heard;

use fastroute_core::{MAX_MESSAGES, Part, Rendered, Role};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::text::{Text, read_text};
use crate::error;

use heard::Heard;

/// A conversation as Python gave it.
pub struct Conversation {
    /// The dictionaries, copied.
    messages: Vec<Py<PyDict>>,
    speeches: Vec<Speech>,
}

/// What the core hears of a message: all of it, or its tool results or the rest.
pub struct Speech {
    /// Place of its dictionary.
    message: usize,
    role: Role,
    pieces: Vec<Piece>,
}

enum Piece {
    Audio,
    Document(Text),
    Image,
    Text(Text),
    /// Something without text that is neither picture nor sound.
    Unreadable,
}

impl Piece {
    fn lend(&self) -> Part<'_> {
        match self {
            Self::Audio => Part::Audio,
            Self::Document(text) => Part::Document(text),
            Self::Image => Part::Image,
            Self::Text(text) => Part::Text(text),
            Self::Unreadable => Part::Other,
        }
    }
}

impl Speech {
    /// Who said it, to the core.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Lends the parts.
    pub fn parts(&self) -> Vec<Part<'_>> {
        self.pieces.iter().map(Piece::lend).collect()
    }
}

impl Conversation {
    /// Reads a list of messages; the core refuses what is over its limit, so one more is enough.
    pub fn read(messages: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut conversation = Self {
            messages: Vec::new(),
            speeches: Vec::new(),
        };
        for message in messages.try_iter()?.take(MAX_MESSAGES + 1) {
            conversation.push(&message?)?;
        }
        Ok(conversation)
    }

    /// The messages as the core hears them.
    pub fn speeches(&self) -> &[Speech] {
        &self.speeches
    }

    fn push(&mut self, message: &Bound<'_, PyAny>) -> PyResult<()> {
        let index = self.messages.len();
        let message = message
            .cast::<PyDict>()
            .map_err(|_| malformed(index, "is not a dictionary"))?
            .copy()?;
        let role = read_role(index, &message)?;
        let mut heard = Heard::new(index);
        heard.read_content(&message)?;
        if role == Role::Assistant {
            heard.read_calls(&message)?;
        }
        let Heard { said, results, .. } = heard;
        let is_result = said.is_empty() && !results.is_empty();
        if !results.is_empty() {
            self.speeches.push(Speech {
                message: index,
                role: Role::Tool,
                pieces: results,
            });
        }
        if !is_result {
            self.speeches.push(Speech {
                message: index,
                role,
                pieces: said,
            });
        }
        self.messages.push(message.unbind());
        Ok(())
    }

    /// Puts the dictionaries around rendered texts; `is_replaced` says whether
    /// a template, or a part of the text, stands for what the user said last.
    pub fn write<'py>(
        &self,
        py: Python<'py>,
        rendered: &[Rendered],
        is_replaced: bool,
    ) -> PyResult<Bound<'py, PyList>> {
        let list = write_plain(py, rendered.iter().filter(|text| text.source.is_none()))?;
        let spoken = self
            .speeches
            .iter()
            .rposition(|speech| speech.role == Role::User);
        let templated = spoken.filter(|_| is_replaced);
        let text_of = |speech| rendered.iter().find(|text| text.source == Some(speech));
        for (index, message) in self.messages.iter().enumerate() {
            let message = message.bind(py).copy()?;
            match templated.filter(|at| self.speeches[*at].message == index) {
                Some(speech) => {
                    if let Some(text) = text_of(speech) {
                        replace_content(&message, &text.content)?;
                    }
                }
                None => copy_parts(&message)?,
            }
            list.append(message)?;
        }
        Ok(list)
    }
}

/// Makes dictionaries of rendered messages that no dictionary of the caller stands behind.
pub fn write_plain<'py, 'r>(
    py: Python<'py>,
    rendered: impl IntoIterator<Item = &'r Rendered>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for message in rendered {
        let written = PyDict::new(py);
        written.set_item("role", message.role)?;
        written.set_item("content", &message.content)?;
        list.append(written)?;
    }
    Ok(list)
}

/// Puts the rendered text where the first of the texts was that it was rendered of.
///
/// Without one it goes to the front, but behind tool results, which some APIs want first.
fn replace_content(message: &Bound<'_, PyDict>, text: &str) -> PyResult<()> {
    let py = message.py();
    let content = message.get_item("content")?;
    let Some(Ok(before)) = content.as_ref().map(|content| content.cast::<PyList>()) else {
        return message.set_item("content", text);
    };
    let parts = PyList::empty(py);
    let mut place = None;
    let written = PyDict::new(py);
    written.set_item("type", "text")?;
    let mut leading_results = 0;
    for part in before {
        let fields = part.cast::<PyDict>()?;
        let kind = kind_of(fields)?;
        if is_inserted(&kind, fields)? {
            if place.is_none() && *kind != *"document" {
                written.update(fields.as_mapping())?;
            }
            place.get_or_insert(parts.len());
        } else {
            if *kind == *"tool_result" && leading_results == parts.len() {
                leading_results += 1;
            }
            parts.append(fields.copy()?)?;
        }
    }
    if !text.is_empty() {
        written.set_item("text", text)?;
        parts.insert(place.unwrap_or(leading_results), written)?;
    }
    if parts.is_empty() {
        return message.set_item("content", text);
    }
    message.set_item("content", parts)
}

/// Copies the parts, so that a caller may change them, and makes texts of the parts `document`
/// with `text`, a kind of ours that no chat API knows.
fn copy_parts(message: &Bound<'_, PyDict>) -> PyResult<()> {
    let content = message.get_item("content")?;
    let Some(Ok(before)) = content.as_ref().map(|content| content.cast::<PyList>()) else {
        return Ok(());
    };
    let parts = PyList::empty(message.py());
    for part in before {
        let part = part.cast::<PyDict>()?.copy()?;
        let kind = kind_of(&part)?;
        if *kind == *"document" && is_inserted(&kind, &part)? {
            part.set_item("type", "text")?;
        }
        parts.append(part)?;
    }
    message.set_item("content", parts)
}

/// Whether a part is text that the template inserts.
fn is_inserted(kind: &str, part: &Bound<'_, PyDict>) -> PyResult<bool> {
    match kind {
        "input_text" | "output_text" | "text" => Ok(true),
        "document" => part.contains(intern!(part.py(), "text")),
        _ => Ok(false),
    }
}

fn read_role(index: usize, message: &Bound<'_, PyDict>) -> PyResult<Role> {
    let role = message
        .get_item("role")?
        .ok_or_else(|| malformed(index, "has no `role`"))?;
    match &*read_text(&role, "role")? {
        "assistant" => Ok(Role::Assistant),
        "developer" | "system" => Ok(Role::System),
        "function" | "tool" => Ok(Role::Tool),
        "user" => Ok(Role::User),
        _ => Err(malformed(
            index,
            "has a `role` that is none of `system`, `developer`, `user`, `assistant` and `tool`",
        )),
    }
}

/// The `type` of a part; empty when it has none.
fn kind_of(part: &Bound<'_, PyDict>) -> PyResult<Text> {
    let kind = part.get_item("type")?;
    let kind = kind.unwrap_or_else(|| intern!(part.py(), "").clone().into_any());
    read_text(&kind, "type")
}

fn malformed(index: usize, problem: &str) -> PyErr {
    error::request("INVALID_MESSAGE", format!("message `{index}` {problem}"))
}
