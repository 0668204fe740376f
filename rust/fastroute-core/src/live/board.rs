//! The cells of one revision and one scope, in the order in which decisions ask for them.
//!
//! A view that nothing has happened to since it was written costs one load for the whole host, one
//! for each target, and no lock. An outcome makes the models of its target be written again; while
//! something keeps calls away anywhere, every model is written anew, because that depends on the time.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64 as PlainU64;

use crate::catalogue::{Catalogue, ModelId};
use crate::health::{Cell, Subject};
use crate::host::{Availability, ModelState, View};
use crate::sync::{AtomicU64, Ordering};

/// Which cells the deployments of a revision have: the same for every scope.
#[derive(Debug)]
pub(super) struct Layout {
    /// Targets first, by their number; then credentials, then providers.
    pub subjects: Box<[Subject]>,
    pub targets: usize,
    places: Box<[Place]>,
    /// Places of each model.
    models: Box<[Range<u32>]>,
    /// Models of each target.
    models_of: Box<[Box<[u16]>]>,
    /// The model that has a target as its only one and shares it with none, which is the usual case.
    alone: Box<[Option<u16>]>,
}

/// The cells of one deployment, by their place on the board.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    target: u32,
    credential: u32,
    provider: u32,
}

impl Layout {
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut subjects: Vec<Subject> = catalogue
            .targets
            .iter()
            .map(|target| Subject::Target(target.clone()))
            .collect();
        let targets = subjects.len();
        let mut number = |subject: Subject| {
            let known = subjects[targets..]
                .iter()
                .position(|known| *known == subject);
            let number = known.map_or(subjects.len(), |known| targets + known);
            if known.is_none() {
                subjects.push(subject);
            }
            number as u32
        };
        let mut places = Vec::new();
        let mut models_of = vec![Vec::new(); targets];
        let mut models = Vec::new();
        for (model, entry) in catalogue.models.iter().enumerate() {
            let start = places.len() as u32;
            for deployment in &entry.deployments {
                let provider = &deployment.provider;
                places.push(Place {
                    target: u32::from(deployment.target.0),
                    credential: number(Subject::Credential(
                        provider.clone(),
                        deployment.credential.clone(),
                    )),
                    provider: number(Subject::Provider(provider.clone())),
                });
                models_of[deployment.target.index()].push(model as u16);
            }
            models.push(start..places.len() as u32);
        }
        let alone = models_of.iter().map(|of: &Vec<u16>| match of[..] {
            [model] if is_single(&models, model) => Some(model),
            _ => None,
        });
        Self {
            alone: alone.collect(),
            subjects: subjects.into(),
            targets,
            places: places.into(),
            models: models.into(),
            models_of: models_of.into_iter().map(Into::into).collect(),
        }
    }

    /// Where a deployment's cells are; the last one beyond the model's.
    pub fn place(&self, model: ModelId, deployment: u8) -> Option<Place> {
        let places = self.places_of(model.index())?;
        let last = places.len().checked_sub(1)?;
        places.get(usize::from(deployment).min(last)).copied()
    }

    /// Numbers of a model's targets.
    pub fn targets_of(&self, model: ModelId) -> impl Iterator<Item = usize> {
        let places = self.places_of(model.index()).unwrap_or_default();
        places.iter().map(|place| place.target as usize)
    }

    fn places_of(&self, model: usize) -> Option<&[Place]> {
        let range = self.models.get(model)?;
        self.places.get(range.start as usize..range.end as usize)
    }
}

fn is_single(models: &[Range<u32>], model: u16) -> bool {
    models
        .get(usize::from(model))
        .is_some_and(|places| places.len() == 1)
}

/// The cells of one revision and one scope.
#[derive(Debug)]
pub(super) struct Board {
    /// Tells views of which board they are.
    number: u64,
    pub layout: Arc<Layout>,
    pub cells: Box<[Arc<Cell>]>,
    /// When it was last used, in monotonic microseconds.
    pub used_us: AtomicU64,
}

static NEXT: PlainU64 = PlainU64::new(1);

