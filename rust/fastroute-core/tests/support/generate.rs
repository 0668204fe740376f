//! Random configurations that are valid, from a seed: the same seed gives the same configuration everywhere.
//!
//! Values are built as structs, so that whatever the schema can say is reached, and names always resolve. Written as
//! JSON they load in any format that JSON is a part of. Sizes are small, because defects hide in combinations.
//!
//! A test includes this file with `#[path]` and has `use fastroute_core::config;` beside it.

#![allow(
    dead_code,
    reason = "each test that includes this file uses its own part"
)]

use std::collections::BTreeMap;

use super::config::*;

#[path = "generate_calls.rs"]
mod calls;

/// A random valid configuration. What it says of calls changes no decision while all models are well.
pub fn config(seed: u64) -> Config {
    let mut generator = Generator {
        draws: Draws::new(seed),
    };
    let mut config = generator.config();
    generator.calls(&mut config);
    config
}

/// The same with cascades and rules for long texts, which change plans.
pub fn with_cascades(seed: u64) -> Config {
    let mut config = config(seed);
    let mut generator = Generator {
        draws: Draws::new(!seed),
    };
    generator.plans(&mut config);
    config
}

/// The configuration of [`config`], as the text of a JSON file.
pub fn json(seed: u64) -> String {
    serde_json::to_string_pretty(&config(seed)).expect("a configuration is serialisable")
}

/// Random numbers by SplitMix64.
pub struct Draws(u64);

impl Draws {
    /// Starts a sequence.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, the end left out.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.below(1_001) as f64 / 1_000.0
    }

    /// One of several.
    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Some of several, in their order, at least `least`.
    pub fn some<T: Clone>(&mut self, of: &[T], least: usize) -> Vec<T> {
        let mut picked: Vec<T> = of.iter().filter(|_| self.once_in(2)).cloned().collect();
        if picked.len() < least {
            picked = of[..least.min(of.len())].to_vec();
        }
        picked
    }
}

const WORDS: [&str; 24] = [
    "refund",
    "invoice",
    "hello",
    "translate",
    "code",
    "error",
    "why",
    "sum",
    "Straße",
    "naïve",
    "你好",
    "привет",
    "🦀",
    "don't",
    "C++",
    "a",
    "service down",
    "thank you",
    "מה שלומך",
    "สวัสดี",
    "x = y",
    "{{ input }}",
    "ｆｕｌｌ",
    "İstanbul",
];
const PATTERNS: [&str; 6] = [
    r"\bINC-\d+\b",
    "(?i)refund",
    r"^\s*$",
    r"\p{Han}+",
    "[0-9]{3,}",
    "a|b|c",
];
const TEMPLATES: [&str; 7] = [
    "{{ input }}",
    "Q: {{ input }}\nA:",
    "{% if context %}{{ context }}{% endif %}{{ input }}",
    "{{ metadata.tier }}: {{ input }}",
    "{{ context }}\n{{ input }}\n{{ context }} {{ input }}",
    "{% if metadata.tier %}A customer who pays is waiting.{% else %}Be brief.{% endif %} {{ input }}",
    "{% for key in metadata %}{{ key }}: {{ metadata[key] }}\n{% endfor %}{{ input }}",
];
const TOKENIZERS: [&str; 4] = ["estimate", "estimate", "cl100k", "o200k"];
const TAGS: [&str; 3] = ["local", "eu", "cheap"];
const KEYS: [&str; 3] = ["tier", "age", "beta"];

struct Generator {
    draws: Draws,
}

