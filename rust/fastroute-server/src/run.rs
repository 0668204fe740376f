//! The server as a program: command line in, one line out, signals, exit code.
//!
//! Only the binary runs this. The wheel starts the same [`Server`] and keeps Python's signal
//! handlers, because tokio never gives those back.

use std::ffi::OsString;
use std::io::Write;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::log;
use crate::revisions::{Cause, ReloadFrom};
use crate::server::{Hosts, Server};
use crate::settings::Settings;
use crate::start_error::StartError;

/// Serves until it is told to stop; returns the exit code.
///
/// 0 after a stop that was asked for, and for help; 1 when it cannot start; 2 for a command line that is wrong.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let settings = match Settings::parse_from(arguments) {
        Ok(settings) => settings,
        Err(error) if error.is_help() => {
            print!("{error}");
            return 0;
        }
        Err(error) if error.code() == "INVALID_SETTING" => {
            eprint!("{error}");
            return 2;
        }
        Err(error) => return refuse(&error.into()),
    };
    log::install(&settings.log);
    log::report_panics();
    let server = match Server::start(&settings, Hosts::default()) {
        Ok(server) => server,
        Err(error) => return refuse(&error),
    };
    // Whoever reads the line may send a signal at once.
    let signals = match server.block_on(async { Signals::listen() }) {
        Ok(Ok(signals)) => signals,
        Ok(Err(error)) => {
            let error = StartError::new("NO_SIGNALS", format!("cannot listen to signals: {error}"));
            return refuse(&error);
        }
        Err(_) => return 0,
    };
    println!("{}", server.line());
    let _ = std::io::stdout().flush();
    if server.block_on(signals.until_stop(&server)).is_err() {
        return 0;
    }
    match server.stop(None) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

fn refuse(error: &StartError) -> u8 {
    eprintln!("fastroute: {error}");
    1
}

/// The signals that the program heeds.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// Begins to listen; needs a tokio runtime around it.
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for SIGTERM or SIGINT; a SIGHUP meanwhile reads the configuration again.
    async fn until_stop(mut self, server: &Server) {
        let revisions = &server.engine().revisions;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                _ = self.hangup.recv() => {
                    // Whatever comes of it is logged and shown in the status.
                    let _ = revisions.reload(ReloadFrom::File, false, Cause::Signal, "").await;
                }
            }
        }
        // Who asks twice does not want to wait for the calls in flight.
        tokio::spawn(async move {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            std::process::exit(1);
        });
    }
}
