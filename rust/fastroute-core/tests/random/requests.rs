//! Random requests for a configuration, from a seed: ordinary ones and the ones that break things.
//!
//! Texts are empty, short, long, Chinese, emoji, code, with NUL, and often hold words that the
//! configuration looks for. Flags, metadata and limits are sometimes known to the configuration,
//! sometimes not, and limits are sometimes no numbers.

use fastroute_core::config::{Capability, Condition, Config, Duration};
use fastroute_core::{
    Availability, Input, Message, ModelId, ModelState, Part, Request, Role, Value,
};

use crate::generate::Draws;

/// A request that owns its content.
#[derive(Clone, Debug)]
pub struct Asked {
    pub content: Content,
    pub task: Option<String>,
    pub metadata: Vec<(String, Fact)>,
    pub capabilities: Vec<Capability>,
    pub tools_tokens: u32,
    pub min_quality: Option<f32>,
    pub max_cost: Option<f64>,
    pub max_latency: Option<Duration>,
    pub expected_output_tokens: Option<u32>,
    /// Models that cannot serve, by place in the file.
    pub unavailable: Vec<usize>,
    pub answer: Scripted,
    pub seed: u64,
}

#[derive(Clone, Debug)]
pub enum Content {
    Messages(Vec<(Role, Vec<Piece>)>),
    Text(String),
}

#[derive(Clone, Debug)]
pub enum Piece {
    Audio,
    Document(String),
    Image,
    Other,
    Text(String),
}

#[derive(Clone, Debug)]
pub enum Fact {
    Bool(bool),
    Number(f64),
    Text(String),
}

/// What the host says when it is asked.
#[derive(Clone, Debug)]
pub enum Scripted {
    Declined,
    Label(String),
    Late(String),
}

impl Asked {
    /// Lends the request in the form of the core.
    pub fn lend<T>(&self, run: impl FnOnce(&Request<'_>) -> T) -> T {
        let said = match &self.content {
            Content::Text(_) => &[][..],
            Content::Messages(said) => said,
        };
        let parts: Vec<Vec<Part<'_>>> = said
            .iter()
            .map(|(_, pieces)| pieces.iter().map(part).collect())
            .collect();
        let messages: Vec<Message<'_>> = said
            .iter()
            .zip(&parts)
            .map(|((role, _), parts)| Message { role: *role, parts })
            .collect();
        let metadata: Vec<(&str, Value<'_>)> = self
            .metadata
            .iter()
            .map(|(key, fact)| (key.as_str(), value(fact)))
            .collect();
        let mut request = Request::text("");
        request.input = match &self.content {
            Content::Text(text) => Input::Text(text),
            Content::Messages(_) => Input::Messages(&messages),
        };
        request.task = self.task.as_deref();
        request.metadata = &metadata;
        request.requirements.capabilities = self.capabilities.iter().copied().collect();
        request.requirements.tools_tokens = self.tools_tokens;
        request.limits.min_quality = self.min_quality;
        request.limits.max_cost = self.max_cost;
        request.limits.max_latency = self.max_latency;
        request.limits.expected_output_tokens = self.expected_output_tokens;
        run(&request)
    }

    /// Whether a limit of the request is no number, or metadata is none.
    pub fn is_refused(&self) -> bool {
        self.min_quality
            .is_some_and(|quality| !(0.0..=1.0).contains(&quality))
            || self
                .max_cost
                .is_some_and(|cost| !cost.is_finite() || cost < 0.0)
            || self.expected_output_tokens == Some(0)
            || self
                .metadata
                .iter()
                .any(|(_, fact)| matches!(fact, Fact::Number(number) if !number.is_finite()))
    }
}

fn part(piece: &Piece) -> Part<'_> {
    match piece {
        Piece::Audio => Part::Audio,
        Piece::Other => Part::Other,
        Piece::Document(text) => Part::Document(text),
        Piece::Image => Part::Image,
        Piece::Text(text) => Part::Text(text),
    }
}

fn value(fact: &Fact) -> Value<'_> {
    match fact {
        Fact::Bool(value) => Value::Bool(*value),
        Fact::Number(value) => Value::Number(*value),
        Fact::Text(value) => Value::Text(value),
    }
}

