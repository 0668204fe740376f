//! Why a decision is what it is: a stable code and one sentence.
//!
//! The reason keeps ids and numbers, so that the path of a decision formats nothing; the sentence
//! is written when somebody reads it. It names rules, routes and models, never the text.

use crate::catalogue::{ModelId, RouteId, RuleId};
use crate::decision::Decision;
use crate::missing::Lack;

/// Why the route, or the refusal, came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// No stage spoke: none is configured, or none had anything to say.
    Default,
    /// The meta-LLM was asked and its host declined.
    DefaultMetaLlmDeclined,
    /// The meta-LLM answered after its time.
    DefaultMetaLlmLate,
    /// The meta-LLM said that no route fits.
    DefaultMetaLlmNone,
    /// The meta-LLM may not see the request or cannot serve now.
    DefaultMetaLlmNotEligible,
    /// The meta-LLM answered with something that is no route.
    DefaultMetaLlmUnknown,
    /// The encoder knows too little of the text.
    DefaultNoText,
    /// Similarity was not sure enough.
    DefaultUnsure(Nearest),
    /// The meta-LLM chose the route.
    MetaLlm,
    /// No model may and can serve it.
    NothingFits,
    /// Models would fit, but budgets have no room for them.
    OverBudget,
    /// A rule refuses it.
    Rejected(RuleId),
    /// A rule set the route.
    Rule(RuleId),
    /// The session has the route: it is kept, or a turn without content of its own follows it.
    Session,
    /// The examples are alike enough.
    Similarity(Nearest),
    /// The task flag names the route.
    TaskFlag,
}

/// The best route by similarity, and what it was held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// The route.
    pub route: RouteId,
    /// Its probability, 0 to 1.
    pub probability: f32,
    /// The threshold of the route.
    pub threshold: f32,
    /// The lead over the next route in probability.
    pub lead: f32,
    /// The lead that is needed.
    pub margin: f32,
}

impl Reason {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::DefaultMetaLlmDeclined => "DEFAULT_META_LLM_DECLINED",
            Self::DefaultMetaLlmLate => "DEFAULT_META_LLM_LATE",
            Self::DefaultMetaLlmNone => "DEFAULT_META_LLM_NONE",
            Self::DefaultMetaLlmNotEligible => "DEFAULT_META_LLM_NOT_ELIGIBLE",
            Self::DefaultMetaLlmUnknown => "DEFAULT_META_LLM_UNKNOWN",
            Self::DefaultNoText => "DEFAULT_NO_TEXT",
            Self::DefaultUnsure(_) => "DEFAULT_UNSURE",
            Self::MetaLlm => "META_LLM",
            Self::NothingFits => "NOTHING_FITS",
            Self::OverBudget => "OVER_BUDGET",
            Self::Rejected(_) => "REJECTED",
            Self::Rule(_) => "RULE",
            Self::Session => "SESSION",
            Self::Similarity(_) => "SIMILARITY",
            Self::TaskFlag => "TASK_FLAG",
        }
    }

    /// Every code, in the order of [`index`](Self::index).
    pub const CODES: [&str; 16] = [
        "DEFAULT",
        "DEFAULT_META_LLM_DECLINED",
        "DEFAULT_META_LLM_LATE",
        "DEFAULT_META_LLM_NONE",
        "DEFAULT_META_LLM_NOT_ELIGIBLE",
        "DEFAULT_META_LLM_UNKNOWN",
        "DEFAULT_NO_TEXT",
        "DEFAULT_UNSURE",
        "META_LLM",
        "NOTHING_FITS",
        "OVER_BUDGET",
        "REJECTED",
        "RULE",
        "SESSION",
        "SIMILARITY",
        "TASK_FLAG",
    ];

    /// Returns the place of the code in [`CODES`](Self::CODES), for arrays of decisions.
    #[must_use]
    pub const fn index(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::DefaultMetaLlmDeclined => 1,
            Self::DefaultMetaLlmLate => 2,
            Self::DefaultMetaLlmNone => 3,
            Self::DefaultMetaLlmNotEligible => 4,
            Self::DefaultMetaLlmUnknown => 5,
            Self::DefaultNoText => 6,
            Self::DefaultUnsure(_) => 7,
            Self::MetaLlm => 8,
            Self::NothingFits => 9,
            Self::OverBudget => 10,
            Self::Rejected(_) => 11,
            Self::Rule(_) => 12,
            Self::Session => 13,
            Self::Similarity(_) => 14,
            Self::TaskFlag => 15,
        }
    }

    pub(crate) const fn rule(&self) -> Option<RuleId> {
        match self {
            Self::Rejected(rule) | Self::Rule(rule) => Some(*rule),
            _ => None,
        }
    }

    pub(crate) fn sentence(&self, decision: &Decision) -> String {
        let route = decision.route().unwrap_or_default();
        match self {
            Self::Default => format!("No stage named a route, so the default `{route}` takes it."),
            Self::DefaultMetaLlmDeclined => {
                format!("The meta-LLM was not asked, so the default `{route}` takes it.")
            }
            Self::DefaultMetaLlmLate => {
                format!("The meta-LLM answered too late, so the default `{route}` takes it.")
            }
            Self::DefaultMetaLlmNone => {
                format!("The meta-LLM found that no route fits, so the default `{route}` takes it.")
            }
            Self::DefaultMetaLlmNotEligible => {
                format!(
                    "The meta-LLM may not or cannot be asked, so the default `{route}` takes it."
                )
            }
            Self::DefaultMetaLlmUnknown => {
                format!(
                    "The meta-LLM's answer is not one of the routes, so the default `{route}` takes it."
                )
            }
            Self::DefaultNoText => format!(
                "The encoder knows too little of the text, so the default `{route}` takes it."
            ),
            Self::DefaultUnsure(nearest) => {
                let why = nearest.doubt(decision);
                format!("Similarity is unsure ({why}), so the default `{route}` takes it.")
            }
            Self::MetaLlm => format!("The meta-LLM chose `{route}`."),
            Self::NothingFits => {
                let models = decision
                    .missing
                    .iter()
                    .map(|missing| missing.model)
                    .collect::<std::collections::BTreeSet<_>>();
                format!(
                    "None of the {} models of route `{route}` may and can serve the request.",
                    models.len()
                )
            }
            Self::OverBudget => {
                format!("Budgets have no room for any model of route `{route}` that would fit.")
            }
            Self::Rejected(rule) => {
                format!("Rule `{}` refuses the request.", decision.rule_name(*rule))
            }
            Self::Rule(rule) => format!(
                "Rule `{}` sends it to `{route}`.",
                decision.rule_name(*rule)
            ),
            Self::Session => format!("The session stays with `{route}`."),
            Self::Similarity(nearest) => format!(
                "It is like the examples of `{route}` with probability {:.2}, above its threshold of {:.2}.",
                nearest.probability, nearest.threshold
            ),
            Self::TaskFlag => format!("The task flag names `{route}`."),
        }
    }
}