impl Generator {
    fn config(&mut self) -> Config {
        let route_count = 1 + self.draws.below(6);
        let routes = named("route", route_count);
        let model_count = 1 + self.draws.below(5);
        let models = named("model", model_count);
        let prompt_count = self.draws.below(4);
        let prompts = named("prompt", prompt_count);
        let meta_llm = self.draws.once_in(3).then(|| MetaLlm {
            model: self.draws.pick(&models),
            timeout: self.duration(2_000),
            votes: 1,
            ask_again: 1,
            cache: 10_000,
        });
        let stages = [Stage::Task, Stage::Rules, Stage::Similarity, Stage::MetaLlm];
        let mut order = self.draws.some(&stages, 1);
        if self.draws.once_in(3) {
            order.reverse();
        }
        let built: Vec<Model> = models
            .iter()
            .map(|name| self.model(name, &routes))
            .collect();
        Config {
            version: 1,
            providers: BTreeMap::from([
                (
                    "local".to_owned(),
                    Provider {
                        kind: ProviderKind::Callable,
                        base_url: None,
                        api_key: None,
                        api_key_file: None,
                        credentials: BTreeMap::new(),
                    },
                ),
                (
                    "cloud".to_owned(),
                    Provider {
                        kind: ProviderKind::Openai,
                        base_url: Some("https://api.example.com/v1".to_owned()),
                        api_key: None,
                        api_key_file: None,
                        credentials: BTreeMap::new(),
                    },
                ),
            ]),
            prompts: prompts.iter().map(|name| self.prompt(name)).collect(),
            routes: (0..routes.len())
                .map(|index| self.route(index, &routes, &models, &prompts))
                .collect(),
            rules: (0..self.draws.below(8))
                .map(|index| self.rule(index, &routes, &built, &prompts))
                .collect(),
            models: built,
            classify: Classify {
                order,
                similarity: Similarity {
                    encoder: "default".to_owned(),
                    margin: self.draws.share() as f32 * 0.3,
                    method: self.draws.pick(&[Method::Head, Method::Nearest]),
                    k: 1 + self.draws.below(6) as u32,
                },
                meta_llm,
            },
            resilience: Resilience::default(),
            budgets: Vec::new(),
            sessions: Sessions::default(),
            savings: None,
            default: DefaultRoute {
                route: self.draws.pick(&routes),
            },
        }
    }

    fn model(&mut self, name: &str, routes: &[String]) -> Model {
        let context_window = self.draws.pick(&[512, 4_096, 32_768, 200_000]);
        let is_short = self.draws.once_in(2);
        let mut tags = self.draws.some(&TAGS, 0);
        // One tag that every model carries keeps restrictions by tag resolvable.
        tags.push("any");
        let mut quality = BTreeMap::from([("default".to_owned(), self.draws.share() as f32)]);
        for route in self.draws.some(routes, 0) {
            quality.insert(route, self.draws.share() as f32);
        }
        Model {
            name: name.to_owned(),
            provider: is_short.then(|| "local".to_owned()),
            model: (is_short && self.draws.once_in(2)).then(|| format!("{name}-instruct")),
            deployments: if is_short {
                Vec::new()
            } else {
                self.deployments()
            },
            tags: tags.into_iter().map(str::to_owned).collect(),
            context_window,
            max_output_tokens: self.draws.once_in(2).then_some(context_window / 2),
            tokenizer: self.draws.pick(&TOKENIZERS).to_owned(),
            capabilities: self.draws.some(
                &[
                    Capability::Audio,
                    Capability::JsonSchema,
                    Capability::Reasoning,
                    Capability::Tools,
                    Capability::Vision,
                ],
                0,
            ),
            price: Price {
                input: self.draws.share() * 10.0,
                output: self.draws.share() * 30.0,
                cached_input: None,
            },
            region: None,
            rate: None,
            latency: Latency {
                first_token: self.duration(900),
                per_token: self.duration(40),
            },
            quality,
        }
    }

    fn deployments(&mut self) -> Vec<Deployment> {
        let all = [
            ("local", None),
            ("cloud", Some("served")),
            ("cloud", Some("spare")),
        ];
        let picked = self.draws.some(&all, 1);
        let weight = 1 + self.draws.below(5) as u32;
        picked
            .into_iter()
            .map(|(provider, model)| Deployment {
                provider: provider.to_owned(),
                model: model.map(str::to_owned),
                region: None,
                credential: None,
                weight,
            })
            .collect()
    }

    fn prompt(&mut self, name: &str) -> Prompt {
        Prompt {
            name: name.to_owned(),
            system: self
                .draws
                .once_in(2)
                .then(|| "You answer briefly. {{ context }}".to_owned()),
            template: self.draws.pick(&TEMPLATES).to_owned(),
        }
    }

