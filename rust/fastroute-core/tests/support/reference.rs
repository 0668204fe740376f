//! The reference workload in Rust: 10,000 keywords, 200 routes of 20 examples, 16 models, 40 rules.
//!
//! Built from the words of `benches/reference/words.toml`, at the size that every speed claim is
//! about; `benches/reference/make.py` writes the files that the benches time. The two need not be
//! equal, since nothing is compared between them.
//!
//! A test includes this file with `#[path]`.

use serde_json::{Value, json};
use toml_edit::{DocumentMut, Item};

const WORDS: &str = include_str!("../../../../benches/reference/words.toml");

/// Keywords of each of the thirty rules that have some.
const KEYWORDS_EACH: usize = 10_000 / 30 + 1;

const OBJECTIVES: [&str; 6] = [
    "balanced", "cheapest", "balanced", "fastest", "balanced", "best",
];
const WINDOWS: [u32; 4] = [8_192, 32_768, 131_072, 1_000_000];

/// The configuration as JSON, and as many different texts of about 300 bytes as asked for.
pub fn workload(texts: usize) -> (String, Vec<String>) {
    let words: DocumentMut = WORDS.parse().expect("the words are TOML");
    let keywords = keywords(&words);
    let texts = (0..texts)
        .map(|number| text(&words, &keywords, number))
        .collect();
    (configuration(&words, &keywords).to_string(), texts)
}

fn list(words: &Item) -> Vec<&str> {
    let values = words.as_array().expect("is a list").iter();
    values
        .map(|value| value.as_str().expect("is text"))
        .collect()
}

fn names(words: &Item) -> Vec<&str> {
    let table = words.as_table_like().expect("is a table").iter();
    table.map(|(name, _)| name).collect()
}

/// Phrases of two words and names of three syllables, thirty lists of them.
fn keywords(words: &DocumentMut) -> Vec<Vec<String>> {
    let (adjectives, nouns) = (list(&words["adjectives"]), list(&words["nouns"]));
    let syllables = list(&words["syllables"]);
    let phrases = adjectives.iter().flat_map(|adjective| {
        let nouns = nouns.iter();
        nouns.map(move |noun| format!("{adjective} {noun}"))
    });
    let numbers = (0..700).flat_map(|number| {
        ["kx", "pt", "zb"].map(|letters| format!("{letters}-{}", 1_000 + 37 * number % 9_000))
    });
    let triples = syllables.iter().flat_map(|first| {
        let rest = &syllables;
        rest.iter()
            .filter(move |second| *second != first)
            .flat_map(move |second| {
                rest.iter()
                    .map(move |third| format!("{first}{second}{third}"))
            })
    });
    let pool: Vec<String> = phrases.chain(numbers).chain(triples).take(10_000).collect();
    assert_eq!(pool.len(), 10_000);
    let each = KEYWORDS_EACH;
    pool.chunks(each).map(<[String]>::to_vec).collect()
}

fn configuration(words: &DocumentMut, keywords: &[Vec<String>]) -> Value {
    let (domains, intents) = (names(&words["domains"]), names(&words["intents"]));
    let mut routes: Vec<Value> = Vec::new();
    for domain in &domains {
        for intent in &intents {
            let number = routes.len();
            let candidates: Vec<String> = (0..6)
                .map(|step| format!("model_{}", (7 * number + 3 * step) % 16))
                .collect();
            routes.push(json!({
                "name": format!("{domain}_{intent}"),
                "examples": examples(words, domain, intent),
                "choose": candidates,
                "fallback": ["model_1", "model_3"],
                "objective": OBJECTIVES[number % 6],
                "expected_output_tokens": 100 + 50 * (number % 9),
                "prompts": [{"use": format!("prompt_{}", number % 8)}],
            }));
        }
    }
    let route_names: Vec<Value> = routes.iter().map(|route| route["name"].clone()).collect();
    assert_eq!(routes.len(), 200);
    routes.push(
        json!({"name": "general", "choose": ["model_4", "model_8"], "fallback": ["model_1"]}),
    );
    json!({
        "version": 1,
        "providers": {"local": {"kind": "openai", "base_url": "http://127.0.0.1:11434/v1"}},
        "models": (0..16).map(model).collect::<Vec<_>>(),
        "prompts": (0..8).map(|number| json!({"name": format!("prompt_{number}"), "system": "Be brief."})).collect::<Vec<_>>(),
        "routes": routes,
        "rules": rules(keywords, &route_names),
        "classify": {"order": ["task", "rules", "similarity"], "similarity": {"margin": 0.02}},
        "default": {"route": "general"},
    })
}

