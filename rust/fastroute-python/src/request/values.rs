//! Numbers that must fit: Python's have no bounds, the core's do.
//!
//! pyo3 would answer `OverflowError` for an integer that does not fit; these answer with the
//! request's own error and code, so that a caller has one class to catch. A value that is no number
//! stays a `TypeError`.

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;

use crate::error;

/// A whole number of tokens, 0 to 2³² − 1.
#[derive(Clone, Copy)]
pub struct Count(pub u32);

/// A floating-point number; the core says which values it accepts.
#[derive(Clone, Copy)]
pub struct Figure(pub f64);

impl<'a, 'py> FromPyObject<'a, 'py> for Count {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        value.extract().map(Self).map_err(|error| {
            refused(
                error,
                value,
                "INVALID_LIMIT",
                "a whole number from 0 to 4294967295",
            )
        })
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Figure {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        value
            .extract()
            .map(Self)
            .map_err(|error| refused(error, value, "INVALID_LIMIT", "a finite number"))
    }
}

/// Reads a seed, 0 to 2⁶⁴ − 1.
pub fn read_seed(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let accepts = "a whole number from 0 to 18446744073709551615";
    value
        .extract()
        .map_err(|error| refused(error, value.as_borrowed(), "INVALID_SEED", accepts))
}

fn refused(
    error: PyErr,
    value: Borrowed<'_, '_, PyAny>,
    code: &'static str,
    accepts: &str,
) -> PyErr {
    if error.is_instance_of::<PyOverflowError>(value.py()) {
        error::request(code, format!("a number does not fit, it must be {accepts}"))
    } else {
        error
    }
}
