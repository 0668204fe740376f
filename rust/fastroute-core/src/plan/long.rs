//! How a text is served that is longer than the window of every model of its route.
//!
//! A text is too long when every model that could serve a short one lacks room for this one; a model
//! that is not permitted, cannot do what is asked or falls below a floor does not count, one that is
//! down does. Then the route's `on_too_long` says whether a larger model takes it, or whether the
//! last user message is split or summarised so that the rest of the request fits around it.
//!
//! For that the text is counted exactly. A part has what a window leaves beside everything else, the
//! expected output and [`SEAMS`]; a prompt that inserts the text more than once leaves less.

use super::{Plan, Planning};
use crate::catalogue::{ModelId, PromptId};
use crate::choose::{Choice, Scored, order};
use crate::config::OnTooLong;
use crate::context::{Ledger, TokenRange};
use crate::missing::{Lack, Missing};
use crate::models::ModelSet;
use crate::reason::Note;
use crate::request::Request;

/// Tokens that are left free where a text meets the prompt around it.
const SEAMS: u64 = 8;

/// Tokens that a part may stay short because the next character has more.
const LAST_CHARACTER: u64 = 8;

/// Tokens below which a part says too little to be answered.
const SMALLEST_PART: u64 = 32;

/// Tokens that chat formats spend on one more answer that is joined.
const ANSWER_FRAMING: u64 = 8;

/// How a text is served that is longer than the window of every model of its route.
///
/// What a model is told when it joins answers is in the route's
/// [settings](crate::Decision::on_too_long).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TooLong {
    /// The plan holds models with a larger window, though they are no candidates.
    Larger,
    /// The last user message is split, each part answered, and the answers are joined.
    Split {
        /// The model whose tokenizer counts the parts: the primary one.
        model: ModelId,
        /// Most tokens of one part, its overlap included.
        part_tokens: u32,
        /// Tokens that a part repeats of the one before.
        overlap_tokens: u32,
        /// Most parts; the plan was only made because so many suffice.
        max_parts: u32,
    },
    /// The last user message is summarised first.
    Summarise {
        /// The model that summarises.
        model: ModelId,
        /// Most tokens of the summary, counted by that model.
        max_tokens: u32,
    },
}

/// What is sent instead of a text that is too long.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shortened {
    /// Parts as large as each model takes.
    Parts {
        overlap: u32,
        most: u32,
        reduce_bytes: u64,
    },
    /// A text of so many tokens of one model's vocabulary.
    Text {
        tokens: u64,
        tokenizer: u16,
        /// What the whole text has in that vocabulary, to tell other vocabularies' share.
        whole: u64,
        calls: u64,
        reduce_bytes: u64,
        /// What is spent before the plan's own calls.
        before_nano: f64,
    },
}

/// What one model is sent, and what that costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// The input of one call.
    pub tokens: TokenRange,
    pub call_nano: f64,
    /// All calls that serve the request.
    pub whole_nano: f64,
}

impl Load {
    /// One call.
    pub fn of(tokens: TokenRange, nano: f64) -> Self {
        Self {
            tokens,
            call_nano: nano,
            whole_nano: nano,
        }
    }

    const TOO_MUCH: Self = Self {
        tokens: TokenRange::UNKNOWN,
        call_nano: 0.0,
        whole_nano: 0.0,
    };
}

/// What stands around a text in one model's context, and the text, in exact tokens.
struct Around {
    rest: u64,
    text: u64,
    copies: u64,
}

/// Whether every model that could serve a short text lacks room for this one.
pub(super) fn is_too_long(missing: &[Missing]) -> bool {
    let mut is_any = false;
    for lacks in missing.chunk_by(|left, right| left.model == right.model) {
        let follows_from_length =
            |lack: &Lack| matches!(lack, Lack::Context { .. } | Lack::Cost { .. });
        let mut all = lacks.iter().map(|missing| &missing.lack);
        if all.all(|lack| follows_from_length(lack) || lack.is_passing()) {
            let is_short_of_room = |missing: &Missing| matches!(missing.lack, Lack::Context { .. });
            if !lacks.iter().any(is_short_of_room) {
                return false;
            }
            is_any = true;
        }
    }
    is_any
}

