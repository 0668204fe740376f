//! Random configurations, stretched to where deciding has borders: windows about as large as the
//! texts, templates that repeat the input, bounds on one side only, values of every type.
//!
//! `generate` draws what the schema can say; this moves the numbers to where they matter here.

use fastroute_core::config::{
    Accept, AnswerFormat, Cascade, Condition, Config, Duration, Keywords, Match, MetadataTest,
    Model, OnTooLong, OneOrMany, Reads, Restrict, Route, Rule, Scalar, Then, WhenAllOpen,
};

use crate::generate::{self, Draws};

const KEYS: [&str; 3] = ["tier", "age", "beta"];
const TOKENIZERS: [&str; 4] = ["estimate", "cl100k", "o200k", "qwen2"];
/// Words of scripts without spaces, and words that folding changes.
const WORDS: [&str; 14] = [
    "カタ",
    "カナ",
    "ひら",
    "漢",
    "ภาษา",
    "ไทย",
    "ﬁ",
    "ſ",
    "ΣΑΣ",
    "e\u{301}",
    "ǅ",
    "½",
    "can't",
    "3.14",
];
const TEMPLATES: [&str; 3] = [
    "{{ input }} {{ input }}",
    "{{ metadata.age }}|{{ input }}",
    "Überprüfe 你好: {{ input }}",
];

/// A random valid configuration; every other one is stretched.
pub fn config(seed: u64) -> Config {
    let mut config = generate::config(seed);
    if seed % 2 == 1 {
        stretch(&mut config, &mut Draws::new(!seed));
    }
    config
}

/// The same with what changes plans: cascades, larger models for long texts, panic, last resorts.
pub fn lively(seed: u64) -> Config {
    let mut config = self::config(seed);
    let mut draws = Draws::new(seed ^ 0x6c69_7665);
    config.resilience.panic_threshold = draws.pick(&[0.0, 0.0, 0.3, 0.5, 1.0]);
    let policies = [
        WhenAllOpen::FailFast,
        WhenAllOpen::LastResort,
        WhenAllOpen::TryLeastBad,
    ];
    config.resilience.when_all_open = draws.pick(&policies);
    for route in &mut config.routes {
        let max_steps = draws.pick(&[None, Some(1), Some(2), Some(3)]);
        route.cascade = draws.once_in(2).then(|| Cascade {
            accept: Accept {
                format: Some(AnswerFormat::Json),
                ..Accept::default()
            },
            max_steps,
        });
        route.on_too_long = draws.pick(&[OnTooLong::Larger, OnTooLong::Reject]);
        route.when_all_open = draws.once_in(2).then(|| draws.pick(&policies));
    }
    config
}

/// A random configuration grown past the width of a machine word: more than 128 models, more than
/// 64 rules, with their own words, and more than 64 routes.
pub fn large(seed: u64) -> Config {
    let config = self::config(seed * 2 + 1);
    let mut draws = Draws::new(seed);
    let (mut models, mut routes, mut rules) = (Vec::new(), Vec::new(), Vec::new());
    for copy in 0..140 / config.models.len() + 1 {
        for (place, model) in config.models.iter().enumerate() {
            let name = if copy == 0 {
                model.name.clone()
            } else {
                format!("model {place} copy {copy}")
            };
            let mut copied = Model {
                name,
                ..model.clone()
            };
            copied.price.input += copy as f64 / 10.0;
            copied.tags.push(format!("copy {copy}"));
            models.push(copied);
        }
    }
    let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
    for copy in 0..70 / config.routes.len() + 1 {
        for route in &config.routes {
            let name = if copy == 0 {
                route.name.clone()
            } else {
                format!("{} copy {copy}", route.name)
            };
            let mut copied = Route {
                name,
                tasks: Vec::new(),
                ..route.clone()
            };
            copied.choose = draws.once_in(2).then(|| draws.some(&names, 1));
            copied.fallback = draws.some(&names, 0).into_iter().rev().collect();
            if copy > 0 {
                copied.examples.clear();
            }
            routes.push(copied);
        }
    }
    for copy in 0..if config.rules.is_empty() {
        0
    } else {
        80 / config.rules.len() + 1
    } {
        for rule in &config.rules {
            let mut copied = Rule {
                name: format!("{} copy {copy}", rule.name),
                ..rule.clone()
            };
            if copy > 0 {
                conditions(&mut copied.when, &mut draws);
                copied.then.reject = None;
                copied.then.route = copied
                    .then
                    .route
                    .map(|_| routes[draws.below(routes.len())].name.clone());
                if let Some(restrict) = &mut copied.then.restrict {
                    *restrict = Restrict {
                        tags: Some(vec![format!("copy {}", draws.below(20))]),
                        models: Some(draws.some(&names, 1)),
                    };
                }
                if copied.then == Then::default() {
                    copied.then.difficulty = Some(0.25);
                }
            }
            rules.push(copied);
        }
    }
    // Rules that fire on one word each, so that keywords number more than a machine word has bits.
    for place in 0..80 {
        let words = Keywords {
            any: Some(vec![format!("w{place}x"), "hello".to_owned()]),
            all: None,
            file: None,
            kind: Match::Word,
            reads: Reads::LastUser,
        };
        let then = Then {
            model: Some(draws.pick(&names)),
            ..Then::default()
        };
        rules.push(Rule {
            name: format!("word {place}"),
            when: Condition::Keywords(words),
            then,
        });
    }
    Config {
        models,
        routes,
        rules,
        ..config
    }
}

