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
//! | [`pending`] | how a decision begins, and one that waits for an answer |
//! | [`probe`] | the right to probe a model that recovers, before its plan is handed out |
//! | [`question`] | what a meta-LLM is asked, out; its answer, in |
//! | [`decision`] | the class `Decision` and the values that hang on it, out |
//! | [`run`] | a run of a plan: calls out, outcomes in |
//! | [`aside`] | one call beside a plan |
//! | [`judge`] | how answers are judged and classified |
//! | [`report`] | outcomes in, of attempts that a host made by itself |
//! | [`live`] | the class `Live`: what is known of models, and who may hold a breaker |
//! | [`explain`] | the class `Explanation`, out |
//! | [`remote`] | the client's half of the contract: the same arguments to bytes, answers from bytes |
//! | [`batch`] | many texts in, one buffer of rows out |
//! | [`server`] | the class `Server`: settings in, a server that runs beside the interpreter |
//! | [`servicer`] | calls in and answers out, for a gRPC server that the host runs |
//! | [`error`] | the one door for errors: exceptions are defined in Python and imported |
//!
//! A call for a short text stays attached to the interpreter, as detaching costs more than most
//! decisions. One for a long text detaches, as a load does; a batch detaches and looks for signals
//! between chunks. Deciding uses no thread, no runtime and no global but lazily imported classes, so a
//! process that forks keeps working; what a server keeps beside them, a child is told not to use.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

mod aside;
mod batch;
mod config;
mod decision;
mod error;
mod explain;
mod judge;
mod live;
mod pending;
mod probe;
mod question;
mod remote;
mod report;
mod request;
mod router;
mod run;
mod server;
mod servicer;
mod workspace;

#[pymodule]
mod _fastroute {
    use super::*;

    #[pymodule_export]
    use super::aside::Aside;
    #[pymodule_export]
    use super::config::{check, schema};
    #[pymodule_export]
    use super::decision::{
        Cascade, Decision, Deployment, Missing, Note, Reason, Retrieval, TooLong,
    };
    #[pymodule_export]
    use super::explain::Explanation;
    #[pymodule_export]
    use super::judge::{
        answer_key, classify, in_form, judge_log_probabilities, read_self_report, read_verdict,
        self_report_prompt, verifier_messages,
    };
    #[pymodule_export]
    use super::live::{Live, Transition};
    #[pymodule_export]
    use super::pending::{Ballot, Pending};
    #[pymodule_export]
    use super::question::{Question, now_us};
    #[pymodule_export]
    use super::remote::call::Call as RemoteCall;
    #[pymodule_export]
    use super::remote::decision::Decided;
    #[pymodule_export]
    use super::remote::outcome::{encode_report, read_report};
    #[pymodule_export]
    use super::remote::rows::{Names, encode_batch};
    #[pymodule_export]
    use super::remote::status::error_of_status;
    #[pymodule_export]
    use super::router::Router;
    #[pymodule_export]
    use super::run::{Call as RunCall, Ending, Run};
    #[pymodule_export]
    use super::server::{Server, serve, served_addresses, stop_servers};
    #[pymodule_export]
    use super::servicer::Servicer;
    #[cfg(feature = "panic_for_tests")]
    #[pymodule_export]
    use super::workspace::panic_for_tests;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        workspace::keep_panics_quiet();
        let at_exit = module.py().import("atexit")?;
        at_exit.call_method1("register", (module.getattr("_stop_servers")?,))?;
        module.add("DEFAULT_CONFIG", fastroute_core::DEFAULT_CONFIG)?;
        let attempts = PyTuple::new(module.py(), remote::outcome::outcomes())?;
        module.add("ATTEMPT_OUTCOMES", attempts)?;
        module.add("OUTCOMES", batch::outcomes(module.py())?)?;
        module.add("REASONS", batch::reasons(module.py())?)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        // What the package is made of besides is not for `import *`, nor in the stub's list.
        let names: Vec<String> = module.index()?.extract()?;
        let is_public = |name: &String| !name.starts_with('_') || name == "__version__";
        let public: Vec<String> = names.into_iter().filter(is_public).collect();
        module.setattr("__all__", public)
    }
}