impl Planning<'_, '_> {
    /// Plans for a text that is too long, as the route says; leaves `scored` empty when nothing helps.
    pub(super) fn serve_too_long(
        &mut self,
        scored: &mut Vec<Scored>,
        notes: &mut Vec<Note>,
        planned: &mut Plan,
    ) {
        let catalogue = self.choice.catalogue;
        let served = match &catalogue.routes[self.choice.route.index()].on_too_long {
            OnTooLong::Reject => None,
            OnTooLong::Larger => self.larger(scored),
            OnTooLong::Split(split) => {
                let parts = Shortened::Parts {
                    overlap: split.overlap_tokens,
                    most: split.max_parts,
                    reduce_bytes: split.reduce.len() as u64,
                };
                self.split(scored, planned, parts)
            }
            OnTooLong::Summarise(summarise) => {
                let name = summarise.model.as_str();
                catalogue
                    .model_named(name)
                    .and_then(|model| self.summarised(scored, planned, model, summarise.max_tokens))
            }
        };
        match served {
            None => scored.clear(),
            Some(TooLong::Larger) => notes.push(Note::LargerModel),
            Some(TooLong::Split { .. }) => notes.push(Note::TextSplit),
            Some(TooLong::Summarise { .. }) => notes.push(Note::TextSummarised),
        }
        planned.too_long = served;
    }

    /// Every other model that fits, best first.
    fn larger(&mut self, scored: &mut Vec<Scored>) -> Option<TooLong> {
        scored.clear();
        let mut seen: ModelSet = self.models().into_iter().collect();
        for model in (0..self.choice.catalogue.models.len()).map(ModelId::at) {
            if seen.insert(model) {
                scored.extend(self.fitting(model));
            }
        }
        scored.sort_unstable_by(order);
        (!scored.is_empty()).then_some(TooLong::Larger)
    }

    /// The best model with parts of its own size, then those that can take such parts too.
    fn split(
        &mut self,
        scored: &mut Vec<Scored>,
        planned: &mut Plan,
        parts: Shortened,
    ) -> Option<TooLong> {
        let Shortened::Parts {
            overlap,
            most,
            reduce_bytes,
        } = parts
        else {
            return None;
        };
        self.choice.shortened = Some(parts);
        let steps = self.order(scored, &mut Vec::new());
        let primary = *scored.first()?;
        let around = self.around(primary.model)?;
        let part = self.choice.part(primary.model, &around)?;
        self.choice.shortened = Some(Shortened::Text {
            tokens: part,
            tokenizer: self.choice.catalogue.models[primary.model.index()].tokenizer,
            whole: around.text,
            calls: calls(&around, part, overlap, most)?,
            reduce_bytes,
            before_nano: 0.0,
        });
        let mut place = 0;
        scored.retain_mut(|scored| {
            place += 1;
            let again = self.fitting(scored.model);
            if let Some(again) = again {
                *scored = again;
                planned.steps += usize::from(place <= steps);
            }
            again.is_some()
        });
        let is_first = scored.first().map(|scored| scored.model) == Some(primary.model);
        is_first.then_some(TooLong::Split {
            model: primary.model,
            part_tokens: u32::try_from(part).ok()?,
            overlap_tokens: overlap,
            max_parts: most,
        })
    }

    /// The plan around a summary, when a permitted model that is well can read the whole text for it.
    fn summarised(
        &mut self,
        scored: &mut Vec<Scored>,
        planned: &mut Plan,
        model: ModelId,
        max_tokens: u32,
    ) -> Option<TooLong> {
        let entry = &self.choice.catalogue.models[model.index()];
        let around = self.around(model)?;
        let needed = around.rest + around.text + SEAMS + u64::from(max_tokens);
        let can = self.choice.permitted.contains(model)
            && self.choice.view.is_available(model)
            && max_tokens <= entry.max_output_tokens
            && needed <= u64::from(entry.context_window);
        if !can {
            return None;
        }
        self.choice.shortened = Some(Shortened::Text {
            tokens: u64::from(max_tokens),
            tokenizer: entry.tokenizer,
            whole: around.text,
            calls: 1,
            reduce_bytes: 0,
            before_nano: entry.cost_nano(around.text, max_tokens),
        });
        planned.steps = self.order(scored, &mut Vec::new());
        (!scored.is_empty()).then_some(TooLong::Summarise { model, max_tokens })
    }

