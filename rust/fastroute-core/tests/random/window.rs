//! A model is planned exactly when its window holds what is rendered, whatever the template says.
//!
//! Templates are made of everything that one may say. Windows are drawn around what is needed, so
//! that one token decides. `FASTROUTE_RANDOM_WINDOWS` asks for fewer or more.

use fastroute_core::{Message, Part, Request, Role, Value};
use fastroute_text::tokens::TokenCounter;
use serde_json::json;

use crate::generate::Draws;
use crate::support::{decided, model, number, snapshot, with};
use fastroute_core::View;

const PIECES: [&str; 18] = [
    "Be brief. ",
    "{{ input }}",
    "{{ input }} {{ input }}",
    "{{ metadata.tier }}",
    "{{ metadata['note'] }}{{ metadata.note }}{{ metadata.note }}",
    "{{ metadata.absent }}",
    "{{ context }}",
    "\n\n",
    "{# nothing #}",
    "{% if metadata.tier == 'gold' %}A customer who has paid a lot is waiting for an answer.{% else %}no{% endif %}",
    "{% if context %}Found: {{ context }}{% else %}Nothing was found, so say so.{% endif %}",
    "{% for key in metadata %}{{ key }} is {{ metadata[key] }} and {{ input }}\n{% endfor %}",
    "{% for letter in metadata.note %}{{ letter }}-{% endfor %}",
    "{% raw %}{{ input }}{% endraw %}",
    "{{ metadata }}",
    "{{ [input, metadata.note] }}",
    "{{ context or 'there is none' }}",
    "{{ 'vip' if metadata.tier else input }}",
];
const TEXTS: [&str; 8] = [
    "",
    "hello",
    "Why was I charged twice, and when do I get 1234567 back?",
    "ab",
    "你好，我的发票在哪里？",
    "'s don't  x\n\n  y",
    "\\\"quoted\\\"\u{200b}\u{7}",
    "naïve Straße 🦀🦀",
];

struct Drawn {
    draws: Draws,
}

impl Drawn {
    fn template(&mut self) -> String {
        let pieces = 1 + self.draws.below(4);
        (0..pieces).map(|_| self.draws.pick(&PIECES)).collect()
    }

    fn value(&mut self) -> Value<'static> {
        match self.draws.below(5) {
            0 => Value::Bool(true),
            1 => Value::Number(self.draws.pick(&[0.0, -2.5, 1e300, 5e-324, 0.1 + 0.2])),
            2 => Value::Text("gold"),
            _ => Value::Text(self.draws.pick(&TEXTS)),
        }
    }
}

#[test]
fn a_model_is_planned_exactly_when_its_window_holds_what_is_rendered() {
    let (mut held, mut refused, mut unsendable) = (0, 0, 0);
    for seed in 0..number("FASTROUTE_RANDOM_WINDOWS", 1_500) {
        let mut drawn = Drawn {
            draws: Draws::new(seed),
        };
        let tokenizer = drawn.draws.pick(&["o200k", "cl100k"]);
        let counter = TokenCounter::named(tokenizer).expect("a known tokenizer");
        let template = drawn.template();
        let system = drawn.draws.once_in(2).then(|| drawn.template());
        let found = drawn
            .draws
            .pick(&["", "passage", "It says so here, on page 12."]);
        let allowance = counter.count(found);
        let metadata = [("tier", drawn.value()), ("note", drawn.value())];
        let parts = [
            Part::Text(drawn.draws.pick(&TEXTS)),
            Part::Document(drawn.draws.pick(&TEXTS)),
        ];
        let history = [Part::Text(drawn.draws.pick(&TEXTS))];
        let roles = [Role::User, Role::Assistant, Role::Tool, Role::System];
        let messages = [
            Message {
                role: drawn.draws.pick(&roles),
                parts: &history,
            },
            Message {
                role: drawn.draws.pick(&roles),
                parts: &parts,
            },
        ];
        let mut request = Request::messages(&messages);
        request.metadata = &metadata;
        request.limits.expected_output_tokens = Some(10);

        let build = |window: u32| {
            let mut route = json!({ "expected_output_tokens": 1, "prompts": [{ "use": "p" }] });
            if allowance > 0 {
                route["retrieval"] = json!({ "collection": "c", "max_tokens": allowance });
            }
            let mut config = with(&[model("m", window, tokenizer, 1.0)], route);
            config["prompts"] = json!([{ "name": "p", "template": template }]);
            if let Some(system) = &system {
                config["prompts"][0]["system"] = json!(system);
            }
            snapshot(&config.to_string())
        };
        // What is sent, with the context in places where it cannot merge with what is around it.
        let wide = decided(&build(1_000_000), &request, &View::healthy(), 0);
        if wide.model().is_none() {
            // A loop over a number fails for every model, however large.
            unsendable += 1;
            continue;
        }
        let needed = |context: Option<&str>| {
            let sent = wide.messages(&request, context).expect("it renders");
            let tokens = sent.iter().map(|message| {
                let spread = message.content.replace('\u{e000}', "");
                let copies = message.content.matches('\u{e000}').count() as u32;
                counter.count(&spread) + copies * allowance
            });
            tokens.sum::<u32>() + 4 * sent.len() as u32 + 3 + 10
        };
        let mut most = needed(None);
        if allowance > 0 {
            let copies = |context| {
                let sent = wide.messages(&request, context).expect("it renders");
                let marks = sent
                    .iter()
                    .map(|each| each.content.matches('\u{e000}').count());
                marks.sum::<usize>() as u32
            };
            let unused = if copies(Some("\u{e000}")) == 0 {
                allowance
            } else {
                0
            };
            most = (most + allowance).max(needed(Some("\u{e000}")) + unused);
        }
        let window = (most + drawn.draws.below(5) as u32)
            .saturating_sub(2)
            .max(1);
        let decision = decided(&build(window), &request, &View::healthy(), 0);
        let is_planned = decision.model().is_some();
        assert_eq!(
            is_planned,
            most <= window,
            "seed {seed}: {most} tokens, window {window}, {template:?}, {system:?}, {:?}",
            decision
                .missing()
                .iter()
                .map(|lack| format!("{lack:?}"))
                .collect::<Vec<_>>()
        );
        if is_planned { held += 1 } else { refused += 1 }
    }
    let counts = format!("{held} held, {refused} refused, {unsendable} not sent");
    assert!(held > 10 && refused > 10 && unsendable < held, "{counts}");
}
