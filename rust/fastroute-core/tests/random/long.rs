//! A text that is planned to be split is split into parts that fit, in no more parts than the most.
//!
//! Windows, vocabularies, prompts, overlaps and histories are drawn; the parts are cut as a host cuts
//! them, and each is decided as a request of its own, which must find room without being split again.

use fastroute_core::{Message, Outcome, Part, Request, Role, TooLong, View};
use fastroute_text::tokens::TokenCounter;
use serde_json::json;

use crate::generate::Draws;
use crate::support::{decided, model, number, snapshot, with};

const PIECES: [&str; 6] = [
    "The quick brown fox jumps over the lazy dog. ",
    "Why was I charged twice, and when do I get 1234567 back?\n\n",
    "你好，我的发票在哪里？",
    "naïve Straße 🦀🦀 ",
    "'s don't  x\n\n  y",
    "supercalifragilisticexpialidocious-",
];
const TEMPLATES: [&str; 4] = [
    "{{ input }}",
    "Answer this: {{ input }} Thank you.",
    "{{ input }} I repeat: {{ input }}",
    "{% if metadata.tier %}gold{% endif %}{{ input }}",
];
const TOKENIZERS: [&str; 4] = ["estimate", "cl100k", "o200k", "qwen2"];

#[test]
fn every_part_of_a_text_that_is_split_finds_room() {
    let (mut split, mut refused) = (0, 0);
    for seed in 0..number("FASTROUTE_RANDOM_SPLITS", 400) {
        let mut draws = Draws::new(seed);
        let tokenizer = draws.pick(&TOKENIZERS);
        let window = 150 + draws.below(2_000) as u32;
        let overlap = draws.below(60) as u32;
        let max_parts = 2 + draws.below(60) as u32;
        let route = json!({
            "expected_output_tokens": 1 + draws.below(60),
            "on_too_long": {"split": {"overlap_tokens": overlap, "max_parts": max_parts}},
        });
        let mut config = with(&[model("m", window, tokenizer, 1.0)], route);
        if draws.once_in(2) {
            let template = draws.pick(&TEMPLATES);
            config["prompts"] = json!([{"name": "p", "system": "Be brief.", "template": template}]);
            config["routes"][0]["prompts"] = json!([{"use": "p"}]);
        }
        // Too much overlap for the window is refused when it is read.
        if overlap >= window {
            continue;
        }
        let snapshot = snapshot(&config.to_string());
        let pieces = window as usize / 4 + draws.below(window as usize);
        let text: String = (0..pieces).map(|_| draws.pick(&PIECES)).collect();
        let history = if draws.once_in(2) {
            "Hello. How can I help?"
        } else {
            ""
        };
        let decide_text = |text: &str| {
            let (said, asked) = ([Part::Text(history)], [Part::Text(text)]);
            let message = |role, parts| Message { role, parts };
            let messages = [message(Role::Assistant, &said), message(Role::User, &asked)];
            decided(
                &snapshot,
                &Request::messages(&messages),
                &View::healthy(),
                0,
            )
        };
        let decision = decide_text(&text);
        let Some(TooLong::Split {
            part_tokens,
            overlap_tokens,
            max_parts,
            ..
        }) = decision.too_long()
        else {
            refused += usize::from(decision.outcome() == Outcome::NothingFits);
            continue;
        };
        split += 1;
        let counter = TokenCounter::named(tokenizer).expect("a known tokenizer");
        let parts = counter.split(&text, part_tokens, overlap_tokens);
        let parts = parts.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(
            (2..=max_parts as usize).contains(&parts.len()),
            "seed {seed}: {} parts, at most {max_parts}",
            parts.len()
        );
        for part in parts {
            let decision = decide_text(&text[part]);
            let is_whole = decision.outcome() == Outcome::Routed && decision.too_long().is_none();
            assert!(is_whole, "seed {seed}: {decision:?}");
        }
    }
    assert!(
        split > 50 && refused > 10,
        "{split} split, {refused} refused"
    );
}
