//! A request of the contract, lent to the core.
//!
//! The core's views borrow the message; what conversion allocates are three small vectors, of
//! messages, parts and metadata, and none for a plain text. Checks that only the contract needs
//! are made here (one of text and messages, numbers of enums, names of models); limits are the core's.
//!
//! Errors name the field and say what it takes. They do not repeat names or texts: those may be
//! anything, and of any length.

use fastroute_core::config::{Capability, Duration};
use fastroute_core::{
    Capabilities, Catalogue, Input, Limits, Message, ModelId, Now, Part, Request, RequestError,
    Requirements, Role, SessionInput, Value,
};
use fastroute_proto::v1;
use v1::metadata_entry::Value as Typed;
use v1::part::Content;

use super::time::micros;
use crate::refusal::Refusal;

/// Most names of models that cannot serve; a configuration has at most as many models.
pub const MAX_UNAVAILABLE: usize = 1_024;

/// Lends a request in the form of the core.
///
/// # Errors
///
/// `MISSING_TEXT`, `AMBIGUOUS_TEXT`, `INVALID_MESSAGE`, `UNKNOWN_CAPABILITY`, `INVALID_LIMIT`, `INVALID_SESSION`, with the field. Limits that the
/// core knows are refused when it decides; see [`refuse`](super::request::refuse).
///
/// `kept` is what the server keeps of the session; what the request brings counts instead.
pub fn with_request<T>(
    request: &v1::RouteRequest,
    kept: &[u8],
    now: Now,
    run: impl FnOnce(&Request<'_>) -> T,
) -> Result<T, Refusal> {
    let (parts, messages);
    let input = match (&request.text, request.messages.is_empty()) {
        (Some(text), true) => Input::Text(text),
        (None, false) => {
            parts = all_parts(&request.messages)?;
            messages = all_messages(&request.messages, &parts)?;
            Input::Messages(&messages)
        }
        (None, true) => {
            return Err(Refusal::invalid(
                "MISSING_TEXT",
                "text",
                "one of `text` and `messages` is needed",
            ));
        }
        (Some(_), false) => {
            return Err(Refusal::invalid(
                "AMBIGUOUS_TEXT",
                "messages",
                "`text` and `messages` exclude each other",
            ));
        }
    };
    let metadata: Vec<(&str, Value<'_>)> = request.metadata.iter().filter_map(fact).collect();
    Ok(run(&Request {
        input,
        task: request.task.as_deref(),
        metadata: &metadata,
        requirements: Requirements {
            capabilities: capabilities(&request.capabilities)?,
            tools_tokens: request.tools_tokens,
        },
        limits: limits(request.limits.as_ref())?,
        session: session(request.session.as_ref(), kept, now)?,
    }))
}

/// Finds the models that a request says cannot serve.
///
/// # Errors
///
/// `UNKNOWN_MODEL` with the place in the list.
pub fn unavailable(
    request: &v1::RouteRequest,
    catalogue: &Catalogue,
) -> Result<Vec<ModelId>, Refusal> {
    let names = &request.unavailable_models;
    if names.len() > MAX_UNAVAILABLE {
        return Err(Refusal::invalid(
            "UNKNOWN_MODEL",
            "unavailable_models",
            format!(
                "`{}` models cannot serve, over the limit of {MAX_UNAVAILABLE}",
                names.len()
            ),
        ));
    }
    let found = names.iter().enumerate().map(|(place, name)| {
        catalogue.model_named(name).ok_or_else(|| {
            Refusal::invalid(
                "UNKNOWN_MODEL",
                format!("unavailable_models[{place}]"),
                format!(
                    "the name is none of the {} models of the configuration",
                    catalogue.models().len()
                ),
            )
        })
    });
    found.collect()
}

/// Says what the core refused, with the path of the field.
#[must_use]
pub fn refuse(error: &RequestError, request: &v1::RouteRequest) -> Refusal {
    if error.code() == "INVALID_METADATA"
        && let Some((place, number)) = first_not_finite(&request.metadata)
    {
        return Refusal::invalid(
            "INVALID_METADATA",
            format!("metadata[{place}].number_value"),
            format!("`{number}` must be finite"),
        );
    }
    if error.field() == "input" && request.text.is_some() {
        return Refusal::invalid(error.code(), "text", error.to_string());
    }
    Refusal::from(error.clone())
}

/// Time that the caller's answer took, in microseconds.
///
/// # Errors
///
/// `INVALID_ANSWER` for what is no length of time.
pub fn waited_us(answer: &v1::Answer) -> Result<u64, Refusal> {
    match &answer.waited {
        None => Ok(0),
        Some(waited) => micros(waited).ok_or_else(|| {
            let message = "must be 0 or more, with nanoseconds from 0 to 999999999";
            Refusal::invalid("INVALID_ANSWER", "answer.waited", message)
        }),
    }
}

/// Bytes of text of a request.
#[must_use]
pub fn text_bytes(request: &v1::RouteRequest) -> usize {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let said = parts.map(|part| match &part.content {
        Some(Content::Text(text) | Content::Document(text)) => text.len(),
        _ => 0,
    });
    said.sum::<usize>() + request.text.as_ref().map_or(0, String::len)
}

/// The parts of all messages, one after the other.
fn all_parts(messages: &[v1::Message]) -> Result<Vec<Part<'_>>, Refusal> {
    let mut parts = Vec::with_capacity(messages.iter().map(|message| message.parts.len()).sum());
    for (place, message) in messages.iter().enumerate() {
        for (at, part) in message.parts.iter().enumerate() {
            parts.push(match &part.content {
                Some(Content::Text(text)) => Part::Text(text),
                Some(Content::Document(text)) => Part::Document(text),
                Some(Content::Image(_)) => Part::Image,
                Some(Content::Audio(_)) => Part::Audio,
                Some(Content::Other(_)) => Part::Other,
                None => {
                    return Err(Refusal::invalid(
                        "INVALID_MESSAGE",
                        format!("messages[{place}].parts[{at}]"),
                        "a part needs one of `text`, `document`, `image`, `audio` and `other`",
                    ));
                }
            });
        }
    }
    Ok(parts)
}

fn all_messages<'a>(
    messages: &[v1::Message],
    mut parts: &'a [Part<'a>],
) -> Result<Vec<Message<'a>>, Refusal> {
    let mut all = Vec::with_capacity(messages.len());
    for (place, message) in messages.iter().enumerate() {
        let role = match v1::Role::try_from(message.role) {
            Ok(v1::Role::User) => Role::User,
            Ok(v1::Role::Assistant) => Role::Assistant,
            Ok(v1::Role::System) => Role::System,
            Ok(v1::Role::Tool) => Role::Tool,
            Ok(v1::Role::Unspecified) | Err(_) => {
                return Err(Refusal::invalid(
                    "INVALID_MESSAGE",
                    format!("messages[{place}].role"),
                    format!("`{}` is none of the roles 1 to 4", message.role),
                ));
            }
        };
        let (own, rest) = parts
            .split_at_checked(message.parts.len())
            .unwrap_or((parts, &[]));
        parts = rest;
        all.push(Message { role, parts: own });
    }
    Ok(all)
}

