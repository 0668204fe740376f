//! Asks the model of the configuration's meta-LLM over HTTP, so that a server answers questions by itself.
//!
//! A question goes to one deployment of one model, the one that the core named and that may see the request: another model is never
//! asked instead. It is asked as often as its [`Ballot`] wants, all of it within the question's timeout, and an answer that was
//! found before is not asked for again. Each call is claimed in the live state and reported to it like any other call of that model, so
//! its breaker, its rate and the budgets of the caller hold here too.
//!
//! A question costs what the model costs, and hundreds of milliseconds; a found answer costs a hash of the text. Providers of the kind
//! `callable` are functions of a host in the process, so their questions are declined here.

mod client;
mod key;
mod wire;

use std::time::Instant;

use fastroute_core::config::{Capability, ProviderKind};
use fastroute_core::{
    Answers, AttemptOutcome, Ballot, Caller, Capabilities, Catalogue, Deployment, Ended, Fleet,
    ModelId, Pending, Permit, Turn, View, Wanted, classify,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use rustls::RootCertStore;

use crate::host::{Clock, Draws};
use crate::metrics::Metrics;
use client::{Client, Failure, Reply};

/// The version of Anthropic's API whose messages are written here.
const ANTHROPIC_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// Bytes of a question that are counted as one token; a provider's own count replaces the estimate.
const BYTES_A_TOKEN: usize = 3;

/// Asks models over HTTP, and keeps what they answered.
#[derive(Debug, Default)]
pub struct Models {
    client: Client,
    answers: Answers,
}

/// What one server lends to its questions.
#[derive(Clone, Copy)]
pub(crate) struct Lent<'a> {
    pub clock: &'a Clock,
    pub draws: &'a Draws,
    pub metrics: &'a Metrics,
}

/// One question, and on whose behalf it goes out.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub pending: &'a Pending,
    pub fleet: &'a Fleet,
    pub view: &'a View,
    pub caller: Caller<'a>,
    /// When its timeout passes; a call that is under way then was too slow.
    pub until: Instant,
}

impl Models {
    /// Makes one that trusts these roots instead of the system's.
    #[must_use]
    pub fn trusting(roots: RootCertStore) -> Self {
        Self {
            client: Client::trusting(roots),
            answers: Answers::new(),
        }
    }

    /// Whether a question can go out: its model is somewhere that speaks HTTP.
    pub(crate) fn can_ask(&self, asked: &Asked<'_>) -> bool {
        Target::of(asked).is_some()
    }

    /// Answers a question with a label, or with none when no model said one; safe to drop at any point.
    ///
    /// The label is empty when the model answered and said no label.
    pub(crate) async fn ask(&self, asked: &Asked<'_>, lent: Lent<'_>) -> Option<String> {
        let question = asked.pending.question();
        if let Some(found) = self.answers.find(question) {
            lent.metrics.asked("found", 0);
            return Some(found.to_owned());
        }
        let target = Target::of(asked)?;
        let mut ballot = Ballot::new(question);
        let mut was_answered = false;
        while ballot.next() == Turn::Ask {
            let said = match self.call(asked, &target, lent).await {
                Ok(said) => {
                    was_answered = true;
                    said
                }
                Err(Unasked::Denied) => break,
                Err(Unasked::Failed) => None,
            };
            ballot.cast(said.as_deref().and_then(|said| question.read(said)));
        }
        let label = ballot.label();
        self.answers.keep(question, label);
        match label {
            Some(label) => Some(label.to_owned()),
            None => was_answered.then(String::new),
        }
    }

    /// Makes one call: the text of its answer, if it holds one.
    async fn call(
        &self,
        asked: &Asked<'_>,
        target: &Target<'_>,
        lent: Lent<'_>,
    ) -> Result<Option<String>, Unasked> {
        let question = asked.pending.question();
        let Lent { clock, draws, .. } = lent;
        let now = clock.now();
        let wanted = Wanted {
            caller: asked.caller,
            route: None,
            model: target.model,
            deployment: target.place,
            owner: u128::from(draws.next()) << 64 | u128::from(draws.next()),
            attempt: 0,
            input_tokens: ((question.system.len() + question.user.len()) / BYTES_A_TOKEN) as u64,
            output_tokens: u64::from(question.max_output_tokens),
            lease_us: question.timeout.as_micros(),
            ignore_health: false,
        };
        let Ok(mut permit) = asked.fleet.claim(&wanted, now, draws.next()) else {
            lent.metrics.asked("denied", 0);
            return Err(Unasked::Denied);
        };
        permit.sent(None);
        let attempt = Attempt {
            permit: Some(permit),
            began: Instant::now(),
            asked,
            model: target.model,
            lent,
        };
        let Some((uri, headers)) = target.head() else {
            attempt.end(Ended::new(AttemptOutcome::LocalError, 0));
            return Err(Unasked::Denied);
        };
        let body = wire::body(
            target.deployment.kind,
            target.base,
            target.deployment.model,
            target.is_structured,
            question,
        );
        let reply = self
            .client
            .post(uri, headers, body.to_string().into_bytes())
            .await;
        let (ended, said) = attempt.read(target.deployment.kind, reply);
        let is_answered = ended.outcome == AttemptOutcome::Success;
        attempt.end(ended);
        if is_answered {
            Ok(said)
        } else {
            Err(Unasked::Failed)
        }
    }
}

