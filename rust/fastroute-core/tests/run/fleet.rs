//! Small fleets: a configuration of a few models on one route, bound to fresh live state.

use std::sync::Arc;

use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::{
    Caller, Decision, Fleet, Live, Now, OwnedCaller, Request, Run, RunOptions, Snapshot, Step,
    View, Workspace, decide,
};

/// Unix time at the start of a test, in microseconds: the start of a day.
const UNIX_US: u64 = 1_900_800_000_000_000;

pub const SECOND: u64 = 1_000_000;
pub const MS: u64 = 1_000;

/// An instant, as microseconds since the start of a test.
pub fn at(us: u64) -> Now {
    Now {
        monotonic_us: SECOND + us,
        unix_us: UNIX_US + us,
    }
}

/// Microseconds since the start of a test, of a monotonic time.
pub fn since_start(monotonic_us: u64) -> u64 {
    monotonic_us - SECOND
}

pub struct House {
    pub snapshot: Arc<Snapshot>,
    pub live: Live,
    pub fleet: Fleet,
}

impl House {
    pub fn new(text: &str) -> Self {
        let source = Source {
            name: "test.yaml",
            text,
            format: Format::Yaml,
        };
        let loaded =
            config::load(&source, &NoFiles).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
        let snapshot = Arc::new(Snapshot::build(&loaded, None).expect("it builds"));
        let live = Live::new();
        let fleet = live.bind(&snapshot, at(0));
        Self {
            snapshot,
            live,
            fleet,
        }
    }

    /// Models `a`, `b`, `c` … in the order of the plan, each at a provider of its own, and more.
    pub fn of(models: usize, more: &str) -> Self {
        Self::new(&chain(models, more))
    }

    /// Decides under the live view of now.
    pub fn decide(&self, now: Now, seed: u64) -> Decision {
        self.decide_for(&Caller::default(), now, seed)
    }

    pub fn decide_for(&self, caller: &Caller<'_>, now: Now, seed: u64) -> Decision {
        let mut view = View::healthy();
        self.fleet.view(caller, now, &mut view);
        self.decide_under(&view, now, seed)
    }

    pub fn decide_under(&self, view: &View, now: Now, seed: u64) -> Decision {
        let request = Request::text("a question of a few words");
        let step = decide(
            &self.snapshot,
            &request,
            view,
            now,
            seed,
            &mut Workspace::new(),
        );
        match step.expect("it decides") {
            Step::Decided(decision) => decision,
            Step::Ask(_) => unreachable!("no meta-LLM is configured"),
        }
    }

    /// Starts a run at time 0 on a plan that was made while everything was well.
    pub fn start(&self, options: RunOptions) -> Run {
        self.start_at(at(0), options)
    }

    pub fn start_at(&self, now: Now, options: RunOptions) -> Run {
        let decision = self.decide_under(&View::healthy(), now, options.seed);
        Run::start(&self.fleet, &decision, OwnedCaller::default(), options, now)
    }

    pub fn name(&self, model: fastroute_core::ModelId) -> String {
        let mut names = self.fleet.catalogue().models();
        names.nth(usize::from(model.0)).expect("a model").to_owned()
    }

    /// Claims and reservations that have not been given back.
    pub fn held(&self, now: Now) -> u64 {
        let figures = self.live.figures(now);
        let claims: u64 = figures.cells.iter().map(|cell| cell.in_flight).sum();
        let reserved: u64 = figures
            .budgets
            .iter()
            .map(|budget| budget.reserved_nano)
            .sum();
        claims + reserved
    }
}

/// The text of a configuration with models `a`, `b`, `c` …; `a` is the primary, the others follow.
///
/// A token of input costs 1,000 nano-dollars and one of output 2,000, with every model; an answer
/// is expected to take 100 tokens, and may take 1,000.
pub fn chain(models: usize, more: &str) -> String {
    let names: Vec<String> = (0..models).map(name).collect();
    let mut text = String::from("version: 1\nproviders:\n");
    for name in &names {
        text += &format!("  p_{name}: {{kind: callable}}\n");
    }
    text += "models:\n";
    for name in &names {
        text += &format!(
            "  - {{name: {name}, provider: p_{name}, context_window: 8000, max_output_tokens: 1000, \
             price: {{input: 1.0, output: 2.0}}, latency: {{first_token: 100ms, per_token: 1ms}}, quality: {{default: 0.9}}}}\n"
        );
    }
    text += "routes:\n  - name: general\n    choose: [a]\n    expected_output_tokens: 100\n";
    if models > 1 {
        text += &format!("    fallback: [{}]\n", names[1..].join(", "));
    }
    text += "default: {route: general}\n";
    text + more
}

fn name(place: usize) -> String {
    char::from(b'a' + place as u8).to_string()
}
