//! Many texts in, one buffer of rows out.
//!
//! The texts are read first, while attached; then the interpreter is let go once and the rows are
//! written in place, so no Python object is made per prompt. Layout: `fastroute/_batch.py`.
//! The first text that is refused fails the whole batch, and the error says which it was: an array
//! has no place for an error beside a decision.

use std::sync::Arc;

use fastroute_core::{
    Answer, Decision, Input, Now, Outcome, Reason, Request, Snapshot, Step, View,
};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyByteArray, PyTuple};

use crate::request::{Options, read_text};
use crate::{error, workspace};

/// Bytes of one row.
const ROW: usize = 32;

/// In the order of the column `outcome`.
const OUTCOMES: [Outcome; 3] = [Outcome::NothingFits, Outcome::Rejected, Outcome::Routed];

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
    now: Now,
    seed: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let py = texts.py();
    let held = read_texts(texts)?;
    let lent: Vec<&str> = held.iter().map(|text| &**text).collect();
    let rows = PyByteArray::new_with(py, lent.len() * ROW, |buffer| {
        options
            .lend(|base| py.detach(|| write_rows(buffer, &lent, base, snapshot, view, now, seed)))
    })?;
    py.import("fastroute._batch")?.call_method1("rows", (rows,))
}

fn read_texts(texts: &Bound<'_, PyAny>) -> PyResult<Vec<PyBackedStr>> {
    if texts.is_instance_of::<pyo3::types::PyString>() {
        return Err(pyo3::exceptions::PyTypeError::new_err(
            "`texts` must be many texts, not one str",
        ));
    }
    let read = |(index, text): (usize, PyResult<Bound<'_, PyAny>>)| {
        read_text(&text?, format_args!("texts[{index}]"))
    };
    texts.try_iter()?.enumerate().map(read).collect()
}

fn write_rows(
    buffer: &mut [u8],
    texts: &[&str],
    base: &Request<'_>,
    snapshot: &Arc<Snapshot>,
    view: &View,
    now: Now,
    seed: u64,
) -> PyResult<()> {
    let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
    workspace::with(longest, |workspace| {
        for (index, (row, text)) in buffer.chunks_exact_mut(ROW).zip(texts).enumerate() {
            let request = Request {
                input: Input::Text(text),
                ..*base
            };
            let decision =
                match fastroute_core::decide(snapshot, &request, view, now, seed, workspace) {
                    Ok(Step::Decided(decision)) => decision,
                    Ok(Step::Ask(pending)) => pending.resume(Answer::Declined, view, now),
                    Err(refused) => {
                        return Err(error::request(
                            refused.code(),
                            format!("texts[{index}]: {refused}"),
                        ));
                    }
                };
            write_row(row, &decision);
        }
        Ok(())
    })?
}

/// Writes one row; `fastroute/_batch.py` reads these places.
fn write_row(row: &mut [u8], decision: &Decision) {
    let id = |id: Option<u16>| id.map_or(-1, |id| id as i16);
    let outcome = OUTCOMES
        .iter()
        .position(|outcome| *outcome == decision.outcome())
        .unwrap_or(0);
    let estimates = decision.estimates();
    let input_tokens = estimates.map_or(0, |estimates| {
        u32::try_from(estimates.input_tokens).unwrap_or(u32::MAX)
    });
    let latency_ms = estimates.map_or(f32::NAN, |estimates| {
        (estimates.latency_us as f64 / 1e3) as f32
    });

    row[0] = outcome as u8;
    row[1] = decision.reason().index();
    row[2..4].copy_from_slice(&id(decision.route_id().map(|route| route.0)).to_ne_bytes());
    row[4..6].copy_from_slice(&id(decision.model_id().map(|model| model.0)).to_ne_bytes());
    row[6..8].copy_from_slice(&id(decision.prompt_id().map(|prompt| prompt.0)).to_ne_bytes());
    row[8..12].copy_from_slice(
        &decision
            .route_confidence()
            .unwrap_or(f32::NAN)
            .to_ne_bytes(),
    );
    row[12..16].copy_from_slice(&decision.difficulty().to_ne_bytes());
    row[16..20].copy_from_slice(&input_tokens.to_ne_bytes());
    row[20..24].copy_from_slice(&latency_ms.to_ne_bytes());
    row[24..32].copy_from_slice(&decision.cost_usd().unwrap_or(f64::NAN).to_ne_bytes());
}
