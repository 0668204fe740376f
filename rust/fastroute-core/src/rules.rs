//! Rules: all of them are evaluated, in file order, and each field comes from the first that sets it.
//!
//! There are no priorities and so no ties. `restrict` is the exception to the first winning: those
//! of all true rules intersect, because a restriction that another rule could lift protects nobody.

use crate::catalogue::{ModelId, PromptId, RouteId, RuleId};
use crate::config::Weights;
use crate::models::ModelSet;
use crate::signal::Node;
use crate::truth::Truth;

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub when: Node,
    pub route: Option<RouteId>,
    pub model: Option<ModelId>,
    pub prompt: Option<PromptId>,
    pub objective: Option<Weights>,
    pub difficulty: Option<f32>,
    pub permits: Option<Box<ModelSet>>,
    pub rejects: bool,
}

/// What the true rules say together; each field with the rule that set it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    pub route: Option<(RouteId, RuleId)>,
    pub model: Option<(ModelId, RuleId)>,
    pub prompt: Option<(PromptId, RuleId)>,
    pub objective: Option<(Weights, RuleId)>,
    pub difficulty: Option<(f32, RuleId)>,
    pub rejected_by: Option<RuleId>,
    pub permitted: ModelSet,
}

/// Evaluates all rules over the signals' truths.
pub(crate) fn evaluate(rules: &[Rule], truths: &[Truth]) -> Verdict {
    let mut verdict = Verdict {
        route: None,
        model: None,
        prompt: None,
        objective: None,
        difficulty: None,
        rejected_by: None,
        permitted: ModelSet::ALL,
    };
    for (index, rule) in rules.iter().enumerate() {
        if rule.when.evaluate(truths) != Truth::True {
            continue;
        }
        let by = RuleId::at(index);
        first(&mut verdict.route, rule.route, by);
        first(&mut verdict.model, rule.model, by);
        first(&mut verdict.prompt, rule.prompt, by);
        first(&mut verdict.objective, rule.objective, by);
        first(&mut verdict.difficulty, rule.difficulty, by);
        if rule.rejects && verdict.rejected_by.is_none() {
            verdict.rejected_by = Some(by);
        }
        if let Some(permits) = &rule.permits {
            verdict.permitted.intersect(permits);
        }
    }
    verdict
}

fn first<T: Copy>(field: &mut Option<(T, RuleId)>, value: Option<T>, by: RuleId) {
    if field.is_none()
        && let Some(value) = value
    {
        *field = Some((value, by));
    }
}