/// Why a model said nothing.
enum Unasked {
    /// It cannot be called, now or at all.
    Denied,
    /// It was called, and failed.
    Failed,
}

/// Where a question goes.
struct Target<'a> {
    model: ModelId,
    place: u8,
    deployment: Deployment<'a>,
    base: &'a str,
    is_structured: bool,
}

impl<'a> Target<'a> {
    fn of(asked: &Asked<'a>) -> Option<Self> {
        let catalogue: &Catalogue = asked.pending.catalogue();
        let model = asked.pending.model_id()?;
        let place = asked.pending.deployment(asked.view)?;
        let deployment = catalogue.deployment(model, place);
        let own = wire::own_base(deployment.kind)?;
        let wanted = Capabilities::empty().with(Capability::JsonSchema);
        let lacking = wanted.missing_from(catalogue.capabilities(model)).next();
        Some(Self {
            model,
            place,
            deployment,
            base: deployment.base_url.unwrap_or(own),
            is_structured: lacking.is_none(),
        })
    }

    /// The address and the headers; none when it is no address, or the key is not there.
    fn head(&self) -> Option<(http::Uri, HeaderMap)> {
        let kind = self.deployment.kind;
        let uri = client::address(wire::trimmed(kind, self.base), wire::path(kind))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (name, prefix) = match kind {
            ProviderKind::Anthropic => (HeaderName::from_static("x-api-key"), ""),
            ProviderKind::Callable | ProviderKind::Openai => (AUTHORIZATION, "Bearer "),
        };
        match key::header(&self.deployment, prefix) {
            Ok(key) => headers.extend(key.map(|key| (name, key))),
            Err(key::NoKey) => {
                tracing::warn!(event = "key_missing", provider = self.deployment.provider);
                return None;
            }
        }
        if kind == ProviderKind::Anthropic {
            let version = HeaderName::from_static("anthropic-version");
            headers.insert(version, ANTHROPIC_VERSION);
        }
        Some((uri, headers))
    }
}

/// A call under way. Dropped before it ended, it was too slow when the question's timeout has passed, and was given up else.
struct Attempt<'a> {
    permit: Option<Permit>,
    began: Instant,
    asked: &'a Asked<'a>,
    model: ModelId,
    lent: Lent<'a>,
}

impl Attempt<'_> {
    /// What an answer came to, and the text in it.
    fn read(&self, kind: ProviderKind, reply: Result<Reply, Failure>) -> (Ended, Option<String>) {
        let latency = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let reply = match reply {
            Ok(reply) => reply,
            Err(failure) => {
                let outcome = match failure {
                    Failure::Broken => AttemptOutcome::StreamBroken,
                    Failure::Connect => AttemptOutcome::ConnectFailed,
                    Failure::TooLarge => AttemptOutcome::ServerError,
                };
                return (Ended::new(outcome, latency), None);
            }
        };
        let is_good = (200..300).contains(&reply.status);
        let said = if is_good {
            wire::read(kind, &reply.body)
        } else {
            wire::Said::default()
        };
        let code = (!is_good || said.is_broken)
            .then(|| wire::error_code(&reply.body))
            .flatten();
        let header = |name: &str| reply.headers.get(name).map(HeaderValue::as_bytes);
        let told = classify(reply.status, &header, code.as_deref());
        let is_unreadable = said.is_broken && told.outcome == AttemptOutcome::Success;
        let first_byte = u64::try_from(reply.first_byte.as_micros()).unwrap_or(u64::MAX);
        let ended = Ended {
            outcome: if is_unreadable {
                AttemptOutcome::ServerError
            } else {
                told.outcome
            },
            retry_after: told.retry_after,
            limit_scope: told.limit_scope,
            usage: said.usage,
            first_token_us: Some(first_byte),
            ..Ended::new(told.outcome, latency)
        };
        (ended, said.text)
    }

    fn end(mut self, ended: Ended) {
        self.tell(&ended);
    }

    fn tell(&mut self, ended: &Ended) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        let catalogue = self.asked.pending.catalogue();
        let cost = ended
            .usage
            .map_or(0, |usage| catalogue.usage_cost_nano(self.model, usage));
        self.lent.metrics.asked(ended.outcome.as_str(), cost);
        self.asked
            .fleet
            .report(permit, ended, self.lent.clock.now());
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.permit.is_none() {
            return;
        }
        if Instant::now() >= self.asked.until {
            let latency = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.tell(&Ended::new(AttemptOutcome::Timeout, latency));
        } else if let Some(permit) = self.permit.take() {
            self.lent.metrics.asked("cancelled", 0);
            self.asked.fleet.release(permit, self.lent.clock.now());
        }
    }
}
