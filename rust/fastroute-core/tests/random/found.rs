//! Defects that the comparison and the random runs have found, each on the smallest configuration
//! that showed it, and the borders beside them.

use std::sync::Arc;

use fastroute_core::{
    Availability, MAX_MESSAGES, MAX_METADATA, MAX_TEXT_BYTES, Message, ModelId, Now, Outcome, Part,
    Request, Role, Snapshot, Value, View, Workspace, decide,
};
use serde_json::json;

use crate::equal::{decide_through, view_of};
use crate::requests::Requests;
use crate::stretch;
use crate::support::{codes, decided, model, reloaded, snapshot, with};

#[test]
fn a_decision_does_not_depend_on_earlier_requests() {
    let mut config = with(
        &[model("a", 60, "cl100k", 1.0)],
        json!({ "expected_output_tokens": 1, "prompts": [{ "use": "p" }] }),
    );
    config["prompts"] = json!([{ "name": "p", "system": "Überprüfe zzzzqqqq xkcdxkcd 12345!!! ;;; ответ 你好", "template": "{{ input }}" }]);
    let snapshot = snapshot(&config.to_string());
    let before = decided(&snapshot, &Request::text("hi"), &View::healthy(), 0);
    decided(
        &snapshot,
        &Request::text(
            "hello there general kenobi how are you, how are you, how are you, and why so",
        ),
        &View::healthy(),
        0,
    );
    let after = decided(&snapshot, &Request::text("hi"), &View::healthy(), 0);
    assert_eq!(before.canonical(), after.canonical());
}

#[test]
fn the_figures_of_a_model_do_not_depend_on_one_that_is_gone() {
    let text = "xkcd zzqq 12345 ;;; ".repeat(20);
    for window in (20..600).step_by(20) {
        // Whether a limit lies near the count of one model must not show in another's figures.
        let models = [
            model("small", window, "cl100k", 1000.0),
            model("big", 100_000, "cl100k", 1.0),
        ];
        let snapshot = snapshot(
            &with(
                &models,
                json!({ "objective": "cheapest", "expected_output_tokens": 1 }),
            )
            .to_string(),
        );
        let mut gone = View::healthy();
        gone.mark_unavailable(
            snapshot
                .catalogue()
                .model_named("small")
                .expect("it is there"),
        );
        let all = decided(&snapshot, &Request::text(&text), &View::healthy(), 0);
        let rest = decided(&snapshot, &Request::text(&text), &gone, 0);
        assert_eq!(
            (all.model(), all.estimates()),
            (rest.model(), rest.estimates()),
            "beside a window of {window}"
        );
    }
}

#[test]
fn a_model_at_the_floor_of_quality_is_eligible() {
    let mut below = Vec::new();
    for thousandths in 0..=1000 {
        let share = f64::from(thousandths) / 1000.0;
        let mut only = model("a", 1000, "estimate", 1.0);
        only["quality"]["default"] = json!(share);
        let mut config = with(
            &[only],
            json!({ "min_quality": share, "expected_output_tokens": 1 }),
        );
        config["rules"] = json!([{ "name": "d", "when": { "turns": { "min": 0 } }, "then": { "difficulty": 0.5 } }]);
        let decision = decided(
            &snapshot(&config.to_string()),
            &Request::text("hi"),
            &View::healthy(),
            0,
        );
        if decision.model().is_none() {
            below.push(share);
        }
    }
    assert!(below.is_empty(), "{} of 1001: {below:?}", below.len());
}

#[test]
fn a_cost_equal_to_the_ceiling_is_kept() {
    let mut over = Vec::new();
    for cents in 1..=1000_u32 {
        let price = f64::from(cents) / 100.0;
        let mut only = model("a", 10_000, "estimate", 0.0);
        only["price"]["output"] = json!(price);
        // 1,000 tokens of answer cost a thousandth of the price.
        let ceiling: f64 = format!("{}e-5", cents).parse().expect("a number");
        let config = with(
            &[only],
            json!({ "max_cost": ceiling, "expected_output_tokens": 1000 }),
        );
        let decision = decided(
            &snapshot(&config.to_string()),
            &Request::text("hi"),
            &View::healthy(),
            0,
        );
        if decision.model().is_none() {
            over.push(price);
        }
    }
    assert!(over.is_empty(), "{} of 1000: {over:?}", over.len());
}

#[test]
fn names_that_an_answer_cannot_say_are_refused() {
    let named = |name: &str| {
        let mut config = with(&[model("a", 1_000, "estimate", 1.0)], json!({}));
        config["routes"] = json!([{ "name": "r" }, { "name": name }]);
        codes(&config.to_string())
    };
    assert_eq!(named("none_of_these"), ["RESERVED_NAME"]);
    assert_eq!(named(" x "), ["UNTRIMMED_NAME"]);
    assert!(named("x").is_empty());
}

#[test]
fn examples_without_a_known_word_leave_the_default() {
    // Loading accepts them, so building and deciding must do without.
    let config = with(
        &[model("a", 1_000, "estimate", 1.0)],
        json!({ "examples": ["🦀"] }),
    );
    let decision = decided(
        &snapshot(&config.to_string()),
        &Request::text("hello"),
        &View::healthy(),
        0,
    );
    assert_eq!((decision.route(), decision.model()), (Some("r"), Some("a")));
}

