//! Random calls against a list of all calls that ever were: who gets room, and what is counted.

use fastroute_core::{
    Availability, BudgetFigures, Ended, Fleet, Live, ModelId, Now, Permit, RouteId,
};

use crate::support::{Call, Draws, LARGE, SMALL, START, answered, later, snapshot};

const SECOND: u64 = 1_000_000;

/// Scope, window in seconds, dollars in nano, tokens; as in the configuration below.
struct Limit {
    scope: &'static str,
    only: Option<&'static str>,
    window_us: u64,
    nano: u64,
    tokens: u64,
}

const LIMITS: [Limit; 5] = [
    Limit {
        scope: "all",
        only: None,
        window_us: 60 * SECOND,
        nano: 30_000_000,
        tokens: u64::MAX,
    },
    Limit {
        scope: "team",
        only: None,
        window_us: 7 * SECOND,
        nano: 4_000_000,
        tokens: 3_000,
    },
    Limit {
        scope: "model",
        only: Some("large"),
        window_us: 10 * SECOND,
        nano: u64::MAX,
        tokens: 900,
    },
    Limit {
        scope: "route",
        only: None,
        window_us: 13 * SECOND,
        nano: 9_000_000,
        tokens: u64::MAX,
    },
    Limit {
        scope: "credential",
        only: Some("cloud/spare"),
        window_us: 5 * SECOND,
        nano: 7_000_000,
        tokens: 5_000,
    },
];

const BUDGETS: &str = "{scope: all, limit_usd: 0.03, window: 60s},
  {scope: caller.team, limit_usd: 0.004, limit_tokens: 3000, window: 7s},
  {scope: model, for: large, limit_tokens: 900, window: 10s},
  {scope: route, limit_usd: 0.009, window: 13s},
  {scope: credential, for: cloud/spare, limit_usd: 0.007, limit_tokens: 5000, window: 5s}";

/// A call as the list keeps it.
struct Entry {
    /// For each limit that counts it: which, the value, the window.
    counted: Vec<(usize, String, u64)>,
    reserved: (u64, u64),
    /// Monotonic time at which its lease ends; none once it was told or given back.
    held_until: Option<u64>,
    spent: (u64, u64),
}

#[derive(Default)]
struct List(Vec<Entry>);

impl List {
    /// Spent and reserved of one value in one window, by adding up everything.
    fn sums(&self, limit: usize, value: &str, window: u64, now: Now) -> [(u64, u64); 2] {
        let (mut spent, mut reserved) = ((0, 0), (0, 0));
        let of = |entry: &&Entry| {
            entry
                .counted
                .iter()
                .any(|(l, v, w)| *l == limit && v == value && *w == window)
        };
        for entry in self.0.iter().filter(of) {
            spent = (spent.0 + entry.spent.0, spent.1 + entry.spent.1);
            if entry
                .held_until
                .is_some_and(|until| until > now.monotonic_us)
            {
                reserved = (reserved.0 + entry.reserved.0, reserved.1 + entry.reserved.1);
            }
        }
        [spent, reserved]
    }
}

fn value(limit: &Limit, call: &Call<'_>) -> Option<String> {
    let value = match limit.scope {
        "all" => "",
        "team" => call.team.unwrap_or_default(),
        "model" => ["small", "large"][usize::from(call.model.0)],
        "route" => call
            .route
            .map_or("", |route| ["general", "billing"][usize::from(route.0)]),
        _ => match (call.model.0, call.deployment) {
            (0, _) => "local",
            (_, 0) => "cloud",
            _ => "cloud/spare",
        },
    };
    limit
        .only
        .is_none_or(|only| only == value)
        .then(|| value.to_owned())
}

fn cost(model: ModelId, input: u64, output: u64) -> (u64, u64) {
    let price = [SMALL, LARGE][usize::from(model.0)];
    (input * price.0 + output * price.1, input + output)
}

fn drawn(draws: &mut Draws) -> Call<'static> {
    let model = draws.below(2) as u16;
    Call {
        team: [Some("blue"), Some("red"), None][draws.below(3) as usize],
        route: [Some(RouteId(0)), Some(RouteId(1)), None][draws.below(3) as usize],
        model: ModelId(model),
        deployment: (draws.below(2) as u8) * model as u8,
        input: draws.below(300),
        output: draws.below(60),
        lease_us: SECOND * (1 + draws.below(6)),
    }
}

