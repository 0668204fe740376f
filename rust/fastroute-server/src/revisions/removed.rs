//! Refuses a configuration that lacks too much of what serves: a file cut short is often still sound.
//!
//! Counted by name, for routes, rules and models each: whichever loses the largest share decides. One
//! that is renamed counts as lost. A single one of a kind may go however few there are, unless none may:
//! renaming the only rule is an edit, not a loss. It costs a lookup for each name, and is overruled by force.

use std::collections::BTreeSet;

use fastroute_core::config::Config;

/// The names of what a configuration holds, by kind.
#[derive(Debug, Default)]
pub(super) struct Names([(&'static str, BTreeSet<Box<str>>); 3]);

impl Names {
    pub fn of(config: &Config) -> Self {
        Self([
            (
                "models",
                config
                    .models
                    .iter()
                    .map(|model| model.name.as_str().into())
                    .collect(),
            ),
            (
                "routes",
                config
                    .routes
                    .iter()
                    .map(|route| route.name.as_str().into())
                    .collect(),
            ),
            (
                "rules",
                config
                    .rules
                    .iter()
                    .map(|rule| rule.name.as_str().into())
                    .collect(),
            ),
        ])
    }

    /// Whether `next` lacks at most this share of each kind.
    ///
    /// # Errors
    ///
    /// A sentence that says what it lacks.
    pub fn allow(&self, next: &Self, max_removed: f64) -> Result<(), String> {
        for ((kind, before), (_, after)) in self.0.iter().zip(&next.0) {
            let removed = before.difference(after).count();
            let share = removed as f64 / before.len().max(1) as f64;
            if share > max_removed && (removed > 1 || max_removed == 0.0) {
                return Err(format!(
                    "configuration lacks `{removed}` of the `{}` {kind} that serve, over the limit of `{}` %; \
                     force it if that is meant",
                    before.len(),
                    (max_removed * 100.0).round()
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rules: &[&str]) -> Names {
        let mut names = Names::default();
        names.0[2] = ("rules", rules.iter().map(|name| (*name).into()).collect());
        names
    }

    #[test]
    fn a_share_at_the_limit_is_allowed_and_one_above_it_is_not() {
        let before = names(&["a", "b", "c", "d"]);
        before
            .allow(&names(&["a", "b"]), 0.5)
            .expect("half is at the limit");
        let refused = before.allow(&names(&["a", "x", "y", "z"]), 0.5);
        assert!(
            refused
                .expect_err("three of four")
                .contains("`3` of the `4` rules")
        );
        before.allow(&names(&[]), 1.0).expect("all may go");
        before
            .allow(&names(&["b", "c", "d"]), 0.0)
            .expect_err("none may go");
        names(&[]).allow(&before, 0.0).expect("nothing can be lost");
    }

    #[test]
    fn a_single_one_may_go_unless_none_may() {
        let before = names(&["a"]);
        before.allow(&names(&["b"]), 0.5).expect("it was renamed");
        before.allow(&names(&["b"]), 0.0).expect_err("none may go");
    }
}
