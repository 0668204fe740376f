//! No message shows text of a prompt, of a configuration or of a token when it is formatted.

use std::fmt::Debug;

use fastroute_proto::v1;

const CANARY: &str = "canary-5f3a";

#[test]
fn nothing_that_a_caller_wrote_is_shown() {
    let text = || CANARY.to_owned();
    let part = |content| v1::Part {
        content: Some(content),
    };
    let request = v1::RouteRequest {
        text: Some(text()),
        task: Some(text()),
        messages: vec![v1::Message {
            role: 1,
            parts: vec![
                part(v1::part::Content::Text(text())),
                part(v1::part::Content::Document(text())),
            ],
        }],
        metadata: vec![v1::MetadataEntry {
            key: text(),
            value: Some(v1::metadata_entry::Value::TextValue(text())),
        }],
        answer: Some(v1::Answer {
            label: Some(text()),
            waited: None,
        }),
        render: Some(v1::Render { context: text() }),
        session: Some(v1::Session {
            id: text(),
            state: CANARY.into(),
        }),
        ..v1::RouteRequest::default()
    };
    let question = v1::Question {
        user: text(),
        ..v1::Question::default()
    };
    let decision = v1::Decision {
        report_token: CANARY.into(),
        messages: vec![v1::RenderedMessage {
            role: "user".to_owned(),
            content: text(),
            source: None,
        }],
        ..v1::Decision::default()
    };
    let cascade = v1::Cascade {
        schema_json: text(),
        ..v1::Cascade::default()
    };
    let split = v1::Split {
        reduce: text(),
        ..v1::Split::default()
    };
    let report = v1::OutcomeReport {
        report_token: CANARY.into(),
        ..v1::OutcomeReport::default()
    };
    let stream = v1::RouteStreamRequest {
        id: "7".to_owned(),
        request: Some(request.clone()),
        in_order: false,
    };
    let explain = v1::ExplainRequest {
        request: Some(request.clone()),
    };
    let reload = v1::ReloadConfigRequest {
        content: text(),
        ..v1::ReloadConfigRequest::default()
    };
    let validate = v1::ValidateConfigRequest {
        content: text(),
        ..v1::ValidateConfigRequest::default()
    };
    let batch = v1::RouteBatchRequest {
        requests: vec![request.clone()],
    };
    let answer = v1::RouteResponse {
        result: Some(v1::route_response::Result::Question(question)),
    };
    let shown: [&dyn Debug; 13] = [
        &request,
        &request.messages[0],
        &request.metadata[0],
        &answer,
        &decision,
        &cascade,
        &split,
        &report,
        &stream,
        &explain,
        &reload,
        &validate,
        &batch,
    ];
    let bytes = format!("{:?}", CANARY.as_bytes());
    for message in shown {
        let text = format!("{message:#?}{message:?}");
        assert!(!text.contains(CANARY) && !text.contains(&bytes), "{text}");
    }
}