    fn around(&mut self, model: ModelId) -> Option<Around> {
        let prompt = self.choice.prompt_for(model);
        let ledger = &mut self.facts.ledger;
        self.choice.around(model, prompt, ledger, self.request)
    }
}

impl Choice<'_> {
    /// What stands around the last user message for a model; none when there is no such text.
    fn around(
        &self,
        model: ModelId,
        prompt: Option<PromptId>,
        ledger: &mut Ledger,
        request: Option<&Request<'_>>,
    ) -> Option<Around> {
        let surroundings = self.surroundings(model, prompt);
        let total = ledger.exact(&surroundings, request).upper;
        let text = ledger.exact_text(&surroundings, request)?;
        let copies = match prompt.map(|prompt| self.catalogue.templates.overhead(prompt)) {
            Some(overhead) if !overhead.is_dynamic => u64::from(overhead.input_copies),
            _ => 1,
        };
        (copies > 0 && text > 0).then(|| Around {
            rest: total.saturating_sub(copies * text),
            text,
            copies,
        })
    }

    /// The largest part of the text that a model can take; none when there is no room for any.
    fn part(&self, model: ModelId, around: &Around) -> Option<u64> {
        let window = u64::from(self.catalogue.models[model.index()].context_window);
        let taken = around.rest + u64::from(self.expected_output_tokens) + SEAMS;
        let part = window.checked_sub(taken)? / around.copies;
        (part >= SMALLEST_PART).then_some(part)
    }
}

impl Shortened {
    /// What a model is sent; too much when it cannot be short enough.
    pub fn load(
        &self,
        choice: &Choice<'_>,
        model: ModelId,
        prompt: Option<PromptId>,
        ledger: &mut Ledger,
        request: Option<&Request<'_>>,
    ) -> Load {
        let known = choice.around(model, prompt, ledger, request);
        known
            .and_then(|around| self.load_around(choice, model, &around))
            .unwrap_or(Load::TOO_MUCH)
    }

    fn load_around(&self, choice: &Choice<'_>, model: ModelId, around: &Around) -> Option<Load> {
        let entry = &choice.catalogue.models[model.index()];
        let (tokens, calls, reduce_bytes, before_nano) = match *self {
            Self::Parts {
                overlap,
                most,
                reduce_bytes,
            } => {
                let part = choice.part(model, around)?;
                (part, calls(around, part, overlap, most)?, reduce_bytes, 0.0)
            }
            Self::Text {
                tokens,
                tokenizer,
                whole,
                calls,
                reduce_bytes,
                before_nano,
            } => {
                let tokens = if entry.tokenizer == tokenizer {
                    tokens
                } else {
                    // A part may be denser than the whole: a quarter more is allowed for.
                    (tokens * around.text * 5).div_ceil(whole * 4)
                };
                (tokens, calls, reduce_bytes, before_nano)
            }
        };
        let output = choice.expected_output_tokens;
        let input = around.rest + around.copies * tokens;
        let call_nano = entry.cost_nano(input, output);
        let mut whole_nano = before_nano + calls as f64 * call_nano;
        if calls > 1 {
            let answers = calls * (u64::from(output) + ANSWER_FRAMING);
            let joined = around.rest + answers + reduce_bytes;
            if joined + u64::from(output) > u64::from(entry.context_window) {
                return None;
            }
            whole_nano += entry.cost_nano(joined, output);
        }
        Some(Load {
            tokens: TokenRange::exactly(input),
            call_nano,
            whole_nano,
        })
    }
}

/// Parts that the text comes to; none when they are more than the most.
///
/// A part may end a tenth early, at the end of a sentence or a word, and a character of several tokens
/// early; an overlap takes at most half of it.
fn calls(around: &Around, part: u64, overlap: u32, most: u32) -> Option<u64> {
    let overlap = u64::from(overlap).min(part / 2);
    let step = part.checked_sub(part / 10 + LAST_CHARACTER + overlap)?;
    if step == 0 {
        return None;
    }
    let calls = around.text.saturating_sub(overlap).div_ceil(step).max(1);
    (calls <= u64::from(most)).then_some(calls)
}
