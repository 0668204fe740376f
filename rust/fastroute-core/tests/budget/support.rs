//! What the tests of budgets share: a configuration of two models, calls, and random numbers.

use std::sync::Arc;

use fastroute_core::config::{Format, NoFiles, Source, load};
use fastroute_core::{
    AttemptOutcome, BudgetFigures, Caller, Denied, Ended, Fleet, Live, ModelId, Now, Permit,
    RouteId, Snapshot, Usage, Wanted,
};

/// Nano-dollars for a token of `small`, in and out.
pub const SMALL: (u64, u64) = (1_000, 2_000);
/// The same for `large`.
pub const LARGE: (u64, u64) = (10_000, 50_000);

/// A lease that outlives every test that does not say otherwise.
pub const LEASE_US: u64 = 60_000_000;

/// A day in the middle of a century, so that windows are not counted from 0.
pub const START: Now = Now {
    monotonic_us: 1_000_000,
    unix_us: 1_764_028_800_000_000,
};

pub fn later(now: Now, us: u64) -> Now {
    Now {
        monotonic_us: now.monotonic_us + us,
        unix_us: now.unix_us + us,
    }
}

/// A configuration with these budgets, and with a rate of `small`, as YAML.
pub fn snapshot(budgets: &str, rate: &str) -> Arc<Snapshot> {
    let text = format!(
        "version: 1
providers:
  local: {{kind: callable}}
  cloud: {{kind: callable, credentials: {{spare: {{api_key_file: spare.key}}}}}}
models:
  - name: small
    provider: local
    {rate}
    context_window: 1_000_000
    price: {{input: 1, output: 2}}
    latency: {{first_token: 100ms, per_token: 1ms}}
    quality: {{default: 0.5}}
  - name: large
    deployments: [{{provider: cloud}}, {{provider: cloud, credential: spare}}]
    context_window: 1_000_000
    price: {{input: 10, output: 50}}
    latency: {{first_token: 100ms, per_token: 1ms}}
    quality: {{default: 0.9}}
routes: [{{name: general}}, {{name: billing}}]
resilience: {{breaker: {{enabled: false}}}}
budgets: [{budgets}]
default: {{route: general}}
"
    );
    let source = Source {
        name: "budgets.yaml",
        text: &text,
        format: Format::Yaml,
    };
    let loaded = load(&source, &NoFiles).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    Arc::new(Snapshot::build(&loaded, None).expect("it builds"))
}

pub fn fleet(live: &Live, budgets: &str) -> Fleet {
    live.bind(&snapshot(budgets, ""), START)
}

/// A call that a test wants to make.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub team: Option<&'a str>,
    pub route: Option<RouteId>,
    pub model: ModelId,
    pub deployment: u8,
    pub input: u64,
    pub output: u64,
    pub lease_us: u64,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self {
            team: Some("blue"),
            route: Some(RouteId(0)),
            model: ModelId(0),
            deployment: 0,
            input: 100,
            output: 100,
            lease_us: LEASE_US,
        }
    }
}

impl<'a> Call<'a> {
    pub fn of_team(team: &'a str) -> Self {
        Self {
            team: Some(team),
            ..Self::default()
        }
    }

    pub fn caller(&self) -> Caller<'a> {
        Caller {
            team: self.team,
            ..Caller::default()
        }
    }

    pub fn claim(&self, fleet: &Fleet, now: Now) -> Result<Permit, Denied> {
        let wanted = Wanted {
            caller: self.caller(),
            route: self.route,
            model: self.model,
            deployment: self.deployment,
            owner: 1,
            attempt: 0,
            input_tokens: self.input,
            output_tokens: self.output,
            lease_us: self.lease_us,
            ignore_health: false,
        };
        fleet.claim(&wanted, now, 0)
    }

    /// Claims it, and reports that it took all that was reserved.
    pub fn spend(&self, fleet: &Fleet, now: Now) -> Result<(), Denied> {
        let permit = self.claim(fleet, now)?;
        fleet.report(permit, &answered(self.input, self.output), now);
        Ok(())
    }
}

pub fn answered(input: u64, output: u64) -> Ended {
    Ended {
        usage: Some(Usage {
            input_tokens: input,
            cached_tokens: 0,
            output_tokens: output,
        }),
        ..Ended::new(AttemptOutcome::Success, 1_000)
    }
}

/// The figures of the only budget, for a value.
pub fn figures(live: &Live, value: Option<&str>, now: Now) -> BudgetFigures {
    let all = live.figures(now).budgets;
    let found = all.iter().find(|one| one.value.as_deref() == value);
    found
        .unwrap_or_else(|| panic!("{value:?} in {all:?}"))
        .clone()
}

/// Random numbers by SplitMix64.
pub struct Draws(pub u64);

impl Draws {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
