//! The small values that hang on a decision: frozen, comparable, hashable, and `str()` says what a
//! person would want to read.

use std::borrow::Cow;

use fastroute_core::config::Retrieval as CoreRetrieval;
use pyo3::prelude::*;

macro_rules! values {
    ($($(#[doc = $doc:literal])+ $name:ident shown as $shown:ident { $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty,)+ })+) => {$(
        $(#[doc = $doc])+
        #[pyclass(frozen, eq, hash, get_all, module = "fastroute")]
        #[derive(Eq, Hash, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_doc])+ $field: $type,)+
        }

        #[pymethods]
        impl $name {
            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                let fields = [$(format!(concat!(stringify!($field), "={}"), slf.getattr(stringify!($field))?.repr()?)),+];
                Ok(format!(concat!(stringify!($name), "({})"), fields.join(", ")))
            }

            fn __str__(&self) -> &str {
                &self.$shown
            }
        }
    )+};
}

values! {
    /// One demand of a request that one model fails.
    Missing shown as message {
        /// Name of the model.
        model: String,
        /// Stable code, such as `CONTEXT_TOO_SMALL`.
        code: Cow<'static, str>,
        /// What is missing, with the value and the limit.
        message: String,
    }

    /// Something that was left aside on the way to a decision.
    Note shown as sentence {
        /// Stable code, such as `UNKNOWN_TASK`.
        code: Cow<'static, str>,
        /// The same as one sentence.
        sentence: String,
    }

    /// Why a decision is what it is.
    Reason shown as sentence {
        /// Stable code, one of `fastroute.REASONS`.
        code: Cow<'static, str>,
        /// The same as one sentence.
        sentence: String,
    }

    /// What to retrieve for a prompt.
    Retrieval shown as collection {
        /// Collection to search.
        collection: String,
        /// Passages to fetch.
        top_k: u32,
        /// Tokens that they may take; the context window has room for them.
        max_tokens: u32,
    }
}

impl Missing {
    /// Names what a model lacks.
    pub fn new(model: String, code: impl Into<Cow<'static, str>>, message: String) -> Self {
        Self {
            model,
            code: code.into(),
            message,
        }
    }
}

impl Note {
    /// Makes a note.
    pub fn new(code: impl Into<Cow<'static, str>>, sentence: String) -> Self {
        Self {
            code: code.into(),
            sentence,
        }
    }
}

impl Reason {
    /// Makes a reason.
    pub fn new(code: impl Into<Cow<'static, str>>, sentence: String) -> Self {
        Self {
            code: code.into(),
            sentence,
        }
    }
}

impl Retrieval {
    /// Copies a retrieval out of the core.
    pub fn new(retrieval: &CoreRetrieval) -> Self {
        Self::of(
            retrieval.collection.clone(),
            retrieval.top_k,
            retrieval.max_tokens,
        )
    }

    /// Makes a retrieval.
    pub const fn of(collection: String, top_k: u32, max_tokens: u32) -> Self {
        Self {
            collection,
            top_k,
            max_tokens,
        }
    }
}
