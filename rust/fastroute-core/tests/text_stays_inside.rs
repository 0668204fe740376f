//! Nothing that a user wrote can be formatted: not into a log line, not into an error.
//!
//! A marker goes through every public type that holds or held text. A type without `Debug` cannot
//! be formatted at all, which is as good; if somebody derives it, this test reads what it shows.

use std::fmt::Debug;
use std::sync::Arc;

use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::{
    Answer, Input, MAX_METADATA, MAX_TEXT_BYTES, Message, Now, Part, Request, Role, Snapshot, Step,
    Value, View, Workspace, decide, decide_batch, explain,
};
use serde_json::json;

const MARKER: &str = "Zanzibar";

/// A value that may have `Debug`.
struct Shown<'a, T>(&'a T);

trait WithDebug {
    fn shown(&self) -> String;
}

impl<T: Debug> WithDebug for Shown<'_, T> {
    fn shown(&self) -> String {
        format!("{:?} {:#?}", self.0, self.0)
    }
}

trait WithoutDebug {
    fn shown(&self) -> String;
}

impl<T> WithoutDebug for &Shown<'_, T> {
    fn shown(&self) -> String {
        String::new()
    }
}

fn assert_hidden(what: &str, shown: &str) {
    assert!(
        !shown.to_lowercase().contains(&MARKER.to_lowercase()),
        "{what}: {shown}"
    );
}

/// Checks `{:?}` and `{:#?}` of each value, where there are any.
macro_rules! assert_shows_nothing {
    ($($value:expr),+ $(,)?) => {
        $(assert_hidden(stringify!($value), &(&Shown(&$value)).shown());)+
    };
}

