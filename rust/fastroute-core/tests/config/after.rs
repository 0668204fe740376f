//! A load after another takes over what was compiled from equal files, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use fastroute_core::config::{Format, Loaded, Resources, Source, load, load_after};
use fastroute_core::{Now, Request, Snapshot, Step, View, Workspace, decide};
use serde_json::json;

/// Files by path.
#[derive(Clone)]
struct Memory(BTreeMap<&'static str, Vec<u8>>);

impl Resources for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or("no such file".to_owned())
    }
}

fn fixture(model: &str, file: &str) -> Vec<u8> {
    let folder = "../fastroute-embed/tests/fixtures/models";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::read(root.join(model).join(file)).unwrap()
}

fn files() -> Memory {
    let mut files = BTreeMap::from([
        ("words.txt", b"outage\nservice down\n".to_vec()),
        ("examples.txt", b"refund please\nhello world\n".to_vec()),
        ("counter/tokenizer.json", fixture("int8", "tokenizer.json")),
    ]);
    for (path, file) in [
        ("encoder/model.safetensors", "model.safetensors"),
        ("encoder/tokenizer.json", "tokenizer.json"),
        ("encoder/config.json", "config.json"),
    ] {
        files.insert(path, fixture("int8", file));
    }
    Memory(files)
}

fn text() -> String {
    json!({
        "version": 1,
        "providers": { "p": { "kind": "callable" } },
        "models": [{ "name": "m", "provider": "p", "context_window": 9_000, "tokenizer": "counter/tokenizer.json",
                     "price": { "input": 1.0, "output": 1.0 },
                     "latency": { "first_token": "1ms", "per_token": "1ms" }, "quality": { "default": 0.5 } }],
        "routes": [{ "name": "a", "choose": ["m"], "examples_file": "examples.txt" },
                   { "name": "b", "choose": ["m"], "examples": ["the weather today"] },
                   { "name": "rest", "choose": ["m"] }],
        "rules": [{ "name": "outage", "when": { "keywords": { "file": "words.txt" } }, "then": { "route": "b" } },
                  { "name": "long", "when": { "tokens": { "min": 6, "tokenizer": "counter/tokenizer.json" } },
                    "then": { "difficulty": 0.9 } }],
        "classify": { "similarity": { "encoder": "encoder" } },
        "default": { "route": "rest" },
    })
    .to_string()
}

fn loaded(files: &Memory, before: Option<&Snapshot>) -> Loaded {
    let text = text();
    let source = Source {
        name: "after.json",
        text: &text,
        format: Format::Json,
    };
    match before {
        None => load(&source, files),
        Some(before) => load_after(&source, files, before.parts()),
    }
    .unwrap_or_else(|errors| panic!("{errors}"))
}

fn decided(snapshot: &Arc<Snapshot>) -> Vec<String> {
    let texts = [
        "OUTAGE again",
        "all is fine",
        "hello world refund",
        "the weather today",
    ];
    let mut workspace = Workspace::new();
    let decide_one = |text| {
        let request = Request::text(text);
        let step = decide(
            snapshot,
            &request,
            &View::healthy(),
            Now::default(),
            0,
            &mut workspace,
        );
        match step.unwrap() {
            Step::Decided(decision) => decision.canonical(),
            Step::Ask(_) => panic!("no meta-LLM is configured"),
        }
    };
    texts.map(decide_one).to_vec()
}

#[test]
fn a_file_that_changed_is_read_anew_and_one_that_did_not_is_taken_over() {
    let original = files();
    let before_loaded = loaded(&original, None);
    let before = Snapshot::build(&before_loaded, None).unwrap();
    let mut revisions = vec![before.revision().to_string()];
    for (path, content) in [
        ("words.txt", b"fine\n".to_vec()),
        ("examples.txt", b"all is fine\n".to_vec()),
        (
            "counter/tokenizer.json",
            fixture("word-level", "tokenizer.json"),
        ),
        ("encoder/model.safetensors", {
            // Weights may take any value; the last byte is one.
            let mut tensors = fixture("int8", "model.safetensors");
            *tensors.last_mut().unwrap() ^= 0x3f;
            tensors
        }),
    ] {
        let mut changed = original.clone();
        changed.0.insert(path, content);
        let after_loaded = loaded(&changed, Some(&before));
        let encoders =
            [&before_loaded, &after_loaded].map(|loaded| loaded.files.encoder().unwrap());
        let is_same = Arc::ptr_eq(encoders[0], encoders[1]);
        assert_eq!(is_same, !path.starts_with("encoder"), "{path}");
        let after = Arc::new(Snapshot::build(&after_loaded, Some(&before)).unwrap());
        let fresh = Arc::new(Snapshot::build(&loaded(&changed, None), None).unwrap());
        assert_eq!(after.revision(), fresh.revision(), "{path}");
        assert_eq!(decided(&after), decided(&fresh), "{path}");
        assert_eq!(after.self_test(), Ok(()));
        revisions.push(after.revision().to_string());
    }
    let count = revisions.len();
    revisions.sort();
    revisions.dedup();
    assert_eq!(revisions.len(), count, "each file is part of the revision");
}
