//! The class `Server`: a server that runs beside Python and never needs the interpreter to answer.
//!
//! Its threads are tokio's, in a runtime of its own, so a Python thread that spins is not seen in its
//! latency. Starting, reloading and stopping let the interpreter go, and stopping looks for signals
//! meanwhile. No signal handler is taken: `fastroute serve` uses Python's.
//!
//! A server that nobody stopped is stopped when it is collected, or before the interpreter ends. After a
//! fork the child has the object but no threads behind it: there every method says so, and
//! neither dropping it nor ending the process waits for a thread that does not exist.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use fastroute_server::server::Hosts;
use fastroute_server::{Refusal, Settings, SettingsError, StartError};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyBool, PyDict, PyString, PyTuple};

use crate::{error, workspace};

type Running = fastroute_server::server::Server;

/// Time that servers have to finish calls when the interpreter ends and nobody stopped them, whatever their setting
/// `drain` says: a program that ends should not seem to hang.
const AT_EXIT: Duration = Duration::from_secs(5);

/// Time between two looks for signals while a server stops.
const LOOK: Duration = Duration::from_millis(50);

/// Servers that may have to be stopped before the interpreter ends.
///
/// Locked only by threads that are attached to the interpreter and do not let it go meanwhile. The thread
/// that forks is attached, too, so a child never finds it locked.
static SERVERS: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());

fn servers() -> MutexGuard<'static, Vec<Weak<Running>>> {
    SERVERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server of decisions over gRPC and HTTP that runs in this process.
///
/// Serves from when it is made until `stop()`, the end of its `with` block, or the end of the
/// interpreter; `drain` is the time for calls in flight, but at the end of the interpreter
/// it is 5 seconds. `config` is the path of a configuration; the embedded default serves without it.
/// Every flag of `fastroute serve` is a keyword: `listen`, `http`, `admin`, `callers`, `state_dir`,
/// `max_in_flight`, `drain="10s"`, and so on; True sets a flag that takes no value. What is not given
/// comes from the environment as there, except where to listen: without `listen` gRPC takes a port of
/// this machine that the system chooses, and without `http` and `admin` those are off, whatever
/// FASTROUTE_LISTEN, FASTROUTE_HTTP and FASTROUTE_ADMIN say. Nothing is logged unless `log` is given, such as
/// `log="info"`: then JSON lines go to the standard error, for every server of the process.
///
/// Answering needs no lock of the interpreter. Raises ConfigError for a refused configuration,
/// ServerError for anything else that keeps it from serving.
///
/// >>> with fastroute.Server() as server:
/// ...     address = server.addresses.grpc[0]
/// ...     server.is_running
/// True
#[pyclass(frozen, weakref, module = "fastroute")]
pub struct Server {
    /// None only while it is dropped.
    inner: Option<Arc<Running>>,
}

impl Server {
    fn start(py: Python<'_>, settings: &Settings) -> PyResult<Self> {
        let started =
            py.detach(|| workspace::guarded(|| Running::start(settings, Hosts::default())))?;
        let running = Arc::new(started.map_err(|failed| from_start(py, &failed))?);
        py.import("fastroute._server")?
            .call_method0("watch_forks")?;
        let mut servers = servers();
        servers.retain(|server| server.strong_count() > 0);
        servers.push(Arc::downgrade(&running));
        Ok(Self {
            inner: Some(running),
        })
    }

    /// The server, in the process that started it.
    pub fn running(&self) -> PyResult<&Arc<Running>> {
        match &self.inner {
            Some(running) if !running.is_forked() => Ok(running),
            _ => Err(error::server(
                "FORKED",
                "this process was forked from one that runs the server; the server runs in the parent only",
            )),
        }
    }
}

#[pymethods]
impl Server {
    #[new]
    #[pyo3(signature = (config=None, *, listen=None, http=None, admin=None, **settings))]
    fn new(
        py: Python<'_>,
        config: Option<PathBuf>,
        listen: Option<&Bound<'_, PyAny>>,
        http: Option<&Bound<'_, PyAny>>,
        admin: Option<&Bound<'_, PyAny>>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut arguments = vec![OsString::from("fastroute")];
        if let Some(config) = config {
            let mut flag = OsString::from("--config=");
            flag.push(config);
            arguments.push(flag);
        }
        match listen {
            Some(listen) => push_flag(&mut arguments, "listen", listen)?,
            None => arguments.push("--listen=127.0.0.1:0".into()),
        }
        for (name, address) in [("http", http), ("admin", admin)] {
            match address {
                Some(address) => push_flag(&mut arguments, name, address)?,
                None => arguments.push(format!("--{name}=none").into()),
            }
        }
        for (name, value) in settings.into_iter().flatten() {
            push_flag(&mut arguments, &name.extract::<String>()?, &value)?;
        }
        let is_logged = settings.is_some_and(|given| match given.get_item("log") {
            Ok(Some(level)) => !level.is_none(),
            _ => false,
        });
        let settings =
            Settings::parse_from(arguments).map_err(|refused| from_settings(&refused))?;
        if is_logged {
            fastroute_server::log::install(&settings.log);
        }
        Self::start(py, &settings)
    }

