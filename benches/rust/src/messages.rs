//! Messages as the service will carry them, to measure the toll of bytes before there is a service.
//!
//! They have the shape of `fastroute.v1` in DESIGN §8: typed, repeated metadata; parts in a
//! `oneof`; an outcome that is not an error status. The service converts the same way: borrowed
//! views of the decoded message go in, owned names of the decision come out.

use fastroute_core::{Decision, Message, Part, Request, Role, Value};

/// A request for one decision.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RouteRequest {
    /// The conversation.
    #[prost(message, repeated, tag = "1")]
    pub messages: Vec<RequestMessage>,
    /// Task flag.
    #[prost(string, optional, tag = "2")]
    pub task: Option<String>,
    /// Facts that the caller gives.
    #[prost(message, repeated, tag = "3")]
    pub metadata: Vec<Metadatum>,
    /// Draw for whatever is drawn.
    #[prost(uint64, tag = "4")]
    pub seed: u64,
}

/// One message of the conversation.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RequestMessage {
    /// Who said it: 1 user, 2 assistant, 3 system, 4 tool.
    #[prost(uint32, tag = "1")]
    pub role: u32,
    /// What it consists of.
    #[prost(message, repeated, tag = "2")]
    pub parts: Vec<RequestPart>,
}

/// A part of a message.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RequestPart {
    /// Its content.
    #[prost(oneof = "Content", tags = "1, 2")]
    pub content: Option<Content>,
}

/// The content of a part.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Content {
    /// Text.
    #[prost(string, tag = "1")]
    Text(String),
    /// A pasted or retrieved text.
    #[prost(string, tag = "2")]
    Document(String),
}

/// One metadata value.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Metadatum {
    /// Its key.
    #[prost(string, tag = "1")]
    pub key: String,
    /// Its value.
    #[prost(oneof = "Typed", tags = "2, 3, 4")]
    pub value: Option<Typed>,
}

/// A typed metadata value.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Typed {
    /// True or false.
    #[prost(bool, tag = "2")]
    Bool(bool),
    /// A number.
    #[prost(double, tag = "3")]
    Number(f64),
    /// A text.
    #[prost(string, tag = "4")]
    Text(String),
}

/// A decision.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RouteResponse {
    /// `routed`, `rejected` or `nothing_fits`.
    #[prost(string, tag = "1")]
    pub outcome: String,
    /// Route.
    #[prost(string, optional, tag = "2")]
    pub route: Option<String>,
    /// Primary model.
    #[prost(string, optional, tag = "3")]
    pub model: Option<String>,
    /// Models to try next.
    #[prost(string, repeated, tag = "4")]
    pub fallbacks: Vec<String>,
    /// Prompt.
    #[prost(string, optional, tag = "5")]
    pub prompt: Option<String>,
    /// Stable code of the reason.
    #[prost(string, tag = "6")]
    pub reason: String,
    /// Probability of the route.
    #[prost(float, optional, tag = "7")]
    pub route_confidence: Option<f32>,
    /// Expected cost, US dollars.
    #[prost(double, optional, tag = "8")]
    pub cost_usd: Option<f64>,
    /// Expected latency, microseconds.
    #[prost(uint64, optional, tag = "9")]
    pub latency_us: Option<u64>,
    /// Tokens of the input.
    #[prost(uint64, tag = "10")]
    pub input_tokens: u64,
}

impl RouteRequest {
    /// Makes the request that a client sends for one text.
    #[must_use]
    pub fn text(text: &str, tier: &str) -> Self {
        let part = RequestPart {
            content: Some(Content::Text(text.to_owned())),
        };
        Self {
            messages: vec![RequestMessage {
                role: 1,
                parts: vec![part],
            }],
            metadata: vec![Metadatum {
                key: "tier".to_owned(),
                value: Some(Typed::Text(tier.to_owned())),
            }],
            ..Self::default()
        }
    }

    /// Calls `with` on the core's view of the request.
    ///
    /// The views borrow from `self`; the three small vectors are what conversion allocates.
    pub fn with_core<T>(&self, with: impl FnOnce(&Request<'_>) -> T) -> T {
        let parts: Vec<Vec<Part<'_>>> = self
            .messages
            .iter()
            .map(|message| message.parts.iter().filter_map(RequestPart::core).collect())
            .collect();
        let messages: Vec<Message<'_>> = self
            .messages
            .iter()
            .zip(&parts)
            .map(|(message, parts)| Message {
                role: role(message.role),
                parts,
            })
            .collect();
        let metadata: Vec<(&str, Value<'_>)> = self
            .metadata
            .iter()
            .filter_map(|metadatum| {
                Some((metadatum.key.as_str(), metadatum.value.as_ref()?.core()))
            })
            .collect();
        let mut request = Request::messages(&messages);
        request.task = self.task.as_deref();
        request.metadata = &metadata;
        with(&request)
    }
}

fn role(number: u32) -> Role {
    match number {
        2 => Role::Assistant,
        3 => Role::System,
        4 => Role::Tool,
        _ => Role::User,
    }
}

impl RequestPart {
    fn core(&self) -> Option<Part<'_>> {
        self.content.as_ref().map(|content| match content {
            Content::Document(text) => Part::Document(text),
            Content::Text(text) => Part::Text(text),
        })
    }
}

impl Typed {
    fn core(&self) -> Value<'_> {
        match self {
            Typed::Bool(value) => Value::Bool(*value),
            Typed::Number(value) => Value::Number(*value),
            Typed::Text(value) => Value::Text(value),
        }
    }
}

impl From<&Decision> for RouteResponse {
    fn from(decision: &Decision) -> Self {
        let estimates = decision.estimates();
        Self {
            outcome: decision.outcome().as_str().to_owned(),
            route: decision.route().map(str::to_owned),
            model: decision.model().map(str::to_owned),
            fallbacks: decision.fallbacks().map(str::to_owned).collect(),
            prompt: decision.prompt().map(str::to_owned),
            reason: decision.reason().code().to_owned(),
            route_confidence: decision.route_confidence(),
            cost_usd: decision.cost_usd(),
            latency_us: estimates.map(|estimates| estimates.latency_us),
            input_tokens: estimates.map_or(0, |estimates| estimates.input_tokens),
        }
    }
}
