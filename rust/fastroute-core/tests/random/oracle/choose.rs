//! Who may serve, then who should, over plain lists of names.

use std::collections::BTreeSet;

use fastroute_core::config::{
    Capability, Duration, Objective, OneOrMany, Reasoning, Route, Rule, Stage,
};
use fastroute_core::{Input, Part};

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
        let all: Vec<String> = self
            .config
            .models
            .iter()
            .map(|model| model.name.clone())
            .collect();
        let candidates = route.choose.clone().unwrap_or(all);
        let wanted = first(fired, |then| then.model.clone());
        let fits = |name: &String| self.figures(fired, name, &demands).lacks.is_empty();

        let mut ranked: Vec<String> = candidates
            .iter()
            .filter(|name| fits(name))
            .cloned()
            .collect();
        ranked.sort_by(|left, right| {
            let (a, b) = (
                self.figures(fired, left, &demands),
                self.figures(fired, right, &demands),
            );
            let place = |name: &str| {
                self.config
                    .models
                    .iter()
                    .position(|model| model.name == name)
            };
            b.score
                .total_cmp(&a.score)
                .then(a.cost_nano.cmp(&b.cost_nano))
                .then(a.latency_us.cmp(&b.latency_us))
                .then(place(left).cmp(&place(right)))
        });
        let mut plan: Vec<String> = Vec::new();
        plan.extend(
            wanted
                .clone()
                .filter(fits)
                .or_else(|| ranked.first().cloned()),
        );
        plan.extend(
            ranked
                .into_iter()
                .filter(|name| !route.fallback.contains(name)),
        );
        plan.extend(route.fallback.iter().filter(|name| fits(name)).cloned());
        let mut seen = BTreeSet::new();
        plan.retain(|name| seen.insert(name.clone()));

        let verdict = Verdict {
            route: Some(route.name.clone()),
            difficulty,
            confidence: match code {
                "RULE" | "TASK_FLAG" => Some(1.0),
                "SIMILARITY" => self.similarity.map(|lines| lines.routes[0].probability),
                _ => None,
            },
            notes: self.notes(wanted.as_ref().is_some_and(|name| !fits(name))),
            ..Verdict::default()
        };
        let Some(primary) = plan.first().cloned() else {
            let listed = wanted.iter().chain(&candidates).chain(&route.fallback);
            let lacks = listed.flat_map(|name| {
                let lacks = self.figures(fired, name, &demands).lacks;
                lacks.into_iter().map(|code| (name.clone(), code))
            });
            return Verdict {
                outcome: "nothing_fits",
                code: "NOTHING_FITS",
                missing: lacks.collect(),
                ..verdict
            };
        };
        let figures = self.figures(fired, &primary, &demands);
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
    fn figures(&self, fired: &[&Rule], name: &str, demands: &Demands<'_>) -> Figures {
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
        demand(!self.is_down(name), "UNAVAILABLE");
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
        let quality = quality(*share.expect("a default is required"), demands.difficulty);
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
        let latency =
            micros(model.latency.first_token) + output as f64 * micros(model.latency.per_token);
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
