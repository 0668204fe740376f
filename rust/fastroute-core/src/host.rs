//! What only a host knows: the time, who asks, and which models are alive.
//!
//! The core reads no clock and holds no live state; both are arguments, which is what lets a
//! decision be replayed.

use crate::catalogue::ModelId;

/// An instant as the host's clocks show it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Now {
    /// Microseconds on a clock that never goes back; timeouts run on it.
    pub monotonic_us: u64,
    /// Microseconds since 1970, UTC; data only, no decision waits on it.
    pub unix_us: u64,
}

/// Who asks, as authentication or the host in process says; never from metadata.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Caller<'a> {
    /// Organisation.
    pub organisation: Option<&'a str>,
    /// Team.
    pub team: Option<&'a str>,
    /// Application.
    pub application: Option<&'a str>,
}

/// The live state that one decision reads: which models can serve now, and how they did lately.
///
/// Models of a snapshot are numbered by file order, so a view belongs to one revision. A view of
/// health is written by [`Fleet::view`](crate::Fleet::view); an empty one says that every model is
/// well and as fast as its configuration says.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub(crate) models: Vec<ModelState>,
    /// What [`Fleet::view`](crate::Fleet::view) wrote last, so that it writes only what changed.
    pub(crate) read: LastRead,
}

/// What was read last of a host's live state.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastRead {
    /// Number of the board that was read; none is 0.
    pub board: u64,
    /// Version of each target that was read.
    pub seen: Vec<u32>,
    pub was_calm: bool,
    /// Time from which averages read differently though nothing happened.
    pub fresh_until_us: u64,
}

impl PartialEq for View {
    /// Whether both say the same; how they came to it is left aside.
    fn eq(&self, other: &Self) -> bool {
        self.models == other.models
    }
}

/// What a view says of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ModelState {
    /// Whether it can serve now.
    pub availability: Availability,
    /// Deployments that cannot, by place: bit `n` stands for place `n`.
    pub deployments_out: u128,
    /// Time to the first token lately, in microseconds; the configured one when absent.
    pub first_token_us: Option<f32>,
    /// Time for each further token lately, in microseconds; the configured one when absent.
    pub per_token_us: Option<f32>,
    /// Share of calls that failed lately, 0 to 1.
    pub failure_rate: f32,
}

/// Whether a model can serve now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Availability {
    /// It can.
    #[default]
    Available,
    /// A limit, a refused credential or a missing model keeps calls away until then.
    Cooling {
        /// Monotonic time in microseconds.
        retry_at_us: u64,
    },
    /// Its breaker is open until then.
    Open {
        /// Monotonic time in microseconds.
        retry_at_us: u64,
    },
    /// A budget has no room for it until then.
    OverBudget {
        /// Unix time in microseconds: when the window ends.
        resets_at_us: u64,
    },
    /// It has no room in its rate until then.
    RateLimited {
        /// Monotonic time in microseconds.
        retry_at_us: u64,
    },
    /// The host says that it cannot.
    Unavailable,
}

impl View {
    /// Makes the view in which every model can serve.
    #[must_use]
    pub const fn healthy() -> Self {
        Self {
            models: Vec::new(),
            read: LastRead {
                board: 0,
                seen: Vec::new(),
                was_calm: false,
                fresh_until_us: 0,
            },
        }
    }

    /// Takes a model out of service.
    pub fn mark_unavailable(&mut self, model: ModelId) {
        self.state_mut(model).availability = Availability::Unavailable;
    }

    /// Whether a model can serve.
    #[must_use]
    pub fn is_available(&self, model: ModelId) -> bool {
        self.state(model).availability == Availability::Available
    }

    /// What it says of a model.
    #[must_use]
    pub fn state(&self, model: ModelId) -> ModelState {
        self.models.get(model.index()).copied().unwrap_or_default()
    }

    /// What it says of a model, to be changed.
    pub fn state_mut(&mut self, model: ModelId) -> &mut ModelState {
        self.read.board = 0;
        if self.models.len() <= model.index() {
            self.models.resize(model.index() + 1, ModelState::default());
        }
        &mut self.models[model.index()]
    }

    /// Copies what it says, for a host that keeps it beside the decision.
    ///
    /// Allocates nothing while every model is as its configuration says.
    #[must_use]
    pub fn to_kept(&self) -> Self {
        let is_plain = self
            .models
            .iter()
            .all(|state| *state == ModelState::default());
        Self {
            models: if is_plain {
                Vec::new()
            } else {
                self.models.clone()
            },
            read: LastRead::default(),
        }
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        self.read.board = 0;
        self.models.clear();
    }
}
