//! Whose text a condition reads: the parts that are not empty, joined by line breaks.

use fastroute_core::config::Reads;
use fastroute_core::{Input, Part, Request, Role};

/// The text of one view.
pub struct Text {
    pub text: String,
    /// False when a picture or a sound is among it.
    pub is_readable: bool,
}

/// Collects the parts that a view reads.
pub fn view(request: &Request<'_>, reads: Reads) -> Text {
    let messages = match request.input {
        Input::Text(text) => {
            let text = if matches!(reads, Reads::All | Reads::LastUser | Reads::User) {
                text
            } else {
                ""
            };
            return Text {
                text: text.to_owned(),
                is_readable: true,
            };
        }
        Input::Messages(messages) => messages,
    };
    let last_user = messages
        .iter()
        .rposition(|message| message.role == Role::User);
    let mut texts = Vec::new();
    let mut is_readable = true;
    for (place, message) in messages.iter().enumerate() {
        for part in message.parts {
            let is_document = matches!(part, Part::Document(_));
            let is_read = match reads {
                Reads::All => true,
                Reads::LastUser => Some(place) == last_user && !is_document,
                Reads::System => message.role == Role::System && !is_document,
                Reads::Tool => message.role == Role::Tool || is_document,
                Reads::User => message.role == Role::User && !is_document,
            };
            if !is_read {
                continue;
            }
            match part {
                Part::Document(text) | Part::Text(text) if text.is_empty() => {}
                Part::Document(text) | Part::Text(text) => texts.push(*text),
                Part::Audio | Part::Image | Part::Other => is_readable = false,
            }
        }
    }
    Text {
        text: texts.join("\n"),
        is_readable,
    }
}

/// Number of user messages.
pub fn turns(request: &Request<'_>) -> usize {
    match request.input {
        Input::Text(_) => 1,
        Input::Messages(messages) => messages
            .iter()
            .filter(|message| message.role == Role::User)
            .count(),
    }
}