impl Board {
    pub fn new(layout: Arc<Layout>, cells: Box<[Arc<Cell>]>, now_us: u64) -> Self {
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            layout,
            cells,
            used_us: AtomicU64::new(now_us),
        }
    }

    pub fn target(&self, place: Place) -> &Cell {
        &self.cells[place.target as usize]
    }

    pub fn credential(&self, place: Place) -> &Cell {
        &self.cells[place.credential as usize]
    }

    pub fn provider(&self, place: Place) -> &Cell {
        &self.cells[place.provider as usize]
    }

    /// Writes every model's state. `is_calm` when nothing keeps calls away anywhere.
    pub fn view(&self, is_calm: bool, now_us: u64, view: &mut View) {
        let read = &view.read;
        if read.board != self.number || !is_calm || !read.was_calm || now_us >= read.fresh_until_us
        {
            self.write_all(is_calm, now_us, view);
            return;
        }
        for (target, cell) in self.cells[..self.layout.targets].iter().enumerate() {
            let version = cell.version();
            if version != view.read.seen[target] {
                view.read.seen[target] = version;
                if let Some(model) = self.layout.alone[target] {
                    write_single(usize::from(model), cell, now_us, view);
                    continue;
                }
                for model in &self.layout.models_of[target] {
                    self.write_averages(usize::from(*model), now_us, view);
                }
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn write_all(&self, is_calm: bool, now_us: u64, view: &mut View) {
        let models = self.layout.models.len();
        view.models.clear();
        view.models.resize(models, ModelState::default());
        view.read.board = self.number;
        view.read.was_calm = is_calm;
        view.read.fresh_until_us = u64::MAX;
        let targets = &self.cells[..self.layout.targets];
        view.read.seen.clear();
        view.read
            .seen
            .extend(targets.iter().map(|cell| cell.version()));
        for model in 0..models {
            if !is_calm {
                self.write_availability(model, now_us, view);
            }
            self.write_averages(model, now_us, view);
        }
    }

    fn write_availability(&self, model: usize, now_us: u64, view: &mut View) {
        let places = self.layout.places_of(model).unwrap_or_default();
        let state = &mut view.models[model];
        let mut soonest = None;
        let mut is_in = places.is_empty();
        for (number, place) in places.iter().enumerate() {
            match self.out(*place, now_us) {
                None => is_in = true,
                Some(why) => {
                    state.deployments_out |= 1_u128.checked_shl(number as u32).unwrap_or(0);
                    soonest = sooner(soonest, why);
                }
            }
        }
        if let Some(why) = soonest.filter(|_| !is_in) {
            state.availability = why;
        }
    }

    /// What keeps calls away from a deployment the longest.
    fn out(&self, place: Place, now_us: u64) -> Option<Availability> {
        let cells = [
            self.target(place),
            self.credential(place),
            self.provider(place),
        ];
        let reasons = cells.iter().filter_map(|cell| cell.word().out(now_us));
        reasons.max_by_key(|why| retry_at_us(*why))
    }

    fn write_averages(&self, model: usize, now_us: u64, view: &mut View) {
        let places = self.layout.places_of(model).unwrap_or_default();
        if let [place] = places {
            write_single(model, self.target(*place), now_us, view);
            return;
        }
        let state = &mut view.models[model];
        let mut first = Mean::default();
        let mut per = Mean::default();
        let mut failure = Mean::default();
        let is_in = |number: usize| state.deployments_out >> (number as u32 & 127) & 1 == 0;
        let all_out = state.availability != Availability::Available;
        for (number, place) in places.iter().enumerate() {
            if all_out || is_in(number) {
                let read = self.target(*place).read(now_us);
                first.add(read.first_token_us);
                per.add(read.per_token_us);
                failure.add(Some(read.failure_rate));
                view.read.fresh_until_us = view.read.fresh_until_us.min(read.fresh_until_us);
            }
        }
        state.first_token_us = first.value();
        state.per_token_us = per.value();
        state.failure_rate = failure.value().unwrap_or(0.0);
    }
}

#[inline]
fn write_single(model: usize, cell: &Cell, now_us: u64, view: &mut View) {
    let read = cell.read(now_us);
    view.read.fresh_until_us = view.read.fresh_until_us.min(read.fresh_until_us);
    let state = &mut view.models[model];
    state.first_token_us = read.first_token_us;
    state.per_token_us = read.per_token_us;
    state.failure_rate = read.failure_rate;
}

#[derive(Default)]
struct Mean {
    sum: f32,
    count: f32,
}

impl Mean {
    fn add(&mut self, value: Option<f32>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1.0;
        }
    }

    fn value(&self) -> Option<f32> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

fn sooner(known: Option<Availability>, other: Availability) -> Option<Availability> {
    match known {
        Some(known) if retry_at_us(known) <= retry_at_us(other) => Some(known),
        _ => Some(other),
    }
}

const fn retry_at_us(why: Availability) -> u64 {
    match why {
        Availability::Cooling { retry_at_us } | Availability::Open { retry_at_us } => retry_at_us,
        _ => 0,
    }
}