    fn route(
        &mut self,
        index: usize,
        routes: &[String],
        models: &[String],
        prompts: &[String],
    ) -> Route {
        Route {
            name: routes[index].clone(),
            description: self
                .draws
                .once_in(2)
                .then(|| "A kind of request.".to_owned()),
            tasks: if self.draws.once_in(3) {
                vec![format!("task {index}")]
            } else {
                Vec::new()
            },
            examples: (0..self.draws.below(9)).map(|_| self.example()).collect(),
            examples_file: None,
            threshold: if self.draws.once_in(2) {
                Threshold::Auto
            } else {
                Threshold::At(self.draws.share() as f32)
            },
            prompts: self.prompt_uses(models, prompts),
            choose: self.draws.once_in(2).then(|| self.draws.some(models, 1)),
            fallback: self.draws.some(models, 0),
            objective: self.objective(),
            min_quality: self.draws.once_in(4).then(|| self.draws.share() as f32),
            max_cost: self.draws.once_in(5).then(|| self.draws.share() / 50.0),
            max_latency: self.draws.once_in(5).then(|| self.duration(20_000)),
            expected_output_tokens: 1 + self.draws.below(200) as u32,
            reasoning: self
                .draws
                .pick(&[Reasoning::Always, Reasoning::Auto, Reasoning::Never]),
            retrieval: self.draws.once_in(4).then(|| Retrieval {
                collection: "kb".to_owned(),
                top_k: 4,
                max_tokens: 100,
            }),
            agent: self.draws.once_in(6).then(|| "planner".to_owned()),
            cascade: None,
            on_too_long: OnTooLong::default(),
            on_content_refused: OnContentRefused::default(),
            when_all_open: None,
        }
    }

    fn prompt_uses(&mut self, models: &[String], prompts: &[String]) -> Vec<PromptUse> {
        let picked = self.draws.some(prompts, 0);
        picked
            .into_iter()
            .map(|prompt| {
                let when = self.draws.once_in(2).then(|| PromptWhen {
                    model: self
                        .draws
                        .once_in(2)
                        .then(|| OneOrMany::One(self.draws.pick(models))),
                    difficulty: self.draws.once_in(2).then(|| self.range(1.0)),
                });
                PromptUse { prompt, when }
            })
            .collect()
    }

    fn rule(
        &mut self,
        index: usize,
        routes: &[String],
        models: &[Model],
        prompts: &[String],
    ) -> Rule {
        let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
        let mut then = Then {
            route: self.draws.once_in(2).then(|| self.draws.pick(routes)),
            model: self.draws.once_in(5).then(|| self.draws.pick(&names)),
            prompt: (!prompts.is_empty() && self.draws.once_in(5))
                .then(|| self.draws.pick(prompts)),
            objective: self.draws.once_in(6).then(|| self.objective()),
            difficulty: self.draws.once_in(4).then(|| self.draws.share() as f32),
            restrict: self.draws.once_in(4).then(|| self.restrict(models)),
            reject: self.draws.once_in(12).then(|| "not served here".to_owned()),
        };
        if then == Then::default() {
            then.difficulty = Some(0.5);
        }
        Rule {
            name: format!("rule {index}"),
            when: self.condition(3),
            then,
        }
    }

    fn restrict(&mut self, models: &[Model]) -> Restrict {
        let carried: Vec<String> = models.iter().flat_map(|model| model.tags.clone()).collect();
        let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
        let is_by_tag = self.draws.once_in(2);
        Restrict {
            tags: is_by_tag.then(|| vec![self.draws.pick(&carried)]),
            models: (!is_by_tag).then(|| self.draws.some(&names, 1)),
        }
    }

