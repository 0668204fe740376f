//! How many tokens a request takes in a model's context, exactly where it matters.
//!
//! Counts system, template, history, chat framing, tools and the retrieval allowance. Counting
//! with a real vocabulary costs more than the rest of a decision, so everything has bounds first:
//! only when a limit of a model lies between them is it counted, and only that model's figures use
//! the count. So a model's figures depend on no other model and on no earlier request.
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
    /// An estimate within the bounds; the count itself when they are one.
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
        let expected = u64::from(counter.estimate(text)).clamp(lower, upper);
        Self {
            lower,
            upper,
            expected,
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
    /// A cache: the count is a function of the snapshot alone.
    exact: OnceLock<u64>,
}

impl Tokenizers {
    pub fn build(counters: Vec<TokenCounter>, templates: &Templates, prompts: usize) -> Self {
        let of = |prompt: usize, counter: &TokenCounter| {
            let overhead = templates.overhead(PromptId::at(prompt));
            let framing = TokenRange::exactly(overhead.framing());
            let range = overhead
                .literals
                .iter()
                .fold(framing, |sum, text| sum.plus(TokenRange::of(counter, text)));
            PromptTokens {
                range,
                exact: OnceLock::new(),
            }
        };
        let prompts =
            (0..prompts).flat_map(|prompt| counters.iter().map(move |counter| of(prompt, counter)));
        Self {
            prompts: prompts.collect(),
            counters: counters.into(),
        }
    }

    fn prompt(&self, prompt: PromptId, tokenizer: u16) -> &PromptTokens {
        &self.prompts[prompt.index() * self.counters.len() + usize::from(tokenizer)]
    }

    /// The most that any prompt adds with a tokenizer.
    pub fn dearest_prompt(&self, tokenizer: u16) -> u64 {
        let of_tokenizer = self
            .prompts
            .iter()
            .skip(usize::from(tokenizer))
            .step_by(self.counters.len().max(1));
        of_tokenizer
            .map(|prompt| prompt.range.upper)
            .max()
            .unwrap_or(0)
    }
}

impl Overhead {
    fn framing(&self) -> u64 {
        if self.has_system { MESSAGE_FRAMING } else { 0 }
    }
}

/// The token counts of one request, taken as they are needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    texts: Vec<TextTokens>,
    fixed: u64,
    metadata_bytes: u64,
}

/// The request's own text with one tokenizer.
#[derive(Clone, Copy, Debug, Default)]
struct TextTokens {
    rough: Option<TokenRange>,
    exact: Option<u64>,
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
        self.texts.resize(tokenizers, TextTokens::default());
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

    /// Returns bounds of the whole input with an estimate.
    ///
    /// `request` may be absent once [`keep`](Self::keep) was called.
    pub fn rough(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
    ) -> TokenRange {
        let slot = usize::from(around.tokenizer);
        let text = match (self.texts[slot].rough, request) {
            (Some(range), _) => range,
            (None, Some(request)) => {
                let counter = &around.tokenizers.counters[slot];
                let mut range = TokenRange::default();
                each_text(request, |text| {
                    range = range.plus(TokenRange::of(counter, text))
                });
                self.texts[slot].rough = Some(range);
                range
            }
            (None, None) => TokenRange::default(),
        };
        let prompt = around
            .prompt
            .map(|prompt| around.tokenizers.prompt(prompt, around.tokenizer).range);
        self.total(around, text, prompt)
    }

    /// Returns the whole input counted; only what metadata inserts is still a range.
    ///
    /// Without the request, and when it was not [kept](Self::keep), nothing can be counted and
    /// the bounds stay.
    pub fn exact(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
    ) -> TokenRange {
        let slot = usize::from(around.tokenizer);
        let counter = &around.tokenizers.counters[slot];
        let text = match (self.texts[slot].exact, request) {
            (Some(count), _) => count,
            (None, Some(request)) => self.count_text(slot, counter, request),
            (None, None) => return self.rough(around, None),
        };
        let prompt = around.prompt.map(|prompt| {
            let overhead = around.templates.overhead(prompt);
            let count = || {
                overhead
                    .literals
                    .iter()
                    .map(|text| u64::from(counter.count(text)))
                    .sum::<u64>()
            };
            let tokens = around.tokenizers.prompt(prompt, around.tokenizer);
            TokenRange::exactly(*tokens.exact.get_or_init(|| overhead.framing() + count()))
        });
        self.total(around, TokenRange::exactly(text), prompt)
    }

    /// Takes what a later decision without the request may need from one tokenizer.
    pub fn keep(&mut self, around: &Surroundings<'_>, request: &Request<'_>, may_need_exact: bool) {
        self.rough(around, Some(request));
        let slot = usize::from(around.tokenizer);
        if may_need_exact && self.texts[slot].exact.is_none() {
            self.count_text(slot, &around.tokenizers.counters[slot], request);
        }
    }

    /// Bytes that templates may insert from metadata.
    pub fn metadata_bytes(&self) -> u64 {
        self.metadata_bytes
    }

    fn count_text(&mut self, slot: usize, counter: &TokenCounter, request: &Request<'_>) -> u64 {
        let mut total = 0;
        each_text(request, |text| total += u64::from(counter.count(text)));
        self.texts[slot].exact = Some(total);
        total
    }

    fn total(
        &self,
        around: &Surroundings<'_>,
        text: TokenRange,
        prompt: Option<TokenRange>,
    ) -> TokenRange {
        let mut total = text.plus(TokenRange::exactly(
            self.fixed + u64::from(around.retrieval_tokens),
        ));
        if let (Some(tokens), Some(prompt)) = (prompt, around.prompt) {
            total = total
                .plus(tokens)
                .plus(self.inserted(around.templates.overhead(prompt), text));
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
}

fn each_text<'a>(request: &Request<'a>, mut visit: impl FnMut(&'a str)) {
    match request.input {
        Input::Messages(messages) => {
            messages
                .iter()
                .flat_map(|message| message.parts)
                .for_each(|part| visit(part.text()));
        }
        Input::Text(text) => visit(text),
    }
}