const TEXTS: [&str; 19] = [
    "カタカナとひらがなと漢字 ｶﾀｶﾅ カナ",
    "σας ΣΑΣ é e\u{301} ﬁ ǆ ½ 1⁄2",
    "I can't, 3.14 and 3.145 and cant",
    "",
    " ",
    "\0",
    "Why was I charged twice? I want my refund.",
    "REFUND the INVOICE for the strasse, it is naïve",
    "请把这段文字翻译成英文，谢谢",
    "你好 Привет hello",
    "🦀🦀 crabs 👨‍👩‍👧‍👦",
    "```rust\nfn main() { println!(\"{}\", 1 + 1); }\n```\nWhy does it fail?",
    "def f(x):\n    return x_1 + 2;\nfor i in range(10):\n    print(i)",
    "INC-1234 service down since 10:15, error 502",
    "a\0b\u{feff}c\u{202e}d",
    "1. sum 12 and 13\n2. prove x = y + 3 ^ 2?\n- and why?",
    "don't can't C++ ｆｕｌｌ İstanbul ﬁle",
    "สวัสดีครับ ภาษาไทย",
    "مה שלומך היום?",
];

const GLUE: [&str; 8] = [" ", "", "\n", "x", ", ", "你", "'", "-"];

/// Draws requests that fit one configuration.
pub struct Requests<'c> {
    config: &'c Config,
    words: Vec<String>,
    draws: Draws,
}

impl<'c> Requests<'c> {
    pub fn new(config: &'c Config, seed: u64) -> Self {
        let mut words = vec!["hello".to_owned()];
        config
            .rules
            .iter()
            .for_each(|rule| collect(&rule.when, &mut words));
        words.extend(
            config
                .routes
                .iter()
                .flat_map(|route| route.examples.iter().cloned()),
        );
        Self {
            config,
            words,
            draws: Draws::new(seed),
        }
    }

    pub fn draw(&mut self) -> Asked {
        let is_odd = self.draws.once_in(40);
        Asked {
            content: self.content(),
            task: self.draws.once_in(4).then(|| self.task()),
            metadata: self.metadata(),
            capabilities: self.capabilities(),
            tools_tokens: if self.draws.once_in(8) {
                self.draws.below(3_000) as u32
            } else {
                0
            },
            min_quality: self.min_quality(is_odd),
            max_cost: self.max_cost(is_odd),
            max_latency: self
                .draws
                .once_in(12)
                .then(|| Duration::from_millis(self.draws.below(8_000) as u64)),
            expected_output_tokens: self.output(is_odd),
            unavailable: (0..self.config.models.len())
                .filter(|_| self.draws.once_in(9))
                .collect(),
            answer: self.answer(),
            seed: self.draws.bits(),
        }
    }

    /// Draws what a host knows of some models.
    pub fn live(&mut self) -> Vec<(ModelId, ModelState)> {
        let share = self.draws.pick(&[1, 2, 4, 9]);
        let likely = self.draws.below(6);
        let mut states = Vec::new();
        for place in 0..self.config.models.len() {
            if !self.draws.once_in(share) {
                continue;
            }
            let at = self.draws.below(9) as u64;
            let standing = if self.draws.once_in(2) {
                likely
            } else {
                self.draws.below(6)
            };
            let availability = match standing {
                0 => Availability::Available,
                1 => Availability::Cooling { retry_at_us: at },
                2 => Availability::OverBudget { resets_at_us: at },
                3 => Availability::RateLimited { retry_at_us: at },
                4 => Availability::Unavailable,
                _ => Availability::Open { retry_at_us: at },
            };
            let mut lately = |most: usize| {
                let figure = self.draws.below(most) as f32 * 999.5;
                self.draws.once_in(2).then_some(figure)
            };
            let state = ModelState {
                availability,
                first_token_us: lately(2_000),
                per_token_us: lately(60),
                failure_rate: lately(100).map_or(0.0, |figure| figure / 1e5),
                deployments_out: self.draws.below(4) as u128,
            };
            states.push((ModelId(place as u16), state));
        }
        states
    }

    fn content(&mut self) -> Content {
        if self.draws.once_in(2) {
            return Content::Text(self.text());
        }
        let roles = [
            Role::Assistant,
            Role::System,
            Role::Tool,
            Role::User,
            Role::User,
            Role::User,
        ];
        let count = if self.draws.once_in(10) {
            0
        } else {
            1 + self.draws.below(5)
        };
        Content::Messages(
            (0..count)
                .map(|_| (self.draws.pick(&roles), self.pieces()))
                .collect(),
        )
    }

    fn pieces(&mut self) -> Vec<Piece> {
        let count = if self.draws.once_in(12) {
            0
        } else {
            1 + self.draws.below(2)
        };
        let pieces = (0..count).map(|_| match self.draws.below(16) {
            0 => Piece::Image,
            1 => Piece::Audio,
            2 | 3 => Piece::Document(self.text()),
            4 => Piece::Other,
            _ => Piece::Text(self.text()),
        });
        pieces.collect()
    }

