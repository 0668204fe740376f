//! Turns the numbers that the configuration or a text has between 0 and 1: threshold, margin, difficulty.
//!
//! Threshold and margin have one value worth trying, just past what was measured. The difficulty is
//! tried in hundredths and then narrowed to ten-thousandths.

use super::{Search, differ, rounded};
use crate::decide::Knobs;
use crate::decision::Decision;
use crate::explain::quantity::STEPS;
use crate::signal::Signal;
use crate::similarity::Judgement;

/// Steps of the difficulty that are tried before narrowing, and the narrow ones in each.
const DIFFICULTY_STEPS: i32 = 100;
const NARROW_STEPS: i32 = 100;

impl Search<'_, '_> {
    /// Moves the threshold of the likeliest route, and the margin, just past what was measured.
    pub(super) fn similarity(&mut self) {
        let snapshot = self.setting.snapshot;
        let knobs = self.knobs();
        let Some(part) = &snapshot.similarity else {
            return;
        };
        let (Judgement::Sure(_, nearest) | Judgement::Unsure(nearest)) =
            part.judge(&self.facts.likeness, &knobs.thresholds, knobs.margin)
        else {
            return;
        };
        let Some(class) = part.routes.iter().position(|of| *of == nearest.route) else {
            return;
        };
        if let Some(threshold) = past(nearest.probability, nearest.threshold) {
            let mut turned = knobs.clone();
            turned.thresholds.to_mut()[class] = threshold;
            let name = &snapshot.catalogue.routes[nearest.route.index()].name;
            let what = format!("threshold of route `{name}`");
            self.number(&what, nearest.threshold, threshold, &turned);
        }
        if let Some(margin) = past(nearest.lead, knobs.margin) {
            let turned = Knobs {
                margin,
                ..knobs.clone()
            };
            self.number("margin", knobs.margin, margin, &turned);
        }
    }

    fn number(&mut self, what: &str, from: f32, to: f32, turned: &Knobs<'_>) {
        if let Some(decision) = self.other(turned) {
            let change = format!("{what} from {} to {to}", rounded(f64::from(from)));
            self.report(change, (f64::from(to) - f64::from(from)).abs(), &decision);
        }
    }

    /// Turns the structural difficulty up and down until the decision changes.
    ///
    /// An unknown one is not turned: it counts as the middle for choosing and as unknown for
    /// rules, and becoming known is no distance.
    pub(super) fn difficulty(&mut self) {
        let Some(now) = self.facts.measured.take_difficulty(None) else {
            return;
        };
        let mut found: Option<Decision> = None;
        let nearest = |(value, _): &(f32, Decision)| (*value - now).abs();
        let mut both: Vec<(f32, Decision)> = [1, -1]
            .into_iter()
            .filter_map(|direction| self.difficulty_towards(direction, now))
            .collect();
        both.sort_by(|left, right| nearest(left).total_cmp(&nearest(right)));
        for (value, decision) in both {
            if found.as_ref().is_none_or(|first| differ(first, &decision)) {
                let change = format!("difficulty from {} to {value}", rounded(f64::from(now)));
                let size = (f64::from(value) - f64::from(now)).abs();
                self.report(change, size, &decision);
            }
            found.get_or_insert(decision);
        }
    }

    /// The nearest difficulty above (1) or below (-1) that gives another decision.
    fn difficulty_towards(&mut self, direction: i32, now: f32) -> Option<(f32, Decision)> {
        let steps = DIFFICULTY_STEPS * NARROW_STEPS;
        // A ten-thousandth divided once is the number that its decimals are read as.
        let value = |step: i32| step as f32 / steps as f32;
        let start = (f64::from(now) * f64::from(steps)).round() as i32;
        let end = if direction > 0 { steps } else { 0 };
        let mut same = start;
        while same != end {
            let next = (same + direction * NARROW_STEPS).clamp(0, steps);
            let Some(mut decision) = self.at_difficulty(value(next)) else {
                same = next;
                continue;
            };
            let mut other = next;
            while (other - same).abs() > 1 {
                let middle = i32::midpoint(same, other);
                match self.at_difficulty(value(middle)) {
                    Some(found) => (other, decision) = (middle, found),
                    None => same = middle,
                }
            }
            return Some((value(other), decision));
        }
        None
    }

    /// The other decision that a structural difficulty gives; signals of the difficulty see it too.
    fn at_difficulty(&mut self, difficulty: f32) -> Option<Decision> {
        let measured = self.facts.measured.truths.clone();
        for (signal, truth) in self
            .setting
            .snapshot
            .signals
            .all
            .iter()
            .zip(&mut self.facts.measured.truths)
        {
            if let Signal::Difficulty { range } = signal {
                *truth = range.contains_share(difficulty).into();
            }
        }
        let turned = Knobs {
            difficulty: Some(difficulty),
            ..self.knobs()
        };
        let decision = self.other(&turned);
        self.facts.measured.truths = measured;
        decision
    }
}

/// The nearest limit of four decimals on the other side of what was measured; none outside 0 to 1.
fn past(measured: f32, limit: f32) -> Option<f32> {
    let steps = STEPS as f32;
    let near = (measured * steps).round();
    let mut candidates = [near - 1.0, near, near + 1.0]
        .map(|step| step / steps)
        .into_iter();
    let found = if measured < limit {
        candidates.rfind(|candidate| *candidate <= measured)
    } else {
        candidates.find(|candidate| *candidate > measured)
    };
    found.filter(|found| (0.0..=1.0).contains(found))
}

#[cfg(test)]
mod tests {
    use super::past;

    #[test]
    fn a_limit_goes_to_the_nearest_four_decimals_past_what_was_measured() {
        for (measured, limit, expected) in [
            (0.43213, 0.5, Some(0.4321)),
            (0.43213, 0.4, Some(0.4322)),
            (0.4, 0.5, Some(0.4)),
            (0.4, 0.4, Some(0.4001)),
            (0.0, 0.5, Some(0.0)),
            (0.000_01, 0.5, Some(0.0)),
            (0.999_99, 0.5, Some(1.0)),
            (1.0, 0.5, None),
        ] {
            assert_eq!(past(measured, limit), expected, "{measured} {limit}");
        }
    }
}
