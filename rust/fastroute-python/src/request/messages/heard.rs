//! Reads one message dictionary into the pieces that the core has.
//!
//! Kinds of parts that are not known here are no defect of a request: they are read as far as they
//! have a text, and sent on as they are. Refused is only what is no message at all, and text that is
//! not Unicode.

use fastroute_core::MAX_MESSAGES;
use pyo3::exceptions::{PyRecursionError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use super::super::text::{Text, read_text};
use super::{Piece, is_inserted, kind_of, malformed};
use crate::error;

/// The pieces of one message while it is read.
pub struct Heard {
    index: usize,
    pub said: Vec<Piece>,
    pub results: Vec<Piece>,
}

impl Heard {
    /// Starts the message at a place.
    pub fn new(index: usize) -> Self {
        Self {
            index,
            said: Vec::new(),
            results: Vec::new(),
        }
    }

    /// Reads the content, and puts into the copied message what can be read and sent again:
    /// texts for bytes, and a list of copied parts for any iterable.
    pub fn read_content(&mut self, message: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = message.py();
        let Some(content) = message
            .get_item("content")?
            .filter(|content| !content.is_none())
        else {
            return Ok(());
        };
        if is_text(&content) {
            let text = keep_text(message, "content", &content)?;
            self.said.push(Piece::Text(text));
            return Ok(());
        }
        let parts = PyList::empty(py);
        for part in content.try_iter()?.take(MAX_MESSAGES + 1) {
            let part = part?
                .cast_into::<PyDict>()
                .map_err(|_| malformed(self.index, "has a part that is not a dictionary"))?
                .copy()?;
            self.read_part(&part)?;
            parts.append(part)?;
        }
        if parts.len() > MAX_MESSAGES {
            let problem = format!("has more parts than the limit of `{MAX_MESSAGES}`");
            let message = format!("message `{}` {problem}", self.index);
            return Err(error::request("TOO_MANY_MESSAGES", message));
        }
        message.set_item("content", parts)
    }

    fn read_part(&mut self, part: &Bound<'_, PyDict>) -> PyResult<()> {
        if !part.contains("type")? {
            return Err(malformed(self.index, "has a part without `type`"));
        }
        let kind = kind_of(part)?;
        let field = |name: &str| match part.get_item(name)? {
            Some(value) if is_text(&value) => keep_text(part, name, &value).map(Some),
            _ => Ok(None),
        };
        if is_inserted(&kind, part)? {
            let text = part
                .get_item("text")?
                .ok_or_else(|| malformed(self.index, "has a text part without `text`"))?;
            let text = keep_text(part, "text", &text)?;
            self.said.push(match &*kind {
                "document" => Piece::Document(text),
                _ => Piece::Text(text),
            });
            return Ok(());
        }
        match &*kind {
            "audio" | "input_audio" => self.said.push(Piece::Audio),
            "image" | "image_url" | "input_image" => self.said.push(Piece::Image),
            "refusal" | "thinking" => self.said.push(readable(field(&kind)?)),
            "tool_use" => self.read_call(part)?,
            "tool_result" => self.read_result(part)?,
            "document" => {
                let source = part.get_item("source")?;
                let text = match source.as_ref().map(|source| source.cast::<PyDict>()) {
                    Some(Ok(source)) if *kind_of(source)? == *"text" => source.get_item("data")?,
                    _ => None,
                };
                match text.filter(is_text) {
                    Some(text) => {
                        let text = read_text(&text, "data")?;
                        self.results.push(Piece::Text(text));
                    }
                    None => self.said.push(Piece::Unreadable),
                }
            }
            _ => match field("text")? {
                Some(text) => self.results.push(Piece::Text(text)),
                None => self.said.push(Piece::Unreadable),
            },
        }
        Ok(())
    }

    /// Reads a `tool_result`, whose content is a text or a list of parts.
    fn read_result(&mut self, part: &Bound<'_, PyDict>) -> PyResult<()> {
        let Some(content) = part.get_item("content")? else {
            self.results.push(empty(part.py())?);
            return Ok(());
        };
        if is_text(&content) {
            let text = keep_text(part, "content", &content)?;
            self.results.push(Piece::Text(text));
            return Ok(());
        }
        let Ok(parts) = content.cast::<PyList>() else {
            self.results.push(Piece::Unreadable);
            return Ok(());
        };
        for inner in parts {
            let Ok(inner) = inner.cast::<PyDict>() else {
                self.results.push(Piece::Unreadable);
                continue;
            };
            let text = inner.get_item("text")?.filter(is_text);
            self.results.push(match (&*kind_of(inner)?, text) {
                (_, Some(text)) => Piece::Text(read_text(&text, "text")?),
                ("image" | "image_url" | "input_image", None) => Piece::Image,
                (_, None) => Piece::Unreadable,
            });
        }
        Ok(())
    }

    /// Reads the calls that an assistant's message makes beside its content.
    pub fn read_calls(&mut self, message: &Bound<'_, PyDict>) -> PyResult<()> {
        if let Some(call) = message.get_item("function_call")? {
            self.read_value(&call)?;
        }
        if let Some(calls) = message.get_item("tool_calls")? {
            match calls.cast::<PyList>() {
                Ok(calls) => {
                    for call in calls {
                        self.read_value(&call)?;
                    }
                }
                Err(_) => self.read_value(&calls)?,
            }
        }
        Ok(())
    }

    /// Reads one call: its function's name and arguments, or whatever it is.
    fn read_value(&mut self, call: &Bound<'_, PyAny>) -> PyResult<()> {
        if call.is_none() {
            return Ok(());
        }
        let Ok(fields) = call.cast::<PyDict>() else {
            return self.read_json(call);
        };
        match fields.get_item("function")? {
            Some(function) => match function.cast::<PyDict>() {
                Ok(function) => self.read_call(function),
                Err(_) => self.read_json(&function),
            },
            None => self.read_call(fields),
        }
    }

    fn read_call(&mut self, call: &Bound<'_, PyDict>) -> PyResult<()> {
        for name in ["name", "arguments", "input"] {
            if let Some(value) = call.get_item(name)? {
                self.read_json(&value)?;
            }
        }
        Ok(())
    }

    /// Reads a text as it is, and anything else as its JSON, which is how it is sent.
    fn read_json(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if is_text(value) {
            let text = read_text(value, "tool call")?;
            self.said.push(Piece::Text(text));
            return Ok(());
        }
        let py = value.py();
        let options = PyDict::new(py);
        options.set_item("ensure_ascii", false)?;
        options.set_item("default", py.get_type::<PyString>())?;
        let json = py.import("json")?;
        match json.call_method("dumps", (value,), Some(&options)) {
            Ok(json) => {
                let text = read_text(&json, "tool call")?;
                self.said.push(Piece::Text(text));
            }
            Err(error)
                if error.is_instance_of::<PyRecursionError>(py)
                    || error.is_instance_of::<PyTypeError>(py)
                    || error.is_instance_of::<PyValueError>(py) =>
            {
                self.said.push(Piece::Unreadable);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn readable(text: Option<Text>) -> Piece {
    text.map_or(Piece::Unreadable, Piece::Text)
}

fn empty(py: Python<'_>) -> PyResult<Piece> {
    read_text(intern!(py, ""), "content").map(Piece::Text)
}

fn is_text(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>()
}

/// Reads a text of a copied dictionary, and makes it `str` there, as JSON has no bytes.
fn keep_text(fields: &Bound<'_, PyDict>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Text> {
    let text = read_text(value, name)?;
    if matches!(text, Text::Bytes(_)) {
        fields.set_item(name, &*text)?;
    }
    Ok(text)
}
