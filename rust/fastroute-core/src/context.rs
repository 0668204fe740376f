//! How many tokens a request takes in a model's context, exactly where it matters.
//!
//! Counts system, template, history, chat framing, tools and the retrieval allowance. Counting
//! with a real vocabulary costs more than the rest of a decision, so text has bounds first:
//! only when a limit lies between them is it counted, once for each tokenizer.
//!
//! A template that inserts the user's text several times is charged that often for the whole
//! conversation, which errs on the safe side.

use std::sync::OnceLock;

use fastroute_text::tokens::TokenCounter;

use crate::catalogue::PromptId;
use crate::prompt::{Overhead, Templates};
use crate::request::{Input, Request, Value};

/// Tokens that chat formats spend on each message, and on the start of the answer.
const MESSAGE_FRAMING: u64 = 4;
const ANSWER_FRAMING: u64 = 3;

/// A number of tokens: between two bounds, with the figure that estimates use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct TokenRange {
    pub lower: u64,
    pub upper: u64,
    /// The exact count once it is known, else an estimate within the bounds.
    pub expected: u64,
}

impl TokenRange {
    pub fn exactly(count: u64) -> Self {
        Self {
            lower: count,
            upper: count,
            expected: count,
        }
    }

    fn of(counter: &TokenCounter, text: &str) -> Self {
        let bounds = counter.bounds(text);
        let (lower, upper) = (u64::from(bounds.lower), u64::from(bounds.upper));
        Self {
            lower,
            upper,
            expected: u64::from(counter.estimate(text)).clamp(lower, upper),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            lower: self.lower + other.lower,
            upper: self.upper + other.upper,
            expected: self.expected + other.expected,
        }
    }

    fn times(self, factor: u64) -> Self {
        Self {
            lower: self.lower * factor,
            upper: self.upper * factor,
            expected: self.expected * factor,
        }
    }
}

/// The tokenizers of a snapshot and what its prompts cost with each.
#[derive(Debug)]
pub(crate) struct Tokenizers {
    pub counters: Box<[TokenCounter]>,
    /// For prompt `p` and tokenizer `t`, at `p * counters.len() + t`.
    prompts: Box<[PromptTokens]>,
}

#[derive(Debug)]
struct PromptTokens {
    range: TokenRange,
    exact: OnceLock<u64>,
}

impl Tokenizers {
    pub fn build(counters: Vec<TokenCounter>, templates: &Templates, prompts: usize) -> Self {
        let of = |prompt: usize, counter: &TokenCounter| {
            let range = TokenRange::of(counter, &templates.overhead(PromptId::at(prompt)).literal);
            PromptTokens {
                range,
                exact: OnceLock::new(),
            }
        };
        let prompts = (0..prompts)
            .flat_map(|prompt| counters.iter().map(move |counter| of(prompt, counter)))
            .collect();
        Self {
            counters: counters.into(),
            prompts,
        }
    }

    fn prompt(&self, prompt: PromptId, tokenizer: u16) -> &PromptTokens {
        &self.prompts[prompt.index() * self.counters.len() + usize::from(tokenizer)]
    }
}

/// The token counts of one request, taken as they are needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    texts: Vec<Option<TokenRange>>,
    fixed: u64,
    metadata_bytes: u64,
}

/// What surrounds a request's text in the context of one model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'s> {
    pub tokenizers: &'s Tokenizers,
    pub templates: &'s Templates,
    pub tokenizer: u16,
    pub prompt: Option<PromptId>,
    pub retrieval_tokens: u32,
}

impl Ledger {
    /// Starts the ledger of a request.
    pub fn start(&mut self, request: &Request<'_>, tokenizers: usize) {
        self.texts.clear();
        self.texts.resize(tokenizers, None);
        self.fixed = request.message_count() as u64 * MESSAGE_FRAMING
            + ANSWER_FRAMING
            + u64::from(request.requirements.tools_tokens);
        let bytes = |value: &Value<'_>| {
            if let Value::Text(text) = value {
                text.len() as u64
            } else {
                24
            }
        };
        self.metadata_bytes = request.metadata.iter().map(|(_, value)| bytes(value)).sum();
    }

    /// Returns the tokens of the whole input; `request` may be absent once it was asked before.
    pub fn input(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
    ) -> TokenRange {
        let slot = usize::from(around.tokenizer);
        let counter = &around.tokenizers.counters[slot];
        let text = match (self.texts[slot], request) {
            (Some(range), _) => range,
            (None, Some(request)) => {
                let mut range = TokenRange::default();
                each_text(request, |text| {
                    range = range.plus(TokenRange::of(counter, text))
                });
                self.texts[slot] = Some(range);
                range
            }
            (None, None) => TokenRange::default(),
        };
        let mut total = text.plus(TokenRange::exactly(
            self.fixed + u64::from(around.retrieval_tokens),
        ));
        if let Some(prompt) = around.prompt {
            let tokens = around.tokenizers.prompt(prompt, around.tokenizer);
            total = total.plus(
                tokens
                    .exact
                    .get()
                    .map_or(tokens.range, |exact| TokenRange::exactly(*exact)),
            );
            total = total.plus(self.inserted(around.templates.overhead(prompt), text));
        }
        total
    }

    /// What the template inserts beyond one copy of the user's text.
    fn inserted(&self, overhead: &Overhead, text: TokenRange) -> TokenRange {
        let mut more = text.times(u64::from(overhead.input_copies.saturating_sub(1)));
        if overhead.uses_metadata {
            let bytes = self.metadata_bytes;
            more = more.plus(TokenRange {
                lower: 0,
                upper: bytes,
                expected: bytes / 4,
            });
        }
        more
    }

    /// Counts exactly, so that the next [`input`](Self::input) has no gap but metadata's.
    ///
    /// Without the request nothing can be counted and the bounds stay.
    pub fn count(&mut self, around: &Surroundings<'_>, request: Option<&Request<'_>>) {
        let Some(request) = request else { return };
        let slot = usize::from(around.tokenizer);
        let counter = &around.tokenizers.counters[slot];
        if self.texts[slot].is_none_or(|range| range.lower != range.upper) {
            let mut total = 0;
            each_text(request, |text| total += u64::from(counter.count(text)));
            self.texts[slot] = Some(TokenRange::exactly(total));
        }
        if let Some(prompt) = around.prompt {
            let literal = &around.templates.overhead(prompt).literal;
            around
                .tokenizers
                .prompt(prompt, around.tokenizer)
                .exact
                .get_or_init(|| u64::from(counter.count(literal)));
        }
    }
}

fn each_text<'a>(request: &Request<'a>, mut visit: impl FnMut(&'a str)) {
    match request.input {
        Input::Messages(messages) => messages
            .iter()
            .flat_map(|message| message.parts)
            .for_each(|part| visit(part.text())),
        Input::Text(text) => visit(text),
    }
}
