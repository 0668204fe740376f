//! Finds the route: task flag, rules, similarity, the meta-LLM, the default.
//!
//! Stages are asked in the configured order and the first that is sure decides. A stage that is
//! not sure leaves its doubt, and the last doubt is the reason when the default takes the request.

use crate::ask::{Answer, NONE_OF_THESE};
use crate::catalogue::RouteId;
use crate::config::Stage;
use crate::decide::Knobs;
use crate::facts::{Facts, Sources};
use crate::host::View;
use crate::reason::Reason;
use crate::rules::Verdict;
use crate::similarity::Judgement;
use crate::snapshot::Snapshot;

/// What became of the meta-LLM.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answered {
    /// It was not asked yet.
    Open,
    Declined,
    Late,
    None,
    Route(RouteId),
    Unknown,
}

impl Answered {
    /// Reads an answer: white space aside it must be a label as it was listed.
    pub fn read(snapshot: &Snapshot, answer: Answer<'_>) -> Self {
        match answer {
            Answer::Declined => Self::Declined,
            Answer::Late => Self::Late,
            Answer::Label(label) => {
                let label = label.trim();
                match snapshot.catalogue.route_named(label) {
                    Some(route) => Self::Route(route),
                    None if label == NONE_OF_THESE => Self::None,
                    None => Self::Unknown,
                }
            }
        }
    }
}

/// The route, how sure it is, and why.
pub(crate) struct Classified {
    pub route: RouteId,
    pub confidence: Option<f32>,
    pub reason: Reason,
}

/// Whether similarity will be asked before another stage is sure, as far as can be told without it.
///
/// Of a turn of a session it cannot be told here; such a text is scored alone.
pub(crate) fn asks_similarity(snapshot: &Snapshot, facts: &Facts, verdict: &Verdict) -> bool {
    if snapshot.similarity.is_none() || verdict.rejected_by.is_some() || facts.session.is_some() {
        return false;
    }
    for stage in &snapshot.order {
        match stage {
            Stage::Task if facts.task.is_some() => return false,
            Stage::Rules if verdict.route.is_some() => return false,
            Stage::Similarity => return true,
            Stage::MetaLlm | Stage::Rules | Stage::Task => {}
        }
    }
    false
}

/// Asks the stages in order; none means that the meta-LLM must be asked first.
///
/// A route that the session keeps is there before any stage guesses from the text; task flags and rules
/// that were asked before that stage still decide.
#[expect(
    clippy::too_many_arguments,
    reason = "everything that the route depends on, spelled out"
)]
pub(crate) fn classify(
    snapshot: &Snapshot,
    facts: &mut Facts,
    mut sources: Option<&mut Sources<'_>>,
    answered: Answered,
    view: &View,
    verdict: &Verdict,
    kept: Option<RouteId>,
    knobs: &Knobs<'_>,
) -> Option<Classified> {
    let mut doubt = Reason::Default;
    let of_session = |route| Classified {
        route,
        confidence: None,
        reason: Reason::Session,
    };
    for stage in &snapshot.order {
        if let (Some(route), Stage::Similarity | Stage::MetaLlm) = (kept, stage) {
            return Some(of_session(route));
        }
        match stage {
            Stage::Task => {
                if let Some(route) = facts.task {
                    return Some(Classified {
                        route,
                        confidence: Some(1.0),
                        reason: Reason::TaskFlag,
                    });
                }
            }
            Stage::Rules => {
                if let Some((route, rule)) = verdict.route {
                    return Some(Classified {
                        route,
                        confidence: Some(1.0),
                        reason: Reason::Rule(rule),
                    });
                }
            }
            Stage::Similarity => {
                let Some(part) = &snapshot.similarity else {
                    continue;
                };
                facts.score(snapshot, sources.as_deref_mut());
                match part.judge(&facts.likeness, &knobs.thresholds, knobs.margin) {
                    Judgement::NoText => doubt = Reason::DefaultNoText,
                    Judgement::Sure(route, nearest) => {
                        return Some(Classified {
                            route,
                            confidence: Some(nearest.probability),
                            reason: Reason::Similarity(nearest),
                        });
                    }
                    Judgement::Unsure(nearest) => doubt = Reason::DefaultUnsure(nearest),
                }
            }
            Stage::MetaLlm => {
                let Some(meta) = &snapshot.meta_llm else {
                    continue;
                };
                // Without sources this is the answer to a question: what became of the breaker since it was
                // asked takes nothing from it.
                let is_out = sources.is_some() && !view.is_available(meta.model);
                if is_out
                    || !verdict.permitted.contains(meta.model)
                    || !facts.can_be_asked(snapshot, meta.model, sources.as_deref())
                {
                    doubt = Reason::DefaultMetaLlmNotEligible;
                    continue;
                }
                doubt = match answered {
                    Answered::Open => return None,
                    Answered::Declined => Reason::DefaultMetaLlmDeclined,
                    Answered::Late => Reason::DefaultMetaLlmLate,
                    Answered::None => Reason::DefaultMetaLlmNone,
                    Answered::Route(route) => {
                        return Some(Classified {
                            route,
                            confidence: None,
                            reason: Reason::MetaLlm,
                        });
                    }
                    Answered::Unknown => Reason::DefaultMetaLlmUnknown,
                };
            }
        }
    }
    Some(match kept {
        Some(route) => of_session(route),
        None => Classified {
            route: snapshot.default_route,
            confidence: None,
            reason: doubt,
        },
    })
}
