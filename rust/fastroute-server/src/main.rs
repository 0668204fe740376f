//! The server as a program of its own.
//!
//! A call makes a few dozen small allocations, most of them in the libraries that carry it; an
//! allocator made for those takes them faster than the system's. The library leaves the choice to its host.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(fastroute_server::run(std::env::args_os()))
}
