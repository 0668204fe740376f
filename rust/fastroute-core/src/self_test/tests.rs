//! Good snapshots pass; each promise, broken by hand, is found and named.

use serde_json::{Value, json};

use super::*;
use crate::DEFAULT_CONFIG;
use crate::catalogue::{Catalogue, RouteId};
use crate::config::{Format, NoFiles, Source, load};

fn built(text: &str, format: Format) -> Snapshot {
    let source = Source {
        name: "tested",
        text,
        format,
    };
    let loaded = load(&source, &NoFiles).unwrap_or_else(|errors| panic!("{errors}"));
    Snapshot::build(&loaded, None).expect("builds")
}

/// Two models, two routes with examples, a prompt, a rule and the meta-LLM.
fn configuration() -> Value {
    let model = |name: &str| {
        json!({ "name": name, "provider": "p", "context_window": 100_000, "tokenizer": "estimate",
                "price": { "input": 1.0, "output": 2.0 },
                "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } })
    };
    let route = |name: &str, examples: &[&str]| {
        json!({ "name": name, "description": "One.", "choose": ["one", "two"], "prompts": [{ "use": "plain" }],
                "examples": examples })
    };
    json!({
        "version": 1,
        "providers": { "p": { "kind": "callable" } },
        "models": [model("one"), model("two")],
        "prompts": [{ "name": "plain", "template": "{{ input }}" }],
        "routes": [route("billing", &["pay my secret invoice", "a refund please"]),
                   route("weather", &["is it going to rain today", "the forecast"])],
        "rules": [{ "name": "long", "when": { "characters": { "min": 3_000 } }, "then": { "route": "billing" } }],
        "classify": { "order": ["task", "rules", "similarity", "meta_llm"], "meta_llm": { "model": "one" } },
        "default": { "route": "weather" },
    })
}

fn snapshot() -> Snapshot {
    built(&configuration().to_string(), Format::Json)
}

fn failure(snapshot: Snapshot) -> String {
    let error = Arc::new(snapshot).self_test().expect_err("it is broken");
    assert_eq!(error.code(), "SELF_TEST_FAILED");
    let line = error.to_string();
    assert!(!line.contains("secret"), "{line}");
    line
}

/// Changes names and figures, as no configuration could.
fn catalogue(snapshot: &mut Snapshot) -> &mut Catalogue {
    Arc::get_mut(&mut snapshot.catalogue).expect("nobody else has it")
}

#[test]
fn good_snapshots_pass() {
    for snapshot in [snapshot(), built(DEFAULT_CONFIG, Format::Yaml)] {
        assert_eq!(Arc::new(snapshot).self_test(), Ok(()));
    }
}

#[test]
fn a_template_that_loads_but_does_not_end_on_a_page_fails_by_the_name_of_its_prompt() {
    let mut configuration = configuration();
    configuration["prompts"][0]["template"] =
        json!("{% for a in input %}{% for b in input %}.{% endfor %}{% endfor %}");
    let snapshot = built(&configuration.to_string(), Format::Json);
    let error = Arc::new(snapshot).self_test().expect_err("it does not end");
    assert_eq!(
        (error.code(), error.prompt()),
        ("SELF_TEST_FAILED", Some("plain"))
    );
    let expected =
        "self-test failed on prompt `plain`: prompt's `template` failed in line 1 with `OutOfFuel`";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn a_template_that_only_some_values_break_passes() {
    let mut configuration = configuration();
    configuration["prompts"][0]["template"] =
        json!("{% for letter in metadata.age %}{{ letter }}{% endfor %}");
    let snapshot = built(&configuration.to_string(), Format::Json);
    assert_eq!(Arc::new(snapshot).self_test(), Ok(()));
}

#[test]
fn every_broken_promise_is_found_and_named() {
    let mut endless_price = snapshot();
    catalogue(&mut endless_price).models[1].output_nano = f64::INFINITY;
    let mut nowhere = snapshot();
    catalogue(&mut nowhere).models[0].deployments = Box::default();
    let mut twice = snapshot();
    let one = ModelId(0);
    for route in &mut catalogue(&mut twice).routes {
        route.fallback = [one, one, one].into();
    }
    let mut unknown_route = snapshot();
    unknown_route.rules[0].route = Some(RouteId(7));
    let mut no_default = snapshot();
    no_default.default_route = RouteId(9);
    let mut half_a_question = snapshot();
    half_a_question.question.labels = ["billing".to_owned()].into();
    let mut sure_beyond_reason = snapshot();
    for route in &mut catalogue(&mut sure_beyond_reason).routes {
        for quality in &mut route.quality {
            quality.share = 3.0;
            quality.log2 = 3.0_f64.log2();
        }
    }
    for (broken, expected) in [
        (endless_price, "models[1]: a figure"),
        (nowhere, "models[0]: a figure"),
        (unknown_route, "canned request `long`: the engine panicked"),
        (no_default, "the engine panicked"),
        (half_a_question, "the question to the meta-LLM"),
        (sure_beyond_reason, "canned request `short`: a figure"),
    ] {
        let line = failure(broken);
        assert!(line.contains(expected), "{line}");
    }
    // The plan drops what it has already, so that a fallback given thrice is there once.
    assert_eq!(Arc::new(twice).self_test(), Ok(()));
}
