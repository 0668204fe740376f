//! What a run has cost, and for what.
//!
//! A call costs what the provider counted, never more than what was set aside for it: a provider
//! that lies about usage cannot spend more than the request allowed. One that tells no usage costs
//! the plan's estimate when it answered or broke off, its input when it was given up or timed out,
//! and nothing when it was turned away.

use crate::attempt::AttemptOutcome;
use crate::catalogue::Catalogue;

use super::call::Why;
use super::log::LogLine;

/// The cost of a run in nano-dollars, by what it was spent on. The parts add up to the whole.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Costs {
    /// Everything.
    pub total_nano: u64,
    /// The call whose answer is the run's.
    pub answer_nano: u64,
    /// Answers that were not taken.
    pub escalation_nano: u64,
    /// Calls beside slow ones, and the slow ones, where the other was first.
    pub hedge_nano: u64,
    /// Questions to the meta-LLM and summaries, as the host said at the start.
    pub meta_llm_nano: u64,
    /// Calls that failed.
    pub retry_nano: u64,
    /// Verifiers, and samples beside the answer.
    pub verify_nano: u64,
    /// What the answer's tokens would have cost at the baseline model; none without one.
    pub baseline_nano: Option<u64>,
    /// The baseline less everything; negative when the run was dearer.
    pub saved_nano: Option<i64>,
}

impl Costs {
    /// Sums a log. `answer` is the attempt whose answer is the run's.
    pub(super) fn of(
        lines: &[LogLine],
        answer: Option<u8>,
        spent_nano: u64,
        catalogue: &Catalogue,
    ) -> Self {
        let mut costs = Self {
            meta_llm_nano: spent_nano,
            total_nano: spent_nano,
            ..Self::default()
        };
        for line in lines.iter().filter(|line| line.attempt.is_some()) {
            let part = match (line.why, line.outcome) {
                _ if answer == line.attempt => &mut costs.answer_nano,
                (Why::Sample | Why::Verifier, _) => &mut costs.verify_nano,
                // Of samples one is judged; the others were there to be compared with.
                (_, Some(AttemptOutcome::Success)) if line.accepted.is_none() => {
                    &mut costs.verify_nano
                }
                (_, Some(AttemptOutcome::Success)) => &mut costs.escalation_nano,
                (_, Some(AttemptOutcome::Cancelled)) => &mut costs.hedge_nano,
                _ => &mut costs.retry_nano,
            };
            *part = part.saturating_add(line.cost_nano);
            costs.total_nano = costs.total_nano.saturating_add(line.cost_nano);
        }
        let usage = answer.and_then(|answer| {
            let line = lines.iter().find(|line| line.attempt == Some(answer));
            line.and_then(|line| line.usage)
        });
        let baseline = catalogue.baseline().zip(usage);
        costs.baseline_nano =
            baseline.map(|(model, usage)| catalogue.usage_cost_nano(model, usage));
        costs.saved_nano = costs.baseline_nano.map(|baseline| {
            let signed = |nano: u64| i64::try_from(nano).unwrap_or(i64::MAX);
            signed(baseline).saturating_sub(signed(costs.total_nano))
        });
        costs
    }
}
