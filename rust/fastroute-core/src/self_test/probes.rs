//! The canned requests of the self-test.
//!
//! What they say does not matter; they differ in what the engine does differently: no text, one
//! word, pages, scripts with and without spaces, code, roles, parts that nobody can read, limits and
//! requirements, metadata of every type.

use std::sync::LazyLock;

use crate::config::{Capability, Duration};
use crate::request::{
    Capabilities, Input, Limits, Message, Part, Request, Requirements, Role, Value,
};

pub(super) const SHORT: &str = "What can you do for me?";

const SCRIPTS: &str = "Was kostet das? Сколько это стоит? これはいくらですか。这个多少钱？ كم سعر هذا؟ \
    이것은 얼마입니까? यह कितने का है? 🙂 ﬁne\u{301}";

const CODE: &str = "```python\ndef total(prices):\n    return sum(p * 1.19 for p in prices)\n```\nWhy is {{ this }} slow?";

/// Four thousand letters: a page.
static LONG: LazyLock<String> = LazyLock::new(|| {
    "Please read the report below, list what is missing, and say why. ".repeat(62)
});

const METADATA: &[(&str, Value<'static>)] = &[
    ("age", Value::Number(41.5)),
    ("internal", Value::Bool(true)),
    ("tier", Value::Text("free")),
];

const MEDIA: &[Message<'static>] = &[
    Message {
        role: Role::System,
        parts: &[Part::Text("Answer politely.")],
    },
    Message {
        role: Role::User,
        parts: &[Part::Text("Hello"), Part::Other],
    },
    Message {
        role: Role::Assistant,
        parts: &[Part::Text("Good morning!")],
    },
    Message {
        role: Role::Tool,
        parts: &[Part::Text("{\"found\": 3}")],
    },
    Message {
        role: Role::User,
        parts: &[
            Part::Text("What is in this picture, and what is said?"),
            Part::Image,
            Part::Audio,
            Part::Document("Page 1 of 2"),
        ],
    },
];

const NOBODY: &[Message<'static>] = &[Message {
    role: Role::Tool,
    parts: &[],
}];

/// Every canned request, named.
pub(super) fn canned() -> [(&'static str, Request<'static>); 9] {
    let messages = |messages| Request {
        input: Input::Messages(messages),
        ..Request::text("")
    };
    let needs = [Capability::JsonSchema, Capability::Tools];
    [
        ("short", Request::text(SHORT)),
        ("empty", Request::text("")),
        ("long", Request::text(&LONG)),
        ("scripts", Request::text(SCRIPTS)),
        ("code", Request::text(CODE)),
        ("media", messages(MEDIA)),
        ("nobody", messages(NOBODY)),
        (
            "metadata",
            Request {
                metadata: METADATA,
                task: Some("no such task"),
                ..Request::text(SHORT)
            },
        ),
        (
            "limits",
            Request {
                requirements: Requirements {
                    capabilities: needs
                        .into_iter()
                        .fold(Capabilities::empty(), Capabilities::with),
                    tools_tokens: 500,
                },
                limits: Limits {
                    min_quality: Some(0.5),
                    max_cost: Some(0.01),
                    max_latency: Some(Duration::from_micros(2_000_000)),
                    expected_output_tokens: Some(200),
                },
                ..Request::text(SHORT)
            },
        ),
    ]
}

/// What prompts are rendered around: request and context.
///
/// Not a page of both at once: a template that walks over one and repeats the other is too long for
/// every window then, so no request would have it rendered.
pub(super) fn rendered() -> [(Request<'static>, Option<&'static str>); 4] {
    let with = |text| Request {
        metadata: METADATA,
        ..Request::text(text)
    };
    [
        (Request::text(""), None),
        (with(SCRIPTS), Some(SHORT)),
        (with(&LONG), Some(SHORT)),
        (with(SHORT), Some(&LONG)),
    ]
}