#[test]
fn a_picture_leaves_unknown_whether_a_pattern_matches_the_whole() {
    let mut config = with(&[model("a", 2_000, "estimate", 1.0)], json!({}));
    config["models"][0]["capabilities"] = json!(["vision"]);
    let empty = json!({ "regex": { "pattern": r"^\s*$" } });
    config["rules"] = json!([
        { "name": "empty", "when": empty, "then": { "reject": "say something" } },
        { "name": "not empty", "when": { "not": empty }, "then": { "reject": "say nothing" } },
    ]);
    let snapshot = snapshot(&config.to_string());
    let messages = [Message {
        role: Role::User,
        parts: &[Part::Image],
    }];
    let seen = decided(
        &snapshot,
        &Request::messages(&messages),
        &View::healthy(),
        0,
    );
    assert_eq!((seen.message(), seen.model()), (None, Some("a")));
    let blank = decided(&snapshot, &Request::text(" "), &View::healthy(), 0);
    assert_eq!(blank.message(), Some("say something"));
}

#[test]
fn requests_outside_the_limits_are_typed_errors() {
    let snapshot = snapshot(&with(&[model("a", 1_000, "estimate", 1.0)], json!({})).to_string());
    let code = |request: &Request<'_>| {
        let step = decide(
            &snapshot,
            request,
            &View::healthy(),
            Now::default(),
            0,
            &mut Workspace::new(),
        );
        step.map_or_else(|error| error.code(), |_| "decided")
    };
    let message = Message {
        role: Role::User,
        parts: &[Part::Text("hi")],
    };
    let parts = vec![Part::Text(""); MAX_MESSAGES + 1];
    let many = vec![message; MAX_MESSAGES + 1];
    let facts = vec![("k", Value::Bool(true)); MAX_METADATA + 1];
    let long = "é".repeat(MAX_TEXT_BYTES / 2);
    let mut with_facts = Request::text("hi");
    with_facts.metadata = &facts;
    let full = [Part::Text(&long), Part::Document("x")];
    let crowded = [Message {
        role: Role::Tool,
        parts: &parts,
    }];
    let longer = [Message {
        role: Role::User,
        parts: &full,
    }];
    let cases = [
        (
            "as many messages as may be",
            Request::messages(&many[1..]),
            "decided",
        ),
        (
            "one message more",
            Request::messages(&many),
            "TOO_MANY_MESSAGES",
        ),
        (
            "too many parts",
            Request::messages(&crowded),
            "TOO_MANY_MESSAGES",
        ),
        ("as much text as may be", Request::text(&long), "decided"),
        (
            "one byte more, in a document",
            Request::messages(&longer),
            "TEXT_TOO_LONG",
        ),
        (
            "as much metadata as may be",
            Request {
                metadata: &facts[1..],
                ..with_facts
            },
            "decided",
        ),
        ("one value more", with_facts, "TOO_MUCH_METADATA"),
        ("no message at all", Request::messages(&[]), "decided"),
    ];
    for (name, request, expected) in &cases {
        assert_eq!(code(request), *expected, "{name}");
    }
}

#[test]
fn a_reload_decides_as_a_fresh_build() {
    // Parts that a snapshot takes over from the one before it must be those of its own examples.
    let mut before: Option<Arc<Snapshot>> = None;
    for seed in 0..60 {
        // Every configuration comes twice, so that every part is taken over once.
        let config = stretch::config(seed / 2);
        let json = serde_json::to_string(&config).expect("a configuration is serialisable");
        let fresh = snapshot(&json);
        let reloaded = reloaded(&json, before.as_deref());
        let mut requests = Requests::new(&config, seed);
        for _ in 0..20 {
            let asked = requests.draw();
            let view = view_of(&fresh, &config, &asked);
            let [fresh, reloaded] = [&fresh, &reloaded].map(|snapshot| {
                asked.lend(|request| {
                    decide_through(snapshot, request, &asked, &view, &mut Workspace::new())
                })
            });
            assert_eq!(fresh, reloaded, "configuration {seed}: {asked:?}");
        }
        before = Some(reloaded);
    }
}

#[test]
fn a_decision_says_the_soonest_time_at_which_a_model_can_serve() {
    let models = [("a", 9_000), ("b", 9_000), ("tiny", 5)];
    let models = models.map(|(name, window)| model(name, window, "estimate", 1.0));
    let snapshot = snapshot(&with(&models, json!({})).to_string());
    let mut view = View::healthy();
    let times = [
        Availability::Open { retry_at_us: 500 },
        Availability::Cooling { retry_at_us: 300 },
        // Its window is too small at any time.
        Availability::Open { retry_at_us: 100 },
    ];
    for (place, availability) in times.into_iter().enumerate() {
        view.state_mut(ModelId(place as u16)).availability = availability;
    }
    let decision = decided(&snapshot, &Request::text("hello"), &view, 0);
    assert_eq!(decision.outcome(), Outcome::NothingFits);
    assert_eq!(decision.retry_at_us(), Some(300));
    let decision = decided(&snapshot, &Request::text("hello"), &View::healthy(), 0);
    assert_eq!(decision.retry_at_us(), None);
}
