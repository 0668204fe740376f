//! What a random configuration says of calls: credentials, rates, resilience, budgets, sessions, cascades.

use super::super::config::*;
use super::Generator;

impl Generator {
    /// Adds what was added to the format after the rest, so that older draws stay what they were.
    pub(super) fn calls(&mut self, config: &mut Config) {
        let cloud = config.providers.get_mut("cloud").expect("it is there");
        if self.draws.once_in(2) {
            cloud.api_key = serde_json::from_str("\"${CLOUD_KEY}\"").ok();
        } else {
            cloud.api_key_file = Some("cloud.key".to_owned());
        }
        let spare = Credential {
            api_key: None,
            api_key_file: Some("spare.key".to_owned()),
        };
        cloud.credentials.insert("spare".to_owned(), spare);
        for model in &mut config.models {
            let region = self.draws.once_in(3).then(|| "north".to_owned());
            for place in &mut model.deployments {
                place.region.clone_from(&region);
                if place.provider == "cloud" && self.draws.once_in(2) {
                    place.credential = Some("spare".to_owned());
                }
            }
            if model.deployments.is_empty() {
                model.region = region;
            }
            model.price.cached_input = self.draws.once_in(2).then(|| self.draws.share() * 2.0);
            model.rate = self.draws.once_in(4).then(|| self.rate());
        }
        for route in &mut config.routes {
            route.on_content_refused = self
                .draws
                .pick(&[OnContentRefused::Next, OnContentRefused::Stop]);
            route.when_all_open = self.draws.once_in(3).then(|| self.when_all_open());
        }
        if let Some(meta_llm) = &mut config.classify.meta_llm {
            meta_llm.votes = 1 + self.draws.below(9) as u32;
            meta_llm.ask_again = self.draws.below(6) as u32;
            meta_llm.cache = self.draws.below(100) as u32;
        }
        config.resilience = self.resilience();
        config.budgets = self.budgets(config);
        config.sessions = Sessions {
            sticky: self
                .draws
                .pick(&[Sticky::Model, Sticky::None, Sticky::Route]),
            redecide: self.draws.some(
                &[
                    Redecide::Breaker,
                    Redecide::Capability,
                    Redecide::Restriction,
                    Redecide::UserTurn,
                ],
                0,
            ),
            follow_ups: self.draws.once_in(2),
            max_age: self.duration(3_600_000),
        };
        let names: Vec<String> = names_of(config);
        config.savings = self.draws.once_in(2).then(|| Savings {
            baseline: self.draws.pick(&names),
        });
    }

    fn rate(&mut self) -> Rate {
        let on_exceed = self.on_exceed();
        let has_requests = self.draws.once_in(2);
        Rate {
            requests_per_minute: has_requests.then(|| 1 + self.draws.below(1_000) as u32),
            tokens_per_minute: (!has_requests).then(|| 1 + self.draws.below(100_000) as u32),
            on_exceed,
        }
    }

    fn on_exceed(&mut self) -> OnExceed {
        self.draws
            .pick(&[OnExceed::Downgrade, OnExceed::Queue, OnExceed::Reject])
    }

    fn when_all_open(&mut self) -> WhenAllOpen {
        self.draws.pick(&[
            WhenAllOpen::FailFast,
            WhenAllOpen::LastResort,
            WhenAllOpen::TryLeastBad,
        ])
    }

    fn resilience(&mut self) -> Resilience {
        let most = Duration::from_millis(400_000 + self.draws.below(1_000_000) as u64);
        Resilience {
            deadline: Duration::from_millis(1_001 + self.draws.below(60_000) as u64),
            scope: self.draws.pick(&[
                HealthScope::Application,
                HealthScope::Organisation,
                HealthScope::Shared,
                HealthScope::Team,
            ]),
            breaker: self.breaker(most),
            provider_breaker: self.draws.once_in(3).then(|| self.breaker(most)),
            cooling: Cooling {
                min: self.duration(1_000),
                max: most,
                ..Cooling::default()
            },
            retry: Retry {
                max_attempts: 1 + self.draws.below(9) as u32,
                budget_ratio: self.draws.share() as f32,
                budget_min_per_second: self.draws.share() as f32 * 10.0,
                backoff: self.duration(1_000),
                max_backoff: most,
            },
            hedge: self.draws.once_in(3).then(|| Hedge {
                after: self.duration(1_000),
                max: 1 + self.draws.below(3) as u32,
            }),
            max_ejected: self.draws.share() as f32,
            when_all_open: self.when_all_open(),
            ..Resilience::default()
        }
    }

