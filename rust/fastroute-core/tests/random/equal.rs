//! Production and oracle say the same of random configurations and requests.
//!
//! Every difference is counted by the fields that differ and shown with its first case, so that one
//! run tells defects apart. `FASTROUTE_ORACLE_FIRST` and `FASTROUTE_ORACLE_CONFIGURATIONS` choose
//! the seeds; a run of thousands belongs before a release, the few hundred here into every run.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastroute_core::config::Config;
use fastroute_core::{
    Answer, Decision, Now, Request, Snapshot, Step, View, Workspace, decide, explain,
};

use crate::oracle::{Case, Verdict};
use crate::requests::{Asked, Requests, Scripted};
use crate::stretch;
use crate::support::{number, snapshot};

/// Decides through a question, if there is one.
pub fn decide_through(
    snapshot: &Arc<Snapshot>,
    request: &Request<'_>,
    asked: &Asked,
    view: &View,
    workspace: &mut Workspace,
) -> Result<Decision, &'static str> {
    let start = Now {
        monotonic_us: 1_000_000,
        unix_us: 7,
    };
    match decide(snapshot, request, view, start, asked.seed, workspace) {
        Err(error) => Err(error.code()),
        Ok(Step::Decided(decision)) => Ok(decision),
        Ok(Step::Ask(pending)) => {
            let timeout_us = pending.question().timeout.as_micros();
            let (answer, waited_us) = match &asked.answer {
                Scripted::Declined => (Answer::Declined, 0),
                Scripted::Label(label) => (Answer::Label(label), timeout_us),
                Scripted::Late(label) => (Answer::Label(label), timeout_us + 1),
            };
            let now = Now {
                monotonic_us: start.monotonic_us + waited_us,
                unix_us: 9,
            };
            Ok(pending.resume(answer, view, now))
        }
    }
}

/// The view that a request names.
pub fn view_of(snapshot: &Snapshot, config: &Config, asked: &Asked) -> View {
    let mut view = View::healthy();
    for place in &asked.unavailable {
        let name = &config.models[*place].name;
        view.mark_unavailable(
            snapshot
                .catalogue()
                .model_named(name)
                .expect("names resolve"),
        );
    }
    view
}

fn verdict_of(decision: &Decision) -> Verdict {
    let text = |name: Option<&str>| name.map(str::to_owned);
    let names: Vec<&str> = decision.catalogue().models().collect();
    let missing = decision.missing().iter();
    Verdict {
        outcome: decision.outcome().as_str(),
        route: text(decision.route()),
        model: text(decision.model()),
        fallbacks: decision.fallbacks().map(str::to_owned).collect(),
        prompt: text(decision.prompt()),
        rule: text(decision.rule()),
        code: decision.reason().code(),
        message: text(decision.message()),
        missing: missing
            .map(|each| (names[usize::from(each.model().0)].to_owned(), each.code()))
            .collect(),
        difficulty: decision.difficulty(),
        reasoning: decision.reasoning(),
        collection: decision
            .retrieval()
            .map(|retrieval| retrieval.collection.clone()),
        agent: text(decision.agent()),
        confidence: decision.route_confidence(),
        estimates: decision
            .estimates()
            .map(|figures| (figures.input_tokens, figures.cost_nano, figures.latency_us)),
        notes: decision.notes().iter().map(|note| note.code()).collect(),
        cascade: decision.cascade().map(|_| {
            let steps = decision.escalations().map(|planned| planned.model);
            let steps = decision.model_id().into_iter().chain(steps);
            steps
                .map(|model| names[usize::from(model.0)].to_owned())
                .collect()
        }),
    }
}

/// Names the fields in which two verdicts differ.
fn differing(left: &Verdict, right: &Verdict) -> String {
    let fields = [
        ("outcome", left.outcome != right.outcome),
        ("route", left.route != right.route),
        ("model", left.model != right.model),
        ("fallbacks", left.fallbacks != right.fallbacks),
        ("prompt", left.prompt != right.prompt),
        ("rule", left.rule != right.rule),
        ("code", left.code != right.code),
        ("message", left.message != right.message),
        ("missing", left.missing != right.missing),
        ("difficulty", left.difficulty != right.difficulty),
        ("reasoning", left.reasoning != right.reasoning),
        ("collection", left.collection != right.collection),
        ("agent", left.agent != right.agent),
        ("confidence", left.confidence != right.confidence),
        ("estimates", left.estimates != right.estimates),
        ("notes", left.notes != right.notes),
        ("cascade", left.cascade != right.cascade),
    ];
    fields
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join("+")
}