fn stretch(config: &mut Config, draws: &mut Draws) {
    for model in &mut config.models {
        if draws.once_in(2) {
            model.context_window = 100 + draws.below(500) as u32;
            model.max_output_tokens = draws.once_in(3).then(|| 20 + draws.below(80) as u32);
        }
        model.tokenizer = draws.pick(&TOKENIZERS).to_owned();
        if draws.once_in(3) {
            // Models that tie in everything but their names.
            model.price.input = 1.0;
            model.price.output = 2.0;
            model.latency.first_token = Duration::from_millis(100);
            model.latency.per_token = Duration::from_millis(10);
            model.quality = [("default".to_owned(), 0.5)].into();
        }
    }
    for prompt in &mut config.prompts {
        if draws.once_in(2) {
            prompt.template = draws.pick(&TEMPLATES).to_owned();
        }
    }
    let names: Vec<String> = config
        .models
        .iter()
        .map(|model| model.name.clone())
        .collect();
    for route in &mut config.routes {
        if draws.once_in(4) {
            route.max_cost = Some(draws.share() / 500.0);
        }
        // A route whose own figures no model could hold is refused at load; requests ask for more.
        route.expected_output_tokens = 1 + draws.below(20) as u32;
        if let Some(retrieval) = &mut route.retrieval {
            retrieval.max_tokens = 1 + draws.below(70) as u32;
        }
        for when in route
            .prompts
            .iter_mut()
            .filter_map(|each| each.when.as_mut())
        {
            if when.model.is_some() {
                when.model = Some(OneOrMany::Many(draws.some(&names, 1)));
            }
        }
    }
    for rule in &mut config.rules {
        conditions(&mut rule.when, draws);
        if let Some(Restrict {
            models: Some(listed),
            tags,
        }) = &mut rule.then.restrict
            && draws.once_in(2)
        {
            listed.truncate(1);
            *tags = Some(vec!["any".to_owned()]);
        }
    }
}

/// Takes bounds away and gives metadata tests of every kind.
fn conditions(condition: &mut Condition, draws: &mut Draws) {
    match condition {
        Condition::All(of) | Condition::Any(of) => {
            of.iter_mut().for_each(|each| conditions(each, draws))
        }
        Condition::Not(of) => conditions(of, draws),
        Condition::Characters(test) if test.max.is_some() && draws.once_in(3) => test.min = None,
        Condition::Characters(test) if test.min.is_some() && draws.once_in(2) => test.max = None,
        Condition::Difficulty(range) | Condition::Turns(range)
            if range.max.is_some() && draws.once_in(2) =>
        {
            range.min = None
        }
        Condition::Keywords(Keywords {
            any: Some(words), ..
        }) if draws.once_in(2) => {
            *words = draws
                .some(&WORDS, 1)
                .into_iter()
                .map(str::to_owned)
                .collect();
        }
        Condition::Metadata(test) => *test = metadata(draws),
        Condition::Tokens(test) => {
            test.tokenizer = draws.pick(&TOKENIZERS).to_owned();
            test.max = Some(test.min.unwrap_or(0) + draws.below(60) as u32);
            if draws.once_in(2) {
                test.min = None;
            }
        }
        _ => {}
    }
}

fn metadata(draws: &mut Draws) -> MetadataTest {
    let mut test = MetadataTest {
        key: draws.pick(&KEYS).to_owned(),
        equals: None,
        one_of: None,
        exists: None,
        min: None,
        max: None,
    };
    match draws.below(7) {
        0 => {
            test.equals = Some(draws.pick(&[
                Scalar::Bool(false),
                Scalar::Number(0.0),
                Scalar::Text("pro".to_owned()),
            ]))
        }
        1 => test.one_of = Some(vec![Scalar::Number(4.5), Scalar::Number(61.0)]),
        2 => test.one_of = Some(vec![Scalar::Bool(true)]),
        3 => test.exists = Some(draws.once_in(2)),
        4 => test.max = Some(draws.pick(&[-1.0, 0.0, 4.5, 60.0])),
        5 => (test.min, test.max) = (Some(0.0), Some(draws.pick(&[0.0, 4.5, 61.0]))),
        _ => {
            test.one_of = Some(vec![
                Scalar::Text("Free ".to_owned()),
                Scalar::Text("free".to_owned()),
            ])
        }
    }
    test
}
