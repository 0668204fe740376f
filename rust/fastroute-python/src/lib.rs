//! The Python extension `fastroute._fastroute`: converts, calls the core once, converts back.
//!
//! Nothing is decided here. A table of contents, in the order of a call:
//!
//! | file | what crosses the border |
//! |---|---|
//! | [`config`] | files and texts in; issues, schema and the embedded default out |
//! | [`router`] | the class `Router`: one snapshot, and the names of its parts as Python strings |
//! | [`request`] | arguments in: borrowed strings, metadata, limits |
//! | [`workspace`] | one scratch memory per thread, and panics turned into errors |
//! | [`question`] | what a meta-LLM is asked, out; its answer, in |
//! | [`decision`] | the class `Decision` and the values that hang on it, out |
//! | [`explain`] | the class `Explanation`, out |
//! | [`batch`] | many texts in, one buffer of rows out |
//! | [`error`] | the one door for errors: exceptions are defined in Python and imported |
//!
//! A call for a short text stays attached to the interpreter, as detaching costs more than most
//! decisions. One for a long text detaches, as a load does; a batch detaches and looks for signals
//! between chunks. No thread, no runtime and no global but lazily imported classes, so a process
//! that forks keeps working.

use pyo3::prelude::*;

mod batch;
mod config;
mod decision;
mod error;
mod explain;
mod question;
mod request;
mod router;
mod workspace;

#[pymodule]
mod _fastroute {
    use super::*;

    #[pymodule_export]
    use super::config::{check, schema};
    #[pymodule_export]
    use super::decision::{Decision, Deployment, Missing, Note, Reason, Retrieval};
    #[pymodule_export]
    use super::explain::Explanation;
    #[pymodule_export]
    use super::question::Question;
    #[pymodule_export]
    use super::router::Router;
    #[cfg(feature = "panic_for_tests")]
    #[pymodule_export]
    use super::workspace::panic_for_tests;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        workspace::keep_panics_quiet();
        module.add("DEFAULT_CONFIG", fastroute_core::DEFAULT_CONFIG)?;
        module.add("OUTCOMES", batch::outcomes(module.py())?)?;
        module.add("REASONS", batch::reasons(module.py())?)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
