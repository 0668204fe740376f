//! Sessions: kept by the server under a name of their caller's, or by the caller as opaque bytes.

use super::*;
use calling::{RULED, engine, named, run};

fn turn(said: &str, session: v1::Session) -> v1::RouteRequest {
    v1::RouteRequest {
        session: Some(session),
        ..text(said)
    }
}

fn called(id: &str) -> v1::Session {
    v1::Session {
        id: id.to_owned(),
        state: Vec::new(),
    }
}

/// A first turn, whose task flag sends it to the route `alpha`.
async fn first(engine: &Engine, session: v1::Session, context: &CallContext) -> v1::Decision {
    let request = v1::RouteRequest {
        task: Some("alpha".to_owned()),
        ..turn("Tell me about the first letter", session)
    };
    let decision = asked(engine, request, context).await;
    assert_eq!(decision.route.as_deref(), Some("alpha"));
    decision
}

async fn follow_up(engine: &Engine, session: v1::Session, context: &CallContext) -> String {
    let decision = asked(engine, turn("yes", session), context).await;
    decision.route.expect("a route")
}

#[test]
fn a_follow_up_inherits_the_route_whether_the_server_keeps_the_session_or_the_caller() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        assert_eq!(
            follow_up(&engine, called("none"), &context).await,
            "general"
        );
        let kept = first(&engine, called("s"), &context).await;
        assert_eq!(follow_up(&engine, called("s"), &context).await, "alpha");
        let state = kept.session.expect("a session").state;
        assert!(!state.is_empty() && state.len() <= 200);
        let brought = v1::Session {
            id: String::new(),
            state,
        };
        assert_eq!(follow_up(&engine, brought, &context).await, "alpha");
        assert_eq!(
            engine.sessions.len(),
            2,
            "what the caller keeps is not kept here"
        );
    });
}

#[test]
fn a_session_belongs_to_its_caller_and_ends_by_itself() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        first(&engine, called("s"), &context).await;
        assert_eq!(
            follow_up(&engine, called("s"), &context_of("other")).await,
            "general"
        );
        engine.clock.advance(Duration::from_secs(29 * 60));
        assert_eq!(follow_up(&engine, called("s"), &context).await, "alpha");
        engine.clock.advance(Duration::from_secs(31 * 60));
        assert_eq!(follow_up(&engine, called("s"), &context).await, "general");
    });
}

#[test]
fn a_request_without_a_session_gets_none_and_state_that_cannot_be_read_begins_a_new_one() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        assert!(decide(&engine, &context).await.session.is_none());
        let broken = v1::Session {
            id: String::new(),
            state: vec![7; 60],
        };
        let decision = asked(&engine, turn("yes", broken), &context).await;
        assert_eq!(decision.route.as_deref(), Some("general"));
        let codes: Vec<_> = decision.notes.iter().map(|note| &*note.code).collect();
        assert_eq!(codes, ["SESSION_UNREADABLE"]);
    });
}

#[test]
fn names_and_states_that_are_too_long_are_refused() {
    let engine = engine(RULED);
    let context = context_of("checkout");
    run(async {
        let long_state = v1::Session {
            id: String::new(),
            state: vec![0; 1_025],
        };
        for (session, field) in [
            (called(&"x".repeat(257)), "session.id"),
            (long_state, "session.state"),
        ] {
            let refused = service::route(&engine, turn("yes", session), &context).await;
            let refused = refused.expect_err("too long");
            assert_eq!(named(&refused), ("INVALID_SESSION", field));
        }
    });
}
