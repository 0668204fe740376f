//! Conversations in and out: the message dictionaries of chat APIs.
//!
//! A message is `{"role": …, "content": …}`; content is a text, None, or a list of parts with a
//! `type`. Other keys (`tool_calls`, `name`, …) are the caller's and are not read. Parts that no
//! signal can read (images, audio) keep their dictionary, so that a rendered message can carry
//! them on.

use fastroute_core::{MAX_MESSAGES, Message, Part, Rendered, Role};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use super::text::read_text;
use crate::error;

/// One message as Python gave it.
pub struct Turn {
    role: Role,
    pieces: Vec<Piece>,
}

enum Piece {
    Audio(Py<PyAny>),
    Document(PyBackedStr),
    Image(Py<PyAny>),
    Text(PyBackedStr),
}

impl Turn {
    /// Lends the parts.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let lend = |piece| match piece {
            &Piece::Audio(_) => Part::Audio,
            Piece::Document(text) => Part::Document(text),
            &Piece::Image(_) => Part::Image,
            Piece::Text(text) => Part::Text(text),
        };
        self.pieces.iter().map(lend).collect()
    }

    /// Lends the message around its lent parts.
    pub fn message<'a>(&self, parts: &'a [Part<'a>]) -> Message<'a> {
        Message {
            role: self.role,
            parts,
        }
    }

    fn attachments(&self) -> impl Iterator<Item = &Py<PyAny>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Audio(part) | Piece::Image(part) => Some(part),
            Piece::Document(_) | Piece::Text(_) => None,
        })
    }
}

/// Reads a list of messages; the core refuses what is over its limit, so one more is enough.
pub fn read_messages(messages: &Bound<'_, PyAny>) -> PyResult<Vec<Turn>> {
    messages
        .try_iter()?
        .take(MAX_MESSAGES + 1)
        .enumerate()
        .map(|(index, message)| read_message(index, &message?))
        .collect()
}

fn read_message(index: usize, message: &Bound<'_, PyAny>) -> PyResult<Turn> {
    let message = message
        .cast::<PyDict>()
        .map_err(|_| malformed(index, "is not a dictionary"))?;
    let role = message
        .get_item("role")?
        .ok_or_else(|| malformed(index, "has no `role`"))?;
    let role = match &*read_text(&role, "role")? {
        "assistant" => Role::Assistant,
        "developer" | "system" => Role::System,
        "function" | "tool" => Role::Tool,
        "user" => Role::User,
        _ => {
            return Err(malformed(
                index,
                "has a `role` that is none of `system`, `developer`, `user`, `assistant` and `tool`",
            ));
        }
    };
    let Some(content) = message
        .get_item("content")?
        .filter(|content| !content.is_none())
    else {
        return Ok(Turn {
            role,
            pieces: Vec::new(),
        });
    };
    let pieces = if content.is_instance_of::<PyString>() || content.is_instance_of::<PyBytes>() {
        vec![Piece::Text(read_text(&content, "content")?)]
    } else {
        content
            .try_iter()?
            .map(|part| read_part(index, &part?))
            .collect::<PyResult<_>>()?
    };
    Ok(Turn { role, pieces })
}

fn read_part(index: usize, part: &Bound<'_, PyAny>) -> PyResult<Piece> {
    let fields = part
        .cast::<PyDict>()
        .map_err(|_| malformed(index, "has a part that is not a dictionary"))?;
    let kind = fields
        .get_item("type")?
        .ok_or_else(|| malformed(index, "has a part without `type`"))?;
    let text = || {
        let text = fields
            .get_item("text")?
            .ok_or_else(|| malformed(index, "has a text part without `text`"))?;
        read_text(&text, "text")
    };
    match &*read_text(&kind, "type")? {
        "audio" | "input_audio" => Ok(Piece::Audio(part.clone().unbind())),
        "document" => Ok(Piece::Document(text()?)),
        "image" | "image_url" | "input_image" => Ok(Piece::Image(part.clone().unbind())),
        "input_text" | "output_text" | "text" => Ok(Piece::Text(text()?)),
        _ => Err(malformed(
            index,
            "has a part whose `type` is none of `text`, `document`, `image_url` and `input_audio`",
        )),
    }
}

fn malformed(index: usize, problem: &str) -> PyErr {
    error::request("INVALID_MESSAGE", format!("message `{index}` {problem}"))
}

/// Makes message dictionaries out of rendered ones; images and audio follow the text of theirs.
pub fn write_messages<'py>(
    py: Python<'py>,
    rendered: &[Rendered],
    turns: &[Turn],
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for message in rendered {
        let written = PyDict::new(py);
        written.set_item("role", message.role)?;
        let turn = message.source.and_then(|source| turns.get(source));
        let mut attachments = turn.into_iter().flat_map(Turn::attachments).peekable();
        if attachments.peek().is_none() {
            written.set_item("content", &message.content)?;
        } else {
            let parts = PyList::empty(py);
            if !message.content.is_empty() {
                let text = PyDict::new(py);
                text.set_item("type", "text")?;
                text.set_item("text", &message.content)?;
                parts.append(text)?;
            }
            attachments.try_for_each(|part| parts.append(part))?;
            written.set_item("content", parts)?;
        }
        list.append(written)?;
    }
    Ok(list)
}
