//! Every cell of a host by scope and subject: what a reload takes over, and what it drops.
//!
//! Cells of everybody are made when a revision is bound; those of a scope, such as one team, when
//! its first call is claimed or reported. Both are bounded: at most 10,000 cells of scopes, and when
//! there is no room, scopes that nothing is wrong with go first, the longest idle before the others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::board::{Board, Layout};
use crate::config::{HealthScope, Resilience};
use crate::health::{Cell, Common, Ejections, Forced, HealthKey, Settings, Subject};
use crate::sync::Ordering;

/// Most cells of scopes.
const CELLS: usize = 10_000;

/// Every cell of a host.
#[derive(Debug)]
pub(super) struct Registry {
    common: Arc<Common>,
    scopes: HashMap<Option<Box<str>>, Scope>,
    forced: HashMap<Subject, Forced>,
    /// The epoch in which each subject was bound first: what began before is of another one. Not that of
    /// its cells: a scope is met at its first outcome, whose call began before.
    births: HashMap<Subject, u64>,
    scoped_by: HealthScope,
    /// Number of the last binding: an older one makes no cell that outlives it.
    pub binding: u64,
}

#[derive(Debug)]
struct Scope {
    ejections: Arc<Ejections>,
    cells: HashMap<Subject, Arc<Cell>>,
    /// Its board of the last binding.
    board: Option<Arc<Board>>,
}

/// Settings of the cells of one revision.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    target: Settings,
    provider: Settings,
    max_ejected: f32,
}

impl Rules {
    pub fn of(resilience: &Resilience) -> Self {
        let provider = resilience.provider_breaker.as_ref();
        Self {
            target: Settings::of(&resilience.breaker),
            provider: provider.map_or_else(Settings::off, Settings::of),
            max_ejected: resilience.max_ejected,
        }
    }

    /// Whether outcomes count for the provider too.
    pub const fn has_provider(&self) -> bool {
        self.provider.is_enabled
    }

    /// Time from which a call of a target is slow.
    pub const fn slow_us(&self) -> u64 {
        self.target.slow_us
    }

    fn settings(&self, subject: &Subject) -> Settings {
        match subject {
            Subject::Credential(..) => Settings::off(),
            Subject::Provider(_) => self.provider,
            Subject::Target(_) => self.target,
        }
    }
}

impl Registry {
    pub fn new(common: Arc<Common>) -> Self {
        Self {
            common,
            scopes: HashMap::new(),
            forced: HashMap::new(),
            births: HashMap::new(),
            scoped_by: HealthScope::Shared,
            binding: 0,
        }
    }

    /// Drops what the revision does not have, and returns the board of everybody and those of scopes.
    pub fn bind(
        &mut self,
        layout: &Arc<Layout>,
        rules: &Rules,
        scoped_by: HealthScope,
        now_us: u64,
    ) -> (Arc<Board>, HashMap<Box<str>, Arc<Board>>) {
        self.binding += 1;
        if self.scoped_by != scoped_by {
            self.scoped_by = scoped_by;
            self.drop_scopes(|scope| scope.is_some());
        }
        let known: HashSet<&Subject> = layout.subjects.iter().collect();
        self.forced.retain(|subject, _| known.contains(subject));
        self.tell_forced();
        self.births.retain(|subject, _| known.contains(subject));
        if self.births.len() < known.len() {
            let epoch = self.common.advance();
            for subject in &layout.subjects {
                if !self.births.contains_key(subject) {
                    self.births.insert(subject.clone(), epoch);
                }
            }
        }
        for scope in self.scopes.values_mut() {
            scope.cells.retain(|subject, cell| {
                let stays = known.contains(subject);
                if !stays {
                    cell.detach();
                }
                stays
            });
        }
        self.make_room(0, layout.subjects.len());
        let everybody = self.board(None, layout, rules, now_us);
        let names: Vec<Box<str>> = self.scopes.keys().flatten().cloned().collect();
        let boards = names.into_iter().map(|name| {
            let board = self.board(Some(name.clone()), layout, rules, now_us);
            (name, board)
        });
        let boards = boards.collect();
        (everybody, boards)
    }