    fn breaker(&mut self, most: Duration) -> Breaker {
        Breaker {
            enabled: !self.draws.once_in(5),
            failure_rate_threshold: 0.02 + self.draws.share() as f32 * 0.9,
            slow_call_rate_threshold: 0.02 + self.draws.share() as f32 * 0.9,
            slow_call_duration: self.duration(60_000),
            minimum_calls: 1 + self.draws.below(50) as u32,
            sliding_window: self.duration(120_000),
            consecutive_failures: self.draws.below(10) as u32,
            wait_in_open: self.duration(300_000),
            max_wait_in_open: most,
            half_open_calls: 1 + self.draws.below(4) as u32,
            half_open_successes: 1 + self.draws.below(4) as u32,
            half_open_lease: self.duration(60_000),
            half_open_lost: 1 + self.draws.below(4) as u32,
            rate_limited_probe: self
                .draws
                .pick(&[RateLimitedProbe::Lenient, RateLimitedProbe::Strict]),
        }
    }

    fn budgets(&mut self, config: &Config) -> Vec<Budget> {
        let of = [
            (BudgetScope::All, None),
            (BudgetScope::Application, Some("chat".to_owned())),
            (BudgetScope::Credential, Some("cloud/spare".to_owned())),
            (BudgetScope::Model, Some(config.models[0].name.clone())),
            (BudgetScope::Organisation, None),
            (BudgetScope::Route, Some(config.routes[0].name.clone())),
            (BudgetScope::Team, None),
        ];
        let budgets = self.draws.some(&of, 0).into_iter();
        budgets
            .map(|(scope, only)| {
                let has_dollars = self.draws.once_in(2);
                Budget {
                    scope,
                    only: only.filter(|_| self.draws.once_in(2)),
                    limit_usd: has_dollars.then(|| self.draws.share() * 100.0),
                    limit_tokens: (!has_dollars).then(|| self.draws.below(1_000_000) as u64),
                    window: Duration::from_millis(1_000 + self.draws.below(86_400_000) as u64),
                    on_exceed: self.on_exceed(),
                }
            })
            .collect()
    }

    /// Adds cascades and what happens to long texts.
    pub(super) fn plans(&mut self, config: &mut Config) {
        let names = names_of(config);
        for route in &mut config.routes {
            if self.draws.once_in(2) {
                route.cascade = Some(Cascade {
                    accept: self.accept(&names),
                    max_steps: self
                        .draws
                        .once_in(2)
                        .then(|| 1 + self.draws.below(4) as u32),
                });
            }
            route.on_too_long = match self.draws.below(4) {
                0 => OnTooLong::Larger,
                1 => OnTooLong::Reject,
                2 => OnTooLong::Split(Split {
                    overlap_tokens: self.draws.below(100) as u32,
                    max_parts: 2 + self.draws.below(20) as u32,
                    reduce: "Join the answers.".to_owned(),
                }),
                _ => OnTooLong::Summarise(Summarise {
                    model: self.draws.pick(&names),
                    max_tokens: 1 + self.draws.below(200) as u32,
                }),
            };
        }
    }

    fn accept(&mut self, models: &[String]) -> Accept {
        let confidence = self.draws.once_in(2).then(|| {
            let from = self.draws.pick(&[
                ConfidenceSource::Agreement,
                ConfidenceSource::Function,
                ConfidenceSource::LogProbability,
                ConfidenceSource::SelfReported,
                ConfidenceSource::Verifier,
            ]);
            AnswerConfidence {
                min: self.draws.share() as f32,
                from,
                samples: 2 + self.draws.below(4) as u32,
                model: (from == ConfidenceSource::Verifier).then(|| self.draws.pick(models)),
                function: (from == ConfidenceSource::Function).then(|| "judge".to_owned()),
            }
        });
        let schema = serde_json::json!({
            "type": "object",
            "properties": {"answer": {"enum": ["yes", "no", null, 3.0]}, "why": true},
            "required": ["answer"]
        });
        let formats = [
            AnswerFormat::Json,
            AnswerFormat::JsonSchema(schema),
            AnswerFormat::Python,
        ];
        let has_format = confidence.is_none() || self.draws.once_in(2);
        Accept {
            answer_confidence: confidence,
            format: has_format.then(|| self.draws.pick(&formats)),
        }
    }
}

fn names_of(config: &Config) -> Vec<String> {
    config
        .models
        .iter()
        .map(|model| model.name.clone())
        .collect()
}
