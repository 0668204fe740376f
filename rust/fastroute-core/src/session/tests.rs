//! States are small, survive what carries them or are refused, and never widen what is permitted.

use std::sync::Arc;

use serde_json::json;

use super::state::State;
use crate::attempt::Usage;
use crate::catalogue::{ModelId, PromptId, RouteId};
use crate::config::{self, Format, NoFiles, Source};
use crate::decide::{Step, Workspace, decide};
use crate::decision::Decision;
use crate::host::{Now, View};
use crate::models::ModelSet;
use crate::request::{Capabilities, Request, SessionInput};
use crate::snapshot::Snapshot;

/// A snapshot of so many models, named from a number on, and one rule for secrets.
fn snapshot(first: usize, count: usize, permitted: usize) -> Arc<Snapshot> {
    let names: Vec<String> = (first..first + count).map(|n| format!("m{n}")).collect();
    let models: Vec<_> = names
        .iter()
        .map(|name| {
            json!({ "name": name, "provider": "p", "context_window": 9_000, "price": {"input": 1.0, "output": 1.0},
                    "latency": {"first_token": "1ms", "per_token": "1ms"}, "quality": {"default": 0.5} })
        })
        .collect();
    let text = json!({
        "version": 1, "providers": {"p": {"kind": "callable"}}, "models": models,
        "prompts": [{"name": "short", "system": "Be short."}],
        "routes": [{"name": "r", "objective": "cheapest", "prompts": [{"use": "short"}]}],
        "rules": [{"name": "secret", "when": {"keywords": {"any": ["secret"]}},
                   "then": {"restrict": {"models": names[..permitted]}}}],
        "default": {"route": "r"},
    })
    .to_string();
    let source = Source {
        name: "session.json",
        text: &text,
        format: Format::Json,
    };
    let loaded = config::load(&source, &NoFiles).expect("it loads");
    Arc::new(Snapshot::build(&loaded, None).expect("it builds"))
}

fn turn(snapshot: &Arc<Snapshot>, text: &str, state: &[u8]) -> Decision {
    let request = Request {
        session: Some(SessionInput { state, unix_us: 5 }),
        ..Request::text(text)
    };
    let (view, mut workspace) = (View::healthy(), Workspace::new());
    match decide(snapshot, &request, &view, NOW, 0, &mut workspace) {
        Ok(Step::Decided(decision)) => decision,
        other => panic!("a decision, not {other:?}"),
    }
}

const NOW: Now = Now {
    monotonic_us: 3,
    unix_us: 5,
};

fn state() -> State {
    State {
        route: Some(RouteId(0)),
        model: Some(ModelId(2)),
        prompt: Some(PromptId(0)),
        capabilities: Capabilities::of_bits(0b1_0101),
        turns: 7,
        last_us: u64::MAX,
        cached_tokens: 123_456,
        permitted: Some([ModelId(0), ModelId(2)].into_iter().collect()),
    }
}

#[test]
fn a_state_is_read_as_it_was_written() {
    let snapshot = snapshot(0, 4, 1);
    let bytes = state().write(&snapshot.catalogue);
    assert_eq!(State::read(&snapshot.catalogue, &bytes), Some(state()));
    let bare = State {
        route: None,
        model: None,
        prompt: None,
        permitted: None,
        ..state()
    };
    let bytes = bare.write(&snapshot.catalogue);
    assert_eq!(State::read(&snapshot.catalogue, &bytes), Some(bare));
}

#[test]
fn bytes_that_were_changed_on_the_way_are_not_read() {
    let snapshot = snapshot(0, 4, 1);
    let good = state().write(&snapshot.catalogue);
    for length in 0..good.len() {
        assert_eq!(State::read(&snapshot.catalogue, &good[..length]), None);
    }
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[place] ^= 1 << bit;
            assert_eq!(
                State::read(&snapshot.catalogue, &bad),
                None,
                "{place} {bit}"
            );
        }
    }
    for longer in [1, 4, 1_000_000] {
        let mut bad = good.clone();
        bad.resize(good.len() + longer, 0);
        assert_eq!(State::read(&snapshot.catalogue, &bad), None);
    }
}

