//! Text in: `str`, or `bytes` that are UTF-8; refused without quoting what is refused.
//!
//! Both are borrowed where Python has them. A `str` may hold lone surrogates, which are not Unicode
//! text. The interpreter's error for them carries the whole prompt, so it is dropped here and ours
//! is raised in its place, `from None`.

use std::fmt;
use std::ops::Deref;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBytes, PyString};

use crate::error;

/// A text that lies in a Python object, and keeps that object alive.
pub enum Text {
    /// In a `bytes` that was found to be UTF-8. Lending checks it again, at several gigabytes a
    /// second, as skipping that would be unsafe code for a few microseconds of a long prompt.
    Bytes(PyBackedBytes),
    /// In a `str`.
    Str(PyBackedStr),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Bytes(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            Self::Str(text) => text,
        }
    }
}

/// Reads a `str`, or `bytes` that are UTF-8; `name` is what an error calls it.
pub fn read_text(value: &Bound<'_, PyAny>, name: impl fmt::Display) -> PyResult<Text> {
    if let Ok(text) = value.cast::<PyString>() {
        return PyBackedStr::try_from(text.clone())
            .map(Text::Str)
            .map_err(|_| not_unicode(value.py(), name));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return match std::str::from_utf8(bytes.as_bytes()) {
            Ok(_) => Ok(Text::Bytes(bytes.clone().into())),
            Err(error) => Err(not_utf8(
                value.py(),
                format!("`{name}` is not UTF-8 at byte `{}`", error.valid_up_to()),
            )),
        };
    }
    Err(neither(value, name))
}

/// Copies a `str` or `bytes`, which need not be UTF-8.
pub fn read_bytes(value: &Bound<'_, PyAny>, name: impl fmt::Display) -> PyResult<Vec<u8>> {
    if let Ok(text) = value.cast::<PyString>() {
        return text
            .to_str()
            .map(|text| text.as_bytes().to_vec())
            .map_err(|_| not_unicode(value.py(), name));
    }
    let bytes = value.cast::<PyBytes>().map_err(|_| neither(value, name))?;
    Ok(bytes.as_bytes().to_vec())
}

fn neither(value: &Bound<'_, PyAny>, name: impl fmt::Display) -> PyErr {
    PyTypeError::new_err(format!(
        "`{name}` must be str or bytes, not {}",
        type_name(value)
    ))
}

/// Names the type of a value.
pub fn type_name(value: &Bound<'_, PyAny>) -> String {
    value
        .get_type()
        .name()
        .map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

fn not_unicode(py: Python<'_>, name: impl fmt::Display) -> PyErr {
    not_utf8(
        py,
        format!("`{name}` has a lone surrogate, so it is not Unicode text"),
    )
}

fn not_utf8(py: Python<'_>, message: String) -> PyErr {
    let error = error::request("NOT_UTF8", message);
    error.set_cause(py, None);
    error
}
