//! How many tokens a request takes in a model's context, exactly where it matters.
//!
//! Counts system, template, history, chat framing, tools and the retrieval allowance. Counting
//! with a real vocabulary costs more than the rest of a decision, so everything has bounds first:
//! only when a limit of a model lies between them is it counted, and only that model's figures use
//! the count. So a model's figures depend on no other model and on no earlier request.
//!
//! A prompt that only inserts is counted as its text and so many copies of the last user message,
//! the retrieval allowance and the metadata. Where its figures come near a limit, and always when
//! it has statements, what it renders for the request is counted instead.

mod range;

use std::sync::OnceLock;

use fastroute_text::tokens::TokenCounter;

use crate::catalogue::PromptId;
use crate::prompt::{Overhead, Templates, joined, last_user, with_messages};
use crate::request::{Part, Request, Value};
use crate::snapshot::Snapshot;

use range::Precision;
pub(crate) use range::TokenRange;

/// Tokens that chat formats spend on each message, and on the start of the answer.
const MESSAGE_FRAMING: u64 = 4;
const ANSWER_FRAMING: u64 = 3;

/// Tokens by which a text may exceed the sum of its halves.
///
/// A vocabulary's upper bound is bytes, which add up; an estimate may see a run of spaces or marks
/// at the seam that neither half has.
const SEAM: u64 = 2;

/// Tokens that a picture or a sound is counted as.
///
/// Providers charge by size and length, which a request does not tell: about 100 to 1,600 for a
/// picture, 10 to 32 a second for a sound. This is a picture of a million pixels, or half a minute
/// to a minute and a half of sound.
pub(crate) const MEDIA_TOKENS: u64 = 1_000;

/// Most bytes that a finite number is written with: nothing is written in powers of ten.
const LONGEST_NUMBER: u64 = 350;
/// The same for numbers of a usual size, and more than `true` and `false`.
const USUAL_NUMBER: u64 = 24;

/// The tokenizers of a snapshot and what its prompts cost with each.
#[derive(Debug)]
pub(crate) struct Tokenizers {
    pub counters: Box<[TokenCounter]>,
    /// The literals of prompt `p` with tokenizer `t`, at `p * counters.len() + t`.
    literals: Box<[TokenRange]>,
    /// What the question to the meta-LLM has beside the request: a cache, roughly and exactly.
    question: [OnceLock<TokenRange>; 2],
}

impl Tokenizers {
    pub fn build(counters: Vec<TokenCounter>, templates: &Templates, prompts: usize) -> Self {
        let of = |prompt: usize, counter: &TokenCounter| {
            let texts = &templates.overhead(PromptId::at(prompt)).literals;
            let range = texts.iter().fold(TokenRange::default(), |sum, text| {
                sum.plus(TokenRange::of(counter, text))
            });
            // At a seam with what is inserted, one token may cover both.
            TokenRange { lower: 0, ..range }
        };
        let literals =
            (0..prompts).flat_map(|prompt| counters.iter().map(move |counter| of(prompt, counter)));
        Self {
            literals: literals.collect(),
            counters: counters.into(),
            question: Default::default(),
        }
    }

    fn literals(&self, prompt: PromptId, tokenizer: u16) -> TokenRange {
        self.literals[prompt.index() * self.counters.len() + usize::from(tokenizer)]
    }
}

/// Tokens of the longest label, as the meta-LLM's answer is expected to have.
pub(crate) fn answer_tokens(snapshot: &Snapshot, tokenizer: u16) -> u32 {
    let counter = &snapshot.tokenizers.counters[usize::from(tokenizer)];
    let labels = snapshot.question.labels.iter();
    labels
        .map(|label| counter.estimate(label))
        .max()
        .unwrap_or(0)
}

/// Whether a model's window holds the question with that user message, and the answer.
pub(crate) fn holds_question(
    snapshot: &Snapshot,
    tokenizer: u16,
    user: &str,
    answer: u32,
    window: u32,
) -> bool {
    let counter = &snapshot.tokenizers.counters[usize::from(tokenizer)];
    let [rough, exact] = &snapshot.tokenizers.question;
    let fixed = 2 * MESSAGE_FRAMING + ANSWER_FRAMING + u64::from(answer);
    let with = |shared: &OnceLock<TokenRange>, precision| {
        let system =
            shared.get_or_init(|| TokenRange::at(precision, counter, &snapshot.question.system));
        system.upper + TokenRange::at(precision, counter, user).upper + fixed <= u64::from(window)
    };
    with(rough, Precision::Rough) || with(exact, Precision::Exact)
}