/// A call under way: its permit, its place in the list, and what it asked for.
type UnderWay = (Permit, usize, Call<'static>);

fn claim(fleet: &Fleet, list: &mut List, call: Call<'static>, now: Now) -> Option<UnderWay> {
    let reserved = cost(call.model, call.input, call.output);
    let mut counted = Vec::new();
    let mut fits = true;
    for (number, limit) in LIMITS.iter().enumerate() {
        if let Some(value) = value(limit, &call) {
            let window = now.unix_us / limit.window_us;
            let [spent, held] = list.sums(number, &value, window, now);
            fits &= spent.0 + held.0 + reserved.0 <= limit.nano
                && spent.1 + held.1 + reserved.1 <= limit.tokens;
            counted.push((number, value, window));
        }
    }
    match call.claim(fleet, now) {
        Ok(permit) => {
            assert!(fits, "granted over a limit: {call:?}");
            list.0.push(Entry {
                counted,
                reserved,
                held_until: Some(now.monotonic_us + call.lease_us),
                spent: (0, 0),
            });
            Some((permit, list.0.len() - 1, call))
        }
        Err(denied) => {
            assert!(!fits, "refused below every limit: {call:?} {denied:?}");
            let Availability::OverBudget { resets_at_us } = denied.why else {
                panic!("{denied:?}")
            };
            assert!(resets_at_us > now.unix_us && resets_at_us <= now.unix_us + 60 * SECOND);
            None
        }
    }
}

fn end(fleet: &Fleet, list: &mut List, under_way: UnderWay, draws: &mut Draws, now: Now) {
    let (permit, place, call) = under_way;
    let entry = &mut list.0[place];
    match draws.below(6) {
        0 => {
            entry.held_until = None;
            fleet.release(permit, now);
        }
        1 => drop(permit.keep()),
        2 => {
            entry.held_until = None;
            entry.spent = entry.reserved;
            let untold = Ended {
                usage: None,
                ..answered(0, 0)
            };
            fleet.report(permit, &untold, now);
        }
        _ => {
            entry.held_until = None;
            // Less than was reserved, or a provider that claims more.
            let (input, output) = (
                draws.below(call.input + 1),
                draws.below(2 * call.output + 1),
            );
            let took = cost(call.model, input, output);
            entry.spent = (took.0.min(entry.reserved.0), took.1.min(entry.reserved.1));
            fleet.report(permit, &answered(input, output), now);
        }
    }
}

/// Every figure is what the list adds up to, and what has no figure adds up to nothing.
fn compare(live: &Live, list: &List, now: Now) {
    let figures = live.figures(now).budgets;
    for (number, limit) in LIMITS.iter().enumerate() {
        let window = now.unix_us / limit.window_us;
        let of: Vec<&BudgetFigures> = figures
            .iter()
            .filter(|one| one.window_us == limit.window_us)
            .collect();
        for one in &of {
            let value = one.value.as_deref().unwrap_or_default();
            let [spent, reserved] = list.sums(number, value, window, now);
            let what = format!("{} {value}", limit.scope);
            assert_eq!((one.spent_nano, one.spent_tokens), spent, "{what}");
            assert_eq!((one.reserved_nano, one.reserved_tokens), reserved, "{what}");
            assert_eq!(one.resets_at_us, (window + 1) * limit.window_us);
        }
        for value in [
            "",
            "blue",
            "red",
            "large",
            "general",
            "billing",
            "cloud/spare",
        ] {
            let is_told = of
                .iter()
                .any(|one| one.value.as_deref().unwrap_or_default() == value);
            let sums = list.sums(number, value, window, now);
            assert!(is_told || sums == [(0, 0); 2], "{} {value}", limit.scope);
        }
    }
}

#[test]
fn random_calls_find_room_and_are_counted_as_a_list_of_all_of_them_says() {
    let snapshot = snapshot(BUDGETS, "");
    let (mut granted, mut refused) = (0, 0);
    for seed in 0..200 {
        let live = Live::new();
        let mut fleet = live.bind(&snapshot, START);
        let mut draws = Draws(seed);
        let mut now = later(START, draws.below(100 * SECOND));
        let mut list = List::default();
        let mut under_way: Vec<UnderWay> = Vec::new();
        for _ in 0..120 {
            match draws.below(8) {
                0..=3 => match claim(&fleet, &mut list, drawn(&mut draws), now) {
                    Some(call) => {
                        granted += 1;
                        under_way.push(call);
                    }
                    None => refused += 1,
                },
                4 | 5 if !under_way.is_empty() => {
                    let number = draws.below(under_way.len() as u64) as usize;
                    end(
                        &fleet,
                        &mut list,
                        under_way.swap_remove(number),
                        &mut draws,
                        now,
                    );
                }
                6 => now = later(now, draws.below(SECOND)),
                7 if draws.below(4) == 0 => now = later(now, draws.below(9 * SECOND)),
                _ if draws.below(10) == 0 => fleet = live.bind(&snapshot, now),
                _ => {}
            }
            compare(&live, &list, now);
        }
    }
    assert!(
        granted > 2_000 && refused > 2_000,
        "{granted} granted, {refused} refused"
    );
}
