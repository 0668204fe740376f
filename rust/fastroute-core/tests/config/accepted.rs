//! What is accepted, and means what it says: the default, the three formats, YAML's conveniences.

use fastroute_core::config::{Config, Format, Severity, Source, Threshold, load};

use crate::support::{Folder, codes, load_text};

const YAML: &str = "\
version: 1
providers: {local: {kind: openai, base_url: 'http://127.0.0.1:1/v1'}}
models:
  - name: small
    provider: local
    tags: [local, eu]
    context_window: 32_768
    max_output_tokens: 8192.0
    capabilities: [tools]
    price: {input: 0.05, output: 1}
    latency: {first_token: 120ms, per_token: 0.5ms}
    quality: {default: 0.5, billing: 1}
routes:
  - {name: general, threshold: auto}
  - {name: billing, threshold: 0.25, examples: [Why was I charged twice?]}
rules:
  - name: long
    when: {all: [{tokens: {min: 100}}, {not: {keywords: {any: [hello]}}}]}
    then: {objective: {quality: 1, cost: 0.5}}
default: {route: general}
";

const TOML: &str = r#"
version = 1
default.route = "general"

[providers.local]
kind = "openai"
base_url = "http://127.0.0.1:1/v1"

[[models]]
name = "small"
provider = "local"
tags = ["local", "eu"]
context_window = 32_768
max_output_tokens = 8192
capabilities = ["tools"]
price = { input = 0.05, output = 1 }
latency = { first_token = "120ms", per_token = "0.5ms" }
quality = { default = 0.5, billing = 1 }

[[routes]]
name = "general"
threshold = "auto"

[[routes]]
name = "billing"
threshold = 0.25
examples = ["Why was I charged twice?"]

[[rules]]
name = "long"
when.all = [{ tokens = { min = 100 } }, { not = { keywords = { any = ["hello"] } } }]
then.objective = { quality = 1, cost = 0.5 }
"#;

fn loaded(text: &str, format: Format) -> Config {
    load_text(text, format)
        .unwrap_or_else(|errors| panic!("{errors}"))
        .config
}

#[test]
fn the_three_formats_say_the_same() {
    let config = loaded(YAML, Format::Yaml);
    assert_eq!(config, loaded(TOML, Format::Toml));
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(config, loaded(&json, Format::Json));
    assert_eq!(config.models[0].context_window, 32_768);
    assert_eq!(config.models[0].max_output_tokens, Some(8_192));
    assert_eq!(config.routes[1].threshold, Threshold::At(0.25));
}

#[test]
fn equal_configurations_have_equal_fingerprints_whatever_their_spelling() {
    let fingerprint = |text: &str, format| {
        load_text(text, format)
            .map(|loaded| loaded.fingerprint())
            .unwrap()
    };
    let yaml = fingerprint(YAML, Format::Yaml);
    assert_eq!(yaml, fingerprint(TOML, Format::Toml));
    assert_eq!(
        yaml,
        fingerprint(&format!("# a comment\n---\n{YAML}"), Format::Yaml)
    );
    assert_ne!(
        yaml,
        fingerprint(&YAML.replace("0.25", "0.26"), Format::Yaml)
    );
}

#[test]
fn what_a_writer_of_yaml_may_do_changes_nothing() {
    let config = loaded(YAML, Format::Yaml);
    let variants = [
        ("line ends of Windows", YAML.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{YAML}")),
        ("document markers", format!("---\n{YAML}...\n")),
        ("a version directive", format!("%YAML 1.2\n---\n{YAML}")),
        ("quoted keys", YAML.replace("name:", "\"name\":")),
        (
            "an alias",
            YAML.replace("provider: local", "provider: &here local")
                .replace("tags: [local,", "tags: [*here,"),
        ),
        (
            "a string tag",
            YAML.replace("name: small", "name: !!str small"),
        ),
        ("no line end at the end", YAML.trim_end().to_owned()),
    ];
    for (what, text) in variants {
        assert_eq!(config, loaded(&text, Format::Yaml), "{what}");
    }
}

#[test]
fn an_alias_stands_for_a_copy() {
    let text = YAML
        .replace("tags: [local, eu]", "tags: &places [local, eu]")
        .replace("examples: [", "tasks: *places, examples: [");
    assert_eq!(loaded(&text, Format::Yaml).routes[1].tasks, ["local", "eu"]);
}

#[test]
fn json_escapes_become_their_characters() {
    let json = serde_json::to_string(&loaded(YAML, Format::Yaml)).unwrap();
    let text = json.replace(
        "Why was I charged twice?",
        r#"\ud83e\udd80 \u00e9\n\t\"\\\/\b\f\r"#,
    );
    assert_eq!(
        loaded(&text, Format::Json).routes[1].examples,
        ["🦀 é\n\t\"\\/\u{8}\u{c}\r"]
    );
}

#[test]
fn the_embedded_default_loads_without_a_warning() {
    let text = include_str!("../../src/default.yaml");
    let loaded = load_text(text, Format::Yaml).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(loaded.warnings, []);
}

#[test]
fn files_are_read_once_and_give_their_lines() {
    let folder = std::env::temp_dir().join(format!("fastroute-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("lines.txt"),
        "\u{feff}first one \r\n\r\n  second one\n# third\n",
    )
    .unwrap();
    let text = YAML
        .replace(
            "{name: general, ",
            "{name: general, examples_file: lines.txt, ",
        )
        .replace("keywords: {any: [hello]}", "keywords: {file: lines.txt}");
    let loaded = load(
        &Source {
            name: "f.yaml",
            text: &text,
            format: Format::Yaml,
        },
        &Folder(folder.clone()),
    )
    .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(
        loaded.examples_of(0),
        ["first one", "second one", "# third"]
    );
    assert_eq!(loaded.keywords_of("lines.txt"), loaded.examples_of(0));
    assert_eq!(loaded.files.hashes().count(), 1);
    assert_eq!(loaded.examples_of(1), ["Why was I charged twice?"]);
    assert!(loaded.examples_of(9).is_empty());
}

#[test]
fn issues_read_like_those_of_a_compiler() {
    let text = YAML.replace("default: {route: general}", "default: {route: genral}");
    let errors = load_text(&text, Format::Yaml).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "test:20:18: default.route: route `genral` is not defined; did you mean `general`? [UNKNOWN_ROUTE]"
    );
    let text = YAML
        .replace("models:", "  # unused\nmodels:")
        .replace("'}}", "'}, spare: {kind: callable}}");
    let warnings = load_text(&text, Format::Yaml).unwrap().warnings;
    assert_eq!(warnings[0].severity, Severity::Warning);
    assert_eq!(
        warnings[0].to_string(),
        "test:2:71: warning: providers.spare: provider `spare` is used by no model [UNUSED_PROVIDER]"
    );
}

#[test]
fn the_format_follows_from_the_end_of_the_path() {
    for (path, format) in [
        ("a.json", Format::Json),
        ("b/C.TOML", Format::Toml),
        ("c.yaml", Format::Yaml),
        ("d.yml", Format::Yaml),
        ("json", Format::Yaml),
        ("é.json", Format::Json),
    ] {
        assert_eq!(Format::from_path(path), format, "{path}");
    }
}

#[test]
fn user_text_in_a_configuration_is_never_a_template() {
    let text = YAML.replace("Why was I charged twice?", "'{{ broken'");
    assert_eq!(codes(&text, Format::Yaml), [""; 0]);
}
