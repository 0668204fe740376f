//! Keeps the program of `docs/guide/rust.md` running: it is the one between the marks below.

// guide: begin
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use fastroute_core::config::{self, Format, Resources, Source};
use fastroute_core::{Answer, Now, Request, Snapshot, Step, Value, View, Workspace, decide};

/// Files that the configuration names are found beside it.
struct Folder(PathBuf);

impl Resources for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}

fn decide_one(folder: PathBuf, question: &str) -> Result<String, Box<dyn std::error::Error>> {
    // Once: read, check and build.
    let text = fs::read_to_string(folder.join("fastroute.yaml"))?;
    let source = Source {
        name: "fastroute.yaml",
        text: &text,
        format: Format::Yaml,
    };
    let loaded = config::load(&source, &Folder(folder))?;
    let snapshot = Arc::new(Snapshot::build(&loaded, None)?);

    // In every thread: buffers that are reused.
    let mut workspace = Workspace::new();

    // For every request.
    let metadata = [("tier", Value::Text("gold"))];
    let mut request = Request::text(question);
    request.metadata = &metadata;
    let now = Now {
        monotonic_us: 0,
        unix_us: 0,
    };
    let view = View::healthy();
    let decision = match decide(&snapshot, &request, &view, now, 0, &mut workspace)? {
        Step::Decided(decision) => decision,
        Step::Ask(pending) => pending.resume(Answer::Declined, &view, now),
    };
    let messages = decision.messages(&request, None)?;
    println!(
        "{} messages for {:?}: {}",
        messages.len(),
        decision.deployment(),
        decision.sentence()
    );
    Ok(format!(
        "{} {}",
        decision.route().unwrap_or("-"),
        decision.model().unwrap_or("-")
    ))
}
// guide: end

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_program_of_the_guide_decides() {
    let decided = decide_one(root().join("examples/support_desk"), "Where is my parcel?")
        .expect("a decision");
    assert_eq!(decided, "delivery desk-large");
}

#[test]
fn the_program_of_the_guide_is_the_one_that_runs() {
    let this = include_str!("guide.rs");
    let begin = this.find("// guide: begin\n").expect("the first mark") + "// guide: begin\n".len();
    let end = this.find("// guide: end\n").expect("the second mark");
    let page = fs::read_to_string(root().join("docs/guide/rust.md")).expect("the page");
    let shown = page
        .split("```")
        .find_map(|block| block.strip_prefix("rust\n"))
        .expect("a program");
    assert_eq!(
        bare(shown),
        bare(&this[begin..end]),
        "docs/guide/rust.md shows another program"
    );
}

/// The program without what a formatter may change.
fn bare(program: &str) -> String {
    program
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect()
}
