//! The server as a program: one line out, signals, exit codes.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: String,
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fastroute-server"));
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--admin",
        "127.0.0.1:0",
    ]);
    command.args(flags).stdin(Stdio::null());
    command
}

fn start(flags: &[&str]) -> Program {
    let mut child = command(flags)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a program");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    Program {
        child,
        stdout,
        line,
    }
}

impl Program {
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("a running program");
    }

    /// Waits for the end; gives the code, what else it printed, and what it logged.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut printed, mut logged) = (String::new(), String::new());
        self.stdout.read_to_string(&mut printed).expect("text");
        let mut stderr = self.child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut logged).expect("text");
        (self.child.wait().expect("an end").code(), printed, logged)
    }
}

fn fails(flags: &[&str]) -> Output {
    command(flags).output().expect("a program")
}

#[test]
fn it_prints_one_line_and_ends_with_0_when_told_to() {
    for signal in [Signal::TERM, Signal::INT] {
        let program = start(&[]);
        assert!(program.line.starts_with("fastroute 0."), "{}", program.line);
        program.signal(signal);
        let (code, printed, logged) = program.end();
        assert_eq!((code, printed.as_str()), (Some(0), ""), "{logged}");
        assert!(logged.lines().all(|line| line.starts_with('{')), "{logged}");
        assert!(logged.contains("\"stopped\""), "{logged}");
    }
}

#[test]
fn a_hangup_reads_the_configuration_again() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("fastroute.yaml");
    let default = fastroute_core::DEFAULT_CONFIG;
    fs::write(&path, default).expect("a writable folder");
    let program = start(&["--no-watch", "--config", &path.display().to_string()]);
    fs::write(&path, default.replace("translation", "interpreting")).expect("a file");
    program.signal(Signal::HUP);
    let http = program.line.split("http ").nth(1).expect("an address");
    let http = http.split(',').next().expect("an address").to_owned();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !metrics(&http).contains("fastroute_config_activations_total 2\n") {
        assert!(Instant::now() < deadline, "{}", metrics(&http));
        std::thread::yield_now();
    }
    program.signal(Signal::TERM);
    assert_eq!(program.end().0, Some(0));
}

fn metrics(address: &str) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).expect("a server");
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn what_keeps_it_from_starting_is_said_in_one_place_with_its_code() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("bad.yaml");
    fs::write(&path, "version: 1\nmodells: []\n").expect("a writable folder");
    let path = path.display().to_string();
    for (flags, code, says) in [
        (vec!["--config", &path], 1, "UNKNOWN_KEY"),
        (
            vec!["--config", "/nowhere/fastroute.yaml"],
            1,
            "UNREADABLE_CONFIG",
        ),
        (
            vec!["--config", &path, "--listen", "0.0.0.0:0"],
            1,
            "UNAUTHENTICATED_LISTENER",
        ),
        (vec!["--max-in-flight", "none"], 2, "--max-in-flight"),
        (vec!["--misspelt"], 2, "--misspelt"),
    ] {
        let output = fails(&flags);
        let logged = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {logged}");
        assert!(logged.contains(says), "{flags:?}: {logged}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_flag_of_the_environment_is_on_for_any_word_that_says_so() {
    for (word, starts) in [
        ("1", true),
        ("yes", true),
        ("true", true),
        ("0", false),
        ("off", false),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fastroute-server"))
            .args(["--listen", "0.0.0.0:0", "--http", "none", "--admin", "none"])
            .env("FASTROUTE_ALLOW_UNAUTHENTICATED", word)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a program");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a line or the end");
        assert_eq!(!line.is_empty(), starts, "{word}: {line}");
        let _ = child.kill();
        child.wait().expect("an end");
    }
}

#[test]
fn help_names_every_flag_with_its_default() {
    let output = Command::new(env!("CARGO_BIN_EXE_fastroute-server"))
        .arg("--help")
        .output()
        .expect("a program");
    let help = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    for part in [
        "--max-in-flight",
        "[default: 1024]",
        "--tls-client-ca",
        "FASTROUTE_CALLERS",
    ] {
        assert!(help.contains(part), "{part} is not in\n{help}");
    }
}
