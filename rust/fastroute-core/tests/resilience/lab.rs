//! A fleet of a few models on given time, and short words for what happens to it.

use fastroute_core::config::{self, Format, NoFiles, Source};
use fastroute_core::{
    AttemptOutcome, Availability, Caller, CellFigures, Denied, Ended, Fleet, HealthState, Live,
    LiveFigures, ModelId, ModelState, Now, Permit, RetryAfter, Snapshot, Transition, View, Wanted,
};

pub const MS: u64 = 1_000;
pub const SECOND: u64 = 1_000_000;

/// Monotonic time at which every test starts; not 0, so that what is unset cannot pass for a time.
pub const START: u64 = 1_000 * SECOND;

/// Unix time at the start: the beginning of a day.
pub const UNIX: u64 = 1_900_800_000 * SECOND;

/// Opens after three failures in a row and for ten seconds.
pub const THREE: &str = "breaker: {consecutive_failures: 3, wait_in_open: 10s}";

pub struct Lab {
    pub live: Live,
    pub fleet: Fleet,
    pub now: Now,
    /// Draw of every claim: none, so that times in open are as configured.
    pub draw: u64,
}

impl Lab {
    /// One model `m0`.
    pub fn new(resilience: &str) -> Self {
        Self::of(1, resilience)
    }

    /// Models `m0`, `m1` … each of a provider of its own.
    pub fn of(models: usize, resilience: &str) -> Self {
        Self::with(&apart(models), resilience)
    }

    /// Providers and models as written, and the fields of `resilience`.
    pub fn with(models: &str, resilience: &str) -> Self {
        let live = Live::new();
        let now = Now {
            monotonic_us: START,
            unix_us: UNIX,
        };
        let fleet = live.bind(&snapshot(models, resilience), now);
        Self {
            live,
            fleet,
            now,
            draw: 0,
        }
    }

    pub fn reload(&mut self, models: &str, resilience: &str) {
        self.fleet = self.live.bind(&snapshot(models, resilience), self.now);
    }

    /// Lets time pass on both clocks.
    pub fn wait(&mut self, micros: u64) {
        self.now.monotonic_us += micros;
        self.now.unix_us += micros;
    }

    pub fn claim_by(&self, owner: u128, model: u16) -> Result<Permit, Denied> {
        self.fleet.claim(&wanted(owner, model), self.now, self.draw)
    }

    pub fn claim(&self, model: u16) -> Permit {
        self.claim_by(1, model).expect("it is let through")
    }

    pub fn end(&self, permit: Permit, ended: &Ended) {
        self.fleet.report(permit, ended, self.now);
    }

    /// A call that is let through and ends at once.
    pub fn call(&self, model: u16, ended: &Ended) {
        self.end(self.claim(model), ended);
    }

    pub fn fail(&self, model: u16) {
        self.call(model, &failed());
    }

    pub fn succeed(&self, model: u16) {
        self.call(model, &succeeded());
    }

    pub fn fail_times(&self, model: u16, times: u32) {
        (0..times).for_each(|_| self.fail(model));
    }

    /// What a decision is told of a model.
    pub fn view(&self, model: u16) -> ModelState {
        self.view_for(&Caller::default(), model)
    }

    pub fn view_for(&self, caller: &Caller<'_>, model: u16) -> ModelState {
        let mut view = View::healthy();
        self.fleet.view(caller, self.now, &mut view);
        view.state(ModelId(model))
    }

    pub fn is_in(&self, model: u16) -> bool {
        self.view(model).availability == Availability::Available
    }

    pub fn figures(&self) -> LiveFigures {
        self.live.figures(self.now)
    }

    /// Figures of the cell of that name and kind.
    pub fn cell(&self, kind: &str, name: &str) -> CellFigures {
        let cells = self.figures().cells;
        let named =
            |cell: &CellFigures| cell.key.subject.kind() == kind && cell.key.to_string() == name;
        cells.into_iter().find(named).expect("there is such a cell")
    }

    /// Figures of the target of the first model.
    pub fn target(&self) -> CellFigures {
        self.cell("target", "p0:m0")
    }

    pub fn state(&self) -> HealthState {
        self.target().state
    }

    pub fn stale(&self) -> u64 {
        self.figures().counters.stale_outcomes
    }

    pub fn transitions(&self) -> Vec<Transition> {
        self.live.transitions()
    }

    /// The states that were gone through since the last look.
    pub fn path(&self) -> Vec<HealthState> {
        self.transitions().iter().map(|one| one.to).collect()
    }

    /// Opens the first model by failures and returns until when.
    pub fn open(&self) -> u64 {
        self.fail_times(0, 3);
        retry_at(&self.view(0))
    }

    /// The same, and waits until it may be probed.
    pub fn half_open(&mut self) {
        let until = self.open();
        self.wait(until - self.now.monotonic_us);
    }
}

pub fn retry_at(state: &ModelState) -> u64 {
    match state.availability {
        Availability::Cooling { retry_at_us } | Availability::Open { retry_at_us } => retry_at_us,
        other => panic!("{other:?} names no time"),
    }
}

pub fn wanted(owner: u128, model: u16) -> Wanted<'static> {
    Wanted {
        caller: Caller::default(),
        route: None,
        model: ModelId(model),
        deployment: 0,
        owner,
        attempt: 0,
        input_tokens: 10,
        output_tokens: 10,
        lease_us: 20 * SECOND,
        ignore_health: false,
    }
}

pub fn failed() -> Ended {
    Ended::new(AttemptOutcome::ServerError, 100 * MS)
}

pub fn succeeded() -> Ended {
    Ended::new(AttemptOutcome::Success, 100 * MS)
}

pub fn ended(outcome: AttemptOutcome) -> Ended {
    Ended::new(outcome, 100 * MS)
}

pub fn limited(seconds: u64) -> Ended {
    Ended {
        retry_after: Some(RetryAfter::After(seconds * SECOND)),
        ..ended(AttemptOutcome::RateLimited)
    }
}

pub fn apart(models: usize) -> String {
    let mut text = "providers:\n".to_owned();
    for model in 0..models {
        text += &format!("  p{model}: {{kind: callable}}\n");
    }
    text += "models:\n";
    for model in 0..models {
        text += &line(&format!("m{model}"), &format!("provider: p{model}"));
    }
    text
}

/// One model of a file.
pub fn line(name: &str, place: &str) -> String {
    format!(
        "  - {{name: {name}, {place}, context_window: 8000, price: {{input: 1, output: 2}}, \
         latency: {{first_token: 100ms, per_token: 10ms}}, quality: {{default: 0.5}}}}\n"
    )
}

pub fn snapshot(models: &str, resilience: &str) -> Snapshot {
    let text = format!(
        "version: 1\n{models}routes:\n  - {{name: general}}\ndefault: {{route: general}}\n\
         resilience: {{{resilience}}}\n"
    );
    let source = Source {
        name: "test.yaml",
        text: &text,
        format: Format::Yaml,
    };
    let loaded =
        config::load(&source, &NoFiles).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    Snapshot::build(&loaded, None).expect("it builds")
}
