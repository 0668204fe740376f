//! The server as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(fastroute_server::run(std::env::args_os()))
}