#[test]
fn a_state_stays_below_two_hundred_bytes_and_names_fewer_models_rather_than_more() {
    let snapshot = snapshot(0, 1_000, 500);
    let first = turn(&snapshot, "a secret", &[]);
    let bytes = first.session(NOW).expect("it is a session");
    assert!(bytes.len() <= 200, "{} bytes", bytes.len());
    let second = turn(&snapshot, "hello", &bytes);
    let planned = second.plan().len();
    assert!((1..=36).contains(&planned), "{planned}");
    assert!(second.plan().iter().all(|of| first.permits(of.model)));
    assert_eq!(second.model(), first.model());
}

#[test]
fn a_restriction_to_models_that_a_reload_took_away_permits_none() {
    let before = snapshot(0, 4, 2);
    let state = turn(&before, "a secret", &[])
        .session(NOW)
        .expect("a session");
    let after = snapshot(10, 4, 2);
    let decision = turn(&after, "hello", &state);
    assert_eq!(decision.outcome().as_str(), "nothing_fits");
    assert!((0..4).all(|model| !decision.permits(ModelId(model))));
}

#[test]
fn a_session_without_a_restriction_permits_what_a_reload_brings() {
    let before = snapshot(0, 4, 2);
    let state = turn(&before, "hello", &[]).session(NOW).expect("a session");
    let decision = turn(&snapshot(10, 4, 2), "hello", &state);
    assert_eq!(decision.plan().len(), 4);
    assert_eq!(decision.permitted, ModelSet::ALL);
}

#[test]
fn the_model_that_answered_is_the_one_that_the_session_stays_with() {
    let snapshot = snapshot(0, 3, 1);
    let first = turn(&snapshot, "hello", &[]);
    assert_eq!(first.model(), Some("m0"));
    let usage = Usage {
        input_tokens: 40,
        cached_tokens: 0,
        output_tokens: 2,
    };
    let state = first.session_answered(NOW, ModelId(1), usage);
    let second = turn(&snapshot, "yes, go on", &state.expect("a session"));
    assert_eq!(second.model(), Some("m1"));
    let cached = second
        .session
        .and_then(|turn| turn.before)
        .map(|of| of.cached_tokens);
    assert_eq!(cached, Some(42));
}

#[test]
fn a_request_without_a_session_leaves_none() {
    let snapshot = snapshot(0, 3, 1);
    let (view, mut workspace) = (View::healthy(), Workspace::new());
    let request = Request::text("hello");
    let step = decide(&snapshot, &request, &view, NOW, 0, &mut workspace);
    let Ok(Step::Decided(decision)) = step else {
        panic!("a decision");
    };
    assert_eq!(decision.session(NOW), None);
}

#[test]
fn a_restriction_outlives_the_age_of_its_session() {
    let snapshot = snapshot(0, 3, 1);
    let first = turn(&snapshot, "a secret", &[]);
    let state = first.session(Now::default()).expect("a state");
    let years = 10 * 365 * 86_400 * 1_000_000;
    let request = Request {
        session: Some(SessionInput {
            state: &state,
            unix_us: years,
        }),
        ..Request::text("and now?")
    };
    let (view, mut workspace) = (View::healthy(), Workspace::new());
    let step = decide(&snapshot, &request, &view, NOW, 0, &mut workspace);
    let Ok(Step::Decided(later)) = step else {
        panic!("a decision");
    };
    assert_eq!(
        later.session_value().expect("a session")["turn"],
        1,
        "it begins anew"
    );
    assert!(later.permits(ModelId(0)) && !later.permits(ModelId(1)));
    let state = later.session(NOW).expect("a state");
    assert!(!turn(&snapshot, "and then?", &state).permits(ModelId(1)));
}

#[test]
fn under_a_state_that_cannot_be_read_every_restriction_holds() {
    let snapshot = snapshot(0, 3, 1);
    let mut state = turn(&snapshot, "a secret", &[])
        .session(NOW)
        .expect("a state");
    state[7] ^= 1;
    let second = turn(&snapshot, "and now?", &state);
    assert!(second.permits(ModelId(0)) && !second.permits(ModelId(1)));
    let state = second.session(NOW).expect("a state");
    assert!(!turn(&snapshot, "and then?", &state).permits(ModelId(1)));
}