    fn text(&mut self) -> String {
        match self.draws.below(12) {
            0..4 => self.draws.pick(&TEXTS).to_owned(),
            4..8 => self.words(6),
            8 => self.words(1),
            9 => format!("{} {}", self.draws.pick(&TEXTS), self.words(3)),
            10 if self.draws.once_in(6) => self.words(4).repeat(1 + self.draws.below(200)),
            _ => self.words(2).repeat(1 + self.draws.below(12)),
        }
    }

    fn words(&mut self, most: usize) -> String {
        let mut text = String::new();
        for place in 0..=self.draws.below(most) {
            if place > 0 {
                text.push_str(self.draws.pick(&GLUE));
            }
            let word = self.words[self.draws.below(self.words.len())].clone();
            match self.draws.below(6) {
                0 => text.push_str(&word.to_uppercase()),
                1 => text.push_str(&word[..word.floor_char_boundary(word.len() / 2)]),
                _ => text.push_str(&word),
            }
        }
        text
    }

    fn task(&mut self) -> String {
        let mut known: Vec<String> = vec!["other".to_owned(), "nobody's".to_owned(), String::new()];
        known.extend(
            self.config
                .routes
                .iter()
                .flat_map(|route| route.tasks.iter().chain([&route.name]).cloned()),
        );
        self.draws.pick(&known)
    }

    fn metadata(&mut self) -> Vec<(String, Fact)> {
        let facts = [
            Fact::Bool(true),
            Fact::Bool(false),
            Fact::Number(4.5),
            Fact::Number(61.0),
            Fact::Number(-0.0),
            Fact::Text("free".to_owned()),
            Fact::Text("pro".to_owned()),
            Fact::Text("Free ".to_owned()),
        ];
        let keys = ["tier", "age", "beta", "Tier", "unread"];
        let count = self.draws.below(4);
        let mut drawn: Vec<_> = (0..count)
            .map(|_| (self.draws.pick(&keys).to_owned(), self.draws.pick(&facts)))
            .collect();
        if self.draws.once_in(150) {
            drawn.push((
                "age".to_owned(),
                Fact::Number(self.draws.pick(&[f64::NAN, f64::INFINITY])),
            ));
        }
        drawn
    }

    fn capabilities(&mut self) -> Vec<Capability> {
        let all = [
            Capability::Audio,
            Capability::JsonSchema,
            Capability::Reasoning,
            Capability::Tools,
            Capability::Vision,
        ];
        if self.draws.once_in(6) {
            vec![self.draws.pick(&all)]
        } else {
            Vec::new()
        }
    }

    fn min_quality(&mut self, is_odd: bool) -> Option<f32> {
        if is_odd && self.draws.once_in(3) {
            return Some(
                self.draws
                    .pick(&[f32::NAN, -0.1, 1.5, f32::INFINITY, -0.0, 1.0]),
            );
        }
        self.draws
            .once_in(8)
            .then(|| self.draws.share() as f32 * 0.7)
    }

    fn max_cost(&mut self, is_odd: bool) -> Option<f64> {
        if is_odd && self.draws.once_in(3) {
            return Some(self.draws.pick(&[
                f64::NAN,
                f64::NEG_INFINITY,
                -1e-9,
                f64::INFINITY,
                0.0,
                f64::MAX,
            ]));
        }
        self.draws.once_in(8).then(|| self.draws.share() / 200.0)
    }

    fn output(&mut self, is_odd: bool) -> Option<u32> {
        if is_odd && self.draws.once_in(3) {
            return Some(self.draws.pick(&[0, u32::MAX, 1, 100_000]));
        }
        self.draws
            .once_in(6)
            .then(|| 1 + self.draws.below(1_000) as u32)
    }

    fn answer(&mut self) -> Scripted {
        let route = self.config.routes[self.draws.below(self.config.routes.len())]
            .name
            .clone();
        match self.draws.below(8) {
            0 => Scripted::Declined,
            1 => Scripted::Label("none_of_these".to_owned()),
            2 => Scripted::Label(
                self.draws
                    .pick(&["", "garbage", "route", "Route 0", "route 0.", "\0"])
                    .to_owned(),
            ),
            3 => Scripted::Late(route),
            4 => Scripted::Label(format!(" \n{route}\t")),
            _ => Scripted::Label(route),
        }
    }
}

fn collect(condition: &Condition, words: &mut Vec<String>) {
    match condition {
        Condition::All(of) | Condition::Any(of) => {
            of.iter().for_each(|condition| collect(condition, words))
        }
        Condition::Not(of) => collect(of, words),
        Condition::Keywords(keywords) => {
            words.extend(keywords.any.iter().chain(&keywords.all).flatten().cloned());
        }
        _ => {}
    }
}
