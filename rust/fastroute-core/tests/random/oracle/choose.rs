//! Who may serve, then who should, over plain lists of names.

use std::collections::BTreeSet;

use fastroute_core::config::{
    Capability, Duration, Objective, OnTooLong, OneOrMany, Reasoning, Route, Rule, Stage,
    WhenAllOpen,
};
use fastroute_core::{Availability, Input, Part};

use super::condition::within_share;
use super::{Case, Verdict, first, weights};

/// What a model is held against.
pub(super) struct Demands<'a> {
    capabilities: BTreeSet<Capability>,
    output: u32,
    min_quality: f64,
    max_cost_nano: f64,
    max_latency_us: f64,
    difficulty: f32,
    objective: Objective,
    pub route: &'a Route,
    rule_prompt: Option<String>,
}

/// Which of a host's refusals are overlooked.
#[derive(Clone, Copy, PartialEq)]
enum Overlooks {
    Breakers,
    Health,
    Nothing,
}

/// The figures of one model.
struct Figures {
    lacks: BTreeSet<&'static str>,
    score: f64,
    input_tokens: u64,
    cost_nano: u64,
    latency_us: u64,
}

impl Case<'_> {
    pub(super) fn choose(
        &self,
        fired: &[&Rule],
        route: &str,
        code: &'static str,
        rule: Option<String>,
        difficulty: f32,
    ) -> Verdict {
        let route = self
            .config
            .routes
            .iter()
            .find(|each| each.name == route)
            .expect("names resolve");
        let demands = self.demands(fired, route, difficulty);
        let wanted = first(fired, |then| then.model.clone());
        let overlooks = if self.is_panic(fired, &demands) {
            Overlooks::Breakers
        } else {
            Overlooks::Nothing
        };
        let fits = |name: &String, overlooks| {
            let lacks = self.figures(fired, name, &demands, overlooks).lacks;
            lacks.is_empty()
        };
        let mut notes = self.notes(wanted.as_ref().is_some_and(|name| !fits(name, overlooks)));
        let (mut plan, mut steps) = self.plan(fired, &demands, overlooks);
        if overlooks == Overlooks::Breakers && !plan.is_empty() {
            notes.push("BREAKERS_IGNORED");
        }
        let policy = route.when_all_open;
        let policy = policy.unwrap_or(self.config.resilience.when_all_open);
        if plan.is_empty() && policy != WhenAllOpen::FailFast {
            plan = self.plan(fired, &demands, Overlooks::Health).0;
            steps = 0;
            if policy == WhenAllOpen::LastResort {
                plan = plan.pop().into_iter().collect();
            } else {
                let soonest = plan.iter().map(|name| self.retry_at(name)).min();
                plan.retain(|name| Some(self.retry_at(name)) == soonest);
                plan.truncate(1);
            }
            if !plan.is_empty() {
                notes.push("BREAKERS_IGNORED");
            }
        }
        let listed = self.listed(fired, route);
        let lacks: Vec<(&String, BTreeSet<&'static str>)> = listed
            .iter()
            .map(|name| {
                let figures = self.figures(fired, name, &demands, Overlooks::Nothing);
                (name, figures.lacks)
            })
            .collect();
        let passing = [
            "BREAKER_OPEN",
            "COOLING",
            "OVER_BUDGET",
            "RATE_LIMITED",
            "UNAVAILABLE",
        ];
        if plan.is_empty() && route.on_too_long == OnTooLong::Larger {
            // Those that would take a short text at another time.
            let mut able = lacks.iter().filter(|(_, lacks)| {
                let length = ["CONTEXT_TOO_SMALL", "OVER_MAX_COST"];
                let mut lacks = lacks.iter();
                lacks.all(|lack| passing.contains(lack) || length.contains(lack))
            });
            let is_any = able.clone().next().is_some();
            if is_any && able.all(|(_, lacks)| lacks.contains("CONTEXT_TOO_SMALL")) {
                let all = self.config.models.iter().map(|model| model.name.clone());
                let others = all.filter(|name| !listed.contains(name));
                let others = others.filter(|name| fits(name, Overlooks::Nothing));
                plan = self.ranked(fired, &demands, others.collect(), Overlooks::Nothing);
                notes.extend((!plan.is_empty()).then_some("LARGER_MODEL"));
            }
        }

        let verdict = Verdict {
            route: Some(route.name.clone()),
            difficulty,
            confidence: match code {
                "RULE" | "TASK_FLAG" => Some(1.0),
                "SIMILARITY" => self.similarity.map(|lines| lines.routes[0].probability),
                _ => None,
            },
            notes,
            cascade: (steps > 0).then(|| plan[..steps].to_vec()),
            ..Verdict::default()
        };
        let Some(primary) = plan.first().cloned() else {
            let mut later = lacks
                .iter()
                .filter(|(_, lacks)| lacks.iter().all(|lack| passing.contains(lack)))
                .peekable();
            let is_over =
                later.peek().is_some() && later.all(|(_, lacks)| lacks.iter().eq([&"OVER_BUDGET"]));
            let missing = lacks.iter().flat_map(|(name, lacks)| {
                let lacks = lacks.iter();
                lacks.map(|code| ((*name).clone(), *code))
            });
            return Verdict {
                outcome: if is_over {
                    "over_budget"
                } else {
                    "nothing_fits"
                },
                code: if is_over {
                    "OVER_BUDGET"
                } else {
                    "NOTHING_FITS"
                },
                missing: missing.collect(),
                ..verdict
            };
        };
        let figures = self.figures(fired, &primary, &demands, Overlooks::Health);
        Verdict {
            outcome: "routed",
            code,
            estimates: Some((figures.input_tokens, figures.cost_nano, figures.latency_us)),
            rule,
            prompt: self.prompt_of(&primary, &demands),
            reasoning: match route.reasoning {
                Reasoning::Always => true,
                Reasoning::Auto => difficulty >= 0.6,
                Reasoning::Never => false,
            },
            collection: route
                .retrieval
                .as_ref()
                .map(|retrieval| retrieval.collection.clone()),
            agent: route.agent.clone(),
            fallbacks: plan.split_off(1),
            model: Some(primary),
            ..verdict
        }
    }

    /// The models of a route, each once: the rule's, the candidates, the fallbacks.
    fn listed(&self, fired: &[&Rule], route: &Route) -> Vec<String> {
        let all = || self.config.models.iter().map(|model| model.name.clone());
        let candidates = route.choose.clone().unwrap_or_else(|| all().collect());
        let wanted = first(fired, |then| then.model.clone());
        let mut listed: Vec<String> = wanted.into_iter().collect();
        listed.extend(candidates);
        listed.extend(route.fallback.clone());
        let mut seen = BTreeSet::new();
        listed.retain(|name| seen.insert(name.clone()));
        listed
    }

    /// Best first; ties by cost, latency, place in the file.
    fn ranked(
        &self,
        fired: &[&Rule],
        demands: &Demands<'_>,
        mut names: Vec<String>,
        overlooks: Overlooks,
    ) -> Vec<String> {
        names.sort_by(|left, right| {
            let (a, b) = (
                self.figures(fired, left, demands, overlooks),
                self.figures(fired, right, demands, overlooks),
            );
            let place = |name: &str| {
                let mut models = self.config.models.iter();
                models.position(|model| model.name == name)
            };
            b.score
                .total_cmp(&a.score)
                .then(a.cost_nano.cmp(&b.cost_nano))
                .then(a.latency_us.cmp(&b.latency_us))
                .then(place(left).cmp(&place(right)))
        });
        names
    }

    /// The models in order, and how many of them are steps of a cascade.
    fn plan(
        &self,
        fired: &[&Rule],
        demands: &Demands<'_>,
        overlooks: Overlooks,
    ) -> (Vec<String>, usize) {
        let route = demands.route;
        let figures = |name: &String| self.figures(fired, name, demands, overlooks);
        let fits = |name: &String| figures(name).lacks.is_empty();
        let all = || self.config.models.iter().map(|model| model.name.clone());
        let candidates = route.choose.clone().unwrap_or_else(|| all().collect());
        let candidates = candidates.into_iter().filter(fits).collect();
        let ranked = self.ranked(fired, demands, candidates, overlooks);
        let wanted = first(fired, |then| then.model.clone()).filter(fits);
        let mut plan: Vec<String> = Vec::new();
        let mut steps = 0;
        if let (Some(cascade), None) = (&route.cascade, &wanted) {
            let most = cascade.max_steps.map_or(usize::MAX, |most| most as usize);
            plan.extend(ranked.iter().take(most).cloned());
            // Stable, so that models of one cost stay best first.
            plan.sort_by_key(|name| figures(name).cost_nano);
            steps = plan.len();
        }
        plan.extend(wanted);
        if plan.is_empty() {
            plan.extend(ranked.first().cloned());
        }
        plan.extend(
            ranked
                .into_iter()
                .filter(|name| !route.fallback.contains(name)),
        );
        plan.extend(route.fallback.iter().filter(|name| fits(name)).cloned());
        let mut seen = BTreeSet::new();
        plan.retain(|name| seen.insert(name.clone()));
        (plan, steps)
    }

    /// Whether fewer than the threshold's share of the models that would fit are well.
    fn is_panic(&self, fired: &[&Rule], demands: &Demands<'_>) -> bool {
        let mut fitting = self.listed(fired, demands.route);
        fitting.retain(|name| {
            let figures = self.figures(fired, name, demands, Overlooks::Breakers);
            figures.lacks.is_empty()
        });
        let is_well = |name: &&String| self.state(name).availability == Availability::Available;
        let well = fitting.iter().filter(is_well).count();
        let threshold = self.config.resilience.panic_threshold;
        well < fitting.len() && (well as f32) < threshold * fitting.len() as f32
    }

    /// When a model that is kept away from comes back.
    fn retry_at(&self, name: &str) -> u64 {
        match self.state(name).availability {
            Availability::Open { retry_at_us } | Availability::Cooling { retry_at_us } => {
                retry_at_us
            }
            _ => 0,
        }
    }

    /// What was left aside: a flag that names no route, a rule's model that does not fit.
    fn notes(&self, lost_a_model: bool) -> Vec<&'static str> {
        let has_flag =
            self.config.classify.order.contains(&Stage::Task) && self.request.task.is_some();
        let mut notes = Vec::new();
        notes.extend((has_flag && self.by_task().is_none()).then_some("UNKNOWN_TASK"));
        notes.extend(lost_a_model.then_some("RULE_MODEL_NOT_ELIGIBLE"));
        notes
    }

    /// The higher floor and the lower ceilings of route and request.
    fn demands<'r>(&self, fired: &[&Rule], route: &'r Route, difficulty: f32) -> Demands<'r> {
        let limits = self.request.limits;
        let mut capabilities = BTreeSet::new();
        for capability in [
            Capability::Audio,
            Capability::JsonSchema,
            Capability::Reasoning,
            Capability::Tools,
            Capability::Vision,
        ] {
            let one = [capability].into_iter().collect();
            if self.request.requirements.capabilities.union(one)
                == self.request.requirements.capabilities
            {
                capabilities.insert(capability);
            }
        }
        if let Input::Messages(messages) = self.request.input {
            for part in messages.iter().flat_map(|message| message.parts) {
                capabilities.extend(match part {
                    Part::Audio => Some(Capability::Audio),
                    Part::Image => Some(Capability::Vision),
                    Part::Document(_) | Part::Other | Part::Text(_) => None,
                });
            }
        }
        let floor =
            |left: Option<f32>, right: Option<f32>| left.unwrap_or(0.0).max(right.unwrap_or(0.0));
        let micros =
            |limit: Option<Duration>| limit.map_or(f64::INFINITY, |limit| limit.as_micros() as f64);
        Demands {
            capabilities,
            output: limits
                .expected_output_tokens
                .unwrap_or(route.expected_output_tokens),
            min_quality: f64::from(floor(limits.min_quality, route.min_quality)),
            max_cost_nano: 1e9
                * limits
                    .max_cost
                    .unwrap_or(f64::INFINITY)
                    .min(route.max_cost.unwrap_or(f64::INFINITY)),
            max_latency_us: micros(limits.max_latency).min(micros(route.max_latency)),
            difficulty,
            objective: first(fired, |then| then.objective).unwrap_or(route.objective),
            rule_prompt: first(fired, |then| then.prompt.clone()),
            route,
        }
    }

    pub(super) fn prompt_of(&self, name: &str, demands: &Demands<'_>) -> Option<String> {
        let fits = |when: &fastroute_core::config::PromptWhen| {
            let is_for = when.model.as_ref().is_none_or(|models| match models {
                OneOrMany::One(one) => one == name,
                OneOrMany::Many(many) => many.iter().any(|one| one == name),
            });
            is_for
                && when
                    .difficulty
                    .as_ref()
                    .is_none_or(|range| within_share(range, demands.difficulty))
        };
        let of_route = || {
            demands
                .route
                .prompts
                .iter()
                .find(|each| each.when.as_ref().is_none_or(fits))
        };
        demands
            .rule_prompt
            .clone()
            .or_else(|| of_route().map(|each| each.prompt.clone()))
    }

    /// Holds a model against every demand.
    fn figures(
        &self,
        fired: &[&Rule],
        name: &str,
        demands: &Demands<'_>,
        overlooks: Overlooks,
    ) -> Figures {
        let model = self
            .config
            .models
            .iter()
            .find(|model| model.name == name)
            .expect("names resolve");
        let mut lacks = BTreeSet::new();
        let mut demand = |is_met: bool, code| {
            if !is_met {
                lacks.insert(code);
            }
        };
        demand(self.is_permitted(fired, name), "NOT_PERMITTED");
        let state = self.state(name);
        match state.availability {
            Availability::Available => {}
            Availability::Open { .. } => demand(overlooks != Overlooks::Nothing, "BREAKER_OPEN"),
            Availability::Cooling { .. } => demand(overlooks == Overlooks::Health, "COOLING"),
            Availability::OverBudget { .. } => demand(false, "OVER_BUDGET"),
            Availability::RateLimited { .. } => demand(false, "RATE_LIMITED"),
            Availability::Unavailable => demand(false, "UNAVAILABLE"),
        }
        demand(
            demands
                .capabilities
                .iter()
                .all(|each| model.capabilities.contains(each)),
            "MISSING_CAPABILITY",
        );
        let most = model.max_output_tokens.unwrap_or(model.context_window);
        demand(demands.output <= most, "OUTPUT_TOO_LONG");

        let output = u64::from(demands.output);
        let (rough, exact) = (
            self.tokens(model, demands, false),
            self.tokens(model, demands, true),
        );
        let window = u64::from(model.context_window);
        demand(exact.upper + output <= window, "CONTEXT_TOO_SMALL");

        let share = model
            .quality
            .get(&demands.route.name)
            .or(model.quality.get("default"));
        let quality = quality(*share.expect("a default is required"), demands.difficulty)
            * (1.0 - f64::from(state.failure_rate.clamp(0.0, 1.0)));
        demand(
            million(quality) >= million(demands.min_quality),
            "BELOW_MIN_QUALITY",
        );

        // Figures and limits are in their canonical units, so that equal ones compare equal.
        let cost = |input: u64| {
            (input as f64 * model.price.input * 1e3 + output as f64 * model.price.output * 1e3)
                .round()
        };
        let is_near = |limit: f64, figure: &dyn Fn(u64) -> f64| {
            figure(rough.lower) <= limit && figure(rough.upper) > limit
        };
        let is_counted = is_near(window as f64, &|input| (input + output) as f64)
            || is_near(demands.max_cost_nano.round(), &cost);
        let input_tokens = if is_counted { exact } else { rough }.expected;
        let nano = cost(input_tokens);
        demand(nano <= demands.max_cost_nano.round(), "OVER_MAX_COST");

        let micros = |duration: Duration| duration.as_micros() as f64;
        let first_token = state.first_token_us.map(f64::from);
        let per_token = state.per_token_us.map(f64::from);
        let latency = (first_token.unwrap_or(micros(model.latency.first_token))
            + output as f64 * per_token.unwrap_or(micros(model.latency.per_token)))
        .round();
        demand(latency <= demands.max_latency_us, "OVER_MAX_LATENCY");

        let (wq, wc, wl) = weights(demands.objective);
        Figures {
            lacks,
            score: wq * quality
                - wc * ((nano / 1e9).max(1e-6) / 1e-3).log2()
                - wl * ((latency / 1e6).max(1e-3)).log2(),
            input_tokens,
            cost_nano: nano as u64,
            latency_us: latency as u64,
        }
    }
}

/// Expected quality: `quality ^ (2 · difficulty)`.
fn quality(share: f32, difficulty: f32) -> f64 {
    if share <= 0.0 {
        0.0
    } else {
        f64::from(share).powf(2.0 * f64::from(difficulty))
    }
}

/// Parts per million, the canonical unit of a share.
fn million(share: f64) -> i64 {
    (share * 1e6).round() as i64
}
