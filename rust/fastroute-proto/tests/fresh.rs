//! Proves that the generated code is what `proto/` gives; `FASTROUTE_UPDATE=1` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;

const FILES: [&str; 3] = [
    "fastroute/v1/router.proto",
    "fastroute/v1/router_service.proto",
    "fastroute/v1/admin_service.proto",
];

/// Messages whose `Debug` is written by hand, in `src/debug.rs`.
const OPAQUE: [&str; 17] = [
    "Answer",
    "Cascade",
    "Decision",
    "Message",
    "MetadataEntry",
    "MetadataEntry.value",
    "OutcomeReport",
    "Part",
    "Part.content",
    "Question",
    "ReloadConfigRequest",
    "Render",
    "RenderedMessage",
    "RouteRequest",
    "Session",
    "Split",
    "ValidateConfigRequest",
];

fn generate(into: &Path) {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut descriptors = protox::compile(FILES, [&proto]).expect("proto files that compile");
    tonic_prost_build::configure()
        .out_dir(into)
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .skip_debug(OPAQUE.map(|name| format!(".fastroute.v1.{name}")))
        .skip_protoc_run()
        .compile_fds(descriptors.clone())
        .expect("generated messages and services");
    let mut encoded = Vec::new();
    descriptors.encode(&mut encoded).expect("a growing buffer");
    pbjson_build::Builder::new()
        .register_descriptors(&encoded)
        .expect("descriptors that decode")
        .out_dir(into)
        .build(&[".fastroute.v1"])
        .expect("generated JSON");
    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    fs::write(into.join("descriptors.binpb"), descriptors.encode_to_vec())
        .expect("a writable folder");
}

#[test]
fn the_generated_code_is_fresh() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
    if std::env::var_os("FASTROUTE_UPDATE").is_some() {
        generate(&kept);
        return;
    }
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generated");
    fs::create_dir_all(&made).expect("a writable target");
    generate(&made);
    for name in [
        "fastroute.v1.rs",
        "fastroute.v1.serde.rs",
        "descriptors.binpb",
    ] {
        let same = fs::read(kept.join(name)).ok() == fs::read(made.join(name)).ok();
        assert!(same, "src/generated/{name} is stale; run `make generate`");
    }
}
