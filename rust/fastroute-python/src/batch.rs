//! Many texts in, one buffer of rows out.
//!
//! The texts are read first, while attached; then the interpreter is let go and the rows are
//! written in place, so no Python object is made per prompt. Between chunks of texts it is taken
//! back to handle signals, so that Ctrl-C ends a long batch. Layout: `fastroute/_batch.py`.
//! The first text that is refused fails the whole batch, and the error says which it was: an array
//! has no place for an error beside a decision.

use std::sync::Arc;

use fastroute_core::{Input, Outcome, Reason, Request, Row, Snapshot, View};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyTuple};

use crate::request::{Options, Text, read_text};
use crate::{error, workspace};

/// Bytes of one row.
pub const ROW: usize = 32;

/// Most texts between two looks for signals, 10 ms of short prompts. Taking the interpreter back may wait
/// 5 ms for another thread, so shorter chunks would cost a busy process more.
const CHUNK_TEXTS: usize = 4096;

/// Bytes of text after which a chunk ends, 20 ms of prose.
const CHUNK_BYTES: usize = 1 << 20;

/// Texts that are read between two looks for signals.
const READ_TEXTS: usize = 1 << 16;

/// In the order of the column `outcome`.
const OUTCOMES: [Outcome; 4] = [
    Outcome::NothingFits,
    Outcome::OverBudget,
    Outcome::Rejected,
    Outcome::Routed,
];

/// Returns the outcomes that the column `outcome` counts.
pub fn outcomes(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, OUTCOMES.map(Outcome::as_str))
}

/// Returns the codes that the column `reason` counts.
pub fn reasons(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, Reason::CODES)
}

/// Decides for each text and returns the rows as a numpy structured array.
///
/// Questions are declined, as there is no one to answer so many.
pub fn route<'py>(
    texts: &Bound<'py, PyAny>,
    snapshot: &Arc<Snapshot>,
    options: &Options,
    view: &View,
) -> PyResult<Bound<'py, PyAny>> {
    let py = texts.py();
    let held = read_texts(texts)?;
    let lent: Vec<&str> = held.iter().map(|text| &**text).collect();
    let rows = PyByteArray::new_with(py, lent.len() * ROW, |buffer| {
        options.lend(|base| {
            let mut rest = (&lent[..], buffer);
            while !rest.0.is_empty() {
                let (texts, later) = rest.0.split_at(chunk_of(rest.0));
                let (rows, later_rows) = rest.1.split_at_mut(texts.len() * ROW);
                let first = lent.len() - rest.0.len();
                py.detach(|| write_rows(rows, first, texts, base, snapshot, view))?;
                // A handler may decide, too: no workspace is held here.
                py.check_signals()?;
                rest = (later, later_rows);
            }
            Ok(())
        })
    })?;
    py.import("fastroute._batch")?.call_method1("rows", (rows,))
}

/// How many of the texts the next chunk takes, at least one.
fn chunk_of(texts: &[&str]) -> usize {
    let mut bytes = 0;
    let fits = |text: &&&str| {
        bytes += text.len();
        bytes <= CHUNK_BYTES
    };
    texts
        .iter()
        .take(CHUNK_TEXTS)
        .take_while(fits)
        .count()
        .max(1)
}

/// Reads many texts, looking for signals now and then.
pub fn read_texts(texts: &Bound<'_, PyAny>) -> PyResult<Vec<Text>> {
    if texts.is_instance_of::<pyo3::types::PyString>() {
        return Err(pyo3::exceptions::PyTypeError::new_err(
            "`texts` must be many texts, not one str",
        ));
    }
    let read = |(index, text): (usize, PyResult<Bound<'_, PyAny>>)| {
        if index % READ_TEXTS == READ_TEXTS - 1 {
            texts.py().check_signals()?;
        }
        read_text(&text?, format_args!("texts[{index}]"))
    };
    texts.try_iter()?.enumerate().map(read).collect()
}

fn write_rows(
    buffer: &mut [u8],
    first: usize,
    texts: &[&str],
    base: &Request<'_>,
    snapshot: &Arc<Snapshot>,
    view: &View,
) -> PyResult<()> {
    let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
    let requests = texts.iter().map(|text| Request {
        input: Input::Text(text),
        ..*base
    });
    let mut rows = buffer.chunks_exact_mut(ROW);
    workspace::with(longest, |workspace| {
        fastroute_core::decide_batch(snapshot, requests, view, workspace, |_, row| {
            if let Some(to) = rows.next() {
                Figures::of(row).write(to);
            }
        })
        .map_err(|refused| {
            error::request(
                refused.error.code(),
                format!("texts[{}]: {}", first + refused.index, refused.error),
            )
        })
    })?
}

/// One row as numbers; `fastroute/_batch.py` reads the places that [`write`](Self::write) writes.
pub struct Figures {
    pub outcome: u8,
    pub reason: u8,
    pub route: i16,
    pub model: i16,
    pub prompt: i16,
    pub route_confidence: Option<f32>,
    pub difficulty: f32,
    /// Tokens of input, microseconds of latency, nano-dollars of cost.
    pub estimates: Option<(u64, u64, u64)>,
}

impl Figures {
    fn of(row: &Row) -> Self {
        let id = |id: Option<u16>| id.map_or(-1, |id| id as i16);
        Self {
            outcome: place_of(row.outcome.as_str()),
            reason: row.reason.index(),
            route: id(row.route.map(|route| route.0)),
            model: id(row.model.map(|model| model.0)),
            prompt: id(row.prompt.map(|prompt| prompt.0)),
            route_confidence: row.route_confidence,
            difficulty: row.difficulty,
            estimates: row.estimates.map(|estimates| {
                (
                    estimates.input_tokens,
                    estimates.latency_us,
                    estimates.cost_nano,
                )
            }),
        }
    }

    /// Writes the row into its [`ROW`] bytes.
    pub fn write(&self, to: &mut [u8]) {
        let input_tokens = self.estimates.map_or(0, |(input_tokens, ..)| {
            u32::try_from(input_tokens).unwrap_or(u32::MAX)
        });
        let latency_ms = self.estimates.map_or(f32::NAN, |(_, latency_us, _)| {
            (latency_us as f64 / 1e3) as f32
        });
        let cost_usd = self
            .estimates
            .map_or(f64::NAN, |(.., cost_nano)| cost_nano as f64 / 1e9);
        to[0] = self.outcome;
        to[1] = self.reason;
        to[2..4].copy_from_slice(&self.route.to_ne_bytes());
        to[4..6].copy_from_slice(&self.model.to_ne_bytes());
        to[6..8].copy_from_slice(&self.prompt.to_ne_bytes());
        to[8..12].copy_from_slice(&self.route_confidence.unwrap_or(f32::NAN).to_ne_bytes());
        to[12..16].copy_from_slice(&self.difficulty.to_ne_bytes());
        to[16..20].copy_from_slice(&input_tokens.to_ne_bytes());
        to[20..24].copy_from_slice(&latency_ms.to_ne_bytes());
        to[24..32].copy_from_slice(&cost_usd.to_ne_bytes());
    }
}

/// The place of an outcome in the column `outcome`; the first for one that is none.
pub fn place_of(outcome: &str) -> u8 {
    OUTCOMES
        .iter()
        .position(|known| known.as_str() == outcome)
        .unwrap_or(0) as u8
}
