//! Decides many requests, stage by stage, and keeps of each decision what fits one row.
//!
//! A few requests at a time are measured, those that need similarity are encoded, and the head
//! scores several of them together, so that its rows are read once for all. A row has no place for
//! fallbacks, notes and what each model lacks, so none of that is worked out, and no row allocates.
//!
//! A row is what [`decide`](crate::decide) says of the same request, question declined: which
//! requests are decided together changes no bit. Two thirds of the cost, see `benches`.

use fastroute_embed::Encoded;

use crate::catalogue::{ModelId, PromptId, RouteId};
use crate::choose::Scored;
use crate::classify::{Answered, asks_similarity};
use crate::config::Reads;
use crate::decide::{Course, Knobs, Wanted, Workspace, settle};
use crate::decision::{Estimates, Outcome};
use crate::facts::{Facts, Sources, take_facts};
use crate::host::View;
use crate::reason::Reason;
use crate::request::{Request, RequestError};
use crate::rules::Verdict;
use crate::signal::{TextBuffers, Texts};
use crate::snapshot::Snapshot;

/// Requests that go through the stages together.
const CHUNK: usize = 16;

/// Texts that the head scores together.
const SCORED: usize = 4;

/// What one request of a batch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// What became of the request.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The route; none when the request was rejected before it had one.
    pub route: Option<RouteId>,
    /// The primary model; none when nothing fits.
    pub model: Option<ModelId>,
    /// The prompt that the primary model gets.
    pub prompt: Option<PromptId>,
    /// How sure the route is, 0 to 1.
    pub route_confidence: Option<f32>,
    /// Difficulty of the request, 0 to 1.
    pub difficulty: f32,
    /// What the primary model is expected to take and give.
    pub estimates: Option<Estimates>,
}

/// The first request of a batch that was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("request {index}: {error}")]
pub struct BatchError {
    /// Its place in the batch, from zero.
    pub index: usize,
    /// Why.
    pub error: RequestError,
}

/// Buffers of a batch; a place for each request of a chunk. Not `Debug`: they keep texts.
#[derive(Default)]
pub(crate) struct BatchBuffers {
    texts: Vec<TextBuffers>,
    facts: Vec<Facts>,
    verdicts: Vec<Verdict>,
    encoded: Vec<Encoded>,
    probabilities: Vec<f32>,
    /// Of requests whose primary model only the whole plan tells.
    scored: Vec<Scored>,
}

/// Decides each request and gives its row, with its place in the batch, to `visit`.
///
/// Rows come in order and equal the decisions of [`decide`](crate::decide); a question to the
/// meta-LLM is declined, as there is nobody to answer so many.
///
/// # Errors
///
/// The first request outside the limits of [`Request`]. Rows before it may have been visited.
pub fn decide_batch<'r>(
    snapshot: &Snapshot,
    requests: impl IntoIterator<Item = Request<'r>>,
    view: &View,
    workspace: &mut Workspace,
    mut visit: impl FnMut(usize, &Row),
) -> Result<(), BatchError> {
    let mut requests = requests.into_iter();
    let mut chunk: Vec<Request<'r>> = Vec::with_capacity(CHUNK);
    let mut before = 0;
    loop {
        chunk.clear();
        chunk.extend(requests.by_ref().take(CHUNK));
        if chunk.is_empty() {
            return Ok(());
        }
        for (place, request) in chunk.iter().enumerate() {
            request.check().map_err(|error| BatchError {
                index: before + place,
                error,
            })?;
        }
        decide_chunk(snapshot, &chunk, view, workspace, &mut |place, row| {
            visit(before + place, row);
        });
        before += chunk.len();
    }
}

fn decide_chunk(
    snapshot: &Snapshot,
    requests: &[Request<'_>],
    view: &View,
    workspace: &mut Workspace,
    visit: &mut dyn FnMut(usize, &Row),
) {
    let Workspace {
        scratch,
        score,
        batch,
        ..
    } = workspace;
    batch.texts.resize_with(CHUNK, TextBuffers::default);
    batch.facts.resize_with(CHUNK, Facts::default);
    batch.encoded.resize_with(SCORED, Encoded::default);
    batch.verdicts.clear();

    let mut texts = [Texts::default(); CHUNK];
    for ((texts, request), buffers) in texts.iter_mut().zip(requests).zip(&mut batch.texts) {
        *texts = Texts::of(request, snapshot.reads, buffers);
    }
    for ((request, texts), facts) in requests.iter().zip(&texts).zip(&mut batch.facts) {
        take_facts(snapshot, request, texts, scratch, facts);
        batch.verdicts.push(facts.verdict(snapshot));
    }

    // Without a head each text is scored by itself, when its stage comes.
    if let Some((part, head)) = snapshot
        .similarity
        .as_deref()
        .and_then(|part| Some((part, part.head()?)))
    {
        let BatchBuffers {
            facts,
            verdicts,
            encoded,
            probabilities,
            ..
        } = batch;
        let mut waiting = [0; SCORED];
        let mut count = 0;
        for place in 0..requests.len() {
            if asks_similarity(snapshot, &facts[place], &verdicts[place]) {
                let text = texts[place].view(Reads::LastUser).text;
                let is_known = part.encode(text, score, &mut encoded[count]);
                facts[place].is_scored = true;
                facts[place].likeness.is_known = is_known;
                if is_known {
                    waiting[count] = place;
                    count += 1;
                }
            }
            if count == SCORED || place + 1 == requests.len() && count > 0 {
                let mut queries = [&encoded[0]; SCORED];
                for (query, encoded) in queries.iter_mut().zip(&encoded[..count]) {
                    *query = encoded;
                }
                head.probabilities_of(&queries[..count], probabilities);
                let each = probabilities.chunks_exact(head.routes() + 1);
                for (place, probabilities) in waiting[..count].iter().zip(each) {
                    let likeness = &mut facts[*place].likeness;
                    likeness.probabilities.extend_from_slice(probabilities);
                }
                count = 0;
            }
        }
    }

    let knobs = Knobs::of(snapshot);
    for (place, request) in requests.iter().enumerate() {
        let mut sources = Sources {
            request,
            texts: texts[place],
            score,
        };
        let (facts, verdict) = (&mut batch.facts[place], &batch.verdicts[place]);
        let mut conclude = |facts: &mut Facts, sources: Option<&mut Sources<'_>>, answered| {
            settle(
                snapshot,
                facts,
                sources,
                answered,
                view,
                verdict,
                &knobs,
                Wanted::Primary(&mut batch.scored),
            )
        };
        let course = conclude(facts, Some(&mut sources), Answered::Open).or_else(|| {
            // As a question that is declined: what was not taken before it is not known after it.
            facts.keep(snapshot, &mut sources);
            conclude(facts, None, Answered::Declined)
        });
        visit(place, &Row::of(&course.unwrap_or(Course::UNDECIDED)));
    }
}

impl Row {
    fn of(course: &Course) -> Self {
        Self {
            outcome: course.outcome,
            reason: course.reason,
            route: course.route,
            model: course.primary,
            prompt: course.prompt,
            route_confidence: course.route_confidence,
            difficulty: course.difficulty,
            estimates: course.estimates,
        }
    }
}
