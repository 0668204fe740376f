//! The live state of callers whose reports are not trusted: theirs alone.
//!
//! What such a caller reports moves its own decisions, on top of what everybody's reports say, and nobody else's. The file of callers
//! bounds how many there are; a thousand at most. Finding one takes a lock, which callers that are trusted never do.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fastroute_core::{Fleet, Live, Now, Revision};

use crate::context::Caller;
use crate::revisions::Active;

/// States that are kept; the file of callers has no more entries. Beyond that all begin anew.
const MAX_OWN: usize = 1_024;

/// Organisation, team and application.
type Identity = (Box<str>, Box<str>, Box<str>);

/// The states of all such callers.
#[derive(Debug, Default)]
pub(crate) struct Own(Mutex<HashMap<Identity, Mine>>);

#[derive(Debug)]
struct Mine {
    live: Live,
    revision: Revision,
    fleet: Fleet,
}

impl Own {
    /// Returns the state of a caller under what serves; none when the caller is trusted.
    pub fn of(&self, caller: &Caller, active: &Active, now: Now) -> Option<Fleet> {
        if caller.is_trusted {
            return None;
        }
        let identity = (
            caller.organisation.clone(),
            caller.team.clone(),
            caller.application.clone(),
        );
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_OWN && !all.contains_key(&identity) {
            all.clear();
        }
        let revision = *active.snapshot.revision();
        let mine = all.entry(identity).or_insert_with(|| {
            let live = Live::new();
            let fleet = live.bind(&active.snapshot, now);
            Mine {
                live,
                revision,
                fleet,
            }
        });
        if mine.revision != revision {
            mine.fleet = mine.live.bind(&active.snapshot, now);
            mine.revision = revision;
        }
        Some(mine.fleet.clone())
    }
}