/// The token counts of one request, taken as they are needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    texts: Vec<TextTokens>,
    /// What rendered prompts came to; few, as most prompts need no rendering.
    rendered: Vec<RenderedTokens>,
    fixed: u64,
    metadata_bytes: u64,
}

/// The request's own texts with one tokenizer.
#[derive(Clone, Copy, Debug, Default)]
struct TextTokens {
    rough: Option<Conversation>,
    exact: Option<Conversation>,
}

/// The last user message, and all others.
#[derive(Clone, Copy, Debug, Default)]
struct Conversation {
    last_user: TokenRange,
    others: TokenRange,
}

/// What a prompt sends for the request, with one tokenizer.
#[derive(Clone, Copy, Debug)]
struct RenderedTokens {
    prompt: PromptId,
    tokenizer: u16,
    precision: Precision,
    /// All of it, when nothing was fetched.
    without_context: TokenRange,
    /// All but the context itself, when there is one.
    with_context: TokenRange,
    context_copies: u64,
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
        self.rendered.clear();
        self.fixed = request.message_count() as u64 * MESSAGE_FRAMING
            + ANSWER_FRAMING
            + u64::from(request.requirements.tools_tokens)
            + request.media_count() as u64 * MEDIA_TOKENS;
        self.metadata_bytes = request
            .metadata
            .iter()
            .map(|(_, value)| most_bytes(value))
            .sum();
    }

    /// Returns bounds of the whole input with an estimate.
    ///
    /// `request` may be absent once [`keep`](Self::keep) was called.
    pub fn rough(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
    ) -> TokenRange {
        self.total(around, request, Precision::Rough)
            .unwrap_or(TokenRange::UNKNOWN)
    }

    /// Returns the whole input counted as it is rendered.
    ///
    /// Without the request, and when it was not [kept](Self::keep), nothing can be counted and
    /// the bounds stay.
    pub fn exact(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
    ) -> TokenRange {
        self.total(around, request, Precision::Exact)
            .unwrap_or_else(|| self.rough(around, None))
    }

    /// Returns the tokens of the last user message; none when it cannot be counted any more.
    pub fn exact_text(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
    ) -> Option<u64> {
        let conversation = self.conversation(around, request, Precision::Exact)?;
        Some(conversation.last_user.upper)
    }

    /// Takes what a later decision without the request may need of one prompt and tokenizer.
    ///
    /// The count as well, when `may_need_exact` says so of the least and the most that is sent.
    pub fn keep(
        &mut self,
        around: &Surroundings<'_>,
        request: &Request<'_>,
        may_need_exact: impl Fn(u64, u64) -> bool,
    ) {
        let upper = self.rough(around, Some(request)).upper;
        let least = Surroundings {
            retrieval_tokens: 0,
            ..*around
        };
        let lower = self.rough(&least, Some(request)).lower;
        if may_need_exact(lower, upper) {
            self.exact(around, Some(request));
        }
    }

    fn total(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
        precision: Precision,
    ) -> Option<TokenRange> {
        let conversation = self.conversation(around, request, precision)?;
        let retrieval = u64::from(around.retrieval_tokens);
        let mut fixed = self.fixed;
        let overhead = around
            .prompt
            .map(|prompt| (prompt, around.templates.overhead(prompt)));
        if overhead.is_some_and(|(_, overhead)| overhead.has_system) {
            fixed += MESSAGE_FRAMING;
        }
        let sent = match overhead {
            None => conversation.last_user.plus(TokenRange::exactly(retrieval)),
            Some((prompt, overhead)) if precision == Precision::Rough && !overhead.is_dynamic => {
                let literals = around.tokenizers.literals(prompt, around.tokenizer);
                self.inserted(overhead, conversation.last_user, retrieval)
                    .plus(literals)
            }
            Some((prompt, overhead)) => {
                let rendered = self.rendered(prompt, overhead, around, request, precision)?;
                if retrieval == 0 {
                    rendered.without_context
                } else if overhead.is_dynamic && overhead.reads_context {
                    TokenRange::UNKNOWN
                } else {
                    // Fetched text that no prompt inserts is counted too: a host may add it.
                    let copies = rendered.context_copies.max(1);
                    let fetched = TokenRange::exactly(retrieval * copies);
                    let none = rendered
                        .without_context
                        .plus(TokenRange::exactly(retrieval));
                    none.either(rendered.with_context.plus(fetched))
                }
            }
        };
        Some(
            sent.plus(conversation.others)
                .plus(TokenRange::exactly(fixed)),
        )
    }

    /// What a plain prompt inserts.
    fn inserted(&self, overhead: &Overhead, text: TokenRange, retrieval: u64) -> TokenRange {
        let copies = u64::from(overhead.input_copies);
        let lower = if copies > 0 { text.lower } else { 0 };
        let bytes = self.metadata_bytes * u64::from(overhead.metadata_copies);
        let metadata = TokenRange {
            lower: 0,
            upper: bytes,
            expected: bytes / 4,
        };
        let fetched = retrieval * u64::from(overhead.context_copies.max(1));
        let text = text.times(copies);
        TokenRange {
            lower,
            upper: text.upper + u64::from(overhead.insertions) * 2 * SEAM,
            expected: text.expected,
        }
        .plus(metadata)
        .plus(TokenRange {
            // Without a user message the template is not sent.
            lower: retrieval,
            upper: fetched,
            expected: fetched,
        })
    }

    fn conversation(
        &mut self,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
        precision: Precision,
    ) -> Option<Conversation> {
        let slot = usize::from(around.tokenizer);
        let texts = &mut self.texts[slot];
        let known = match precision {
            Precision::Exact => &mut texts.exact,
            Precision::Rough => &mut texts.rough,
        };
        if let (None, Some(request)) = (&known, request) {
            *known = Some(count_conversation(
                &around.tokenizers.counters[slot],
                request,
                precision,
            ));
        }
        *known
    }

    /// Renders a prompt, once for each tokenizer and precision.
    fn rendered(
        &mut self,
        prompt: PromptId,
        overhead: &Overhead,
        around: &Surroundings<'_>,
        request: Option<&Request<'_>>,
        precision: Precision,
    ) -> Option<RenderedTokens> {
        let tokenizer = around.tokenizer;
        let is_it = |known: &&RenderedTokens| {
            (known.prompt, known.tokenizer, known.precision) == (prompt, tokenizer, precision)
        };
        if let Some(known) = self.rendered.iter().find(is_it) {
            return Some(*known);
        }
        let request = request?;
        let counter = &around.tokenizers.counters[usize::from(tokenizer)];
        // What fails to render, for its length or another reason, can be sent to no model.
        let count = |has_context| match around.templates.sent(prompt, request, has_context) {
            Ok(sent) => {
                let ranges = sent
                    .texts
                    .iter()
                    .map(|text| TokenRange::at(precision, counter, text));
                let sum = ranges.fold(TokenRange::default(), TokenRange::plus);
                (sum, sent.context_copies as u64)
            }
            Err(_) => (TokenRange::UNKNOWN, 0),
        };
        let (without_context, _) = count(false);
        let (with_context, context_copies) = if overhead.uses_context {
            count(true)
        } else {
            (without_context, 0)
        };
        let rendered = RenderedTokens {
            prompt,
            tokenizer,
            precision,
            without_context,
            with_context,
            context_copies,
        };
        self.rendered.push(rendered);
        Some(rendered)
    }
}

