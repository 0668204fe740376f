//! When models are called although their breakers are open: in panic, and when nothing else is left.
//!
//! Both look only at models that are permitted and fail no other demand, so neither lets a request
//! go where it may not.

use super::Planning;
use crate::choose::{Overlook, Scored};
use crate::config::WhenAllOpen;
use crate::host::Availability;
use crate::reason::Note;

impl Planning<'_, '_> {
    /// Overlooks breakers when fewer than that share of the models that would fit are well.
    pub(super) fn overlook_in_panic(&mut self, threshold: f32) {
        self.choice.overlook = Overlook::Breakers;
        let (mut fitting, mut well) = (0_u32, 0_u32);
        for model in self.models() {
            if self.fitting(model).is_some() {
                fitting += 1;
                well += u32::from(self.choice.view.is_available(model));
            }
        }
        if well == fitting || well as f32 >= threshold * fitting as f32 {
            self.choice.overlook = Overlook::Nothing;
        }
    }

    /// Plans for one model that is kept away from, if the route says so; whether there is one.
    pub(super) fn although_open(
        &mut self,
        scored: &mut Vec<Scored>,
        notes: &mut Vec<Note>,
    ) -> bool {
        let policy = self.choice.route().when_all_open;
        if policy == WhenAllOpen::FailFast {
            return false;
        }
        self.choice.overlook = Overlook::Health;
        // What the rule's model lacks was noted before.
        self.order(scored, &mut Vec::new());
        self.choice.overlook = Overlook::Nothing;
        let place = match policy {
            WhenAllOpen::LastResort => scored.len().checked_sub(1),
            WhenAllOpen::FailFast | WhenAllOpen::TryLeastBad => {
                let view = self.choice.view;
                let retry_at = |scored: &Scored| match view.state(scored.model).availability {
                    Availability::Cooling { retry_at_us } | Availability::Open { retry_at_us } => {
                        retry_at_us
                    }
                    _ => 0,
                };
                let places = 0..scored.len();
                places.min_by_key(|place| scored.get(*place).map_or(u64::MAX, retry_at))
            }
        };
        let Some(place) = place else {
            return false;
        };
        scored.swap(0, place);
        scored.truncate(1);
        notes.push(Note::BreakersIgnored);
        true
    }
}
