//! How many tokens a request takes: everything that is sent, counted piece by piece.

use fastroute_core::config::Model;
use fastroute_core::{Input, Part, Value};
use fastroute_text::tokens::TokenCounter;

use super::Case;
use super::choose::Demands;

/// A count of tokens: bounds, and the estimate.
#[derive(Clone, Copy)]
pub(super) struct Tokens {
    pub lower: u64,
    pub upper: u64,
    pub expected: u64,
}

impl Case<'_> {
    /// All that goes into a model's context but the answer.
    pub(super) fn tokens(&self, model: &Model, demands: &Demands<'_>, is_exact: bool) -> Tokens {
        let counter = TokenCounter::named(&model.tokenizer).expect("a known tokenizer");
        let count = |text: &str| {
            let bounds = counter.bounds(text);
            let (lower, upper) = (u64::from(bounds.lower), u64::from(bounds.upper));
            let exact = u64::from(counter.count(text));
            assert!(lower <= exact && exact <= upper, "bounds hold the count");
            if is_exact {
                Tokens {
                    lower: exact,
                    upper: exact,
                    expected: exact,
                }
            } else {
                Tokens {
                    lower,
                    upper,
                    expected: u64::from(counter.estimate(text)).clamp(lower, upper),
                }
            }
        };
        let texts: Vec<&str> = match self.request.input {
            Input::Text(text) => vec![text],
            Input::Messages(messages) => messages
                .iter()
                .flat_map(|each| each.parts)
                .map(Part::text)
                .collect(),
        };
        // Chat framing takes 4 tokens a message and 3 for the start of the answer.
        let mut fixed = 4 * self.request.message_count() as u64 + 3;
        fixed += u64::from(self.request.requirements.tools_tokens);
        fixed += demands
            .route
            .retrieval
            .as_ref()
            .map_or(0, |retrieval| u64::from(retrieval.max_tokens));
        let mut total = Tokens {
            lower: fixed,
            upper: fixed,
            expected: fixed,
        };
        let mut add = |tokens: Tokens, times: u64| {
            total.lower += times * tokens.lower;
            total.upper += times * tokens.upper;
            total.expected += times * tokens.expected;
        };
        let prompt = self.prompt_of(&model.name, demands);
        let prompt = prompt.map(|name| {
            self.config
                .prompts
                .iter()
                .find(|each| each.name == name)
                .expect("resolves")
        });
        let sources: Vec<&String> = prompt
            .iter()
            .flat_map(|each| each.system.iter().chain([&each.template]))
            .collect();
        sources
            .iter()
            .for_each(|source| add(count(&render(source, "")), 1));
        let framing = if sources.len() == 2 { 4 } else { 0 };
        add(
            Tokens {
                lower: framing,
                upper: framing,
                expected: framing,
            },
            1,
        );
        let copies: usize = sources
            .iter()
            .map(|source| render(source, "\u{e000}").matches('\u{e000}').count())
            .sum();
        let copies = (copies as u64).max(1);
        texts.iter().for_each(|text| add(count(text), copies));
        if sources.iter().any(|source| source.contains("metadata")) {
            let bytes = self.request.metadata.iter().map(|(_, value)| match value {
                Value::Text(text) => text.len() as u64,
                Value::Bool(_) | Value::Number(_) => 24,
            });
            let bytes: u64 = bytes.sum();
            add(
                Tokens {
                    lower: 0,
                    upper: bytes,
                    expected: bytes / 4,
                },
                1,
            );
        }
        total
    }
}

/// Renders a template with the user's text alone.
fn render(source: &str, input: &str) -> String {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
    let data = minijinja::context! { input => input, context => "" };
    environment
        .render_str(source, data)
        .expect("templates render")
}