/// Most bytes that a template makes of a metadata value by inserting it.
fn most_bytes(value: &Value<'_>) -> u64 {
    match value {
        Value::Bool(_) => USUAL_NUMBER,
        Value::Number(number) => {
            let is_usual = *number == 0.0 || (1e-5..1e15).contains(&number.abs());
            if is_usual {
                USUAL_NUMBER
            } else {
                LONGEST_NUMBER
            }
        }
        Value::Text(text) => text.len() as u64,
    }
}

fn count_conversation(
    counter: &TokenCounter,
    request: &Request<'_>,
    precision: Precision,
) -> Conversation {
    with_messages(request, |messages| {
        let last_user = last_user(messages);
        let mut conversation = Conversation::default();
        for (place, message) in messages.iter().enumerate() {
            let texts = message.parts.iter().map(Part::text);
            let texts = texts.filter(|text| !text.is_empty());
            let seams = (texts.clone().count() as u64).saturating_sub(1);
            let tokens = if precision == Precision::Exact && seams > 0 {
                TokenRange::at(precision, counter, &joined(message))
            } else {
                let ends_of_line = TokenRange {
                    lower: 0,
                    upper: seams * SEAM,
                    expected: seams,
                };
                texts.fold(ends_of_line, |sum, text| {
                    sum.plus(TokenRange::at(precision, counter, text))
                })
            };
            let sum = if Some(place) == last_user {
                &mut conversation.last_user
            } else {
                &mut conversation.others
            };
            *sum = sum.plus(tokens);
        }
        conversation
    })
}
