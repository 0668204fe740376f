//! The core's request as the contract's message. Texts are copied once, into the message.

use fastroute_core::config::Capability;
use fastroute_core::{Capabilities, Input, Limits, Message, Part, Request, Role, Value};
use fastroute_proto::v1;

use super::duration;

/// Writes everything that a request says; what it asks for beside is the caller's to add.
pub fn request(request: &Request<'_>) -> v1::RouteRequest {
    let (text, messages) = match request.input {
        Input::Text(text) => (Some(text.to_owned()), Vec::new()),
        Input::Messages(messages) => (None, messages.iter().map(message).collect()),
    };
    v1::RouteRequest {
        text,
        messages,
        task: request.task.map(ToOwned::to_owned),
        metadata: request.metadata.iter().map(entry).collect(),
        capabilities: capabilities(request.requirements.capabilities),
        tools_tokens: request.requirements.tools_tokens,
        limits: limits(&request.limits),
        session: request.session.map(|session| v1::Session {
            id: String::new(),
            state: session.state.to_vec(),
        }),
        ..Default::default()
    }
}

fn message(message: &Message<'_>) -> v1::Message {
    let role = match message.role {
        Role::Assistant => v1::Role::Assistant,
        Role::System => v1::Role::System,
        Role::Tool => v1::Role::Tool,
        Role::User => v1::Role::User,
    };
    let part = |part: &Part<'_>| {
        let content = match *part {
            Part::Audio => v1::part::Content::Audio(v1::Media {}),
            Part::Document(text) => v1::part::Content::Document(text.to_owned()),
            Part::Image => v1::part::Content::Image(v1::Media {}),
            Part::Other => v1::part::Content::Other(v1::Media {}),
            Part::Text(text) => v1::part::Content::Text(text.to_owned()),
        };
        v1::Part {
            content: Some(content),
        }
    };
    v1::Message {
        role: role.into(),
        parts: message.parts.iter().map(part).collect(),
    }
}

fn entry((key, value): &(&str, Value<'_>)) -> v1::MetadataEntry {
    let value = match *value {
        Value::Bool(value) => v1::metadata_entry::Value::BoolValue(value),
        Value::Number(value) => v1::metadata_entry::Value::NumberValue(value),
        Value::Text(value) => v1::metadata_entry::Value::TextValue(value.to_owned()),
    };
    v1::MetadataEntry {
        key: (*key).to_owned(),
        value: Some(value),
    }
}

fn capabilities(capabilities: Capabilities) -> Vec<i32> {
    let number = |capability| {
        let capability = match capability {
            Capability::Audio => v1::Capability::Audio,
            Capability::JsonSchema => v1::Capability::JsonSchema,
            Capability::Reasoning => v1::Capability::Reasoning,
            Capability::Tools => v1::Capability::Tools,
            Capability::Vision => v1::Capability::Vision,
        };
        capability.into()
    };
    capabilities
        .missing_from(Capabilities::empty())
        .map(number)
        .collect()
}

fn limits(limits: &Limits) -> Option<v1::Limits> {
    (*limits != Limits::default()).then(|| v1::Limits {
        min_quality: limits.min_quality,
        max_cost_usd: limits.max_cost,
        max_latency: limits
            .max_latency
            .map(|latency| duration(latency.as_micros())),
        expected_output_tokens: limits.expected_output_tokens,
    })
}
