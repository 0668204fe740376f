//! What a caller asks: messages of typed parts or one text, and what the answer must satisfy.
//!
//! Everything borrows, so building a [`Request`] allocates nothing and the text stays where the
//! caller has it. None of these types prints text: `Debug` shows lengths only, so that a request
//! can be named in an error without carrying what a user wrote.
//!
//! # Examples
//!
//! ```
//! use fastroute_core::Request;
//!
//! let request = Request::text("Why was I charged twice?");
//! assert_eq!(format!("{request:?}"), "Request { messages: 1, bytes: 24, metadata: 0 }");
//! ```

use std::fmt;

use crate::config::{Capability, Duration};

/// Most bytes of text in one request, over all its parts.
pub const MAX_TEXT_BYTES: usize = 8 << 20;
/// Most messages, and most parts of one message.
pub const MAX_MESSAGES: usize = 10_000;
/// Most metadata values.
pub const MAX_METADATA: usize = 1_024;

/// One request to an AI application.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What was said.
    pub input: Input<'a>,
    /// Task flag, such as `translate`, when the caller knows it.
    pub task: Option<&'a str>,
    /// Facts that the caller gives; of two values with one key the last counts.
    pub metadata: &'a [(&'a str, Value<'a>)],
    /// What the model must be able to do.
    pub requirements: Requirements,
    /// Floors and ceilings of this request; they hold beside those of the route.
    pub limits: Limits,
    /// The session that it is a turn of; none for a request on its own.
    pub session: Option<SessionInput<'a>>,
}

/// The session that a request is a turn of.
#[derive(Clone, Copy)]
pub struct SessionInput<'a> {
    /// What [`Decision::session`](crate::Decision::session) gave after the turn before; empty for the
    /// first. Bytes that this version did not write begin a new session.
    pub state: &'a [u8],
    /// When the turn came, in microseconds since 1970, UTC: sessions have a greatest age.
    pub unix_us: u64,
}

/// The content of a request.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// A conversation.
    Messages(&'a [Message<'a>]),
    /// One user message.
    Text(&'a str),
}

/// One message of a conversation.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Who said it.
    pub role: Role,
    /// What it consists of.
    pub parts: &'a [Part<'a>],
}

/// Who said a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The model.
    Assistant,
    /// The application.
    System,
    /// A tool's output.
    Tool,
    /// The user.
    User,
}

/// A part of a message.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    /// Sound, which no signal can read; needs a model with `audio`.
    Audio,
    /// Pasted or retrieved text; signals read it with the tools' output.
    Document(&'a str),
    /// A picture, which no signal can read; needs a model with `vision`.
    Image,
    /// Anything else, such as a file by reference, which no signal can read.
    Other,
    /// Text.
    Text(&'a str),
}

/// A metadata value.
#[derive(Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// True or false.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(&'a str),
}

/// What the model must be able to do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Requirements {
    /// Capabilities that it needs.
    pub capabilities: Capabilities,
    /// Tokens that tool definitions take in the context.
    pub tools_tokens: u32,
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Capabilities(u8);

impl Capabilities {
    /// Makes the empty set.
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Adds one.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u8)
    }

    /// Joins two sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set as bits, one for each place of the enumeration.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn of_bits(bits: u8) -> Self {
        Self(bits)
    }

    /// The capabilities of `self` that are not in `other`, in order of name.
    pub fn missing_from(self, other: Self) -> impl Iterator<Item = Capability> {
        [
            Capability::Audio,
            Capability::JsonSchema,
            Capability::Reasoning,
            Capability::Tools,
            Capability::Vision,
        ]
        .into_iter()
        .filter(move |capability| self.0 & !other.0 & (1 << *capability as u8) != 0)
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::empty(), Self::with)
    }
}

/// Floors and ceilings of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Least expected quality, 0 to 1.
    pub min_quality: Option<f32>,
    /// Highest expected cost, US dollars.
    pub max_cost: Option<f64>,
    /// Highest expected latency, to the last token.
    pub max_latency: Option<Duration>,
    /// Tokens that the answer is expected to take, instead of the route's figure.
    pub expected_output_tokens: Option<u32>,
}

