//! Sessions: what one turn keeps of those before it, and what it leaves for the next.
//!
//! A session is bytes that come in with a request and go out with its decision; the core keeps none.
//! A turn is one of three: a tool's output, which goes on with the model that called the tool; a
//! follow-up without content of its own ([`follow_up`]), which inherits the route; or a new message of
//! the user. What of route and model stays is the configuration's `sticky`, until one of its `redecide`
//! holds. Two things stay whatever it says: a restriction, because what was sensitive is still in the
//! conversation, and the rule that a model which is not eligible is never kept. A restriction outlives
//! the session's age; a state that cannot be read may have held any, so every rule's holds then.
//!
//! Task flags and rules say what they say: a route that they name wins over the session's, and then
//! the model is decided anew too.
//!
//! A request without a session pays nothing for this; one with a session allocates its state.

mod follow_up;
mod state;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::attempt::Usage;
use crate::catalogue::{Catalogue, ModelId, PromptId, RouteId};
use crate::choose::Cached;
use crate::config::{Redecide, Sticky};
use crate::decision::{Decision, Outcome};
use crate::host::{Now, View};
use crate::models::ModelSet;
use crate::request::{Capabilities, Input, Request, Role, SessionInput};
use crate::rules::Verdict;

use state::State;
pub(crate) use state::name_hash;

/// What is known of the session before the request is decided.
#[derive(Clone, Debug)]
pub(crate) struct SessionFacts {
    /// What the turns before left; none when the session begins.
    before: Option<State>,
    /// The models that earlier turns left, however long ago.
    permitted: Option<ModelSet>,
    pub is_readable: bool,
    turn: Turn,
}

/// Who speaks, and whether it is new.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Turn {
    FollowUp,
    Tool,
    User,
}

/// What stays of the turns before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept {
    /// The route, unless task flag or rule name another.
    pub route: Option<RouteId>,
    /// The model, if it is eligible and the route stays.
    pub model: Option<ModelId>,
    /// The prompt, together with the model.
    pub prompt: Option<PromptId>,
    pub cached: Option<Cached>,
    /// Whether the model stays the session's although another one serves this turn.
    is_bridged: bool,
}

/// What a decision says of its session.
#[derive(Clone, Debug)]
pub(crate) struct SessionTurn {
    before: Option<State>,
    capabilities: Capabilities,
    is_bridged: bool,
    has_kept_model: bool,
    has_kept_route: bool,
}

impl SessionFacts {
    /// Reads the state; `text` is what the user said last, none when it cannot be read.
    pub fn take(
        catalogue: &Catalogue,
        request: &Request<'_>,
        session: SessionInput<'_>,
        text: Option<&str>,
    ) -> Self {
        let state = State::read(catalogue, session.state);
        let is_readable = session.state.is_empty() || state.is_some();
        let permitted = state.as_ref().and_then(|state| state.permitted);
        let max_age_us = catalogue.sessions.max_age.as_micros();
        let before =
            state.filter(|state| session.unix_us.saturating_sub(state.last_us) <= max_age_us);
        let is_tool = match request.input {
            Input::Messages(messages) => {
                messages.last().is_some_and(|last| last.role == Role::Tool)
            }
            Input::Text(_) => false,
        };
        let turn = match text {
            _ if is_tool => Turn::Tool,
            Some(text) if catalogue.sessions.follow_ups && follow_up::is_follow_up(text) => {
                Turn::FollowUp
            }
            _ => Turn::User,
        };
        Self {
            before,
            permitted,
            is_readable,
            turn,
        }
    }

    /// The models that earlier turns left.
    pub fn permitted(&self) -> Option<&ModelSet> {
        self.permitted.as_ref()
    }

