//! Arguments in: what Python gave, held by reference, and lent to the core as a `Request`.
//!
//! A [`Given`] keeps the Python strings themselves and lends their UTF-8 in place: of ASCII text
//! and of `bytes` nothing is copied, of other text the interpreter makes its UTF-8 once and keeps it. A decision
//! holds its `Given`, so that `explain()` and `messages()` read the request again without the
//! caller. Dictionaries and lists are read once, here: changing them later changes nothing.
//!
//! What is refused here is what the core's types cannot express: text that is not Unicode, numbers
//! that do not fit, message dictionaries of an unknown form. Everything else the core judges.

mod caller;
mod messages;
mod options;
mod text;
mod values;

use fastroute_core::{Input, Message, Part, Request};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use messages::Speech;

pub use caller::Who;
pub use messages::{Conversation, write_plain};
pub use options::{Arguments, Options, read_unavailable};
pub use text::{Text, read_bytes, read_text};
pub use values::{Count, Figure, read_seed};

/// A request as Python gave it.
pub struct Given {
    content: Content,
    options: Options,
}

enum Content {
    Messages(Conversation),
    Text(Text),
}

impl Given {
    /// Reads exactly one of `text` and `messages`.
    pub fn read(
        text: Option<&Bound<'_, PyAny>>,
        messages: Option<&Bound<'_, PyAny>>,
        options: Options,
    ) -> PyResult<Self> {
        let content = match (text, messages) {
            (Some(text), None) => Content::Text(read_text(text, "text")?),
            (None, Some(messages)) => Content::Messages(Conversation::read(messages)?),
            (None, None) | (Some(_), Some(_)) => {
                return Err(PyTypeError::new_err(
                    "exactly one of `text` and `messages` is needed",
                ));
            }
        };
        Ok(Self { content, options })
    }

    /// Lends the request to `call`.
    pub fn lend<T>(&self, call: impl FnOnce(&Request<'_>) -> T) -> T {
        match &self.content {
            Content::Text(text) => self.options.lend(|request| {
                call(&Request {
                    input: Input::Text(text),
                    ..*request
                })
            }),
            Content::Messages(conversation) => {
                let speeches = conversation.speeches();
                let parts: Vec<Vec<Part<'_>>> = speeches.iter().map(Speech::parts).collect();
                let messages: Vec<_> = speeches
                    .iter()
                    .zip(&parts)
                    .map(|(speech, parts)| Message {
                        role: speech.role(),
                        parts,
                    })
                    .collect();
                self.options.lend(|request| {
                    call(&Request {
                        input: Input::Messages(&messages),
                        ..*request
                    })
                })
            }
        }
    }

    /// The conversation of the request; none when it is one text.
    pub fn conversation(&self) -> Option<&Conversation> {
        match &self.content {
            Content::Messages(conversation) => Some(conversation),
            Content::Text(_) => None,
        }
    }
}