impl<'a> Request<'a> {
    /// Makes a request of one user message.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self::new(Input::Text(text))
    }

    /// Makes a request of a conversation.
    #[must_use]
    pub const fn messages(messages: &'a [Message<'a>]) -> Self {
        Self::new(Input::Messages(messages))
    }

    const fn new(input: Input<'a>) -> Self {
        Self {
            input,
            task: None,
            metadata: &[],
            requirements: Requirements {
                capabilities: Capabilities::empty(),
                tools_tokens: 0,
            },
            limits: Limits {
                min_quality: None,
                max_cost: None,
                max_latency: None,
                expected_output_tokens: None,
            },
            session: None,
        }
    }

    /// Number of messages.
    #[must_use]
    pub const fn message_count(&self) -> usize {
        match self.input {
            Input::Messages(messages) => messages.len(),
            Input::Text(_) => 1,
        }
    }

    /// Number of parts that are not text.
    pub(crate) fn media_count(&self) -> usize {
        match self.input {
            Input::Messages(messages) => messages
                .iter()
                .flat_map(|m| m.parts)
                .filter(|part| matches!(part, Part::Audio | Part::Image | Part::Other))
                .count(),
            Input::Text(_) => 0,
        }
    }

    /// Bytes of text over all parts.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        match self.input {
            Input::Messages(messages) => messages
                .iter()
                .flat_map(|m| m.parts)
                .map(|part| part.text().len())
                .sum(),
            Input::Text(text) => text.len(),
        }
    }

    /// Checks the request against the limits of this module.
    ///
    /// # Errors
    ///
    /// Names the first limit that is broken; see [`RequestError::code`].
    pub(crate) fn check(&self) -> Result<(), RequestError> {
        if let Input::Messages(messages) = self.input {
            let largest = messages
                .iter()
                .map(|m| m.parts.len())
                .fold(messages.len(), usize::max);
            if largest > MAX_MESSAGES {
                return Err(RequestError(Kind::TooManyMessages { count: largest }));
            }
        }
        let bytes = self.text_bytes();
        if bytes > MAX_TEXT_BYTES {
            return Err(RequestError(Kind::TextTooLong { bytes }));
        }
        if self.metadata.len() > MAX_METADATA {
            return Err(RequestError(Kind::TooMuchMetadata {
                count: self.metadata.len(),
            }));
        }
        for (key, value) in self.metadata {
            if let Value::Number(number) = value
                && !number.is_finite()
            {
                return Err(RequestError(Kind::InvalidMetadata {
                    key: (*key).into(),
                    number: *number,
                }));
            }
        }
        let Limits {
            min_quality,
            max_cost,
            max_latency: _,
            expected_output_tokens,
        } = self.limits;
        if let Some(quality) = min_quality
            && !(0.0..=1.0).contains(&quality)
        {
            return Err(invalid_limit(
                "min_quality",
                quality,
                "a number from 0 to 1",
            ));
        }
        if let Some(cost) = max_cost
            && !(cost.is_finite() && cost >= 0.0)
        {
            return Err(invalid_limit(
                "max_cost",
                cost,
                "a finite number of US dollars, 0 or more",
            ));
        }
        if expected_output_tokens == Some(0) {
            return Err(invalid_limit(
                "expected_output_tokens",
                0,
                "1 token or more",
            ));
        }
        Ok(())
    }
}

impl<'a> Part<'a> {
    /// The text of the part; empty when it is not text.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        match self {
            Part::Document(text) | Part::Text(text) => text,
            Part::Audio | Part::Image | Part::Other => "",
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("messages", &self.message_count())
            .field("bytes", &self.text_bytes())
            .field("metadata", &self.metadata.len())
            .finish()
    }
}

/// A request that is outside the limits, so that nothing was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestError(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    InvalidLimit {
        name: &'static str,
        value: Box<str>,
        accepts: &'static str,
    },
    InvalidMetadata {
        key: Box<str>,
        number: f64,
    },
    TextTooLong {
        bytes: usize,
    },
    TooManyMessages {
        count: usize,
    },
    TooMuchMetadata {
        count: usize,
    },
}

fn invalid_limit(name: &'static str, value: impl ToString, accepts: &'static str) -> RequestError {
    RequestError(Kind::InvalidLimit {
        name,
        value: value.to_string().into(),
        accepts,
    })
}

impl RequestError {
    /// Returns the stable code, the same on every surface.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.0 {
            Kind::InvalidLimit { .. } => "INVALID_LIMIT",
            Kind::InvalidMetadata { .. } => "INVALID_METADATA",
            Kind::TextTooLong { .. } => "TEXT_TOO_LONG",
            Kind::TooManyMessages { .. } => "TOO_MANY_MESSAGES",
            Kind::TooMuchMetadata { .. } => "TOO_MUCH_METADATA",
        }
    }

    /// Returns the name of the field of [`Request`] that is at fault, or of its [`Limits`].
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self.0 {
            Kind::InvalidLimit { name, .. } => name,
            Kind::InvalidMetadata { .. } | Kind::TooMuchMetadata { .. } => "metadata",
            Kind::TextTooLong { .. } | Kind::TooManyMessages { .. } => "input",
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::InvalidLimit {
                name,
                value,
                accepts,
            } => write!(f, "limit `{name}` is `{value}`, but must be {accepts}"),
            Kind::InvalidMetadata { key, number } => write!(
                f,
                "metadata `{}` is `{number}`, but must be finite",
                key.escape_debug()
            ),
            Kind::TextTooLong { bytes } => write!(
                f,
                "request has `{bytes}` bytes of text, over the limit of {MAX_TEXT_BYTES}"
            ),
            Kind::TooManyMessages { count } => write!(
                f,
                "request has `{count}` messages or parts, over the limit of {MAX_MESSAGES}"
            ),
            Kind::TooMuchMetadata { count } => write!(
                f,
                "request has `{count}` metadata values, over the limit of {MAX_METADATA}"
            ),
        }
    }
}

impl std::error::Error for RequestError {}