    /// Says what stays, under the rules' verdict with the session's restriction in it.
    pub fn keep(
        &self,
        catalogue: &Catalogue,
        verdict: &Verdict,
        view: &View,
        capabilities: Capabilities,
    ) -> Kept {
        let Some(before) = &self.before else {
            return Kept::default();
        };
        let settings = &catalogue.sessions;
        let is_away = before.model.is_some_and(|model| !view.is_available(model));
        let bridges = !settings.redecide.contains(&Redecide::Breaker);
        let is_decided_anew = settings.redecide.iter().any(|cause| match cause {
            Redecide::Breaker => is_away,
            Redecide::Capability => capabilities
                .missing_from(before.capabilities)
                .next()
                .is_some(),
            Redecide::Restriction => {
                let earlier = before.permitted.as_ref().unwrap_or(&ModelSet::ALL);
                !verdict
                    .permitted
                    .is_same_among(earlier, catalogue.models.len())
            }
            Redecide::UserTurn => self.turn == Turn::User,
        });
        let is_going_on = self.turn != Turn::User;
        let keeps_route = is_going_on || (settings.sticky != Sticky::None && !is_decided_anew);
        let keeps_model =
            !is_decided_anew && (self.turn == Turn::Tool || settings.sticky == Sticky::Model);
        let model = before.model.filter(|_| keeps_model && keeps_route);
        Kept {
            route: before.route.filter(|_| keeps_route),
            model,
            prompt: before.prompt.filter(|_| model.is_some()),
            cached: before.model.map(|model| Cached {
                model,
                prompt: before.prompt,
                tokens: before.cached_tokens,
            }),
            is_bridged: model.is_some() && is_away && bridges,
        }
    }

    /// What the decision says of it.
    pub fn turn(
        &self,
        kept: &Kept,
        capabilities: Capabilities,
        has_kept_route: bool,
    ) -> SessionTurn {
        let earlier = self.before.as_ref().map(|before| before.capabilities);
        SessionTurn {
            before: self.before.clone(),
            capabilities: earlier.unwrap_or_default().union(capabilities),
            is_bridged: kept.is_bridged,
            has_kept_model: kept.model.is_some(),
            has_kept_route,
        }
    }
}

impl Kept {
    /// What stays when another route was found: nothing but what the provider has read.
    pub fn without_model(self) -> Self {
        Self {
            model: None,
            prompt: None,
            is_bridged: false,
            ..self
        }
    }
}

impl Decision {
    /// Returns the state for the session's next turn; none when the request had no session.
    ///
    /// Says that the primary model answered and read what it was estimated to.
    #[must_use]
    pub fn session(&self, now: Now) -> Option<Vec<u8>> {
        let model = self.model_id();
        let input = self.estimates().map_or(0, |figures| figures.input_tokens);
        self.state(now, model, input)
    }

    /// Returns the state for the next turn, when it is known which model answered and what it read.
    #[must_use]
    pub fn session_answered(&self, now: Now, model: ModelId, usage: Usage) -> Option<Vec<u8>> {
        let read = usage.input_tokens.saturating_add(usage.output_tokens);
        self.state(now, Some(model), read)
    }

    fn state(&self, now: Now, model: Option<ModelId>, read: u64) -> Option<Vec<u8>> {
        let turn = self.session.as_deref()?;
        let before = turn.before.as_ref();
        let is_restricted = !self
            .permitted
            .is_same_among(&ModelSet::ALL, self.catalogue.models.len());
        let keeps_what_was = self.outcome != Outcome::Routed || turn.is_bridged;
        let mut state = match before {
            Some(before) => before.clone(),
            None => State {
                route: None,
                model: None,
                prompt: None,
                capabilities: Capabilities::empty(),
                turns: 0,
                last_us: 0,
                cached_tokens: 0,
                permitted: None,
            },
        };
        if !(keeps_what_was && before.is_some()) {
            let planned = self
                .plan
                .iter()
                .find(|planned| Some(planned.model) == model);
            state.route = self.route.filter(|_| model.is_some());
            state.model = model;
            state.prompt = planned.map_or(self.prompt, |planned| planned.prompt);
            state.cached_tokens = u32::try_from(read).unwrap_or(u32::MAX);
        }
        state.capabilities = turn.capabilities;
        state.turns = state.turns.saturating_add(1);
        state.last_us = now.unix_us;
        state.permitted = is_restricted.then_some(self.permitted);
        Some(state.write(&self.catalogue))
    }

    /// What the canonical form says of the session.
    pub(crate) fn session_value(&self) -> Option<Value> {
        let turn = self.session.as_deref()?;
        let turns = turn.before.as_ref().map_or(0, |before| before.turns);
        let kept = turn.before.as_ref().and_then(|before| before.model);
        let keeps_model = turn.has_kept_model && kept.is_some() && kept == self.model_id();
        Some(json!({
            "keeps_model": keeps_model,
            "keeps_route": turn.has_kept_route,
            "turn": turns.saturating_add(1),
        }))
    }
}
