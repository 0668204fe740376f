//! Each algorithm of deciding alone, against what its promise says.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastroute_core::{
    Answer, Decision, Now, Request, Snapshot, Step, Value as Metadata, View, Workspace, decide,
};
use fastroute_text::tokens::TokenCounter;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{decided, model, snapshot, with};

/// Runs more cases than usual, since a case here costs little.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(count)
    }
}

/// A text that is easy, odd or long.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z ]{0,40}",
        "\\PC{0,40}",
        "[0-9 .,]{1,30}",
        "[\u{4e00}-\u{4eff}]{1,20}",
        "[🦀👩‍👧\n{}();=]{1,20}"
    ];
    (piece, 1..30_usize).prop_map(|(piece, times)| piece.repeat(times))
}

/// Decides by way of a question that the host declines.
fn declined(snapshot: &Arc<Snapshot>, request: &Request<'_>) -> Decision {
    match decide(
        snapshot,
        request,
        &View::healthy(),
        Now::default(),
        0,
        &mut Workspace::new(),
    ) {
        Ok(Step::Ask(pending)) => {
            pending.resume(Answer::Declined, &View::healthy(), Now::default())
        }
        Ok(Step::Decided(_)) => panic!("a meta-LLM is configured"),
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_request_fits_a_window_to_the_token(
        text in text(),
        tokenizer in prop::sample::select(vec!["estimate", "cl100k", "o200k", "qwen2"]),
        output in 1..600_u32,
        messages in 0..=2_usize,
    ) {
        let counter = TokenCounter::named(tokenizer).expect("it is built in");
        let (template, system) = ("Überprüfe 你好 zzzzqqqq: {{ input }}", "You check. xkcdxkcd 12345 ответ");
        // The template stands in the user's message, the system message is one more.
        let sent = if messages > 0 { template.replace("{{ input }}", &text) } else { text.clone() };
        let literal = (counter.count(system) + 4) * u32::from(messages > 1);
        // Framing takes 4 for the message and 3 for the answer.
        let needed = counter.count(&sent) + literal + 4 + 3 + output;
        for (window, fits) in [(needed, true), (needed - 1, false)] {
            let route = json!({ "expected_output_tokens": output, "prompts": if messages > 0 { json!([{ "use": "p" }]) } else { json!([]) } });
            let mut config = with(&[model("a", window, tokenizer, 1.0)], route);
            config["prompts"] = json!([{ "name": "p", "template": template }]);
            if messages > 1 {
                config["prompts"][0]["system"] = json!(system);
            }
            let direct = decided(&snapshot(&config.to_string()), &Request::text(&text), &View::healthy(), 0);
            // One that has space for the question, and serves no route.
            config["models"].as_array_mut().expect("a list").push(model("judge", 100_000, tokenizer, 1.0));
            config["routes"][0]["choose"] = json!(["a"]);
            config["classify"] = json!({ "order": ["meta_llm"], "meta_llm": { "model": "judge" } });
            let asked = declined(&snapshot(&config.to_string()), &Request::text(&text));
            prop_assert_eq!(direct.model().is_some(), fits, "a window of {} for {}", window, needed);
            prop_assert_eq!(asked.model().is_some(), fits, "a window of {} for {}, after a question", window, needed);
        }
    }

    #[test]
    fn a_model_that_is_gone_leaves_the_order_of_the_rest(
        text in text(),
        models in prop::collection::vec((20..2_000_u32, 0..4_usize, 0.0..5.0_f64, 0.0..5.0_f64, 0.0..1.0_f32, 1..50_u64), 2..8),
        (quality, cost, latency) in (0.0..2.0_f64, 0.01..1.0_f64, 0.0..1.0_f64),
    ) {
        let models: Vec<Value> = models.iter().enumerate().map(|(place, (window, tokenizer, input, output, share, millis))| {
            let mut one = model(&format!("m{place}"), *window, ["estimate", "cl100k", "o200k", "qwen2"][*tokenizer], *input);
            one["price"]["output"] = json!(output);
            one["quality"]["default"] = json!(share);
            one["latency"]["per_token"] = json!(format!("{millis}ms"));
            one
        }).collect();
        let objective = json!({ "quality": quality, "cost": cost, "latency": latency });
        let snapshot = snapshot(&with(&models, json!({ "objective": objective, "expected_output_tokens": 5 })).to_string());
        let plan = |view: &View| {
            let decision = decided(&snapshot, &Request::text(&text), view, 0);
            decision.model().into_iter().chain(decision.fallbacks()).map(str::to_owned).collect::<Vec<_>>()
        };
        let all = plan(&View::healthy());
        for gone in 0..models.len() {
            let name = format!("m{gone}");
            let mut view = View::healthy();
            view.mark_unavailable(snapshot.catalogue().model_named(&name).expect("it is listed"));
            let rest: Vec<String> = all.iter().filter(|each| **each != name).cloned().collect();
            prop_assert_eq!(plan(&view), rest, "without {}", name);
        }
    }

    #[test]
    fn each_field_comes_from_the_first_true_rule_that_sets_it(
        rules in prop::collection::vec(
            (any::<bool>(), prop::option::of(0..3_u8), prop::option::of(0..3_u8), prop::option::of(0..3_u8), prop::option::of(0..=10_u8), prop::bool::weighted(0.1)),
            0..12,
        ),
    ) {
        let names = |kind: &str| (0..3).map(|place| format!("{kind}{place}")).collect::<Vec<_>>();
        let mut listed = Vec::new();
        let (mut route, mut chosen, mut prompt, mut difficulty, mut rejected) = (None, None, None, None, None);
        for (place, (is_true, to, by, with, how, rejects)) in rules.iter().enumerate() {
            let mut then = json!({ "difficulty": how.map_or(0.25, |tenths| f64::from(tenths) / 10.0) });
            if how.is_none() && (to.is_some() || by.is_some() || with.is_some() || *rejects) {
                then = json!({});
            }
            to.iter().for_each(|to| then["route"] = json!(format!("r{to}")));
            by.iter().for_each(|by| then["model"] = json!(format!("m{by}")));
            with.iter().for_each(|with| then["prompt"] = json!(format!("p{with}")));
            if *rejects {
                then["reject"] = json!(format!("no {place}"));
            }
            let yes = json!({ "metadata": { "key": "k", "equals": is_true } });
            listed.push(json!({ "name": format!("rule {place}"), "when": yes, "then": then }));
            if *is_true {
                route = route.or(to.map(|to| format!("r{to}")));
                chosen = chosen.or(by.map(|by| format!("m{by}")));
                prompt = prompt.or(with.map(|with| format!("p{with}")));
                difficulty = difficulty.or(then["difficulty"].as_f64());
                rejected = rejected.or(rejects.then(|| format!("no {place}")));
            }
        }
        let models: Vec<Value> = names("m").iter().map(|name| model(name, 10_000, "estimate", 1.0)).collect();
        let prompts: Vec<Value> = names("p").iter().map(|name| json!({ "name": name })).collect();
        let routes: Vec<Value> = names("r").iter().map(|name| json!({ "name": name })).collect();
        let config = json!({ "version": 1, "providers": { "p": { "kind": "callable" } }, "models": models, "prompts": prompts,
            "routes": routes, "rules": listed, "default": { "route": "r2" } });
        let mut request = Request::text("");
        request.metadata = &[("k", Metadata::Bool(true))];
        let decision = decided(&snapshot(&config.to_string()), &request, &View::healthy(), 0);
        prop_assert_eq!(decision.message().map(str::to_owned), rejected.clone());
        if rejected.is_none() {
            prop_assert_eq!(decision.route().map(str::to_owned), route.or(Some("r2".to_owned())));
            prop_assert_eq!(decision.model().map(str::to_owned), chosen.or(Some("m0".to_owned())));
            prop_assert_eq!(decision.prompt().map(str::to_owned), prompt);
            prop_assert_eq!(decision.difficulty(), difficulty.map_or(0.0, |difficulty| difficulty as f32));
        }
    }
}

#[test]
fn deployments_are_drawn_by_weight_and_the_seed_alone() {
    let draws = 20_000_u64;
    for weights in [
        vec![1],
        vec![1, 1],
        vec![1, 2, 7],
        vec![1000, 1],
        vec![3, 3, 3, 1],
    ] {
        let mut only = model("a", 1_000, "estimate", 1.0);
        only.as_object_mut().expect("an object").remove("provider");
        let deployments = weights.iter().enumerate().map(|(place, weight)| json!({ "provider": "p", "model": place.to_string(), "weight": weight }));
        only["deployments"] = deployments.collect();
        let snapshot = snapshot(&with(&[only], json!({})).to_string());
        let drawn = |seed| {
            let decision = decided(&snapshot, &Request::text("hi"), &View::healthy(), seed);
            decision
                .deployment()
                .expect("it is routed")
                .model
                .to_owned()
        };
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        (0..draws).for_each(|seed| *counts.entry(drawn(seed)).or_default() += 1);
        (0..100).for_each(|seed| assert_eq!(drawn(seed), drawn(seed)));
        let total: u64 = weights.iter().sum();
        for (place, weight) in weights.iter().enumerate() {
            let share = *weight as f64 / total as f64;
            let expected = share * draws as f64;
            // Five standard deviations of a binomial: one false alarm in millions, were the seeds random.
            let tolerance = 5.0 * (expected * (1.0 - share)).sqrt() + 1e-9;
            let count = counts.get(&place.to_string()).copied().unwrap_or(0) as f64;
            assert!(
                (count - expected).abs() <= tolerance,
                "{count} of {expected} for weight {weight} of {weights:?}"
            );
        }
    }
}