fn fact(entry: &v1::MetadataEntry) -> Option<(&str, Value<'_>)> {
    let value = match entry.value.as_ref()? {
        Typed::BoolValue(value) => Value::Bool(*value),
        Typed::NumberValue(value) => Value::Number(*value),
        Typed::TextValue(value) => Value::Text(value),
    };
    Some((&entry.key, value))
}

/// Bytes of the longest name of a session, and of its longest state.
const MAX_SESSION_ID_BYTES: usize = 256;
const MAX_SESSION_BYTES: usize = 1_024;

fn session<'a>(
    session: Option<&'a v1::Session>,
    kept: &'a [u8],
    now: Now,
) -> Result<Option<SessionInput<'a>>, Refusal> {
    let Some(session) = session else {
        return Ok(None);
    };
    let over = |field, bytes, most| {
        let message = format!("has `{bytes}` bytes, over the limit of {most}");
        Refusal::invalid("INVALID_SESSION", field, message)
    };
    if session.id.len() > MAX_SESSION_ID_BYTES {
        return Err(over("session.id", session.id.len(), MAX_SESSION_ID_BYTES));
    }
    if session.state.len() > MAX_SESSION_BYTES {
        return Err(over(
            "session.state",
            session.state.len(),
            MAX_SESSION_BYTES,
        ));
    }
    Ok(Some(SessionInput {
        state: if session.state.is_empty() {
            kept
        } else {
            &session.state
        },
        unix_us: now.unix_us,
    }))
}

fn first_not_finite(metadata: &[v1::MetadataEntry]) -> Option<(usize, f64)> {
    metadata
        .iter()
        .enumerate()
        .find_map(|(place, entry)| match entry.value {
            Some(Typed::NumberValue(number)) if !number.is_finite() => Some((place, number)),
            _ => None,
        })
}

fn capabilities(numbers: &[i32]) -> Result<Capabilities, Refusal> {
    let mut all = Capabilities::empty();
    for (place, number) in numbers.iter().enumerate() {
        all = all.with(match v1::Capability::try_from(*number) {
            Ok(v1::Capability::Audio) => Capability::Audio,
            Ok(v1::Capability::JsonSchema) => Capability::JsonSchema,
            Ok(v1::Capability::Reasoning) => Capability::Reasoning,
            Ok(v1::Capability::Tools) => Capability::Tools,
            Ok(v1::Capability::Vision) => Capability::Vision,
            Ok(v1::Capability::Unspecified) | Err(_) => {
                return Err(Refusal::invalid(
                    "UNKNOWN_CAPABILITY",
                    format!("capabilities[{place}]"),
                    format!("`{number}` is none of the capabilities 1 to 5"),
                ));
            }
        });
    }
    Ok(all)
}

fn limits(limits: Option<&v1::Limits>) -> Result<Limits, Refusal> {
    let Some(limits) = limits else {
        return Ok(Limits::default());
    };
    let max_latency = match &limits.max_latency {
        None => None,
        Some(span) => {
            let us = micros(span).ok_or_else(|| {
                let message = "must be 0 or more, with nanoseconds from 0 to 999999999";
                Refusal::invalid("INVALID_LIMIT", "limits.max_latency", message)
            })?;
            Some(Duration::from_micros(us))
        }
    };
    Ok(Limits {
        min_quality: limits.min_quality,
        max_cost: limits.max_cost_usd,
        max_latency,
        expected_output_tokens: limits.expected_output_tokens,
    })
}
