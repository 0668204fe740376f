//! Holds the generated client to what the service promises; `make test-interop` starts the server that it calls.

use std::env;
use std::fs;
use std::time::Duration;

use fastroute_proto::v1::route_response::Result as Answer;
use fastroute_proto::v1::route_result::Result as BatchAnswer;
use fastroute_proto::v1::route_stream_response::Result as StreamAnswer;
use fastroute_proto::v1::{
    AttemptOutcome, Decision, ExplainRequest, OutcomeReport, ReportOutcomesRequest, ReportStatus,
    RouteBatchRequest, RouteRequest, RouteResponse, RouteStreamRequest,
};
use route::{Router, connect, reason_of};
use serde::Deserialize;
use tonic::{Code, Request};

/// One row of the file that `FASTROUTE_CASES` names.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Expected {
    name: String,
    text: String,
    outcome: String,
    route: String,
    model: String,
    reason: String,
    revision: String,
}

impl Expected {
    fn check(&self, decision: &Decision) {
        let decided = Self {
            name: self.name.clone(),
            text: self.text.clone(),
            outcome: decision.outcome().as_str_name().into(),
            route: decision.route().into(),
            model: decision.model().into(),
            reason: decision.reason.clone().unwrap_or_default().code,
            revision: decision.revision.clone(),
        };
        assert_eq!(&decided, self);
    }
}

fn cases() -> Vec<Expected> {
    let path = env::var("FASTROUTE_CASES")
        .expect("`make test-interop` starts a server and names its cases");
    let rows: Vec<Expected> =
        serde_json::from_slice(&fs::read(path).expect("cases")).expect("rows");
    assert!(rows.len() >= 3);
    rows
}

async fn router() -> Router {
    let channel = connect().await.expect("a server at FASTROUTE_ADDRESS");
    route::router(channel, env::var("FASTROUTE_TOKEN").ok().as_deref()).expect("a token")
}

fn asking(text: &str) -> RouteRequest {
    RouteRequest {
        text: Some(text.into()),
        ..RouteRequest::default()
    }
}

fn decision(response: RouteResponse) -> Decision {
    match response.result {
        Some(Answer::Decision(decision)) => decision,
        other => panic!("no decision but {other:?}"),
    }
}

fn within<T>(duration: Duration, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(duration);
    request
}

#[tokio::test]
async fn a_route_is_the_one_of_the_table() {
    let mut router = router().await;
    for row in cases() {
        let request = within(Duration::from_secs(10), asking(&row.text));
        row.check(&decision(
            router
                .route(request)
                .await
                .expect("a response")
                .into_inner(),
        ));
    }
}

#[tokio::test]
async fn a_batch_answers_each_request_on_its_own() {
    let rows = cases();
    let requests = vec![
        asking(&rows[0].text),
        RouteRequest::default(),
        asking(&rows[1].text),
    ];
    let response = router()
        .await
        .route_batch(RouteBatchRequest { requests })
        .await
        .expect("a response");
    let results: Vec<_> = response
        .into_inner()
        .results
        .into_iter()
        .map(|result| result.result)
        .collect();
    match results.as_slice() {
        [
            Some(BatchAnswer::Response(first)),
            Some(BatchAnswer::Error(error)),
            Some(BatchAnswer::Response(last)),
        ] => {
            rows[0].check(&decision(first.clone()));
            assert_eq!(error.code, "MISSING_TEXT");
            rows[1].check(&decision(last.clone()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stream_goes_on_after_a_request_that_is_refused() {
    let rows = cases();
    let requests = [
        ("first", asking(&rows[0].text)),
        ("second", RouteRequest::default()),
        ("third", asking(&rows[2].text)),
    ]
    .map(|(id, request)| RouteStreamRequest {
        id: id.into(),
        request: Some(request),
        in_order: true,
    });
    let response = router()
        .await
        .route_stream(tokio_stream::iter(requests))
        .await
        .expect("a stream");
    let mut answers = response.into_inner();
    for id in ["first", "second", "third"] {
        let answer = answers
            .message()
            .await
            .expect("no error")
            .expect("an answer");
        assert_eq!(answer.id, id);
        match (id, answer.result) {
            ("first", Some(StreamAnswer::Response(response))) => rows[0].check(&decision(response)),
            ("second", Some(StreamAnswer::Error(error))) => assert_eq!(error.code, "MISSING_TEXT"),
            ("third", Some(StreamAnswer::Response(response))) => rows[2].check(&decision(response)),
            other => panic!("{other:?}"),
        }
    }
    assert!(answers.message().await.expect("no error").is_none());
}

#[tokio::test]
async fn an_explanation_tells_the_same_decision() {
    let row = &cases()[0];
    let request = ExplainRequest {
        request: Some(asking(&row.text)),
    };
    let response = router()
        .await
        .explain(request)
        .await
        .expect("a response")
        .into_inner();
    let explanation = response.explanation.expect("an explanation");
    row.check(&explanation.decision.expect("a decision"));
    assert!(!explanation.stages.is_empty() && !explanation.text.is_empty());
}

#[tokio::test]
async fn a_report_counts_once() {
    let mut router = router().await;
    let decision = decision(
        router
            .route(asking(&cases()[0].text))
            .await
            .expect("a response")
            .into_inner(),
    );
    let report = OutcomeReport {
        model: decision.model().into(),
        report_token: decision.report_token,
        outcome: AttemptOutcome::Success.into(),
        ..OutcomeReport::default()
    };
    for expected in [ReportStatus::Accepted, ReportStatus::Duplicate] {
        let reports = ReportOutcomesRequest {
            reports: vec![report.clone()],
        };
        let response = router
            .report_outcomes(reports)
            .await
            .expect("a response")
            .into_inner();
        assert_eq!(response.results[0].status(), expected);
    }
}

#[tokio::test]
async fn a_refused_call_tells_its_reason() {
    let status = router()
        .await
        .route(RouteRequest::default())
        .await
        .expect_err("a refusal");
    assert_eq!(
        (status.code(), reason_of(&status).as_str()),
        (Code::InvalidArgument, "MISSING_TEXT")
    );
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_is_left_open() {
    let only = RouteStreamRequest {
        id: "only".into(),
        request: Some(asking("hello")),
        in_order: false,
    };
    let open = tokio_stream::StreamExt::chain(tokio_stream::iter([only]), tokio_stream::pending());
    let response = router()
        .await
        .route_stream(within(Duration::from_millis(300), open))
        .await
        .expect("a stream");
    let mut answers = response.into_inner();
    answers
        .message()
        .await
        .expect("no error")
        .expect("an answer");
    let status = answers.message().await.expect_err("an end");
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_call_without_a_token_is_refused() {
    let channel = connect().await.expect("a server at FASTROUTE_ADDRESS");
    let mut stranger = route::router(channel, None).expect("no token");
    let status = stranger
        .route(asking("hello"))
        .await
        .expect_err("a refusal");
    assert_eq!(
        (status.code(), reason_of(&status).as_str()),
        (Code::Unauthenticated, "UNAUTHENTICATED")
    );
}