/// Two routes with examples; the meta-LLM is asked when similarity is unsure.
fn snapshot(asks: bool) -> Arc<Snapshot> {
    let order = if asks {
        json!(["meta_llm"])
    } else {
        json!(["task", "rules", "similarity"])
    };
    let mut configuration = json!({
        "version": 1,
        "providers": { "p": { "kind": "callable" } },
        "models": [{ "name": "m", "provider": "p", "context_window": 100_000, "tokenizer": "cl100k",
                     "price": { "input": 1.0, "output": 1.0 },
                     "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } }],
        "prompts": [
            { "name": "plain", "system": "Be brief.", "template": "{{ input }} {{ metadata.tier }}" },
            { "name": "failing", "template": "{% if 'refund' in context %}{{ input - 1 }}{% endif %}{{ input }}" },
        ],
        "routes": [
            { "name": "weather", "choose": ["m"], "prompts": [{ "use": "plain" }], "threshold": 0.0,
              "examples": ["will it rain tomorrow", "how warm is it outside"] },
            { "name": "money", "choose": ["m"], "prompts": [{ "use": "failing" }], "threshold": 0.0,
              "examples": ["I was charged twice", "please refund the invoice"] },
        ],
        "rules": [
            { "name": "words", "when": { "keywords": { "any": ["island"], "reads": "all" } }, "then": { "difficulty": 0.3 } },
            { "name": "tier", "when": { "metadata": { "key": "tier", "equals": "gold" } }, "then": { "difficulty": 0.4 } },
            { "name": "shape", "when": { "regex": { "pattern": "^x", "reads": "user" } }, "then": { "difficulty": 0.5 } },
            { "name": "long", "when": { "tokens": { "min": 5, "tokenizer": "cl100k", "reads": "tool" } }, "then": { "difficulty": 0.6 } },
        ],
        "classify": { "order": order, "similarity": { "margin": 0.0 }, "meta_llm": { "model": "m", "timeout": "1s" } },
        "default": { "route": "weather" },
    });
    if !asks {
        configuration["classify"]
            .as_object_mut()
            .expect("a map")
            .remove("meta_llm");
    }
    let text = configuration.to_string();
    let source = Source {
        name: "inside.json",
        text: &text,
        format: Format::Json,
    };
    let loaded = config::load(&source, &NoFiles).unwrap_or_else(|errors| panic!("{errors}"));
    Arc::new(Snapshot::build(&loaded, None).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn no_public_type_formats_the_text_of_a_request() {
    let said = format!("{MARKER}: please refund the invoice of the island {MARKER}");
    let first = [Part::Text(&said), Part::Text(&said)];
    let last = [Part::Text(&said), Part::Document(&said)];
    let messages = [
        (Role::System, &first),
        (Role::User, &first),
        (Role::Tool, &last),
        (Role::User, &last),
    ]
    .map(|(role, parts)| Message { role, parts });
    let metadata = [("tier", Value::Text(MARKER)), ("age", Value::Number(3.0))];
    let mut request = Request::messages(&messages);
    request.metadata = &metadata;
    let input = request.input;
    let mut workspace = Workspace::new();
    assert_shows_nothing!(
        request,
        input,
        messages[0],
        messages,
        last[0],
        last[1],
        metadata[0].1
    );
    assert_shows_nothing!(
        Input::Text(&said),
        Part::Text(&said),
        Value::Text(&said),
        Request::text(&said)
    );

    let healthy = View::healthy();
    let mut outcomes = Vec::new();
    for (asks, text) in [
        (false, None),
        (true, None),
        (false, Some("will it rain in Zanzibar tomorrow")),
    ] {
        let snapshot = snapshot(asks);
        let request = match text {
            Some(text) => Request {
                metadata: &metadata,
                ..Request::text(text)
            },
            None => request,
        };
        let step = decide(
            &snapshot,
            &request,
            &healthy,
            Now::default(),
            0,
            &mut workspace,
        )
        .expect("a step");
        assert_shows_nothing!(step, workspace, snapshot);
        let decision = match step {
            Step::Decided(decision) => decision,
            Step::Ask(pending) => {
                assert!(
                    pending.question().user.contains(MARKER),
                    "the question holds the text"
                );
                assert_shows_nothing!(pending, *pending.question());
                pending.resume(Answer::Label("money"), &healthy, Now::default())
            }
        };
        assert_shows_nothing!(
            decision,
            decision.reason(),
            decision.sentence(),
            decision.canonical()
        );
        match decision.messages(&request, Some(&said)) {
            Ok(rendered) => {
                assert!(
                    rendered
                        .iter()
                        .any(|message| message.content.contains(MARKER))
                );
                assert_shows_nothing!(rendered, rendered[0]);
                outcomes.push(("rendered", asks));
            }
            Err(error) => {
                assert_shows_nothing!(error);
                outcomes.push(("failed", asks));
                assert_hidden("the error of a template", &error.to_string());
            }
        }
        let explanation = explain(
            &snapshot,
            &request,
            &healthy,
            0,
            Some(Answer::Declined),
            &mut workspace,
        )
        .expect("an explanation");
        assert_shows_nothing!(explanation, workspace);
        assert_hidden("the printed explanation", &explanation.to_string());
        assert_hidden(
            "the serialised explanation",
            &json!(explanation).to_string(),
        );
        let tier = explanation
            .signals
            .iter()
            .find(|line| line.signal.starts_with("metadata"));
        assert_eq!(tier.expect("a signal").value, json!("text of 8 characters"));

        let mut rows = 0;
        decide_batch(
            &snapshot,
            [request; 3],
            &healthy,
            &mut workspace,
            |_, row| {
                assert_shows_nothing!(*row);
                rows += 1;
            },
        )
        .expect("a batch");
        assert_eq!(rows, 3);
        assert_shows_nothing!(workspace);
    }
    let all = [("failed", false), ("failed", true), ("rendered", false)];
    assert_eq!(outcomes, all);
}

#[test]
fn no_error_of_a_request_shows_its_text() {
    let snapshot = snapshot(false);
    let mut workspace = Workspace::new();
    let long = MARKER.repeat(MAX_TEXT_BYTES / MARKER.len() + 1);
    let many = vec![(MARKER, Value::Text(MARKER)); MAX_METADATA + 1];
    let infinite = [
        ("age", Value::Number(f64::INFINITY)),
        ("tier", Value::Text(MARKER)),
    ];
    let text = Request::text(MARKER);
    let mut limited = text;
    limited.limits.max_cost = Some(-1.0);
    let requests = [
        ("TEXT_TOO_LONG", Request::text(&long)),
        (
            "TOO_MUCH_METADATA",
            Request {
                metadata: &many,
                ..text
            },
        ),
        (
            "INVALID_METADATA",
            Request {
                metadata: &infinite,
                ..text
            },
        ),
        ("INVALID_LIMIT", limited),
    ];
    for (code, request) in requests {
        let healthy = View::healthy();
        let error = decide(
            &snapshot,
            &request,
            &healthy,
            Now::default(),
            0,
            &mut workspace,
        )
        .expect_err(code);
        assert_eq!(error.code(), code);
        assert_shows_nothing!(error, workspace);
        assert_hidden(code, &error.to_string());
        let error = decide_batch(&snapshot, [request], &healthy, &mut workspace, |_, _| {})
            .expect_err(code);
        assert_shows_nothing!(error);
        assert_hidden(code, &error.to_string());
    }
}