impl Nearest {
    pub(crate) fn doubt(&self, decision: &Decision) -> String {
        let name = &decision.catalogue.routes[self.route.index()].name;
        if self.probability < self.threshold {
            format!(
                "`{name}` has probability {:.2}, below its threshold of {:.2}",
                self.probability, self.threshold
            )
        } else {
            format!(
                "`{name}` leads by {:.2}, less than the margin of {:.2}",
                self.lead, self.margin
            )
        }
    }
}

/// Something that was left aside on the way to a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Note {
    /// Too few models are well, or none, and the configuration says that some are called all the
    /// same: the plan holds models that their breakers or limits keep away.
    BreakersIgnored,
    /// The text is too long for the route's models, so one that is no candidate takes it.
    LargerModel,
    /// A rule named a model that may not or cannot serve; the route's candidates stand.
    RuleModelNotEligible(RuleId, ModelId, NoteLack),
    /// The state of the session is not one that this version wrote; the session begins anew.
    SessionUnreadable,
    /// The text is too long for the route's models, so it is split.
    TextSplit,
    /// The text is too long for the route's models, so it is summarised first.
    TextSummarised,
    /// The task flag names no route.
    UnknownTask,
}

/// The first demand that a rule's model fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteLack(pub(crate) Lack);

impl Note {
    /// Returns the stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BreakersIgnored => "BREAKERS_IGNORED",
            Self::LargerModel => "LARGER_MODEL",
            Self::RuleModelNotEligible(..) => "RULE_MODEL_NOT_ELIGIBLE",
            Self::SessionUnreadable => "SESSION_UNREADABLE",
            Self::TextSplit => "TEXT_SPLIT",
            Self::TextSummarised => "TEXT_SUMMARISED",
            Self::UnknownTask => "UNKNOWN_TASK",
        }
    }

    /// Returns one sentence.
    #[must_use]
    pub fn sentence(&self, decision: &Decision) -> String {
        match self {
            Self::BreakersIgnored => {
                "Too few models are well, so some are called although they are kept away from."
                    .to_owned()
            }
            Self::LargerModel => {
                "The text is too long for every model of the route, so a larger one takes it."
                    .to_owned()
            }
            Self::RuleModelNotEligible(rule, model, lack) => format!(
                "The model of rule `{}` is left aside: `{}` {}.",
                decision.rule_name(*rule),
                decision.model_name(*model),
                lack.0.phrase()
            ),
            Self::SessionUnreadable => {
                "The state of the session cannot be read, so the session begins anew.".to_owned()
            }
            Self::TextSplit => {
                "The text is too long for every model of the route, so it is split.".to_owned()
            }
            Self::TextSummarised => {
                "The text is too long for every model of the route, so it is summarised first."
                    .to_owned()
            }
            Self::UnknownTask => "The task flag names no route.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_the_place_of_its_code() {
        let nearest = Nearest {
            route: RouteId(0),
            probability: 0.5,
            threshold: 0.5,
            lead: 0.5,
            margin: 0.5,
        };
        let reasons = [
            Reason::Default,
            Reason::DefaultMetaLlmDeclined,
            Reason::DefaultMetaLlmLate,
            Reason::DefaultMetaLlmNone,
            Reason::DefaultMetaLlmNotEligible,
            Reason::DefaultMetaLlmUnknown,
            Reason::DefaultNoText,
            Reason::DefaultUnsure(nearest),
            Reason::MetaLlm,
            Reason::NothingFits,
            Reason::OverBudget,
            Reason::Rejected(RuleId::at(0)),
            Reason::Rule(RuleId::at(0)),
            Reason::Session,
            Reason::Similarity(nearest),
            Reason::TaskFlag,
        ];
        assert_eq!(reasons.map(|reason| reason.code()), Reason::CODES);
        for (place, reason) in reasons.iter().enumerate() {
            assert_eq!(usize::from(reason.index()), place, "{}", reason.code());
        }
    }
}
