//! The server as a program: command line in, one line out, signals, exit code.
//!
//! Only the binary runs this. The wheel starts the same [`Server`] and keeps Python's signal
//! handlers, because tokio never gives those back.

use std::ffi::OsString;
use std::io::Write;

use tokio::signal::unix::{SignalKind, signal};

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
    let server = match Server::start(&settings, Hosts::default()) {
        Ok(server) => server,
        Err(error) => return refuse(&error),
    };
    println!("{}", server.line());
    let _ = std::io::stdout().flush();
    match server.block_on(stop_signal(&server)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let error = StartError::new("NO_SIGNALS", format!("cannot listen to signals: {error}"));
            return refuse(&error);
        }
        Err(_) => return 0,
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

/// Waits for SIGTERM or SIGINT; a SIGHUP meanwhile reads the configuration again.
async fn stop_signal(server: &Server) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let revisions = &server.engine().revisions;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => {
                // Whatever comes of it is logged and shown in the status.
                let _ = revisions.reload(ReloadFrom::File, false, Cause::Signal, "").await;
            }
        }
    }
    // Who asks twice does not want to wait for the calls in flight.
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        std::process::exit(1);
    });
    Ok(())
}
