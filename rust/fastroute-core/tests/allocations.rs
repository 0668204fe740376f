//! Counts the heap allocations of one steady decision.
//!
//! Buffers live in the workspace, so a decision allocates its plan and little else. The bar is
//! four, the returned decision included; the test says what it counts, and the benchmarks read it.
//!
//! Counted on this thread alone: the test runner's own threads allocate too. What is still
//! allocated after a decision is counted as well: it must be the decision's own and nothing else.
#![allow(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one only counts"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    collections::HashSet,
    sync::Arc,
};

use fastroute_core::{
    AttemptOutcome, Availability, Caller, Decision, Ended, Live, Message, ModelId, ModelState, Now,
    Part, Request, Role, Snapshot, Step, Value, View, Workspace,
    config::{self, Format, NoFiles, Source},
    decide, decide_batch,
};

#[path = "support/reference.rs"]
mod reference;

/// Most allocations of one steady decision.
const MOST: usize = 4;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// Allocations less releases; wraps below zero where this thread releases another's.
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

fn count_one() {
    // Fails only while a thread ends, when nothing is counted.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

fn change_live(by: isize) {
    let _ = LIVE.try_with(|live| live.set(live.get().wrapping_add_signed(by)));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        change_live(1);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count_one();
        change_live(1);
        // SAFETY: the caller keeps `alloc_zeroed`'s contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        change_live(-1);
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        // SAFETY: the caller keeps `realloc`'s contract.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A configuration with every stage at work: keywords, lengths, tokens, metadata, an expression,
/// similarity, several candidates, fallbacks and prompts.
const CONFIGURATION: &str = r#"
version: 1
providers:
  local: {kind: openai, base_url: "http://127.0.0.1:11434/v1"}
models:
  - {name: small, provider: local, tokenizer: o200k, context_window: 8192, price: {input: 0.05, output: 0.1}, latency: {first_token: 100ms, per_token: 5ms}, quality: {default: 0.6}}
  - {name: middle, provider: local, tokenizer: cl100k, context_window: 32768, price: {input: 0.5, output: 1.5}, latency: {first_token: 200ms, per_token: 8ms}, quality: {default: 0.75}}
  - {name: large, provider: local, tokenizer: qwen2, context_window: 131072, price: {input: 3, output: 12}, latency: {first_token: 400ms, per_token: 15ms}, quality: {default: 0.9, refund: 0.95}}
prompts:
  - {name: brief, system: "Answer in two sentences."}
routes:
  - name: refund
    examples: [I want my money back, please refund the second charge, why was I charged twice, return my payment]
    threshold: 0
    prompts: [{use: brief}]
    fallback: [small]
  - name: weather
    examples: [will it rain tomorrow, how cold is it outside, is a storm coming, weather forecast for the weekend]
    threshold: 0
  - {name: general}
rules:
  - {name: outage, when: {keywords: {any: [outage, service down, blackout]}}, then: {objective: fastest}}
  - {name: order, when: {regex: {pattern: "(?i)order [0-9]{6}"}}, then: {restrict: {models: [middle, large]}}}
  - {name: long, when: {tokens: {min: 3000, tokenizer: o200k}}, then: {model: large}}
  - {name: short, when: {characters: {max: 400}}, then: {difficulty: 0.3}}
  - {name: free, when: {metadata: {key: tier, equals: free}}, then: {restrict: {models: [small]}}}
classify:
  order: [task, rules, similarity]
  similarity: {margin: 0}
default: {route: general}
"#;

const REFUND: &str = "Hello there. I was charged twice for order 123456 and I would like to have the second charge refunded, please. \
    It has been like this since Tuesday and nobody has answered so far; I can be reached in the evening.";
const WEATHER: &str = "Good morning! Will it rain tomorrow in the afternoon, or is the storm only coming in the night? \
    We want to walk to the café at the lake, and the little one has no coat that keeps the water out…";
const NEITHER: &str = "Der Fluß hat kein Gedächtnis für seine Ufer, sagte er, und schwieg.";

fn snapshot() -> Arc<Snapshot> {
    snapshot_of(CONFIGURATION, Format::Yaml)
}

fn snapshot_of(text: &str, format: Format) -> Arc<Snapshot> {
    let source = Source {
        name: "allocations",
        text,
        format,
    };
    let loaded = config::load(&source, &NoFiles).expect("the configuration loads");
    Arc::new(Snapshot::build(&loaded, None).expect("the configuration builds"))
}

/// Decides a few times to warm the buffers up, then counts one more decision with its release.
fn count(snapshot: &Arc<Snapshot>, requests: &[Request<'_>]) -> (usize, Vec<Decision>) {
    count_under(&View::healthy(), snapshot, requests)
}

fn count_under(
    view: &View,
    snapshot: &Arc<Snapshot>,
    requests: &[Request<'_>],
) -> (usize, Vec<Decision>) {
    let mut workspace = Workspace::new();
    let mut run = |request: &Request<'_>| match decide(
        snapshot,
        request,
        view,
        Now::default(),
        0,
        &mut workspace,
    ) {
        Ok(Step::Decided(decision)) => decision,
        other => panic!("expected a decision, got {other:?}"),
    };
    for request in requests.iter().chain(requests) {
        run(request);
    }
    let mut most = 0;
    let mut decisions = Vec::with_capacity(requests.len());
    for request in requests {
        let before = COUNT.get();
        let decision = run(request);
        most = most.max(COUNT.get() - before);
        decisions.push(decision);
    }
    (most, decisions)
}

#[test]
fn a_steady_decision_on_a_text_allocates_at_most_four_times() {
    let snapshot = snapshot();
    let metadata = [("tier", Value::Text("pro"))];
    let requests = [REFUND, WEATHER, NEITHER].map(|text| Request {
        metadata: &metadata,
        ..Request::text(text)
    });
    let (most, decisions) = count(&snapshot, &requests);
    assert_eq!(decisions[0].route(), Some("refund"));
    assert_eq!(decisions[1].route(), Some("weather"));
    assert!(decisions.iter().all(|decision| decision.model().is_some()));
    println!("allocations of a decision on a text: {most}");
    assert!(most <= MOST, "{most} allocations, over the limit of {MOST}");
}

#[test]
fn reading_health_and_reporting_an_outcome_allocate_nothing() {
    let (live, mut now) = (Live::new(), Now::default());
    let fleet = live.bind(&snapshot(), now);
    let (nobody, mut view) = (Caller::default(), View::healthy());
    let mut failed = Ended::new(AttemptOutcome::ServerError, 1_000);
    let (mut most, mut steady) = (0, 0);
    for step in 0..200 {
        let before = COUNT.get();
        now.monotonic_us += 500_000;
        fleet.view(&nobody, now, &mut view);
        let (model, epoch) = (ModelId(step % 3), fleet.epoch());
        fleet.report_unclaimed(&nobody, model, 0, epoch, &failed, now);
        failed.outcome = match step {
            ..50 => AttemptOutcome::Success,
            50..100 => AttemptOutcome::RateLimited,
            _ => AttemptOutcome::Cancelled,
        };
        let is_steady = step > 0 && fleet.epoch() == epoch;
        if is_steady {
            steady += 1;
            most = most.max(COUNT.get() - before);
        }
    }
    assert!(steady > 100);
    assert_eq!(most, 0, "only a transition may allocate");
}

#[test]
fn live_state_and_what_it_leaves_out_allocate_nothing() {
    let snapshot = snapshot();
    let requests = [REFUND, WEATHER, NEITHER].map(Request::text);
    let (healthy, _) = count(&snapshot, &requests);
    let mut view = View::healthy();
    for (name, failure_rate) in [("small", 0.9), ("middle", 0.0), ("large", 0.1)] {
        let model = snapshot.catalogue().model_named(name).expect("is listed");
        *view.state_mut(model) = ModelState {
            first_token_us: Some(90_000.0),
            per_token_us: Some(7_000.0),
            failure_rate,
            ..ModelState::default()
        };
    }
    let small = snapshot
        .catalogue()
        .model_named("small")
        .expect("is listed");
    view.state_mut(small).availability = Availability::Open { retry_at_us: 9 };
    let (lively, decisions) = count_under(&view, &snapshot, &requests);
    assert!(
        decisions
            .iter()
            .all(|decision| decision.model() != Some("small"))
    );
    assert_eq!(lively, healthy);
    println!("allocations of a decision under live state: {lively}");
}

#[test]
fn a_steady_decision_on_a_conversation_allocates_at_most_four_times() {
    let snapshot = snapshot();
    let (system, first, answer, last) = (
        [Part::Text("Be brief.")],
        [Part::Text(WEATHER)],
        [Part::Text("Which lake?")],
        [Part::Text(REFUND)],
    );
    let messages = [
        Message {
            role: Role::System,
            parts: &system,
        },
        Message {
            role: Role::User,
            parts: &first,
        },
        Message {
            role: Role::Assistant,
            parts: &answer,
        },
        Message {
            role: Role::User,
            parts: &last,
        },
    ];
    let (most, decisions) = count(&snapshot, &[Request::messages(&messages)]);
    assert_eq!(decisions[0].route(), Some("refund"));
    println!("allocations of a decision on a conversation: {most}");
    assert!(most <= MOST, "{most} allocations, over the limit of {MOST}");
}

#[test]
fn a_steady_decision_on_the_reference_workload_allocates_at_most_four_times_and_leaves_only_itself()
{
    let (configuration, texts) = reference::workload(64);
    let snapshot = snapshot_of(&configuration, Format::Json);
    let view = View::healthy();
    let metadata = [("tier", Value::Text("pro"))];
    let mut workspace = Workspace::new();
    let mut run = |text: &str| {
        let request = Request {
            metadata: &metadata,
            ..Request::text(text)
        };
        match decide(
            &snapshot,
            &request,
            &view,
            Now::default(),
            0,
            &mut workspace,
        ) {
            Ok(Step::Decided(decision)) => decision,
            other => panic!("expected a decision, got {other:?}"),
        }
    };
    // Two rounds, as a buffer may grow again for what it learnt in the first.
    for text in texts.iter().chain(&texts) {
        run(text);
    }
    let mut most = 0;
    let mut codes = Vec::with_capacity(texts.len());
    for text in &texts {
        let (count, live) = (COUNT.get(), LIVE.get());
        let decision = run(text);
        let allocated = COUNT.get() - count;
        let kept = LIVE.get().wrapping_sub(live);
        assert!(
            allocated <= MOST,
            "{allocated} allocations, over the limit of {MOST}, for {text}"
        );
        let count = COUNT.get();
        let copy = decision.clone();
        let own = COUNT.get() - count;
        assert_eq!(
            kept, own,
            "the call keeps what is not the decision's: {text}"
        );
        codes.push(decision.reason().code());
        drop((copy, decision));
        assert_eq!(
            LIVE.get(),
            live,
            "something outlives the decision on {text}"
        );
        most = most.max(allocated);
    }
    println!("most allocations on the reference workload: {most}");
    let different: HashSet<&str> = codes.into_iter().collect();
    assert!(
        different.contains("RULE") && different.contains("SIMILARITY"),
        "rules and similarity both decide: {different:?}"
    );
}

#[test]
fn a_steady_batch_allocates_for_itself_and_not_for_its_rows() {
    let snapshot = snapshot();
    let view = View::healthy();
    let mut workspace = Workspace::new();
    let texts = [REFUND, WEATHER, NEITHER];
    let mut run = |requests: usize| {
        let requests = texts.iter().cycle().take(requests);
        let requests = requests.map(|text| Request::text(text));
        let mut routed = 0;
        let before = COUNT.get();
        decide_batch(&snapshot, requests, &view, &mut workspace, |_, row| {
            routed += usize::from(row.model.is_some());
        })
        .expect("the requests are within the limits");
        (COUNT.get() - before, routed)
    };
    for _ in 0..2 {
        run(300);
    }
    let (few, many) = (run(30), run(300));
    assert_eq!((few.1, many.1), (30, 300));
    println!("allocations of a batch of 300: {}", many.0);
    assert_eq!(few.0, many.0, "more rows allocate more");
    assert!(
        many.0 <= MOST,
        "{} allocations, over the limit of {MOST}",
        many.0
    );
}

#[test]
fn the_counter_counts() {
    let before = COUNT.get();
    let live = LIVE.get();
    let boxed = std::hint::black_box(Box::new(1));
    assert_eq!(COUNT.get() - before, 1);
    assert_eq!(LIVE.get().wrapping_sub(live), 1);
    drop(boxed);
    assert_eq!(LIVE.get(), live);
}