    /// Where it listens: `grpc`, a tuple; `http` and `admin`, None when they are off.
    #[getter]
    fn addresses<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let addresses = self.running()?.addresses();
        let grpc = PyTuple::new(py, &addresses.grpc)?;
        py.import("fastroute._server")?
            .getattr("Addresses")?
            .call1((grpc, &addresses.http, &addresses.admin))
    }

    /// Content hash of the configuration that serves now.
    #[getter]
    fn revision(&self) -> PyResult<String> {
        Ok(self.running()?.revision())
    }

    /// Which configuration serves, since when and why, and what was refused since: a `ServerStatus`.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let status = self.running()?.engine().revisions.status();
        let module = py.import("fastroute._server")?;
        let refused = status.last_refused.as_ref().map(|refused| {
            let issues = refused.issues.iter().map(|found| error::issue(py, found));
            let issues = PyTuple::new(py, issues.collect::<PyResult<Vec<_>>>()?)?;
            module.getattr("RefusedConfig")?.call1((
                seconds(refused.at),
                refused.cause.as_str(),
                refused.code,
                &refused.message,
                issues,
                refused.omitted,
            ))
        });
        let active = &status.active;
        module.getattr("ServerStatus")?.call1((
            &*active.revision,
            seconds(active.since),
            active.cause.as_str(),
            &*active.by,
            status.is_pinned,
            status.stale_since.map(seconds),
            refused.transpose()?,
        ))
    }

    /// Whether it serves.
    #[getter]
    fn is_running(&self) -> PyResult<bool> {
        Ok(self.running()?.is_running())
    }

    /// Serves the configuration as its file stands now, and returns its revision.
    ///
    /// Raises ConfigError when it is refused; then the one before serves on.
    fn reload(&self, py: Python<'_>) -> PyResult<String> {
        let running = self.running()?;
        let reloaded = py.detach(|| workspace::guarded(|| running.reload().map(|_| ())))?;
        reloaded.map_err(|refused| from_refusal(&refused))?;
        Ok(running.revision())
    }

    /// Takes no more calls, waits for those in flight, and stops; does nothing when it was stopped.
    ///
    /// `grace` is the time in seconds for calls in flight, the setting `drain` unless given. A
    /// signal handler that raises ends the wait; the server then stops by itself.
    #[pyo3(signature = (*, grace=None))]
    fn stop(&self, py: Python<'_>, grace: Option<f64>) -> PyResult<()> {
        let grace = grace.map(Duration::try_from_secs_f64).transpose();
        let grace =
            grace.map_err(|_| PyValueError::new_err("`grace` must be 0 or more seconds"))?;
        let running = Arc::clone(self.running()?);
        let (tell, mut told) = channel();
        std::thread::Builder::new()
            .name("fastroute-stop".to_owned())
            .spawn(move || {
                let stopped = running.stop(grace);
                drop(running);
                let _ = tell.send(stopped);
            })?;
        loop {
            // Moved there and back, as a receiver cannot be lent to a call that lets the interpreter go.
            let stopped;
            (stopped, told) = py.detach(move || (told.recv_timeout(LOOK), told));
            match stopped {
                Ok(stopped) => return stopped.map_err(|refused| from_refusal(&refused)),
                Err(RecvTimeoutError::Disconnected) => return Err(error::internal("server.rs")),
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            }
        }
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: Option<&Bound<'_, PyAny>>,
        _error: Option<&Bound<'_, PyAny>>,
        _trace: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        // A forked child leaves the block, too, and there is nothing of its own to stop.
        match self.running() {
            Ok(_) => self.stop(py, None),
            Err(_) => Ok(()),
        }
    }

    fn __repr__(&self) -> String {
        match self.running() {
            Ok(running) if running.is_running() => {
                format!("Server(grpc={:?})", running.addresses().grpc)
            }
            Ok(_) => "Server(stopped)".to_owned(),
            Err(_) => "Server(of another process)".to_owned(),
        }
    }

    /// The line that `fastroute serve` prints when it serves.
    fn _line(&self) -> PyResult<String> {
        Ok(self.running()?.line())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(running) = self.inner.take() else {
            return;
        };
        if running.is_forked() {
            std::mem::forget(running);
        } else if running.is_running() {
            Python::attach(|py| {
                py.detach(|| {
                    let _ = running.stop(Some(Duration::ZERO));
                });
            });
        }
    }
}

