//! Who reads what: the texts of a request by role, joined only where several parts meet.
//!
//! A request of one text or one part needs no copy: the role texts borrow it. Role texts with the
//! same content are the same slice, which is how measuring knows to do the work once.
//!
//! `Debug` shows sizes only: all of this is what a user wrote.

use std::fmt;

use crate::config::Reads;
use crate::request::{Input, Part, Request, Role};

/// Buffers for role texts that join several parts; reused from request to request. Not `Debug`.
#[derive(Default)]
pub(crate) struct TextBuffers([String; 5]);

/// The five role texts of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Texts<'t>([RoleText<'t>; 5]);

/// What one choice of roles said.
#[derive(Clone, Copy, Default)]
pub(crate) struct RoleText<'t> {
    /// The text, parts joined by a line break; empty when nobody with that role spoke.
    pub text: &'t str,
    /// Whether a part of it could not be read, so that what is absent is unknown.
    pub unreadable: bool,
}

impl fmt::Debug for RoleText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleText")
            .field("bytes", &self.text.len())
            .field("unreadable", &self.unreadable)
            .finish()
    }
}

pub(crate) const EVERY_READS: [Reads; 5] = [
    Reads::All,
    Reads::LastUser,
    Reads::System,
    Reads::Tool,
    Reads::User,
];

impl<'t> Texts<'t> {
    /// Builds the role texts in `needed`, a bit set of [`Reads`]; the others stay empty.
    pub fn of<'r: 't>(request: &Request<'r>, needed: u8, buffers: &'t mut TextBuffers) -> Self {
        let messages = match request.input {
            Input::Messages(messages) => messages,
            Input::Text(text) => {
                let said = RoleText {
                    text,
                    unreadable: false,
                };
                let empty = RoleText::default();
                return Self([said, said, empty, empty, said]);
            }
        };
        let last_user = messages
            .iter()
            .rposition(|message| message.role == Role::User);
        let mut texts = [RoleText::default(); 5];
        for (reads, buffer) in EVERY_READS.into_iter().zip(&mut buffers.0) {
            if needed & (1 << reads as u8) == 0 {
                continue;
            }
            let mut first: Option<&'r str> = None;
            let mut joined = false;
            let mut unreadable = false;
            for (index, message) in messages.iter().enumerate() {
                for part in message.parts {
                    if !includes(reads, message.role, part, Some(index) == last_user) {
                        continue;
                    }
                    unreadable |= matches!(part, Part::Audio | Part::Image | Part::Other);
                    let text = part.text();
                    match first {
                        _ if text.is_empty() => {}
                        None => first = Some(text),
                        Some(start) => {
                            if !joined {
                                buffer.clear();
                                buffer.push_str(start);
                                joined = true;
                            }
                            buffer.push('\n');
                            buffer.push_str(text);
                        }
                    }
                }
            }
            let text = if joined {
                buffer.as_str()
            } else {
                first.unwrap_or_default()
            };
            texts[reads as usize] = RoleText { text, unreadable };
        }
        Self(texts)
    }

    pub fn view(&self, reads: Reads) -> RoleText<'t> {
        self.0[reads as usize]
    }

    /// The role texts of `among` with exactly the text and readability of `reads`, as a bit set.
    pub fn same_as(&self, reads: Reads, among: u8) -> u8 {
        let said = self.view(reads);
        let is_same = |other: RoleText<'_>| {
            std::ptr::eq(other.text, said.text) && other.unreadable == said.unreadable
        };
        (0..5u8)
            .filter(|bit| among & (1 << bit) != 0 && is_same(self.0[usize::from(*bit)]))
            .fold(0, |set, bit| set | 1 << bit)
    }
}

/// Whether a role text holds a part: documents count as the tools' output, whoever pasted them.
fn includes(reads: Reads, role: Role, part: &Part<'_>, is_last_user: bool) -> bool {
    let is_document = matches!(part, Part::Document(_));
    match reads {
        Reads::All => true,
        Reads::LastUser => is_last_user && !is_document,
        Reads::System => role == Role::System && !is_document,
        Reads::Tool => role == Role::Tool || is_document,
        Reads::User => role == Role::User && !is_document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Message;

    #[test]
    fn each_text_holds_its_roles_and_documents_belong_to_tools() {
        let system = [Part::Text("be brief")];
        let first = [Part::Text("hello")];
        let answer = [Part::Text("hi")];
        let last = [
            Part::Text("read this"),
            Part::Document("a contract"),
            Part::Image,
        ];
        let messages = [
            Message {
                role: Role::System,
                parts: &system,
            },
            Message {
                role: Role::User,
                parts: &first,
            },
            Message {
                role: Role::Assistant,
                parts: &answer,
            },
            Message {
                role: Role::User,
                parts: &last,
            },
        ];
        let mut buffers = TextBuffers::default();
        let texts = Texts::of(&Request::messages(&messages), 0b1_1111, &mut buffers);
        for (reads, text, unreadable) in [
            (
                Reads::All,
                "be brief\nhello\nhi\nread this\na contract",
                true,
            ),
            (Reads::LastUser, "read this", true),
            (Reads::System, "be brief", false),
            (Reads::Tool, "a contract", false),
            (Reads::User, "hello\nread this", true),
        ] {
            let said = texts.view(reads);
            assert_eq!(
                (said.text, said.unreadable),
                (text, unreadable),
                "{reads:?}"
            );
        }
    }

    #[test]
    fn role_texts_with_one_content_are_one_slice() {
        let mut buffers = TextBuffers::default();
        let texts = Texts::of(&Request::text("hello"), 0b1_1111, &mut buffers);
        assert_eq!(texts.same_as(Reads::LastUser, 0b1_1111), 0b1_0011);
    }
}