    /// A condition of at most `depth` levels.
    pub fn condition(&mut self, depth: usize) -> Condition {
        if depth > 0 && self.draws.once_in(2) {
            return match self.draws.below(3) {
                0 => Condition::All(self.conditions(depth - 1)),
                1 => Condition::Any(self.conditions(depth - 1)),
                _ => Condition::Not(Box::new(self.condition(depth - 1))),
            };
        }
        match self.draws.below(10) {
            0 => Condition::Characters(Measure {
                min: Some(self.draws.below(50) as u32),
                max: Some(50 + self.draws.below(500) as u32),
                reads: self.reads(),
            }),
            1 => Condition::Code(CodePresence {
                present: self.draws.once_in(2),
                reads: self.reads(),
            }),
            2 => Condition::Difficulty(self.range(1.0)),
            3 | 4 => Condition::Keywords(self.keywords()),
            5 => Condition::Metadata(self.metadata()),
            6 => Condition::Regex(Regex {
                pattern: self.draws.pick(&PATTERNS).to_owned(),
                reads: self.reads(),
            }),
            7 => Condition::Script(ScriptTest {
                one_of: vec![self.draws.pick(&["Latin", "Han", "Cyrillic"]).to_owned()],
                reads: self.reads(),
            }),
            8 => Condition::Tokens(Tokens {
                min: Some(self.draws.below(40) as u32),
                max: None,
                tokenizer: self.draws.pick(&TOKENIZERS).to_owned(),
                reads: self.reads(),
            }),
            _ if self.draws.once_in(2) => Condition::Task(TaskTest {
                one_of: vec!["task 1".to_owned(), "other".to_owned()],
            }),
            _ => Condition::Turns(self.range(5.0)),
        }
    }

    fn conditions(&mut self, depth: usize) -> Vec<Condition> {
        (0..=self.draws.below(3))
            .map(|_| self.condition(depth))
            .collect()
    }

    fn keywords(&mut self) -> Keywords {
        let words: Vec<String> = self
            .draws
            .some(&WORDS, 1)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let is_any = self.draws.once_in(2);
        Keywords {
            any: is_any.then(|| words.clone()),
            all: (!is_any).then_some(words),
            file: None,
            kind: self.draws.pick(&[Match::Substring, Match::Word]),
            reads: self.reads(),
        }
    }

    fn metadata(&mut self) -> MetadataTest {
        let mut test = MetadataTest {
            key: self.draws.pick(&KEYS).to_owned(),
            equals: None,
            one_of: None,
            exists: None,
            min: None,
            max: None,
        };
        match self.draws.below(4) {
            0 => {
                test.equals = Some(self.draws.pick(&[
                    Scalar::Bool(true),
                    Scalar::Number(4.5),
                    Scalar::Text("free".to_owned()),
                ]))
            }
            1 => {
                test.one_of = Some(vec![
                    Scalar::Text("free".to_owned()),
                    Scalar::Text("pro".to_owned()),
                ])
            }
            2 => test.exists = Some(self.draws.once_in(2)),
            _ => test.min = Some(self.draws.share() * 100.0),
        }
        test
    }

    fn example(&mut self) -> String {
        (0..=self.draws.below(6))
            .map(|_| self.draws.pick(&WORDS))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn objective(&mut self) -> Objective {
        if self.draws.once_in(3) {
            return Objective::Weights(Weights {
                quality: 0.1 + self.draws.share(),
                cost: self.draws.share(),
                latency: self.draws.share(),
            });
        }
        Objective::Preset(self.draws.pick(&[
            Preset::Balanced,
            Preset::Best,
            Preset::Cheapest,
            Preset::Fastest,
        ]))
    }

    fn range(&mut self, most: f64) -> Range {
        let low = self.draws.share() * most;
        let high = low + self.draws.share() * (most - low);
        let is_open = self.draws.once_in(2);
        Range {
            min: Some(low),
            max: (!is_open).then_some(high),
        }
    }

    fn reads(&mut self) -> Reads {
        self.draws.pick(&[
            Reads::All,
            Reads::LastUser,
            Reads::System,
            Reads::Tool,
            Reads::User,
        ])
    }

    fn duration(&mut self, most_millis: usize) -> Duration {
        Duration::from_millis(1 + self.draws.below(most_millis) as u64)
    }
}

fn named(kind: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{kind} {index}")).collect()
}