/// Twenty utterances of one route: nouns go round faster than templates.
fn examples(words: &DocumentMut, domain: &str, intent: &str) -> Vec<String> {
    let nouns = list(&words["domains"][domain]);
    let templates = list(&words["intents"][intent]["examples"]);
    let filled = nouns.iter().flat_map(|noun| {
        let templates = templates.iter();
        templates.map(move |template| template.replace("{0}", noun))
    });
    let examples: Vec<String> = filled.take(20).collect();
    assert_eq!(examples.len(), 20, "{domain} {intent}");
    examples
}

fn model(number: usize) -> Value {
    let step = number as f64 / 15.0;
    json!({
        "name": format!("model_{number}"),
        "provider": "local",
        "tags": if number < 4 { ["local", "eu"] } else { ["cloud", "eu"] },
        "context_window": WINDOWS[number % 4],
        "max_output_tokens": 4_096,
        "tokenizer": "o200k",
        "price": {"input": 0.05 + 3.0 * step, "output": 0.2 + 12.0 * step},
        "latency": {"first_token": format!("{}ms", 80 + 25 * number), "per_token": format!("{}ms", 3 + number)},
        "quality": {"default": 0.55 + 0.38 * step},
    })
}

/// Forty: thirty over keywords, of which twenty name a route, ten over lengths and the caller's words.
fn rules(keywords: &[Vec<String>], routes: &[Value]) -> Vec<Value> {
    let over_keywords = keywords.iter().enumerate().map(|(number, some)| {
        let then = match number {
            0..20 => json!({"route": routes[13 * number % 200]}),
            20..24 => json!({"restrict": {"tags": ["eu"]}}),
            24..27 => json!({"objective": OBJECTIVES[1 + 2 * (number % 3)]}),
            _ => json!({"model": format!("model_{}", number % 16)}),
        };
        json!({"name": format!("keywords_{number}"), "when": {"keywords": {"any": some, "match": "word"}}, "then": then})
    });
    let others = [
        json!({"name": "short", "when": {"characters": {"max": 285}}, "then": {"difficulty": 0.3}}),
        json!({"name": "medium", "when": {"characters": {"min": 286, "max": 315}}, "then": {"difficulty": 0.5}}),
        json!({"name": "long", "when": {"characters": {"min": 316}}, "then": {"difficulty": 0.7}}),
        json!({"name": "many_tokens", "when": {"tokens": {"min": 4000, "tokenizer": "o200k"}}, "then": {"objective": "cheapest"}}),
        json!({"name": "free_tier", "when": {"metadata": {"key": "tier", "equals": "free"}}, "then": {"restrict": {"tags": ["local"]}}}),
        json!({"name": "europe", "when": {"metadata": {"key": "region", "in": ["eu", "uk"]}}, "then": {"restrict": {"tags": ["eu"]}}}),
        json!({"name": "long_talk", "when": {"turns": {"min": 20}}, "then": {"objective": "cheapest"}}),
        json!({"name": "batch", "when": {"task": {"in": ["batch", "backfill"]}}, "then": {"objective": "cheapest"}}),
        json!({"name": "huge", "when": {"characters": {"min": 40_000}}, "then": {"model": "model_15"}}),
        json!({"name": "blocked", "when": {"metadata": {"key": "blocked", "equals": true}}, "then": {"reject": "this account is blocked"}}),
    ];
    let rules: Vec<Value> = over_keywords.chain(others).collect();
    assert_eq!(rules.len(), 40);
    rules
}

/// An opening, the request, in some a keyword or letters beyond ASCII, context until 300 bytes.
fn text(words: &DocumentMut, keywords: &[Vec<String>], number: usize) -> String {
    let pick = |of: &Item, step: usize| {
        let all = list(of);
        all[step % all.len()].to_owned()
    };
    let (domains, intents) = (names(&words["domains"]), names(&words["intents"]));
    let (domain, intent) = (
        domains[7 * number % domains.len()],
        intents[number % intents.len()],
    );
    let noun = pick(&words["domains"][domain], number / 3);
    let mut sentences = vec![pick(&words["openers"], number)];
    match number % 16 {
        5 => sentences.push(pick(&words["elsewhere"], number / 16)),
        _ => sentences.extend(
            list(&words["intents"][intent]["prompts"])
                .iter()
                .map(|prompt| format!("{}.", prompt.replace("{0}", &noun))),
        ),
    }
    if number % 3 == 1 {
        let some = &keywords[number % keywords.len()];
        sentences.push(format!(
            "It concerns the {}.",
            some[number % some.len()].to_uppercase()
        ));
    }
    if number % 16 == 7 {
        sentences.push(pick(&words["typographic"], number / 16));
    }
    let mut step = number;
    while sentences
        .iter()
        .map(|sentence| sentence.len() + 1)
        .sum::<usize>()
        < 265
    {
        sentences.push(pick(&words["context"], step));
        step += 1;
    }
    sentences.join(" ")
}