    /// The board of a scope, made if there is none.
    pub fn board(
        &mut self,
        name: Option<Box<str>>,
        layout: &Arc<Layout>,
        rules: &Rules,
        now_us: u64,
    ) -> Arc<Board> {
        let known = self
            .scopes
            .get(&name)
            .and_then(|scope| scope.board.as_ref());
        if let Some(board) = known.filter(|board| Arc::ptr_eq(&board.layout, layout)) {
            return Arc::clone(board);
        }
        let scope = self.scopes.entry(name.clone()).or_insert_with(|| Scope {
            ejections: Arc::new(Ejections::new()),
            cells: HashMap::new(),
            board: None,
        });
        scope.ejections.limit(rules.max_ejected, layout.targets);
        let cells = layout.subjects.iter().map(|subject| {
            if let Some(cell) = scope.cells.get(subject) {
                cell.reload(rules.settings(subject), now_us);
                return Arc::clone(cell);
            }
            let born = self.births.get(subject).copied().unwrap_or_default();
            let cell = cell(
                name.clone(),
                subject,
                rules,
                born,
                now_us,
                &self.common,
                &scope.ejections,
            );
            if let Some(forced) = self.forced.get(subject) {
                cell.force(Some(*forced), now_us);
            }
            scope.cells.insert(subject.clone(), Arc::clone(&cell));
            cell
        });
        let board = Arc::new(Board::new(Arc::clone(layout), cells.collect(), now_us));
        scope.board = Some(Arc::clone(&board));
        board
    }

    /// Makes room for cells of one more scope. Returns the scopes that had to go.
    pub fn make_room(&mut self, more: usize, cells_each: usize) -> Vec<Box<str>> {
        let most = (CELLS / cells_each.max(1)).max(1);
        let scopes = self.scopes.len() - usize::from(self.scopes.contains_key(&None));
        if scopes + more <= most {
            return Vec::new();
        }
        // An eighth at once, so that a flood of names does not sort for each of them.
        let gone = (scopes + more - most).max(most / 8);
        let mut idle: Vec<(bool, u64, Box<str>)> = self
            .scopes
            .iter()
            .filter_map(|(name, scope)| {
                let is_busy = scope.cells.values().any(|cell| !cell.is_idle());
                let used_us = scope
                    .board
                    .as_ref()
                    .map_or(0, |board| board.used_us.load(Ordering::Relaxed));
                name.clone().map(|name| (is_busy, used_us, name))
            })
            .collect();
        idle.sort_unstable();
        let names: Vec<Box<str>> = idle.into_iter().take(gone).map(|(.., name)| name).collect();
        crate::health::count(&self.common.scopes_dropped, names.len() as u64);
        self.drop_scopes(|scope| {
            scope.is_some_and(|name| names.iter().any(|gone| **gone == *name))
        });
        names
    }

    /// Forces the cells of every subject that is meant, in every scope; whether there is one.
    pub fn force(
        &mut self,
        is_meant: impl Fn(&HealthKey) -> bool,
        forced: Option<Forced>,
        now_us: u64,
    ) -> bool {
        let mut found = false;
        for cell in self.scopes.values().flat_map(|scope| scope.cells.values()) {
            if !is_meant(&cell.key) {
                continue;
            }
            found = true;
            cell.force(forced, now_us);
            if cell.key.scope.is_none() {
                match forced {
                    Some(forced) => self.forced.insert(cell.key.subject.clone(), forced),
                    None => self.forced.remove(&cell.key.subject),
                };
            }
        }
        self.tell_forced();
        found
    }

    /// Tells readers whether a scope without cells is more than healthy.
    fn tell_forced(&self) {
        let forced = self.forced.len() as u64;
        self.common.forced.store(forced, Ordering::Release);
    }

    pub fn cells(&self) -> impl Iterator<Item = &Arc<Cell>> {
        self.scopes.values().flat_map(|scope| scope.cells.values())
    }

    fn drop_scopes(&mut self, is_dropped: impl Fn(Option<&str>) -> bool) {
        self.scopes.retain(|name, scope| {
            let stays = !is_dropped(name.as_deref());
            if !stays {
                scope.cells.values().for_each(|cell| cell.detach());
            }
            stays
        });
    }
}

/// A board whose cells nobody else has: of a revision that does not serve any more.
pub(super) fn detached(
    name: Option<Box<str>>,
    layout: &Arc<Layout>,
    rules: &Rules,
    common: &Arc<Common>,
    now_us: u64,
) -> Arc<Board> {
    let ejections = Arc::new(Ejections::new());
    let cells = layout.subjects.iter().map(|subject| {
        let born = common.epoch();
        let cell = cell(
            name.clone(),
            subject,
            rules,
            born,
            now_us,
            common,
            &ejections,
        );
        cell.detach();
        cell
    });
    Arc::new(Board::new(Arc::clone(layout), cells.collect(), now_us))
}

fn cell(
    scope: Option<Box<str>>,
    subject: &Subject,
    rules: &Rules,
    born: u64,
    now_us: u64,
    common: &Arc<Common>,
    ejections: &Arc<Ejections>,
) -> Arc<Cell> {
    let key = HealthKey {
        scope,
        subject: subject.clone(),
    };
    let is_target = matches!(subject, Subject::Target(_));
    Arc::new(Cell::new(
        Arc::new(key),
        rules.settings(subject),
        born,
        now_us,
        Arc::clone(common),
        is_target.then(|| Arc::clone(ejections)),
    ))
}