/// What was compared, and every kind of difference with its first case.
#[derive(Default)]
struct Comparison {
    compared: usize,
    codes: BTreeMap<&'static str, usize>,
    notes: BTreeMap<&'static str, usize>,
    kinds: BTreeMap<String, (usize, String)>,
}

impl Comparison {
    /// Compares on `count` random requests; with live state of all kinds when it `is_lively`.
    fn run(&mut self, seed: u64, config: &Config, count: usize, is_lively: bool) {
        let snapshot =
            snapshot(&serde_json::to_string(config).expect("a configuration is serialisable"));
        let mut requests = Requests::new(config, seed ^ 0x0072_6571);
        let mut workspace = Workspace::new();
        for place in 0..count {
            let asked = requests.draw();
            let mut view = view_of(&snapshot, config, &asked);
            if is_lively {
                for (model, state) in requests.live() {
                    *view.state_mut(model) = state;
                }
            }
            let named = format!("configuration {seed}, request {place}");
            asked.lend(|request| {
                self.compare(
                    &snapshot,
                    config,
                    &asked,
                    request,
                    &view,
                    &mut workspace,
                    &named,
                )
            });
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a decision depends on, and its name"
    )]
    fn compare(
        &mut self,
        snapshot: &Arc<Snapshot>,
        config: &Config,
        asked: &Asked,
        request: &Request<'_>,
        view: &View,
        workspace: &mut Workspace,
        named: &str,
    ) {
        let decision = decide_through(snapshot, request, asked, view, workspace);
        assert_eq!(decision.is_err(), asked.is_refused(), "{named}: {asked:?}");
        let Ok(decision) = decision else { return };
        let similarity = explain(snapshot, request, view, asked.seed, None, workspace)
            .expect("it was decided")
            .similarity;
        let case = Case {
            config,
            request,
            view,
            answer: &asked.answer,
            similarity: similarity.as_ref(),
        };
        let (expected, found) = (case.decide(), verdict_of(&decision));
        self.compared += 1;
        *self.codes.entry(found.code).or_default() += 1;
        for note in &found.notes {
            *self.notes.entry(note).or_default() += 1;
        }
        if expected != found {
            let likeness = similarity
                .as_ref()
                .map(|lines| (lines.is_known, lines.margin, &lines.routes));
            let order = &config.classify.order;
            let shown = || {
                format!(
                    "{named}\nexpected {expected:?}\nfound    {found:?}\n{order:?}, {likeness:?}\n{asked:?}"
                )
            };
            self.kinds
                .entry(differing(&expected, &found))
                .or_insert_with(|| (0, shown()))
                .0 += 1;
        }
    }

    fn check(self) {
        println!(
            "compared {}: {:?} {:?}",
            self.compared, self.codes, self.notes
        );
        let report: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, (count, case))| format!("{count} x {kind}, first {case}"))
            .collect();
        assert!(report.is_empty(), "{}", report.join("\n\n"));
    }
}

#[test]
fn decisions_equal_the_obvious_slow_version() {
    let first = number("FASTROUTE_ORACLE_FIRST", 0);
    let mut comparison = Comparison::default();
    for seed in first..first + number("FASTROUTE_ORACLE_CONFIGURATIONS", 400) {
        comparison.run(seed, &stretch::config(seed), 50, false);
    }
    comparison.check();
}

#[test]
fn live_state_cascades_and_last_resorts_decide_as_the_obvious_slow_version_does() {
    let first = number("FASTROUTE_ORACLE_FIRST", 0);
    let mut comparison = Comparison::default();
    for seed in first..first + number("FASTROUTE_ORACLE_LIVELY", 200) {
        comparison.run(seed, &stretch::lively(seed), 50, true);
    }
    for note in ["BREAKERS_IGNORED", "LARGER_MODEL"] {
        assert!(comparison.notes.contains_key(note), "never seen: {note}");
    }
    for code in ["OVER_BUDGET", "NOTHING_FITS"] {
        assert!(comparison.codes.contains_key(code), "never seen: {code}");
    }
    comparison.check();
}

#[test]
fn many_models_routes_and_rules_decide_as_few_do() {
    let first = number("FASTROUTE_ORACLE_FIRST", 0);
    let mut comparison = Comparison::default();
    for seed in first..first + number("FASTROUTE_ORACLE_LARGE", 20) {
        comparison.run(seed, &stretch::large(seed), 12, false);
    }
    comparison.check();
}