/// Starts a server as a program: its whole command line, and its logs on the standard error.
///
/// What was asked for instead of a server, such as the help, is a ServerError of code HELP.
#[pyfunction]
#[pyo3(name = "_serve")]
pub fn serve(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<Server> {
    let program = std::iter::once(OsString::from("fastroute serve"));
    let settings = Settings::parse_from(program.chain(arguments))
        .map_err(|refused| from_settings(&refused))?;
    fastroute_server::log::install(&settings.log);
    Server::start(py, &settings)
}

/// Where the servers listen that this process or the one that it was forked from started.
#[pyfunction]
#[pyo3(name = "_served_addresses")]
pub fn served_addresses() -> Vec<String> {
    let mut all = Vec::new();
    for server in servers().iter().filter_map(Weak::upgrade) {
        let addresses = server.addresses();
        all.extend(addresses.grpc.iter().cloned());
        all.extend(addresses.http.iter().chain(&addresses.admin).cloned());
        if server.is_forked() {
            std::mem::forget(server);
        }
    }
    all
}

/// Stops every server of this process; Python calls it before the interpreter ends.
#[pyfunction]
#[pyo3(name = "_stop_servers")]
pub fn stop_servers(py: Python<'_>) {
    let all = std::mem::take(&mut *servers());
    let (here, forked): (Vec<_>, Vec<_>) = all
        .iter()
        .filter_map(Weak::upgrade)
        .partition(|server| !server.is_forked());
    forked.into_iter().for_each(std::mem::forget);
    py.detach(|| {
        std::thread::scope(|scope| {
            for server in &here {
                scope.spawn(|| server.stop(Some(AT_EXIT)));
            }
        });
    });
}

/// Writes one keyword as its flag: True alone, what is None or False not at all, a list once for each.
fn push_flag(arguments: &mut Vec<OsString>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let flag = format!("--{}", name.replace('_', "-"));
    if value.is_none() {
        return Ok(());
    }
    if let Ok(is_set) = value.cast::<PyBool>() {
        if is_set.is_true() {
            arguments.push(flag.into());
        }
        return Ok(());
    }
    let mut push = |value: OsString| {
        let mut argument = OsString::from(&flag);
        argument.push("=");
        argument.push(value);
        arguments.push(argument);
    };
    if let Ok(path) = value.extract::<PathBuf>() {
        push(path.into_os_string());
    } else if value.extract::<f64>().is_ok() {
        push(value.str()?.to_string().into());
    } else if let Ok(many) = value.try_iter() {
        for one in many {
            let one = one?;
            let text = one
                .cast::<PyString>()
                .map_err(|_| PyTypeError::new_err(format!("`{name}` must be a list of str")))?;
            push(text.to_string().into());
        }
    } else {
        return Err(PyTypeError::new_err(format!(
            "`{name}` must be a text, a path, a number, a bool or a list of texts"
        )));
    }
    Ok(())
}

/// A time as Python's `time.time()` tells it.
fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

fn from_settings(refused: &SettingsError) -> PyErr {
    let code = if refused.is_help() {
        "HELP"
    } else {
        refused.code()
    };
    error::server(code, refused.to_string())
}

fn from_start(py: Python<'_>, failed: &StartError) -> PyErr {
    if !is_config(failed.code()) {
        return error::server(failed.code(), failed.message());
    }
    let message = match failed.issues() {
        [] => failed.message().to_owned(),
        issues => {
            let lines: Vec<String> = issues.iter().map(ToString::to_string).collect();
            lines.join("\n")
        }
    };
    error::from_issues(py, message, failed.code(), failed.issues()).unwrap_or_else(|error| error)
}

fn from_refusal(refused: &Refusal) -> PyErr {
    let code = refused.code();
    if is_config(code) {
        error::config(code, refused.message())
    } else {
        error::server(code, refused.message())
    }
}

/// Whether a code is one of a configuration that was refused.
fn is_config(code: &str) -> bool {
    matches!(
        code,
        "BUILD_FAILED"
            | "INVALID_CONFIG"
            | "SELF_TEST_FAILED"
            | "TOO_MUCH_REMOVED"
            | "UNREADABLE_CONFIG"
    )
}
